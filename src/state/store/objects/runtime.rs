//! A thread that does what waits for the network.
//!
//! A lease must be renewed in time whatever the threads of the run compute meanwhile, and the journal's thread waits for
//! answers without being part of any runtime. Both are served by one runtime of its own.

use std::future::Future;
use std::io;
use std::sync::mpsc;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The thread; it ends with this.
#[derive(Debug)]
pub(super) struct Background {
    handle: Handle,
    /// Dropping it ends the thread.
    _running: oneshot::Sender<()>,
}

impl Background {
    pub fn start() -> io::Result<Background> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (running, end) = oneshot::channel();
        std::thread::Builder::new().name("store".into()).spawn(move || {
            // An error says that the sender is gone, which is the sign to end.
            let _ended = runtime.block_on(end);
        })?;
        Ok(Background { handle, _running: running })
    }

    /// Does work there and waits for it without holding up the caller's thread.
    pub async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        match self.handle.spawn(work).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => unreachable!("the thread lives as long as what borrows this"),
            },
        }
    }

    /// Does work there and waits for it, from any thread.
    pub fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let (done, answer) = mpsc::channel();
        self.handle.spawn(async move {
            // Whoever asked waits until it is there.
            let _sent = done.send(work.await);
        });
        answer.recv().expect("the thread lives as long as what borrows this, and the work does not panic")
    }

    /// Starts work there that nobody waits for.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(work));
    }
}
