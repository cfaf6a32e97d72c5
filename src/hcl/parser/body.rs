//! Bodies: attributes and blocks.

use std::collections::HashMap;

use smol_str::SmolStr;

use crate::ast::{Attribute, Block, Body, Expr, Ident, Item, Label};
use crate::span::Span;
use crate::stack::with_room;
use crate::token::{Token, TokenKind};

use super::{Failed, Parse, Parser};

/// Up to so many attributes a linear search for duplicates is faster than a map.
const LINEAR_SEARCH_MAX: usize = 16;

impl Parser<'_> {
    /// Parses the whole file.
    pub(super) fn file(&mut self) -> Body {
        let mut items = Vec::new();
        loop {
            self.items(&mut items);
            if self.peek_kind() == TokenKind::End {
                break;
            }
            let brace = self.bump();
            self.report(
                brace.span,
                None,
                "Unexpected closing brace",
                "No block is open here, so there is nothing to close. A brace further up may be missing or one too many.",
            );
        }
        self.check_duplicates(&items);
        Body { items, span: self.whole(), end: Span::at(self.text.len() as u32) }
    }

    /// Parses items up to a closing brace or the end of the file.
    fn items(&mut self, items: &mut Vec<Item>) {
        loop {
            let next = self.peek();
            match next.kind {
                TokenKind::Newline => {
                    self.bump();
                }
                TokenKind::CloseBrace | TokenKind::End => return,
                _ => self.item(items),
            }
        }
    }

    /// Parses an item and what must follow it; after an error skips to the next one.
    fn item(&mut self, items: &mut Vec<Item>) {
        let first = self.at;
        let depth = self.depth;
        if let Err(Failed) = self.try_item(items) {
            self.depth = depth;
            self.newlines = true;
            self.skip_item(first);
        }
    }

    fn try_item(&mut self, items: &mut Vec<Item>) -> Parse<()> {
        let name = self.bump();
        if name.kind != TokenKind::Ident {
            return self.no_item(name);
        }
        let name = self.ident(name);
        let next = self.peek();
        match next.kind {
            TokenKind::Equal => {
                let expr = self.attribute(name, items);
                expr?;
                self.end_of_attribute()
            }
            TokenKind::OpenQuote | TokenKind::OpenBrace | TokenKind::Ident => {
                let block = self.block(name)?;
                items.push(Item::Block(block));
                self.end_of_block()
            }
            TokenKind::Colon => self.fail_at(
                next,
                "Argument or block definition required",
                format!("To set the argument `{0}`, use an equals sign: `{0} = ...`.", name.name),
            ),
            _ => {
                let detail = format!(
                    "`{0}` must be followed by an equals sign to set an argument, or by labels and an opening brace to begin a block, \
                     but {1} follows.",
                    name.name,
                    self.describe(next)
                );
                self.fail_within(next, Some(name.span), "Argument or block definition required", detail)
            }
        }
    }

    fn no_item(&mut self, token: Token) -> Parse<()> {
        match token.kind {
            TokenKind::OpenQuote => {
                self.fail(token.span, None, "Invalid argument name", "Argument names must not be quoted.")
            }
            _ => {
                let detail =
                    format!("An argument or a block must begin with a name, but found {}.", self.describe(token));
                self.fail_at(token, "Argument or block definition required", detail)
            }
        }
    }

    /// Parses `= expression` after a name. The attribute is kept where its expression fails: its name is known.
    fn attribute(&mut self, name: Ident, items: &mut Vec<Item>) -> Parse<()> {
        let equals = self.bump().span;
        let start = self.peek().span.start;
        let parsed = self.expression();
        let failed = parsed.is_err();
        let expr = parsed.unwrap_or_else(|Failed| Expr::Missing(self.since(start)));
        let span = name.span.to(expr.span());
        items.push(Item::Attribute(Attribute { name, equals, expr, span }));
        if failed { Err(Failed) } else { Ok(()) }
    }

    fn end_of_attribute(&mut self) -> Parse<()> {
        let next = self.peek();
        match next.kind {
            TokenKind::Newline => {
                self.bump();
                Ok(())
            }
            TokenKind::End => Ok(()),
            TokenKind::Comma => self.fail_at(
                next,
                "Unexpected comma after argument",
                "Arguments are separated by newlines, not by commas.",
            ),
            TokenKind::CloseBrace => self.fail_at(
                next,
                "Missing newline after argument",
                "An argument must end with a newline. Place the closing brace on a line of its own.",
            ),
            _ => {
                let detail = format!("An argument must end with a newline, but found {}.", self.describe(next));
                self.fail_at(next, "Missing newline after argument", detail)
            }
        }
    }

    fn end_of_block(&mut self) -> Parse<()> {
        let next = self.peek();
        match next.kind {
            TokenKind::Newline => {
                self.bump();
                Ok(())
            }
            TokenKind::End => Ok(()),
            _ => {
                let detail = format!("A block must end with a newline, but found {}.", self.describe(next));
                self.fail_at(next, "Missing newline after block definition", detail)
            }
        }
    }

    /// Parses labels and braces after the kind of a block.
    fn block(&mut self, kind: Ident) -> Parse<Block> {
        let mut labels = Vec::new();
        let open = loop {
            let next = self.peek();
            match next.kind {
                TokenKind::OpenBrace => break self.bump(),
                TokenKind::OpenQuote => {
                    let label = self.quoted_label()?;
                    labels.push(label);
                }
                TokenKind::Ident => {
                    let ident = self.bump();
                    labels.push(Label { text: self.slice(ident.span).into(), quoted: false, span: ident.span });
                }
                _ => break self.no_block_header(next, &kind)?,
            }
        };
        let header = labels.last().map_or(kind.span, |label: &Label| kind.span.to(label.span));
        self.enter(open)?;
        let (body, close) = match self.peek_kind() {
            TokenKind::Newline | TokenKind::CloseBrace | TokenKind::End => with_room(|| self.block_body(header, open)),
            _ => self.one_line_body(open)?,
        };
        self.depth -= 1;
        let span = kind.span.to(open.span).to(close);
        Ok(Block { kind, labels, body, header, open: open.span, close, span })
    }

    /// Reports what should have been a label or the opening brace. A brace on the next line is taken all the same.
    fn no_block_header(&mut self, next: Token, kind: &Ident) -> Parse<Token> {
        const SUMMARY: &str = "Invalid block definition";
        let start = Some(kind.span);
        match next.kind {
            TokenKind::Equal => self.fail_within(
                next,
                start,
                SUMMARY,
                "An equals sign sets an argument, whose name is a single word. A block has no equals sign before its opening brace.",
            ),
            TokenKind::Newline | TokenKind::End => {
                let detail = "The opening brace of a block must be on the same line as its kind and labels.";
                let place = Span::at(next.span.start);
                self.report(place, Some(kind.span.to(place)), SUMMARY, detail);
                let brace = self.with_newlines(false, |parser| parser.eat(TokenKind::OpenBrace));
                brace.ok_or(Failed)
            }
            _ => {
                let detail =
                    format!("Expected a label in quotes or an opening brace (`{{`), but found {}.", self.describe(next));
                self.fail_within(next, start, SUMMARY, detail)
            }
        }
    }

    /// Parses the items of a block of several lines, and its closing brace.
    fn block_body(&mut self, header: Span, open: Token) -> (Body, Span) {
        let mut items = Vec::new();
        self.items(&mut items);
        self.check_duplicates(&items);
        let next = self.peek();
        let end = next.span.start;
        let close = if next.kind == TokenKind::CloseBrace {
            self.note_alignment(header);
            self.bump().span
        } else {
            self.unclosed_block(header.to(open.span));
            Span::at(end)
        };
        let span = Span::new(open.span.end, end);
        (Body { items, span, end: Span::at(end) }, close)
    }

    /// Keeps in mind a block whose closing brace, the next token, is indented less than the block.
    fn note_alignment(&mut self, header: Span) {
        if self.misaligned.is_some() {
            return;
        }
        let first = self.tokens.partition_point(|token| token.span.start < header.start);
        if let (Some(block), Some(brace)) = (self.indent(first), self.indent(self.at))
            && brace < block
        {
            self.misaligned = Some(header);
        }
    }

    fn unclosed_block(&mut self, range: Span) {
        let mut detail = "There is no closing brace for this block before the end of the file.".to_owned();
        match self.misaligned {
            Some(inner) if inner.start > range.start => {
                let line = self.line(inner.start);
                detail.push_str(&format!(
                    " The brace that closes the block on line {line} is indented less than that block, so the one of that block \
                     may be missing."
                ));
            }
            Some(_) | None => detail.push_str(" Braces may be nested wrongly elsewhere in the file."),
        }
        self.report(range, None, "Unclosed configuration block", detail);
    }

    /// Parses `name = expression }` on the line of the opening brace.
    fn one_line_body(&mut self, open: Token) -> Parse<(Body, Span)> {
        let name = self.bump();
        if name.kind != TokenKind::Ident {
            self.no_item(name)?;
        }
        let name = self.ident(name);
        let next = self.peek();
        match next.kind {
            TokenKind::Equal => {}
            TokenKind::OpenQuote | TokenKind::OpenBrace | TokenKind::Ident => {
                let detail = format!(
                    "A block on one line can hold a single argument and no block. To set the argument `{0}`, use an equals sign; \
                     to begin a block `{0}`, place it on a line of its own.",
                    name.name
                );
                return self.fail_within(next, Some(name.span), "Argument definition required", detail);
            }
            _ => {
                let detail =
                    format!("`{}` must be followed by an equals sign, but found {}.", name.name, self.describe(next));
                return self.fail_within(next, Some(name.span), "Argument or block definition required", detail);
            }
        }
        let mut items = Vec::new();
        self.attribute(name, &mut items)?;
        let next = self.peek();
        if next.kind == TokenKind::CloseBrace {
            let close = self.bump().span;
            let span = Span::new(open.span.end, close.start);
            let end = Span::at(close.start);
            return Ok((Body { items, span, end }, close));
        }
        const SUMMARY: &str = "Invalid single-argument block definition";
        let start = Some(open.span);
        match next.kind {
            TokenKind::Comma => self.fail_within(
                next,
                start,
                SUMMARY,
                "A block on one line can hold a single argument. To set several, place each on a line of its own.",
            ),
            TokenKind::Newline => self.fail_within(
                next,
                start,
                SUMMARY,
                "An argument on the line of the opening brace makes a block of one line, which must be closed on that line. \
                 Place the closing brace right after the argument, or the argument on a line of its own.",
            ),
            _ => {
                let detail = format!(
                    "A block on one line must be closed right after its single argument, but found {}.",
                    self.describe(next)
                );
                self.fail_within(next, start, SUMMARY, detail)
            }
        }
    }

    /// Parses a label in quotes, which may hold escapes but nothing to evaluate.
    fn quoted_label(&mut self) -> Parse<Label> {
        let open = self.bump().span;
        let mut text = SmolStr::default();
        loop {
            let token = self.bump();
            match token.kind {
                TokenKind::CloseQuote => {
                    return Ok(Label { text, quoted: true, span: open.to(token.span) });
                }
                TokenKind::QuotedText => text = self.quoted_text(token.span),
                TokenKind::OpenInterpolation | TokenKind::OpenDirective => {
                    let symbol = &self.slice(token.span)[..1];
                    let detail = format!(
                        "A label is fixed text, it cannot hold template sequences. For a literal `{symbol}{{`, write \
                         `{symbol}{symbol}{{`."
                    );
                    return self.fail(token.span, Some(open.to(token.span)), "Invalid string literal", detail);
                }
                _ => return self.unclosed_quote(open, token),
            }
        }
    }

    /// Reports each attribute whose name an earlier one has.
    fn check_duplicates(&mut self, items: &[Item]) {
        let attributes = || {
            items.iter().filter_map(|item| match item {
                Item::Attribute(attribute) => Some(&attribute.name),
                Item::Block(_) => None,
            })
        };
        if items.len() <= LINEAR_SEARCH_MAX {
            for (index, name) in attributes().enumerate() {
                if let Some(first) = attributes().take(index).find(|earlier| earlier.name == name.name) {
                    self.report_duplicate(name, first.span);
                }
            }
            return;
        }
        let mut seen: HashMap<&str, Span> = HashMap::with_capacity(items.len());
        for name in attributes() {
            match seen.entry(&name.name) {
                std::collections::hash_map::Entry::Occupied(first) => {
                    let first = *first.get();
                    self.report_duplicate(name, first);
                }
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(name.span);
                }
            }
        }
    }

    fn report_duplicate(&mut self, name: &Ident, first: Span) {
        let line = self.line(first.start);
        let detail =
            format!("The argument `{}` was already set on line {line}. Each argument may be set only once.", name.name);
        self.report(name.span, None, "Attribute redefined", detail);
    }
}
