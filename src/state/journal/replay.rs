//! What the records of an unfinished run mean for the state it started from.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use model::address::{Generation, InstanceAddr, ObjectKey};

use super::line::with_taint;
use super::{Intent, IntentOp, Record, Uncertain};
use crate::{Names, Object, State};

/// All that a journal says of one step.
struct Step<'a> {
    intent: &'a Intent,
    /// The objects that were recorded, in order.
    objects: Vec<Object>,
    outcome: Option<Outcome>,
}

/// What is known when a step is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The last recorded object exists.
    Exists,
    /// Nothing exists any more, or nothing came of a create.
    Gone,
    /// Everything is as it was before.
    Unchanged,
}

/// Brings a state to what the records tell, and returns the intents without an outcome, in the order of their steps.
///
/// The records must be those of one run, and the state one of the same lineage. Replaying twice gives what replaying
/// once gives.
///
/// When the state is the one that the run started from or saved, it is taken to where the run stopped. When it was
/// written by somebody else since, or is an older copy, only objects that the run created and that the state does not
/// know are added, deposed where their place is taken: what the state knows is newer or is found out by the next
/// refresh, but what nobody knows would be lost.
pub fn replay(state: &mut State, records: &[Record]) -> Vec<Uncertain> {
    let steps = steps(records);
    match base(state, records) {
        Some(base) => {
            if base == 0 {
                for record in records {
                    if let Record::Moved(moves) = record {
                        apply_moves(state, moves, &steps);
                    }
                }
            }
            // A step is applied as a whole where its first record after the base stands: steps of one object don't
            // overlap.
            let mut applied = BTreeSet::new();
            for number in records[base..].iter().filter_map(step_of) {
                if let (Some(step), true) = (steps.get(&number), applied.insert(number)) {
                    apply_step(state, step);
                }
            }
        }
        None => add_unknown(state, &steps),
    }
    steps
        .values()
        .filter(|step| step.outcome.is_none())
        .map(|step| Uncertain { intent: step.intent.clone(), born: !step.objects.is_empty() })
        .collect()
}

/// Records in the state what came of an intent: the object that exists now, or nothing.
///
/// A create puts the present object aside when its intent says so, once. A create of which nothing came leaves
/// everything as it was before it.
pub fn settle(state: &mut State, intent: &Intent, object: Option<Object>) {
    match object {
        Some(object) => place(state, intent, object),
        None => clear(state, intent),
    }
}

/// Records in the state what was found out about an intent of an interrupted run: the object that its create made, or that
/// nothing was found.
///
/// Unlike with [`settle`], anything may have happened to the state since. An object that the state knows already is not added
/// again, and one whose place is taken is added as deposed. Where nothing was found the state is right as it is.
pub fn resolve(state: &mut State, intent: &Intent, found: Option<Object>) {
    let Some(object) = found else { return };
    let addr = &intent.key.addr;
    if state.object_at(&intent.key).is_some_and(|current| same(current, &object)) {
        state.insert(&intent.key, &intent.provider, object);
        return;
    }
    if Directory::of(state, |other| other.resource.type_name == addr.resource.type_name).has(addr, &object) {
        return;
    }
    let puts_aside = match &intent.op {
        IntentOp::Create { deposes: Some(key) } => {
            state.instances.get(addr).is_none_or(|instance| !instance.deposed.contains_key(key))
        }
        IntentOp::Create { deposes: None } | IntentOp::Update | IntentOp::Delete => false,
    };
    if puts_aside {
        place(state, intent, object);
    } else {
        add(state, intent, object);
    }
}

/// Gathers the records by step. Records of steps without an intent say nothing: an intent is durable before anything
/// else of its step.
fn steps(records: &[Record]) -> BTreeMap<u64, Step<'_>> {
    let mut steps: BTreeMap<u64, Step<'_>> = BTreeMap::new();
    for record in records {
        let (step, object, outcome) = match record {
            Record::Intent(intent) => {
                steps.insert(intent.step, Step { intent, objects: Vec::new(), outcome: None });
                continue;
            }
            Record::Born { step, object } => (step, Some(object.clone()), None),
            Record::Done { step, object: Some(object) } => (step, Some(object.clone()), Some(Outcome::Exists)),
            Record::Done { step, object: None } => (step, None, Some(Outcome::Gone)),
            Record::Failed { step, object: Some(object), tainted, error: _ } => {
                (step, Some(with_taint(object.clone(), *tainted)), Some(Outcome::Exists))
            }
            Record::Failed { step, object: None, .. } => (step, None, Some(Outcome::Unchanged)),
            Record::Begin { .. } | Record::Moved(_) | Record::Saved { .. } | Record::End => continue,
        };
        if let Some(step) = steps.get_mut(step) {
            step.objects.extend(object);
            step.outcome = match (outcome, &step.intent.op) {
                // A failed create without an object made nothing, even if it looked as if it had.
                (Some(Outcome::Unchanged), IntentOp::Create { .. }) => Some(Outcome::Gone),
                (outcome, _) => outcome,
            };
        }
    }
    steps
}

fn step_of(record: &Record) -> Option<u64> {
    match record {
        Record::Intent(intent) => Some(intent.step),
        Record::Born { step, .. } | Record::Done { step, .. } | Record::Failed { step, .. } => Some(*step),
        Record::Begin { .. } | Record::Moved(_) | Record::Saved { .. } | Record::End => None,
    }
}

/// The record up to which the state has everything: the run read or wrote this very state there.
fn base(state: &State, records: &[Record]) -> Option<usize> {
    records.iter().rposition(|record| match record {
        Record::Begin { serial, .. } | Record::Saved { serial } => *serial == state.serial,
        Record::Moved(_)
        | Record::Intent(_)
        | Record::Born { .. }
        | Record::Done { .. }
        | Record::Failed { .. }
        | Record::End => false,
    })
}

fn apply_moves(state: &mut State, moves: &[(InstanceAddr, InstanceAddr)], steps: &BTreeMap<u64, Step<'_>>) {
    let targets: BTreeSet<&InstanceAddr> = moves.iter().map(|(_, to)| to).collect();
    // An address that objects only move away from is empty once they have, unless a step made another object there.
    let moved_before =
        moves.iter().filter(|(from, _)| !targets.contains(from)).any(|(from, _)| match state.object(from) {
            None => !state.instances.contains_key(from),
            Some(object) => steps.values().any(|step| step.intent.key.addr == *from && step.objects.contains(object)),
        });
    if moved_before {
        return;
    }
    let taken: Vec<_> = moves.iter().map(|(from, to)| (to, state.instances.remove(from))).collect();
    for (to, instance) in taken {
        if let Some(instance) = instance {
            state.instances.insert(to.clone(), instance);
        }
    }
}

fn apply_step(state: &mut State, step: &Step<'_>) {
    match step.outcome {
        Some(Outcome::Exists) | None => {
            if let Some(object) = step.objects.last() {
                place(state, step.intent, object.clone());
            }
        }
        Some(Outcome::Gone) => clear(state, step.intent),
        Some(Outcome::Unchanged) => {}
    }
}

/// Puts the object of a step into the state.
fn place(state: &mut State, intent: &Intent, object: Object) {
    if let IntentOp::Create { deposes: Some(key) } = &intent.op
        && let Some(instance) = state.instances.get_mut(&intent.key.addr)
        && let Some(current) = instance.current.take()
    {
        // When the key is taken, the old object was put aside before, and what is current now is an earlier record of
        // the same step.
        instance.deposed.entry(key.clone()).or_insert(current);
    }
    state.insert(&intent.key, &intent.provider, object);
}

/// Takes out of the state what a step deleted, or what a create recorded of which nothing came.
fn clear(state: &mut State, intent: &Intent) {
    match &intent.op {
        IntentOp::Create { deposes: Some(key) } => {
            let Some(instance) = state.instances.get_mut(&intent.key.addr) else { return };
            // Unless something was put aside, the current object is still the one from before.
            if let Some(before) = instance.deposed.remove(key) {
                instance.current = Some(before);
            }
        }
        IntentOp::Create { deposes: None } | IntentOp::Update | IntentOp::Delete => {
            state.remove(&intent.key);
        }
    }
}

/// Adds the objects that a run created to a state that has another history since.
fn add_unknown(state: &mut State, steps: &BTreeMap<u64, Step<'_>>) {
    let mut known = Directory::of(state, |_| true);
    for step in steps.values() {
        let created = matches!(step.intent.op, IntentOp::Create { .. });
        let exists = matches!(step.outcome, None | Some(Outcome::Exists));
        let Some(object) = step.objects.last().filter(|_| created && exists) else { continue };
        if !known.has(&step.intent.key.addr, object) {
            known.add(&step.intent.key.addr, object);
            add(state, step.intent, object.clone());
        }
    }
}

/// Adds an object under its key, or as a deposed one where another has that.
fn add(state: &mut State, intent: &Intent, object: Object) {
    let key = match state.object_at(&intent.key) {
        None => intent.key.clone(),
        Some(_) => {
            ObjectKey { addr: intent.key.addr.clone(), generation: Generation::Deposed(free_key(state, intent)) }
        }
    };
    state.insert(&key, &intent.provider, object);
}

/// Which objects a state knows, by type and id, under whatever address.
///
/// To take a known object for an unknown one would be the worse mistake: as a deposed one it would be deleted.
struct Directory(HashMap<(Arc<str>, String), Vec<Names>>);

impl Directory {
    fn of(state: &State, which: impl Fn(&InstanceAddr) -> bool) -> Directory {
        let mut directory = Directory(HashMap::new());
        for (addr, instance) in state.instances.iter().filter(|(addr, _)| which(addr)) {
            for object in instance.current.iter().chain(instance.deposed.values()) {
                directory.add(addr, object);
            }
        }
        directory
    }

    fn add(&mut self, addr: &InstanceAddr, object: &Object) {
        let names = object.names();
        self.0.entry(Directory::entry(addr, object, &names)).or_default().push(names);
    }

    fn has(&self, addr: &InstanceAddr, object: &Object) -> bool {
        let names = object.names();
        let entry = self.0.get(&Directory::entry(addr, object, &names));
        entry.is_some_and(|known| names.id.is_none() || known.iter().any(|known| known.same(&names)))
    }

    /// Objects without an id are known by all that they are.
    fn entry(addr: &InstanceAddr, object: &Object, names: &Names) -> (Arc<str>, String) {
        let text = names.id.as_deref().unwrap_or(object.attributes.get());
        (addr.resource.type_name.clone(), text.to_owned())
    }
}

/// Whether two records are of the same object.
fn same(a: &Object, b: &Object) -> bool {
    a == b || a.names().same(&b.names())
}

/// A key for a deposed object that this instance does not have yet; the same for the same intent and state.
fn free_key(state: &State, intent: &Intent) -> Arc<str> {
    let mut hash = crc32fast::hash(intent.token.id.as_bytes());
    loop {
        let key =
            ObjectKey { addr: intent.key.addr.clone(), generation: Generation::Deposed(format!("{hash:08x}").into()) };
        if let (None, Generation::Deposed(name)) = (state.object_at(&key), key.generation) {
            return name;
        }
        hash = hash.wrapping_add(1);
    }
}
