//! Brackets and braces in expressions: tuples, objects, `for` expressions, and the arguments of calls.

use crate::ast::{Call, Expr, For, ForResult, Ident, LiteralValue, Object, ObjectEntry, ObjectKey, Tuple};
use crate::span::Span;
use crate::token::{Token, TokenKind};

use super::{Parse, Parser};

impl Parser<'_> {
    /// Parses `[..]`, a tuple or a `for` expression.
    pub(super) fn tuple(&mut self) -> Parse<Expr> {
        let open = self.bump();
        self.with_newlines(false, |parser| {
            if parser.is_keyword(parser.peek(), "for") {
                return parser.for_expression(open);
            }
            let mut elements = Vec::new();
            loop {
                if let Some(close) = parser.eat(TokenKind::CloseBracket) {
                    let span = open.span.to(close.span);
                    return Ok(Expr::Tuple(Tuple { elements, span }));
                }
                let next = parser.peek();
                if next.kind == TokenKind::End {
                    return parser.fail(
                        open.span,
                        None,
                        "Unterminated tuple constructor expression",
                        "There is no closing bracket (`]`) for this list before the end of the file. \
                         Brackets may be nested wrongly further down.",
                    );
                }
                elements.push(parser.expression()?);
                let next = parser.peek();
                match next.kind {
                    TokenKind::CloseBracket | TokenKind::End => {}
                    TokenKind::Comma => {
                        parser.bump();
                    }
                    _ => {
                        let detail = format!(
                            "Items of a list are separated by commas and end with `]`, but found {}.",
                            parser.describe(next)
                        );
                        return parser.fail_within(next, Some(open.span), "Missing item separator", detail);
                    }
                }
            }
        })
    }

    /// Parses `{..}`, an object or a `for` expression.
    pub(super) fn object(&mut self) -> Parse<Expr> {
        let open = self.bump();
        let first = self.with_newlines(false, |parser| parser.peek());
        if self.is_keyword(first, "for") {
            return self.with_newlines(false, |parser| parser.for_expression(open));
        }
        self.with_newlines(true, |parser| {
            let mut entries = Vec::new();
            loop {
                let next = parser.peek();
                match next.kind {
                    TokenKind::Newline => {
                        parser.bump();
                        continue;
                    }
                    TokenKind::CloseBrace => {
                        parser.bump();
                        let span = open.span.to(next.span);
                        return Ok(Expr::Object(Object { entries, span }));
                    }
                    TokenKind::End => {
                        return parser.fail(
                            open.span,
                            None,
                            "Unterminated object constructor expression",
                            "There is no closing brace (`}`) for this object before the end of the file. \
                             Braces may be nested wrongly further down.",
                        );
                    }
                    _ => {}
                }
                entries.push(parser.object_entry(open)?);
                let next = parser.peek();
                match next.kind {
                    TokenKind::Comma | TokenKind::Newline => {
                        parser.bump();
                    }
                    TokenKind::CloseBrace | TokenKind::End => {}
                    _ => {
                        let detail = format!(
                            "Attributes of an object are separated by newlines or commas, but found {}.",
                            parser.describe(next)
                        );
                        return parser.fail_within(next, Some(open.span), "Missing attribute separator", detail);
                    }
                }
            }
        })
    }

    fn object_entry(&mut self, open: Token) -> Parse<ObjectEntry> {
        let key = object_key(self.expression()?);
        let next = self.peek();
        if !matches!(next.kind, TokenKind::Equal | TokenKind::Colon) {
            let found = self.describe(next);
            let start = Some(open.span);
            return match next.kind {
                TokenKind::Newline | TokenKind::Comma | TokenKind::CloseBrace => self.fail_within(
                    next,
                    start,
                    "Missing attribute value",
                    format!("A key of an object must be followed by an equals sign and its value, but found {found}."),
                ),
                _ => self.fail_within(
                    next,
                    start,
                    "Missing key/value separator",
                    format!("Expected an equals sign or a colon between a key and its value, but found {found}."),
                ),
            };
        }
        self.bump();
        let value = self.expression()?;
        let span = key.span().to(value.span());
        Ok(ObjectEntry { key, value, span })
    }

    /// Parses `for` up to the closing bracket or brace. Newlines mean nothing in it.
    fn for_expression(&mut self, open: Token) -> Parse<Expr> {
        const SUMMARY: &str = "Invalid 'for' expression";
        let is_object = open.kind == TokenKind::OpenBrace;
        let keyword = self.bump();
        let start = Some(open.span);
        let (key, value) = self.for_names(keyword, SUMMARY)?;
        let collection = self.expression()?;
        let next = self.peek();
        if next.kind != TokenKind::Colon {
            let detail = format!("Expected a colon after the collection, but found {}.", self.describe(next));
            return self.fail_within(next, start, SUMMARY, detail);
        }
        self.bump();
        let first = self.expression()?;
        let arrow = self.eat(TokenKind::FatArrow);
        let result = match (is_object, arrow) {
            (true, Some(_)) => ForResult::Object {
                key: first,
                value: self.expression()?,
                grouping: self.eat(TokenKind::Ellipsis).map(|token| token.span),
            },
            (false, None) => ForResult::Tuple { value: first },
            (true, None) => {
                let next = self.peek();
                let detail = "Between braces, a 'for' expression builds an object and needs a key and a value: \
                              `{for .. : key => value}`. To build a list, use brackets.";
                return self.fail_within(next, start, SUMMARY, detail);
            }
            (false, Some(arrow)) => {
                let detail = "Between brackets, a 'for' expression builds a list, whose elements have no keys. \
                              To build an object, use braces.";
                return self.fail_within(arrow, start, SUMMARY, detail);
            }
        };
        if let Some(ellipsis) = self.eat(TokenKind::Ellipsis) {
            let detail =
                "The ellipsis (`...`) groups values of equal keys, so it makes sense only when building an object.";
            return self.fail_within(ellipsis, start, SUMMARY, detail);
        }
        let filter = match self.is_keyword(self.peek(), "if") {
            true => {
                self.bump();
                Some(self.expression()?)
            }
            false => None,
        };
        let close_kind = if is_object { TokenKind::CloseBrace } else { TokenKind::CloseBracket };
        let next = self.peek();
        if next.kind != close_kind {
            let close = if is_object { '}' } else { ']' };
            let detail =
                format!("Expected `{close}` at the end of the 'for' expression, but found {}.", self.describe(next));
            return self.fail_within(next, start, SUMMARY, detail);
        }
        let span = open.span.to(self.bump().span);
        Ok(Expr::For(Box::new(For { key, value, collection, result, filter, span })))
    }

    /// Parses `value in` or `key, value in`, in a `for` expression or directive.
    pub(super) fn for_names(&mut self, keyword: Token, summary: &'static str) -> Parse<(Option<Ident>, Ident)> {
        let first = self.for_name(keyword, summary)?;
        let names = match self.eat(TokenKind::Comma) {
            Some(_) => {
                let second = self.for_name(keyword, summary)?;
                (Some(first), second)
            }
            None => (None, first),
        };
        let next = self.peek();
        if !self.is_keyword(next, "in") {
            let detail = format!("Expected the keyword `in` after the names, but found {}.", self.describe(next));
            return self.fail_within(next, Some(keyword.span), summary, detail);
        }
        self.bump();
        Ok(names)
    }

    fn for_name(&mut self, keyword: Token, summary: &'static str) -> Parse<Ident> {
        let next = self.peek();
        if next.kind != TokenKind::Ident {
            let detail = format!("Expected a name for the elements, but found {}.", self.describe(next));
            return self.fail_within(next, Some(keyword.span), summary, detail);
        }
        let token = self.bump();
        Ok(self.ident(token))
    }

    /// Parses a call, of whose name the first word is taken.
    pub(super) fn call(&mut self, first: Token) -> Parse<Expr> {
        let mut name = self.ident(first);
        while self.eat(TokenKind::ColonColon).is_some() {
            let next = self.peek();
            if next.kind != TokenKind::Ident {
                let detail =
                    format!("`{}::` must be followed by a name, but found {}.", name.name, self.describe(next));
                return self.fail_within(next, Some(name.span), "Missing function name", detail);
            }
            self.bump();
            name.name = format!("{}::{}", name.name, self.slice(next.span)).into();
            name.span = name.span.to(next.span);
        }
        let open = self.peek();
        if open.kind != TokenKind::OpenParen {
            let detail = format!("`{}` names a function, which must be called: `{0}(..)`.", name.name);
            return self.fail_within(open, Some(name.span), "Missing open parenthesis", detail);
        }
        self.bump();
        self.with_newlines(false, |parser| {
            let mut args = Vec::new();
            let mut expand = None;
            let close = loop {
                if let Some(close) = parser.eat(TokenKind::CloseParen) {
                    break close;
                }
                if parser.peek_kind() == TokenKind::End {
                    return parser.unclosed_call(&name, open);
                }
                args.push(parser.expression()?);
                let next = parser.peek();
                match next.kind {
                    TokenKind::CloseParen => break parser.bump(),
                    TokenKind::Comma => {
                        parser.bump();
                    }
                    TokenKind::Ellipsis => {
                        expand = Some(parser.bump().span);
                        let close = parser.peek();
                        if close.kind != TokenKind::CloseParen {
                            let detail = format!(
                                "An argument with `...` must be the last one, followed by the closing parenthesis, but found {}.",
                                parser.describe(close)
                            );
                            return parser.fail_within(close, Some(name.span), "Missing closing parenthesis", detail);
                        }
                        break parser.bump();
                    }
                    TokenKind::End => return parser.unclosed_call(&name, open),
                    _ => {
                        let detail = format!(
                            "Arguments of a function are separated by commas and end with `)`, but found {}.",
                            parser.describe(next)
                        );
                        return parser.fail_within(next, Some(name.span), "Missing argument separator", detail);
                    }
                }
            };
            let parens = open.span.to(close.span);
            let span = name.span.to(close.span);
            Ok(Expr::Call(Box::new(Call {
                name,
                args,
                expand,
                parens,
                span,
            })))
        })
    }

    fn unclosed_call(&mut self, name: &Ident, open: Token) -> Parse<Expr> {
        let detail = format!(
            "There is no closing parenthesis for the call of `{}` before the end of the file. \
             Parentheses may be nested wrongly further down.",
            name.name
        );
        let range: Span = name.span.to(open.span);
        self.fail(range, None, "Unterminated function call", detail)
    }
}

/// What an expression means as a key: a name alone is its text.
fn object_key(expr: Expr) -> ObjectKey {
    match expr {
        Expr::Variable(traversal) if traversal.steps.is_empty() => ObjectKey::Ident(traversal.root),
        Expr::Literal(literal) => {
            let name = match literal.value {
                LiteralValue::Null => "null",
                LiteralValue::Bool(true) => "true",
                LiteralValue::Bool(false) => "false",
                LiteralValue::Number(_) => return ObjectKey::Expr(Expr::Literal(literal)),
            };
            ObjectKey::Ident(Ident { name: name.into(), span: literal.span })
        }
        other => ObjectKey::Expr(other),
    }
}
