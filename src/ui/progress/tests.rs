//! The line log and the drawn progress over runs made of events.

use indicatif::{InMemoryTerm, ProgressDrawTarget};
use model::diagnostic::Diagnostic;

use super::*;
use crate::fixtures::key;
use crate::style::plain;

const CREATE: Op = Op::Create { deposes: None };

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An apply of a few objects: one that takes long, one that fails, one that is skipped.
fn run() -> Vec<Event> {
    let (vpc, db, gone) = (key("aws_vpc.main"), key("aws_db_instance.main"), key("aws_eip.old[0]"));
    let waiting =
        |at, what: &str| Event::StepWaiting { key: db.clone(), op: CREATE, what: what.into(), elapsed: seconds(at) };
    let id = |id: &str| Some(Arc::from(id));
    vec![
        Event::ApplyStarted { steps: 4 },
        Event::StepStarted { key: vpc.clone(), op: CREATE, id: None },
        Event::StepStarted { key: db.clone(), op: CREATE, id: None },
        Event::StepStarted { key: gone.clone(), op: Op::Delete, id: id("eipalloc-1") },
        Event::StepBorn { key: db.clone(), id: id("db-1"), elapsed: seconds(1) },
        Event::StepDone { key: vpc, op: CREATE, id: id("vpc-1\u{1b}[31m"), elapsed: seconds(2) },
        waiting(3, "status creating"),
        waiting(9, "status creating"),
        waiting(11, "status creating"),
        waiting(19, "status backing-up"),
        waiting(75, "status backing-up"),
        Event::StepFailed {
            key: gone.clone(),
            op: Op::Delete,
            elapsed: seconds(4),
            error: Box::new(Diagnostic::error("Destroying the object failed", "in use")),
        },
        Event::StepSkipped { key: key("aws_subnet.a"), op: CREATE, because: Skipped::Failed(gone) },
        Event::Stopping { running: vec![db.clone()] },
        Event::StepDone { key: db, op: CREATE, id: id("db-1"), elapsed: seconds(80) },
        Event::ApplyFinished { elapsed: seconds(80) },
    ]
}

#[test]
fn line_log_tells_what_begins_and_ends_and_gives_a_sign_of_life() {
    let mut out = Vec::new();
    let log = LineLog::new(&mut out);
    run().into_iter().for_each(|event| log.event(event));
    drop(log);
    insta::assert_snapshot!(plain(&String::from_utf8(out).expect("text")), @r"
    aws_vpc.main: Creating...
    aws_db_instance.main: Creating...
    aws_eip.old[0]: Destroying... [id=eipalloc-1]
    aws_vpc.main: Creation complete after 2s [id=vpc-1\u001b[31m]
    aws_db_instance.main: Still creating... [id=db-1, 11s elapsed, status creating]
    aws_db_instance.main: Still creating... [id=db-1, 1m15s elapsed, status backing-up]
    aws_eip.old[0]: Destruction failed after 4s
    aws_subnet.a: Creation skipped, because it needs aws_eip.old[0]
    Stopping: nothing new is started; waiting for 1 running step (aws_db_instance.main).
    aws_db_instance.main: Creation complete after 1m20s [id=db-1]
    ");
}

#[test]
fn refresh_is_two_lines_and_one_for_each_difference() {
    let mut out = Vec::new();
    let log = LineLog::new(&mut out);
    let found = |addr: &str, found| Event::Refreshed { key: key(addr), id: Some("i-1".into()), found };
    let slow = |elapsed| Event::ReadFinished { addr: key("data.aws_region.r").addr, id: Some("eu".into()), elapsed };
    [
        Event::RefreshStarted { objects: 3 },
        found("test_thing.a", engine::event::Found::AsRecorded),
        found("test_thing.b", engine::event::Found::Changed),
        found("test_thing.c", engine::event::Found::Gone),
        slow(seconds(0)),
        slow(seconds(3)),
        Event::RefreshFinished { elapsed: Duration::from_millis(1234) },
        Event::Recovered { key: key("test_thing.d"), recovery: Recovery::Found { id: Some("i-4".into()) } },
        Event::Recovered { key: key("test_thing.e"), recovery: Recovery::MaybeUnseen },
        Event::Recovered { key: key("test_thing.e"), recovery: Recovery::NothingMade },
    ]
    .into_iter()
    .for_each(|event| log.event(event));
    drop(log);
    insta::assert_snapshot!(plain(&String::from_utf8(out).expect("text")), @r"
    Refreshing 3 objects...
    test_thing.b: Changed since the last apply [id=i-1]
    test_thing.c: Gone since the last apply [id=i-1]
    data.aws_region.r: Read complete after 3s [id=eu]
    Refreshed 3 objects in 1.2s: 1 changed, 1 gone
    test_thing.d: Found what an interrupted creation had made [id=i-4]; it is in the state now
    test_thing.e: A creation was interrupted just now; looking for some seconds, as what it made may not be shown yet
    test_thing.e: An interrupted creation had made nothing
    ");
}

#[test]
fn drawn_progress_shows_what_each_step_waits_for() {
    let term = InMemoryTerm::new(20, 100);
    let live = Live::to(ProgressDrawTarget::term_like(Box::new(term.clone())), true);
    let events = run();
    let (first, rest) = events.split_at(9);
    first.iter().cloned().for_each(|event| live.event(event));
    let expected = ["aws_vpc.main: Creation complete after 2s", "main: Creating, status creating", "Applying", "1/4"];
    // What is drawn follows with the next tick.
    let deadline = std::time::Instant::now() + seconds(10);
    while !expected.iter().all(|part| term.contents().contains(part)) {
        assert!(std::time::Instant::now() < deadline, "{expected:?} are not all in\n{}", term.contents());
        std::thread::yield_now();
    }
    rest.iter().cloned().for_each(|event| live.event(event));
    drop(live);
    insta::assert_snapshot!(term.contents(), @r"
    aws_vpc.main: Creation complete after 2s [id=vpc-1\u001b[31m]
    aws_eip.old[0]: Destruction failed after 4s
    aws_subnet.a: Creation skipped, because it needs aws_eip.old[0]
    Stopping: nothing new is started; waiting for 1 running step (aws_db_instance.main).
    aws_db_instance.main: Creation complete after 1m20s [id=db-1]
    ");
}

#[test]
fn writer_that_fails_does_not_stop_the_run() {
    struct Broken;
    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = LineLog::new(Broken);
    run().into_iter().for_each(|event| log.event(event));
}

#[test]
fn tee_hands_events_to_all() {
    let (mut one, mut two) = (Vec::new(), Vec::new());
    let (first, second) = (LineLog::new(&mut one), LineLog::new(&mut two));
    Tee(vec![&first, &second]).event(Event::RefreshStarted { objects: 1 });
    drop((first, second));
    assert_eq!(one, two);
    assert!(!one.is_empty());
}

#[test]
fn time_spans_are_told_to_the_second() {
    let told: Vec<String> = [0, 9, 70, 3600, 7265].into_iter().map(|time| elapsed(seconds(time))).collect();
    assert_eq!(told, ["0s", "9s", "1m10s", "1h0m0s", "2h1m5s"]);
}
