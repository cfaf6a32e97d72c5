//! Terraform on the PATH, for what it says of texts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program on the PATH, or none after saying so.
#[expect(clippy::print_stderr, reason = "a test that compares nothing says so")]
pub fn terraform() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("terraform")).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("skipped: no terraform on the PATH to compare with");
    }
    found
}

/// What `terraform fmt` makes of each text; none where it has syntax errors.
///
/// Texts are bytes: a file need not be UTF-8 everywhere.
pub fn fmt(terraform: &Path, texts: &[impl AsRef<[u8]>]) -> Vec<Option<Vec<u8>>> {
    let folder = tempfile::tempdir().expect("temporary files can be written");
    let name = |index: usize| format!("case{index:06}.tf");
    for (index, text) in texts.iter().enumerate() {
        std::fs::write(folder.path().join(name(index)), text).expect("temporary files can be written");
    }
    let output = Command::new(terraform)
        .args(["fmt", "-no-color", "-list=false"])
        .arg(folder.path())
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .expect("the program on the PATH can be run");
    let messages = [output.stderr, output.stdout].concat();
    let messages = String::from_utf8_lossy(&messages);
    let failed: BTreeSet<&str> = messages
        .lines()
        .filter_map(|line| line.trim().strip_prefix("on ")?.split_once(" line ")?.0.rsplit('/').next())
        .collect();
    let result = |index| {
        let name = name(index);
        let read = || std::fs::read(folder.path().join(&name)).expect("the file was written");
        (!failed.contains(name.as_str())).then(read)
    };
    (0..texts.len()).map(result).collect()
}

/// How many random cases a test compares: `usual`, times what the environment asks for.
pub fn cases(usual: usize) -> usize {
    let times = std::env::var("INFRA_HCL_TIMES").ok().and_then(|times| times.parse().ok());
    usual * times.unwrap_or(1)
}

/// A seed: `usual`, moved by what the environment asks for.
pub fn seed(usual: u64) -> u64 {
    let offset: Option<u64> = std::env::var("INFRA_HCL_SEED").ok().and_then(|seed| seed.parse().ok());
    usual + 1_000 * offset.unwrap_or(0)
}
