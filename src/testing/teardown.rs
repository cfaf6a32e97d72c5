//! Destroys what the runs of a file made, the latest first.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::apply::{Level, Stop, StopSource};
use model::address::{Generation, Mode, ObjectKey};
use model::diagnostic::Diagnostic;
use state::State;

use crate::execute::Around;
use crate::file::Slot;
use crate::report::{Audience, Event, Leftover};

/// Destroys the objects of all states; gives what could not be.
///
/// The signal that stops the tests does not stop this; the next one does.
pub async fn tear_down(
    around: Around<'_>,
    slots: BTreeMap<Arc<str>, Slot<'_>>,
    audience: &dyn Audience,
) -> Vec<Leftover> {
    let mut used: Vec<_> = slots
        .into_values()
        .filter_map(|slot| slot.last.map(|(index, ready)| (index, ready, slot.state)))
        .filter(|(_, _, state)| !objects(state).is_empty())
        .collect();
    used.sort_by_key(|(index, _, _)| std::cmp::Reverse(*index));
    let mut leftovers = Vec::new();
    for (index, ready, state) in used {
        let run = &around.file.runs[index].name;
        audience.event(Event::TearDownRun { file: &around.file.name, run });
        let (source, stop) = StopSource::new();
        let signals: &Stop = around.settings.stop;
        let destroying = ready.destroy(around, &state, &stop);
        tokio::pin!(destroying);
        let (left, diagnostics) = tokio::select! {
            biased;
            () = signals.reached(Level::Abandon) => {
                source.raise(Level::Abandon);
                destroying.await
            }
            done = &mut destroying => done,
        };
        let objects = objects(&left);
        if !objects.is_empty() || diagnostics.has_errors() {
            let errors = diagnostics.into_iter().filter(Diagnostic::is_error).collect();
            let leftover = Leftover { run: run.clone(), diagnostics: errors, objects };
            audience.event(Event::Left { file: &around.file.name, leftover: &leftover });
            leftovers.push(leftover);
        }
    }
    leftovers
}

/// All managed objects of a state, deposed ones included.
fn objects(state: &State) -> Vec<ObjectKey> {
    let mut keys = Vec::new();
    for (addr, instance) in state.instances.iter().filter(|(addr, _)| addr.resource.mode == Mode::Managed) {
        keys.extend(instance.current.iter().map(|_| ObjectKey::current(addr.clone())));
        keys.extend(
            instance
                .deposed
                .keys()
                .map(|key| ObjectKey { addr: addr.clone(), generation: Generation::Deposed(key.clone()) }),
        );
    }
    keys
}
