//! An expression of the configuration and where it stands.

use std::sync::Arc;

use hcl::ast::Expr;
use hcl::span::Span;
use model::source::{FileId, SourceRange};

/// An expression with the file it stands in. Cloning is O(1).
#[derive(Clone, PartialEq, Debug)]
pub struct Expression {
    pub file: FileId,
    pub node: Arc<Expr>,
}

impl Expression {
    pub fn new(file: FileId, node: Expr) -> Expression {
        Expression { file, node: Arc::new(node) }
    }

    pub fn range(&self) -> SourceRange {
        range(self.file, self.node.span())
    }
}

/// A range of the syntax tree as a range of the source map.
pub fn range(file: FileId, span: Span) -> SourceRange {
    SourceRange { file, start: span.start, end: span.end }
}
