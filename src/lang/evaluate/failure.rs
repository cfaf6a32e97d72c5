//! Diagnostics of evaluation: what failed, where, and with which values.

use std::borrow::Cow;
use std::sync::Arc;

use hcl::ast::{Expr, Step, Traversal};
use hcl::span::Span;
use model::diagnostic::Diagnostic;
use model::ty::Type;
use model::value::Value;

use crate::evaluate::{Evaluator, Names, access};

/// What is wrong with a value, before it has a place in the source.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub summary: &'static str,
    pub detail: Cow<'static, str>,
    pub hint: Option<String>,
}

impl Problem {
    pub fn new(summary: &'static str, detail: impl Into<Cow<'static, str>>) -> Problem {
        Problem { summary, detail: detail.into(), hint: None }
    }

    pub fn hint(mut self, hint: impl Into<Option<String>>) -> Problem {
        self.hint = hint.into();
        self
    }
}

impl Evaluator<'_> {
    /// Notes a mistake at `span` of `within`, and gives the value that stands for the result.
    pub(super) fn fail(&mut self, within: &Expr, span: Span, names: Option<&Names<'_>>, problem: Problem) -> Value {
        let mut diagnostic = Diagnostic::error(problem.summary, problem.detail).at(self.range(span));
        if within.span() != span {
            diagnostic = diagnostic.within(self.range(within.span()));
        }
        diagnostic.hint = problem.hint;
        if self.guards == 0 {
            diagnostic.values = self.values_in(within, names);
        }
        self.found.push(diagnostic);
        Value::unknown(Type::Dynamic)
    }

    /// The values of the references in an expression, each text once, as far as they can be had.
    pub(super) fn values_in(&self, expr: &Expr, names: Option<&Names<'_>>) -> Vec<(Arc<str>, Value)> {
        let mut values: Vec<(Arc<str>, Value)> = Vec::new();
        expr.for_each_reference(&mut |traversal| {
            let Ok((value, taken)) = self.look_up(traversal, names) else { return };
            let mut text = written(traversal, taken);
            let mut value = value;
            for step in &traversal.steps[taken..] {
                match access::static_step(&value, step) {
                    Ok(next) => value = next,
                    Err(_) => break,
                }
                write_step(step, &mut text);
            }
            if !values.iter().any(|(known, _)| **known == *text) {
                values.push((text.into(), value));
            }
        });
        values
    }
}

/// The root of a traversal and its first steps, as they are in the source.
fn written(traversal: &Traversal, steps: usize) -> String {
    let mut text = traversal.root.name.to_string();
    for step in &traversal.steps[..steps] {
        write_step(step, &mut text);
    }
    text
}

fn write_step(step: &Step, text: &mut String) {
    match step {
        Step::Attr(step) => {
            text.push('.');
            text.push_str(&step.name.name);
        }
        Step::Index(step) => match &step.key {
            hcl::ast::IndexKey::Number(number) => text.push_str(&format!("[{number}]")),
            hcl::ast::IndexKey::String(key) => text.push_str(&format!("[{key:?}]")),
        },
    }
}
