//! `fmt` beside `terraform fmt`: the same output, exit codes and files, whatever the flags and targets.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::project::program;

/// What a run came to: exit code, stdout, stderr.
type Ran = (Option<i32>, String, String);

/// The command of the Terraform to compare with, or none after saying so. No provider is needed.
fn terraform() -> Option<String> {
    let command = std::env::var("INFRA_TERRAFORM").unwrap_or_else(|_| "terraform".into());
    let runs = Command::new(&command).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if runs.is_ok_and(|status| status.success()) {
        return Some(command);
    }
    println!("skipped: {command} can't be run");
    None
}

fn run(program: impl AsRef<Path>, folder: &Path, arguments: &[&str], stdin: &str) -> Ran {
    let mut child = Command::new(program.as_ref())
        .arg("fmt")
        .args(arguments)
        .current_dir(folder)
        .env("CHECKPOINT_DISABLE", "1")
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // A program that does not read it has closed it already.
    let _unread = child.stdin.take().expect("it is piped").write_all(stdin.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A folder with files of every kind; what follows an `=` without space is not formatted.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("writable");
        std::fs::write(path, text).expect("writable");
    };
    for name in [
        "a.tf",
        "b.tfvars",
        "c.tftest.hcl",
        "d.tfmock.hcl",
        "e.hcl",
        "f.tf.json",
        "g.tf~",
        ".h.tf",
        "#i.tf#",
        "sub/j.tf",
        "sub/deep/k.tf",
        ".hidden/l.tf",
        "folder.tf/m.tf",
        "with space.tf",
        "z/é.tf",
    ] {
        write(name, "a=1\nbb=2\n\nc {\n}\nd=3");
    }
    write("formatted.tf", "a = 1\n");
    write("empty.tf", "");
    write("crlf.tf", "a=1\r\nbb=2\r\n");
    write("broken/bad.tf", "a = ]\n");
    write("broken/good.tf", "a=1\n");
    symlink("../a.tf", folder.path().join("z/link.tf")).expect("a link");
    symlink("sub", folder.path().join("linked")).expect("a link");
    std::fs::set_permissions(folder.path().join("a.tf"), std::fs::Permissions::from_mode(0o600)).expect("its own");
    folder
}

/// All files with their permissions and content.
fn files(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("readable").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().expect("known");
        if kind.is_dir() {
            files.extend(self::files(&entry.path()).into_iter().map(|(inner, file)| (format!("{name}/{inner}"), file)));
        } else if kind.is_symlink() {
            let target = std::fs::read_link(entry.path()).expect("a link").to_string_lossy().into_owned();
            files.insert(name, (0, target.into_bytes()));
        } else {
            let mode = entry.metadata().expect("known").permissions().mode();
            files.insert(name, (mode, std::fs::read(entry.path()).expect("readable")));
        }
    }
    files
}

#[test]
fn flags_and_targets_do_what_terraforms_do() {
    let Some(terraform) = terraform() else { return };
    let cases: &[&[&str]] = &[
        &[],
        &["-recursive"],
        &["."],
        &["sub", "z"],
        &["-list=false"],
        &["-write=false"],
        &["-write=false", "-list=false"],
        &["-write=false", "-list=false", "formatted.tf", "a.tf"],
        &["-diff"],
        &["-diff", "-write=false", "a.tf", "crlf.tf", "with space.tf"],
        &["-diff", "-list=false", "-recursive"],
        &["-check"],
        &["-check", "formatted.tf", "empty.tf"],
        &["-check", "-recursive", "sub"],
        &["-check", "-diff", "a.tf"],
        &["-check", "-list=false", "-diff"],
        &["-check=false", "-recursive=true", "-no-color", "linked"],
        &["a.tf", "b.tfvars", "c.tftest.hcl", "d.tfmock.hcl", ".h.tf"],
        &["./sub/../a.tf", "sub/deep", "folder.tf", ".hidden"],
        &["e.hcl", "a.tf", "f.tf.json"],
        &["absent.tf", "a.tf"],
        &["a.tf", "absent", "b.tfvars"],
        &["broken"],
        &["broken", "a.tf"],
        &["-check", "broken"],
        &["-check", "-recursive"],
        &["z/link.tf"],
        &["-"],
        &["-check", "-"],
        &["-diff", "-"],
        &["-check", "-diff", "-"],
        &["-write=true", "-list=true", "-"],
        &["a.tf", "-"],
        &["-absent"],
        &["-check=maybe"],
    ];
    for stdin in ["a=1\nbb  = 2", "a = 1\n", "a = \n", ""] {
        for arguments in cases {
            if !arguments.contains(&"-") && stdin != "a = 1\n" {
                continue;
            }
            let (ours, theirs) = (folder(), folder());
            let (code, stdout, stderr) = run(program(), ours.path(), arguments, stdin);
            let (their_code, their_stdout, their_stderr) = run(&terraform, theirs.path(), arguments, stdin);
            assert_eq!((code, &stdout), (their_code, &their_stdout), "{arguments:?}\n{stderr}{their_stderr}");
            assert_eq!(files(ours.path()), files(theirs.path()), "{arguments:?}");
            assert_eq!(stderr.is_empty(), code != Some(1) && code != Some(2), "{arguments:?}\n{stderr}");
        }
    }
}

#[test]
fn errors_name_the_file_and_the_other_files_are_formatted() {
    let folder = folder();
    let (code, stdout, stderr) = run(program(), folder.path(), &["broken"], "");
    assert_eq!((code, stdout.as_str()), (Some(2), "broken/good.tf\n"));
    assert!(stderr.contains("Invalid expression") && stderr.contains("broken/bad.tf"), "{stderr}");
    let (code, _, stderr) = run(program(), folder.path(), &["absent.tf"], "");
    assert!(code == Some(2) && stderr.contains("No file or directory at absent.tf"), "{stderr}");
    let (code, _, stderr) = run(program(), folder.path(), &["-", "a.tf"], "a=1\n");
    assert!(code == Some(2) && stderr.contains("Too many targets"), "{stderr}");
}
