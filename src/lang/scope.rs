//! Where expressions get the values of what they mention.

use std::path::Path;

use model::diagnostic::Diagnostic;
use model::source::SourceRange;
use model::value::Value;

use crate::reference::Subject;

/// Gives evaluation the values of subjects, in one module instance and for one instance of a block.
///
/// Implementations answer in O(1) after the first time: a value is computed once, and cloning it is cheap.
pub trait Scope {
    /// The value of a subject that an expression mentions at `range`.
    ///
    /// A block with `count` is a tuple, one with `for_each` an object by key, any other the object itself.
    ///
    /// # Errors
    /// There is no such object, or it can't be used here; the diagnostic says so and points at `range`.
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic>;

    /// What functions need of the world around the expression.
    fn surroundings(&self) -> Surroundings<'_>;
}

/// What functions need of the world around an expression.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The folder that relative file names start from.
    pub base_dir: &'a Path,
    /// The time of the plan, RFC 3339; `None` while planning, where `timestamp()` is unknown.
    pub now: Option<&'a str>,
}
