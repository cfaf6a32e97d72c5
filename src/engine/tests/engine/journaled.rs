//! Runs with a state file and a journal, as the program makes them; they can be killed.

use std::path::Path;
use std::sync::Arc;

use engine::apply::{Level, StopSource};
use engine::plan::Plan;
use futures::FutureExt;
use model::diagnostic::Diagnostics;
use state::journal::Journal;
use state::opened::{OpenRequest, Opened, open};
use state::store::{Backup, LocalStore};

use crate::memory::text;
use crate::world::{World, messages};

/// How a run ended.
pub enum Ended {
    /// At a point at which nothing of it runs any more.
    Killed,
    /// By itself, with these messages.
    Finished(Diagnostics),
}

async fn open_state(path: &Path) -> Opened {
    let store = Arc::new(LocalStore::new(path.to_path_buf(), Backup::Off));
    open(store, OpenRequest { lock: None, random: [7; 16], rescue: Vec::new() }).await.expect("the state opens")
}

/// Opens the state, takes up what an earlier run left, plans, and starts the journal.
async fn begin(world: &mut World, path: &Path) -> Result<(Opened, Plan, Journal), Diagnostics> {
    let mut opened = open_state(path).await;
    let config = world.config();
    {
        let pool = world.pool();
        let uncertain = std::mem::take(&mut opened.uncertain);
        let (left, diagnostics) =
            engine::recover::recover(world.stack(&config, &pool), &mut opened.state, uncertain).await;
        assert!(left.is_empty() && diagnostics.is_empty(), "{}", messages(&diagnostics, None));
    }
    opened.save().await.expect("the state is saved");
    world.state = opened.state.clone();
    let plan = match world.try_plan().await {
        (Some(plan), _) => plan,
        (None, diagnostics) => {
            opened.close(None).await.expect("the run ends");
            return Err(diagnostics);
        }
    };
    let journal = opened.start_journal("run".into(), jiff::Timestamp::UNIX_EPOCH).expect("the journal starts");
    Ok((opened, plan, journal))
}

/// Makes a run, which may die.
pub async fn run(world: &mut World, path: &Path) -> Ended {
    let (mut opened, plan, journal) = match begin(world, path).await {
        Ok(begun) => begun,
        Err(diagnostics) => return Ended::Finished(diagnostics),
    };
    // Several steps of an earlier run may have died.
    let _earlier = world.cloud.killed.notified().now_or_never();
    let (_source, stop) = StopSource::new();
    let outcome = tokio::select! {
        outcome = world.run_with(&plan, Some(&journal), &stop) => outcome,
        () = world.cloud.killed.notified() => return Ended::Killed,
    };
    opened.state = outcome.state.clone();
    opened.close(Some(journal)).await.expect("the run ends");
    world.state = open_state(path).await.state;
    Ended::Finished(outcome.diagnostics)
}

/// Makes a run that is abandoned after other tasks had so many turns. Says whether anything was left open.
pub async fn run_abandoned(world: &mut World, path: &Path, turns: usize) -> bool {
    let Ok((mut opened, plan, journal)) = begin(world, path).await else { panic!("there is a plan") };
    let (source, stop) = StopSource::new();
    let abandon = async {
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        source.raise(Level::Abandon);
    };
    let (outcome, ()) = tokio::join!(world.run_with(&plan, Some(&journal), &stop), abandon);
    opened.state = outcome.state.clone();
    if outcome.uncertain.is_empty() {
        opened.close(Some(journal)).await.expect("the run ends");
        return false;
    }
    opened.save_during(&journal).await.expect("the state is saved");
    true
}

/// What the state says exists must be what exists.
pub fn agree(world: &World) {
    let objects =
        world.state.instances.values().flat_map(|instance| instance.current.iter().chain(instance.deposed.values()));
    let mut recorded: Vec<String> = objects.filter_map(|object| object.names().id).collect();
    recorded.sort();
    let mut existing: Vec<String> =
        world.cloud.inner().objects.values().map(|thing| text(&thing.value, "id")).collect();
    existing.sort();
    assert_eq!(recorded, existing);
}
