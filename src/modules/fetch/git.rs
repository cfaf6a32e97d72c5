//! Packages from git repositories, fetched with the `git` command so that its credentials and settings count.
//!
//! Only the commit that is wanted is fetched where the server allows it; else, and for names that only a whole clone can
//! resolve (`v1.0~2`, a short hash), all branches and tags are. The history is not kept: `.git` is removed, and with it any
//! password that was in the address.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{FetchError, query_parameter, without_parameters};
use crate::environment::Environment;
use crate::redact::redact;

/// What is in the environment of a process that git itself started, and would make git look at another repository.
const OF_OTHER_REPOSITORIES: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

/// The ways to reach a repository; others run commands.
const PROTOCOLS: &str = "file:git:http:https:ssh";

/// Why a repository was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("failed to run git, which fetches modules from repositories: {0}")]
    NotFound(#[source] io::Error),
    /// What git said, without credentials.
    #[error("git could not {what}: {message}")]
    Failed { what: &'static str, message: String },
    #[error("`{0}` can't be the name of a branch, tag or commit")]
    InvalidRef(String),
    #[error("the repository has no branch, tag or commit `{0}`")]
    UnknownRef(String),
    #[error("the repository does not have the commit {0} any more, which the lock file asks for")]
    CommitGone(String),
    #[error("the parameter `sshkey` is no key in base64")]
    Key,
}

/// Fetches one commit of a repository into a folder that is not there yet; gives the commit's hash.
///
/// `commit` is the one to fetch whatever `ref` says.
pub(super) fn fetch(
    url: &str,
    commit: Option<&str>,
    into: &Path,
    environment: &Environment,
) -> Result<String, FetchError> {
    let reference = query_parameter(url, "ref").unwrap_or_default();
    let wanted = commit.unwrap_or(&reference);
    if !is_reference(wanted) {
        return Err(GitError::InvalidRef(wanted.to_string()).into());
    }
    let key = match query_parameter(url, "sshkey") {
        Some(key) => Some(KeyFile::write(&key, into)?),
        None => None,
    };
    let git = Git { tree: into, url: without_parameters(url, &["ref", "depth", "sshkey"]), environment, key };
    fs::create_dir_all(into)?;
    git.run("prepare a folder", ["init", "--quiet", "--template="])?;
    git.check_out(wanted, commit.is_some())?;
    let hash = git.run("tell the commit", ["rev-parse", "HEAD"])?.trim().to_string();
    if into.join(".gitmodules").exists() {
        let update = ["submodule", "--quiet", "update", "--init", "--recursive"];
        // Few servers refuse to give a single commit; those that do give all.
        if git.run("fetch submodules", update.iter().chain(&["--depth", "1"])).is_err() {
            git.run("fetch submodules", update)?;
        }
    }
    remove_history(into)?;
    Ok(hash)
}

/// Whether a text can name a commit, and is neither an option nor a mapping of names.
fn is_reference(text: &str) -> bool {
    !text.starts_with(['-', '+']) && !text.contains([':', '*', '?', '[', '\\', ' ']) && !text.contains(char::is_control)
}

struct Git<'a> {
    tree: &'a Path,
    url: String,
    environment: &'a Environment,
    key: Option<KeyFile>,
}

impl Git<'_> {
    fn check_out(&self, wanted: &str, is_commit: bool) -> Result<(), GitError> {
        let name = if wanted.is_empty() { "HEAD" } else { wanted };
        let alone = self.run("fetch", ["fetch", "--quiet", "--depth=1", "--no-tags", "--", &self.url, name]);
        let first = match alone {
            Ok(_) => {
                return self.run("check out", ["checkout", "--quiet", "--detach", "FETCH_HEAD"]).map(drop);
            }
            Err(error @ GitError::NotFound(_)) => return Err(error),
            Err(error) => error,
        };
        let mut everything = vec!["fetch", "--quiet", "--tags", "--", &self.url, "+refs/heads/*:refs/remotes/origin/*"];
        if wanted.is_empty() {
            everything.push("+HEAD:refs/remotes/origin/HEAD");
        }
        // That one commit could not be had says less than that nothing could.
        if self.run("fetch", everything).is_err() {
            return Err(first);
        }
        let candidates = [name.to_string(), format!("refs/remotes/origin/{name}"), format!("refs/tags/{name}")];
        let commit = candidates.iter().find_map(|candidate| {
            let commit = format!("{candidate}^{{commit}}");
            self.run("resolve", ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).ok()
        });
        match commit {
            Some(commit) => self.run("check out", ["checkout", "--quiet", "--detach", commit.trim()]).map(drop),
            None if is_commit => Err(GitError::CommitGone(wanted.to_string())),
            None => Err(GitError::UnknownRef(wanted.to_string())),
        }
    }

    fn run(
        &self,
        what: &'static str,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<String, GitError> {
        let mut command = Command::new("git");
        command.env_clear().envs(&self.environment.variables);
        for name in OF_OTHER_REPOSITORIES {
            command.env_remove(name);
        }
        // The messages are shown to people, who may look them up.
        command.env("LC_ALL", "C").env("GIT_ADVICE", "0");
        for (name, value) in [("GIT_TERMINAL_PROMPT", "0"), ("GIT_ALLOW_PROTOCOL", PROTOCOLS)] {
            if self.environment.get(name).is_none() {
                command.env(name, value);
            }
        }
        if let Some(key) = &self.key {
            let ssh = self.environment.get("GIT_SSH_COMMAND").unwrap_or("ssh");
            command.env("GIT_SSH_COMMAND", format!("{ssh} -i '{}' -o IdentitiesOnly=yes", key.path.display()));
        }
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"]);
        command.args(arguments).current_dir(self.tree).stdin(Stdio::null());
        let output = command.output().map_err(GitError::NotFound)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(GitError::Failed { what, message: self.message(&String::from_utf8_lossy(&output.stderr)) })
    }

    /// What git said, in one line and without credentials.
    fn message(&self, said: &str) -> String {
        let lines = said.lines().map(|line| line.trim_start_matches("fatal: ").trim());
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let message = if lines.is_empty() { "it gave no reason".to_string() } else { lines.join("; ") };
        redact(&message).trim_end_matches('.').to_string()
    }
}

/// Removes `.git`, also those of submodules.
fn remove_history(folder: &Path) -> io::Result<()> {
    for found in fs::read_dir(folder)? {
        let found = found?;
        let is_folder = found.file_type()?.is_dir();
        if found.file_name() == ".git" {
            if is_folder { fs::remove_dir_all(found.path())? } else { fs::remove_file(found.path())? }
        } else if is_folder {
            remove_history(&found.path())?;
        }
    }
    Ok(())
}

/// A private key in a file that only its owner can read, for as long as it is needed.
struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    fn write(encoded: &str, beside: &Path) -> Result<KeyFile, FetchError> {
        // A plus sign may have been taken for a space.
        let key = BASE64_STANDARD.decode(encoded.replace(' ', "+")).map_err(|_| GitError::Key)?;
        let path = std::path::absolute(beside.with_extension("key"))?;
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let file_of_key = KeyFile { path };
        file.write_all(&key)?;
        Ok(file_of_key)
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        // What is left is removed with the folder beside it.
        drop(fs::remove_file(&self.path));
    }
}
