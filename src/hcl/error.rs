//! A syntax error: what is wrong, where, and what was expected.

use crate::span::Span;

/// A mistake in the text. The tree is still usable around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong, without a period.
    pub summary: &'static str,
    /// What was expected and how to get there, in sentences.
    pub detail: String,
    /// What to underline.
    pub range: Span,
    /// The construct around it, for the lines of the excerpt.
    pub context: Option<Span>,
}
