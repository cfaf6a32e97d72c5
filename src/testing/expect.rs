//! What a run expects: conditions that must fail, and assertions that must hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::evaluator::Evaluator;
use engine::graph::Node;
use engine::repetition::Each;
use hcl::ast::Step;
use lang::check::check_test_expression;
use lang::config::Condition;
use lang::evaluate;
use lang::reference::{Reference, Subject};
use lang::scope::Scope;
use lang::test_file::Run;
use model::address::{ModuleAddr, ModuleInstance};
use model::checkable::{Checkable, CheckableAddr};
use model::convert::convert;
use model::diagnostic::{Diagnostic, Diagnostics, Severity};
use model::ty::Type;
use model::value::{Kind, Marks, Value};

use crate::report::Status;
use crate::scope::{AssertScope, Runs};

/// The failures that a run expects, and which of them have come.
#[derive(Debug)]
pub struct Expectations<'a> {
    expected: Vec<(&'a Reference, CheckableAddr)>,
    met: Vec<bool>,
}

impl<'a> Expectations<'a> {
    /// # Errors
    /// Something is expected to fail that has no conditions.
    pub fn of(run: &'a Run) -> Result<Expectations<'a>, Diagnostics> {
        let mut expected = Vec::new();
        let mut errors = Diagnostics::new();
        for reference in &run.expect_failures {
            match checkable(reference) {
                Some(object) => expected.push((reference, object)),
                None => errors.push(
                    Diagnostic::error(
                        "Invalid `expect_failures` reference",
                        format!(
                            "{} has no conditions that could fail. Failures can be expected of variables, outputs, checks, \
                             resources and data sources.",
                            reference.subject
                        ),
                    )
                    .at(reference.range),
                ),
            }
        }
        let met = vec![false; expected.len()];
        if errors.is_empty() { Ok(Expectations { expected, met }) } else { Err(errors) }
    }

    /// Takes out what is expected. Failed checks that nobody expects are errors: a test is where somebody looks.
    ///
    /// Gives what is left, and the failures that stopped something although they are expected.
    pub fn filter(&mut self, diagnostics: Diagnostics) -> (Diagnostics, Diagnostics) {
        let (mut left, mut stopped) = (Diagnostics::new(), Diagnostics::new());
        for mut diagnostic in diagnostics {
            let Some(object) = diagnostic.condition_of.clone() else {
                left.push(diagnostic);
                continue;
            };
            let mut is_expected = false;
            for ((_, expected), met) in self.expected.iter().zip(&mut self.met) {
                if is_of(&object, expected) {
                    *met = true;
                    is_expected = true;
                }
            }
            if !is_expected {
                diagnostic.severity = Severity::Error;
                left.push(diagnostic);
            } else if diagnostic.is_error() {
                stopped.push(diagnostic);
            }
        }
        (left, stopped)
    }

    /// What was expected to fail and did not.
    pub fn missing(&self) -> Diagnostics {
        let unmet = self.expected.iter().zip(&self.met).filter(|(_, met)| !**met);
        unmet
            .map(|((reference, expected), _)| {
                let detail = format!("A condition of {expected} was expected to fail, and none did.");
                Diagnostic::error("Missing expected failure", detail).at(reference.range)
            })
            .collect()
    }
}

/// The object of the root module that has the conditions, or all instances of it.
fn checkable(reference: &Reference) -> Option<CheckableAddr> {
    let object = match &reference.subject {
        Subject::Variable(name) => Checkable::Variable(name.clone()),
        Subject::Output(name) => Checkable::Output(name.clone()),
        Subject::Check(name) => Checkable::Check(name.clone()),
        Subject::Resource(addr) => {
            let key = match reference.rest.first() {
                Some(Step::Index(_)) => Some(reference.key()?),
                Some(Step::Attr(_)) | None => None,
            };
            Checkable::Resource(addr.clone(), key)
        }
        Subject::Local(_)
        | Subject::Module(_)
        | Subject::Run(_)
        | Subject::EachKey
        | Subject::EachValue
        | Subject::CountIndex
        | Subject::PathModule
        | Subject::PathRoot
        | Subject::PathCwd
        | Subject::Workspace
        | Subject::Applying
        | Subject::SelfObject => return None,
    };
    Some(CheckableAddr { module: ModuleInstance::root(), object })
}

/// Whether an object is the one named, or an instance of it.
fn is_of(object: &CheckableAddr, named: &CheckableAddr) -> bool {
    object == named || object.block() == *named
}

/// What assertions came to.
#[derive(Debug)]
pub struct Verdict {
    pub status: Status,
    pub diagnostics: Diagnostics,
    pub failed: usize,
    /// The outputs of the root module.
    pub outputs: Value,
}

/// What assertions are held against beside the module under test.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    pub run: &'a Run,
    pub runs: Runs<'a>,
    /// Variables of the test that the module does not declare.
    pub variables: &'a BTreeMap<Arc<str>, Value>,
    /// Whether the values are those of a plan.
    pub planned: bool,
}

impl Judge<'_> {
    /// Evaluates all assertions of the run.
    pub fn verdict(&self, evaluator: &Evaluator<'_>) -> Verdict {
        let mut verdict =
            Verdict { status: Status::Pass, diagnostics: Diagnostics::new(), failed: 0, outputs: outputs(evaluator) };
        let scope = AssertScope {
            module: evaluator.scope(&ModuleInstance::root(), Each::None),
            variables: self.variables,
            runs: self.runs,
            run: &self.run.name,
        };
        for condition in &self.run.asserts {
            let status = self.assert(condition, &scope, evaluator, &mut verdict.diagnostics);
            verdict.failed += usize::from(status != Status::Pass);
            verdict.status = verdict.status.max(status);
        }
        verdict
    }

    fn assert(
        &self,
        assertion: &Condition,
        scope: &AssertScope<'_, '_, '_>,
        evaluator: &Evaluator<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Status {
        let stack = &evaluator.stack;
        let check = |expression| check_test_expression(stack.config, expression, self.variables, stack.providers);
        let mut found = check(&assertion.condition);
        found.extend(check(&assertion.error_message));
        if found.has_errors() {
            diagnostics.extend(found);
            return Status::Error;
        }
        let expression = &assertion.condition;
        let mut evaluation = evaluate::Evaluator::new(scope);
        let value = evaluation.evaluate(expression, None);
        let values = evaluation.values(expression, None);
        let found = evaluation.finish();
        if found.has_errors() {
            diagnostics.extend(found);
            return Status::Error;
        }
        let error = |summary: &str, detail: String| {
            let mut diagnostic = Diagnostic::error(summary, detail).at(expression.range());
            diagnostic.values.clone_from(&values);
            diagnostic
        };
        if value.is_null() {
            diagnostics.push(error("Invalid condition run", "A condition must be true or false, not null.".into()));
            return Status::Error;
        }
        let value = match convert(&value, &Type::Bool) {
            Ok(value) => value,
            Err(reason) => {
                let detail = format!("A condition must be true or false: {reason}.");
                diagnostics.push(error("Invalid condition run", detail));
                return Status::Error;
            }
        };
        match value.reveal() {
            Kind::Unknown(..) => {
                diagnostics.push(self.unknown().at(expression.range()));
                Status::Error
            }
            Kind::Bool(true) => Status::Pass,
            _ => {
                let message = message(assertion, scope, diagnostics);
                let mut diagnostic = error("Test assertion failed", message);
                diagnostic.context = Some(assertion.declared);
                diagnostics.push(diagnostic);
                Status::Fail
            }
        }
    }

    fn unknown(&self) -> Diagnostic {
        let diagnostic = Diagnostic::error(
            "Unknown condition value",
            if self.planned {
                "The condition depends on something that is only known after an apply, and this run only plans."
            } else {
                "The condition depends on something that has no value, because it could not be made."
            },
        );
        if !self.planned {
            return diagnostic;
        }
        diagnostic.hint(
            "Let the run apply (command = apply), leave the value out, or make it up: an override with override_during = plan.",
        )
    }
}

/// The error message of an assertion that failed; empty when it can't be told.
fn message(assertion: &Condition, scope: &dyn Scope, diagnostics: &mut Diagnostics) -> String {
    let value = match evaluate::evaluate(&assertion.error_message, scope) {
        Ok(value) => value,
        Err(found) => {
            diagnostics.extend(found);
            return String::new();
        }
    };
    if value.marks_deep().contains(Marks::SENSITIVE) || value.marks_deep().contains(Marks::EPHEMERAL) {
        let detail = "The error message refers to values that must not be shown, so it is not shown either.";
        diagnostics.push(
            Diagnostic::warning("Error message refers to sensitive values", detail)
                .at(assertion.error_message.range())
                .hint("Leave them out, or put nonsensitive(..) around what is not secret."),
        );
        return String::new();
    }
    match convert(&value, &Type::String).map(|text| text.reveal().as_str().map(str::to_string)) {
        Ok(Some(text)) => text,
        Ok(None) | Err(_) => String::new(),
    }
}

/// The outputs of the root module as an object; unknown where they have no value.
fn outputs(evaluator: &Evaluator<'_>) -> Value {
    let root = ModuleInstance::root();
    let names = evaluator.stack.config.root().outputs.keys();
    let value = |name: &Arc<str>| {
        let node = evaluator.graph.find(&Node::Output(ModuleAddr::root(), name.clone()));
        let node = node.expect("every output is a node");
        evaluator.value(node, &root).unwrap_or_else(|_| Value::unknown(Type::Dynamic))
    };
    Value::object(names.map(|name| (name.clone(), value(name))).collect::<Vec<_>>())
}
