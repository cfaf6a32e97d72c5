//! Against Terraform itself, where it is installed: the same texts accepted, the same layout.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use hcl::ast::Body;
use hcl::token::{Token, TokenKind};

use crate::random::{Random, SNIPPETS, mutant, untidy};

/// The program on the PATH, or none after saying so.
#[expect(clippy::print_stderr, reason = "a test that compares nothing says so")]
fn terraform() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("terraform")).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("skipped: no terraform on the PATH to compare with");
    }
    found
}

/// Runs `terraform fmt` over texts as files; gives the folder and the names of the files that have errors.
fn fmt(terraform: &Path, texts: &[String]) -> (tempfile::TempDir, BTreeSet<String>) {
    let folder = tempfile::tempdir().expect("temporary files can be written");
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
    let failed = messages
        .lines()
        .filter_map(|line| {
            line.trim().strip_prefix("on ")?.split_once(" line ")?.0.rsplit('/').next().map(str::to_owned)
        })
        .collect();
    (folder, failed)
}

fn name(index: usize) -> String {
    format!("case{index:05}.tf")
}

#[test]
fn mutants_are_accepted_exactly_where_terraform_accepts_them() {
    let Some(terraform) = terraform() else { return };
    let mut random = Random::new(3);
    let snippets = SNIPPETS.iter().map(|snippet| (*snippet).to_owned());
    let texts: Vec<String> = snippets.chain((0..2_000).map(|_| mutant(&mut random))).collect();
    let (_folder, failed) = fmt(&terraform, &texts);
    assert!(failed.len() > 500, "most mutants are wrong, but only {} were refused", failed.len());
    for (index, text) in texts.iter().enumerate() {
        let errors = hcl::parse(text).errors;
        assert_eq!(!errors.is_empty(), failed.contains(&name(index)), "{text:?}: {errors:?}");
    }
}

#[test]
fn layout_is_that_of_terraform_byte_for_byte() {
    let Some(terraform) = terraform() else { return };
    let mut random = Random::new(4);
    let texts: Vec<String> =
        (0..2_000).map(|index| if index % 4 == 0 { mutant(&mut random) } else { untidy(&mut random) }).collect();
    let (folder, _) = fmt(&terraform, &texts);
    let mut compared = 0;
    for (index, text) in texts.iter().enumerate() {
        let parsed = hcl::parse(text);
        if has_odd_label(&parsed.file) || has_joined_numbers(&parsed.tokens) {
            continue;
        }
        if let Ok(ours) = hcl::format::format(text) {
            let theirs = std::fs::read_to_string(folder.path().join(name(index))).expect("the file was written");
            assert_eq!(ours, theirs, "{text:?}");
            compared += 1;
        }
    }
    assert!(compared > 300, "only {compared} texts were valid");
}

/// Whether there is a label that Terraform drops.
fn has_odd_label(body: &Body) -> bool {
    body.blocks()
        .any(|block| block.labels.iter().any(|label| label.text.contains(['$', '%'])) || has_odd_label(&block.body))
}

/// Whether there is a number, a dot and a number, which Terraform makes one number.
fn has_joined_numbers(tokens: &[Token]) -> bool {
    let kinds = tokens.iter().map(|token| token.kind).filter(|kind| *kind != TokenKind::Whitespace);
    let kinds: Vec<TokenKind> = kinds.collect();
    kinds.windows(3).any(|three| three == [TokenKind::Number, TokenKind::Dot, TokenKind::Number])
}
