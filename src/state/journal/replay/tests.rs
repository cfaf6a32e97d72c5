//! Random runs, stopped at every record, against a model that knows what exists.

use std::collections::BTreeMap;

use model::address::InstanceAddr;
use proptest::prelude::*;

use super::super::tests::{begin, intent, provider, raw};
use super::*;
use crate::Status;

/// What happens to one instance in a run.
#[derive(Clone, Debug)]
enum Change {
    Create(Making),
    Update(Ending),
    Delete(Ending),
    Replace(Ending, Making),
    /// The new object first, then the old one.
    Supersede(Making, Ending),
    /// The object moves to another address, and another is made in its old place.
    MoveAndCreate(Making),
}

/// How a create goes.
#[derive(Clone, Copy, Debug)]
struct Making {
    born: bool,
    end: MakingEnd,
}

#[derive(Clone, Copy, Debug)]
enum MakingEnd {
    Done,
    FailedTainted,
    FailedWithNothing,
}

/// How an update or a delete goes.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Done,
    FailedWithObject,
    FailedAsItWas,
}

/// A run: its records, and what exists after each of them.
struct Run {
    base: State,
    records: Vec<Record>,
    truth: Vec<State>,
    objects_made: u64,
}

/// A record, and what it says about which object.
type Happening = (Record, Vec<(ObjectKey, Option<Object>)>);

fn addr(name: &str, index: usize) -> InstanceAddr {
    format!("test.{name}[{index}]").parse().expect("valid")
}

/// The first revision, as one is recorded at birth, does not say all names yet.
fn object(id: u64, revision: u64) -> Object {
    let arn = if revision == 0 { String::new() } else { format!("arn-{id}") };
    Object::new(0, raw(&format!(r#"{{"arn":"{arn}","id":"id-{id}","revision":{revision}}}"#)))
}

fn tainted(object: Object) -> Object {
    Object { status: Status::Tainted, ..object }
}

impl Run {
    fn new(changes: &[Change], order: &[usize], saves: &[usize]) -> Run {
        let mut run = Run { base: State::default(), records: Vec::new(), truth: Vec::new(), objects_made: 0 };
        run.base.serial = 10;
        run.base.lineage = "lineage".into();
        let mut moves = Vec::new();
        for (index, change) in changes.iter().enumerate() {
            if !matches!(change, Change::Create(_)) {
                let object = run.new_object();
                run.base.insert(&ObjectKey::current(addr("a", index)), &provider(), object);
            }
            if matches!(change, Change::MoveAndCreate(_)) {
                moves.push((addr("a", index), addr("moved", index)));
            }
        }
        let mut truth = run.base.clone();
        run.record(&truth, begin(10));
        if !moves.is_empty() {
            for (from, to) in &moves {
                let instance = truth.instances.remove(from).expect("it was put there");
                truth.instances.insert(to.clone(), instance);
            }
            run.record(&truth, Record::Moved(moves));
        }
        // Each change as a queue of records with what exists after each; then they are mixed.
        let mut queues: Vec<_> = changes.iter().enumerate().map(|(index, change)| run.queue(index, change)).collect();
        for (position, pick) in order.iter().enumerate() {
            let open: Vec<usize> = (0..queues.len()).filter(|index| !queues[*index].is_empty()).collect();
            let Some(&index) = open.get(pick % open.len().max(1)) else { break };
            let (record, effects) = queues[index].remove(0);
            for (key, object) in effects {
                match object {
                    Some(object) => truth.insert(&key, &provider(), object),
                    None => drop(truth.remove(&key)),
                }
            }
            run.record(&truth, record);
            if saves.contains(&position) {
                truth.serial += 1;
                let serial = truth.serial;
                run.record(&truth, Record::Saved { serial });
            }
        }
        run
    }

    fn record(&mut self, truth: &State, record: Record) {
        self.records.push(record);
        self.truth.push(truth.clone());
    }

    fn new_object(&mut self) -> Object {
        self.objects_made += 1;
        object(self.objects_made, 0)
    }

    /// The records of a change, each with what it says about which object.
    fn queue(&mut self, index: usize, change: &Change) -> Vec<Happening> {
        let step = 2 * index as u64;
        let current = ObjectKey::current(addr("a", index));
        let deposed: Arc<str> = format!("{index:08x}").into();
        let old = self.base.object_at(&current).cloned();
        let aside = ObjectKey { addr: current.addr.clone(), generation: Generation::Deposed(deposed.clone()) };
        match change {
            Change::Create(making) | Change::MoveAndCreate(making) => self.make(step, &current, *making, None),
            Change::Update(ending) => {
                let old = old.expect("the base has it");
                let id = old.names().id.expect("it has an id").trim_start_matches("id-").parse().expect("a number");
                end(step, &current, IntentOp::Update, *ending, Some(object(id, 1)), old)
            }
            Change::Delete(ending) => {
                end(step, &current, IntentOp::Delete, *ending, None, old.expect("the base has it"))
            }
            Change::Replace(ending, making) => {
                let mut records = end(step, &current, IntentOp::Delete, *ending, None, old.expect("the base has it"));
                if matches!(ending, Ending::Done) {
                    records.extend(self.make(step + 1, &current, *making, None));
                }
                records
            }
            Change::Supersede(making, ending) => {
                let old = old.expect("the base has it");
                let mut records = self.make(step, &current, *making, Some((deposed, old.clone())));
                if matches!(making.end, MakingEnd::Done) {
                    records.extend(end(step + 1, &aside, IntentOp::Delete, *ending, None, old));
                }
                records
            }
        }
    }

    fn make(
        &mut self,
        step: u64,
        key: &ObjectKey,
        making: Making,
        aside: Option<(Arc<str>, Object)>,
    ) -> Vec<Happening> {
        let new = self.new_object();
        let deposes = aside.as_ref().map(|(deposed, _)| deposed.clone());
        let mut records = vec![(Record::Intent(intent(step, key.clone(), IntentOp::Create { deposes })), Vec::new())];
        let exists = |object: Object| {
            let mut effects = vec![(key.clone(), Some(object))];
            if let Some((deposed, old)) = &aside {
                let aside = ObjectKey { addr: key.addr.clone(), generation: Generation::Deposed(deposed.clone()) };
                effects.push((aside, Some(old.clone())));
            }
            effects
        };
        if making.born {
            records.push((Record::Born { step, object: new.clone() }, exists(new.clone())));
        }
        records.push(match making.end {
            MakingEnd::Done => {
                let id = self.objects_made;
                (Record::Done { step, object: Some(object(id, 1)) }, exists(object(id, 1)))
            }
            MakingEnd::FailedTainted => (
                Record::Failed { step, object: Some(new.clone()), tainted: true, error: String::new() },
                exists(tainted(new)),
            ),
            MakingEnd::FailedWithNothing => {
                let mut effects = Vec::new();
                if let Some((deposed, old)) = &aside {
                    let aside = ObjectKey { addr: key.addr.clone(), generation: Generation::Deposed(deposed.clone()) };
                    effects.extend([(key.clone(), Some(old.clone())), (aside, None)]);
                } else {
                    effects.push((key.clone(), None));
                }
                (Record::Failed { step, object: None, tainted: false, error: String::new() }, effects)
            }
        });
        records
    }
}

/// The records of an update or a delete.
fn end(
    step: u64,
    key: &ObjectKey,
    op: IntentOp,
    ending: Ending,
    wanted: Option<Object>,
    old: Object,
) -> Vec<Happening> {
    let failed = |object| Record::Failed { step, object, tainted: false, error: String::new() };
    let outcome = match ending {
        Ending::Done => (Record::Done { step, object: wanted.clone() }, vec![(key.clone(), wanted)]),
        Ending::FailedWithObject => {
            let half = Object { schema_version: 1, ..old };
            (failed(Some(half.clone())), vec![(key.clone(), Some(half))])
        }
        Ending::FailedAsItWas => (failed(None), Vec::new()),
    };
    vec![(Record::Intent(intent(step, key.clone(), op)), Vec::new()), outcome]
}

/// All objects of a state, by address and place.
fn objects(state: &State) -> BTreeMap<String, Object> {
    let mut objects = BTreeMap::new();
    for (addr, instance) in &state.instances {
        if let Some(object) = &instance.current {
            objects.insert(addr.to_string(), object.clone());
        }
        for (key, object) in &instance.deposed {
            objects.insert(format!("{addr} deposed {key}"), object.clone());
        }
    }
    objects
}

fn text(state: &State) -> Vec<(String, String, Object)> {
    let describe = |(place, object): (String, Object)| (place, object.attributes.get().to_owned(), object);
    objects(state).into_iter().map(describe).collect()
}

fn ids(state: &State) -> BTreeSet<String> {
    objects(state).values().map(|object| object.names().id.expect("all have one")).collect()
}

/// The steps that have an intent but no outcome.
fn open_steps(records: &[Record]) -> Vec<u64> {
    let mut open = Vec::new();
    for record in records {
        match record {
            Record::Intent(intent) => open.push(intent.step),
            Record::Done { step, .. } | Record::Failed { step, .. } => open.retain(|other| other != step),
            Record::Begin { .. } | Record::Moved(_) | Record::Born { .. } | Record::Saved { .. } | Record::End => {}
        }
    }
    open.sort_unstable();
    open
}

fn making() -> impl Strategy<Value = Making> {
    let end = prop_oneof![
        3 => Just(MakingEnd::Done),
        1 => Just(MakingEnd::FailedTainted),
        1 => Just(MakingEnd::FailedWithNothing),
    ];
    (any::<bool>(), end).prop_map(|(born, end)| Making { born, end })
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![3 => Just(Ending::Done), 1 => Just(Ending::FailedWithObject), 1 => Just(Ending::FailedAsItWas)]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        making().prop_map(Change::Create),
        ending().prop_map(Change::Update),
        ending().prop_map(Change::Delete),
        (ending(), making()).prop_map(|(ending, making)| Change::Replace(ending, making)),
        (making(), ending()).prop_map(|(making, ending)| Change::Supersede(making, ending)),
        making().prop_map(Change::MoveAndCreate),
    ]
}

fn runs() -> impl Strategy<Value = Run> {
    (
        prop::collection::vec(change(), 1..6),
        prop::collection::vec(any::<usize>(), 40),
        prop::collection::vec(0..25usize, 0..3),
    )
        .prop_map(|(changes, order, saves)| Run::new(&changes, &order, &saves))
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("base", &text(&self.base)).field("records", &self.records).finish()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_stopped_anywhere_is_taken_to_what_exists_from_its_base_and_from_every_state_it_saved(run in runs()) {
        for end in 1..=run.records.len() {
            let records = &run.records[..end];
            let saved = (0..end).filter(|at| matches!(records[*at], Record::Saved { .. }));
            let starts = std::iter::once(run.base.clone()).chain(saved.map(|at| run.truth[at].clone()));
            for start in starts {
                // Only the last one that was saved is the one that is stored.
                if start.serial != run.truth[end - 1].serial {
                    continue;
                }
                let mut state = start;
                let uncertain = replay(&mut state, records);
                prop_assert_eq!(text(&state), text(&run.truth[end - 1]), "stopped after {} records", end);
                prop_assert_eq!(uncertain.iter().map(|uncertain| uncertain.intent.step).collect::<Vec<_>>(), open_steps(records));

                let again = replay(&mut state, records);
                prop_assert_eq!(text(&state), text(&run.truth[end - 1]), "a second time after {} records", end);
                prop_assert_eq!(again, uncertain);
            }
        }
    }

    #[test]
    fn a_state_saved_just_before_the_stop_is_left_as_it_is(run in runs()) {
        for end in 1..=run.records.len() {
            let mut state = run.truth[end - 1].clone();
            // The stop came between the write and its record.
            state.serial += 100;
            let before = text(&state);
            replay(&mut state, &run.records[..end]);
            prop_assert_eq!(text(&state), before);
        }
    }

    #[test]
    fn in_a_state_of_somebody_else_nothing_is_changed_and_nothing_that_was_made_is_lost(run in runs(), keep in any::<u64>()) {
        for end in 1..=run.records.len() {
            // Somebody went on from the base: forgot some objects, made others in the same places.
            let mut state = State { serial: 100, ..run.base.clone() };
            for index in 0..6 {
                let key = ObjectKey::current(addr("a", index));
                match keep >> (2 * index) & 3 {
                    0 => drop(state.remove(&key)),
                    1 => state.insert(&key, &provider(), object(1000 + index as u64, 0)),
                    _ => {}
                }
            }
            let before = objects(&state);
            replay(&mut state, &run.records[..end]);
            let after = objects(&state);
            for (place, object) in &before {
                prop_assert_eq!(after.get(place), Some(object));
            }
            let made: BTreeSet<String> = ids(&run.truth[end - 1]).difference(&ids(&run.base)).cloned().collect();
            prop_assert!(ids(&state).is_superset(&made), "{:?} lacks some of {:?}", ids(&state), made);

            let once = text(&state);
            replay(&mut state, &run.records[..end]);
            prop_assert_eq!(text(&state), once);
        }
    }
}

#[test]
fn settling_a_create_puts_the_present_object_aside_once_and_takes_it_back() {
    let key = ObjectKey::current(addr("a", 0));
    let create = intent(0, key.clone(), IntentOp::Create { deposes: Some("0000000a".into()) });
    let mut state = State::default();
    state.insert(&key, &provider(), object(1, 0));

    settle(&mut state, &create, None);
    assert_eq!(ids(&state), BTreeSet::from(["id-1".into()]), "a create of nothing changes nothing");

    settle(&mut state, &create, Some(object(2, 0)));
    settle(&mut state, &create, Some(object(2, 1)));
    let places: Vec<String> = text(&state).into_iter().map(|(place, ..)| place).collect();
    assert_eq!(places, ["test.a[0]", "test.a[0] deposed 0000000a"]);
    assert_eq!(state.object_at(&key), Some(&object(2, 1)));

    settle(&mut state, &create, None);
    assert_eq!(state.object_at(&key), Some(&object(1, 0)));
    assert_eq!(text(&state).len(), 1);
}

#[test]
fn what_a_saved_state_contains_is_not_replayed_over_it() {
    let key = ObjectKey::current(addr("a", 0));
    let records = [
        begin(1),
        Record::Intent(intent(0, key, IntentOp::Create { deposes: None })),
        Record::Done { step: 0, object: Some(object(1, 0)) },
        Record::Saved { serial: 2 },
    ];
    // The run forgot the object again before it saved, which needs no record.
    let mut state = State { serial: 2, ..State::default() };
    assert!(replay(&mut state, &records).is_empty());
    assert!(state.is_empty());
}

fn places(state: &State) -> Vec<(String, String)> {
    text(state).into_iter().map(|(place, attributes, _)| (place, attributes)).collect()
}

#[test]
fn an_object_that_was_found_is_added_once_and_never_over_another() {
    let key = ObjectKey::current(addr("a", 0));
    let create = |deposes: Option<&str>| intent(0, key.clone(), IntentOp::Create { deposes: deposes.map(Arc::from) });
    let found = || Some(object(1, 0));

    let mut state = State::default();
    resolve(&mut state, &create(None), None);
    assert!(state.is_empty());
    for _ in 0..2 {
        resolve(&mut state, &create(None), found());
        assert_eq!(places(&state), [("test.a[0]".into(), r#"{"arn":"","id":"id-1","revision":0}"#.into())]);
    }

    // What it replaces goes aside, once.
    let mut state = State::default();
    state.insert(&key, &provider(), object(2, 0));
    for _ in 0..2 {
        resolve(&mut state, &create(Some("0000000a")), found());
        let places: Vec<String> = places(&state).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["test.a[0]", "test.a[0] deposed 0000000a"]);
        assert_eq!(state.object_at(&key), found().as_ref());
    }

    // Somebody else made another object there meanwhile, or has this one somewhere else.
    let mut state = State::default();
    state.insert(&key, &provider(), object(2, 0));
    for _ in 0..2 {
        resolve(&mut state, &create(None), found());
        assert_eq!(state.object_at(&key), Some(&object(2, 0)));
        assert_eq!(ids(&state).len(), 2);
        assert_eq!(places(&state).len(), 2);
    }
    let mut state = State::default();
    state.insert(&ObjectKey::current(addr("b", 0)), &provider(), object(1, 5));
    resolve(&mut state, &create(None), found());
    assert_eq!(places(&state).len(), 1);
    resolve(&mut state, &create(None), None);
    assert_eq!(places(&state).len(), 1);
}

#[test]
fn revisions_that_share_an_id_are_told_apart_by_their_arn() {
    let revision = |number: u64| Object::new(0, raw(&format!(r#"{{"id":"family","arn":"family:{number}"}}"#)));
    let key = ObjectKey::current(addr("a", 0));
    let records = [
        begin(1),
        Record::Intent(intent(0, key.clone(), IntentOp::Create { deposes: Some("0000000a".into()) })),
        Record::Done { step: 0, object: Some(revision(2)) },
    ];
    for (known, count) in [(revision(1), 2), (revision(2), 1), (Object::new(0, raw(r#"{"id":"family"}"#)), 1)] {
        let mut state = State { serial: 9, ..State::default() };
        state.insert(&key, &provider(), known);
        replay(&mut state, &records);
        assert_eq!(objects(&state).len(), count);
    }
}
