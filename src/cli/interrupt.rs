//! Signals: the first stops an apply in good order, the second at once.

use engine::apply::{Level, StopSource};
use tokio::signal::unix::{SignalKind, signal};

/// Raises the stop at SIGINT and SIGTERM. SIGTERM after SIGINT counts as the second, as CI systems send them.
///
/// # Errors
/// The operating system takes no handlers.
pub fn watch(source: StopSource) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        let mut level = Level::Finish;
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            source.raise(level);
            level = Level::Abandon;
        }
    });
    Ok(())
}
