//! The addresses that imports name.

use hcl::ast::{AccessStep, Expr, Step};
use model::address::ConfigAddr;
use model::diagnostic::Diagnostic;

use super::Checker;
use crate::config::{Import, Repetition};
use crate::expression::range;
use crate::reference::{Subject, parse, static_reference_required};

impl Checker<'_> {
    /// The address that an import names: its keys, and whether there is such a block.
    pub(super) fn import_target(&mut self, import: &Import) {
        self.import_keys(import);
        let at = import.to.range();
        let module = import.module.0.iter().fold(self.module.addr.clone(), |addr, name| addr.child(name.clone()));
        let target = ConfigAddr { module, resource: import.resource.clone() };
        let has_key = match &*import.to.node {
            Expr::Variable(traversal) => matches!(traversal.steps.last(), Some(Step::Index(_))),
            Expr::Access(access) => matches!(access.steps.last(), Some(AccessStep::Index(_))),
            _ => false,
        };
        let block = self.config.module(&target.module).and_then(|module| module.resources.get(&target.resource));
        let Some(block) = block else {
            // An import to a single resource of the root module may come before its block, which can be generated from it.
            if has_key || import.for_each.is_some() || !target.module.is_root() {
                self.diagnostics.push(
                    Diagnostic::error(
                        "Configuration for import target does not exist",
                        format!("There is no block for `{target}`, so nothing says what the imported object is to be."),
                    )
                    .at(at),
                );
            }
            return;
        };
        let repeats = match block.repetition {
            Repetition::Single => None,
            Repetition::Count(_) => Some("count"),
            Repetition::ForEach(_) => Some("for_each"),
        };
        if let Some(argument) = repeats
            && !has_key
            && import.for_each.is_none()
        {
            self.diagnostics.push(
                Diagnostic::error(
                    "Invalid import 'to' expression",
                    format!("`{target}` has `{argument}`, so an object can only be imported to one of its instances."),
                )
                .at(at)
                .hint(format!("Name the instance by its key: {target}[KEY]")),
            );
        }
        if let Some(provider) = &import.provider {
            self.diagnostics.push(
                Diagnostic::error(
                    "Invalid import provider argument",
                    format!("`{target}` has a block, and that says which provider configuration it uses."),
                )
                .at(provider.range)
                .hint("Leave out the argument here."),
            );
        }
    }

    /// The keys in the address of an import that need evaluation: they can use `each` and nothing else.
    fn import_keys(&mut self, import: &Import) {
        let Expr::Access(access) = &*import.to.node else { return };
        if import.for_each.is_none() {
            self.diagnostics.push(static_reference_required(import.to.range()));
            return;
        }
        let file = import.to.file;
        let mut keys = Vec::new();
        for step in &access.steps {
            if let AccessStep::Index(index) = step {
                index.key.for_each_reference(&mut |traversal| keys.push(traversal));
            }
        }
        for traversal in keys {
            match parse(file, traversal) {
                Ok(reference) if matches!(reference.subject, Subject::EachKey | Subject::EachValue) => {}
                Ok(reference) => self.diagnostics.push(
                    Diagnostic::error(
                        "Unknown variable",
                        format!(
                            "`{}` can't be used here: the keys of an import's address can use `each.key` and `each.value` alone.",
                            reference.subject
                        ),
                    )
                    .at(range(file, traversal.root.span)),
                ),
                Err(error) => self.diagnostics.push(error),
            }
        }
    }
}
