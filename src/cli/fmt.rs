//! `infra fmt`.

mod replace;

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceMap;

use crate::cli::arguments;
use crate::cli::report::{Failure, Outcome, Reporter};

/// The exit code of an error, which Terraform has here too: wrappers tell it from 1, a wrong command line.
const ERROR: u8 = 2;

/// The exit code of a check that found something to change.
const UNFORMATTED: u8 = 3;

/// How the names of files end that have a layout.
const EXTENSIONS: [&str; 4] = [".tf", ".tfvars", ".tftest.hcl", ".tfmock.hcl"];

/// The target that is standard input.
const STDIN: &str = "-";

/// Formats files and folders, or standard input.
pub fn run(arguments: &arguments::Fmt, reporter: &Reporter) -> Result<Outcome, Failure> {
    let mut formatter = Formatter::new(arguments, reporter);
    match arguments.targets.as_slice() {
        [] => formatter.targets(&[PathBuf::from(".")])?,
        [target] if target == Path::new(STDIN) => formatter.stdin()?,
        [first, ..] if first == Path::new(STDIN) => formatter.errors.push(Diagnostic::error(
            "Too many targets",
            "Standard input (`-`) is formatted alone. Format the other targets in a run of their own.",
        )),
        targets => formatter.targets(targets)?,
    }
    formatter.finish()
}

/// What to do with what changes, and what came of it so far.
struct Formatter<'a> {
    reporter: &'a Reporter,
    directory: PathBuf,
    list: bool,
    write: bool,
    diff: bool,
    recursive: bool,
    check: bool,
    /// What a check shows at its end, if it shows anything.
    held: Vec<u8>,
    changes: usize,
    errors: Diagnostics,
    sources: SourceMap,
}

impl<'a> Formatter<'a> {
    fn new(arguments: &arguments::Fmt, reporter: &'a Reporter) -> Self {
        Formatter {
            reporter,
            directory: std::env::current_dir().unwrap_or_default(),
            list: arguments.list,
            write: arguments.write && !arguments.check,
            diff: arguments.diff,
            recursive: arguments.recursive,
            check: arguments.check,
            held: Vec::new(),
            changes: 0,
            errors: Diagnostics::new(),
            sources: SourceMap::default(),
        }
    }

    fn stdin(&mut self) -> Result<(), Failure> {
        self.list = false;
        self.write = false;
        let mut bytes = Vec::new();
        match std::io::stdin().lock().read_to_end(&mut bytes) {
            Ok(_) => self.text(Path::new("<stdin>"), &bytes),
            Err(error) => {
                self.errors.push(Diagnostic::error("Failed to read standard input", format!("{error}.")));
                Ok(())
            }
        }
    }

    /// Formats the files and folders that the command line names, up to the first that is not there.
    fn targets(&mut self, targets: &[PathBuf]) -> Result<(), Failure> {
        for target in targets {
            let path = from(&self.directory, target);
            let shown = path.display();
            let metadata = match std::fs::metadata(&path) {
                Ok(metadata) => metadata,
                Err(error) => {
                    let summary = format!("No file or directory at {shown}");
                    self.errors.push(Diagnostic::error(summary, format!("{error}.")));
                    break;
                }
            };
            if metadata.is_dir() {
                self.folder(&path)?;
            } else if has_layout(path.as_os_str()) {
                self.file(&path)?;
            } else {
                self.errors.push(Diagnostic::error(
                    "Only .tf, .tfvars, and .tftest.hcl files can be processed with infra fmt",
                    format!("The file {shown} is none of these, and no .tfmock.hcl file either."),
                ));
            }
        }
        Ok(())
    }

    /// Formats the files of a folder in the order of their names, but not what editors and tools keep beside them.
    fn folder(&mut self, folder: &Path) -> Result<(), Failure> {
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let summary = format!("Cannot read directory {}", folder.display());
                self.errors.push(Diagnostic::error(summary, format!("{error}.")));
                return Ok(());
            }
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            if is_left_behind(&name) {
                continue;
            }
            let path = if folder == Path::new(".") { PathBuf::from(&name) } else { folder.join(&name) };
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if self.recursive {
                    self.folder(&path)?;
                }
            } else if has_layout(&name) {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), Failure> {
        match std::fs::read(path) {
            Ok(bytes) => self.text(path, &bytes),
            Err(error) => {
                let summary = format!("Failed to read file {}", path.display());
                self.errors.push(Diagnostic::error(summary, format!("{error}.")));
                Ok(())
            }
        }
    }

    fn text(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let formatted = match lang::format::format(&path.to_string_lossy(), bytes, &mut self.sources) {
            Ok(formatted) => formatted,
            Err(errors) => {
                self.errors.extend(errors.0);
                return Ok(());
            }
        };
        if !self.list && !self.write && !self.diff && !self.check {
            // What is shown ends a line, whatever the file does.
            let end: &[u8] = if formatted.ends_with(b"\n") { b"" } else { b"\n" };
            self.reporter.terminal.content(&[&formatted, end].concat())?;
        }
        if formatted == bytes {
            return Ok(());
        }
        self.changes += 1;
        let mut shown = Vec::new();
        if self.list {
            shown.extend_from_slice(path.as_os_str().as_bytes());
            shown.push(b'\n');
        }
        if self.write
            && let Err(error) = replace::replace(path, &formatted)
        {
            self.errors.push(Diagnostic::error(format!("Failed to write {}", path.display()), format!("{error}.")));
        }
        if self.diff {
            shown.extend_from_slice(&ui::format::unified_diff(&path.to_string_lossy(), bytes, &formatted));
        }
        if self.check {
            self.held.extend_from_slice(&shown);
        } else {
            self.reporter.terminal.content(&shown)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Outcome, Failure> {
        if !self.errors.is_empty() {
            self.reporter.diagnostics(&self.errors, &self.sources);
            return Ok(Outcome::Code(ERROR));
        }
        if !self.check || self.changes == 0 {
            return Ok(Outcome::Done);
        }
        if self.list {
            self.reporter.terminal.content(&self.held)?;
        }
        Ok(Outcome::Code(UNFORMATTED))
    }
}

fn has_layout(name: &OsStr) -> bool {
    EXTENSIONS.iter().any(|extension| name.as_bytes().ends_with(extension.as_bytes()))
}

/// Hidden files, backups of editors (`main.tf~`) and their autosaves (`#main.tf#`).
fn is_left_behind(name: &OsStr) -> bool {
    let name = name.as_bytes();
    name.starts_with(b".") || name.ends_with(b"~") || (name.starts_with(b"#") && name.ends_with(b"#"))
}

/// The path from a folder to a target, as text: without `.` and `..` where names do without them.
fn from(directory: &Path, target: &Path) -> PathBuf {
    let mut absolute = PathBuf::new();
    for component in directory.join(target).components() {
        match component {
            Component::ParentDir => drop(absolute.pop()),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => absolute.push(component),
        }
    }
    let shared = directory.components().zip(absolute.components()).take_while(|(one, other)| one == other).count();
    let up = directory.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(absolute.components().skip(shared)).collect();
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_from_the_folder_the_program_runs_in() {
        let from = |target: &str| from(Path::new("/a/b"), Path::new(target)).display().to_string();
        assert_eq!(from("."), ".");
        assert_eq!(from("./c/../main.tf"), "main.tf");
        assert_eq!(from("/a/b/c/main.tf"), "c/main.tf");
        assert_eq!(from("../b/main.tf"), "main.tf");
        assert_eq!(from("../main.tf"), "../main.tf");
        assert_eq!(from("/x/main.tf"), "../../x/main.tf");
        assert_eq!(from("../../.."), "../..");
    }

    #[test]
    fn files_of_editors_and_json_have_no_layout() {
        let taken = |name: &str| has_layout(OsStr::new(name)) && !is_left_behind(OsStr::new(name));
        assert!(["a.tf", "a.tfvars", "a.auto.tfvars", "a.tftest.hcl", "a.tfmock.hcl"].into_iter().all(taken));
        assert!(!["a.tf.json", "a.hcl", ".a.tf", "a.tf~", "#a.tf#", "tf"].into_iter().any(taken));
    }
}
