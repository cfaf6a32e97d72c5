//! Why a state file cannot be read, and what to do about it.

/// A state file that is broken, or of a version that is not read.
///
/// No message holds a value of the file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StateFileError {
    #[error("the state is not valid JSON at line {line}, column {column}: {reason}")]
    Syntax { line: usize, column: usize, reason: String },
    #[error("the state names no format version, so it is no state of Terraform or `infra`")]
    NoVersion,
    #[error("the state has format version {version}{}, which is too old: version 4 is read", by(writer))]
    TooOld { version: u64, writer: Option<String> },
    #[error("the state has format version {version}{}, which is too new: version 4 is read", by(writer))]
    TooNew { version: u64, writer: Option<String> },
    #[error("the state has a wrong part at `{path}`: {reason}")]
    Shape {
        /// From the top of the file: `resources[3].instances[0].schema_version`.
        path: String,
        reason: String,
    },
}

impl StateFileError {
    pub(super) fn shape(path: impl Into<String>, reason: impl Into<String>) -> StateFileError {
        StateFileError::Shape { path: path.into(), reason: reason.into() }
    }

    /// What the user can do, in sentences.
    pub fn hint(&self) -> &'static str {
        match self {
            StateFileError::Syntax { .. } | StateFileError::NoVersion => {
                "The file is damaged or is something else. Beside a local state lies the one before the last change, under the same name \
                 with `.backup` at its end: look into both, and copy the backup over the state if that is the better one. Nothing was changed."
            }
            StateFileError::TooOld { .. } => {
                "Run `terraform apply -refresh-only` with Terraform 1.x once: it rewrites the state in version 4. Nothing was changed."
            }
            StateFileError::TooNew { .. } => {
                "Use the tool that wrote it, or a newer version of `infra`. Nothing was changed."
            }
            StateFileError::Shape { .. } => {
                "The file was edited by hand or written by another tool. Correct that place, or copy the `.backup` beside the state over it. \
                 Nothing was changed."
            }
        }
    }
}

fn by(writer: &Option<String>) -> String {
    match writer {
        Some(version) => format!(", written by Terraform {version}"),
        None => String::new(),
    }
}
