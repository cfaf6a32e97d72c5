//! `replace_triggered_by`: objects that are replaced because another one changes.

use hcl::ast::{AccessStep, Expr, IndexKey, Step as Access};
use lang::expression::Expression;
use lang::reference::{Subject, references};
use model::address::{ConfigAddr, InstanceAddr, Key, ModuleInstance};
use model::diagnostic::Diagnostic;
use model::path::{Path, Step};
use model::value::Value;

use super::{BlockPlan, Planner};
use crate::evaluator::Failed;
use crate::plan::{Action, Change};
use crate::scope::BlockScope;

impl<'a> Planner<'a> {
    /// Whether anything that the block names changes.
    pub(super) fn is_triggered(
        &self,
        block: &BlockPlan<'_>,
        module: &ModuleInstance,
        scope: &BlockScope<'_, 'a>,
    ) -> Result<bool, Failed> {
        let mut triggered = false;
        for expression in &block.block.lifecycle.replace_triggered_by {
            triggered |= self.changes(module, expression, scope)?;
        }
        Ok(triggered)
    }

    fn changes(
        &self,
        module: &ModuleInstance,
        expression: &Expression,
        scope: &BlockScope<'_, 'a>,
    ) -> Result<bool, Failed> {
        let mentioned = references(expression);
        let Some(Subject::Resource(resource)) = mentioned.first().map(|reference| &reference.subject) else {
            return self.evaluator.fail(
                Diagnostic::error(
                    "Invalid replace_triggered_by expression",
                    "Each entry must be a reference to a managed resource, to one of its instances, or to an attribute of one.",
                )
                .at(expression.range()),
            );
        };
        let steps = self.steps(expression, scope)?;
        let (key, path) = match steps.split_first() {
            Some((Step::Index(index), rest)) => (Some(Key::Index(*index as u64)), rest),
            Some((Step::Key(key), rest)) => (Some(Key::Name(key.clone())), rest),
            Some(_) | None => (None, steps.as_slice()),
        };
        let path = Path { steps: path.to_vec() };
        let config = ConfigAddr { module: module.module(), resource: resource.clone() };
        let named = InstanceAddr { module: module.clone(), resource: resource.clone(), key: key.clone() };
        let decided = self.decided();
        let mut changes = decided.changes.iter().filter(|change| {
            let addr = &change.key.addr;
            if key.is_some() { *addr == named } else { addr.module == *module && addr.config() == config }
        });
        Ok(changes.any(|change| is_change(change, &path)))
    }

    /// The steps after the resource: an instance key, then attributes.
    fn steps(&self, expression: &Expression, scope: &BlockScope<'_, 'a>) -> Result<Vec<Step>, Failed> {
        let mut steps = Vec::new();
        let traversal = match expression.node.as_ref() {
            Expr::Access(access) => {
                let Expr::Variable(traversal) = &access.base else { return Ok(steps) };
                for step in &access.steps {
                    match step {
                        AccessStep::Static(step) => steps.extend(path_step(step)),
                        AccessStep::Index(index) => {
                            let key = Expression::new(expression.file, index.key.clone());
                            steps.extend(value_step(&self.evaluator.evaluate(&key, scope)?));
                        }
                        AccessStep::Splat(_) => {}
                    }
                }
                traversal
            }
            Expr::Variable(traversal) => traversal,
            _ => return Ok(steps),
        };
        // `TYPE.NAME`, or `resource.TYPE.NAME`.
        let named = if traversal.root.name == "resource" { 2 } else { 1 };
        let head: Vec<Step> = traversal.steps.iter().skip(named).filter_map(path_step).collect();
        Ok([head, steps].concat())
    }
}

fn path_step(step: &Access) -> Option<Step> {
    match step {
        Access::Attr(step) => Some(Step::Attribute(step.name.name.as_str().into())),
        Access::Index(step) => match &step.key {
            IndexKey::Number(number) => number.parse().ok().map(Step::Index),
            IndexKey::String(key) => Some(Step::Key(key.as_str().into())),
        },
    }
}

fn value_step(value: &Value) -> Option<Step> {
    match Key::from_value(value)? {
        Key::Index(index) => usize::try_from(index).ok().map(Step::Index),
        Key::Name(name) => Some(Step::Key(name)),
    }
}

/// Whether an update or a replacement touches a place. A create does not count: there was nothing before.
fn is_change(change: &Change, path: &Path) -> bool {
    match change.action {
        Action::NoOp | Action::Create | Action::Delete | Action::Read | Action::Forget => false,
        Action::Update | Action::Replace { .. } if path.is_root() => true,
        Action::Update | Action::Replace { .. } => {
            let part = |value: &Option<Value>| value.as_ref().and_then(|value| value.at(path));
            match (part(&change.before), part(&change.after)) {
                (Some(before), Some(after)) => !after.is_wholly_known() || !before.same(&after),
                (None, None) => false,
                (Some(_), None) | (None, Some(_)) => true,
            }
        }
    }
}
