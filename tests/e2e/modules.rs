//! Modules from git repositories and web servers, installed by the program. No cloud is needed.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use crate::project::program;

/// A folder with a stack in `stack/` and a repository in `repository/`.
struct Place {
    folder: tempfile::TempDir,
}

struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it is inside the folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    fn exists(&self, name: &str) -> bool {
        self.folder.path().join(name).symlink_metadata().is_ok()
    }

    /// Commits what is in `repository/`; gives its address as a module source.
    fn commit(&self) -> String {
        let repository = self.folder.path().join("repository");
        let git = |arguments: &[&str]| {
            let output = Command::new("git")
                .current_dir(&repository)
                .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
                .args(arguments)
                .output()
                .expect("git is installed");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        if !repository.join(".git").exists() {
            git(&["init", "--quiet", "--initial-branch=main"]);
        }
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message=change"]);
        format!("git::file://{}", repository.display())
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path().join("stack")).stdin(Stdio::null());
        command.env("HOME", self.folder.path().join("home")).env("TF_REGISTRY_DISCOVERY_RETRY", "0");
        command.env("TF_IN_AUTOMATION", "1").env("CHECKPOINT_DISABLE", "1").env("NO_COLOR", "1");
        command
    }

    fn infra(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(program()).args(arguments).output().expect("the program runs"))
    }

    #[track_caller]
    fn expect(&self, code: i32, arguments: &[&str]) -> Said {
        let said = self.infra(arguments);
        assert_eq!(said.code, Some(code), "infra {}\n{}{}", arguments.join(" "), said.stdout, said.stderr);
        said
    }
}

impl Said {
    fn of(output: Output) -> Said {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// A package whose modules tell their folders, three levels deep and back up.
fn nested(place: &Place) -> String {
    place.write(
        "repository/main.tf",
        "module \"deep\" {\n  source = \"./modules/deep\"\n}\noutput \"paths\" {\n  value = concat([path.module], module.deep.paths)\n}\n",
    );
    place.write(
        "repository/modules/deep/main.tf",
        "module \"er\" {\n  source = \"./er\"\n}\noutput \"paths\" {\n  value = concat([path.module], module.er.paths)\n}\n",
    );
    place.write(
        "repository/modules/deep/er/main.tf",
        "module \"shared\" {\n  source = \"../../../shared\"\n}\noutput \"paths\" {\n  value = [path.module, module.shared.text]\n}\n",
    );
    place.write(
        "repository/shared/main.tf",
        "output \"text\" {\n  value = trimspace(file(\"${path.module}/text.txt\"))\n}\n",
    );
    place.write("repository/shared/text.txt", "shared text\n");
    let source = place.commit();
    place.write(
        "stack/main.tf",
        &format!(
            "module \"whole\" {{\n  source = \"{source}\"\n}}\nmodule \"part\" {{\n  source = \"{source}//modules/deep?ref=main\"\n}}\n\
             output \"paths\" {{\n  value = [module.whole.paths, module.part.paths]\n}}\n"
        ),
    );
    source
}

#[test]
fn init_installs_and_plan_has_nothing_to_add() {
    let place = Place::new();
    let source = nested(&place);
    let said = place.expect(0, &["init"]);
    for line in [
        &format!("Downloading {source} for whole..."),
        "- part in .infra/modules/part/modules/deep",
        "- whole.deep.er.shared in .infra/modules/whole/shared",
        "successfully initialized",
    ] {
        assert!(said.stdout.contains(line), "{line}\n{}", said.stdout);
    }
    assert!(place.read("stack/.infra.lock.hcl").contains(&format!("module \"{source}\" {{\n  commit ")));
    let plan = place.expect(0, &["plan"]);
    assert!(
        plan.stdout.contains("\".infra/modules/whole/modules/deep/er\"") && plan.stderr.is_empty(),
        "{}",
        plan.stderr
    );
    let again = place.expect(0, &["init"]);
    assert!(!again.stdout.contains("Downloading"), "{}", again.stdout);
}

#[test]
fn a_plan_installs_what_is_missing_and_notes_it_on_stderr() {
    let place = Place::new();
    nested(&place);
    let plan = place.expect(0, &["plan", "-json"]);
    assert!(plan.stderr.contains("Downloading git::") && plan.stderr.contains("- whole in .infra/modules/whole"));
    assert!(plan.stdout.lines().all(|line| line.starts_with('{')), "{}", plan.stdout);
    assert!(place.exists("stack/.infra.lock.hcl"));
    place.expect(0, &["apply", "-auto-approve"]);
    fs::remove_dir_all(place.folder.path().join("stack/.infra")).expect("it is there");
    // What only looks at the state needs no modules.
    let output = place.expect(0, &["output", "-json"]);
    assert!(output.stdout.contains("shared text") && output.stderr.is_empty(), "{}", output.stderr);
    assert!(!place.exists("stack/.infra"));
}

#[test]
fn outputs_are_terraforms_but_for_the_name_of_the_folder() {
    let place = Place::new();
    nested(&place);
    let terraform = |arguments: &[&str]| place.command("terraform").args(arguments).output();
    let Ok(init) = terraform(&["init", "-no-color"]) else {
        println!("skipped: terraform is not on the PATH");
        return;
    };
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    let paths = |output: &str| {
        let json: serde_json::Value = serde_json::from_str(output).expect("JSON");
        json["paths"]["value"].to_string()
    };
    terraform(&["apply", "-auto-approve", "-no-color"]).expect("it ran before");
    let theirs = Said::of(terraform(&["output", "-json"]).expect("it ran before"));
    assert!(theirs.stdout.contains(".terraform/modules/whole"), "{}{}", theirs.stdout, theirs.stderr);

    // What Terraform installed is used in place, so that nothing differs.
    let plan = place.expect(0, &["plan", "-detailed-exitcode"]);
    assert!(!place.exists("stack/.infra") && !plan.stderr.contains("Downloading"), "{}", plan.stderr);

    fs::remove_dir_all(place.folder.path().join("stack/.terraform")).expect("it is there");
    place.expect(0, &["apply", "-auto-approve"]);
    let ours = place.expect(0, &["output", "-json"]);
    assert_eq!(paths(&ours.stdout).replace(".infra/", ".terraform/"), paths(&theirs.stdout));
}

#[test]
fn a_locked_module_that_changed_stops_everything_until_an_upgrade() {
    let place = Place::new();
    let server = Server::start(zip("output \"a\" {\n  value = 1\n}\n"), None);
    place.write("stack/main.tf", &format!("module \"a\" {{\n  source = \"{}\"\n}}\n", server.url));
    place.expect(0, &["init"]);
    let locked = place.read("stack/.infra.lock.hcl");
    fs::remove_dir_all(place.folder.path().join("stack/.infra")).expect("it is there");
    place.write("stack/.infra.lock.hcl", &locked.replace("sha256:", "sha256:0"));
    let broken = place.expect(1, &["plan"]);
    assert!(broken.stderr.contains("Invalid lock file"), "{}", broken.stderr);
    let digit = if locked.contains("sha256:0") { "1" } else { "0" };
    let at = locked.find("sha256:").expect("it is locked") + "sha256:".len();
    let mut other = locked.clone();
    other.replace_range(at..at + 1, digit);
    place.write("stack/.infra.lock.hcl", &other);
    for command in [&["plan"][..], &["validate"], &["apply", "-auto-approve"], &["init"], &["get"]] {
        let said = place.expect(1, command);
        assert!(said.stderr.contains("Module differs from the lock file") && said.stderr.contains("main.tf line 2"));
    }
    assert_eq!(place.read("stack/.infra.lock.hcl"), other);
    place.expect(0, &["init", "-upgrade"]);
    assert_eq!(place.read("stack/.infra.lock.hcl"), locked);
    place.expect(0, &["init", "-lockfile=readonly"]);
}

#[test]
fn a_killed_installation_is_finished_by_the_next_run() {
    let place = Place::new();
    let (half_way, seen) = mpsc::channel();
    let server = Server::start(zip("output \"a\" {\n  value = 1\n}\n"), Some(half_way));
    place.write("stack/main.tf", &format!("module \"a\" {{\n  source = \"{}\"\n}}\n", server.url));
    let mut child = place.command(program()).arg("get").stdout(Stdio::null()).spawn().expect("the program runs");
    seen.recv().expect("the server was asked");
    child.kill().expect("it runs");
    child.wait().expect("it was killed");
    assert!(!place.exists("stack/.infra/modules/a") && !place.exists("stack/.infra.lock.hcl"));
    place.expect(0, &["plan"]);
    let left: Vec<_> = fs::read_dir(place.folder.path().join("stack/.infra/packages")).expect("it is there").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn two_processes_install_together() {
    let place = Place::new();
    let server = Server::start(zip("output \"a\" {\n  value = 1\n}\n"), None);
    let calls = ["a", "b", "c"].map(|name| format!("module \"{name}\" {{\n  source = \"{}\"\n}}\n", server.url));
    place.write("stack/main.tf", &calls.concat());
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = place.command(program());
            command.args(["validate"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
        })
        .collect();
    for child in children {
        let said = Said::of(child.wait_with_output().expect("it ends"));
        assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
    }
    assert_eq!(server.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn options_that_can_have_no_effect_are_refused_with_the_reason() {
    let place = Place::new();
    place.write("stack/main.tf", "locals {}\n");
    for (arguments, expected) in [
        (&["init", "-backend-config=path=x"][..], "from its block alone"),
        (&["init", "-migrate-state"], "not moved from one backend to another"),
        (&["init", "-migrate-state", "-reconfigure"], "mutually-exclusive"),
        (&["init", "-plugin-dir=x"], "part of infra"),
        (&["init", "-from-module=./y"], "already contains files"),
        (&["providers", "lock", "-platform=linux_amd64"], "nothing to lock"),
        (&["providers", "mirror", "x"], "nothing to mirror"),
        (&["providers", "schema"], "-json"),
    ] {
        let said = place.expect(1, arguments);
        assert!(said.stderr.contains(expected), "{arguments:?}\n{}", said.stderr);
    }
    place.expect(0, &["init", "-input=false", "-reconfigure", "-backend=false", "-lock=false", "-var=x=y"]);
}

#[test]
fn missing_modules_are_named_where_they_are_not_to_be_installed() {
    let place = Place::new();
    nested(&place);
    let said = place.expect(1, &["init", "-get=false"]);
    assert!(said.stderr.contains("Module not installed") && said.stderr.contains("main.tf line 2"), "{}", said.stderr);
    assert!(!place.exists("stack/.infra"));
}

#[test]
fn a_provider_that_is_not_there_is_named_with_its_line() {
    let place = Place::new();
    place.write(
        "stack/main.tf",
        "terraform {\n  required_providers {\n    gcp = {\n      source = \"hashicorp/google\"\n    }\n  }\n}\nresource \"nothing_here\" \"a\" {\n}\n",
    );
    let said = place.expect(1, &["init"]);
    for part in ["hashicorp/google", "main.tf line 3", "hashicorp/nothing", "main.tf line 8"] {
        assert!(said.stderr.contains(part), "{part}\n{}", said.stderr);
    }
}

#[test]
fn a_module_can_be_the_beginning_of_a_stack() {
    let place = Place::new();
    let source = nested(&place);
    fs::remove_file(place.folder.path().join("stack/main.tf")).expect("it is there");
    let said = place.expect(0, &["init", &format!("-from-module={source}//shared")]);
    assert!(said.stdout.contains("Copying configuration from"), "{}", said.stdout);
    assert_eq!(place.read("stack/text.txt"), "shared text\n");
    assert!(place.exists("stack/main.tf") && !place.exists("stack/.git"));
}

#[test]
fn trees_and_streams_are_terraforms() {
    let place = Place::new();
    place.write("stack/main.tf", "module \"a\" {\n  source = \"./a\"\n}\ndata \"aws_region\" \"here\" {\n}\n");
    place.write("stack/a/main.tf", "terraform {\n  required_providers {\n    aws = \">= 5.0, < 6\"\n  }\n}\n");
    let providers = place.expect(0, &["providers"]).stdout;
    let modules = place.expect(0, &["modules"]).stdout;
    let json = place.expect(0, &["modules", "-json"]).stdout;
    assert!(
        providers.contains("└── module.a\n    └── provider[registry.terraform.io/hashicorp/aws] >= 5.0.0, < 6.0.0")
    );
    let init = place.expect(0, &["init", "-json"]);
    let codes: Vec<String> = init
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|line| line["message_code"].as_str().map(str::to_string))
        .collect();
    assert_eq!(codes, ["initializing_modules_message", "output_init_success_message"]);
    let terraform = |arguments: &[&str]| place.command("terraform").args(arguments).output().ok().map(Said::of);
    if terraform(&["get", "-no-color"]).is_none() {
        println!("skipped: terraform is not on the PATH");
        return;
    }
    for (ours, arguments) in [(providers, &["providers"][..]), (modules, &["modules"]), (json, &["modules", "-json"])] {
        let theirs = terraform(arguments).expect("it ran before").stdout;
        let lines = |text: &str| text.lines().filter(|line| !line.is_empty()).map(str::to_string).collect::<Vec<_>>();
        assert_eq!(lines(&ours), lines(&theirs));
    }
}

#[test]
fn passwords_in_sources_are_not_shown() {
    let place = Place::new();
    place.write("stack/main.tf", "module \"a\" { source = \"https://user:canary-password@127.0.0.1:9/x.zip\" }\n");
    for arguments in [&["plan"][..], &["validate", "-json"], &["init", "-json"], &["get"]] {
        let said = place.expect(1, arguments);
        let all = said.stdout + &said.stderr;
        assert!(all.contains("Failed to download module") && !all.contains("canary"), "{all}");
    }
}

/// A web server with one archive. Where it is told to report, its first answer stops half-way.
struct Server {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Server {
    fn start(body: Vec<u8>, half_way: Option<mpsc::Sender<()>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/a.zip", listener.local_addr().expect("it is bound"));
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        std::thread::spawn(move || {
            let mut half_way = half_way;
            for stream in listener.incoming().filter_map(Result::ok) {
                counter.fetch_add(1, Ordering::SeqCst);
                answer(stream, &body, half_way.take());
            }
        });
        Server { url, asked }
    }
}

fn answer(mut stream: TcpStream, body: &[u8], half_way: Option<mpsc::Sender<()>>) {
    let mut head = [0; 4096];
    // The request is short and comes in one piece; what it asks for is known.
    let _length = stream.read(&mut head).expect("the client asks");
    let written = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(written.as_bytes()).expect("the client listens");
    match half_way {
        None => stream.write_all(body).expect("the client listens"),
        Some(report) => {
            stream.write_all(&body[..body.len() / 2]).expect("the client listens");
            stream.flush().expect("the client listens");
            report.send(()).expect("the test waits");
            // Until the client is gone.
            while stream.read(&mut head).is_ok_and(|length| length > 0) {}
        }
    }
}

/// An archive with one file, `main.tf`, that is stored as it is.
fn zip(text: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("main.tf"), text).expect("writable");
    python_zip(folder.path())
}

fn python_zip(folder: &Path) -> Vec<u8> {
    let script = "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').write(sys.argv[2], 'main.tf')";
    let archive = folder.join("a.zip");
    let status = Command::new("python3").args(["-c", script]).args([&archive, &folder.join("main.tf")]).status();
    assert!(status.expect("python3 is installed").success());
    fs::read(archive).expect("it was written")
}
