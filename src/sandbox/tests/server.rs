//! The environment is installed, servers start, answer, are told apart, and end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sandbox::environment::{Environment, user_cache_dir};
use sandbox::server::{Error, Options, Server};

fn environment() -> &'static Environment {
    static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let cache = user_cache_dir().expect("tests run with a home");
        Environment::prepare(&cache, &mut |_| {}).expect("the emulator can be installed")
    })
}

#[test]
fn a_server_answers_until_its_guard_is_dropped() {
    let server = Server::start(environment(), &Options::default()).expect("the server starts");
    assert_eq!(server.endpoint(), format!("http://127.0.0.1:{}", server.port()));
    server.reset().expect("the server forgets");
    let port = server.port();
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn two_servers_take_different_ports() {
    let one = Server::start(environment(), &Options::default()).expect("the server starts");
    let other = Server::start(environment(), &Options::default()).expect("the server starts");
    assert_ne!(one.port(), other.port());
}

#[test]
fn a_port_in_use_is_reported_with_the_log() {
    let one = Server::start(environment(), &Options::default()).expect("the server starts");
    let options = Options { port: Some(one.port()), ..Options::default() };
    let error = Server::start(environment(), &options).expect_err("the port is in use");
    let Error::Died { tail, .. } = &error else { panic!("{error}") };
    assert!(tail.contains(&format!("Port {} is in use", one.port())), "{tail}");
}

#[test]
fn an_unknown_correction_is_refused_with_the_known_ones() {
    let options = Options { without: vec!["rds-nonsense".to_string()], ..Options::default() };
    let error = Server::start(environment(), &options).expect_err("there is no such correction");
    let Error::Died { tail, .. } = &error else { panic!("{error}") };
    assert!(tail.contains("no correction is named `rds-nonsense`; there are "), "{tail}");
}

#[test]
fn the_log_file_is_kept_where_it_was_asked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let log = folder.path().join("sandbox.log");
    let options = Options { log: Some(log.clone()), ..Options::default() };
    let server = Server::start(environment(), &options).expect("the server starts");
    let endpoint = server.endpoint();
    drop(server);
    let text = fs::read_to_string(&log).expect("the log is there");
    assert!(text.contains(&format!("listening on {endpoint}")), "{text}");
}

#[test]
fn a_server_ends_when_whoever_started_it_is_gone_and_leaves_nothing() {
    let environment = environment();
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let mut child = Command::new(&environment.python)
        .args(["-E", "-s"])
        .arg(&environment.launcher)
        .args(["--port", "0", "--until-stdin-closes", "--scratch"])
        .arg(scratch.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the launcher starts");
    let mut line = String::new();
    let output = child.stdout.take().expect("standard output was asked for");
    BufReader::new(output).read_line(&mut line).expect("the launcher says that it listens");
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
    // What the system does with the pipe when the holder of its other end is killed.
    drop(child.stdin.take());
    assert!(child.wait().expect("the child is ours").success());
    assert!(!scratch.path().exists());
}
