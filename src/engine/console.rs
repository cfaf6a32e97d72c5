//! Expressions that are asked for one by one, over a stack as it was last applied.

use jiff::Timestamp;
use lang::check::check_expression;
use lang::expression::Expression;
use lang::schemas::Schemas;
use model::address::ModuleInstance;
use model::diagnostic::Diagnostics;
use model::value::Value;
use state::State;

use crate::evaluator::{Evaluator, Phase};
use crate::graph::Graph;
use crate::planner::recorded_in;
use crate::prior::Prior;
use crate::repetition::Each;
use crate::stack::Stack;

/// Evaluates expressions in the root module of a stack.
pub struct Console<'a> {
    evaluator: Evaluator<'a>,
    schemas: &'a dyn Schemas,
}

impl<'a> Console<'a> {
    /// A console over a stack and its state. Values of the stack are computed when they are first asked for, once.
    ///
    /// Variables that the stack has no values for are unknown, and so are objects that the state does not have. The messages
    /// say which objects of the state can't be read; those are unknown too.
    pub fn new(
        stack: Stack<'a>,
        graph: &'a Graph,
        state: &State,
        schemas: &'a dyn Schemas,
        now: Timestamp,
    ) -> (Console<'a>, Diagnostics) {
        let (prior, diagnostics) = Prior::read(&stack, graph, state);
        let evaluator = recorded_in(Evaluator::new(stack, graph, Phase::Console { now: now.to_string() }), &prior);
        (Console { evaluator, schemas }, diagnostics)
    }

    /// The value of an expression. Parts that only an apply would tell are unknown.
    ///
    /// # Errors
    /// The expression, or something that it refers to, is wrong. Ranges of the expression itself are in the file it names.
    pub fn evaluate(&self, expression: &Expression) -> Result<Value, Diagnostics> {
        let root = self.evaluator.stack.config.root();
        let found = check_expression(self.evaluator.stack.config, root, expression, self.schemas);
        if found.has_errors() {
            return Err(found);
        }
        let scope = self.evaluator.scope(&ModuleInstance::root(), Each::None);
        let value = lang::evaluate::evaluate(expression, &scope);
        // What went wrong in the blocks that the expression needs.
        let mut diagnostics = self.evaluator.take_diagnostics();
        match value {
            Ok(value) if !diagnostics.has_errors() => Ok(value),
            Ok(_) => Err(diagnostics),
            Err(errors) => {
                diagnostics.extend(errors);
                Err(diagnostics)
            }
        }
    }
}
