//! What expressions of test files see.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::scope::BlockScope;
use hcl::ast::{Step, Traversal};
use lang::expression::Expression;
use lang::reference::{Reference, Subject, parse_in_test};
use lang::scope::{Scope, Surroundings};
use lang::suggestion::{did_you_mean, similar};
use lang::test_file::TestFile;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{FileId, SourceRange};
use model::value::Value;

/// The runs of a file: those that are over have outputs.
#[derive(Clone, Copy)]
pub struct Runs<'a> {
    pub file: &'a TestFile,
    /// Objects of outputs, by the name of the run.
    pub outputs: &'a BTreeMap<Arc<str>, Value>,
}

impl Runs<'_> {
    fn value(&self, name: &str, range: SourceRange) -> Result<Value, Diagnostic> {
        if let Some(outputs) = self.outputs.get(name) {
            return Ok(outputs.clone());
        }
        let names = || self.file.runs.iter().map(|run| &*run.name);
        if names().any(|known| known == name) {
            let detail = format!(
                "The run \"{name}\" is not over yet. A run can use the outputs of earlier runs of the same file alone."
            );
            return Err(Diagnostic::error("Reference to unavailable run block", detail).at(range));
        }
        let detail = format!("This file has no run \"{name}\".");
        let error = Diagnostic::error("Reference to undeclared run block", detail).at(range);
        Err(did_you_mean(error, similar(name, names())))
    }

    /// Refuses outputs that only an apply would have made known.
    pub fn known(&self, expression: &Expression) -> Result<(), Diagnostics> {
        let mut found = Diagnostics::new();
        expression.node.for_each_reference(&mut |traversal| {
            let Ok(reference) = parse_in_test(expression.file, traversal) else { return };
            let Subject::Run(run) = &reference.subject else { return };
            let (Some(outputs), Some(Step::Attr(step))) = (self.outputs.get(run), reference.rest.first()) else { return };
            let name = &step.name.name;
            if outputs.get(name).is_some_and(|value| !value.is_wholly_known()) {
                let detail = format!(
                    "The value of run.{run}.{name} is not known: the run \"{run}\" only plans, and the output gets its value \
                     from an apply."
                );
                found.push(Diagnostic::error("Reference to unknown value", detail).at(reference.range));
            }
        });
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}

/// The scope of variables and providers of test files.
#[derive(Clone, Copy)]
pub struct OuterScope<'a> {
    /// `None` where runs can't be mentioned.
    pub runs: Option<Runs<'a>>,
    pub variables: &'a BTreeMap<Arc<str>, Value>,
    pub surroundings: Surroundings<'a>,
}

impl Scope for OuterScope<'_> {
    fn reference(&self, file: FileId, traversal: &Traversal) -> Result<Reference, Diagnostic> {
        parse_in_test(file, traversal)
    }

    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        match (subject, &self.runs) {
            (Subject::Variable(name), _) => match self.variables.get(name) {
                Some(value) => Ok(value.clone()),
                None => {
                    let detail = format!(
                        "The variable `{name}` has no value here. Values from the command line, from the environment and from \
                         files of variables can be used, and in a run those of its file too."
                    );
                    Err(Diagnostic::error("Reference to unavailable variable", detail).at(range))
                }
            },
            (Subject::Run(name), Some(runs)) => runs.value(name, range),
            _ => {
                let detail =
                    "Variables of a test can refer to earlier runs, and to variables of the file and from outside.";
                Err(Diagnostic::error("Invalid reference", detail).at(range))
            }
        }
    }

    fn surroundings(&self) -> Surroundings<'_> {
        self.surroundings
    }
}

/// The scope of assertions: all that the module under test has, its outputs, and the runs before.
pub struct AssertScope<'a, 'e, 's> {
    pub module: BlockScope<'e, 's>,
    /// Variables of the test that the module does not declare.
    pub variables: &'a BTreeMap<Arc<str>, Value>,
    pub runs: Runs<'a>,
    /// The run whose assertions these are.
    pub run: &'a str,
}

impl Scope for AssertScope<'_, '_, '_> {
    fn reference(&self, file: FileId, traversal: &Traversal) -> Result<Reference, Diagnostic> {
        parse_in_test(file, traversal)
    }

    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        match subject {
            Subject::Run(name) if **name == *self.run => {
                let detail = format!("The run \"{name}\" is not over yet. Its outputs are output.NAME here.");
                Err(Diagnostic::error("Reference to unevaluated run block", detail).at(range))
            }
            Subject::Run(name) => self.runs.value(name, range),
            Subject::Variable(name) => match self.variables.get(name) {
                Some(value) => Ok(value.clone()),
                None => self.module.value(subject, range),
            },
            Subject::Local(_)
            | Subject::Resource(_)
            | Subject::Module(_)
            | Subject::Output(_)
            | Subject::Check(_)
            | Subject::EachKey
            | Subject::EachValue
            | Subject::CountIndex
            | Subject::PathModule
            | Subject::PathRoot
            | Subject::PathCwd
            | Subject::Workspace
            | Subject::Applying
            | Subject::SelfObject => self.module.value(subject, range),
        }
    }

    fn surroundings(&self) -> Surroundings<'_> {
        self.module.surroundings()
    }
}
