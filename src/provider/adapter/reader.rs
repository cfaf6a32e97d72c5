//! Reads objects of one type in batches: reads that come at about the same time share calls.
//!
//! Twelve databases that come up are polled by one call a tick, not by twelve.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::error::{ErrorKind, ProviderError};
use crate::resource::Resource;

/// How long the first read of a batch waits for others.
const GATHER: Duration = Duration::from_millis(2);

/// Gathers reads of one type.
pub struct Reader<R: Resource> {
    cloud: Arc<R::Cloud>,
    waiting: Arc<Mutex<Vec<Waiting<R>>>>,
}

struct Waiting<R> {
    have: R,
    answer: oneshot::Sender<Result<Option<R>, ProviderError>>,
}

impl<R: Resource> Reader<R> {
    pub fn new(cloud: Arc<R::Cloud>) -> Reader<R> {
        Reader { cloud, waiting: Arc::default() }
    }

    /// The object as it is now; `None` when it is gone.
    pub async fn read(&self, have: R) -> Result<Option<R>, ProviderError> {
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting.lock().expect("no panic while the lock is held");
            waiting.push(Waiting { have, answer });
            waiting.len() == 1
        };
        if is_first {
            tokio::spawn(read_gathered(self.cloud.clone(), self.waiting.clone()));
        }
        answered.await.unwrap_or_else(|_| {
            Err(ProviderError::new(ErrorKind::Interrupted, format!("read {}", R::TYPE), "the read was stopped"))
        })
    }
}

async fn read_gathered<R: Resource>(cloud: Arc<R::Cloud>, waiting: Arc<Mutex<Vec<Waiting<R>>>>) {
    tokio::time::sleep(GATHER).await;
    let mut gathered = std::mem::take(&mut *waiting.lock().expect("no panic while the lock is held"));
    while !gathered.is_empty() {
        let batch: Vec<Waiting<R>> = gathered.drain(..gathered.len().min(R::READ_BATCH)).collect();
        tokio::spawn(read_batch(cloud.clone(), batch));
    }
}

async fn read_batch<R: Resource>(cloud: Arc<R::Cloud>, batch: Vec<Waiting<R>>) {
    let (have, answers): (Vec<R>, Vec<_>) = batch.into_iter().map(|waiting| (waiting.have, waiting.answer)).unzip();
    match R::read(&cloud, &have).await {
        Ok(objects) => {
            assert_eq!(objects.len(), have.len(), "{}::read must give one answer an object", R::TYPE);
            for (answer, object) in answers.into_iter().zip(objects) {
                // Whoever asked may have stopped waiting.
                let _ = answer.send(Ok(object));
            }
        }
        Err(error) => {
            for answer in answers {
                let _ = answer.send(Err(error.clone()));
            }
        }
    }
}
