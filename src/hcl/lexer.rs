//! Splits a text into tokens, losing nothing; every text has tokens, errors are the parser's.
//!
//! Strings and heredocs nest with the expressions in them, so the lexer keeps a stack of what it is inside of.

use memchr::{memchr, memmem};

use crate::identifier;
use crate::span::Span;
use crate::token::{Token, TokenKind};

/// The tokens of a configuration file. The last is [`TokenKind::End`].
pub fn tokenize(text: &str) -> Vec<Token> {
    Lexer::new(text).run(None)
}

/// The tokens of a text that is one template, as a file for `templatefile` is. The last is [`TokenKind::End`].
pub fn tokenize_template(text: &str) -> Vec<Token> {
    Lexer::new(text).run(Some(Mode::Bare))
}

/// What the lexer is inside of.
#[derive(Debug, Clone, Copy)]
enum Mode {
    /// The expression of `${` or `%{`; the braces opened in it.
    Template {
        braces: u32,
    },
    Quoted {
        /// How many modes stay where a newline ends the string too early: it takes the strings it is nested in with it.
        outside: usize,
    },
    Heredoc {
        marker: Span,
        /// Whether the next text begins a line, where the marker may stand.
        line_start: bool,
    },
    Bare,
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    tokens: Vec<Token>,
    modes: Vec<Mode>,
    /// False once a `*/` was looked for in vain: then there is none further on either.
    comments_close: bool,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Self {
        Lexer {
            text,
            bytes: text.as_bytes(),
            position: 0,
            tokens: Vec::with_capacity(text.len() / 4 + 8),
            modes: Vec::new(),
            comments_close: true,
        }
    }

    fn run(mut self, mode: Option<Mode>) -> Vec<Token> {
        self.modes.extend(mode);
        if mode.is_none() && self.text.starts_with('\u{feff}') {
            self.push(TokenKind::ByteOrderMark, 3);
        }
        while self.position < self.bytes.len() {
            match self.modes.last().copied() {
                None | Some(Mode::Template { .. }) => self.code(),
                Some(Mode::Quoted { outside }) => self.quoted(outside),
                Some(Mode::Heredoc { marker, line_start }) => self.heredoc(marker, line_start),
                Some(Mode::Bare) => self.bare(),
            }
        }
        self.push(TokenKind::End, self.position);
        self.tokens
    }

    /// Emits the token from the current position to `end`.
    #[inline]
    fn push(&mut self, kind: TokenKind, end: usize) {
        let span = Span::new(self.position as u32, end as u32);
        self.tokens.push(Token { kind, span });
        self.position = end;
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// Emits tokens of code until the mode changes or the text ends.
    fn code(&mut self) {
        while let Some(&byte) = self.bytes.get(self.position) {
            let start = self.position;
            match byte {
                b' ' | b'\t' => {
                    let end = self.run_end(start + 1, |byte| byte == b' ' || byte == b'\t');
                    self.push(TokenKind::Whitespace, end);
                }
                b'\n' => self.push(TokenKind::Newline, start + 1),
                b'\r' if self.byte(start + 1) == b'\n' => self.push(TokenKind::Newline, start + 2),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    let end = self.ident_end(start + 1);
                    self.push(TokenKind::Ident, end);
                }
                b'0'..=b'9' => {
                    let end = self.number_end(start);
                    self.push(TokenKind::Number, end);
                }
                b'"' => {
                    self.push(TokenKind::OpenQuote, start + 1);
                    let outside = match self.modes.as_slice() {
                        [.., Mode::Quoted { outside }, Mode::Template { .. }] => *outside,
                        modes => modes.len(),
                    };
                    self.modes.push(Mode::Quoted { outside });
                    return;
                }
                b'#' => self.line_comment(),
                b'/' => match self.byte(start + 1) {
                    b'/' => self.line_comment(),
                    b'*' => self.block_comment(),
                    _ => self.push(TokenKind::Slash, start + 1),
                },
                b'<' => {
                    if self.open_heredoc() {
                        return;
                    }
                    self.one_or_two(TokenKind::Less, b'=', TokenKind::LessEqual);
                }
                b'{' => {
                    if let Some(Mode::Template { braces }) = self.modes.last_mut() {
                        *braces += 1;
                    }
                    self.push(TokenKind::OpenBrace, start + 1);
                }
                b'}' => {
                    if self.close_brace(1) {
                        return;
                    }
                }
                b'~' if self.byte(start + 1) == b'}' => {
                    if self.close_brace(2) {
                        return;
                    }
                }
                b'=' => match self.byte(start + 1) {
                    b'=' => self.push(TokenKind::EqualEqual, start + 2),
                    b'>' => self.push(TokenKind::FatArrow, start + 2),
                    _ => self.push(TokenKind::Equal, start + 1),
                },
                b'.' => {
                    if self.byte(start + 1) == b'.' && self.byte(start + 2) == b'.' {
                        self.push(TokenKind::Ellipsis, start + 3);
                    } else {
                        self.push(TokenKind::Dot, start + 1);
                    }
                }
                b'!' => self.one_or_two(TokenKind::Bang, b'=', TokenKind::NotEqual),
                b'>' => self.one_or_two(TokenKind::Greater, b'=', TokenKind::GreaterEqual),
                b'&' => self.one_or_two(TokenKind::Invalid, b'&', TokenKind::AndAnd),
                b'|' => self.one_or_two(TokenKind::Invalid, b'|', TokenKind::OrOr),
                b':' => self.one_or_two(TokenKind::Colon, b':', TokenKind::ColonColon),
                b'[' => self.push(TokenKind::OpenBracket, start + 1),
                b']' => self.push(TokenKind::CloseBracket, start + 1),
                b'(' => self.push(TokenKind::OpenParen, start + 1),
                b')' => self.push(TokenKind::CloseParen, start + 1),
                b',' => self.push(TokenKind::Comma, start + 1),
                b'+' => self.push(TokenKind::Plus, start + 1),
                b'-' => self.push(TokenKind::Minus, start + 1),
                b'*' => self.push(TokenKind::Star, start + 1),
                b'%' => self.push(TokenKind::Percent, start + 1),
                b'?' => self.push(TokenKind::Question, start + 1),
                0x80.. => self.non_ascii(),
                _ => self.push(TokenKind::Invalid, start + 1),
            }
        }
    }

    fn one_or_two(&mut self, one: TokenKind, second: u8, two: TokenKind) {
        if self.byte(self.position + 1) == second {
            self.push(two, self.position + 2);
        } else {
            self.push(one, self.position + 1);
        }
    }

    fn run_end(&self, from: usize, accept: impl Fn(u8) -> bool) -> usize {
        let rest = &self.bytes[from..];
        from + rest.iter().position(|byte| !accept(*byte)).unwrap_or(rest.len())
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    fn non_ascii(&mut self) {
        let Some(first) = self.char_at(self.position) else {
            return;
        };
        let after = self.position + first.len_utf8();
        if identifier::is_start(first) {
            let end = self.ident_end(after);
            self.push(TokenKind::Ident, end);
        } else {
            self.push(TokenKind::Invalid, after);
        }
    }

    fn ident_end(&self, from: usize) -> usize {
        let mut end = from;
        loop {
            end = self.run_end(end, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
            match self.bytes.get(end) {
                Some(0x80..) => match self.char_at(end) {
                    Some(char) if identifier::is_continue(char) => end += char.len_utf8(),
                    Some(_) | None => return end,
                },
                Some(_) | None => return end,
            }
        }
    }

    /// The end of a number that begins at `start`: digits, dots and exponents in any order, but no dot at the end.
    fn number_end(&self, start: usize) -> usize {
        let mut at = start + 1;
        let mut end = at;
        loop {
            match self.byte(at) {
                b'0'..=b'9' => {
                    at += 1;
                    end = at;
                }
                b'.' => at += 1,
                b'e' | b'E' => {
                    let sign = usize::from(matches!(self.byte(at + 1), b'+' | b'-'));
                    if !self.byte(at + 1 + sign).is_ascii_digit() {
                        return end;
                    }
                    at += 2 + sign;
                    end = at;
                }
                _ => return end,
            }
        }
    }

    fn line_comment(&mut self) {
        let rest = &self.bytes[self.position..];
        let mut end = self.position + memchr(b'\n', rest).unwrap_or(rest.len());
        if self.byte(end) == b'\n' && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        self.push(TokenKind::Comment, end);
    }

    /// Emits a comment up to its `*/`, or just the slash where there is none.
    fn block_comment(&mut self) {
        let inside = self.position + 2;
        let length = if self.comments_close { memmem::find(&self.bytes[inside..], b"*/") } else { None };
        self.comments_close = length.is_some();
        match length {
            Some(length) => self.push(TokenKind::Comment, inside + length + 2),
            None => self.push(TokenKind::Slash, inside - 1),
        }
    }

    /// Emits the closing brace; true if it ended the expression of a template.
    fn close_brace(&mut self, length: usize) -> bool {
        let strip = length == 2;
        match self.modes.last_mut() {
            Some(Mode::Template { braces: 0 }) => {
                self.modes.pop();
                self.push(TokenKind::CloseTemplate, self.position + length);
                return true;
            }
            Some(Mode::Template { braces }) => *braces -= 1,
            Some(Mode::Quoted { .. } | Mode::Heredoc { .. } | Mode::Bare) | None => {}
        }
        let kind = if strip { TokenKind::CloseTemplate } else { TokenKind::CloseBrace };
        self.push(kind, self.position + length);
        false
    }

    /// Emits `<<MARKER` and its newline, if that is what follows.
    fn open_heredoc(&mut self) -> bool {
        let start = self.position;
        if self.byte(start + 1) != b'<' {
            return false;
        }
        let name = start + 2 + usize::from(self.byte(start + 2) == b'-');
        let first = self.text.get(name..).and_then(|rest| rest.chars().next());
        let Some(first) = first.filter(|char| identifier::is_start(*char)) else {
            return false;
        };
        let name_end = self.ident_end(name + first.len_utf8());
        let end = match (self.byte(name_end), self.byte(name_end + 1)) {
            (b'\n', _) => name_end + 1,
            (b'\r', b'\n') => name_end + 2,
            _ => return false,
        };
        self.push(TokenKind::OpenHeredoc, end);
        let marker = Span::new(name as u32, name_end as u32);
        self.modes.push(Mode::Heredoc { marker, line_start: true });
        true
    }

    /// Where template text that begins at `from` ends: before `${`, `%{`, a byte that `stop` accepts, or the end.
    ///
    /// A longer run of `$` or `%` before the brace is an escape and stays text.
    fn text_end(&self, from: usize, stop: impl Fn(u8) -> bool) -> usize {
        let mut at = from;
        while let Some(&byte) = self.bytes.get(at) {
            if byte == b'$' || byte == b'%' {
                let run = self.run_end(at, |next| next == byte);
                if self.byte(run) == b'{' {
                    if run - at == 1 {
                        return at;
                    }
                    at = run + 1;
                } else {
                    at = run;
                }
            } else if stop(byte) {
                return at;
            } else {
                at += 1;
            }
        }
        at
    }

    /// Emits `${` or `%{` and enters its expression.
    fn open_template(&mut self) {
        let kind =
            if self.bytes[self.position] == b'$' { TokenKind::OpenInterpolation } else { TokenKind::OpenDirective };
        let strip = usize::from(self.byte(self.position + 2) == b'~');
        self.push(kind, self.position + 2 + strip);
        self.modes.push(Mode::Template { braces: 0 });
    }

    /// Emits one token of a quoted string.
    fn quoted(&mut self, outside: usize) {
        let mut end = self.position;
        loop {
            end = self.text_end(end, |byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r'));
            if self.byte(end) != b'\\' {
                break;
            }
            let escaped = self.char_at(end + 1).filter(|char| *char != '\n' && *char != '\r');
            end += 1 + escaped.map_or(0, char::len_utf8);
        }
        if end > self.position {
            self.push(TokenKind::QuotedText, end);
            return;
        }
        match self.bytes[end] {
            b'"' => {
                self.push(TokenKind::CloseQuote, end + 1);
                self.modes.pop();
            }
            b'\n' => self.abandon_quoted(end + 1, outside),
            b'\r' => self.abandon_quoted(end + 1 + usize::from(self.byte(end + 1) == b'\n'), outside),
            _ => self.open_template(),
        }
    }

    /// Ends a string that is not closed on its line, with all strings and expressions it is nested in on that line.
    ///
    /// The usual cause is a missing quote, and what follows is then code again.
    fn abandon_quoted(&mut self, end: usize, outside: usize) {
        self.push(TokenKind::QuotedNewline, end);
        self.modes.truncate(outside);
    }

    /// Emits one token of a heredoc; two where it ends. A carriage return may only come before a newline.
    fn heredoc(&mut self, marker: Span, line_start: bool) {
        let start = self.position;
        let end = self.text_end(start, |byte| byte == b'\n' || byte == b'\r');
        let line_end = match (self.byte(end), self.byte(end + 1)) {
            (b'\n', _) => Some(end + 1),
            (b'\r', b'\n') => Some(end + 2),
            _ => None,
        };
        if let Some(line_end) = line_end
            && line_start
            && self.text[start..end].trim() == &self.text[marker.range()]
        {
            self.push(TokenKind::CloseHeredoc, end);
            self.push(TokenKind::Newline, line_end);
            self.modes.pop();
            return;
        }
        if let Some(Mode::Heredoc { line_start, .. }) = self.modes.last_mut() {
            *line_start = line_end.is_some();
        }
        match line_end {
            Some(line_end) => self.push(TokenKind::TemplateText, line_end),
            None if end > start => self.push(TokenKind::TemplateText, end),
            None if self.byte(end) == b'\r' => self.push(TokenKind::Invalid, end + 1),
            None => self.open_template(),
        }
    }

    /// Emits one token of a bare template.
    fn bare(&mut self) {
        let end = self.text_end(self.position, |byte| byte == b'\n');
        if self.bytes.get(end) == Some(&b'\n') {
            self.push(TokenKind::TemplateText, end + 1);
        } else if end > self.position {
            self.push(TokenKind::TemplateText, end);
        } else {
            self.open_template();
        }
    }
}
