//! The HCL syntax: lexer, parser, tree and formatter for the language of Terraform configurations.
//!
//! Follows the HCL native syntax specification and, where that is silent, what Terraform 1.11 does.

pub mod ast;
pub mod error;
pub mod span;

/// How deep expressions, templates and blocks may nest; deeper is a syntax error.
pub const NESTING_MAX: usize = 1000;
