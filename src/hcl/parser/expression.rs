//! Expressions: operators, access steps and the terms they apply to.

use crate::ast::{
    Access, AccessStep, AttrStep, Binary, BinaryOp, BinaryRest, Conditional, DynamicIndex, Expr, IndexKey, IndexStep,
    Literal, LiteralValue, Paren, Splat, SplatKind, Step, Traversal, Unary, UnaryOp,
};
use crate::span::Span;
use crate::stack::with_room;
use crate::token::{Token, TokenKind};

use super::{Parse, Parser, literal};

/// Operators of one precedence whose last right operand is still to come.
struct OpenChain {
    precedence: u8,
    first: Expr,
    rest: Vec<BinaryRest>,
    op: BinaryOp,
    op_span: Span,
}

impl OpenChain {
    fn close(mut self, operand: Expr) -> Expr {
        let span = self.first.span().to(operand.span());
        self.push(operand);
        Expr::Binary(Box::new(Binary { first: self.first, rest: self.rest, span }))
    }

    fn push(&mut self, operand: Expr) {
        self.rest.push(BinaryRest { op: self.op, op_span: self.op_span, operand });
    }
}

/// The operator a token is, with its precedence: higher binds tighter.
fn binary_op(kind: TokenKind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        TokenKind::OrOr => (BinaryOp::Or, 1),
        TokenKind::AndAnd => (BinaryOp::And, 2),
        TokenKind::EqualEqual => (BinaryOp::Equal, 3),
        TokenKind::NotEqual => (BinaryOp::NotEqual, 3),
        TokenKind::Less => (BinaryOp::Less, 4),
        TokenKind::LessEqual => (BinaryOp::LessEqual, 4),
        TokenKind::Greater => (BinaryOp::Greater, 4),
        TokenKind::GreaterEqual => (BinaryOp::GreaterEqual, 4),
        TokenKind::Plus => (BinaryOp::Add, 5),
        TokenKind::Minus => (BinaryOp::Subtract, 5),
        TokenKind::Star => (BinaryOp::Multiply, 6),
        TokenKind::Slash => (BinaryOp::Divide, 6),
        TokenKind::Percent => (BinaryOp::Modulo, 6),
        _ => return None,
    })
}

impl Parser<'_> {
    /// Parses an expression: operators, then `? :`.
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        let start = self.peek();
        self.enter(start)?;
        let expr = with_room(|| {
            let expr = self.operators()?;
            match self.peek_kind() {
                TokenKind::Question => self.conditional(expr),
                _ => Ok(expr),
            }
        })?;
        self.depth -= 1;
        Ok(expr)
    }

    fn conditional(&mut self, condition: Expr) -> Parse<Expr> {
        let question = self.bump();
        let then = self.expression()?;
        let next = self.peek();
        if next.kind != TokenKind::Colon {
            let detail = format!(
                "A conditional has the form `condition ? if_true : if_false`. Expected the colon after the first result, but found {}.",
                self.describe(next)
            );
            return self.fail_within(next, Some(question.span), "Missing false expression in conditional", detail);
        }
        self.bump();
        let otherwise = self.expression()?;
        let span = condition.span().to(otherwise.span());
        Ok(Expr::Conditional(Box::new(Conditional { condition, then, otherwise, span })))
    }

    /// Parses operands with binary operators between them, without recursion: one open chain for each precedence at most.
    fn operators(&mut self) -> Parse<Expr> {
        let mut operand = self.operand()?;
        let mut open: Vec<OpenChain> = Vec::new();
        loop {
            let token = self.peek();
            let operator = binary_op(token.kind);
            let precedence = operator.map_or(0, |(_, precedence)| precedence);
            while let Some(chain) = open.pop_if(|chain| chain.precedence > precedence) {
                operand = chain.close(operand);
            }
            let Some((op, _)) = operator else {
                return Ok(operand);
            };
            self.bump();
            let right = self.operand()?;
            let left = std::mem::replace(&mut operand, right);
            match open.last_mut() {
                Some(chain) if chain.precedence == precedence => {
                    chain.push(left);
                    chain.op = op;
                    chain.op_span = token.span;
                }
                Some(_) | None => {
                    open.push(OpenChain { precedence, first: left, rest: Vec::new(), op, op_span: token.span })
                }
            }
        }
    }

    /// Parses an operand: a term with its access steps, or `-` or `!` before one.
    fn operand(&mut self) -> Parse<Expr> {
        let token = self.peek();
        let op = match token.kind {
            TokenKind::Minus => UnaryOp::Negate,
            TokenKind::Bang => UnaryOp::Not,
            _ => {
                let term = self.term(token)?;
                return match self.peek_kind() {
                    TokenKind::Dot | TokenKind::OpenBracket => self.access(term),
                    _ => Ok(term),
                };
            }
        };
        self.enter(token)?;
        self.bump();
        let operand = with_room(|| self.operand())?;
        self.depth -= 1;
        let span = token.span.to(operand.span());
        Ok(Expr::Unary(Box::new(Unary { op, op_span: token.span, operand, span })))
    }

    fn term(&mut self, token: Token) -> Parse<Expr> {
        match token.kind {
            TokenKind::Ident => {
                self.bump();
                self.name(token)
            }
            TokenKind::Number => self.number(),
            TokenKind::OpenQuote => self.quoted_template(),
            TokenKind::OpenHeredoc => self.heredoc(),
            TokenKind::OpenParen => self.paren(),
            TokenKind::OpenBracket => self.tuple(),
            TokenKind::OpenBrace => self.object(),
            TokenKind::End => self.fail_at(
                token,
                "Missing expression",
                "Expected the start of an expression, but found the end of the file.",
            ),
            _ => {
                let detail = format!("Expected the start of an expression, but found {}.", self.describe(token));
                self.fail_at(token, "Invalid expression", detail)
            }
        }
    }

    /// What a name is: the start of a call, a keyword or a variable.
    fn name(&mut self, token: Token) -> Parse<Expr> {
        if matches!(self.peek_kind(), TokenKind::OpenParen | TokenKind::ColonColon) {
            return self.call(token);
        }
        let span = token.span;
        let value = match self.slice(span) {
            "true" => LiteralValue::Bool(true),
            "false" => LiteralValue::Bool(false),
            "null" => LiteralValue::Null,
            _ => {
                return Ok(Expr::Variable(Traversal { root: self.ident(token), steps: Vec::new(), span }));
            }
        };
        Ok(Expr::Literal(Literal { value, span }))
    }

    fn number(&mut self) -> Parse<Expr> {
        let token = self.bump();
        let text = self.slice(token.span);
        if !literal::is_number(text) {
            let detail = format!("`{text}` is not a number: digits may have one fraction and then one exponent.");
            return self.fail(token.span, None, "Invalid number literal", detail);
        }
        let value = LiteralValue::Number(text.into());
        Ok(Expr::Literal(Literal { value, span: token.span }))
    }

    fn paren(&mut self) -> Parse<Expr> {
        let open = self.bump();
        let (inner, close) = self.with_newlines(false, |parser| {
            let inner = parser.expression()?;
            let next = parser.peek();
            if next.kind != TokenKind::CloseParen {
                let detail = format!("Expected a closing parenthesis, but found {}.", parser.describe(next));
                return parser.fail_within(next, Some(open.span), "Unbalanced parentheses", detail);
            }
            Ok((inner, parser.bump().span))
        })?;
        let span = open.span.to(close);
        Ok(Expr::Paren(Box::new(Paren { inner, span })))
    }

    /// Parses the steps after a term, of which there is at least one.
    fn access(&mut self, term: Expr) -> Parse<Expr> {
        let start = term.span();
        let mut steps = Vec::new();
        let base = match term {
            Expr::Variable(mut traversal) => {
                while let Some(step) = self.step()? {
                    match step {
                        AccessStep::Static(step) => traversal.steps.push(step),
                        AccessStep::Index(_) | AccessStep::Splat(_) => {
                            steps.push(step);
                            break;
                        }
                    }
                }
                if let Some(last) = traversal.steps.last() {
                    traversal.span = start.to(last.span());
                }
                if steps.is_empty() {
                    return Ok(Expr::Variable(traversal));
                }
                Expr::Variable(traversal)
            }
            other => other,
        };
        while let Some(step) = self.step()? {
            steps.push(step);
        }
        let span = steps.last().map_or(start, |last| start.to(last.span()));
        Ok(Expr::Access(Box::new(Access { base, steps, span })))
    }

    /// Parses a step, if there is one.
    fn step(&mut self) -> Parse<Option<AccessStep>> {
        match self.peek_kind() {
            TokenKind::Dot => self.dot_step().map(Some),
            TokenKind::OpenBracket => self.bracket_step().map(Some),
            _ => Ok(None),
        }
    }

    fn dot_step(&mut self) -> Parse<AccessStep> {
        let dot = self.bump();
        if let Some(star) = self.eat(TokenKind::Star) {
            return self.attr_splat(dot.span.to(star.span));
        }
        self.dotted(dot, "An attribute name is required after a dot").map(AccessStep::Static)
    }

    /// Parses what follows a dot: a name, or a number as older configurations have it.
    fn dotted(&mut self, dot: Token, required: &str) -> Parse<Step> {
        let next = self.peek();
        let span = dot.span.to(next.span);
        match next.kind {
            TokenKind::Ident => {
                self.bump();
                Ok(Step::Attr(AttrStep { name: self.ident(next), span }))
            }
            TokenKind::Number => {
                self.bump();
                let number = self.slice(next.span);
                if let Some((first, second)) = number.split_once('.') {
                    let detail = format!(
                        "`.{number}` would be two indexes in a row, which the old index syntax cannot express. \
                         Use brackets: `[{first}][{second}]`."
                    );
                    return self.fail(span, None, "Invalid legacy index syntax", detail);
                }
                if !literal::is_number(number) {
                    let detail = format!("`{number}` is not a number.");
                    return self.fail(next.span, None, "Invalid number literal", detail);
                }
                Ok(Step::Index(IndexStep { key: IndexKey::Number(number.into()), legacy: true, span }))
            }
            _ => {
                let detail = format!("{required}, but found {}.", self.describe(next));
                self.fail_within(next, Some(dot.span), "Invalid attribute name", detail)
            }
        }
    }

    fn attr_splat(&mut self, marker: Span) -> Parse<AccessStep> {
        let mut steps = Vec::new();
        let mut span = marker;
        while let Some(dot) = self.eat(TokenKind::Dot) {
            if let Some(star) = self.eat(TokenKind::Star) {
                return self.fail(
                    star.span,
                    Some(marker.to(star.span)),
                    "Nested splat expression not allowed",
                    "A second splat cannot follow in an attribute-only splat (`.*`). Use `[*]` for both.",
                );
            }
            let step = self.dotted(dot, "An attribute name is required here")?;
            span = span.to(step.span());
            steps.push(AccessStep::Static(step));
        }
        Ok(AccessStep::Splat(Splat { kind: SplatKind::Attr, steps, marker, span }))
    }

    fn bracket_step(&mut self) -> Parse<AccessStep> {
        let open = self.bump();
        if self.eat(TokenKind::Star).is_some() {
            return self.full_splat(open);
        }
        let (key, close) = self.with_newlines(false, |parser| {
            let key = parser.expression()?;
            let next = parser.peek();
            if next.kind != TokenKind::CloseBracket {
                let detail = format!("An index must end with a closing bracket, but found {}.", parser.describe(next));
                return parser.fail_within(next, Some(open.span), "Missing close bracket on index", detail);
            }
            Ok((key, parser.bump().span))
        })?;
        let span = open.span.to(close);
        let text = if let Expr::Literal(Literal { value: LiteralValue::Number(number), .. }) = &key {
            Some(IndexKey::Number(number.clone()))
        } else {
            key.as_string_literal().map(|text| IndexKey::String(text.into()))
        };
        Ok(match text {
            Some(key) => AccessStep::Static(Step::Index(IndexStep { key, legacy: false, span })),
            None => AccessStep::Index(DynamicIndex { key, span }),
        })
    }

    fn full_splat(&mut self, open: Token) -> Parse<AccessStep> {
        let close = self.peek();
        if close.kind != TokenKind::CloseBracket {
            let detail = format!(
                "The star of a splat must be followed by a closing bracket, but found {}.",
                self.describe(close)
            );
            return self.fail_within(close, Some(open.span), "Missing close bracket on splat index", detail);
        }
        self.bump();
        let marker = open.span.to(close.span);
        self.enter(open)?;
        let steps = with_room(|| {
            let mut steps = Vec::new();
            while let Some(step) = self.step()? {
                steps.push(step);
            }
            Ok(steps)
        })?;
        self.depth -= 1;
        let span = steps.last().map_or(marker, |last| marker.to(last.span()));
        Ok(AccessStep::Splat(Splat { kind: SplatKind::Full, steps, marker, span }))
    }
}
