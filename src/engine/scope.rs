//! What the expressions of one block see, in one instance of its module and of itself.

use std::collections::HashMap;

use lang::reference::Subject;
use lang::scope::{Impure, Scope, Surroundings};
use model::address::ModuleInstance;
use model::diagnostic::Diagnostic;
use model::source::SourceRange;
use model::ty::Type;
use model::value::{Marks, Refinement, Value};
use petgraph::graph::NodeIndex;

use crate::evaluator::{Evaluator, Failed, Phase};
use crate::repetition::Each;

/// The scope of a block.
pub struct BlockScope<'e, 'a> {
    evaluator: &'e Evaluator<'a>,
    module: ModuleInstance,
    subjects: Option<&'e HashMap<Subject, NodeIndex>>,
    each: Each,
    this: Option<Value>,
}

impl<'e, 'a> BlockScope<'e, 'a> {
    pub(crate) fn new(evaluator: &'e Evaluator<'a>, module: ModuleInstance, each: Each) -> BlockScope<'e, 'a> {
        let subjects = evaluator.graph.subjects(&module.module());
        BlockScope { evaluator, module, subjects, each, this: None }
    }

    /// The same scope, in which `self` is this value.
    pub fn with_self(mut self, this: Value) -> BlockScope<'e, 'a> {
        self.this = Some(this);
        self
    }

    fn each_key(&self, range: SourceRange) -> Result<Value, Diagnostic> {
        match &self.each {
            Each::Entry { key, .. } => Ok(Value::string(key.clone())),
            Each::AnyEntry => Ok(Value::unknown_with(Type::String, Refinement::not_null())),
            Each::None | Each::Count(_) | Each::AnyCount => Err(no_each(range)),
        }
    }

    fn each_value(&self, range: SourceRange) -> Result<Value, Diagnostic> {
        match &self.each {
            Each::Entry { value, .. } => Ok(value.clone()),
            Each::AnyEntry => Ok(Value::unknown(Type::Dynamic)),
            Each::None | Each::Count(_) | Each::AnyCount => Err(no_each(range)),
        }
    }

    fn count_index(&self, range: SourceRange) -> Result<Value, Diagnostic> {
        match &self.each {
            Each::Count(index) => Ok(Value::number(*index)),
            Each::AnyCount => Ok(Value::unknown_with(Type::Number, Refinement::not_null())),
            Each::None | Each::Entry { .. } | Each::AnyEntry => Err(Diagnostic::error(
                "Reference to \"count\" in non-counted context",
                "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \
                 \"count\" argument is set.",
            )
            .at(range)),
        }
    }
}

impl Scope for BlockScope<'_, '_> {
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        let stack = &self.evaluator.stack;
        match subject {
            Subject::Variable(_) | Subject::Local(_) | Subject::Resource(_) | Subject::Module(_) | Subject::Output(_) => {
                let node = self.subjects.and_then(|subjects| subjects.get(subject)).ok_or_else(|| {
                    Diagnostic::error("Reference to undeclared object", format!("There is no {subject} here.")).at(range)
                })?;
                match (self.evaluator.value(*node, &self.module), &self.evaluator.phase) {
                    (Ok(value), _) => Ok(value),
                    (Err(Failed), Phase::Apply { .. }) => Err(unavailable(subject, range)),
                    // What failed has been reported where it failed, and what needs it is not visited.
                    (Err(Failed), Phase::Validate | Phase::Prior | Phase::Console { .. } | Phase::Plan { .. }) => Ok(Value::unknown(Type::Dynamic)),
                }
            }
            Subject::Run(_) | Subject::Check(_) => Err(Diagnostic::error(
                "Reference to undeclared object",
                format!("There is no {subject} here: only test files know runs and checks."),
            )
            .at(range)),
            Subject::EachKey => self.each_key(range),
            Subject::EachValue => self.each_value(range),
            Subject::CountIndex => self.count_index(range),
            Subject::PathModule => Ok(Value::string(self.evaluator.module(&self.module.module()).path.clone())),
            Subject::PathRoot => Ok(Value::string(stack.config.root().path.clone())),
            Subject::PathCwd => Ok(Value::string(stack.cwd.to_string_lossy().as_ref())),
            Subject::Workspace => Ok(Value::string(stack.workspace)),
            Subject::Applying => {
                let applying = matches!(self.evaluator.phase, Phase::Apply { .. });
                Ok(Value::bool(applying).with_marks(Marks::EPHEMERAL))
            }
            Subject::SelfObject => self.this.clone().ok_or_else(|| {
                Diagnostic::error(
                    "Invalid \"self\" reference",
                    "The \"self\" object is not available in this context. It can be used only in provisioners, connections and \
                     postconditions of resources.",
                )
                .at(range)
            }),
        }
    }

    fn surroundings(&self) -> Surroundings<'_> {
        let stack = &self.evaluator.stack;
        let (plan_time, now) = match &self.evaluator.phase {
            Phase::Validate | Phase::Prior => (None, None),
            Phase::Console { now } => (Some(now.as_str()), Some(now.as_str())),
            Phase::Plan { at } => (Some(at.as_str()), None),
            Phase::Apply { plan_at, now } => (Some(plan_at.as_str()), Some(now.as_str())),
        };
        let impure = now.map(|now| Impure { now, random: stack.chance.random() });
        Surroundings { base_dir: stack.dir, home: stack.home, plan_time, impure }
    }
}

fn unavailable(subject: &Subject, range: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Value not available",
        format!("The value of {subject} could not be evaluated; another message says why."),
    )
    .at(range)
}

fn no_each(range: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Reference to \"each\" in context without for_each",
        "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.",
    )
    .at(range)
}
