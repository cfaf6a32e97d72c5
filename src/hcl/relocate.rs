//! Moves the ranges of a tree: what was parsed from the text inside a JSON string gets its places in the file.

use crate::ast::{AccessStep, Expr, ForResult, Ident, ObjectKey, Step, Template, TemplatePart, Traversal};
use crate::span::Span;
use crate::stack::with_room;

/// Replaces every range in the expression by what `place` makes of it.
pub(crate) fn relocate(expr: &mut Expr, place: &dyn Fn(Span) -> Span) {
    with_room(|| Relocation { place }.expr(expr));
}

struct Relocation<'a> {
    place: &'a dyn Fn(Span) -> Span,
}

impl Relocation<'_> {
    fn span(&self, span: &mut Span) {
        *span = (self.place)(*span);
    }

    fn ident(&self, ident: &mut Ident) {
        self.span(&mut ident.span);
    }

    fn inner(&self, expr: &mut Expr) {
        with_room(|| self.expr(expr));
    }

    fn expr(&self, expr: &mut Expr) {
        match expr {
            Expr::Literal(literal) => self.span(&mut literal.span),
            Expr::Template(template) => self.template(template),
            Expr::TemplateWrap(wrap) => {
                self.inner(&mut wrap.inner);
                self.span(&mut wrap.span);
            }
            Expr::Variable(traversal) => self.traversal(traversal),
            Expr::Access(access) => {
                self.inner(&mut access.base);
                self.access_steps(&mut access.steps);
                self.span(&mut access.span);
            }
            Expr::Call(call) => {
                self.ident(&mut call.name);
                call.args.iter_mut().for_each(|arg| self.inner(arg));
                call.expand.iter_mut().for_each(|span| self.span(span));
                self.span(&mut call.parens);
                self.span(&mut call.span);
            }
            Expr::Unary(unary) => {
                self.inner(&mut unary.operand);
                self.span(&mut unary.op_span);
                self.span(&mut unary.span);
            }
            Expr::Binary(binary) => {
                self.inner(&mut binary.first);
                for rest in &mut binary.rest {
                    self.span(&mut rest.op_span);
                    self.inner(&mut rest.operand);
                }
                self.span(&mut binary.span);
            }
            Expr::Conditional(conditional) => {
                self.inner(&mut conditional.condition);
                self.inner(&mut conditional.then);
                self.inner(&mut conditional.otherwise);
                self.span(&mut conditional.span);
            }
            Expr::For(expr) => {
                expr.key.iter_mut().for_each(|key| self.ident(key));
                self.ident(&mut expr.value);
                self.inner(&mut expr.collection);
                match &mut expr.result {
                    ForResult::Tuple { value } => self.inner(value),
                    ForResult::Object { key, value, grouping } => {
                        self.inner(key);
                        self.inner(value);
                        grouping.iter_mut().for_each(|span| self.span(span));
                    }
                }
                expr.filter.iter_mut().for_each(|filter| self.inner(filter));
                self.span(&mut expr.span);
            }
            Expr::Tuple(tuple) => {
                tuple.elements.iter_mut().for_each(|element| self.inner(element));
                self.span(&mut tuple.span);
            }
            Expr::Object(object) => {
                for entry in &mut object.entries {
                    match &mut entry.key {
                        ObjectKey::Ident(ident) => self.ident(ident),
                        ObjectKey::Expr(key) => self.inner(key),
                    }
                    self.inner(&mut entry.value);
                    self.span(&mut entry.span);
                }
                self.span(&mut object.span);
            }
            Expr::Paren(paren) => {
                self.inner(&mut paren.inner);
                self.span(&mut paren.span);
            }
            Expr::Missing(span) => self.span(span),
        }
    }

    fn template(&self, template: &mut Template) {
        self.parts(&mut template.parts);
        self.span(&mut template.span);
    }

    fn parts(&self, parts: &mut [TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal(literal) => self.span(&mut literal.span),
                TemplatePart::Interpolation(interpolation) => {
                    self.inner(&mut interpolation.expr);
                    self.span(&mut interpolation.span);
                }
                TemplatePart::If(directive) => {
                    self.inner(&mut directive.condition);
                    with_room(|| self.parts(&mut directive.then));
                    with_room(|| self.parts(&mut directive.otherwise));
                    self.span(&mut directive.span);
                }
                TemplatePart::For(directive) => {
                    directive.key.iter_mut().for_each(|key| self.ident(key));
                    self.ident(&mut directive.value);
                    self.inner(&mut directive.collection);
                    with_room(|| self.parts(&mut directive.body));
                    self.span(&mut directive.span);
                }
            }
        }
    }

    fn traversal(&self, traversal: &mut Traversal) {
        self.ident(&mut traversal.root);
        traversal.steps.iter_mut().for_each(|step| self.step(step));
        self.span(&mut traversal.span);
    }

    fn step(&self, step: &mut Step) {
        match step {
            Step::Attr(attr) => {
                self.ident(&mut attr.name);
                self.span(&mut attr.span);
            }
            Step::Index(index) => self.span(&mut index.span),
        }
    }

    fn access_steps(&self, steps: &mut [AccessStep]) {
        for step in steps {
            match step {
                AccessStep::Static(step) => self.step(step),
                AccessStep::Index(index) => {
                    self.inner(&mut index.key);
                    self.span(&mut index.span);
                }
                AccessStep::Splat(splat) => {
                    with_room(|| self.access_steps(&mut splat.steps));
                    self.span(&mut splat.marker);
                    self.span(&mut splat.span);
                }
            }
        }
    }
}
