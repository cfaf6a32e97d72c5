//! What the user is told about a mistake: what, where, why, and the way out.

use std::sync::Arc;

use crate::address::InstanceAddr;
use crate::checkable::CheckableAddr;
use crate::path::Path;
use crate::source::SourceRange;
use crate::value::Value;

/// How bad it is: an error stops the operation, a warning does not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    Error,
    Warning,
}

/// One message for the user.
///
/// `summary` is a short phrase without a period, `detail` is whole sentences. Neither ever holds a revealed sensitive value.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnostic {
    pub severity: Severity,
    pub summary: String,
    pub detail: String,
    /// The source range the message is about.
    pub subject: Option<SourceRange>,
    /// A wider range that helps to understand the subject.
    pub context: Option<SourceRange>,
    /// The resource instance the message is about.
    pub address: Option<InstanceAddr>,
    /// The attribute of that instance.
    pub attribute: Option<Path>,
    /// Values of the references in the failing expression, in order of appearance: (`var.name`, value).
    pub values: Vec<(Arc<str>, Value)>,
    /// What the user can do.
    pub hint: Option<String>,
    /// The object whose condition this says has failed: `var.cidr`, `check.health`, `module.web.output.url`.
    pub condition_of: Option<Box<CheckableAddr>>,
}

impl Diagnostic {
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, summary, detail)
    }

    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, summary, detail)
    }

    fn new(severity: Severity, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity,
            summary: summary.into(),
            detail: detail.into(),
            subject: None,
            context: None,
            address: None,
            attribute: None,
            values: Vec::new(),
            hint: None,
            condition_of: None,
        }
    }

    pub fn at(mut self, subject: impl Into<Option<SourceRange>>) -> Diagnostic {
        self.subject = subject.into().or(self.subject);
        self
    }

    pub fn within(mut self, context: impl Into<Option<SourceRange>>) -> Diagnostic {
        self.context = context.into().or(self.context);
        self
    }

    pub fn of(mut self, address: InstanceAddr) -> Diagnostic {
        self.address = Some(address);
        self
    }

    pub fn attribute(mut self, path: Path) -> Diagnostic {
        self.attribute = Some(path);
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Messages in the order they were found.
#[derive(Clone, PartialEq, Debug, Default)]
#[must_use = "diagnostics that nobody shows are lost"]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(other);
    }

    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Diagnostics {
        Diagnostics(iter.into_iter().collect())
    }
}
