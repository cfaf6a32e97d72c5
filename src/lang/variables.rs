//! The values of variables: where they come from, which one counts, and what becomes of it.

mod sources;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{SourceMap, SourceRange};
use model::value::Value;

use crate::config::Module;
use crate::suggestion::{did_you_mean, similar};

pub use values::{missing_value, root_values, variable_value};

/// A value that is given to a variable, as it was given: not converted yet.
#[derive(Clone, PartialEq, Debug)]
pub struct Given {
    pub value: Value,
    pub origin: Origin,
}

/// Where the value of a variable was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// `TF_VAR_NAME`
    Environment,
    /// A file of variable values, or the arguments of a `module` block.
    Written(SourceRange),
    /// `-var`
    CommandLine,
    /// Typed in when asked for.
    Prompt,
}

/// An option that gives values, in the order of the command line.
#[derive(Clone, PartialEq, Eq)]
pub enum Setting {
    /// `-var NAME=VALUE`: the part after `-var`.
    Value(String),
    /// `-var-file PATH`; the path as given, for messages, and to read it from.
    File { shown: String, path: PathBuf },
}

/// The values are not shown: they may be secret.
impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Setting::Value(text) => write!(f, "Value({}=..)", text.split('=').next().unwrap_or_default()),
            Setting::File { shown, .. } => write!(f, "File({shown})"),
        }
    }
}

/// What begins the names of environment variables that give values.
pub const ENVIRONMENT_PREFIX: &str = "TF_VAR_";

/// How many warnings about values for nothing are shown in full.
const UNDECLARED_WARNINGS_MAX: usize = 2;

/// Collects the values that are given to the variables of the root module.
///
/// The last of these that gives a value wins: environment variables, `terraform.tfvars`, `terraform.tfvars.json`, the
/// `*.auto.tfvars` and `*.auto.tfvars.json` of the folder by name, and `-var` and `-var-file` in their order. Values for
/// variables that are not declared are errors on the command line, warnings in files, and nothing in the environment.
pub fn collect(
    module: &Module,
    environment: &[(String, String)],
    settings: &[Setting],
    sources: &mut SourceMap,
) -> (BTreeMap<Arc<str>, Given>, Diagnostics) {
    let mut collector = Collector::new(module, sources, false);
    for (name, text) in environment {
        if let Some(name) = name.strip_prefix(ENVIRONMENT_PREFIX) {
            collector.environment(name, text);
        }
    }
    collector.folder(&module.dir);
    for setting in settings {
        match setting {
            Setting::Value(text) => collector.option(text),
            Setting::File { shown, path } => collector.file(path, shown),
        }
    }
    collector.report_rest();
    (collector.given, collector.diagnostics)
}

/// Collects what is given for tests of a module: as [`collect`], with the automatic files of several folders, later ones
/// before earlier ones. Values for variables that the module does not declare are there as well, texts as texts: another
/// module or the tests themselves may use them.
pub fn collect_for_tests(
    module: &Module,
    folders: &[&Path],
    environment: &[(String, String)],
    settings: &[Setting],
    sources: &mut SourceMap,
) -> (BTreeMap<Arc<str>, Given>, Diagnostics) {
    let mut collector = Collector::new(module, sources, true);
    for (name, text) in environment {
        if let Some(name) = name.strip_prefix(ENVIRONMENT_PREFIX) {
            collector.environment(name, text);
        }
    }
    for folder in folders {
        collector.folder(folder);
    }
    for setting in settings {
        match setting {
            Setting::Value(text) => collector.option(text),
            Setting::File { shown, path } => collector.file(path, shown),
        }
    }
    (collector.given, collector.diagnostics)
}

struct Collector<'a> {
    /// Whether values for variables that are not declared are taken too.
    takes_all: bool,
    module: &'a Module,
    sources: &'a mut SourceMap,
    given: BTreeMap<Arc<str>, Given>,
    /// Values in files for variables that are not declared.
    undeclared: usize,
    diagnostics: Diagnostics,
}

impl<'a> Collector<'a> {
    fn new(module: &'a Module, sources: &'a mut SourceMap, takes_all: bool) -> Collector<'a> {
        Collector { takes_all, module, sources, given: BTreeMap::new(), undeclared: 0, diagnostics: Diagnostics::new() }
    }

    /// Reads the files of a folder that are read without being named.
    fn folder(&mut self, folder: &Path) {
        match sources::automatic_files(folder) {
            Ok(files) => {
                for path in files {
                    let shown = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
                    self.file(&path, &shown);
                }
            }
            Err(error) => self.diagnostics.push(Diagnostic::error(
                "Failed to read variables files",
                format!("The folder {} can't be listed: {error}.", folder.display()),
            )),
        }
    }

    fn environment(&mut self, name: &str, text: &str) {
        if self.takes_all || self.module.variables.contains_key(name) {
            self.text(name, text, Origin::Environment);
        }
    }

    fn text(&mut self, name: &str, text: &str, origin: Origin) {
        let Some(variable) = self.module.variables.get(name) else {
            self.given.insert(name.into(), Given { value: Value::string(text), origin });
            return;
        };
        let given = sources::text_value(text, variable, origin, self.sources, &mut self.diagnostics);
        self.given.insert(variable.name.clone(), given);
    }

    fn file(&mut self, path: &Path, shown: &str) {
        for (name, given) in sources::file_values(path, shown, self.sources, &mut self.diagnostics) {
            if self.takes_all || self.module.variables.contains_key(&name) {
                self.given.insert(name, given);
            } else {
                self.undeclared_in_file(&name, shown, given.origin);
            }
        }
    }

    fn undeclared_in_file(&mut self, name: &str, shown: &str, origin: Origin) {
        self.undeclared += 1;
        if self.undeclared > UNDECLARED_WARNINGS_MAX {
            return;
        }
        let at = match origin {
            Origin::Written(range) => Some(range),
            Origin::Environment | Origin::CommandLine | Origin::Prompt => None,
        };
        let warning = Diagnostic::warning(
            "Value for undeclared variable",
            format!("{shown} gives a value to `{name}`, but the root module declares no variable of that name."),
        )
        .at(at);
        self.diagnostics.push(match self.similar(name) {
            Some(similar) => did_you_mean(warning, Some(similar)),
            None => warning.hint(
                "Declare it with a `variable` block to use the value. For values that many stacks share, of which each uses a \
                 part, TF_VAR_NAME environment variables give no such warning.",
            ),
        });
    }

    fn report_rest(&mut self) {
        let rest = self.undeclared.saturating_sub(UNDECLARED_WARNINGS_MAX);
        if rest > 0 {
            self.diagnostics.push(Diagnostic::warning(
                "Values for undeclared variables",
                format!("There are {rest} more values for variables that the root module does not declare."),
            ));
        }
    }

    /// `-var NAME=VALUE`
    fn option(&mut self, text: &str) {
        let Some((name, value)) = text.split_once('=') else {
            // The text may be a secret whose name was forgotten.
            self.diagnostics.push(
                Diagnostic::error("Invalid -var option", "A `-var` option has no equals sign.")
                    .hint("Write the name of a variable and its value: -var 'NAME=VALUE'"),
            );
            return;
        };
        if name.trim_end() != name {
            self.diagnostics.push(
                Diagnostic::error(
                    "Invalid -var option",
                    format!("There is a space between `{}` and the equals sign.", name.trim_end()),
                )
                .hint(format!("Write: -var '{}=VALUE'", name.trim())),
            );
            return;
        }
        if !self.takes_all && !self.module.variables.contains_key(name) {
            let error = Diagnostic::error(
                "Value for undeclared variable",
                format!(
                    "A `-var` option gives a value to `{name}`, but the root module declares no variable of that name."
                ),
            );
            let similar = self.similar(name).map(str::to_string);
            self.diagnostics.push(match similar {
                Some(similar) => did_you_mean(error, Some(&similar)),
                None => error.hint(format!("Declare it: variable \"{name}\" {{}}")),
            });
            return;
        }
        self.text(name, value, Origin::CommandLine);
    }

    fn similar(&self, name: &str) -> Option<&str> {
        similar(name, self.module.variables.keys().map(|name| &**name))
    }
}
