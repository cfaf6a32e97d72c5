//! Where expressions get the values of what they mention.

use std::path::Path;

use hcl::ast::Traversal;
use model::diagnostic::Diagnostic;
use model::source::{FileId, SourceRange};
use model::value::Value;

use crate::reference::{self, Reference, Subject};

/// Gives evaluation the values of subjects, in one module instance and for one instance of a block.
///
/// Implementations answer in O(1) after the first time: a value is computed once, and cloning it is cheap.
pub trait Scope {
    /// What a traversal mentions. Test files know subjects that modules don't.
    ///
    /// # Errors
    /// It mentions nothing: see [`reference::parse`].
    fn reference(&self, file: FileId, traversal: &Traversal) -> Result<Reference, Diagnostic> {
        reference::parse(file, traversal)
    }

    /// The value of a subject that an expression mentions at `range`.
    ///
    /// A block with `count` is a tuple, one with `for_each` an object by key, any other the object itself.
    ///
    /// # Errors
    /// There is no such object, or it can't be used here; the diagnostic says so and points at `range`. These are mistakes in
    /// the text, so `try` and `can` do not hide them.
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic>;

    /// What functions need of the world around the expression.
    fn surroundings(&self) -> Surroundings<'_>;
}

/// What functions need of the world around an expression.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The folder that relative file names start from.
    pub base_dir: &'a Path,
    /// The folder that `pathexpand` puts in place of `~`; `None` leaves the `~`.
    pub home: Option<&'a Path>,
    /// When the plan was made, RFC 3339 in UTC: what `plantimestamp()` gives. `None` in validation, where it is unknown.
    pub plan_time: Option<&'a str>,
    /// For functions that answer differently each time; `None` while planning, where their results are unknown.
    pub impure: Option<Impure<'a>>,
}

impl Surroundings<'static> {
    /// Of expressions that stand alone: nothing is known of a machine or a time.
    pub fn nowhere() -> Surroundings<'static> {
        Surroundings { base_dir: Path::new("."), home: None, plan_time: None, impure: None }
    }
}

/// What functions that answer differently each time draw from.
#[derive(Clone, Copy, Debug)]
pub struct Impure<'a> {
    /// The time of the apply, RFC 3339 in UTC: what `timestamp()` gives.
    pub now: &'a str,
    /// Fills a buffer with random bytes, for `uuid` and the salt of `bcrypt`.
    pub random: fn(&mut [u8]),
}
