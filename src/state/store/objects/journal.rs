//! A journal among objects: each batch one object, numbered, in a folder with the name of the run's lock.
//!
//! A batch is written once and only where there is none of its number. The first batch is removed first, so that what is
//! left of a removal that was cut short is known by its absence.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::{Condition, Kept, Put, lease, put};
use crate::journal::{Lines, Place};

/// How a seal begins; no line of a journal begins so.
const SEAL: &[u8] = b"{\"taken_over_by\":";

/// How many objects are asked for at a time.
const REQUESTS_MAX: usize = 16;

/// The journals of one state.
#[derive(Clone, Debug)]
pub(super) struct InObjects {
    kept: Arc<Kept>,
}

/// The journal of this run.
struct OwnLines {
    kept: Arc<Kept>,
    run: String,
    next: u64,
}

/// The runs that left batches, with the numbers of these.
type Runs = BTreeMap<String, Vec<u64>>;

impl InObjects {
    pub fn new(kept: Arc<Kept>) -> InObjects {
        InObjects { kept }
    }
}

impl Place for InObjects {
    fn location(&self) -> String {
        self.kept.objects.location(&folder(&self.kept))
    }

    fn create(&self, first: &[u8]) -> io::Result<Box<dyn Lines>> {
        let run = match self.kept.lease() {
            Some(lease) => lease.id().to_owned(),
            None => format!("unlocked-{}-{}", std::process::id(), jiff::Timestamp::now().as_nanosecond()),
        };
        let kept = self.kept.clone();
        let is_there = self.kept.background.wait(async move { Ok::<_, io::Error>(stored(&kept).await?.is_some()) })?;
        if is_there {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let mut lines = OwnLines { kept: self.kept.clone(), run, next: 0 };
        lines.append(first)?;
        Ok(Box::new(lines))
    }

    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let kept = self.kept.clone();
        self.kept.background.wait(async move { stored(&kept).await })
    }

    fn remove(&self) -> io::Result<()> {
        let kept = self.kept.clone();
        self.kept.background.wait(async move { remove(&kept).await })
    }
}

impl Lines for OwnLines {
    fn append(&mut self, batch: &[u8]) -> io::Result<()> {
        self.kept.check()?;
        let (kept, key) = (self.kept.clone(), key(&self.kept, &self.run, self.next));
        let bytes = Bytes::copy_from_slice(batch);
        let work = async move { put(&*kept.objects, &key, bytes, Condition::New).await };
        match self.kept.background.wait(work)? {
            Put::Done(_) => {
                self.next += 1;
                Ok(())
            }
            Put::Refused => Err(lease::lost()),
        }
    }
}

/// Puts an object in the place of the next batch of a run, so that it can record nothing more.
pub(super) async fn seal(kept: &Kept, run: &str, taker: &str) -> io::Result<()> {
    loop {
        let numbers = runs(kept).await?.remove(run).unwrap_or_default();
        if let Some(last) = numbers.last()
            && is_seal(&fetch(kept, run, *last).await?)
        {
            return Ok(());
        }
        let next = numbers.last().map_or(0, |last| last + 1);
        let text = format!("{}{}}}", String::from_utf8_lossy(SEAL), serde_json::Value::from(taker));
        match put(&*kept.objects, &key(kept, run, next), text.into(), Condition::New).await? {
            Put::Done(_) => return Ok(()),
            // It was just recording something, which is to be read as well.
            Put::Refused => {}
        }
    }
}

fn folder(kept: &Kept) -> String {
    format!("{}.journal/", kept.key)
}

fn key(kept: &Kept, run: &str, number: u64) -> String {
    // Names sort as their numbers do.
    format!("{}{run}/{number:012}", folder(kept))
}

async fn runs(kept: &Kept) -> io::Result<Runs> {
    let folder = folder(kept);
    let mut runs = Runs::new();
    for key in kept.objects.list(&folder).await? {
        let name = key.strip_prefix(&folder).and_then(|name| name.rsplit_once('/'));
        if let Some((run, number)) = name.and_then(|(run, number)| Some((run, number.parse().ok()?))) {
            runs.entry(run.to_owned()).or_default().push(number);
        }
    }
    for numbers in runs.values_mut() {
        numbers.sort_unstable();
    }
    Ok(runs)
}

async fn fetch(kept: &Kept, run: &str, number: u64) -> io::Result<Bytes> {
    let key = key(kept, run, number);
    let object = kept.objects.get(&key).await?;
    object.map(|object| object.bytes).ok_or_else(|| gap(kept, run, number))
}

fn gap(kept: &Kept, run: &str, number: u64) -> io::Error {
    let text = format!("the part {} is not there", kept.objects.location(&key(kept, run, number)));
    io::Error::new(io::ErrorKind::InvalidData, text)
}

fn is_seal(bytes: &[u8]) -> bool {
    bytes.starts_with(SEAL)
}

/// The lines of the run that did not finish.
async fn stored(kept: &Arc<Kept>) -> io::Result<Option<Vec<u8>>> {
    let mut found: Option<(String, Vec<u8>)> = None;
    for (run, numbers) in runs(kept).await? {
        // Without the first batch it is what is left of a removal.
        if numbers.first() != Some(&0) {
            continue;
        }
        let Some(lines) = lines(kept, &run, &numbers).await? else { continue };
        if let Some((other, _)) = &found {
            let text = format!("two runs that did not finish left records: {other} and {run}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        found = Some((run, lines));
    }
    Ok(found.map(|(_, lines)| lines))
}

/// The lines that a run recorded; `None` where it was sealed before any.
async fn lines(kept: &Arc<Kept>, run: &str, numbers: &[u64]) -> io::Result<Option<Vec<u8>>> {
    let mut lines = Vec::new();
    let mut expected = 0;
    for some in numbers.chunks(REQUESTS_MAX) {
        let mut requests = JoinSet::new();
        for number in some.iter().copied() {
            if number != expected {
                return Err(gap(kept, run, expected));
            }
            expected += 1;
            let (kept, run) = (kept.clone(), run.to_owned());
            requests.spawn(async move { Ok::<_, io::Error>((number, fetch(&kept, &run, number).await?)) });
        }
        let mut parts = BTreeMap::new();
        while let Some(part) = requests.join_next().await {
            let (number, bytes) = part.map_err(io::Error::other)??;
            parts.insert(number, bytes);
        }
        for bytes in parts.values().filter(|bytes| !is_seal(bytes)) {
            lines.extend_from_slice(bytes);
        }
    }
    Ok((!lines.is_empty()).then_some(lines))
}

/// Removes all records; seals stay.
async fn remove(kept: &Arc<Kept>) -> io::Result<()> {
    kept.check()?;
    for (run, mut numbers) in runs(kept).await? {
        if let Some(last) = numbers.last().copied()
            && is_seal(&fetch(kept, &run, last).await?)
        {
            numbers.pop();
        }
        let Some((first, others)) = numbers.split_first() else { continue };
        kept.objects.delete(&key(kept, &run, *first), None).await?;
        for some in others.chunks(REQUESTS_MAX) {
            let mut requests = JoinSet::new();
            for number in some.iter().copied() {
                let (kept, key) = (kept.clone(), key(kept, &run, number));
                requests.spawn(async move { kept.objects.delete(&key, None).await });
            }
            while let Some(deleted) = requests.join_next().await {
                deleted.map_err(io::Error::other)??;
            }
        }
    }
    Ok(())
}
