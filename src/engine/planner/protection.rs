//! Deletions that must not be: those that `prevent_destroy` forbids, and those that destroy for good what people keep, which
//! are told in the plan and blocked until somebody agrees.

use lang::reference::references;
use model::address::{InstanceAddr, ProviderConfigAddr};
use model::convert::convert;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::ty::Type;
use model::value::{Kind, Value};

use super::Planner;
use crate::evaluator::Failed;
use crate::plan::{Action, Change, Loss, Plan, PlanMode, Reason};
use crate::repetition::Each;

impl Planner<'_> {
    /// Why an instance of a block must not be deleted or replaced; `None` where it may be.
    ///
    /// # Errors
    /// It can't be told, which is recorded in the evaluator.
    pub(super) fn prevention(&self, addr: &InstanceAddr) -> Result<Option<Diagnostic>, Failed> {
        let block = self.evaluator.block(&addr.config());
        let Some(expression) = &block.lifecycle.prevent_destroy else { return Ok(None) };
        // What a module says is said with its variables, which a call that is gone gives no more.
        let has_module = self.evaluator.instances(&addr.module.module()).contains(&addr.module);
        if !has_module && !references(expression).is_empty() {
            return Ok(None);
        }
        let value = self.evaluator.evaluate(expression, &self.evaluator.scope(&addr.module, Each::None))?;
        let invalid = |detail: &str| {
            let error = Diagnostic::error("Invalid prevent_destroy argument", detail);
            self.evaluator.fail(error.at(expression.range()).of(addr.clone()))
        };
        let value = match convert(&value, &Type::Bool) {
            Ok(value) => value,
            Err(error) => return invalid(&format!("It must be true or false: {error}.")),
        };
        match value.reveal() {
            Kind::Bool(false) => Ok(None),
            Kind::Bool(true) => Ok(Some(
                Diagnostic::error(
                    "Instance cannot be destroyed",
                    format!(
                        "Resource {addr} has lifecycle.prevent_destroy set, but the plan calls for this resource to be \
                         destroyed. To go on, either disable lifecycle.prevent_destroy or reduce the scope of the plan with \
                         the -target option."
                    ),
                )
                .at(block.declared)
                .of(addr.clone()),
            )),
            Kind::Unknown(..) => invalid(
                "It depends on resource attributes that cannot be determined until apply, so the plan can't tell whether the \
                 object may be destroyed.",
            ),
            _ => invalid("It must be true or false, not null."),
        }
    }

    /// What is lost for good by an action on an object.
    ///
    /// Who destroys a stack, taints an object or has it replaced has asked for it, and what an interrupted run left has been
    /// agreed to then. What is lost by a change to the configuration may not have been meant.
    pub(super) fn loss(
        &self,
        addr: &InstanceAddr,
        provider: &ProviderConfigAddr,
        action: Action,
        reason: Option<Reason>,
        before: Option<&Value>,
    ) -> Option<Loss> {
        match action {
            Action::Delete | Action::Replace { .. } => {}
            Action::NoOp | Action::Create | Action::Update | Action::Read | Action::Forget => return None,
        }
        let schemas = self.evaluator.stack.providers.schemas(&provider.provider).ok()?;
        let (object, _) = before?.clone().unmark_deep();
        let what = schemas.loss(&addr.resource.type_name, &object)?.into();
        let is_named = self.options.allow_loss.iter().any(|target| target.contains(addr));
        let is_asked_for = match reason {
            Some(Reason::Tainted | Reason::Requested | Reason::Deposed) => true,
            Some(
                Reason::CannotUpdate
                | Reason::Triggered
                | Reason::NoConfig
                | Reason::NoModule
                | Reason::WrongRepetition
                | Reason::CountIndex
                | Reason::EachKey
                | Reason::ConfigUnknown
                | Reason::DependencyPending,
            )
            | None => self.options.mode == PlanMode::Destroy,
        };
        Some(Loss { what, allowed: is_named || is_asked_for })
    }
}

impl Plan {
    /// The changes that must not be made, as nobody agreed to what is lost with them.
    pub fn blocked(&self) -> impl Iterator<Item = (&Change, &Loss)> {
        self.changes.iter().filter_map(|change| Some((change, change.loss.as_ref()?))).filter(|(_, loss)| !loss.allowed)
    }

    /// Refuses a plan with blocked changes.
    ///
    /// # Errors
    /// One message an object that would be lost.
    pub fn check_losses(&self) -> Result<(), Diagnostics> {
        let found: Diagnostics = self
            .blocked()
            .map(|(change, loss)| {
                let addr = &change.key.addr;
                let how = if change.action == Action::Delete { "deletes" } else { "replaces" };
                let detail = format!("The plan {how} {addr}, and loses for good: {}.", loss.what);
                Diagnostic::error("Change would lose data", detail)
                    .at(change.range)
                    .of(addr.clone())
                    .hint(format!("If that is meant, plan with: -allow-loss='{addr}'"))
            })
            .collect();
        if found.has_errors() { Err(found) } else { Ok(()) }
    }
}
