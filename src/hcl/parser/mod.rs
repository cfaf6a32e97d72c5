//! The parser of the native syntax: recursive descent over the tokens, one function a construct.
//!
//! A construct that fails has reported its error and returns [`Failed`]; the item of the body it is in catches that, skips to the
//! next item ([`recovery`]) and goes on, so a file gives one error an item. Mistakes that leave the structure intact (an invalid
//! escape, an argument set twice) are reported and passed over.
//!
//! Newlines end an item, but mean nothing inside parentheses, brackets and template sequences: `newlines` says which holds.

mod body;
mod collection;
mod expression;
mod literal;
mod recovery;
mod template;

use crate::NESTING_MAX;
use crate::ast::{Body, Expr, Ident};
use crate::error::SyntaxError;
use crate::span::{LineIndex, Span};
use crate::token::{Token, TokenKind};

/// Parses the tokens of a file.
pub fn file(text: &str, tokens: &[Token]) -> (Body, Vec<SyntaxError>) {
    let mut parser = Parser::new(text, tokens);
    let body = parser.file();
    (body, parser.errors)
}

/// Parses the tokens of a text that is one expression; newlines mean nothing in it.
pub fn expression(text: &str, tokens: &[Token]) -> (Expr, Vec<SyntaxError>) {
    let mut parser = Parser::new(text, tokens);
    parser.newlines = false;
    let expr = parser.only_expression();
    let expr = expr.unwrap_or_else(|Failed| Expr::Missing(parser.whole()));
    (expr, parser.errors)
}

/// Parses the tokens of a text that is one template.
pub fn template(text: &str, tokens: &[Token]) -> (Expr, Vec<SyntaxError>) {
    let mut parser = Parser::new(text, tokens);
    let expr = parser.bare_template();
    let expr = expr.unwrap_or_else(|Failed| Expr::Missing(parser.whole()));
    (expr, parser.errors)
}

/// A construct could not be parsed; its error is reported.
struct Failed;

type Parse<T> = Result<T, Failed>;

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// The next token that is no trivia.
    at: usize,
    /// The last token taken.
    last: Span,
    /// Whether a newline is a token rather than space.
    newlines: bool,
    depth: usize,
    errors: Vec<SyntaxError>,
    /// The header of the first block whose closing brace is indented less than it: where braces do not match, its own is missing.
    misaligned: Option<Span>,
    /// For errors that name a line; most files need none.
    lines: Option<LineIndex>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        let mut parser = Parser {
            text,
            tokens,
            at: 0,
            last: Span::at(0),
            newlines: true,
            depth: 0,
            errors: Vec::new(),
            misaligned: None,
            lines: None,
        };
        parser.skip_trivia();
        parser
    }

    fn only_expression(&mut self) -> Parse<Expr> {
        let expr = self.expression()?;
        let next = self.peek();
        if next.kind == TokenKind::End {
            return Ok(expr);
        }
        let found = self.describe(next);
        self.fail_at(
            next,
            "Extra characters after expression",
            format!("An expression was parsed, but {found} follows it."),
        )
    }

    fn whole(&self) -> Span {
        Span::new(0, self.text.len() as u32)
    }

    #[inline]
    fn skip_trivia(&mut self) {
        while self.tokens[self.at].kind.is_trivia() {
            self.at += 1;
        }
    }

    /// Where the next token is that means something now.
    fn next_index(&self) -> usize {
        let mut at = self.at;
        if !self.newlines {
            while self.tokens[at].kind == TokenKind::Newline || self.tokens[at].kind.is_trivia() {
                at += 1;
            }
        }
        at
    }

    #[inline]
    fn peek(&self) -> Token {
        let token = self.tokens[self.at];
        if token.kind == TokenKind::Newline && !self.newlines { self.tokens[self.next_index()] } else { token }
    }

    #[inline]
    fn peek_kind(&self) -> TokenKind {
        self.peek().kind
    }

    /// Takes the next token; the end of the file stays.
    #[inline]
    fn bump(&mut self) -> Token {
        if self.tokens[self.at].kind == TokenKind::Newline && !self.newlines {
            self.at = self.next_index();
        }
        let token = self.tokens[self.at];
        self.last = token.span;
        if token.kind != TokenKind::End {
            self.at += 1;
            self.skip_trivia();
        }
        token
    }

    /// Takes the next token if it is of this kind.
    #[inline]
    fn eat(&mut self, kind: TokenKind) -> Option<Token> {
        (self.peek_kind() == kind).then(|| self.bump())
    }

    fn slice(&self, span: Span) -> &'a str {
        &self.text[span.range()]
    }

    fn ident(&self, token: Token) -> Ident {
        Ident { name: self.slice(token.span).into(), span: token.span }
    }

    /// Whether the token is this word; keywords are identifiers elsewhere.
    fn is_keyword(&self, token: Token, word: &str) -> bool {
        token.kind == TokenKind::Ident && self.slice(token.span) == word
    }

    /// Runs with newlines meaning something or nothing, and restores what held before.
    fn with_newlines<T>(&mut self, newlines: bool, parse: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.newlines, newlines);
        let result = parse(self);
        self.newlines = outer;
        result
    }

    /// Goes one level deeper; the caller comes back with `self.depth -= 1` unless it fails.
    fn enter(&mut self, at: Token) -> Parse<()> {
        self.depth += 1;
        if self.depth <= NESTING_MAX {
            return Ok(());
        }
        self.fail_at(
            at,
            "Nesting too deep",
            format!(
                "Expressions and blocks may nest up to {NESTING_MAX} levels deep. Move inner parts into local values."
            ),
        )
    }

    fn report(&mut self, range: Span, context: Option<Span>, summary: &'static str, detail: impl Into<String>) {
        self.errors.push(SyntaxError { summary, detail: detail.into(), range, context });
    }

    fn fail<T>(
        &mut self,
        range: Span,
        context: Option<Span>,
        summary: &'static str,
        detail: impl Into<String>,
    ) -> Parse<T> {
        self.report(range, context, summary, detail);
        Err(Failed)
    }

    /// Fails because of a token that should not be there. A token that is wrong in itself is reported as that.
    fn fail_at<T>(&mut self, token: Token, summary: &'static str, detail: impl Into<String>) -> Parse<T> {
        self.fail_within(token, None, summary, detail)
    }

    /// As [`Parser::fail_at`], inside a construct that began at `start`.
    fn fail_within<T>(
        &mut self,
        token: Token,
        start: Option<Span>,
        summary: &'static str,
        detail: impl Into<String>,
    ) -> Parse<T> {
        let range = match token.kind {
            TokenKind::Newline | TokenKind::End => Span::at(token.span.start),
            TokenKind::Invalid => {
                let (summary, detail) = literal::invalid_character(self.slice(token.span));
                return self.fail(token.span, None, summary, detail);
            }
            _ => token.span,
        };
        self.fail(range, start.map(|start| start.to(range)), summary, detail)
    }

    /// The line of an offset, from 1.
    fn line(&mut self, offset: u32) -> u32 {
        let text = self.text.as_bytes();
        self.lines.get_or_insert_with(|| LineIndex::new(text)).position(text, offset).line
    }

    /// What a token is, for "but found ..".
    fn describe(&self, token: Token) -> String {
        let text = self.slice(token.span);
        match token.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::Newline => "the end of the line".to_owned(),
            TokenKind::Ident => format!("the name `{text}`"),
            TokenKind::Number => format!("the number `{text}`"),
            TokenKind::OpenQuote => "a quoted string".to_owned(),
            TokenKind::CloseQuote => "the closing quote of the string".to_owned(),
            TokenKind::QuotedNewline => "the end of the line".to_owned(),
            TokenKind::OpenHeredoc => "a heredoc".to_owned(),
            TokenKind::CloseTemplate => format!("the `{text}` that ends a template sequence"),
            _ => format!("`{text}`"),
        }
    }
}
