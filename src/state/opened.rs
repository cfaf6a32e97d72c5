//! Opening a state for a run: lock, read, replay what an unfinished run left; and saving and closing it again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::file::{StateFileError, TERRAFORM_VERSION, parse, render};
use crate::files::{Files, Machine, directory};
use crate::journal::{self, Journal, JournalError, Place, Record, Uncertain, replay};
use crate::lock::{LockError, LockGuard, LockRequest};
use crate::store::{Store, StoreError, Version};
use crate::{State, new_lineage};

/// How a state is opened.
pub struct OpenRequest<'a> {
    /// Without it nobody is kept from changing the state meanwhile.
    pub lock: Option<LockRequest<'a>>,
    /// Random bytes, of which the lineage is made if the state is new.
    pub random: [u8; 16],
    /// Folders in which a state that its store does not take is saved, in order of preference.
    pub rescue: Vec<PathBuf>,
}

/// A state that a run works on.
///
/// Dropping it releases the lock and writes nothing: what was not saved is in the journal.
#[derive(Debug)]
pub struct Opened {
    /// What exists, as far as state and journal know. Change it and [`save`](Self::save) it.
    pub state: State,
    /// Steps of an unfinished run of which it is not known what they did. Find out about each, record it with
    /// [`journal::resolve`], and take it out of here.
    pub uncertain: Vec<Uncertain>,
    /// Where the journal of this run goes. Start it after [`save`](Self::save), which removes the one of an unfinished
    /// run.
    pub journal: Arc<dyn Place>,
    /// `None` when the state is opened without a lock.
    pub guard: Option<LockGuard>,
    /// Whether an unfinished run left a journal that is still there.
    pub unfinished: bool,
    store: Arc<dyn Store>,
    stored: Option<Version>,
    rescue: Vec<PathBuf>,
    /// Where the state was put when the store did not take it, in this run.
    rescued: Option<PathBuf>,
}

/// What a save did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Saved {
    /// The store has this very state already.
    Unchanged,
    Written {
        serial: u64,
    },
}

/// A state that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("failed to read the state {location}: {source}")]
    File { location: String, source: StateFileError },
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A state that was not saved where it belongs.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error("{source}{}", kept(.rescued, .journal))]
    Store {
        source: StoreError,
        /// Where the state was put instead; `None` when that failed too.
        rescued: Option<PathBuf>,
        /// The journal of this run, which tells everything that the store does not know.
        journal: Option<String>,
    },
    /// The state is saved; only the journal is in the way.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The state is saved; only the lock was not given back.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// Opens a state for a run.
///
/// # Errors
/// It is locked by another, cannot be read, is broken, or has a journal that is damaged or belongs to another state.
/// Nothing was changed then.
pub async fn open(store: Arc<dyn Store>, request: OpenRequest<'_>) -> Result<Opened, OpenError> {
    let guard = match &request.lock {
        Some(lock) => Some(store.lock(lock).await?),
        None => None,
    };
    let (mut state, stored) = load(&*store).await?;
    let place = store.journal();
    let records = journal::read(&*place)?;
    let unfinished = records.is_some();
    let uncertain = match records {
        Some(records) => resume(&mut state, stored.is_some(), &records, &*place)?,
        None => Vec::new(),
    };
    if state.lineage.is_empty() {
        state.lineage = new_lineage(request.random);
    }
    Ok(Opened {
        state,
        uncertain,
        journal: place,
        guard,
        unfinished,
        store,
        stored,
        rescue: request.rescue,
        rescued: None,
    })
}

/// Reads a state with what its journal adds to it, without lock and without any intent to save it.
///
/// # Errors
/// As [`open`].
pub async fn peek(store: &dyn Store) -> Result<State, OpenError> {
    let (mut state, stored) = load(store).await?;
    let place = store.journal();
    if let Some(records) = journal::read(&*place)? {
        resume(&mut state, stored.is_some(), &records, &*place)?;
    }
    Ok(state)
}

async fn load(store: &dyn Store) -> Result<(State, Option<Version>), OpenError> {
    match store.read().await? {
        None => Ok((State::default(), None)),
        Some(snapshot) => {
            let state =
                parse(&snapshot.bytes).map_err(|source| OpenError::File { location: store.location(), source })?;
            Ok((state, Some(snapshot.version)))
        }
    }
}

/// Brings a state to where an unfinished run stopped.
fn resume(
    state: &mut State,
    exists: bool,
    records: &[Record],
    place: &dyn Place,
) -> Result<Vec<Uncertain>, JournalError> {
    let Some(Record::Begin { lineage, .. }) = records.first() else {
        // The run was stopped before it could record anything, so it did nothing.
        return Ok(Vec::new());
    };
    if exists && !state.lineage.is_empty() && state.lineage != *lineage {
        return Err(JournalError::OtherLineage {
            location: place.location(),
            journal: lineage.clone(),
            state: state.lineage.clone(),
        });
    }
    state.lineage.clone_from(lineage);
    Ok(replay(state, records))
}

impl Opened {
    /// The first record of the journal of this run.
    pub fn begin(&self, run: Arc<str>, at: jiff::Timestamp) -> Record {
        Record::Begin { run, at, serial: self.state.serial, lineage: self.state.lineage.clone() }
    }

    /// Whether the store had a state when this was opened.
    pub fn exists(&self) -> bool {
        self.stored.is_some()
    }

    /// Starts the journal of this run. Save before it, when an unfinished run left one.
    ///
    /// # Errors
    /// There is one already, or it cannot be written.
    pub fn start_journal(&self, run: Arc<str>, at: jiff::Timestamp) -> Result<Journal, JournalError> {
        Journal::create(self.journal.clone(), &self.begin(run, at))
    }

    /// Writes the state if it says anything else than the stored one, under the next serial, and removes the journal of
    /// an unfinished run, whose records it contains, unless some of its steps are still [`uncertain`](Self::uncertain).
    ///
    /// # Errors
    /// The store does not take it. It is put into the first rescue folder that does, and the error says where.
    pub async fn save(&mut self) -> Result<Saved, SaveError> {
        let saved = self.write(None).await?;
        if self.unfinished && self.uncertain.is_empty() {
            journal::remove(&*self.journal)?;
            self.unfinished = false;
        }
        Ok(saved)
    }

    /// Puts another state in the place of this one, as it is, and ends the run.
    ///
    /// Its serial is kept where there was no state or one that says the same, and counted on otherwise. A state without a
    /// lineage stays without.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub async fn replace(mut self, incoming: State) -> Result<Saved, SaveError> {
        let keeps_serial = self.stored.is_none() || same_contents(&self.state, &incoming);
        let is_same = self.stored.is_some() && keeps_serial && self.state.serial == incoming.serial;
        if is_same && self.state.lineage == incoming.lineage {
            self.release().await?;
            return Ok(Saved::Unchanged);
        }
        // Writing counts it on.
        let serial = if keeps_serial { incoming.serial.checked_sub(1) } else { Some(incoming.serial) };
        self.state = State { serial: serial.unwrap_or_default(), ..incoming };
        let saved = self.store_state(None).await?;
        self.release().await?;
        Ok(saved)
    }

    /// As [`save`](Self::save), in a run that has a journal: what was saved is recorded there.
    ///
    /// # Errors
    /// As [`save`](Self::save); or the journal takes no more records.
    pub async fn save_during(&mut self, journal: &Journal) -> Result<Saved, SaveError> {
        let saved = self.write(Some(journal)).await?;
        journal.append(&Record::Saved { serial: self.state.serial }).await?;
        Ok(saved)
    }

    /// Ends the run: saves, removes the journal, gives the lock back.
    ///
    /// # Errors
    /// As [`save`](Self::save). The journal stays unless the state is saved.
    pub async fn close(mut self, journal: Option<Journal>) -> Result<Saved, SaveError> {
        let saved = match journal {
            Some(journal) => {
                let saved = self.save_during(&journal).await?;
                journal.append(&Record::End).await?;
                journal.remove()?;
                saved
            }
            None => self.save().await?,
        };
        self.release().await?;
        Ok(saved)
    }

    /// Ends a run that changes nothing: gives the lock back.
    ///
    /// # Errors
    /// The lock was not given back.
    pub async fn release(self) -> Result<(), LockError> {
        match self.guard {
            Some(guard) => guard.release().await,
            None => Ok(()),
        }
    }

    async fn write(&mut self, journal: Option<&Journal>) -> Result<Saved, SaveError> {
        if !self.differs().await {
            return Ok(Saved::Unchanged);
        }
        self.store_state(journal).await
    }

    async fn store_state(&mut self, journal: Option<&Journal>) -> Result<Saved, SaveError> {
        let serial = self.state.serial;
        let writer = std::mem::replace(&mut self.state.terraform_version, TERRAFORM_VERSION.to_owned());
        self.state.serial += 1;
        let bytes = Bytes::from(render(&self.state));
        match self.store.write(bytes.clone(), self.stored.as_ref()).await {
            Ok(stored) => {
                self.stored = Some(stored);
                Ok(Saved::Written { serial: self.state.serial })
            }
            Err(source) => {
                self.state.serial = serial;
                self.state.terraform_version = writer;
                let mut rescued = rescue(&self.rescue, &bytes);
                // What an earlier save of this run put there is outdated.
                if let (Some(new), Some(outdated)) = (&rescued, &self.rescued)
                    && Machine.rename(new, outdated).is_ok()
                {
                    rescued = Some(outdated.clone());
                }
                self.rescued = rescued.clone().or(self.rescued.take());
                Err(SaveError::Store { source, rescued, journal: journal.map(|journal| journal.location()) })
            }
        }
    }

    /// Whether the state says anything else than the stored one, serial and writer aside. Where the stored one cannot
    /// be read the write finds out why.
    async fn differs(&self) -> bool {
        let Ok(Some(snapshot)) = self.store.read().await else { return true };
        if Some(&snapshot.version) != self.stored.as_ref() {
            return true;
        }
        let own = render(&self.state);
        if own == snapshot.bytes {
            return false;
        }
        // Other tools may lay the same state out in another way.
        let Ok(mut stored) = parse(&snapshot.bytes) else { return true };
        stored.serial = self.state.serial;
        stored.terraform_version.clone_from(&self.state.terraform_version);
        render(&stored) != own
    }
}

impl OpenError {
    /// What the user can do, in sentences.
    pub fn hint(&self) -> &'static str {
        match self {
            OpenError::Lock(error) => error.hint(),
            OpenError::Store(error) => error.hint(),
            OpenError::File { source, .. } => source.hint(),
            OpenError::Journal(error) => error.hint(),
        }
    }
}

impl SaveError {
    /// What the user can do, in sentences.
    pub fn hint(&self) -> String {
        match self {
            SaveError::Store { source, rescued: Some(path), .. } => format!(
                "{} Then put the state where it belongs, before anything else is applied: infra state push {}",
                source.hint(),
                path.display()
            ),
            SaveError::Store { source, rescued: None, journal: Some(_) } => {
                format!("{} The next run takes up from the journal what the state lacks: keep it.", source.hint())
            }
            SaveError::Store { source, rescued: None, journal: None } => source.hint().to_owned(),
            SaveError::Journal(error) => format!("The state itself is saved. {}", error.hint()),
            SaveError::Lock(error) => format!("The state itself is saved. {}", error.hint()),
        }
    }
}

/// Whether two states say the same, whatever their lineages, serials and writers are.
pub fn same_contents(a: &State, b: &State) -> bool {
    let bare = |state: &State| {
        let (lineage, terraform_version) = (String::new(), String::new());
        render(&State { lineage, serial: 0, terraform_version, ..state.clone() })
    };
    bare(a) == bare(b)
}

/// Saves a state in the first folder that takes it, under a name that is free there.
fn rescue(folders: &[PathBuf], bytes: &[u8]) -> Option<PathBuf> {
    const NAMES_MAX: usize = 1000;
    for folder in folders {
        for number in 0..NAMES_MAX {
            let name = if number == 0 { "errored.tfstate".to_owned() } else { format!("errored-{number}.tfstate") };
            let path = folder.join(name);
            match write_new(&path, bytes) {
                Ok(()) => return Some(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(_) => break,
            }
        }
    }
    None
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = Machine.create(path)?;
    let written = Machine.write(&mut file, bytes).and_then(|()| Machine.sync(&file));
    if let Err(error) = written {
        // Half a state would be taken for a whole one.
        Machine.remove(path)?;
        return Err(error);
    }
    Machine.sync_directory(directory(path))
}

fn kept(rescued: &Option<PathBuf>, journal: &Option<String>) -> String {
    match (rescued, journal) {
        (Some(path), _) => format!("; it was saved to `{}` instead", path.display()),
        (None, Some(journal)) => format!("; the journal {journal} has all that it lacks"),
        (None, None) => String::new(),
    }
}
