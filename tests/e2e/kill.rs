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

/// What the emulator holds for the project.
fn inventory(project: &Project) -> String {
    let cache = user_cache_dir().expect("the server runs");
    let environment = Environment::prepare(&cache, &mut |_| {}).expect("the server runs");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/inventory.py");
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

/// Applies through the proxy and kills the run at the `nth` changing call.
fn kill_at(project: &mut Project, proxy: &Proxy, nth: u64, point: Point) -> bool {
    proxy.set_rules(vec![Rule::new(Matching::mutating(), Occurrence::Nth(nth), point, Action::Hold)]);
    project.set_endpoint(&proxy.endpoint());
    let mut apply = project
        .command(program())
        .args(["apply", "-auto-approve", "-input=false"])
        .args(&project.options)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let held = proxy.wait_for_held(Duration::from_secs(60)).is_some();
    // Killing is SIGKILL: nothing of the program runs after it.
    apply.kill().expect("the run is there");
    apply.wait().expect("the run ends");
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

    let mut seeded = Seeded(20_261_124);
    let mut recovered = 0;
    for kill in 0..KILLS {
        let nth = 1 + seeded.below(calls);
        let point = if seeded.below(2) == 0 { Point::BeforeSending } else { Point::AfterReceiving };
        let mut project = fastapi::project(server);
        if !kill_at(&mut project, &proxy, nth, point) {
            continue;
        }
        project.apply();
        assert_eq!(inventory(&project), expected, "kill {kill}: call {nth} of {calls}, {point:?}");
        project.expect_no_changes();
        recovered += 1;
    }
    println!("{recovered} of {KILLS} kills recovered, of {calls} changing calls");
    assert_eq!(recovered, KILLS, "every kill must have hit");
}
