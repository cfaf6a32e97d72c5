//! Runs that are told to stop, or whose disk fails them, lose nothing: the next one ends where they would have.

use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sandbox::proxy::Proxy;
use sandbox::proxy::rules::{Action, Matching, Occurrence, Point, Rule};

use crate::kill::inventory;
use crate::project::{Project, program, server};

/// A network, and things beside it that do not need one another.
const STACK: &str = r#"
resource "aws_vpc" "net" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "net" {
  count      = 4
  vpc_id     = aws_vpc.net.id
  cidr_block = cidrsubnet(aws_vpc.net.cidr_block, 8, count.index)
}
resource "aws_cloudwatch_log_group" "log" {
  count = 6
  name  = "/interrupted/${count.index}"
}
"#;

/// The stack, its inventory when it is whole, and a proxy before the sandbox that the stack goes through.
fn prepared() -> Option<(Project, String, Proxy)> {
    let server = server()?;
    let proxy = Proxy::start(server.port(), Vec::new()).expect("a free port");
    let whole = Project::new(server, STACK);
    whole.apply();
    let expected = inventory(&whole);
    let mut project = Project::new(server, STACK);
    project.set_endpoint(&proxy.endpoint());
    Some((project, expected, proxy))
}

fn hold(proxy: &Proxy, nth: u64, point: Point) {
    proxy.set_rules(vec![Rule::new(Matching::mutating(), Occurrence::Nth(nth), point, Action::Hold)]);
}

fn start(project: &Project, arguments: &[&str]) -> Child {
    let mut command = project.command(program());
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program runs")
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("the run is there");
}

/// What a run that was told to stop came to. It must not take long.
fn ended(child: Child) -> Output {
    let began = Instant::now();
    let output = child.wait_with_output().expect("the run ends");
    assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
    output
}

/// One plain apply makes the stack whole.
#[track_caller]
fn completes(project: &Project, proxy: &Proxy, expected: &str) {
    proxy.set_rules(Vec::new());
    proxy.release();
    let completed = project.apply();
    assert_eq!(inventory(project), expected, "{}{}", completed.stdout, completed.stderr);
    project.expect_no_changes();
}

#[test]
fn a_signal_lets_what_is_running_end_and_starts_nothing_new() {
    for signal in [Signal::INT, Signal::TERM] {
        let Some((project, expected, proxy)) = prepared() else { return };
        hold(&proxy, 3, Point::AfterReceiving);
        let run = start(&project, &["apply", "-auto-approve", "-parallelism=2"]);
        proxy.wait_for_held(Duration::from_secs(60)).expect("the call is made");
        send(&run, signal);
        std::thread::sleep(Duration::from_millis(300));
        proxy.release();
        let output = ended(run);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        let count = project.state()["resources"].as_array().map_or(0, Vec::len);
        assert!((1..3).contains(&count), "{count} resources are recorded");
        assert!(!project.path().join(".terraform.tfstate.lock.info").exists());
        completes(&project, &proxy, &expected);
    }
}

#[test]
fn a_second_signal_lets_go_of_what_is_running() {
    for (point, second) in [(Point::BeforeSending, Signal::TERM), (Point::AfterReceiving, Signal::INT)] {
        let Some((project, expected, proxy)) = prepared() else { return };
        hold(&proxy, 3, point);
        let run = start(&project, &["apply", "-auto-approve"]);
        proxy.wait_for_held(Duration::from_secs(60)).expect("the call is made");
        send(&run, Signal::INT);
        std::thread::sleep(Duration::from_millis(200));
        send(&run, second);
        let output = ended(run);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        completes(&project, &proxy, &expected);
    }
}

#[test]
fn a_disk_that_takes_no_more_stops_the_run_and_the_next_one_completes_it() {
    for blocks in [1, 4, 8, 16] {
        let Some((project, expected, proxy)) = prepared() else { return };
        // Writes beyond so many blocks fail; the signal for it is ignored, as a program on a full disk gets none.
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" apply -auto-approve");
        let output = project.command("sh").args(["-c", &limited]).arg(program()).output().expect("the program runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{blocks} blocks: {told}");
        assert!(told.contains("File too large"), "{blocks} blocks: {told}");
        completes(&project, &proxy, &expected);
    }
}

#[test]
fn a_state_that_can_never_be_written_stops_the_run_before_it_changes_anything() {
    let Some((project, _, proxy)) = prepared() else { return };
    let refused = project.expect(1, &["apply", "-auto-approve", "-state=/proc/terraform.tfstate"]);
    assert!(refused.stderr.contains("/proc/"), "{}", refused.stderr);
    assert_eq!(proxy.calls().mutating().count(), 0);
}

#[test]
fn a_state_folder_that_is_gone_leaves_the_state_elsewhere() {
    let Some((project, expected, proxy)) = prepared() else { return };
    let folder = project.path().join("kept");
    std::fs::create_dir(&folder).expect("writable");
    hold(&proxy, 5, Point::AfterReceiving);
    let run = start(&project, &["apply", "-auto-approve", "-state=kept/terraform.tfstate"]);
    proxy.wait_for_held(Duration::from_secs(60)).expect("the call is made");
    std::fs::remove_dir_all(&folder).expect("removable");
    proxy.release();
    let output = ended(run);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let rescued = told.split_whitespace().find(|word| word.contains("errored.tfstate")).expect("it says where");
    let rescued = rescued.trim_matches('`');
    let copied = std::fs::copy(project.path().join(rescued), project.path().join("terraform.tfstate"));
    assert!(copied.is_ok(), "{rescued}: {copied:?}\n{told}");
    completes(&project, &proxy, &expected);
}
