//! Creates and updates: the configuration is evaluated again with what is known by now, and the provider makes it so.

use std::sync::Arc;
use std::time::Instant;

use lang::config::Condition;
use lang::decode::refuse_ephemeral;
use model::checkable::CheckableAddr;
use model::diagnostic::{Diagnostic, Severity};
use model::path::Path;
use model::schema::Schema;
use model::value::{Kind, Marks, Value};
use provider::error::ProviderError;
use provider::{Applied, ApplyRequest, Provider, Remote, Token};
use state::Status;

use super::Run;
use super::record::Birth;
use crate::conditions::{self, Checked};
use crate::decide::{Question, decide};
use crate::ephemeral::open_for;
use crate::evaluator::Failed;
use crate::ignore::ignore;
use crate::object;
use crate::places;
use crate::plan::{Action, CheckKind, ObjectStep, Op};
use crate::repetition::Each;
use crate::scope::BlockScope;

/// All that a create or update hands to the provider.
struct Request {
    provider: Arc<dyn Provider>,
    schema: Arc<Schema>,
    prior: Option<Remote>,
    /// Unmarked.
    config: Value,
    planned: Value,
    private: Arc<[u8]>,
    /// Where the configuration is sensitive.
    sensitive: Vec<Path>,
    each: Each,
    /// Nothing is to be done in the world: only what is known to be sensitive changes.
    unchanged: bool,
}

impl Run<'_> {
    /// Makes or changes an object; gives its identifier.
    pub(super) async fn make(&self, step: &ObjectStep, started: Instant) -> Result<Option<Arc<str>>, Box<Diagnostic>> {
        let request = self.request(step).await?;
        if let (true, Some(prior)) = (request.unchanged, &request.prior) {
            return self.remark(step, &request, prior);
        }
        let token =
            Token { id: crate::stack::uuid(self.evaluator.stack.chance).into(), at: self.evaluator.stack.chance.now() };
        let intent = self.intend(step, Some(&request.planned), &request.schema, &token).await?;
        if matches!(step.op, Op::Create { .. }) {
            self.unsettled.lock().expect("no holder of the lock panics").insert(step.key.clone());
        }
        let birth = Birth {
            run: self,
            step,
            intent: &intent,
            sensitive: &request.sensitive,
            schema: &request.schema,
            status: if self.is_provisioned(step) { Status::Tainted } else { Status::Ready },
            started,
        };
        let applied = request
            .provider
            .apply(
                ApplyRequest {
                    type_name: &step.key.addr.resource.type_name,
                    prior: request.prior.as_ref(),
                    planned: Some(&request.planned),
                    config: Some(&request.config),
                    private: &request.private,
                    token: &token,
                },
                &birth,
            )
            .await;
        let outcome = self.take(step, &request, &intent, applied).await;
        self.settled(&step.key);
        outcome
    }

    /// Records an object that stays as it is with new marks.
    fn remark(
        &self,
        step: &ObjectStep,
        request: &Request,
        prior: &Remote,
    ) -> Result<Option<Arc<str>>, Box<Diagnostic>> {
        let (object, value) = self
            .object(step, prior, &request.sensitive, &request.schema)
            .map_err(|error| Box::new(self.refused(step, "Failed to update", &error)))?;
        let present = self.present(&step.key);
        // What turns out to be as it was is no change.
        let changes = present.as_ref().is_none_or(|present| present.sensitive != object.sensitive);
        let status = present.map_or(Status::Ready, |present| present.status);
        let object = state::Object { status, ..object };
        self.state.lock().expect("no holder of the lock panics").insert(&step.key, &step.provider, object);
        self.count(|counts| counts.changed += usize::from(changes));
        if let Some(node) = self.evaluator.graph.resource(&step.key.addr.config()) {
            self.evaluator.set_object(node, &step.key.addr, value.clone());
        }
        self.postconditions(step, &request.each, &value)?;
        Ok(object::identifier(&value))
    }

    /// Records what came of it.
    async fn take(
        &self,
        step: &ObjectStep,
        request: &Request,
        intent: &state::journal::Intent,
        applied: Applied,
    ) -> Result<Option<Arc<str>>, Box<Diagnostic>> {
        let created = matches!(step.op, Op::Create { .. });
        let what = if created { "create" } else { "update" };
        let refuse = |error: &ProviderError| Box::new(self.refused(step, &format!("Failed to {what}"), error));
        let Some(remote) = applied.remote else {
            let error = applied.error.unwrap_or_else(|| {
                ProviderError::invalid(format!("{what} {}", step.key), "the provider gave back no object and no error")
            });
            self.settle(intent, None, Some(&error.to_string())).await;
            return Err(refuse(&error));
        };
        let (mut object, value) = match self.object(step, &remote, &request.sensitive, &request.schema) {
            Ok(recorded) => recorded,
            Err(error) => {
                // What can't be recorded as it is, is recorded as far as it was planned: nothing may be lost.
                self.settle(intent, self.present(&step.key), Some(&error.to_string())).await;
                return Err(refuse(applied.error.as_ref().unwrap_or(&error)));
            }
        };
        if let Some(error) = &applied.error {
            object.status = match (created, self.present(&step.key).map(|present| present.status)) {
                (true, _) => Status::Tainted,
                (false, status) => status.unwrap_or(Status::Ready),
            };
            self.settle(intent, Some(object), Some(&error.to_string())).await;
            return Err(refuse(error));
        }
        if self.is_provisioned(step) {
            object.status = Status::Tainted;
            if let Err(error) = self.bear(intent, object.clone()).await {
                // Without a trace of the object no command may do anything about it.
                let refused = super::record::unrecordable(&error).of(step.key.addr.clone());
                self.settle(intent, Some(object), Some(&error.to_string())).await;
                return Err(Box::new(refused));
            }
            if let Err(diagnostic) = self.provision_created(step, &request.each, &value).await {
                self.settle(intent, Some(object), Some(&diagnostic.summary)).await;
                return Err(diagnostic);
            }
            object.status = Status::Ready;
        }
        self.settle(intent, Some(object), None).await;
        self.count(|counts| if created { counts.added += 1 } else { counts.changed += 1 });
        if let Some(node) = self.evaluator.graph.resource(&step.key.addr.config()) {
            self.evaluator.set_object(node, &step.key.addr, value.clone());
        }
        self.postconditions(step, &request.each, &value)?;
        Ok(object::identifier(&value))
    }

    /// Evaluates the configuration of a step and lets the provider complete the plan with what is known now.
    async fn request(&self, step: &ObjectStep) -> Result<Request, Box<Diagnostic>> {
        let addr = &step.key.addr;
        let provider = self.provider_of(step).await.map_err(|Failed| self.unprepared(step, "its provider"))?;
        let schema = provider
            .schema(addr.resource.mode, &addr.resource.type_name)
            .expect("a plan has only steps of types that its providers have");
        let node = self.evaluator.graph.resource(&addr.config()).expect("only blocks make objects");
        open_for(self.evaluator, node).await.map_err(|Failed| self.unprepared(step, "an ephemeral resource"))?;
        let keys = self
            .evaluator
            .keys(node, &addr.module)
            .map_err(|Failed| self.unprepared(step, "its `count` or `for_each`"))?;
        let each = keys.each(addr.key.as_ref());
        self.preconditions(step, &each)?;
        let desired = self
            .evaluator
            .desired(addr, provider.as_ref())
            .map_err(|Failed| self.unprepared(step, "its configuration"))?;
        let block = self.evaluator.block(&addr.config());
        let refused = refuse_ephemeral(&desired, &schema.block, &block.body);
        if refused.has_errors() {
            self.evaluator.report(refused.into_iter().map(|diagnostic| diagnostic.of(addr.clone())));
            return Err(self.unprepared(step, "its configuration"));
        }
        let before = self.changes.get(&step.key).and_then(|change| change.before.as_ref());
        // Nothing of a replaced object is kept, so nothing is ignored either.
        let kept = before.filter(|_| matches!(step.op, Op::Update));
        let desired = match kept {
            Some(before) => ignore(desired, before, &block.lifecycle.ignore_changes, &schema.block),
            None => desired,
        };
        let sensitive = desired.marked_paths(Marks::SENSITIVE);
        let (config, _) = desired.unmark_deep();
        if !config.is_wholly_known() {
            return Err(Box::new(self.inconsistent(step, "its configuration still has parts that are not known")));
        }
        let prior = match step.op {
            Op::Update => Some(self.remote(step, provider.as_ref())?),
            Op::Create { .. } | Op::Read | Op::Delete | Op::Forget => None,
        };
        let question = Question {
            provider: provider.as_ref(),
            type_name: &addr.resource.type_name,
            schema: &schema,
            prior: prior.as_ref().map(|prior| (&prior.value, prior.private.as_ref())),
            config: &config,
            kept_config: &config,
            is_tainted: false,
            force: None,
            create_first: step.create_before_destroy,
        };
        let decision =
            decide(question).await.map_err(|error| Box::new(self.refused(step, "Failed to plan", &error)))?;
        let expected = step.planned.as_ref().map(|planned| planned.clone().unmark_deep().0);
        match (decision.action, &step.op) {
            (Action::Create, Op::Create { .. }) | (Action::Update | Action::NoOp, Op::Update) => {}
            _ => {
                return Err(Box::new(
                    self.inconsistent(step, "it would have to be replaced now that everything is known"),
                ));
            }
        }
        if let Some(path) = expected.and_then(|expected| contradiction(&expected, &decision.planned, &Path::root())) {
            let reason = format!("`{path}` has another value now that everything is known");
            return Err(Box::new(self.inconsistent(step, &reason).attribute(path)));
        }
        Ok(Request {
            provider,
            schema,
            prior,
            config,
            planned: decision.planned,
            private: decision.private,
            sensitive,
            each,
            unchanged: decision.action == Action::NoOp,
        })
    }

    /// The recorded object as the provider takes it.
    pub(super) fn remote(&self, step: &ObjectStep, provider: &dyn Provider) -> Result<Remote, Box<Diagnostic>> {
        let addr = &step.key.addr;
        let stored = self
            .present(&step.key)
            .ok_or_else(|| Box::new(self.inconsistent(step, "there is no such object in the state")))?;
        let value = object::decode(&stored, provider, addr.resource.mode, &addr.resource.type_name)
            .map_err(|error| Box::new(self.refused(step, "Failed to read the state of", &error)))?;
        Ok(Remote { value: value.unmark_deep().0, private: stored.private })
    }

    /// Conditions that the plan could not decide may be known now.
    pub(super) fn preconditions(&self, step: &ObjectStep, each: &Each) -> Result<(), Box<Diagnostic>> {
        let block = self.evaluator.block(&step.key.addr.config());
        let scope = self.evaluator.scope(&step.key.addr.module, each.clone());
        let object = CheckableAddr::from(&step.key.addr);
        let checked = checked(&object, CheckKind::Precondition, "Resource precondition failed");
        self.must_hold(step, &block.lifecycle.preconditions, &scope, checked)
    }

    pub(super) fn postconditions(&self, step: &ObjectStep, each: &Each, value: &Value) -> Result<(), Box<Diagnostic>> {
        let block = self.evaluator.block(&step.key.addr.config());
        let scope = self.evaluator.scope(&step.key.addr.module, each.clone()).with_self(value.clone());
        let object = CheckableAddr::from(&step.key.addr);
        let checked = checked(&object, CheckKind::Postcondition, "Resource postcondition failed");
        self.must_hold(step, &block.lifecycle.postconditions, &scope, checked)
    }

    fn must_hold(
        &self,
        step: &ObjectStep,
        conditions: &[Condition],
        scope: &BlockScope<'_, '_>,
        checked: Checked<'_>,
    ) -> Result<(), Box<Diagnostic>> {
        let (checks, diagnostics) = conditions::check(conditions, scope, checked);
        self.evaluator.checked(checks);
        let mut errors = diagnostics.into_iter();
        match errors.next() {
            None => Ok(()),
            Some(first) => {
                self.evaluator.report(errors);
                Err(Box::new(first.of(step.key.addr.clone())))
            }
        }
    }

    /// The message for a call that the provider refused.
    pub(super) fn refused(&self, step: &ObjectStep, what: &str, error: &ProviderError) -> Diagnostic {
        let text = format!("{}.", crate::refresh::sentence(error));
        let mut diagnostic = Diagnostic::error(format!("{what} {}", step.key), text).of(step.key.addr.clone());
        diagnostic.attribute.clone_from(&error.attribute);
        diagnostic.hint.clone_from(&error.hint);
        self.placed(step, diagnostic)
    }

    /// The message for a step that can't be what was planned.
    fn inconsistent(&self, step: &ObjectStep, reason: &str) -> Diagnostic {
        let diagnostic = Diagnostic::error(
            "Provider produced inconsistent final plan",
            format!("The plan for {} does not hold: {reason}. Nothing was done to it.", step.key),
        )
        .of(step.key.addr.clone())
        .hint("Make a new plan: it starts from what is known now.");
        self.placed(step, diagnostic)
    }

    fn unprepared(&self, step: &ObjectStep, what: &str) -> Box<Diagnostic> {
        let text =
            format!("{} was not started, because {what} could not be evaluated; the other messages say why.", step.key);
        Box::new(self.placed(step, Diagnostic::error("Step not started", text).of(step.key.addr.clone())))
    }

    fn placed(&self, step: &ObjectStep, diagnostic: Diagnostic) -> Diagnostic {
        match self.evaluator.graph.resource(&step.key.addr.config()) {
            Some(_) => {
                let block = self.evaluator.block(&step.key.addr.config());
                places::place(diagnostic, &block.body, block.declared)
            }
            None => diagnostic,
        }
    }
}

fn checked<'c>(object: &'c CheckableAddr, kind: CheckKind, summary: &'c str) -> Checked<'c> {
    Checked { object, kind, summary, severity: Severity::Error, subject: None }
}

/// The first place at which a value is not what was planned: known parts must stay, unknown ones may become anything.
fn contradiction(planned: &Value, actual: &Value, path: &Path) -> Option<Path> {
    match (planned.reveal(), actual.reveal()) {
        (Kind::Unknown(..), _) => None,
        (Kind::Object(planned), Kind::Object(actual)) => planned.iter().find_map(|(name, planned)| {
            let path = path.child(model::path::Step::Attribute(name.clone()));
            match actual.get(name) {
                Some(actual) => contradiction(planned, actual, &path),
                None => Some(path),
            }
        }),
        (Kind::Map(_, planned), Kind::Map(_, actual)) if planned.keys().eq(actual.keys()) => {
            planned.iter().zip(actual.values()).find_map(|((key, planned), actual)| {
                contradiction(planned, actual, &path.child(model::path::Step::Key(key.clone())))
            })
        }
        (Kind::List(_, planned), Kind::List(_, actual)) | (Kind::Tuple(planned), Kind::Tuple(actual))
            if planned.len() == actual.len() =>
        {
            planned.iter().zip(actual.iter()).enumerate().find_map(|(index, (planned, actual))| {
                contradiction(planned, actual, &path.child(model::path::Step::Index(index)))
            })
        }
        // Elements with unknown parts may turn out equal, so a set may shrink; it can't grow.
        (Kind::Set(_, planned), Kind::Set(_, actual)) if planned.iter().any(|item| !item.is_wholly_known()) => {
            (actual.len() > planned.len()).then(|| path.clone())
        }
        _ => (!planned.same(actual)).then(|| path.clone()),
    }
}
