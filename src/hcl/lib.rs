//! The HCL syntax: lexer, parser, tree and formatter for the language of Terraform configurations.
//!
//! Follows the HCL native syntax specification and, where that is silent, what Terraform 1.11 does. It knows no block kinds, evaluates
//! nothing and reads no files: text in, tree and errors out. Every text has a tree; where it is wrong the errors say so, and the tree
//! holds [`ast::Expr::Missing`] or leaves the item out.

pub mod ast;
pub mod error;
pub mod format;
pub mod identifier;
pub mod json;
pub mod lexer;
mod parser;
mod relocate;
pub mod span;
pub mod stack;
pub mod token;
pub mod visit;

use std::borrow::Cow;

use ast::{Body, Expr};
use error::SyntaxError;
use span::Span;
use token::{Token, TokenKind};

/// How deep expressions, templates and blocks may nest; deeper is a syntax error.
pub const NESTING_MAX: usize = 1000;

/// The largest text that can be parsed, in bytes: spans are 32 bits wide.
pub const TEXT_BYTES_MAX: usize = u32::MAX as usize - 1;

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub file: Body,
    /// All tokens, also comments and space: put together they are the text.
    pub tokens: Vec<Token>,
    /// In the order of their places.
    pub errors: Vec<SyntaxError>,
}

impl Parsed {
    fn of_error(error: SyntaxError) -> Self {
        let file = Body { items: Vec::new(), span: Span::at(0), end: Span::at(0) };
        Parsed { file, tokens: Vec::new(), errors: vec![error] }
    }
}

/// A parsed expression or template.
#[derive(Debug, Clone)]
pub struct ParsedExpr {
    pub expr: Expr,
    /// In the order of their places.
    pub errors: Vec<SyntaxError>,
}

/// Parses a configuration file or a file of variable values in native syntax.
pub fn parse(text: &str) -> Parsed {
    if let Some(error) = too_large(text.len()) {
        return Parsed::of_error(error);
    }
    let tokens = lexer::tokenize(text);
    let (file, errors) = parser::file(text, &tokens);
    Parsed { file, tokens, errors: in_order(errors) }
}

/// Parses a file as it is on disk. Bytes that are not UTF-8 are an error with their place, except in comments.
pub fn parse_bytes(bytes: &[u8]) -> Parsed {
    if let Some(error) = too_large(bytes.len()) {
        return Parsed::of_error(error);
    }
    let (text, invalid) = decode(bytes);
    let mut parsed = parse(&text);
    let mut invalid = invalid.into_iter().peekable();
    let comments = parsed.tokens.iter().filter(|token| token.kind == TokenKind::Comment);
    let mut encoding_errors = Vec::new();
    let mut outside = |span: Span| encoding_errors.push(invalid_encoding(span));
    for comment in comments {
        while let Some(span) = invalid.next_if(|span| span.start < comment.span.end) {
            if span.start < comment.span.start {
                outside(span);
            }
        }
    }
    invalid.for_each(&mut outside);
    if !encoding_errors.is_empty() {
        let is_encoding = |error: &SyntaxError| text.as_bytes()[error.range.range()].starts_with(&[SUBSTITUTE]);
        parsed.errors.retain(|error| !is_encoding(error));
        parsed.errors.extend(encoding_errors);
        parsed.errors = in_order(parsed.errors);
    }
    parsed
}

/// Parses a text that is one expression.
pub fn parse_expression(text: &str) -> ParsedExpr {
    parse_one(text, lexer::tokenize, parser::expression)
}

/// Parses a text that is one template, as `templatefile` and `templatestring` take it: no quotes, and no escapes but `$${` and `%%{`.
pub fn parse_template(text: &str) -> ParsedExpr {
    parse_one(text, lexer::tokenize_template, parser::template)
}

/// Whether a text ends inside of brackets, of a template, or of a heredoc: it may go on in the next line.
pub fn is_open(text: &str) -> bool {
    let mut depth = 0_usize;
    for token in lexer::tokenize(&format!("{text}\n")) {
        match token.kind {
            TokenKind::OpenBrace | TokenKind::OpenBracket | TokenKind::OpenParen => depth += 1,
            TokenKind::OpenHeredoc | TokenKind::OpenInterpolation | TokenKind::OpenDirective => depth += 1,
            TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::CloseParen => depth = depth.saturating_sub(1),
            TokenKind::CloseHeredoc | TokenKind::CloseTemplate => depth = depth.saturating_sub(1),
            // A quoted string that is not closed is an error, whatever follows.
            TokenKind::QuotedNewline => return false,
            _other => {}
        }
    }
    depth > 0
}

fn parse_one(
    text: &str,
    tokenize: fn(&str) -> Vec<Token>,
    parse: fn(&str, &[Token]) -> (Expr, Vec<SyntaxError>),
) -> ParsedExpr {
    if let Some(error) = too_large(text.len()) {
        return ParsedExpr { expr: Expr::Missing(Span::at(0)), errors: vec![error] };
    }
    let (expr, errors) = parse(text, &tokenize(text));
    ParsedExpr { expr, errors: in_order(errors) }
}

fn too_large(length: usize) -> Option<SyntaxError> {
    (length > TEXT_BYTES_MAX).then(|| SyntaxError {
        summary: "File too large",
        detail: format!("The text has {length} bytes, at most {TEXT_BYTES_MAX} can be parsed."),
        range: Span::at(0),
        context: None,
    })
}

fn in_order(mut errors: Vec<SyntaxError>) -> Vec<SyntaxError> {
    errors.sort_by_key(|error| error.range.start);
    errors
}

/// Stands in the text for a byte that is not UTF-8, so that all offsets stay right.
const SUBSTITUTE: u8 = 0x1a;

/// The bytes as text, and the ranges that are not UTF-8.
fn decode(bytes: &[u8]) -> (Cow<'_, str>, Vec<Span>) {
    let mut invalid: Vec<Span> = Vec::new();
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        if chunk.valid().len() == bytes.len() {
            return (Cow::Borrowed(chunk.valid()), invalid);
        }
        text.push_str(chunk.valid());
        let bad = chunk.invalid().len();
        if bad > 0 {
            let start = text.len();
            text.extend(std::iter::repeat_n(SUBSTITUTE as char, bad));
            let span = Span::new(start as u32, text.len() as u32);
            match invalid.last_mut() {
                Some(last) if last.end == span.start => last.end = span.end,
                Some(_) | None => invalid.push(span),
            }
        }
    }
    (Cow::Owned(text), invalid)
}

fn invalid_encoding(range: Span) -> SyntaxError {
    SyntaxError {
        summary: "Invalid character encoding",
        detail:
            "Files must be encoded in UTF-8; these bytes are not. Select that encoding in the editor and save again."
                .to_owned(),
        range,
        context: None,
    }
}
