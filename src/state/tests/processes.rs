//! What only shows between processes: contention for the lock, holders that are killed, applies that are killed, and
//! Terraform as the other one.
//!
//! The binary starts itself for each process, so it does without the usual harness.
#![expect(clippy::print_stdout, reason = "it is a test harness")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use libtest_mimic::{Arguments, Trial};
use model::address::{InstanceAddr, Key, ObjectKey};
use model::value::Value;
use state::file::{parse, render};
use state::journal::{Intent, IntentOp, Record, TokenRecord, resolve};
use state::lock::{LockError, LockInfo, LockRequest, LockTime};
use state::opened::{OpenRequest, Opened, Saved, open, peek};
use state::store::{Backup, LocalStore, Store};
use state::{Object, Output, State};
use tokio::runtime::{Builder, Runtime};

type Test = fn(&Runtime);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build().expect("a runtime");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["child", "count", state, times] => {
            runtime.block_on(count(Path::new(state), times.parse().expect("a number")));
        }
        ["child", "hold", state] => runtime.block_on(hold(Path::new(state))),
        ["child", "apply", state, cloud] => runtime.block_on(apply(Path::new(state), Path::new(cloud))),
        _ => {
            let tests: [(&str, Test); 6] = [
                ("thirty_processes_change_a_state_in_turn_and_lose_nothing", changes_in_turn),
                ("the_lock_of_a_killed_process_is_free", killed_holder),
                ("an_apply_killed_thirty_times_makes_each_object_once", killed_applies),
                ("terraform_respects_the_lock_and_is_respected", terraform_locks),
                ("a_terraform_that_waited_for_a_replaced_state_does_not_write", terraform_waits),
                ("terraform_reads_what_was_written_and_the_reverse", terraform_interchange),
            ];
            let trial = |(name, test): (&str, Test)| {
                Trial::test(name, move || {
                    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
                    test(&runtime);
                    Ok(())
                })
            };
            libtest_mimic::run(&Arguments::from_args(), tests.into_iter().map(trial).collect()).exit();
        }
    }
}

fn child(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("it runs"));
    command.arg("child").args(arguments);
    command
}

fn store(state: &Path) -> LocalStore {
    LocalStore::new(state, Backup::default())
}

fn info() -> LockInfo {
    LockInfo {
        id: "1b4e28ba-2fa1-4d2e-883f-0016d3cca427".into(),
        operation: "OperationTypeApply".into(),
        info: String::new(),
        who: format!("process-{}", std::process::id()),
        version: "0.1.0".into(),
        created: LockTime(Timestamp::now()),
        path: "terraform.tfstate".into(),
    }
}

fn lock(timeout: Duration) -> LockRequest<'static> {
    LockRequest { info: info(), timeout, waiting: &|_| {}, taken_over: &|_| {} }
}

async fn opened(state: &Path) -> Opened {
    let request = OpenRequest { lock: Some(lock(Duration::from_secs(300))), random: [7; 16], rescue: Vec::new() };
    open(Arc::new(store(state)), request).await.expect("opened")
}

fn number(state: &State) -> i64 {
    state.outputs.get("number").and_then(|output| output.value.reveal().as_i64()).unwrap_or(0)
}

/// Adds one to an output of the state, each time under the lock.
async fn count(path: &Path, times: usize) {
    for _ in 0..times {
        let mut opened = opened(path).await;
        let next = number(&opened.state) + 1;
        opened.state.outputs.insert("number".into(), Output { value: Value::number(next) });
        // Long enough for others to come in between if they could.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let saved = opened.close(None).await.expect("saved");
        assert_eq!(saved, Saved::Written { serial: u64::try_from(next).expect("positive") });
    }
}

fn changes_in_turn(runtime: &Runtime) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    let children: Vec<Child> =
        (0..30).map(|_| child(&["count", path.to_str().expect("text"), "4"]).spawn().expect("started")).collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    let state = runtime.block_on(peek(&store(&path))).expect("readable");
    assert_eq!((number(&state), state.serial), (120, 120));
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("readable").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 2, "only the state and its backup: {names:?}");
}

/// Takes the lock, says so, and never gives it back.
async fn hold(path: &Path) {
    let _guard = store(path).lock(&lock(Duration::from_secs(60))).await.expect("free");
    println!("held");
    std::future::pending::<()>().await;
}

/// Starts a process that holds the lock, and waits until it does.
fn holder(path: &Path) -> Child {
    let mut child = child(&["hold", path.to_str().expect("text")]).stdout(Stdio::piped()).spawn().expect("started");
    let mut line = String::new();
    let output = child.stdout.take().expect("it is piped");
    BufReader::new(output).read_line(&mut line).expect("readable");
    assert_eq!(line, "held\n");
    child
}

fn killed_holder(runtime: &Runtime) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    let mut child = holder(&path);
    let error = runtime.block_on(store(&path).lock(&lock(Duration::ZERO))).expect_err("it is held");
    assert!(error.to_string().contains(&format!("is locked by process-{} since ", child.id())), "{error}");

    child.kill().expect("killed");
    child.wait().expect("it ends");
    assert!(folder.path().join(".terraform.tfstate.lock.info").exists(), "nobody took it away");
    let guard = runtime.block_on(store(&path).lock(&lock(Duration::ZERO))).expect("a dead process holds nothing");
    runtime.block_on(guard.release()).expect("released");
}

/// How many objects the apply that is killed makes.
const OBJECTS: u64 = 600;

fn key(index: u64) -> ObjectKey {
    let mut addr: InstanceAddr = "test.object".parse().expect("valid");
    addr.key = Some(Key::Index(index));
    ObjectKey::current(addr)
}

fn object(index: u64) -> Object {
    let json = serde_json::json!({"id": index.to_string()});
    Object::new(0, serde_json::value::to_raw_value(&json).expect("JSON").into())
}

/// What exists, as the cloud knows it: a line for every create that it was asked for.
fn in_cloud(cloud: &Path) -> BTreeMap<u64, usize> {
    let mut made = BTreeMap::new();
    for line in fs::read_to_string(cloud).unwrap_or_default().lines() {
        *made.entry(line.parse().expect("a number")).or_default() += 1;
    }
    made
}

/// An apply of many objects, eight at a time, that takes up what the one before it left.
async fn apply(path: &Path, cloud: &Path) {
    let mut opened = opened(path).await;
    let made = in_cloud(cloud);
    for uncertain in std::mem::take(&mut opened.uncertain) {
        let Some(Key::Index(index)) = uncertain.intent.key.addr.key else { panic!("all have a number") };
        let found = made.contains_key(&index).then(|| object(index));
        assert!(found.is_some() || !uncertain.born, "what was born exists");
        resolve(&mut opened.state, &uncertain.intent, found);
    }
    opened.save().await.expect("saved");
    let journal = Arc::new(opened.start_journal("run".into(), Timestamp::now()).expect("started"));
    let missing: Vec<u64> = (0..OBJECTS).filter(|index| opened.state.object_at(&key(*index)).is_none()).collect();
    for chunk in missing.chunks(8) {
        let tasks: Vec<_> =
            chunk.iter().map(|index| tokio::spawn(create(journal.clone(), cloud.to_owned(), *index))).collect();
        for (index, task) in chunk.iter().zip(tasks) {
            task.await.expect("no panic");
            opened.state.insert(&key(*index), &provider(), object(*index));
        }
        if chunk[0].is_multiple_of(5) {
            opened.save_during(&journal).await.expect("saved");
        }
    }
    let journal = Arc::into_inner(journal).expect("all tasks are over");
    opened.close(Some(journal)).await.expect("saved");
}

fn provider() -> model::address::ProviderConfigAddr {
    r#"provider["terraform.io/builtin/terraform"]"#.parse().expect("valid")
}

async fn create(journal: Arc<state::journal::Journal>, cloud: PathBuf, index: u64) {
    let intent = Intent {
        step: index,
        key: key(index),
        op: IntentOp::Create { deposes: None },
        provider: provider(),
        token: TokenRecord { id: format!("token-{index}").into(), at: Timestamp::now() },
        planned: None,
        schema_version: 0,
        dependencies: Vec::new(),
        create_before_destroy: false,
    };
    journal.append(&Record::Intent(intent)).await.expect("durable");
    let mut file = fs::OpenOptions::new().append(true).create(true).open(cloud).expect("the cloud is there");
    file.write_all(format!("{index}\n").as_bytes()).expect("made");
    if index.is_multiple_of(2) {
        journal.append(&Record::Born { step: index, object: object(index) }).await.expect("durable");
    }
    journal.append(&Record::Done { step: index, object: Some(object(index)) }).await.expect("durable");
}

fn killed_applies(runtime: &Runtime) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    let cloud = folder.path().join("cloud");
    let arguments = ["apply", path.to_str().expect("text"), cloud.to_str().expect("text")];
    let mut seed = 42_u64;
    let mut kills = 0;
    while kills < 30 {
        let before: usize = in_cloud(&cloud).len();
        let mut run = child(&arguments).spawn().expect("started");
        // Killed once it made so many objects more, wherever it is then.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let more = usize::try_from((seed >> 33) % 19).expect("small");
        while in_cloud(&cloud).len() < before + more && run.try_wait().expect("known").is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        run.kill().expect("killed");
        if run.wait().expect("it ends").success() {
            break;
        }
        kills += 1;

        let state = runtime.block_on(peek(&store(&path))).expect("never torn");
        let made = in_cloud(&cloud);
        for addr in state.instances.keys() {
            let Some(Key::Index(index)) = addr.key else { panic!("all have a number") };
            assert_eq!(made.get(&index), Some(&1), "{addr} is in the state, so it exists");
        }
        assert!(made.len() - state.instances.len() <= 8, "no more than are made at a time may be unknown");
    }
    assert!(child(&arguments).status().expect("it runs").success());
    assert!(kills >= 20, "only {kills} kills came in time");
    let made = in_cloud(&cloud);
    assert_eq!(made.len() as u64, OBJECTS);
    assert!(made.values().all(|times| *times == 1), "{made:?}");
    let state = runtime.block_on(peek(&store(&path))).expect("whole");
    assert_eq!(state.instances.len() as u64, OBJECTS);
    assert!(!folder.path().join("terraform.tfstate.journal").exists());
}

/// A folder with a stack of Terraform's built-in provider; `None` when there is no Terraform.
struct Stack(tempfile::TempDir);

impl Stack {
    fn new(text: &str) -> Option<Stack> {
        if Command::new("terraform").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            println!("(there is no `terraform` on the PATH: nothing to compare with)");
            return None;
        }
        let stack = Stack(tempfile::tempdir().expect("a folder"));
        fs::write(stack.0.path().join("main.tf"), text).expect("written");
        assert!(stack.terraform(&["init"]).output().expect("it runs").status.success());
        Some(stack)
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("terraform.tfstate")
    }

    fn terraform(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        command.current_dir(self.0.path()).env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
        // What the machine says about registries and plugins does not matter here.
        command.env_remove("TF_CLI_CONFIG_FILE");
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Both outputs of a command, and whether it succeeded.
    fn run(&self, arguments: &[&str]) -> (bool, String) {
        finish(self.terraform(arguments).spawn().expect("it runs"))
    }
}

fn finish(child: Child) -> (bool, String) {
    let output = child.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    // Terraform breaks its messages into lines.
    let words: Vec<&str> = text.split_whitespace().filter(|word| *word != "│").collect();
    (output.status.success(), words.join(" "))
}

const SLOW: &str = r#"
    resource "terraform_data" "slow" {
      provisioner "local-exec" { command = "sleep 2" }
    }
    output "text" { value = "terraform" }
"#;

fn terraform_locks(runtime: &Runtime) {
    let Some(stack) = Stack::new(SLOW) else { return };
    let guard = runtime.block_on(store(&stack.state()).lock(&lock(Duration::ZERO))).expect("free");
    let (success, text) = stack.run(&["plan", "-no-color"]);
    assert!(!success && text.contains(&format!("Who: process-{}", std::process::id())), "{text}");
    runtime.block_on(guard.release()).expect("released");
    assert!(!stack.state().exists());

    let apply = stack.terraform(&["apply", "-auto-approve", "-no-color"]).spawn().expect("it runs");
    let info = stack.0.path().join(".terraform.tfstate.lock.info");
    while fs::read(&info).map_or(0, |bytes| bytes.len()) == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    match runtime.block_on(store(&stack.state()).lock(&lock(Duration::ZERO))) {
        Err(LockError::Taken { holder: Some(holder), .. }) => assert_eq!(holder.operation, "OperationTypeApply"),
        other => panic!("{other:?}"),
    }
    // Waiting for it gives the state that it wrote.
    let opened = runtime.block_on(opened(&stack.state()));
    assert_eq!(opened.state.outputs["text"].value.reveal().as_str(), Some("terraform"));
    assert_eq!(opened.state.instances.len(), 1);
    runtime.block_on(opened.release()).expect("released");
    let (success, text) = finish(apply);
    assert!(success, "{text}");
}

fn terraform_waits(runtime: &Runtime) {
    let Some(stack) = Stack::new("resource \"terraform_data\" \"a\" {}\n") else { return };
    let (success, text) = stack.run(&["apply", "-auto-approve", "-no-color"]);
    assert!(success, "{text}");

    let mut opened = runtime.block_on(opened(&stack.state()));
    let waiting =
        stack.terraform(&["apply", "-auto-approve", "-no-color", "-lock-timeout=60s"]).spawn().expect("it runs");
    // It has the state open by the time it has tried for the lock once.
    let open_in = |pid: u32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).ok();
        files.is_some_and(|files| {
            files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|target| target == stack.state()))
        })
    };
    let deadline = Instant::now() + Duration::from_secs(30);
    while !open_in(waiting.id()) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(200));
    opened.state.outputs.insert("text".into(), Output { value: Value::string("of infra") });
    let saved = runtime.block_on(opened.close(None)).expect("saved");
    let (success, text) = finish(waiting);
    assert!(!success && text.contains("the state was replaced while this run waited for its lock"), "{text}");

    let state = runtime.block_on(peek(&store(&stack.state()))).expect("readable");
    assert_eq!(saved, Saved::Written { serial: state.serial }, "only one of the two wrote");
    let (success, text) = stack.run(&["apply", "-auto-approve", "-no-color", "-lock-timeout=60s"]);
    assert!(success, "{text}");
}

const STACK: &str = r#"
    variable "secret" {
      default   = "hush <&>\u2028é"
      sensitive = true
    }
    variable "pass" { default = 1 }
    resource "terraform_data" "old" {
      count            = 2
      triggers_replace = var.pass
      lifecycle { create_before_destroy = true }
    }
    resource "terraform_data" "new" {
      for_each         = toset(["a b", "é"])
      input            = { secret = var.secret, list = [1, 2.5, var.secret], key = each.key }
      triggers_replace = terraform_data.old[*].id
      provisioner "local-exec" { command = "test ${var.pass} = 1" }
    }
    output "secret" {
      value     = { part = var.secret }
      sensitive = true
    }
    output "list" { value = terraform_data.new["é"].output.key }
    check "never" {
      assert {
        condition     = length(terraform_data.old) == 3
        error_message = "there are ${length(terraform_data.old)}"
      }
    }
"#;

fn terraform_interchange(runtime: &Runtime) {
    let Some(stack) = Stack::new(STACK) else { return };
    let same = |when: &str| {
        let bytes = fs::read(stack.state()).expect("there");
        let state = parse(&bytes).expect("whole");
        assert_eq!(String::from_utf8_lossy(&render(&state)), String::from_utf8_lossy(&bytes), "{when}");
        state
    };
    let (success, text) = stack.run(&["apply", "-auto-approve", "-no-color"]);
    assert!(success, "{text}");
    same("after an apply");
    let (success, text) = stack.run(&["taint", "-no-color", "terraform_data.old[1]"]);
    assert!(success, "{text}");
    same("with a tainted object");
    let (success, text) = stack.run(&["apply", "-auto-approve", "-no-color", "-var=pass=2"]);
    assert!(!success, "{text}");
    let state = same("after a replacement that failed");
    assert!(state.instances.values().any(|instance| !instance.deposed.is_empty()));

    // Terraform goes on from what is written here.
    let (success, text) = stack.run(&["apply", "-auto-approve", "-no-color"]);
    assert!(success, "{text}");
    let mut opened = runtime.block_on(opened(&stack.state()));
    opened.state.outputs.insert("list".into(), Output { value: Value::string("changed") });
    runtime.block_on(opened.close(None)).expect("saved");
    same("after a write of our own");
    let (success, text) = stack.run(&["output", "-raw", "list"]);
    assert!(success && text == "changed", "{text}");
    let (success, text) = stack.run(&["plan", "-no-color", "-detailed-exitcode"]);
    assert!(!success && text.contains("Changes to Outputs: ~ list = \"changed\""), "{text}");
    let (success, text) = stack.run(&["destroy", "-auto-approve", "-no-color"]);
    assert!(success && text.contains("4 destroyed"), "{text}");
    assert!(same("after a destroy").is_empty());
}
