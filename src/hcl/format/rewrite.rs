//! Replaces older ways of writing by today's: `"${x}"` by `x`, bare labels by quoted ones, and quoted or incomplete types of
//! variables by type expressions.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::ast::{Attribute, Block, Body, Item, Label};
use crate::span::Span;
use crate::token::{Token, TokenKind};

use super::Piece;

/// The pieces of a file after all replacements.
pub(super) fn rewrite<'a>(text: &'a str, file: &Body, tokens: &[Token]) -> Vec<Piece<'a>> {
    let (pieces, indexes) = super::pieces(text, tokens);
    let mut rewriter = Rewriter { tokens, indexes: &indexes, pieces: &pieces, edits: Vec::new() };
    rewriter.body(file, &[]);
    let mut edits = rewriter.edits;
    if edits.is_empty() {
        return pieces;
    }
    edits.sort_by_key(|edit| edit.range.start);
    let mut rewritten = Vec::with_capacity(pieces.len());
    let mut at = 0;
    for edit in edits {
        rewritten.extend_from_slice(&pieces[at..edit.range.start]);
        rewritten.extend(edit.replacement);
        at = edit.range.end;
    }
    rewritten.extend_from_slice(&pieces[at..]);
    rewritten
}

struct Edit<'a> {
    range: Range<usize>,
    replacement: Vec<Piece<'a>>,
}

struct Rewriter<'a, 'b> {
    tokens: &'b [Token],
    /// The piece of each token.
    indexes: &'b [usize],
    pieces: &'b [Piece<'a>],
    edits: Vec<Edit<'a>>,
}

impl<'a> Rewriter<'a, '_> {
    fn body(&mut self, body: &Body, around: &[&str]) {
        for item in &body.items {
            match item {
                Item::Attribute(attribute) => self.attribute(attribute, around),
                Item::Block(block) => self.block(block, around),
            }
        }
    }

    /// The pieces of a range that begins and ends with tokens.
    fn range(&self, span: Span) -> Range<usize> {
        let piece = |offset: u32| {
            let token = self.tokens.partition_point(|token| token.span.start < offset);
            self.indexes.get(token).copied().unwrap_or(self.pieces.len())
        };
        piece(span.start)..piece(span.end)
    }

    fn attribute(&mut self, attribute: &Attribute, around: &[&str]) {
        let range = self.range(attribute.expr.span());
        let expr = &self.pieces[range.clone()];
        let is_type = around == ["variable"] && attribute.name.name == "type";
        let replacement = if is_type { type_expression(expr) } else { unwrapped(expr) };
        let after = &self.pieces[range.end..];
        let newline_follows = after.first().is_some_and(|piece| piece.kind == TokenKind::Newline);
        let is_one_line_block = |pieces: &[Piece<'_>]| {
            let next = pieces.iter().find(|piece| piece.kind != TokenKind::Comment || piece.ends_line());
            next.is_some_and(|piece| piece.kind == TokenKind::CloseBrace)
        };
        let stays_valid = |pieces: &Vec<Piece<'_>>| match pieces.last() {
            Some(last) if last.kind == TokenKind::CloseHeredoc => newline_follows,
            Some(last) if last.ends_line() => !is_one_line_block(after),
            Some(_) | None => true,
        };
        if let Some(replacement) = replacement.filter(stays_valid) {
            self.edits.push(Edit { range, replacement });
        }
    }

    fn block(&mut self, block: &Block, around: &[&str]) {
        if !block.labels.is_empty() {
            // Comments before and between the labels are not kept.
            let range = self.range(Span::new(block.kind.span.end, block.header.end));
            let replacement = block.labels.iter().flat_map(label).collect();
            self.edits.push(Edit { range, replacement });
        }
        let around = [around, &[block.kind.name.as_str()]].concat();
        self.body(&block.body, &around);
    }
}

/// The expression inside of `"${..}"`, if the quotes hold nothing else; in parentheses where it has several lines.
fn unwrapped<'a>(expr: &[Piece<'a>]) -> Option<Vec<Piece<'a>>> {
    let [open, interpolation, inside @ .., end, close] = expr else {
        return None;
    };
    let kinds = [open.kind, interpolation.kind, end.kind, close.kind];
    let wrapped = [TokenKind::OpenQuote, TokenKind::OpenInterpolation, TokenKind::CloseTemplate, TokenKind::CloseQuote];
    if inside.is_empty() || kinds != wrapped || !is_one_interpolation(inside) {
        return None;
    }
    let is_newline = |piece: &Piece<'_>| piece.kind == TokenKind::Newline;
    let start = inside.iter().position(|piece| !is_newline(piece)).unwrap_or(inside.len());
    let end = inside.iter().rposition(|piece| !is_newline(piece)).map_or(start, |last| last + 1);
    let trimmed = &inside[start..end];
    let has_parens = matches!(trimmed, [first, .., last] if first.kind == TokenKind::OpenParen && last.kind == TokenKind::CloseParen);
    if !has_parens && trimmed.iter().any(is_newline) || has_line_break_outside_of_brackets(trimmed) {
        if trimmed.last().is_some_and(|last| last.kind == TokenKind::CloseHeredoc) {
            return None;
        }
        let mut pieces = vec![Piece::new(TokenKind::OpenParen, "(")];
        pieces.extend_from_slice(trimmed);
        pieces.push(Piece::new(TokenKind::CloseParen, ")"));
        return Some(pieces);
    }
    Some(trimmed.to_vec())
}

/// Whether a line ends in an expression where that would end the attribute: outside of all brackets, other than by a comment at its end.
fn has_line_break_outside_of_brackets(pieces: &[Piece<'_>]) -> bool {
    let mut open = 0;
    let Some((_, before_last)) = pieces.split_last() else { return false };
    before_last.iter().any(|piece| {
        open += i32::from(piece.kind.is_opener()) - i32::from(piece.kind.is_closer());
        open == 0 && piece.ends_line()
    })
}

/// Whether no other part of the outer string is among the pieces between its first `${` and last `}`.
fn is_one_interpolation(inside: &[Piece<'_>]) -> bool {
    let mut quotes = 0_i32;
    for piece in inside {
        match piece.kind {
            TokenKind::OpenQuote => quotes += 1,
            TokenKind::CloseQuote => quotes -= 1,
            TokenKind::OpenInterpolation | TokenKind::CloseTemplate | TokenKind::QuotedText if quotes <= 0 => {
                return false;
            }
            _ => {}
        }
    }
    true
}

/// The type a variable's `type` means in the way of writing of before 0.12, or a collection without the type of its elements.
fn type_expression<'a>(expr: &[Piece<'a>]) -> Option<Vec<Piece<'a>>> {
    let (collection, element) = match expr {
        [name] if name.kind == TokenKind::Ident => match name.text.as_ref() {
            collection @ ("list" | "map" | "set") => (collection, "any"),
            _ => return None,
        },
        [open, name, close]
            if open.kind == TokenKind::OpenQuote
                && name.kind == TokenKind::QuotedText
                && close.kind == TokenKind::CloseQuote =>
        {
            match name.text.as_ref() {
                "string" => return Some(vec![Piece::new(TokenKind::Ident, "string")]),
                collection @ ("list" | "map") => (collection, "string"),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(vec![
        Piece::new(TokenKind::Ident, collection.to_owned()),
        Piece::new(TokenKind::OpenParen, "("),
        Piece::new(TokenKind::Ident, element),
        Piece::new(TokenKind::CloseParen, ")"),
    ])
}

/// A label in quotes.
fn label<'a>(label: &Label) -> Vec<Piece<'a>> {
    let mut pieces = vec![Piece::new(TokenKind::OpenQuote, "\"")];
    if !label.text.is_empty() {
        pieces.push(Piece::new(TokenKind::QuotedText, quoted(&label.text)));
    }
    pieces.push(Piece::new(TokenKind::CloseQuote, "\""));
    pieces
}

/// The text with the escapes it needs in quotes.
fn quoted<'a>(text: &str) -> Cow<'a, str> {
    let mut escaped = String::with_capacity(text.len());
    let mut chars = text.nfc().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '$' | '%' => {
                escaped.push(char);
                if chars.peek() == Some(&'{') {
                    escaped.push(char);
                }
            }
            _ if is_printable(char) => escaped.push(char),
            _ => {
                let code = u32::from(char);
                let escape = if code < 0x10000 { format!("\\u{code:04x}") } else { format!("\\U{code:08x}") };
                escaped.push_str(&escape);
            }
        }
    }
    Cow::Owned(escaped)
}

/// Whether a character is written as it is: letters, marks, numbers, punctuation, symbols and the space.
fn is_printable(char: char) -> bool {
    match char.general_category_group() {
        GeneralCategoryGroup::Letter
        | GeneralCategoryGroup::Mark
        | GeneralCategoryGroup::Number
        | GeneralCategoryGroup::Punctuation
        | GeneralCategoryGroup::Symbol => true,
        GeneralCategoryGroup::Separator | GeneralCategoryGroup::Other => char == ' ',
    }
}
