//! `import` blocks: objects that exist and are taken over while planning the rest.

use std::sync::Arc;

use hcl::ast::{AccessStep, Expr, IndexKey, Step};
use lang::config::Import;
use lang::expression::Expression;
use model::address::{InstanceAddr, Key, ModuleInstance, ProviderConfigAddr};
use model::diagnostic::Diagnostic;
use model::value::{Kind, Marks, Value};

use super::instance::refused;
use super::{BlockPlan, Planner};
use crate::evaluator::Failed;
use crate::repetition::{Each, for_each};
use crate::scope::BlockScope;

/// An object as it was taken over.
#[derive(Clone, Debug)]
pub(super) struct Imported {
    pub id: Arc<str>,
    pub provider: ProviderConfigAddr,
    pub value: Value,
    pub private: Arc<[u8]>,
}

impl<'a> Planner<'a> {
    /// The object that an `import` block names for an instance that has none.
    pub(super) async fn import(&self, block: &BlockPlan<'_>, addr: &InstanceAddr) -> Result<Option<Imported>, Failed> {
        if self.prior.current(addr).is_some() {
            return Ok(None);
        }
        let root = self.evaluator.stack.config.root();
        let of_block = root
            .imports
            .iter()
            .filter(|import| import.module == block.addr.module && import.resource == block.addr.resource);
        for import in of_block {
            if let Some(id) = self.identifier(import, addr)? {
                let imported = crate::import::fetch(block.provider.as_ref(), &block.schema, addr, &id).await;
                return match imported {
                    Ok((value, private)) => {
                        Ok(Some(Imported { id, provider: block.provider_addr.clone(), value, private }))
                    }
                    Err(error) => {
                        self.evaluator.fail(refused(block, addr, "Failed to import", &error).at(import.declared))
                    }
                };
            }
        }
        Ok(None)
    }

    /// The identifier that a block gives for an instance; `None` when the block is about others.
    fn identifier(&self, import: &Import, addr: &InstanceAddr) -> Result<Option<Arc<str>>, Failed> {
        let root = ModuleInstance::root();
        let eaches = match &import.for_each {
            None => vec![Each::None],
            Some(expression) => {
                let value = self.evaluator.evaluate(expression, &self.evaluator.scope(&root, Each::None))?;
                let keys =
                    for_each(&value, expression.range()).or_else(|diagnostic| self.evaluator.fail(diagnostic))?;
                keys.iter().map(|key| keys.each(key.as_ref())).collect()
            }
        };
        for each in eaches {
            let scope = self.evaluator.scope(&root, each);
            if self.address(&import.to, &scope)? == Some(addr.to_string()) {
                let id = self.evaluator.evaluate(&import.id, &scope)?;
                if id.marks_deep().contains(Marks::EPHEMERAL) {
                    return self.evaluator.fail(
                        Diagnostic::error(
                            "Invalid import id argument",
                            "The identifier is kept in the plan, so it can't be an ephemeral value.",
                        )
                        .at(import.id.range()),
                    );
                }
                return match id.reveal() {
                    Kind::String(id) if !id.is_empty() => Ok(Some(id.clone())),
                    Kind::Unknown(..) => self.evaluator.fail(
                        Diagnostic::error(
                            "Invalid import id argument",
                            "The import block \"id\" argument depends on resource attributes that cannot be determined until \
                             apply, so the object can't be read while planning.",
                        )
                        .at(import.id.range()),
                    ),
                    _ => self.evaluator.fail(
                        Diagnostic::error("Invalid import id argument", "The identifier must be a string that is not empty.")
                            .at(import.id.range()),
                    ),
                };
            }
        }
        Ok(None)
    }

    /// The text of the address that `to` names, its keys evaluated.
    fn address(&self, to: &Expression, scope: &BlockScope<'_, 'a>) -> Result<Option<String>, Failed> {
        let (traversal, more) = match to.node.as_ref() {
            Expr::Variable(traversal) => (traversal, [].as_slice()),
            Expr::Access(access) => match &access.base {
                Expr::Variable(traversal) => (traversal, access.steps.as_slice()),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let mut text = traversal.root.name.to_string();
        for step in &traversal.steps {
            write_step(&mut text, step);
        }
        for step in more {
            match step {
                AccessStep::Static(step) => write_step(&mut text, step),
                AccessStep::Index(index) => {
                    let value = self.evaluator.evaluate(&Expression::new(to.file, index.key.clone()), scope)?;
                    match Key::from_value(&value) {
                        Some(key) => text.push_str(&key.to_string()),
                        None => return Ok(None),
                    }
                }
                AccessStep::Splat(_) => return Ok(None),
            }
        }
        Ok(Some(text))
    }
}

fn write_step(text: &mut String, step: &Step) {
    match step {
        Step::Attr(step) => {
            text.push('.');
            text.push_str(&step.name.name);
        }
        Step::Index(step) => match &step.key {
            IndexKey::Number(number) => text.push_str(&format!("[{number}]")),
            IndexKey::String(name) => text.push_str(&Key::Name(name.as_str().into()).to_string()),
        },
    }
}
