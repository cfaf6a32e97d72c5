//! What the user's configuration of Terraform's command line says about registries: tokens, and where their services are.
//!
//! Read are `TF_TOKEN_HOST` variables, the file that `TF_CLI_CONFIG_FILE` names or `~/.terraformrc`, and `*.tfrc` and
//! `*.tfrc.json` in `~/.terraform.d`, which is where `terraform login` keeps tokens. Of these files only `credentials`,
//! `credentials_helper` and `host` blocks matter here; the other settings are about plugins. A helper is a program
//! `terraform-credentials-NAME` in `~/.terraform.d/plugins`, asked for hosts that have no token elsewhere.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hcl::ast::{Body, ObjectKey};

use crate::environment::Environment;

/// A token. It is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Tokens and addresses by host.
#[derive(Clone, Default, Debug)]
pub struct Settings {
    tokens: BTreeMap<String, Token>,
    helper: Option<Helper>,
    services: BTreeMap<String, BTreeMap<String, String>>,
}

/// A program that knows tokens.
#[derive(Clone, Debug)]
struct Helper {
    name: String,
    arguments: Vec<String>,
    /// Where it may be.
    folder: Option<PathBuf>,
}

/// Settings that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("failed to read the settings in {}: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    #[error("failed to ask the credentials helper `{name}` for {host}: {reason}")]
    Helper { name: String, host: String, reason: String },
}

impl Settings {
    /// Reads all of them.
    ///
    /// # Errors
    /// A file is there and can't be read or has another form. The messages hold nothing of its text.
    pub fn read(environment: &Environment) -> Result<Settings, SettingsError> {
        let mut settings = Settings::default();
        let named = environment.get("TF_CLI_CONFIG_FILE").or_else(|| environment.get("TERRAFORM_CONFIG"));
        let main = match named {
            Some(path) => Some(PathBuf::from(path)),
            None => environment.home.as_ref().map(|home| home.join(".terraformrc")),
        };
        let folder = environment.home.as_ref().filter(|_| named.is_none()).map(|home| home.join(".terraform.d"));
        let mut files: Vec<PathBuf> = main.into_iter().filter(|path| path.is_file()).collect();
        let found = folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().filter_map(Result::ok);
        let mut in_folder: Vec<PathBuf> = found.map(|found| found.path()).filter(|path| is_settings(path)).collect();
        in_folder.sort();
        files.extend(in_folder);
        for path in files {
            settings.read_file(&path)?;
        }
        if let Some(helper) = &mut settings.helper {
            helper.folder = environment.home.as_ref().map(|home| home.join(".terraform.d/plugins"));
        }
        for (name, value) in &environment.variables {
            if let Some(host) = name.strip_prefix("TF_TOKEN_").filter(|_| !value.is_empty()) {
                settings.tokens.insert(host_of_variable(host), Token(value.clone()));
            }
        }
        Ok(settings)
    }

    /// The token for a host, if there is one.
    ///
    /// # Errors
    /// The credentials helper fails. What it says is left out: it may hold secrets.
    pub fn token(&self, host: &str) -> Result<Option<Token>, SettingsError> {
        match (self.tokens.get(host), &self.helper) {
            (Some(token), _) => Ok(Some(token.clone())),
            (None, Some(helper)) => helper.token(host),
            (None, None) => Ok(None),
        }
    }

    /// The address of a service (`modules.v1`) where the settings say it; `None` where the host itself must be asked.
    pub fn service(&self, host: &str, service: &str) -> Option<&str> {
        self.services.get(host)?.get(service).map(String::as_str)
    }

    fn read_file(&mut self, path: &Path) -> Result<(), SettingsError> {
        let error = |reason: String| SettingsError::File { path: path.to_path_buf(), reason };
        let text = fs::read_to_string(path).map_err(|found| error(found.to_string()))?;
        if path.extension().is_some_and(|extension| extension == "json") {
            return self
                .read_json(&text)
                .map_err(|found| error(format!("it is no JSON of settings at line {}", found.line())));
        }
        let parsed = hcl::parse(&text);
        if let Some(found) = parsed.errors.first() {
            let line = text[..found.range.start as usize].matches('\n').count() + 1;
            return Err(error(format!("line {line} has a syntax error")));
        }
        self.read_body(&parsed.file);
        Ok(())
    }

    fn read_body(&mut self, body: &Body) {
        for block in body.blocks() {
            let Some(host) = block.labels.first().map(|label| normal_host(&label.text)) else { continue };
            match block.kind.name.as_str() {
                "credentials" => {
                    let token = block.body.attribute("token").and_then(|token| token.expr.as_string_literal());
                    if let Some(token) = token {
                        self.tokens.insert(host, Token(token.to_string()));
                    }
                }
                "credentials_helper" => {
                    let list = block.body.attribute("args").and_then(|list| list.expr.as_list()).unwrap_or_default();
                    let arguments = list.iter().filter_map(|text| text.as_string_literal()).map(str::to_string);
                    let name = block.labels.first().map_or("", |label| label.text.as_str()).to_string();
                    self.helper = Some(Helper { name, arguments: arguments.collect(), folder: None });
                }
                "host" => {
                    let services = self.services.entry(host).or_default();
                    let attribute = block.body.attribute("services").and_then(|services| services.expr.as_object());
                    for entry in attribute.unwrap_or_default() {
                        let name = match &entry.key {
                            ObjectKey::Ident(name) => Some(name.name.as_str()),
                            ObjectKey::Expr(name) => name.as_string_literal(),
                        };
                        if let (Some(name), Some(address)) = (name, entry.value.as_string_literal()) {
                            services.insert(name.to_string(), address.to_string());
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn read_json(&mut self, text: &str) -> Result<(), serde_json::Error> {
        #[derive(serde::Deserialize)]
        struct File {
            #[serde(default)]
            credentials: BTreeMap<String, Credentials>,
            #[serde(default)]
            host: BTreeMap<String, Host>,
        }
        #[derive(serde::Deserialize)]
        struct Credentials {
            token: Option<String>,
        }
        #[derive(serde::Deserialize)]
        struct Host {
            #[serde(default)]
            services: BTreeMap<String, String>,
        }
        let file: File = serde_json::from_str(text)?;
        for (host, credentials) in file.credentials {
            if let Some(token) = credentials.token {
                self.tokens.insert(normal_host(&host), Token(token));
            }
        }
        for (host, found) in file.host {
            self.services.entry(normal_host(&host)).or_default().extend(found.services);
        }
        Ok(())
    }
}

impl Helper {
    fn token(&self, host: &str) -> Result<Option<Token>, SettingsError> {
        #[derive(serde::Deserialize)]
        struct Answer {
            token: Option<String>,
        }
        let error = |reason: String| SettingsError::Helper { name: self.name.clone(), host: host.to_string(), reason };
        let program = format!("terraform-credentials-{}", self.name);
        let path = self.folder.as_ref().map(|folder| folder.join(&program)).filter(|path| path.is_file());
        let path = path.ok_or_else(|| error(format!("there is no program {program} in ~/.terraform.d/plugins")))?;
        let output = Command::new(path).args(&self.arguments).args(["get", host]).stdin(Stdio::null()).output();
        let output = output.map_err(|found| error(found.to_string()))?;
        if !output.status.success() {
            return Err(error(format!("it ended with {}", output.status)));
        }
        let answer: Answer =
            serde_json::from_slice(&output.stdout).map_err(|_| error("its answer is no JSON of credentials".into()))?;
        Ok(answer.token.map(Token))
    }
}

impl Token {
    /// The token itself, for the request that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

fn is_settings(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    path.is_file() && !name.starts_with('.') && (name.ends_with(".tfrc") || name.ends_with(".tfrc.json"))
}

/// `TF_TOKEN_app_terraform_io` is for `app.terraform.io`; two underscores stand for a dash.
fn host_of_variable(name: &str) -> String {
    normal_host(&name.replace("__", "-").replace('_', "."))
}

/// In lower case and ASCII, as addresses have it.
fn normal_host(host: &str) -> String {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let name = idna::domain_to_ascii(name).unwrap_or_else(|_| name.to_ascii_lowercase());
    match port {
        None | Some("443") => name,
        Some(port) => format!("{name}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_from_variables_and_files() {
        let home = tempfile::tempdir().expect("temporary folders can be made");
        fs::write(
            home.path().join(".terraformrc"),
            "plugin_cache_dir = \"$HOME/x\"\ncredentials \"A.example\" {\n  token = \"canary\"\n}\nhost \"r.example:8443\" {\n  \
             services = {\n    \"modules.v1\" = \"https://m.example/v1/\"\n  }\n}\n",
        )
        .expect("writable");
        fs::create_dir(home.path().join(".terraform.d")).expect("writable");
        let json = r#"{"credentials": {"b.example": {"token": "two"}}}"#;
        fs::write(home.path().join(".terraform.d/credentials.tfrc.json"), json).expect("writable");
        let mut environment = Environment { home: Some(home.path().into()), ..Environment::default() };
        environment.variables.insert("TF_TOKEN_c__d_example".into(), "three".into());
        let settings = Settings::read(&environment).expect("valid");
        let token = |host: &str| settings.token(host).expect("no helper").map(|token| token.reveal().to_string());
        let some = |text: &str| Some(text.to_string());
        assert_eq!((token("a.example"), token("b.example")), (some("canary"), some("two")));
        assert_eq!((token("c-d.example"), token("e.example")), (some("three"), None));
        assert_eq!(settings.service("r.example:8443", "modules.v1"), Some("https://m.example/v1/"));
        assert!(!format!("{settings:?}").contains("canary"));
    }

    #[test]
    fn a_helper_is_asked_for_hosts_without_a_token() {
        let home = tempfile::tempdir().expect("temporary folders can be made");
        // Any program that writes its arguments will do.
        let settings = r#"
            credentials "a" {
              token = "one"
            }
            credentials_helper "mine" {
              args = ["{\"token\": \"%s %s\"}"]
            }
        "#;
        fs::write(home.path().join(".terraformrc"), settings).expect("writable");
        let environment = Environment { home: Some(home.path().into()), ..Environment::default() };
        let token = |host: &str| Settings::read(&environment).expect("valid").token(host);
        assert!(token("b").expect_err("it is not there").to_string().contains("terraform-credentials-mine"));
        let plugins = home.path().join(".terraform.d/plugins");
        fs::create_dir_all(&plugins).expect("writable");
        let program = ["/usr/bin/printf", "/bin/printf"].into_iter().find(|path| Path::new(path).exists());
        let program = program.expect("every system has it");
        std::os::unix::fs::symlink(program, plugins.join("terraform-credentials-mine")).expect("writable");
        let reveal = |host: &str| token(host).expect("it answers").map(|token| token.reveal().to_string());
        assert_eq!((reveal("a").as_deref(), reveal("b").as_deref()), (Some("one"), Some("get b")));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_without_its_text() {
        let home = tempfile::tempdir().expect("temporary folders can be made");
        fs::write(home.path().join(".terraformrc"), "\ncredentials \"a\" { token = \"secret\n").expect("writable");
        let environment = Environment { home: Some(home.path().into()), ..Environment::default() };
        let error = Settings::read(&environment).expect_err("it is broken").to_string();
        assert!(error.ends_with("line 2 has a syntax error") && !error.contains("secret"), "{error}");
    }
}
