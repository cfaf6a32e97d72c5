//! A stack in a temporary folder, and the program run on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sandbox::environment::{Environment, user_cache_dir};
use sandbox::server::{Options, Server};
use sandbox::variables::{DEFAULT_REGION, Variables};

/// The emulator of this test run; `None`, with the reason printed, where there can be none.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let cache = user_cache_dir().ok_or("there is no cache folder")?;
        let environment = Environment::prepare(&cache, &mut |_| {}).map_err(|error| error.to_string())?;
        Server::start(&environment, &Options::default()).map_err(|error| error.to_string())
    });
    match server {
        Ok(server) => Some(server),
        Err(reason) => {
            println!("skipped: the sandbox can't be started: {reason}");
            None
        }
    }
}

/// The command of the Terraform to compare with: `INFRA_TERRAFORM`, else `terraform` on the PATH with the AWS provider at hand.
pub fn terraform() -> Option<&'static str> {
    static TERRAFORM: OnceLock<Option<String>> = OnceLock::new();
    let command = TERRAFORM.get_or_init(|| {
        let command = std::env::var("INFRA_TERRAFORM").unwrap_or_else(|_| "terraform".into());
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\", version = \"5.100.0\" }\n  }\n}\n";
        std::fs::write(folder.path().join("main.tf"), text).expect("writable");
        let output = Command::new(&command).arg("init").current_dir(folder.path()).stdin(Stdio::null()).output();
        match output {
            Ok(output) if output.status.success() => Some(command),
            Ok(_) => {
                println!("skipped: {command} can't install hashicorp/aws 5.100.0");
                None
            }
            Err(error) => {
                println!("skipped: {command} can't be run: {error}");
                None
            }
        }
    });
    command.as_deref()
}

/// The command of the Terraform to compare with where nothing but its built-in provider is needed.
pub fn terraform_without_providers() -> Option<&'static str> {
    static TERRAFORM: OnceLock<Option<String>> = OnceLock::new();
    let command = TERRAFORM.get_or_init(|| {
        let command = std::env::var("INFRA_TERRAFORM").unwrap_or_else(|_| "terraform".into());
        match Command::new(&command).arg("version").stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => Some(command),
            Ok(_) => {
                println!("skipped: {command} does not run");
                None
            }
            Err(error) => {
                println!("skipped: {command} can't be run: {error}");
                None
            }
        }
    });
    command.as_deref()
}

/// A stack in a folder and an account of its own.
pub struct Project {
    folder: tempfile::TempDir,
    variables: Variables,
    /// Options that every run that takes values of variables gets after its own.
    pub options: Vec<String>,
}

/// What a run came to.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// A stack of one file.
    pub fn new(server: &Server, text: &str) -> Project {
        let project = Project::empty(server);
        project.write("main.tf", text);
        project
    }

    /// A stack of one file that needs no cloud: requests would go nowhere.
    pub fn local(text: &str) -> Project {
        let project = Project {
            folder: tempfile::tempdir().expect("a temporary folder"),
            variables: Variables::new("http://127.0.0.1:9", "100000000000", DEFAULT_REGION),
            options: Vec::new(),
        };
        project.write("main.tf", text);
        project
    }

    pub fn empty(server: &Server) -> Project {
        Project::at(&server.endpoint())
    }

    /// A stack of one file in which nothing is in a cloud: there is none to ask.
    pub fn without_cloud(text: &str) -> Project {
        let project = Project::at("http://127.0.0.1:1");
        project.write("main.tf", text);
        project
    }

    /// A stack of one file in the same account, with a state of its own.
    pub fn beside(&self, text: &str) -> Project {
        let project = Project {
            folder: tempfile::tempdir().expect("a temporary folder"),
            variables: self.variables.clone(),
            options: Vec::new(),
        };
        project.write("main.tf", text);
        project
    }

    fn at(endpoint: &str) -> Project {
        static ACCOUNT: AtomicU32 = AtomicU32::new(1);
        let account = format!(
            "{:012}",
            100_000_000_000
                + u64::from(ACCOUNT.fetch_add(1, Ordering::Relaxed)) * 10_000
                + u64::from(std::process::id() % 10_000)
        );
        Project {
            folder: tempfile::tempdir().expect("a temporary folder"),
            variables: Variables::new(endpoint, &account, DEFAULT_REGION),
            options: Vec::new(),
        }
    }

    /// A copy of a stack's folder.
    pub fn copy_of(server: &Server, stack: &str) -> Project {
        let project = Project::empty(server);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(stack), project.path());
        project
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("writable");
    }

    pub fn state(&self) -> serde_json::Value {
        let bytes = std::fs::read(self.path().join("terraform.tfstate")).expect("there is a state");
        serde_json::from_slice(&bytes).expect("a state is JSON")
    }

    /// Points the stack at another endpoint, such as a proxy's.
    pub fn set_endpoint(&mut self, endpoint: &str) {
        let account = self.account().to_string();
        self.variables = Variables::new(endpoint, &account, DEFAULT_REGION);
    }

    pub fn account(&self) -> &str {
        self.variable("AWS_ACCESS_KEY_ID")
    }

    /// Where the emulator listens: `http://127.0.0.1:5000`.
    pub fn endpoint(&self) -> &str {
        self.variable("AWS_ENDPOINT_URL")
    }

    fn variable(&self, name: &str) -> &str {
        let found = self.variables.set.iter().find(|(variable, _)| variable == name);
        found.map(|(_, value)| value.as_str()).expect("the variables hold account and endpoint")
    }

    /// Makes a plain request: the emulator checks no signatures, but reads account and service from one.
    #[track_caller]
    pub fn send(&self, service: &str, line: &str, header: &str, body: &str) {
        use std::io::{Read, Write};

        let address = self.endpoint().trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(address).expect("the emulator listens");
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\nConnection: close\r\n{header}Authorization: AWS4-HMAC-SHA256 \
             Credential={}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=x\r\n\r\n{body}",
            body.len(),
            self.account()
        );
        stream.write_all(request.as_bytes()).expect("the emulator reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the emulator answers");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).stdin(Stdio::null()).env("NO_COLOR", "1").env_remove("TF_WORKSPACE");
        command.env("TF_VAR_db_password", "canary-password-77").env("TF_IN_AUTOMATION", "1");
        self.variables.apply_to(&mut command);
        command
    }

    /// Runs the program.
    pub fn infra(&self, arguments: &[&str]) -> Run {
        let mut command = self.command(program());
        command.args(arguments);
        if ["plan", "apply", "destroy", "drift", "import"].contains(&arguments[0]) {
            command.args(&self.options);
        }
        Run::of(command.output().expect("the program runs"))
    }

    /// Runs the program and checks its exit code.
    #[track_caller]
    pub fn expect(&self, code: i32, arguments: &[&str]) -> Run {
        let run = self.infra(arguments);
        assert_eq!(run.code, code, "infra {}\n{}{}", arguments.join(" "), run.stdout, run.stderr);
        run
    }

    #[track_caller]
    pub fn apply(&self) -> Run {
        self.expect(0, &["apply", "-auto-approve", "-input=false"])
    }

    /// Checks that nothing is left to do.
    #[track_caller]
    pub fn expect_no_changes(&self) {
        self.expect(0, &["plan", "-detailed-exitcode", "-input=false"]);
    }

    #[track_caller]
    pub fn destroy(&self) {
        self.expect(0, &["destroy", "-auto-approve", "-input=false"]);
    }

    /// Runs Terraform and checks its exit code.
    #[track_caller]
    pub fn terraform(&self, terraform: &str, code: i32, arguments: &[&str]) -> Run {
        let output = self.command(terraform).args(arguments).args(&self.options).output().expect("Terraform runs");
        let run = Run::of(output);
        assert_eq!(run.code, code, "terraform {}\n{}{}", arguments.join(" "), run.stdout, run.stderr);
        run
    }
}

impl Run {
    fn of(output: Output) -> Run {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_infra"))
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the folder is there") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            std::fs::create_dir_all(&target).expect("writable");
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("readable and writable");
        }
    }
}
