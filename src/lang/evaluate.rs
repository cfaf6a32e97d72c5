//! From expressions to values.
//!
//! Evaluation never stops at a mistake: it notes a diagnostic, takes an unknown value of unknown type for the part that failed,
//! and goes on, so that one run says everything. Marks (sensitive, ephemeral) go from operands to results everywhere.

mod access;
mod call;
mod collection;
mod conditional;
mod failure;
mod lift;
mod operator;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl::ast::{Expr, Literal, LiteralValue, Traversal};
use hcl::span::Span;
use hcl::stack::with_room;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::number::Number;
use model::source::{FileId, SourceRange};
use model::ty::Type;
use model::value::Value;

use crate::constant::not_constant;
use crate::expression::{Expression, range};
use crate::scope::{Scope, Surroundings};

use failure::Problem;

pub(crate) use operator::equal;
pub use template::{TemplateError, render};

/// Evaluates an expression.
///
/// # Errors
/// All mistakes found in it, each with its range and the values of the references in the failing part.
pub fn evaluate(expression: &Expression, scope: &dyn Scope) -> Result<Value, Diagnostics> {
    let mut evaluator = Evaluator::new(scope);
    let value = evaluator.evaluate(expression, None);
    let diagnostics = evaluator.finish();
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(value) }
}

/// A name that an expression around introduces (`for`, the iterator of `dynamic`), with the names further out.
///
/// It shadows names of the same text further out and objects of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    pub name: &'a str,
    pub value: &'a Value,
    pub outer: Option<&'a Names<'a>>,
}

/// Evaluates expressions and collects what is wrong with them.
pub struct Evaluator<'a> {
    root: Root<'a>,
    surroundings: Surroundings<'a>,
    file: FileId,
    /// Mistakes that depend on values; `try` and `can` make up for them.
    found: Vec<Diagnostic>,
    /// References to nothing, which nothing makes up for.
    unresolved: Vec<Diagnostic>,
    /// How many `try` and `can` are around: diagnostics that they will drop need no details.
    guards: usize,
    /// How many template functions are around.
    templates: usize,
}

/// Where names that no `for` introduces come from.
#[derive(Clone, Copy)]
enum Root<'a> {
    Module(&'a dyn Scope),
    /// The variables of a template.
    Template(&'a BTreeMap<Arc<str>, Value>),
    /// Nowhere: nothing has a name, and no function is known.
    Nothing,
}

impl Names<'_> {
    fn find(&self, name: &str) -> Option<&Value> {
        let mut frame = Some(self);
        while let Some(names) = frame {
            if names.name == name {
                return Some(names.value);
            }
            frame = names.outer;
        }
        None
    }
}

impl<'a> Evaluator<'a> {
    pub fn new(scope: &'a dyn Scope) -> Evaluator<'a> {
        Evaluator::rooted(Root::Module(scope), scope.surroundings())
    }

    /// What it gives is known only as far as nothing depends on names and functions.
    pub(crate) fn without_names() -> Evaluator<'static> {
        Evaluator::rooted(Root::Nothing, Surroundings::nowhere())
    }

    fn rooted(root: Root<'a>, surroundings: Surroundings<'a>) -> Evaluator<'a> {
        Evaluator {
            root,
            surroundings,
            file: FileId(0),
            found: Vec::new(),
            unresolved: Vec::new(),
            guards: 0,
            templates: 0,
        }
    }

    /// Evaluates one expression; where it fails the value is unknown, and [`Evaluator::finish`] says why.
    pub fn evaluate(&mut self, expression: &Expression, names: Option<&Names<'_>>) -> Value {
        self.file = expression.file;
        self.value(&expression.node, names)
    }

    /// The values of the references in an expression, for messages about its result.
    pub fn values(&mut self, expression: &Expression, names: Option<&Names<'_>>) -> Vec<(Arc<str>, Value)> {
        self.file = expression.file;
        self.values_in(&expression.node, names)
    }

    /// What was wrong with the expressions so far, in the order of evaluation; references to nothing first.
    pub fn finish(self) -> Diagnostics {
        self.unresolved.into_iter().chain(self.found).collect()
    }

    fn value(&mut self, expr: &Expr, names: Option<&Names<'_>>) -> Value {
        match expr {
            Expr::Literal(literal) => self.literal(expr, literal, names),
            Expr::Paren(paren) => with_room(|| self.value(&paren.inner, names)),
            Expr::TemplateWrap(wrap) => with_room(|| self.value(&wrap.inner, names)),
            Expr::Template(template) => with_room(|| self.template(template, names)),
            Expr::Variable(traversal) => self.variable(expr, traversal, names),
            Expr::Access(access) => with_room(|| self.access(expr, access, names)),
            Expr::Call(call) => with_room(|| self.call(expr, call, names)),
            Expr::Unary(unary) => with_room(|| self.unary(expr, unary, names)),
            Expr::Binary(binary) => with_room(|| self.binary(expr, binary, names)),
            Expr::Conditional(conditional) => with_room(|| self.conditional(expr, conditional, names)),
            Expr::For(node) => with_room(|| self.for_each(expr, node, names)),
            Expr::Tuple(tuple) => with_room(|| self.tuple(tuple, names)),
            Expr::Object(object) => with_room(|| self.object(expr, object, names)),
            // The parser has reported what is missing.
            Expr::Missing(_) => Value::unknown(Type::Dynamic),
        }
    }

    fn literal(&mut self, expr: &Expr, literal: &Literal, names: Option<&Names<'_>>) -> Value {
        match &literal.value {
            LiteralValue::Null => Value::null(Type::Dynamic),
            LiteralValue::Bool(value) => Value::bool(*value),
            LiteralValue::Number(text) => match Number::parse(text) {
                Some(number) => Value::number(number),
                None => {
                    let detail = "This number is larger or smaller than numbers can be.";
                    self.fail(expr, literal.span, names, Problem::new("Number out of range", detail))
                }
            },
        }
    }

    fn variable(&mut self, expr: &Expr, traversal: &Traversal, names: Option<&Names<'_>>) -> Value {
        let (value, taken) = match self.look_up(traversal, names) {
            Ok(found) => found,
            Err(diagnostic) => {
                self.unresolved.push(*diagnostic);
                return Value::unknown(Type::Dynamic);
            }
        };
        self.static_steps(expr, value, &traversal.steps[taken..], names)
    }

    /// The value that a traversal starts from, and how many of its steps that takes.
    fn look_up(&self, traversal: &Traversal, names: Option<&Names<'_>>) -> Result<(Value, usize), Box<Diagnostic>> {
        if let Some(value) = names.and_then(|names| names.find(&traversal.root.name)) {
            return Ok((value.clone(), 0));
        }
        match self.root {
            Root::Module(scope) => {
                let reference = scope.reference(self.file, traversal)?;
                let value = scope.value(&reference.subject, reference.subject_range)?;
                Ok((value, traversal.steps.len() - reference.rest.len()))
            }
            Root::Template(variables) => match variables.get(traversal.root.name.as_str()) {
                Some(value) => Ok((value.clone(), 0)),
                None => Err(Box::new(template::missing_variable(
                    self.range(traversal.root.span),
                    &traversal.root.name,
                    variables,
                ))),
            },
            Root::Nothing => Err(Box::new(not_constant(self.range(traversal.root.span)))),
        }
    }

    fn range(&self, span: Span) -> SourceRange {
        range(self.file, span)
    }

    /// Evaluates something and gives its mistakes back instead of keeping them; references to nothing are kept.
    fn isolated<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> (T, Vec<Diagnostic>) {
        let kept = std::mem::take(&mut self.found);
        let result = evaluate(self);
        let found = std::mem::replace(&mut self.found, kept);
        (result, found)
    }

    /// How many mistakes there are; a larger number later means that something failed in between.
    fn mistakes(&self) -> usize {
        self.found.len() + self.unresolved.len()
    }
}

#[cfg(test)]
mod tests;
