//! What must hold of any bytes; each function panics where it does not.
//!
//! `cargo fuzz run TARGET` in the crate's folder runs one of them; the crate's tests run all of them on mutations of a seed.
#![allow(clippy::allow_attributes, dead_code, reason = "each fuzz target uses one of the functions")]

use hcl::ast::{Body, Expr};
use hcl::error::SyntaxError;
use hcl::format::format_bytes;
use hcl::json::body::{BlockSchema, Schema};
use hcl::json::expression::{self, Strings};
use hcl::lexer::{tokenize, tokenize_template};
use hcl::span::{LineIndex, Span};
use hcl::token::{Token, TokenKind};
use hcl::{json, parse, parse_bytes, parse_expression, parse_template};

use crate::meaning;

/// Tokens are the text, all ranges lie in it, errors have words, and the readers of bytes and of text agree.
pub fn native(bytes: &[u8]) {
    let of_bytes = parse_bytes(bytes);
    errors_are_sound(&of_bytes.errors, bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    tokens_are_lossless(text, &tokenize(text));
    tokens_are_lossless(text, &tokenize_template(text));
    let parsed = parse(text);
    assert_eq!(parsed.errors, of_bytes.errors, "{text:?}");
    body_is_sound(&parsed.file, text);
    assert!(!parsed.errors.is_empty() || !is_incomplete(&parsed.file), "{text:?}");
    for parsed in [parse_expression(text), parse_template(text)] {
        errors_are_sound(&parsed.errors, bytes);
        expr_is_sound(&parsed.expr, text);
        parsed.expr.references();
    }
}

/// A configuration in JSON is read to the end, and all ranges lie in it.
pub fn json(bytes: &[u8]) {
    const INNER: Schema = Schema {
        attributes: &[("depends_on", Strings::Expressions), ("default", Strings::Literals)],
        blocks: &[BlockSchema { kind: "inner", labels: &[], body: &Schema::of_attributes(Strings::Templates) }],
        other: Strings::Templates,
    };
    const ROOT: Schema = Schema {
        attributes: &[],
        blocks: &[
            BlockSchema { kind: "resource", labels: &["type", "name"], body: &INNER },
            BlockSchema { kind: "locals", labels: &[], body: &INNER },
        ],
        other: Strings::Templates,
    };
    let mut parsed = json::parse_bytes(bytes);
    let body = json::body::read(&parsed.value, &ROOT, &mut parsed.errors);
    errors_are_sound(&parsed.errors, bytes);
    body.for_each_expr(&mut |expr| {
        expression::reread(expr);
        assert!(expr.span().end as usize <= bytes.len(), "{:?}", String::from_utf8_lossy(bytes));
        for attribute in body.attributes() {
            json::body::blocks(&attribute.name, &attribute.expr, 1, &mut Vec::new());
        }
    });
}

/// What the formatter writes has no errors, says what the text said, and is settled after a few more times.
pub fn format_is_faithful(text: &str) {
    let Ok(mut formatted) = hcl::format::format(text) else { return };
    let meant = meaning::of_text(text);
    assert_eq!(format_bytes(text.as_bytes()).as_deref(), Ok(formatted.as_bytes()), "{text:?}");
    // Each time takes one pair of quotes off a value at most, and a line that moved may move its neighbours.
    for _ in 0..8 + text.matches("${").count() {
        assert_eq!(meaning::of_text(&formatted), meant, "{text:?} becomes {formatted:?}");
        let again = hcl::format::format(&formatted).expect("it has a meaning, so it has no errors");
        if again == formatted {
            return;
        }
        formatted = again;
    }
    panic!("{text:?} never settles, it is now {formatted:?}");
}

/// As [`format_is_faithful`], also of bytes that are no text.
pub fn format(bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => format_is_faithful(text),
        Err(_) => {
            if let Ok(formatted) = format_bytes(bytes) {
                assert_eq!(parse_bytes(&formatted).errors, []);
            }
        }
    }
}

/// Values of variables, read as both syntaxes.
pub fn values(bytes: &[u8]) {
    let parsed = parse_bytes(bytes);
    for attribute in parsed.file.attributes() {
        attribute.expr.references();
        attribute.expr.as_traversal();
        attribute.expr.as_string_literal();
    }
    let mut parsed = json::parse_bytes(bytes);
    for strings in [Strings::Literals, Strings::Templates, Strings::Expressions] {
        let expr = expression::read(&parsed.value, strings, &mut parsed.errors);
        expr.walk(&mut |expr| assert!(expr.span().end as usize <= bytes.len()));
    }
    errors_are_sound(&parsed.errors, bytes);
}

fn tokens_are_lossless(text: &str, tokens: &[Token]) {
    let mut end = 0;
    for token in tokens {
        assert_eq!(token.span.start, end, "{text:?}");
        end = token.span.end;
        assert!(text.is_char_boundary(end as usize), "{text:?}");
    }
    assert_eq!(end as usize, text.len(), "{text:?}");
    assert_eq!(tokens.last().map(|token| token.kind), Some(TokenKind::End));
}

fn errors_are_sound(errors: &[SyntaxError], bytes: &[u8]) {
    let shown = || String::from_utf8_lossy(bytes);
    let lines = LineIndex::new(bytes);
    for error in errors {
        for range in [Some(error.range), error.context].into_iter().flatten() {
            assert!(range.start <= range.end && range.end as usize <= bytes.len(), "{:?}: {error:?}", shown());
            lines.position(bytes, range.start);
        }
        assert!(!error.summary.is_empty() && !error.detail.is_empty(), "{:?}: {error:?}", shown());
    }
}

fn body_is_sound(body: &Body, text: &str) {
    body.for_each_expr(&mut |expr| expr_is_sound(expr, text));
}

fn expr_is_sound(expr: &Expr, text: &str) {
    let whole = expr.span();
    let inside = |span: Span| whole.start <= span.start && span.end <= whole.end;
    expr.walk(&mut |inner| {
        assert!(text.get(inner.span().range()).is_some(), "{text:?}: {inner:?}");
        assert!(inside(inner.span()), "{text:?}: {inner:?}");
    });
}

/// Whether there is an expression that is missing.
fn is_incomplete(body: &Body) -> bool {
    let mut incomplete = false;
    body.for_each_expr(&mut |expr| expr.walk(&mut |inner| incomplete |= matches!(inner, Expr::Missing(_))));
    incomplete
}
