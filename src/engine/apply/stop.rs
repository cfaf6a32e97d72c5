//! Stopping a run: first start nothing new, then let go of what is running.

use tokio::sync::watch;

/// How far a run is to be stopped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Level {
    #[default]
    Run,
    /// Nothing new starts; what is running may end.
    Finish,
    /// What is running is let go of: its effects may or may not happen, and the next run finds out.
    Abandon,
}

/// What a run listens to.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Level>);

/// What signals raise.
#[derive(Debug)]
pub struct StopSource(watch::Sender<Level>);

impl StopSource {
    pub fn new() -> (StopSource, Stop) {
        let (source, stop) = watch::channel(Level::Run);
        (StopSource(source), Stop(stop))
    }

    /// Raises the level; it never goes back.
    pub fn raise(&self, level: Level) {
        self.0.send_if_modified(|present| {
            let raised = level > *present;
            *present = level.max(*present);
            raised
        });
    }
}

impl Stop {
    pub fn level(&self) -> Level {
        *self.0.borrow()
    }

    /// Returns when the level is at least this.
    pub async fn reached(&self, level: Level) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|present| *present >= level).await.is_err() {
            // Nobody can raise it any more.
            std::future::pending::<()>().await;
        }
    }
}
