//! The canonical layout, byte for byte that of `terraform fmt`.
//!
//! Comes in two steps. `rewrite` changes tokens where older ways of writing are replaced by today's; `layout` then changes the
//! space before tokens and nothing else, line by line.

mod layout;
mod rewrite;

use std::borrow::Cow;

use crate::Parsed;
use crate::error::SyntaxError;
use crate::token::{Token, TokenKind};

/// Formats a file. A file with syntax errors has no layout to keep, so it gives these.
///
/// Differs from `terraform fmt` where that breaks files or changes what they say. It drops a label in which there is a `$` or `%` and
/// an index that is `true`, `false` or `null`; takes an expression out of quotes where its lines then end too early (a heredoc's marker
/// without its newline, a comment between operators); and joins `a.0. 1` and `a.0. e1` to numbers. Here all of these stay.
/// Space at the very end of a file stays as it is.
///
/// # Errors
/// The syntax errors of the text, in the order of their places.
pub fn format(text: &str) -> Result<String, Vec<SyntaxError>> {
    let mut formatted = String::with_capacity(text.len() + text.len() / 8);
    write(text, crate::parse(text), |spaces, piece| {
        formatted.extend(std::iter::repeat_n(' ', spaces));
        formatted.push_str(piece.map_or("", |piece| &piece.text));
    })?;
    Ok(formatted)
}

/// Formats a file as it is on disk: bytes that are not UTF-8 are kept in comments, and are an error elsewhere.
///
/// # Errors
/// As [`format`].
pub fn format_bytes(bytes: &[u8]) -> Result<Vec<u8>, Vec<SyntaxError>> {
    let (text, invalid) = crate::decode(bytes);
    if invalid.is_empty() {
        return format(&text).map(String::into_bytes);
    }
    let mut formatted = Vec::with_capacity(bytes.len() + bytes.len() / 8);
    write(&text, crate::parse_bytes(bytes), |spaces, piece| {
        formatted.extend(std::iter::repeat_n(b' ', spaces));
        let Some(piece) = piece else { return };
        let start = piece.text.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        match bytes.get(start..start.wrapping_add(piece.text.len())) {
            // A comment is a piece of the text, whose offsets are those of the bytes.
            Some(original) if piece.kind == TokenKind::Comment => formatted.extend_from_slice(original),
            Some(_) | None => formatted.extend_from_slice(piece.text.as_bytes()),
        }
    })?;
    Ok(formatted)
}

/// Hands over the formatted pieces, each with the number of spaces before it; at the end spaces alone.
fn write(text: &str, parsed: Parsed, mut piece: impl FnMut(usize, Option<&Piece<'_>>)) -> Result<(), Vec<SyntaxError>> {
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    let mut pieces = rewrite::rewrite(text, &parsed.file, &parsed.tokens);
    layout::lay_out(&mut pieces);
    pieces.iter().for_each(|next| piece(next.spaces, Some(next)));
    let at_end = parsed.tokens.iter().rev().skip_while(|token| token.kind == TokenKind::End);
    let space = at_end.take_while(|token| matches!(token.kind, TokenKind::Whitespace | TokenKind::ByteOrderMark));
    piece(space.map(|token| token.span.len() as usize).sum(), None);
    Ok(())
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
