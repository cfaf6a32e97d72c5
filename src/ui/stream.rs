//! The machine-readable stream of `plan -json` and `apply -json`: a JSON object a line, in Terraform's format 1.2.
//!
//! Readers must ignore types they do not know. Ours beside Terraform's: `apply_skipped` for a step that was not started.
//! Refreshes are batched, so `refresh_start` comes with `refresh_complete`.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::apply::Outcome;
use engine::event::{EphemeralAction, Event, Events, Found, Progress, Provision, Skipped};
use engine::plan::{Action, Change, Op, OutputChange, Plan, PlanMode};
use jiff::Timestamp;
use model::address::{InstanceAddr, Key, ObjectKey};
use model::diagnostic::Diagnostics;
use model::json::type_to_json;
use model::source::SourceMap;
use serde_json::{Map, Value as Json, json};

use crate::output::Outputs;
use crate::progress::{self, bracketed, elapsed};
use crate::values::{Secrets, simple};
use crate::{apply, plan as plan_text, show};

/// The version of the format.
const FORMAT: &str = "1.2";

/// The time between two `apply_progress` of a step.
const QUIET: Duration = Duration::from_secs(10);

/// Writes the stream. A writer that fails is written to no more; the run goes on.
pub struct Stream<W, C> {
    inner: Mutex<Inner<W>>,
    clock: C,
}

struct Inner<W> {
    writer: Option<W>,
    /// When a running step was last heard of, counted from its start.
    said: HashMap<(ObjectKey, Op), Duration>,
}

impl<W, C> fmt::Debug for Stream<W, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

impl<W: Write + Send, C: Fn() -> Timestamp + Send + Sync> Stream<W, C> {
    /// Begins a stream: its first line tells the version of the program.
    pub fn new(writer: W, clock: C, version: &str) -> Stream<W, C> {
        let inner = Inner { writer: Some(writer), said: HashMap::new() };
        let stream = Stream { inner: Mutex::new(inner), clock };
        let fields =
            [("infra", Json::from(version)), ("terraform", show::TERRAFORM_VERSION.into()), ("ui", FORMAT.into())];
        stream.line("info", &format!("infra {version}"), "version", fields);
        stream
    }

    /// A plan: drift, planned changes, what they come to, outputs.
    pub fn plan(&self, plan: &Plan) {
        for drift in &plan.drift {
            let action = if drift.live.is_some() { "update" } else { "delete" };
            let message = format!("{}: Drift detected ({action})", drift.key);
            let change = json!({"resource": resource(&drift.key.addr), "action": action});
            self.line("info", &message, "resource_drift", [("change", change)]);
        }
        for change in &plan.changes {
            if let Some((action, change_json)) = planned(change) {
                let message = format!("{}: Plan to {action}", change.key);
                self.line("info", &message, "planned_change", [("change", change_json)]);
            }
        }
        let summary = plan.summary();
        let mut changes = json!({
            "add": summary.add, "change": summary.change, "import": summary.import, "remove": summary.destroy,
            "operation": "plan",
        });
        with_forgotten(&mut changes, summary.forget);
        self.line("info", &format!("Plan: {}", plan_text::counts(plan)), "change_summary", [("changes", changes)]);
        if !plan.outputs.is_empty() {
            let outputs: Map<String, Json> =
                plan.outputs.iter().map(|o| (o.name.to_string(), planned_output(o))).collect();
            self.outputs_line(outputs);
        }
    }

    /// What came of an apply: diagnostics, what was done, outputs.
    pub fn applied(&self, plan: &Plan, outcome: &Outcome, sources: &SourceMap) {
        self.diagnostics(&outcome.diagnostics, sources);
        let done = &outcome.done;
        let (operation, word) = match plan.mode {
            PlanMode::Destroy => ("destroy", "Destroy"),
            PlanMode::Normal | PlanMode::RefreshOnly => ("apply", "Apply"),
        };
        let mut changes = json!({
            "add": done.added, "change": done.changed, "import": plan.summary().import, "remove": done.destroyed,
            "operation": operation,
        });
        with_forgotten(&mut changes, done.forgotten);
        let failed = outcome.diagnostics.has_errors() || outcome.stopped;
        let state = if failed { "incomplete" } else { "complete" };
        let message = match plan.mode {
            PlanMode::Destroy => format!("{word} {state}! Resources: {} destroyed.", done.destroyed),
            PlanMode::Normal | PlanMode::RefreshOnly => {
                format!("{word} {state}! Resources: {}.", apply::counts(plan, done))
            }
        };
        self.line("info", &message, "change_summary", [("changes", changes)]);
        self.outputs(&outcome.state.outputs);
    }

    /// Outputs as they are; sensitive values are left out.
    pub fn outputs(&self, outputs: &Outputs) {
        let outputs = outputs.iter().map(|(name, output)| {
            let value = &output.value;
            let mut object = Map::new();
            object.insert("sensitive".into(), value.is_sensitive().into());
            object.insert("type".into(), type_to_json(&value.ty()));
            if !value.is_sensitive() {
                object.insert("value".into(), simple(value, Secrets::Hidden));
            }
            (name.to_string(), Json::Object(object))
        });
        self.outputs_line(outputs.collect());
    }

    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        for diagnostic in diagnostics.iter() {
            let (level, word) = if diagnostic.is_error() { ("error", "Error") } else { ("warn", "Warning") };
            let json = crate::diagnostics::json(diagnostic, sources);
            self.line(level, &format!("{word}: {}", diagnostic.summary), "diagnostic", [("diagnostic", json)]);
        }
    }

    /// A step of `init`, with the name that programs know it by.
    pub fn init_output(&self, message: &str, code: &str) {
        self.line("info", message, "init_output", [("message_code", code.into())]);
    }

    /// Something that is only worth a sentence.
    pub fn log(&self, message: &str) {
        self.line("info", message, "log", []);
    }

    fn outputs_line(&self, outputs: Map<String, Json>) {
        let message = format!("Outputs: {}", outputs.len());
        self.line("info", &message, "outputs", [("outputs", Json::Object(outputs))]);
    }

    fn hook(&self, message: &str, kind: &str, hook: Map<String, Json>) {
        self.line("info", message, kind, [("hook", Json::Object(hook))]);
    }

    fn line<const N: usize>(&self, level: &str, message: &str, kind: &str, fields: [(&str, Json); N]) {
        self.tagged(&[], level, message, kind, fields);
    }

    /// A line with tags beside its time and level, as tests have them: `@testfile`.
    pub(crate) fn tagged<const N: usize>(
        &self,
        tags: &[(&str, &str)],
        level: &str,
        message: &str,
        kind: &str,
        fields: [(&str, Json); N],
    ) {
        let mut object = Map::new();
        object.extend(tags.iter().map(|(tag, value)| ((*tag).to_owned(), Json::from(*value))));
        object.insert("@level".into(), level.into());
        object.insert("@message".into(), message.into());
        object.insert("@module".into(), "terraform.ui".into());
        object.insert("@timestamp".into(), (self.clock)().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string().into());
        object.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        object.insert("type".into(), kind.into());
        let mut inner = self.lock();
        let Some(writer) = &mut inner.writer else { return };
        if writeln!(writer, "{}", Json::Object(object)).and_then(|()| writer.flush()).is_err() {
            inner.writer = None;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner<W>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, key: &ObjectKey, op: &Op, id: Option<&Arc<str>>, step: StepEvent<'_>) {
        let mut hook = Map::new();
        hook.insert("resource".into(), resource(&key.addr));
        hook.insert("action".into(), operation(op).into());
        if let Some(id) = id {
            hook.insert("id_key".into(), "id".into());
            hook.insert("id_value".into(), (**id).into());
        }
        let mut timed = |time: Duration| {
            hook.insert("elapsed_seconds".into(), time.as_secs().into());
        };
        let (kind, message) = match step {
            StepEvent::Started => ("apply_start", format!("{}...{}", progress::doing(op), bracketed(id))),
            StepEvent::Waiting(what, time) => {
                timed(time);
                let what = if what.is_empty() { String::new() } else { format!(", {what}") };
                ("apply_progress", format!("{}... [{} elapsed{what}]", progress::still(op), elapsed(time)))
            }
            StepEvent::Done(time) => {
                timed(time);
                ("apply_complete", format!("{} after {}{}", progress::done(op), elapsed(time), bracketed(id)))
            }
            StepEvent::Failed(time) => {
                timed(time);
                ("apply_errored", format!("{} after {}", progress::failed(op), elapsed(time)))
            }
            StepEvent::Skipped(because) => {
                let needs = match because {
                    Skipped::Failed(needed) => Json::from(needed.to_string()),
                    Skipped::Stopped => Json::Null,
                };
                hook.insert("needs".into(), needs);
                ("apply_skipped", format!("{}{}", progress::skipped(op), progress::skipped_because(because)))
            }
        };
        self.hook(&format!("{key}: {message}"), kind, hook);
    }

    fn ephemeral(&self, addr: &InstanceAddr, action: EphemeralAction, progress: Progress) {
        let mut hook = Map::new();
        hook.insert("resource".into(), resource(addr));
        let word = match action {
            EphemeralAction::Open => "open",
            EphemeralAction::Renew => "renew",
            EphemeralAction::Close => "close",
        };
        hook.insert("action".into(), word.into());
        let (kind, time) = match progress {
            Progress::Started => ("ephemeral_op_start", None),
            Progress::Done(time) => ("ephemeral_op_complete", Some(time)),
            Progress::Failed(time) => ("ephemeral_op_errored", Some(time)),
        };
        if let Some(time) = time {
            hook.insert("elapsed_seconds".into(), time.as_secs().into());
        }
        self.hook(&format!("{addr}: {}", progress::ephemeral(action, progress)), kind, hook);
    }

    fn provisioner(&self, key: &ObjectKey, what: &Provision) {
        let mut hook = Map::new();
        hook.insert("resource".into(), resource(&key.addr));
        hook.insert("provisioner".into(), "local-exec".into());
        let (kind, message) = match what {
            Provision::Started => ("provision_start", "Provisioning with 'local-exec'...".to_owned()),
            Provision::Output(line) => {
                hook.insert("output".into(), line.as_str().into());
                ("provision_progress", format!("(local-exec): {line}"))
            }
            Provision::Done => ("provision_complete", "(local-exec) Provisioning complete".to_owned()),
            Provision::Failed => ("provision_errored", "(local-exec) Provisioning errored".to_owned()),
        };
        self.hook(&format!("{key}: {message}"), kind, hook);
    }

    fn refreshed(&self, key: &ObjectKey, id: Option<&Arc<str>>, found: Found) {
        let mut hook = Map::new();
        hook.insert("resource".into(), resource(&key.addr));
        if let Some(id) = id {
            hook.insert("id_key".into(), "id".into());
            hook.insert("id_value".into(), (**id).into());
        }
        self.hook(&format!("{key}: Refreshing state...{}", bracketed(id)), "refresh_start", hook.clone());
        let what = match found {
            Found::AsRecorded => "",
            Found::Changed => ": changed since the last apply",
            Found::Gone => ": gone since the last apply",
        };
        self.hook(&format!("{key}: Refresh complete{}{what}", bracketed(id)), "refresh_complete", hook);
    }
}

/// What happens to a step.
enum StepEvent<'a> {
    Started,
    Waiting(&'a str, Duration),
    Done(Duration),
    Failed(Duration),
    Skipped(&'a Skipped),
}

impl<W: Write + Send, C: Fn() -> Timestamp + Send + Sync> Events for Stream<W, C> {
    fn event(&self, event: Event) {
        let of = |addr: &InstanceAddr| ObjectKey::current(addr.clone());
        match &event {
            Event::Refreshed { key, id, found } => self.refreshed(key, id.as_ref(), *found),
            Event::ReadStarted { addr } => self.step(&of(addr), &Op::Read, None, StepEvent::Started),
            Event::ReadFinished { addr, id, elapsed } => {
                self.step(&of(addr), &Op::Read, id.as_ref(), StepEvent::Done(*elapsed));
            }
            Event::ReadFailed { addr, elapsed } => self.step(&of(addr), &Op::Read, None, StepEvent::Failed(*elapsed)),
            Event::StepStarted { key, op, id } => self.step(key, op, id.as_ref(), StepEvent::Started),
            Event::StepWaiting { key, op, what, elapsed } => {
                let due = {
                    let mut inner = self.lock();
                    let said = inner.said.entry((key.clone(), op.clone())).or_default();
                    let due = *elapsed >= *said + QUIET;
                    if due {
                        *said = *elapsed;
                    }
                    due
                };
                if due {
                    self.step(key, op, None, StepEvent::Waiting(what, *elapsed));
                }
            }
            Event::StepDone { key, op, id, elapsed } => self.step(key, op, id.as_ref(), StepEvent::Done(*elapsed)),
            Event::StepFailed { key, op, elapsed, .. } => self.step(key, op, None, StepEvent::Failed(*elapsed)),
            Event::StepSkipped { key, op, because } => self.step(key, op, None, StepEvent::Skipped(because)),
            Event::Provisioner { key, what } => self.provisioner(key, what),
            Event::Ephemeral { addr, action, progress } => self.ephemeral(addr, *action, *progress),
            Event::EphemeralDeferred { .. } => {}
            Event::Recovered { .. } | Event::Stopping { .. } => {
                if let Some(line) = progress::line(&event) {
                    self.log(&crate::style::plain(&line));
                }
            }
            Event::RefreshStarted { .. } | Event::RefreshFinished { .. } | Event::ApplyStarted { .. } => {}
            Event::StepBorn { .. } | Event::ApplyFinished { .. } | Event::StateSaved { .. } => {}
        }
    }
}

/// The action and the `change` of a planned change; `None` when nothing is planned for the object.
fn planned(change: &Change) -> Option<(&'static str, Json)> {
    let action = match change.action {
        Action::NoOp if change.import.is_some() => "import",
        Action::NoOp if change.previous.is_some() => "move",
        Action::NoOp => return None,
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace { .. } => "replace",
        Action::Delete => "delete",
        Action::Read => "read",
        Action::Forget => "forget",
    };
    let mut object = Map::new();
    object.insert("resource".into(), resource(&change.key.addr));
    object.insert("action".into(), action.into());
    if let Some(reason) = show::reason(change) {
        // Here replacements are named more shortly than in plans.
        let short = match reason {
            "replace_because_tainted" => "tainted",
            "replace_by_request" => "requested",
            "replace_because_cannot_update" => "cannot_update",
            "replace_by_triggers" => "replace_triggered_by",
            other => other,
        };
        object.insert("reason".into(), short.into());
    }
    if let Some(previous) = &change.previous {
        object.insert("previous_resource".into(), resource(previous));
    }
    if let Some(id) = &change.import {
        object.insert("importing".into(), json!({"id": &**id}));
    }
    Some((action, Json::Object(object)))
}

fn planned_output(output: &OutputChange) -> Json {
    let action = match (&output.before, &output.after) {
        (None, Some(_)) => "create",
        (Some(_), None) => "delete",
        (Some(_), Some(_)) if output.is_change() => "update",
        (Some(_), Some(_)) | (None, None) => "noop",
    };
    json!({"sensitive": output.sensitive, "action": action})
}

fn with_forgotten(changes: &mut Json, forgotten: usize) {
    if let (true, Some(changes)) = (forgotten > 0, changes.as_object_mut()) {
        changes.insert("forget".into(), forgotten.into());
    }
}

fn operation(op: &Op) -> &'static str {
    match op {
        Op::Create { .. } => "create",
        Op::Update => "update",
        Op::Read => "read",
        Op::Delete => "delete",
        Op::Forget => "forget",
    }
}

/// A resource instance as the stream names it.
fn resource(addr: &InstanceAddr) -> Json {
    let within = InstanceAddr { module: model::address::ModuleInstance::root(), ..addr.clone() };
    let type_name = &*addr.resource.type_name;
    let key = match &addr.key {
        None => Json::Null,
        Some(Key::Index(index)) => (*index).into(),
        Some(Key::Name(name)) => (**name).into(),
    };
    json!({
        "addr": addr.to_string(),
        "module": addr.module.to_string(),
        "resource": within.to_string(),
        "implied_provider": type_name.split_once('_').map_or(type_name, |(provider, _)| provider),
        "resource_type": type_name,
        "resource_name": &*addr.resource.name,
        "resource_key": key,
    })
}

#[cfg(test)]
mod tests {
    use engine::apply::Counts;
    use engine::plan::Reason;
    use model::diagnostic::Diagnostic;
    use model::value::Value;

    use super::*;
    use crate::fixtures::{self, change, key, output};

    const CREATE: Op = Op::Create { deposes: None };

    fn clock() -> Timestamp {
        "2026-01-02T03:04:05.5Z".parse().expect("a time")
    }

    fn lines(run: impl FnOnce(&Stream<&mut Vec<u8>, fn() -> Timestamp>)) -> String {
        let mut out = Vec::new();
        let stream = Stream::new(&mut out, clock as fn() -> Timestamp, "0.1.0");
        run(&stream);
        drop(stream);
        let text = String::from_utf8(out).expect("text");
        text.replace(r#","@module":"terraform.ui","@timestamp":"2026-01-02T03:04:05.500000Z""#, "")
    }

    #[test]
    fn every_line_tells_level_module_time_and_type() {
        let mut out = Vec::new();
        drop(Stream::new(&mut out, clock, "0.1.0"));
        insta::assert_snapshot!(String::from_utf8(out).expect("text"), @r#"{"@level":"info","@message":"infra 0.1.0","@module":"terraform.ui","@timestamp":"2026-01-02T03:04:05.500000Z","infra":"0.1.0","terraform":"1.11.4","type":"version","ui":"1.2"}"#);
    }

    #[test]
    fn plan_is_told_change_by_change() {
        let object = || json!({"id": "i-1", "password": "<secret>canary"});
        let mut replaced =
            change("module.m[\"a\"].test_thing.a[0]", Action::Replace { create_first: false }, object(), object());
        replaced.reason = Some(Reason::CannotUpdate);
        let mut moved = change("test_thing.b", Action::NoOp, object(), object());
        moved.previous = Some("test_thing.c".parse().expect("an address"));
        let same = change("test_thing.d", Action::NoOp, object(), object());
        let mut plan = fixtures::plan(vec![replaced, moved, same]);
        plan.outputs = vec![output("url", None, Some(Value::from("canary").sensitive()))];
        plan.outputs[0].sensitive = true;
        let text = lines(|stream| stream.plan(&plan));
        assert!(!text.contains("canary"), "{text}");
        insta::assert_snapshot!(text, @r#"
        {"@level":"info","@message":"infra 0.1.0","infra":"0.1.0","terraform":"1.11.4","type":"version","ui":"1.2"}
        {"@level":"info","@message":"module.m[\"a\"].test_thing.a[0]: Plan to replace","change":{"action":"replace","reason":"cannot_update","resource":{"addr":"module.m[\"a\"].test_thing.a[0]","implied_provider":"test","module":"module.m[\"a\"]","resource":"test_thing.a[0]","resource_key":0,"resource_name":"a","resource_type":"test_thing"}},"type":"planned_change"}
        {"@level":"info","@message":"test_thing.b: Plan to move","change":{"action":"move","previous_resource":{"addr":"test_thing.c","implied_provider":"test","module":"","resource":"test_thing.c","resource_key":null,"resource_name":"c","resource_type":"test_thing"},"resource":{"addr":"test_thing.b","implied_provider":"test","module":"","resource":"test_thing.b","resource_key":null,"resource_name":"b","resource_type":"test_thing"}},"type":"planned_change"}
        {"@level":"info","@message":"Plan: 1 to add, 0 to change, 1 to destroy.","changes":{"add":1,"change":0,"import":0,"operation":"plan","remove":1},"type":"change_summary"}
        {"@level":"info","@message":"Outputs: 1","outputs":{"url":{"action":"create","sensitive":true}},"type":"outputs"}
        "#);
    }

    #[test]
    fn apply_is_told_step_by_step() {
        let seconds = Duration::from_secs;
        let db = key("test_thing.db");
        let error = Box::new(Diagnostic::error("Failed", "in use"));
        let text = lines(|stream| {
            let id = || Some(Arc::from("db-1"));
            [
                Event::Refreshed { key: db.clone(), id: id(), found: Found::Changed },
                Event::StepStarted { key: db.clone(), op: CREATE, id: None },
                Event::StepWaiting { key: db.clone(), op: CREATE, what: "status creating".into(), elapsed: seconds(5) },
                Event::StepWaiting {
                    key: db.clone(),
                    op: CREATE,
                    what: "status creating".into(),
                    elapsed: seconds(12),
                },
                Event::StepDone { key: db.clone(), op: CREATE, id: id(), elapsed: seconds(70) },
                Event::StepFailed { key: key("test_thing.x"), op: Op::Delete, elapsed: seconds(1), error },
                Event::StepSkipped {
                    key: key("test_thing.y"),
                    op: Op::Update,
                    because: Skipped::Failed(key("test_thing.x")),
                },
                Event::Stopping { running: Vec::new() },
            ]
            .into_iter()
            .for_each(|event| stream.event(event));
            let mut state = state::State::default();
            let mut add = |name: &str, value: Value| state.outputs.insert(name.into(), state::Output { value });
            add("id", "i-1".into());
            add("secret", Value::from("canary").sensitive());
            let mut diagnostics = Diagnostics::new();
            diagnostics.push(Diagnostic::error("Failed", "in use").of(key("test_thing.x").addr));
            let done = Counts { added: 1, changed: 0, destroyed: 0, forgotten: 1 };
            let outcome = Outcome { state, diagnostics, done, stopped: false, uncertain: Vec::new() };
            stream.applied(&fixtures::plan(Vec::new()), &outcome, &SourceMap::default());
        });
        assert!(!text.contains("canary"), "{text}");
        insta::assert_snapshot!(text, @r#"
        {"@level":"info","@message":"infra 0.1.0","infra":"0.1.0","terraform":"1.11.4","type":"version","ui":"1.2"}
        {"@level":"info","@message":"test_thing.db: Refreshing state... [id=db-1]","hook":{"id_key":"id","id_value":"db-1","resource":{"addr":"test_thing.db","implied_provider":"test","module":"","resource":"test_thing.db","resource_key":null,"resource_name":"db","resource_type":"test_thing"}},"type":"refresh_start"}
        {"@level":"info","@message":"test_thing.db: Refresh complete [id=db-1]: changed since the last apply","hook":{"id_key":"id","id_value":"db-1","resource":{"addr":"test_thing.db","implied_provider":"test","module":"","resource":"test_thing.db","resource_key":null,"resource_name":"db","resource_type":"test_thing"}},"type":"refresh_complete"}
        {"@level":"info","@message":"test_thing.db: Creating...","hook":{"action":"create","resource":{"addr":"test_thing.db","implied_provider":"test","module":"","resource":"test_thing.db","resource_key":null,"resource_name":"db","resource_type":"test_thing"}},"type":"apply_start"}
        {"@level":"info","@message":"test_thing.db: Still creating... [12s elapsed, status creating]","hook":{"action":"create","elapsed_seconds":12,"resource":{"addr":"test_thing.db","implied_provider":"test","module":"","resource":"test_thing.db","resource_key":null,"resource_name":"db","resource_type":"test_thing"}},"type":"apply_progress"}
        {"@level":"info","@message":"test_thing.db: Creation complete after 1m10s [id=db-1]","hook":{"action":"create","elapsed_seconds":70,"id_key":"id","id_value":"db-1","resource":{"addr":"test_thing.db","implied_provider":"test","module":"","resource":"test_thing.db","resource_key":null,"resource_name":"db","resource_type":"test_thing"}},"type":"apply_complete"}
        {"@level":"info","@message":"test_thing.x: Destruction failed after 1s","hook":{"action":"delete","elapsed_seconds":1,"resource":{"addr":"test_thing.x","implied_provider":"test","module":"","resource":"test_thing.x","resource_key":null,"resource_name":"x","resource_type":"test_thing"}},"type":"apply_errored"}
        {"@level":"info","@message":"test_thing.y: Modification skipped, because it needs test_thing.x","hook":{"action":"update","needs":"test_thing.x","resource":{"addr":"test_thing.y","implied_provider":"test","module":"","resource":"test_thing.y","resource_key":null,"resource_name":"y","resource_type":"test_thing"}},"type":"apply_skipped"}
        {"@level":"info","@message":"Stopping: nothing new is started.","type":"log"}
        {"@level":"error","@message":"Error: Failed","diagnostic":{"address":"test_thing.x","detail":"in use","severity":"error","summary":"Failed"},"type":"diagnostic"}
        {"@level":"info","@message":"Apply incomplete! Resources: 1 added, 0 changed, 0 destroyed, 1 forgotten.","changes":{"add":1,"change":0,"forget":1,"import":0,"operation":"apply","remove":0},"type":"change_summary"}
        {"@level":"info","@message":"Outputs: 2","outputs":{"id":{"sensitive":false,"type":"string","value":"i-1"},"secret":{"sensitive":true,"type":"string"}},"type":"outputs"}
        "#);
    }
}
