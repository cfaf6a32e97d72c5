//! The detached sandbox: it stays, is recognised, and goes.

use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use sandbox::daemon::{self, Status, Up};
use sandbox::environment::{Environment, user_cache_dir};
use sandbox::server::Options;

fn environment() -> &'static Environment {
    static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let cache = user_cache_dir().expect("tests run with a home");
        Environment::prepare(&cache, &mut |_| {}).expect("the emulator can be installed")
    })
}

#[test]
fn it_is_up_from_up_to_down() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = folder.path().join("running");
    assert_eq!(daemon::status(&folder).expect("status works"), Status::Down);
    let Up::Started(started) = daemon::up(&folder, environment(), &Options::default()).expect("it starts") else {
        panic!("nothing was running");
    };
    assert_eq!(daemon::status(&folder).expect("status works"), Status::Up(started.clone()));
    assert_eq!(started.moto, "5.2.5");
    let again = daemon::up(&folder, environment(), &Options::default()).expect("it runs");
    assert_eq!(again, Up::AlreadyRunning(started.clone()));
    daemon::reset(&folder).expect("it forgets");
    assert!(daemon::down(&folder).expect("it ends"));
    assert!(!daemon::down(&folder).expect("there is nothing to end"));
    assert_eq!(daemon::status(&folder).expect("status works"), Status::Down);
    assert!(matches!(daemon::reset(&folder), Err(daemon::Error::Down)));
}

#[test]
fn one_that_was_killed_is_down_and_another_can_start() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let Up::Started(first) = daemon::up(folder.path(), environment(), &Options::default()).expect("it starts") else {
        panic!("nothing was running");
    };
    let killed = Command::new("kill").args(["-9", &first.pid.to_string()]).status().expect("`kill` can be run");
    assert!(killed.success());
    while daemon::status(folder.path()).expect("status works") != Status::Down {
        std::thread::yield_now();
    }
    assert!(!folder.path().join("server.json").exists());
    let Up::Started(second) = daemon::up(folder.path(), environment(), &Options::default()).expect("it starts") else {
        panic!("nothing was running");
    };
    assert_ne!(first.pid, second.pid);
    assert!(daemon::down(folder.path()).expect("it ends"));
}

#[test]
fn a_record_of_a_foreign_process_is_not_believed() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let record =
        format!(r#"{{"pid":{},"port":1,"began":"long ago","token":"t","log":"/dev/null"}}"#, std::process::id());
    fs::write(folder.path().join("server.json"), record).expect("the record can be written");
    assert_eq!(daemon::status(folder.path()).expect("status works"), Status::Down);
    assert!(!daemon::down(folder.path()).expect("there is nothing to end"));
}

#[test]
fn a_server_that_does_not_start_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let options = Options { without: vec!["rds-nonsense".to_string()], ..Options::default() };
    let error = daemon::up(folder.path(), environment(), &options).expect_err("there is no such correction");
    assert!(error.to_string().contains("no correction is named `rds-nonsense`"), "{error}");
    assert_eq!(daemon::status(folder.path()).expect("status works"), Status::Down);
}
