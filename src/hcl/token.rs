//! The tokens of the native syntax; put together they are the file, byte for byte.
//!
//! There are so many kinds that a `match` on them names those it treats and takes the rest as one.

use crate::span::Span;

/// A token with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TokenKind {
    /// Spaces and tabs.
    Whitespace,
    /// `\n` or `\r\n`.
    Newline,
    /// `# ..` or `// ..` without the newline, or `/* .. */`.
    Comment,
    /// U+FEFF at the beginning of the file.
    ByteOrderMark,
    Ident,
    /// Begins with a digit; may still be no number (`1.2.3`).
    Number,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParen,
    CloseParen,
    Equal,
    EqualEqual,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    AndAnd,
    OrOr,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Bang,
    Question,
    Colon,
    ColonColon,
    Comma,
    Dot,
    /// `...`
    Ellipsis,
    /// `=>`
    FatArrow,
    /// The `"` before a quoted string.
    OpenQuote,
    /// The `"` after a quoted string.
    CloseQuote,
    /// Text of a quoted string with its escapes as written.
    QuotedText,
    /// A newline where a quoted string is not closed; the string counts as ended here.
    QuotedNewline,
    /// `<<EOT` or `<<-EOT` with the newline after it.
    OpenHeredoc,
    /// The line with the closing marker, without its newline but with the space around the marker.
    CloseHeredoc,
    /// Text of a heredoc or of a bare template; at most one line, with its newline.
    TemplateText,
    /// `${` or `${~`.
    OpenInterpolation,
    /// `%{` or `%{~`.
    OpenDirective,
    /// The `}` or `~}` that ends an interpolation or a directive; a `~}` elsewhere is one too.
    CloseTemplate,
    /// A character that begins no token.
    Invalid,
    /// The end of the file; always there, always empty.
    End,
}

impl TokenKind {
    /// Whether the token never means anything to the parser.
    pub const fn is_trivia(self) -> bool {
        matches!(self, TokenKind::Whitespace | TokenKind::Comment | TokenKind::ByteOrderMark)
    }

    /// Whether the token opens something that [`TokenKind::is_closer`] tokens close.
    pub const fn is_opener(self) -> bool {
        matches!(
            self,
            TokenKind::OpenBrace
                | TokenKind::OpenBracket
                | TokenKind::OpenParen
                | TokenKind::OpenQuote
                | TokenKind::OpenHeredoc
                | TokenKind::OpenInterpolation
                | TokenKind::OpenDirective
        )
    }

    /// Whether the token closes what an opener opened.
    pub const fn is_closer(self) -> bool {
        matches!(
            self,
            TokenKind::CloseBrace
                | TokenKind::CloseBracket
                | TokenKind::CloseParen
                | TokenKind::CloseQuote
                | TokenKind::QuotedNewline
                | TokenKind::CloseHeredoc
                | TokenKind::CloseTemplate
        )
    }
}
