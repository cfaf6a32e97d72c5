//! An apply that is killed at any call loses nothing: the next one ends where an uninterrupted one would have.

use std::process::Stdio;
use std::time::Duration;

use sandbox::environment::{Environment, user_cache_dir};
use sandbox::proxy::Proxy;
use sandbox::proxy::rules::{Action, Matching, Occurrence, Point, Rule};

use crate::fastapi;
use crate::project::{Project, program, server};

/// How many of the points are tried.
const KILLS: usize = 30;
const KILLS_OF_SERVICES: usize = 15;
const KILLS_OF_DESTROY: usize = 10;

/// One object of each service whose creates have to be recovered in a way of its own.
const SERVICES: &str = include_str!("kill/services.tf");

/// What the emulator holds for the project.
pub fn inventory(project: &Project) -> String {
    counted(project, "inventory.py")
}

/// What the emulator holds for the project, as a script counts it.
fn counted(project: &Project, script: &str) -> String {
    let cache = user_cache_dir().expect("the server runs");
    let environment = Environment::prepare(&cache, &mut |_| {}).expect("the server runs");
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e").join(script);
    let output = project.command(&environment.python).arg(script).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A small generator of numbers, the same on every machine.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Where runs of `calls` changing calls are killed: some points, the same each time, or all with `INFRA_KILLS=all`.
fn points(calls: u64, some: usize, seed: u64) -> Vec<(u64, Point)> {
    let all = (1..=calls).flat_map(|nth| [(nth, Point::BeforeSending), (nth, Point::AfterReceiving)]);
    let mut all: Vec<(u64, Point)> = all.collect();
    if std::env::var("INFRA_KILLS").is_ok_and(|kills| kills == "all") {
        return all;
    }
    let mut seeded = Seeded(seed);
    let some = some.min(all.len());
    (0..some).map(|_| all.swap_remove(seeded.below(all.len() as u64) as usize)).collect()
}

/// Runs a command through the proxy and kills it at the `nth` changing call.
fn kill_at(project: &mut Project, proxy: &Proxy, command: &str, nth: u64, point: Point) -> bool {
    proxy.set_rules(vec![Rule::new(Matching::mutating(), Occurrence::Nth(nth), point, Action::Hold)]);
    project.set_endpoint(&proxy.endpoint());
    let mut run = project
        .command(program())
        .args([command, "-auto-approve", "-input=false"])
        .args(&project.options)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let held = proxy.wait_for_held(Duration::from_secs(60)).is_some();
    // Killing is SIGKILL: nothing of the program runs after it.
    run.kill().expect("the run is there");
    run.wait().expect("the run ends");
    proxy.set_rules(Vec::new());
    proxy.release();
    held
}

#[test]
fn an_apply_killed_at_any_call_is_completed_by_the_next() {
    let Some(server) = server() else { return };
    let proxy = Proxy::start(server.port(), Vec::new()).expect("a free port");
    let mut whole = fastapi::project(server);
    whole.set_endpoint(&proxy.endpoint());
    whole.apply();
    let calls = proxy.calls().mutating().count() as u64;
    let expected = inventory(&whole);
    assert!(calls > 40 && expected.contains("token tag 0"), "{calls} calls\n{expected}");

    let points = points(calls, KILLS, 20_261_124);
    for (nth, point) in &points {
        let mut project = fastapi::project(server);
        assert!(kill_at(&mut project, &proxy, "apply", *nth, *point), "call {nth} of {calls} was not made");
        let completed = project.apply();
        let told = || format!("call {nth} of {calls}, {point:?}\n{}{}", completed.stdout, completed.stderr);
        assert_eq!(inventory(&project), expected, "{}", told());
        let next = project.infra(&["plan", "-detailed-exitcode", "-input=false"]);
        assert_eq!(next.code, 0, "{}\n{}{}", told(), next.stdout, next.stderr);
    }
    println!("{0} of {0} kills recovered, of {calls} changing calls", points.len());
}

#[test]
fn a_destroy_killed_at_any_call_is_completed_by_the_next() {
    let Some(server) = server() else { return };
    let proxy = Proxy::start(server.port(), Vec::new()).expect("a free port");
    let mut whole = fastapi::project(server);
    let nothing = inventory(&whole);
    whole.apply();
    whole.set_endpoint(&proxy.endpoint());
    let before = proxy.calls().mutating().count() as u64;
    whole.destroy();
    let calls = proxy.calls().mutating().count() as u64 - before;
    let expected = inventory(&whole);
    // The final snapshot of the database is meant to stay.
    assert!(calls > 30 && expected.len() < nothing.len() + 200, "{calls} calls\n{expected}");

    let points = points(calls, KILLS_OF_DESTROY, 20_261_125);
    for (nth, point) in &points {
        let mut project = fastapi::project(server);
        project.apply();
        assert!(kill_at(&mut project, &proxy, "destroy", *nth, *point), "call {nth} of {calls} was not made");
        project.destroy();
        assert_eq!(inventory(&project), expected, "call {nth} of {calls}, {point:?}");
        assert_eq!(project.expect(0, &["state", "list"]).stdout, "");
    }
    println!("{0} of {0} kills recovered, of {calls} changing calls", points.len());
}

#[test]
fn an_apply_of_services_killed_at_any_call_is_completed_by_the_next() {
    let Some(server) = server() else { return };
    let proxy = Proxy::start(server.port(), Vec::new()).expect("a free port");
    let held = |project: &Project| counted(project, "inventory_of_services.py");
    let mut whole = Project::new(server, SERVICES);
    whole.set_endpoint(&proxy.endpoint());
    whole.apply();
    let calls = proxy.calls().mutating().count() as u64;
    let expected = held(&whole);
    assert!(calls > 20 && expected.contains("token tag 0") && expected.contains("key 1"), "{calls} calls\n{expected}");

    let points = points(calls, KILLS_OF_SERVICES, 20_261_126);
    for (nth, point) in &points {
        let mut project = Project::new(server, SERVICES);
        assert!(kill_at(&mut project, &proxy, "apply", *nth, *point), "call {nth} of {calls} was not made");
        let completed = project.apply();
        let told = || format!("call {nth} of {calls}, {point:?}\n{}{}", completed.stdout, completed.stderr);
        assert_eq!(held(&project), expected, "{}", told());
        let next = project.infra(&["plan", "-detailed-exitcode", "-input=false"]);
        assert_eq!(next.code, 0, "{}\n{}{}", told(), next.stdout, next.stderr);
    }
    println!("{0} of {0} kills recovered, of {calls} changing calls", points.len());
}
