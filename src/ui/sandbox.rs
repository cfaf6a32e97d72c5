//! What the commands about the sandbox say.

use std::fmt::Write;
use std::path::Path;

use crate::style::{self, paint};

pub const NOT_RUNNING: &str = "No sandbox is running. Start one with `infra sandbox up`.\n";

/// It runs, since just now or longer.
pub fn up(endpoint: &str, pid: u32, log: &Path, is_new: bool) -> String {
    let head = if is_new { "The sandbox is up" } else { "The sandbox was up already" };
    format!(
        "{} at {endpoint} (process {pid}, log {}).\nWhat is made in it lasts until `infra sandbox down`. Use it with `infra sandbox run -- COMMAND`.\n",
        paint(style::GOOD, head),
        log.display()
    )
}

pub fn down(was_running: bool) -> &'static str {
    if was_running { "The sandbox is down, and everything in it is gone.\n" } else { "No sandbox was running.\n" }
}

pub fn status(endpoint: &str, pid: u32, log: &Path, moto: &str) -> String {
    format!("The sandbox runs at {endpoint} (process {pid}, moto {moto}, log {}).\n", log.display())
}

/// Commands for a shell's `eval`.
pub fn exports(set: &[(String, String)], unset: &[&str]) -> String {
    let mut out = String::new();
    for (name, value) in set {
        let quoted = value.replace('\'', r"'\''");
        writeln!(out, "export {name}='{quoted}'").expect("a string takes all text");
    }
    if !unset.is_empty() {
        writeln!(out, "unset {}", unset.join(" ")).expect("a string takes all text");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_shell() {
        let set = [("A".to_string(), "it's".to_string())];
        assert_eq!(exports(&set, &["B", "C"]), "export A='it'\\''s'\nunset B C\n");
    }
}
