//! Failures of the world a provider talks to.

use std::fmt;

use model::path::Path;

/// A call that failed, with what is needed to act on it. Never holds sensitive values.
#[derive(Clone, PartialEq, Debug)]
pub struct ProviderError {
    pub kind: ErrorKind,
    /// `service:Operation` for a call, or what was being done.
    pub operation: String,
    /// The service's error code.
    pub code: Option<String>,
    /// The service's message, or our own: a fragment.
    pub message: String,
    pub request_id: Option<String>,
    /// The attribute that caused it, where that is known.
    pub attribute: Option<Path>,
    /// What the user can do.
    pub hint: Option<String>,
}

/// What kind of failure it is: what may be retried, and what it means for the object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// The object is not there.
    NotFound,
    /// An object of that name exists already.
    AlreadyExists,
    /// The object is in use, or in a state that forbids the operation.
    Conflict,
    /// The caller may not do this.
    Denied,
    /// The credentials are missing, expired or wrong.
    Credentials,
    /// The request was refused as wrong.
    Invalid,
    /// Too many requests, still after retries.
    Throttled,
    /// No answer, or a 5xx.
    Unavailable,
    /// The object did not become ready in time, or ended in a failed state.
    NotReady,
    /// The operation was stopped by the user.
    Interrupted,
    Other,
}

impl ProviderError {
    pub fn new(kind: ErrorKind, operation: impl Into<String>, message: impl Into<String>) -> ProviderError {
        ProviderError {
            kind,
            operation: operation.into(),
            code: None,
            message: message.into(),
            request_id: None,
            attribute: None,
            hint: None,
        }
    }

    pub fn invalid(operation: impl Into<String>, message: impl Into<String>) -> ProviderError {
        ProviderError::new(ErrorKind::Invalid, operation, message)
    }

    pub fn hint(mut self, hint: impl Into<String>) -> ProviderError {
        self.hint = Some(hint.into());
        self
    }

    pub fn attribute(mut self, path: Path) -> ProviderError {
        self.attribute = Some(path);
        self
    }

    pub fn is_not_found(&self) -> bool {
        self.kind == ErrorKind::NotFound
    }
}

/// `failed to call ecs:CreateService: InvalidParameterException: no such cluster (request id 1b2c)`
impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to {}{}: ", if self.operation.contains(':') { "call " } else { "" }, self.operation)?;
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ProviderError {}
