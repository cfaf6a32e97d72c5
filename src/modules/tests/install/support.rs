//! Stacks in temporary folders, repositories, and a web server on this machine.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use lang::config::Config;
use model::address::ModuleAddr;
use model::diagnostic::{Diagnostics, Severity};
use model::source::{SourceMap, SourceRange};
use modules::environment::Environment;
use modules::fetch::s3::AwsCredentials;
use modules::install::{Event, Events, Surroundings};
use modules::load::{LockFile, Policy, Request, RunCall, load, load_run};

/// A stack in a folder, and what was told while its modules were installed.
pub struct Stack {
    pub dir: tempfile::TempDir,
    pub environment: Environment,
    events: Mutex<Vec<String>>,
}

/// What came of loading.
pub struct Loaded {
    pub config: Config,
    /// Summary and detail of each message, with its place.
    pub messages: String,
    /// What was told meanwhile.
    pub events: Vec<String>,
}

impl Stack {
    pub fn new(text: &str) -> Stack {
        let dir = tempfile::tempdir().expect("temporary folders can be made");
        write(dir.path(), text);
        let mut environment = Environment { home: Some(dir.path().join("home")), ..Environment::default() };
        let path = std::env::var("PATH").expect("there are programs");
        for (name, value) in [
            ("PATH", path.as_str()),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("TF_REGISTRY_DISCOVERY_RETRY", "0"),
        ] {
            environment.variables.insert(name.into(), value.into());
        }
        Stack { dir, environment, events: Mutex::default() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, text: &str) {
        write(self.dir.path(), text);
    }

    pub fn load(&self, policy: Policy) -> Loaded {
        self.load_with(policy, LockFile::Update)
    }

    pub fn load_with(&self, policy: Policy, lock_file: LockFile) -> Loaded {
        self.loaded(load(self.request(policy, lock_file), self.surroundings()))
    }

    /// Loads a module that a test runs.
    pub fn load_run(&self, key: &ModuleAddr, source: &str, version: Option<&str>) -> Loaded {
        let mut sources = SourceMap::default();
        let file = sources.add("tests/main.tftest.hcl", source);
        let source_range = SourceRange { file, start: 0, end: source.len() as u32 };
        let request = self.request(Policy::Missing, LockFile::Update);
        let call = RunCall { key, source, version, source_range };
        self.loaded(load_run(request, call, sources, self.surroundings()))
    }

    fn request(&self, policy: Policy, lock_file: LockFile) -> Request<'_> {
        Request { root: self.dir.path(), allow_empty: true, for_tests: false, policy, lock_file }
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { environment: &self.environment, aws: &NoAws, events: self }
    }

    fn loaded(&self, loaded: modules::load::Loaded) -> Loaded {
        let events = std::mem::take(&mut *self.events.lock().expect("no test panics with it"));
        Loaded { messages: render(&loaded.config, &loaded.diagnostics), config: loaded.config, events }
    }

    /// Loads a stack in which nothing may be wrong.
    #[track_caller]
    pub fn install(&self) -> Loaded {
        let loaded = self.load(Policy::Missing);
        assert_eq!(loaded.messages, "");
        loaded
    }

    pub fn lock_file(&self) -> String {
        fs::read_to_string(self.path(".infra.lock.hcl")).unwrap_or_default()
    }
}

impl Loaded {
    /// `path.module` of each module but the root.
    pub fn paths(&self) -> Vec<String> {
        let modules = self.config.modules.values().filter(|module| !module.addr.is_root());
        modules.map(|module| format!("{} {}", module.addr, module.path)).collect()
    }

    pub fn downloads(&self) -> usize {
        self.events.iter().filter(|event| event.starts_with("downloading")).count()
    }
}

impl Events for Stack {
    fn event(&self, event: Event<'_>) {
        let text = match event {
            Event::Waiting => "waiting".to_string(),
            Event::Downloading { key, package, version } => {
                let version = version.map_or(String::new(), |version| format!(" {version}"));
                format!("downloading {package}{version} for {key}")
            }
            Event::Installed { key, dir } => format!("{key} in {dir}"),
            Event::LeftOut { package, links } => format!("left out of {package}: {links:?}"),
        };
        self.events.lock().expect("no test panics with it").push(text);
    }
}

/// Nobody's credentials.
pub struct NoAws;

impl AwsCredentials for NoAws {
    fn credentials(
        &self,
        _profile: Option<&str>,
    ) -> Result<Option<Credentials>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(None)
    }
}

fn render(config: &Config, diagnostics: &Diagnostics) -> String {
    let lines = diagnostics.iter().map(|found| {
        let severity = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let place = found.subject.map_or(String::new(), |at| format!(" {}", config.sources.describe(at)));
        let hint = found.hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"));
        format!("{severity}{place}: {}: {}{hint}\n", found.summary, found.detail)
    });
    lines.collect()
}

/// Writes files: what follows a line `--- NAME` is the file of that name, and what comes before the first is `main.tf`.
pub fn write(dir: &Path, text: &str) {
    let mut files: Vec<(String, String)> = vec![("main.tf".into(), String::new())];
    for line in text.lines() {
        match line.strip_prefix("--- ") {
            Some(name) => files.push((name.trim().into(), String::new())),
            None => {
                let (_, content) = files.last_mut().expect("there is always one");
                content.push_str(line);
                content.push('\n');
            }
        }
    }
    for (name, content) in files.iter().filter(|(name, content)| name != "main.tf" || !content.is_empty()) {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().expect("it is inside the folder")).expect("writable");
        fs::write(path, content).expect("writable");
    }
}

/// A git repository.
pub struct Repository {
    pub dir: tempfile::TempDir,
}

impl Repository {
    /// With these files in its first commit, on the branch `main`.
    pub fn new(text: &str) -> Repository {
        let repository = Repository { dir: tempfile::tempdir().expect("temporary folders can be made") };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.commit(text);
        repository
    }

    pub fn url(&self) -> String {
        format!("git::file://{}", self.dir.path().display())
    }

    /// Writes files and commits them; gives the commit.
    pub fn commit(&self, text: &str) -> String {
        write(self.dir.path(), text);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=change"]);
        self.git(&["rev-parse", "HEAD"]).trim().to_string()
    }

    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.current_dir(self.dir.path()).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
        command.args(["-c", "protocol.file.allow=always"]).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let output = command.output().expect("git is installed");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// What a server answers on a path.
#[derive(Clone)]
pub struct Page {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Page {
    pub fn new(body: impl Into<Vec<u8>>) -> Page {
        Page { status: 200, headers: Vec::new(), body: body.into() }
    }

    pub fn status(status: u16) -> Page {
        Page { status, ..Page::new("") }
    }

    pub fn header(mut self, name: &str, value: &str) -> Page {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Path and query.
    pub target: String,
    pub headers: BTreeMap<String, String>,
}

/// A web server that is there as long as the test.
pub struct Server {
    pub address: String,
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let server = Server { address, pages: Arc::default(), asked: Arc::default() };
        let (pages, asked) = (server.pages.clone(), server.asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let (pages, asked) = (pages.clone(), asked.clone());
                std::thread::spawn(move || serve(stream, &pages, &asked));
            }
        });
        server
    }

    pub fn page(&self, path: &str, page: Page) {
        self.pages.lock().expect("no test panics with it").insert(path.into(), page);
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panics with it").clone()
    }
}

fn serve(stream: TcpStream, pages: &Mutex<BTreeMap<String, Page>>, asked: &Mutex<Vec<Asked>>) {
    let mut writer = stream.try_clone().expect("a socket can be shared");
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(first) = lines.next() {
        let target = first.split(' ').nth(1).unwrap_or_default().to_string();
        let headers = lines.by_ref().take_while(|line| !line.is_empty());
        let headers =
            headers.filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.into())));
        let headers: BTreeMap<String, String> = headers.collect();
        let path = target.split('?').next().unwrap_or_default();
        let page = pages.lock().expect("no test panics with it").get(path).cloned().unwrap_or(Page::status(404));
        asked.lock().expect("no test panics with it").push(Asked { target, headers });
        let mut head = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", page.status, page.body.len());
        for (name, value) in &page.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        if writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(&page.body)).is_err() {
            return;
        }
    }
}

/// A zip with these files.
pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("written to memory");
        writer.write_all(content.as_bytes()).expect("written to memory");
    }
    writer.finish().expect("written to memory").into_inner()
}
