//! What is recorded of a step: in the journal first, then in the state in memory.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;
use model::address::ObjectKey;
use model::diagnostic::Diagnostic;
use model::path::Path;
use model::schema::Schema;
use model::value::{Kind, Marks, Value};
use provider::error::{ErrorKind, ProviderError};
use provider::{Born, Remote, Token};
use serde_json::Value as Json;
use state::journal::{Intent, IntentOp, JournalError, Record, TokenRecord, settle};
use state::{Object, State, Status};

use super::Run;
use crate::decide::marked;
use crate::event::Event;
use crate::object;
use crate::plan::{ObjectStep, Op};

impl Run<'_> {
    /// The identifier of the object that a step is about, for messages.
    pub(super) fn present_id(&self, key: &ObjectKey) -> Option<Arc<str>> {
        let state = self.state.lock().expect("no holder of the lock panics");
        let stored = state.object_at(key)?;
        if stored.sensitive.is_empty() {
            return stored.names().id.map(Arc::from);
        }
        let attributes: Json = serde_json::from_str(stored.attributes.get()).ok()?;
        let value = model::json::from_simple_json(&attributes).ok()?;
        object::identifier(&value.mark_at(&stored.sensitive, Marks::SENSITIVE))
    }

    /// The recorded object that a step starts from.
    pub(super) fn present(&self, key: &ObjectKey) -> Option<Object> {
        self.state.lock().expect("no holder of the lock panics").object_at(key).cloned()
    }

    /// Appends a record and then changes the state accordingly, both or none while the state is being saved.
    ///
    /// A step that is let go of meanwhile changes the state all the same, as the journal writes its record all the same: else
    /// the next save would say that the state has what it has not.
    pub(super) async fn record(
        &self,
        record: Record,
        change: impl FnOnce(&mut State) + Send,
    ) -> Result<(), JournalError> {
        let _recording = self.recording.read().await;
        let mut change = Due { state: &self.state, change: Some(change) };
        if let Some(journal) = self.options.journal
            && let Err(error) = journal.append(&record).await
        {
            change.change = None;
            return Err(error);
        }
        Ok(())
    }

    /// Records what a step is about to do. Nothing may happen before this returns.
    pub(super) async fn intend(
        &self,
        step: &ObjectStep,
        planned: Option<&Value>,
        schema: &Schema,
        token: &Token,
    ) -> Result<Intent, Box<Diagnostic>> {
        let op = match &step.op {
            Op::Create { deposes } => IntentOp::Create { deposes: deposes.clone() },
            Op::Update => IntentOp::Update,
            Op::Delete => IntentOp::Delete,
            Op::Read | Op::Forget => unreachable!("reading and forgetting have no effect to record"),
        };
        let intent = Intent {
            step: self.next_step(),
            key: step.key.clone(),
            op,
            provider: step.provider.clone(),
            token: TokenRecord { id: token.id.clone(), at: token.at },
            planned: planned.map(|planned| known_json(planned, schema)),
            schema_version: schema.version,
            dependencies: step.dependencies.clone(),
            create_before_destroy: step.create_before_destroy,
        };
        let recorded = self.record(Record::Intent(intent.clone()), |_| {}).await;
        recorded.map_err(|error| Box::new(unrecordable(&error).of(step.key.addr.clone())))?;
        Ok(intent)
    }

    /// Records a new object of which something is still to be done.
    pub(super) async fn bear(&self, intent: &Intent, object: Object) -> Result<(), JournalError> {
        let record = Record::Born { step: intent.step, object: object.clone() };
        let recorded = self.record(record, |state| settle(state, intent, Some(object))).await;
        self.settled(&intent.key);
        recorded
    }

    /// Records what exists after a step.
    ///
    /// When it can't be written to the journal it is recorded in the state all the same, and said.
    pub(super) async fn settle(&self, intent: &Intent, object: Option<Object>, failure: Option<&str>) {
        let step = intent.step;
        let unchanged = failure.is_some() && object.is_none();
        let record = match failure {
            None => Record::Done { step, object: object.clone() },
            Some(error) => {
                let tainted = object.as_ref().is_some_and(|object| object.status == Status::Tainted);
                Record::Failed { step, object: object.clone(), tainted, error: error.to_string() }
            }
        };
        let change = |state: &mut State| match (unchanged, &intent.op) {
            // A failed update or delete of which nothing is known left things as they were.
            (true, IntentOp::Update | IntentOp::Delete) => {}
            (true, IntentOp::Create { .. }) | (false, _) => settle(state, intent, object.clone()),
        };
        if let Err(error) = self.record(record, change).await {
            change(&mut self.state.lock().expect("no holder of the lock panics"));
            self.evaluator.report([unrecordable(&error).of(intent.key.addr.clone())]);
        }
    }

    /// An object as the state keeps it.
    pub(super) fn object(
        &self,
        step: &ObjectStep,
        remote: &Remote,
        sensitive: &[Path],
        schema: &Schema,
    ) -> Result<(Object, Value), ProviderError> {
        let type_name = &step.key.addr.resource.type_name;
        object::check(&remote.value, schema, type_name)?;
        let lasting = object::without_write_only(remote.value.clone(), &schema.block);
        let value = marked(lasting, sensitive, schema);
        let object = object::encode(&value, remote.private.clone(), schema, type_name)?;
        let object = Object {
            dependencies: step.dependencies.clone(),
            create_before_destroy: step.create_before_destroy,
            ..object
        };
        Ok((object, value))
    }
}

/// A change of the state that is made when this is dropped.
struct Due<'s, F: FnOnce(&mut State)> {
    state: &'s Mutex<State>,
    change: Option<F>,
}

impl<F: FnOnce(&mut State)> Drop for Due<'_, F> {
    fn drop(&mut self) {
        if let Some(change) = self.change.take() {
            change(&mut self.state.lock().expect("no holder of the lock panics"));
        }
    }
}

/// Takes the identity of a new object.
pub(super) struct Birth<'s> {
    pub run: &'s Run<'s>,
    pub step: &'s ObjectStep,
    pub intent: &'s Intent,
    pub sensitive: &'s [Path],
    pub schema: &'s Schema,
    /// What a new object is until its step is done.
    pub status: Status,
    pub started: Instant,
}

#[async_trait]
impl Born for Birth<'_> {
    async fn born(&self, remote: Remote) -> Result<(), ProviderError> {
        // What only the finished object has is null until then.
        let remote = Remote { value: known(&remote.value), ..remote };
        let (object, value) = self.run.object(self.step, &remote, self.sensitive, self.schema)?;
        let object = Object { status: self.status, ..object };
        let recorded = self.run.bear(self.intent, object).await;
        let event = Event::StepBorn {
            key: self.step.key.clone(),
            id: object::identifier(&value),
            elapsed: self.started.elapsed(),
        };
        self.run.evaluator.stack.events.event(event);
        recorded.map_err(|error| ProviderError::new(ErrorKind::Other, "record the new object", error.to_string()))
    }

    fn waiting(&self, what: &str) {
        self.run.evaluator.stack.events.event(Event::StepWaiting {
            key: self.step.key.clone(),
            op: self.step.op.clone(),
            what: what.to_string(),
            elapsed: self.started.elapsed(),
        });
    }
}

/// The message for a journal that takes no more records.
pub(super) fn unrecordable(error: &JournalError) -> Diagnostic {
    Diagnostic::error("Failed to write the journal", format!("{error}.")).hint(error.hint())
}

/// The value with null for everything that is not known.
fn known(value: &Value) -> Value {
    if value.is_wholly_known() {
        return value.clone();
    }
    value.clone().map_parts(&mut |_, part| match part.reveal() {
        Kind::Unknown(ty, _) => Value::null(ty.clone()).set_marks(part.marks()),
        _ => part,
    })
}

fn known_json(value: &Value, schema: &Schema) -> Json {
    let (plain, _) = known(value).unmark_deep();
    model::json::to_json(&plain, &schema.block.implied_type())
        .expect("nothing is unknown any more, and a plan has no infinities")
}
