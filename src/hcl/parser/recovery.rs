//! Finds the next item of a body after an item that could not be parsed.

use crate::span::Span;
use crate::token::TokenKind;

use super::Parser;

impl Parser<'_> {
    /// Skips to the newline that ends the item which begins with token `first`, or to the brace that ends its body.
    ///
    /// The brackets of the item are matched from its beginning, so the end is found wherever in it the error is. Where they do not
    /// match, layout helps: a line that is not indented deeper than the item and begins like an item is the next one.
    pub(super) fn skip_item(&mut self, first: usize) {
        let failed = self.at;
        let indent = self.indent(first);
        let mut open: Vec<TokenKind> = Vec::new();
        let mut at = first;
        loop {
            let kind = self.tokens[at].kind;
            let line_ends = match kind {
                TokenKind::End => break,
                TokenKind::CloseBrace if open.is_empty() && at >= failed => break,
                TokenKind::QuotedNewline => {
                    close_quoted(&mut open);
                    true
                }
                TokenKind::Newline => true,
                _ if kind.is_opener() => {
                    open.push(kind);
                    false
                }
                _ if kind.is_closer() => {
                    if let Some(opener) = open.iter().rposition(|opener| closes(*opener, kind)) {
                        open.truncate(opener);
                    }
                    false
                }
                _ => false,
            };
            at += 1;
            if line_ends && at > failed && (open.is_empty() || self.next_item_begins(at, indent)) {
                break;
            }
        }
        self.at = at;
        self.skip_trivia();
    }

    /// The width of the space before a token that is the first of its line.
    pub(super) fn indent(&self, token: usize) -> Option<u32> {
        let (space, before) = match token.checked_sub(1) {
            Some(before) if self.tokens[before].kind == TokenKind::Whitespace => {
                (self.tokens[before].span.len(), before.checked_sub(1))
            }
            before => (0, before),
        };
        match before.map(|before| self.tokens[before].kind) {
            None | Some(TokenKind::Newline | TokenKind::QuotedNewline | TokenKind::ByteOrderMark) => Some(space),
            Some(_) => None,
        }
    }

    /// Whether the line that begins at token `at` begins an item beside or outside of one with this indent.
    fn next_item_begins(&self, at: usize, item_indent: Option<u32>) -> bool {
        let Some(item_indent) = item_indent else {
            return false;
        };
        let (indent, first) = match self.tokens[at].kind {
            TokenKind::Whitespace => (self.tokens[at].span.len(), at + 1),
            _ => (0, at),
        };
        match self.tokens[first].kind {
            TokenKind::CloseBrace => indent < item_indent,
            TokenKind::Ident if indent <= item_indent => {
                let mut second = first + 1;
                while self.tokens[second].kind == TokenKind::Whitespace {
                    second += 1;
                }
                matches!(
                    self.tokens[second].kind,
                    TokenKind::Equal | TokenKind::OpenBrace | TokenKind::OpenQuote | TokenKind::Ident
                )
            }
            _ => false,
        }
    }

    /// From a token to the end of what was taken last, for the place of what could not be parsed.
    pub(super) fn since(&self, start: u32) -> Span {
        Span::new(start, self.last.end.max(start))
    }
}

fn closes(opener: TokenKind, closer: TokenKind) -> bool {
    match opener {
        TokenKind::OpenBrace => closer == TokenKind::CloseBrace,
        TokenKind::OpenBracket => closer == TokenKind::CloseBracket,
        TokenKind::OpenParen => closer == TokenKind::CloseParen,
        TokenKind::OpenQuote => closer == TokenKind::CloseQuote,
        TokenKind::OpenHeredoc => closer == TokenKind::CloseHeredoc,
        TokenKind::OpenInterpolation | TokenKind::OpenDirective => closer == TokenKind::CloseTemplate,
        _ => false,
    }
}

/// Closes the string that ends with its line, with the strings and expressions it is nested in up to the next heredoc.
fn close_quoted(open: &mut Vec<TokenKind>) {
    let heredoc = open.iter().rposition(|opener| *opener == TokenKind::OpenHeredoc);
    let from = heredoc.map_or(0, |heredoc| heredoc + 1);
    if let Some(quote) = open[from..].iter().position(|opener| *opener == TokenKind::OpenQuote) {
        open.truncate(from + quote);
    }
}
