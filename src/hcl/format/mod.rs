//! The canonical layout, byte for byte that of `terraform fmt`.
//!
//! Comes in two steps. `rewrite` changes tokens where older ways of writing are replaced by today's; `layout` then changes the
//! space before tokens and nothing else, line by line.

mod layout;
mod rewrite;

use std::borrow::Cow;

use crate::error::SyntaxError;
use crate::token::{Token, TokenKind};

/// Formats a file. A file with syntax errors has no layout to keep, so it gives these.
///
/// Differs from `terraform fmt` where that breaks files: it drops a label in which there is a `$` or `%`, takes a heredoc out of
/// quotes where no newline follows its marker then, and joins `a.0. 1` to a number; here all three stay. Space at the very end of a file stays as it is.
pub fn format(text: &str) -> Result<String, Vec<SyntaxError>> {
    let parsed = crate::parse(text);
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    let mut pieces = rewrite::rewrite(text, &parsed.file, &parsed.tokens);
    layout::lay_out(&mut pieces);
    let length = pieces.iter().map(|piece| piece.spaces + piece.text.len()).sum();
    let mut formatted = String::with_capacity(length);
    for piece in &pieces {
        formatted.extend(std::iter::repeat_n(' ', piece.spaces));
        formatted.push_str(&piece.text);
    }
    let end = parsed.tokens.iter().rev().find(|token| token.kind != TokenKind::End);
    if let Some(space) = end.filter(|token| token.kind == TokenKind::Whitespace) {
        formatted.extend(std::iter::repeat_n(' ', space.span.len() as usize));
    }
    Ok(formatted)
}

/// A token with the space before it.
#[derive(Debug, Clone)]
struct Piece<'a> {
    kind: TokenKind,
    text: Cow<'a, str>,
    spaces: usize,
}

impl<'a> Piece<'a> {
    fn new(kind: TokenKind, text: impl Into<Cow<'a, str>>) -> Self {
        Piece { kind, text: text.into(), spaces: 0 }
    }

    /// Whether a line ends with it. A line comment holds its newline here, as the layout treats the two as one.
    fn ends_line(&self) -> bool {
        match self.kind {
            TokenKind::Newline => true,
            TokenKind::Comment => self.text.ends_with('\n'),
            _ => false,
        }
    }
}

/// The tokens as pieces, with space counted and left out. The second list has the index of the piece of each token.
fn pieces<'a>(text: &'a str, tokens: &[Token]) -> (Vec<Piece<'a>>, Vec<usize>) {
    let mut pieces: Vec<Piece<'a>> = Vec::with_capacity(tokens.len());
    let mut indexes = Vec::with_capacity(tokens.len());
    let mut spaces = 0;
    let mut comment_start = None;
    for token in tokens {
        indexes.push(pieces.len());
        let slice = &text[token.span.range()];
        match (token.kind, comment_start.take()) {
            (TokenKind::ByteOrderMark | TokenKind::End, _) => {}
            (TokenKind::Whitespace, _) => spaces += slice.len(),
            (TokenKind::Newline, Some(start)) => {
                if let Some(comment) = pieces.last_mut() {
                    comment.text = Cow::Borrowed(&text[start..token.span.end as usize]);
                }
            }
            (kind, _) => {
                if kind == TokenKind::Comment && !slice.starts_with("/*") {
                    comment_start = Some(token.span.start as usize);
                }
                pieces.push(Piece { kind, text: Cow::Borrowed(slice), spaces });
                spaces = 0;
            }
        }
    }
    (pieces, indexes)
}
