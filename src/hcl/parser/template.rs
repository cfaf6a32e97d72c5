//! Templates: quoted strings, heredocs and bare templates, with interpolations and directives.
//!
//! The tokens give a flat list of pieces, on which strip markers and the dedent of `<<-` work; then `if` and `for` directives are
//! nested and adjacent text is joined.

use smol_str::SmolStr;
use unicode_segmentation::UnicodeSegmentation;

use crate::NESTING_MAX;
use crate::ast::{
    Expr, Ident, Interpolation, Template, TemplateFor, TemplateForm, TemplateIf, TemplateLiteral, TemplatePart,
    TemplateWrap,
};
use crate::span::Span;
use crate::token::{Token, TokenKind};

use super::{Parse, Parser};

/// A piece of a template before nesting.
enum Piece {
    Text(TemplateLiteral),
    Interpolation(Interpolation),
    If { condition: Expr, span: Span },
    Else(Span),
    EndIf(Span),
    For { key: Option<Ident>, value: Ident, collection: Expr, span: Span },
    EndFor(Span),
}

/// A directive whose end is still to come, or the template itself, with the parts so far.
struct Open {
    directive: Directive,
    parts: Vec<TemplatePart>,
}

enum Directive {
    Root,
    If { condition: Expr, span: Span },
    Else { condition: Expr, then: Vec<TemplatePart>, span: Span },
    For { key: Option<Ident>, value: Ident, collection: Expr, span: Span },
}

impl Directive {
    /// The keyword that ends it, and where it began.
    fn awaited(&self) -> Option<(&'static str, Span)> {
        match self {
            Directive::Root => None,
            Directive::If { span, .. } | Directive::Else { span, .. } => Some(("endif", *span)),
            Directive::For { span, .. } => Some(("endfor", *span)),
        }
    }
}

impl Parser<'_> {
    /// Parses a quoted string.
    pub(super) fn quoted_template(&mut self) -> Parse<Expr> {
        let open = self.bump();
        let [first, second] = [self.at, self.at + 1].map(|at| self.tokens.get(at).map(|token| token.kind));
        if (first, second) == (Some(TokenKind::QuotedText), Some(TokenKind::CloseQuote)) {
            return Ok(self.plain_string(open));
        }
        let (pieces, close) = self.pieces(open, TokenKind::CloseQuote)?;
        self.finish(pieces, TemplateForm::Quoted, open.span.to(close.span))
    }

    /// Takes a string without parts to evaluate: most are, so it does not go through pieces.
    fn plain_string(&mut self, open: Token) -> Expr {
        let text = self.bump();
        let close = self.bump();
        let value = self.quoted_text(text.span);
        let parts = vec![TemplatePart::Literal(TemplateLiteral { value, span: text.span })];
        Expr::Template(Template { parts, form: TemplateForm::Quoted, span: open.span.to(close.span) })
    }

    /// Parses a heredoc.
    pub(super) fn heredoc(&mut self) -> Parse<Expr> {
        let open = self.bump();
        let (mut pieces, close) = self.pieces(open, TokenKind::CloseHeredoc)?;
        if self.slice(open.span).starts_with("<<-") {
            dedent(&mut pieces);
        }
        self.finish(pieces, TemplateForm::Heredoc, open.span.to(close.span))
    }

    /// Parses the whole text as a template.
    pub(super) fn bare_template(&mut self) -> Parse<Expr> {
        let open = Token { kind: TokenKind::TemplateText, span: Span::at(0) };
        let (pieces, _) = self.pieces(open, TokenKind::End)?;
        self.finish(pieces, TemplateForm::Bare, self.whole())
    }

    fn finish(&mut self, mut pieces: Vec<Piece>, form: TemplateForm, span: Span) -> Parse<Expr> {
        match pieces.pop() {
            Some(Piece::Interpolation(interpolation)) if pieces.is_empty() => {
                return Ok(Expr::TemplateWrap(Box::new(TemplateWrap { inner: interpolation.expr, span })));
            }
            last => pieces.extend(last),
        }
        let parts = self.nest(pieces)?;
        Ok(Expr::Template(Template { parts, form, span }))
    }

    /// Parses pieces up to and with the closing token.
    fn pieces(&mut self, open: Token, close: TokenKind) -> Parse<(Vec<Piece>, Token)> {
        let mut pieces = Vec::new();
        let mut strip_next = false;
        loop {
            let token = self.tokens[self.at];
            let strip = std::mem::take(&mut strip_next);
            match token.kind {
                kind if kind == close => {
                    self.bump();
                    return Ok((pieces, token));
                }
                TokenKind::QuotedText | TokenKind::TemplateText => {
                    self.bump();
                    let mut value = if token.kind == TokenKind::QuotedText {
                        self.quoted_text(token.span)
                    } else {
                        self.template_text(token.span)
                    };
                    if strip {
                        value = value.trim_start().into();
                    }
                    let span = token.span;
                    pieces.push(Piece::Text(TemplateLiteral { value, span }));
                }
                TokenKind::OpenInterpolation | TokenKind::OpenDirective => {
                    if token.span.len() == 3
                        && let Some(Piece::Text(text)) = pieces.last_mut()
                    {
                        text.value = text.value.trim_end().into();
                    }
                    self.bump();
                    let (piece, end) = self.with_newlines(false, |parser| {
                        if token.kind == TokenKind::OpenInterpolation {
                            parser.interpolation(token, close)
                        } else {
                            parser.directive(token, close)
                        }
                    })?;
                    strip_next = end.span.len() == 2;
                    pieces.push(piece);
                }
                TokenKind::Invalid => return self.fail_at(token, "Invalid character", ""),
                _ => return self.unclosed_template(open, token),
            }
        }
    }

    fn unclosed_template<T>(&mut self, open: Token, found: Token) -> Parse<T> {
        if open.kind != TokenKind::OpenHeredoc {
            return self.unclosed_quote(open.span, found);
        }
        let introducer = self.slice(open.span).trim_end();
        let marker = introducer.trim_start_matches(['<', '-']);
        let body = &self.text[open.span.end as usize..];
        let near = body.lines().enumerate().find(|(_, line)| line.trim_start().starts_with(marker));
        let mut detail = format!(
            "There is no line with the closing marker `{marker}` alone, followed by a newline, before the end of the file."
        );
        if let Some((offset, line)) = near {
            let before = &self.text[..open.span.end as usize];
            let number = 1 + offset + before.bytes().filter(|byte| *byte == b'\n').count();
            if line.trim() == marker {
                detail.push_str(&format!(" Line {number} holds it, but the newline after it is missing."));
            } else {
                detail.push_str(&format!(" Line {number} begins with it, but something follows."));
            }
        }
        let range = Span::new(open.span.start, open.span.start + introducer.len() as u32);
        self.fail(range, None, "Unterminated template string", detail)
    }

    fn interpolation(&mut self, open: Token, template_end: TokenKind) -> Parse<(Piece, Token)> {
        let expr = self.expression()?;
        let close = self.peek();
        if close.kind != TokenKind::CloseTemplate {
            return self.no_interpolation_end(open, close, template_end);
        }
        self.bump();
        let span = open.span.to(close.span);
        Ok((Piece::Interpolation(Interpolation { expr, span }), close))
    }

    fn no_interpolation_end<T>(&mut self, open: Token, found: Token, template_end: TokenKind) -> Parse<T> {
        const EXTRA: &str = "Extra characters after interpolation expression";
        const UNCLOSED: &str = "Unclosed template interpolation sequence";
        const ESCAPE: &str =
            "If the text is meant for another language, such as a shell script, write `$${` for a literal `${`.";
        let start = Some(open.span);
        let between = &self.text[self.last.end as usize..found.span.start as usize];
        if template_end == TokenKind::CloseQuote && between.contains('\n') && found.kind != TokenKind::End {
            let detail = format!(
                "There is no closing brace for this interpolation after the expression, which {} on a later line cannot continue.",
                self.describe(found)
            );
            return self.fail(open.span.to(self.last), None, UNCLOSED, detail);
        }
        match found.kind {
            TokenKind::End => self.fail(
                open.span,
                None,
                UNCLOSED,
                "There is no closing brace for this interpolation before the end of the file. \
                 Brackets in the expression may be nested wrongly.",
            ),
            TokenKind::OpenQuote | TokenKind::QuotedNewline if template_end == TokenKind::CloseQuote => self
                .fail_within(
                    found,
                    start,
                    UNCLOSED,
                    "There is no closing brace for this interpolation before the closing quote. \
                 Brackets in the expression may be nested wrongly.",
                ),
            TokenKind::Colon => {
                let detail = format!("An interpolation holds one expression, a colon cannot follow it. {ESCAPE}");
                self.fail_within(found, start, EXTRA, detail)
            }
            _ => {
                let detail = format!(
                    "Expected a closing brace after the expression, but found {}. {ESCAPE}",
                    self.describe(found)
                );
                self.fail_within(found, start, EXTRA, detail)
            }
        }
    }

    fn directive(&mut self, open: Token, template_end: TokenKind) -> Parse<(Piece, Token)> {
        let keyword = self.peek();
        let word = self.slice(keyword.span);
        if keyword.kind != TokenKind::Ident {
            let detail = format!(
                "Expected `if`, `else`, `endif`, `for` or `endfor` at the beginning of a directive, but found {}. \
                 For a literal `%{{`, write `%%{{`.",
                self.describe(keyword)
            );
            return self.fail_within(keyword, Some(open.span), "Invalid template directive", detail);
        }
        if !matches!(word, "if" | "else" | "endif" | "for" | "endfor") {
            let detail = format!(
                "`{word}` is not a directive: there are `if`, `else`, `endif`, `for` and `endfor`. For a literal `%{{`, write `%%{{`."
            );
            return self.fail_within(keyword, Some(open.span), "Invalid template control keyword", detail);
        }
        self.bump();
        let mut piece = match word {
            "if" => Piece::If { condition: self.expression()?, span: open.span },
            "for" => {
                let (key, value) = self.for_names(keyword, "Invalid 'for' directive")?;
                Piece::For { key, value, collection: self.expression()?, span: open.span }
            }
            "else" => Piece::Else(open.span),
            "endif" => Piece::EndIf(open.span),
            _ => Piece::EndFor(open.span),
        };
        let close = self.peek();
        if close.kind != TokenKind::CloseTemplate {
            return self.no_directive_end(open, word, close, template_end);
        }
        self.bump();
        match &mut piece {
            Piece::If { span, .. } | Piece::For { span, .. } => *span = span.to(close.span),
            Piece::Else(span) | Piece::EndIf(span) | Piece::EndFor(span) => *span = span.to(close.span),
            Piece::Text(_) | Piece::Interpolation(_) => {}
        }
        Ok((piece, close))
    }

    fn no_directive_end<T>(&mut self, open: Token, word: &str, found: Token, template_end: TokenKind) -> Parse<T> {
        let quote_ends = template_end == TokenKind::CloseQuote;
        match found.kind {
            TokenKind::End => self.fail(
                open.span,
                None,
                "Unclosed template control sequence",
                format!("There is no closing brace for this `{word}` directive before the end of the file."),
            ),
            TokenKind::OpenQuote | TokenKind::QuotedNewline if quote_ends => self.fail_within(
                found,
                Some(open.span),
                "Unclosed template control sequence",
                format!("There is no closing brace for this `{word}` directive before the closing quote."),
            ),
            _ => {
                let detail = format!(
                    "Expected a closing brace at the end of the directive, but found {}.",
                    self.describe(found)
                );
                self.fail_within(found, Some(open.span), "Extra characters in template directive", detail)
            }
        }
    }

    /// Joins adjacent text and puts what is between directives into them.
    fn nest(&mut self, pieces: Vec<Piece>) -> Parse<Vec<TemplatePart>> {
        let is_flat = |piece: &Piece| matches!(piece, Piece::Text(_) | Piece::Interpolation(_));
        if pieces.iter().all(is_flat) {
            return Ok(flat(pieces));
        }
        let mut stack = vec![Open { directive: Directive::Root, parts: Vec::with_capacity(pieces.len()) }];
        let mut texts: Vec<TemplateLiteral> = Vec::new();
        for piece in pieces {
            if let Piece::Text(text) = piece {
                texts.push(text);
                continue;
            }
            let top = stack.last_mut().expect("the root is never closed");
            top.parts.extend(join(&mut texts));
            self.nest_piece(piece, &mut stack)?;
        }
        let top = stack.last_mut().expect("the root is never closed");
        top.parts.extend(join(&mut texts));
        while stack.len() > 1 {
            let Some(unclosed) = stack.pop() else { break };
            if let Some((end, span)) = unclosed.directive.awaited() {
                let word = &end[3..];
                self.report(
                    span,
                    None,
                    "Unexpected end of template",
                    format!("The `{word}` directive is not closed: there is no `%{{ {end} }}` for it."),
                );
            }
            if let Some(outer) = stack.last_mut() {
                outer.parts.extend(unclosed.parts);
            }
        }
        Ok(stack.pop().map(|root| root.parts).unwrap_or_default())
    }

    fn nest_piece(&mut self, piece: Piece, stack: &mut Vec<Open>) -> Parse<()> {
        let directive = match piece {
            Piece::Text(_) => return Ok(()),
            Piece::Interpolation(interpolation) => {
                let top = stack.last_mut().expect("the root is never closed");
                top.parts.push(TemplatePart::Interpolation(interpolation));
                return Ok(());
            }
            Piece::Else(span) => {
                self.nest_else(span, stack);
                return Ok(());
            }
            Piece::EndIf(span) => {
                self.close_directive("endif", span, stack);
                return Ok(());
            }
            Piece::EndFor(span) => {
                self.close_directive("endfor", span, stack);
                return Ok(());
            }
            Piece::If { condition, span } => Directive::If { condition, span },
            Piece::For { key, value, collection, span } => Directive::For { key, value, collection, span },
        };
        if self.depth + stack.len() > NESTING_MAX
            && let Some((_, span)) = directive.awaited()
        {
            let detail = format!("Directives and expressions may nest up to {NESTING_MAX} levels deep.");
            return self.fail(span, None, "Nesting too deep", detail);
        }
        stack.push(Open { directive, parts: Vec::new() });
        Ok(())
    }

    /// Begins the other branch of the innermost `if`; anywhere else it is an error.
    fn nest_else(&mut self, at: Span, stack: &mut [Open]) {
        let top = stack.last_mut().expect("the root is never closed");
        match std::mem::replace(&mut top.directive, Directive::Root) {
            Directive::If { condition, span } => {
                let then = std::mem::take(&mut top.parts);
                top.directive = Directive::Else { condition, then, span };
            }
            other => {
                let detail = match &other {
                    Directive::Else { .. } => "The `if` directive has an `else` already.".to_owned(),
                    Directive::Root => "There is no `if` directive that this `else` could belong to.".to_owned(),
                    Directive::If { .. } | Directive::For { .. } => {
                        "The `for` directive must be closed with `%{ endfor }` first.".to_owned()
                    }
                };
                top.directive = other;
                self.report(at, None, "Unexpected else directive", detail);
            }
        }
    }

    /// Closes the innermost directive if this is its end; an end of another one is an error.
    fn close_directive(&mut self, word: &'static str, at: Span, stack: &mut Vec<Open>) {
        let awaited = stack.last().and_then(|top| top.directive.awaited());
        let expected = awaited.map(|(expected, _)| expected);
        if expected != Some(word) {
            let summary = if word == "endif" { "Unexpected endif directive" } else { "Unexpected endfor directive" };
            let detail = match expected {
                Some(expected) => {
                    format!("The innermost open directive must be closed with `%{{ {expected} }}` first.")
                }
                None => format!("There is no `{}` directive that this `{word}` could close.", &word[3..]),
            };
            self.report(at, None, summary, detail);
            return;
        }
        let Some(closed) = stack.pop() else { return };
        let part = match closed.directive {
            Directive::Root => return,
            Directive::If { condition, span } => TemplatePart::If(Box::new(TemplateIf {
                condition,
                then: closed.parts,
                otherwise: Vec::new(),
                span: span.to(at),
            })),
            Directive::Else { condition, then, span } => {
                TemplatePart::If(Box::new(TemplateIf { condition, then, otherwise: closed.parts, span: span.to(at) }))
            }
            Directive::For { key, value, collection, span } => TemplatePart::For(Box::new(TemplateFor {
                key,
                value,
                collection,
                body: closed.parts,
                span: span.to(at),
            })),
        };
        if let Some(outer) = stack.last_mut() {
            outer.parts.push(part);
        }
    }
}

/// The parts of a template without directives.
fn flat(pieces: Vec<Piece>) -> Vec<TemplatePart> {
    let mut parts = Vec::with_capacity(pieces.len());
    let mut texts = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => texts.push(text),
            Piece::Interpolation(interpolation) => {
                parts.extend(join(&mut texts));
                parts.push(TemplatePart::Interpolation(interpolation));
            }
            Piece::If { .. } | Piece::Else(_) | Piece::EndIf(_) | Piece::For { .. } | Piece::EndFor(_) => {}
        }
    }
    parts.extend(join(&mut texts));
    parts
}

/// Joins adjacent texts to one part; none if all are empty.
fn join(texts: &mut Vec<TemplateLiteral>) -> Option<TemplatePart> {
    let first = texts.first()?;
    let span = texts.last().map_or(first.span, |last| first.span.to(last.span));
    let value: SmolStr = match texts.as_slice() {
        [only] => only.value.clone(),
        several => {
            let length = several.iter().map(|text| text.value.len()).sum();
            let mut joined = String::with_capacity(length);
            several.iter().for_each(|text| joined.push_str(&text.value));
            joined.into()
        }
    };
    texts.clear();
    (!value.is_empty()).then_some(TemplatePart::Literal(TemplateLiteral { value, span }))
}

/// Removes the space that all lines of a `<<-` heredoc begin with, counted in characters.
///
/// A line that begins with an interpolation or directive has none. A line of space alone does not count, but a line that is space up
/// to an interpolation does.
fn dedent(pieces: &mut [Piece]) {
    let mut common = usize::MAX;
    let mut line_starts = Vec::new();
    let mut at_line_start = true;
    for (index, piece) in pieces.iter().enumerate() {
        let text = match piece {
            Piece::Text(text) => Some(text.value.as_str()),
            Piece::Interpolation(_)
            | Piece::If { .. }
            | Piece::Else(_)
            | Piece::EndIf(_)
            | Piece::For { .. }
            | Piece::EndFor(_) => None,
        };
        if at_line_start {
            let indent = match text {
                Some(text) => {
                    let rest = text.trim_start();
                    if rest.is_empty() && text.ends_with('\n') {
                        None
                    } else {
                        line_starts.push(index);
                        Some(characters(&text[..text.len() - rest.len()]))
                    }
                }
                None => Some(0),
            };
            common = common.min(indent.unwrap_or(usize::MAX));
        }
        at_line_start = match text {
            Some(text) => text.ends_with('\n'),
            None => false,
        };
    }
    if common == 0 {
        return;
    }
    for index in line_starts {
        if let Piece::Text(text) = &mut pieces[index] {
            let cut = bytes_of(&text.value, common);
            text.value = text.value[cut..].into();
        }
    }
}

/// How many characters, as people count them, a text has.
fn characters(text: &str) -> usize {
    if is_plain(text) { text.len() } else { text.graphemes(true).count() }
}

/// How many bytes the first so many characters of a text have.
fn bytes_of(text: &str, characters: usize) -> usize {
    let ascii_follows = text.as_bytes().get(characters).is_none_or(u8::is_ascii);
    match text.get(..characters) {
        Some(start) if ascii_follows && is_plain(start) => characters,
        Some(_) | None => text.graphemes(true).take(characters).map(str::len).sum(),
    }
}

/// Whether each byte is a character of its own: in ASCII all are but the newline after a carriage return.
fn is_plain(text: &str) -> bool {
    text.is_ascii() && !text.contains('\r')
}
