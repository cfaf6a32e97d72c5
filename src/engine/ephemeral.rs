//! Ephemeral resources: opened when something needs them, renewed while it may, closed when the run ends, and kept nowhere.
//!
//! A run opens each of them at most once for each configuration, whoever asks: the refresh, the walk of a plan and the steps
//! of an apply share what is open. Plan and apply are two runs, so an apply has values of its own.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use lang::config::{Condition, Resource};
use model::address::{ConfigAddr, InstanceAddr, Mode};
use model::checkable::CheckableAddr;
use model::diagnostic::{Diagnostic, Diagnostics, Severity};
use model::schema::Schema;
use model::value::{Marks, Value};
use petgraph::graph::NodeIndex;
use provider::error::ProviderError;
use provider::{Lease, Provider};
use tokio::sync::{Notify, OnceCell};

use crate::apply::{Level, Stop};
use crate::conditions::{self, Checked};
use crate::evaluator::{Evaluator, Failed, Phase};
use crate::event::{EphemeralAction, Event, Progress};
use crate::object;
use crate::places;
use crate::plan::{Check, CheckKind};
use crate::pool::unknown_type;
use crate::providers::configured;
use crate::refresh::sentence;
use crate::repetition::Keys;
use crate::scope::BlockScope;
use crate::stack::Stack;

/// How long all that is open may take to be closed, and how long when the run is to end at once.
const CLOSING_MAX: Duration = Duration::from_secs(30);
const CLOSING_MAX_ABANDONED: Duration = Duration::from_secs(1);

/// What a run has opened.
#[derive(Default)]
pub struct Ephemerals {
    all: Mutex<Vec<Arc<Entry>>>,
    /// Told when something was opened.
    changed: Notify,
    /// What went wrong while nobody was waiting for it.
    found: Mutex<Diagnostics>,
}

/// One instance under one configuration.
struct Entry {
    addr: InstanceAddr,
    config: Value,
    provider: Arc<dyn Provider>,
    /// Unmarked.
    value: OnceCell<Result<Value, Failed>>,
    /// `None` unless it is open.
    lease: Mutex<Option<Lease>>,
}

impl Entry {
    fn lease(&self) -> MutexGuard<'_, Option<Lease>> {
        self.lease.lock().expect("no holder of the lock panics")
    }

    fn tell(&self, stack: &Stack<'_>, action: EphemeralAction, progress: Progress) {
        stack.events.event(Event::Ephemeral { addr: self.addr.clone(), action, progress });
    }
}

/// Does work that may open ephemeral resources: they are renewed meanwhile, and closed afterwards.
///
/// The messages are about renewals and closings that failed.
pub async fn while_open<T>(stack: Stack<'_>, stop: Option<&Stop>, work: impl Future<Output = T>) -> (T, Diagnostics) {
    let ephemerals = stack.providers.ephemerals();
    let done = tokio::select! {
        biased;
        done = work => done,
        never = ephemerals.renew(&stack) => match never {},
    };
    let limit = match stop.map(Stop::level) {
        None | Some(Level::Run | Level::Finish) => CLOSING_MAX,
        Some(Level::Abandon) => CLOSING_MAX_ABANDONED,
    };
    if ephemerals.all().is_empty() {
        return (done, Diagnostics::new());
    }
    if tokio::time::timeout(limit, ephemerals.close(&stack)).await.is_err() {
        ephemerals.report(Diagnostic::warning(
            "Ephemeral resources may still be open",
            format!("Closing them took longer than {limit:?}, so it was not waited for."),
        ));
    }
    (done, std::mem::take(&mut *ephemerals.found()))
}

/// Opens all ephemeral resources that a block is made of, however indirectly.
///
/// # Errors
/// Recorded in the evaluator: one of them can't be opened.
pub fn open_for<'e>(evaluator: &'e Evaluator<'_>, node: NodeIndex) -> BoxFuture<'e, Result<(), Failed>> {
    async move {
        for needed in evaluator.graph.ephemerals(node) {
            open(evaluator, *needed, false).await?;
        }
        Ok(())
    }
    .boxed()
}

/// Opens all instances of an ephemeral block, once in an evaluator; gives the conditions that were checked.
///
/// When `waits` is set, or the configuration is not known before an apply, the values are unknown instead.
///
/// # Errors
/// Recorded in the evaluator: one of them can't be opened, or a condition does not hold.
pub fn open<'e>(
    evaluator: &'e Evaluator<'_>,
    node: NodeIndex,
    waits: bool,
) -> BoxFuture<'e, Result<Vec<Check>, Failed>> {
    let cell = evaluator.opening(node);
    async move { cell.get_or_init(|| open_block(evaluator, node, waits)).await.clone() }.boxed()
}

async fn open_block(evaluator: &Evaluator<'_>, node: NodeIndex, waits: bool) -> Result<Vec<Check>, Failed> {
    let addr = evaluator.graph.dag[node].resource().expect("only resources are opened");
    let block = evaluator.block(addr);
    open_for(evaluator, node).await?;
    let provider_addr = evaluator.stack.config.provider_of(evaluator.module(&addr.module), block);
    let provider = configured(evaluator, &provider_addr).await?;
    let Some(schema) = provider.schema(Mode::Ephemeral, &addr.resource.type_name) else {
        return evaluator.fail(unknown_type(provider.as_ref(), addr).at(block.type_range));
    };
    let opening = Opening { evaluator, node, addr, block, provider, schema, waits };
    let mut checks = Vec::new();
    let mut outcome = Ok(());
    for module in evaluator.instances(&addr.module) {
        let keys = evaluator.keys(node, &module)?;
        for key in keys.iter() {
            let instance = InstanceAddr { module: module.clone(), resource: addr.resource.clone(), key };
            match opening.instance(&instance, &keys).await {
                Ok(found) => checks.extend(found),
                Err(Failed) => outcome = Err(Failed),
            }
        }
    }
    outcome.map(|()| checks)
}

/// What the instances of a block share.
struct Opening<'o, 'a> {
    evaluator: &'o Evaluator<'a>,
    node: NodeIndex,
    addr: &'o ConfigAddr,
    block: &'o Resource,
    provider: Arc<dyn Provider>,
    schema: Arc<Schema>,
    waits: bool,
}

impl Opening<'_, '_> {
    async fn instance(&self, addr: &InstanceAddr, keys: &Keys) -> Result<Vec<Check>, Failed> {
        let evaluator = self.evaluator;
        let scope = evaluator.scope(&addr.module, keys.each(addr.key.as_ref()));
        let lifecycle = &self.block.lifecycle;
        let mut checks = Vec::new();
        let kind = (CheckKind::Precondition, "Resource precondition failed");
        self.check(addr, &lifecycle.preconditions, &scope, kind, &mut checks)?;
        let (config, _) = evaluator.desired(addr, self.provider.as_ref())?.unmark_deep();
        self.validate(addr, &config)?;
        let value = match (self.waits || !config.is_wholly_known(), &evaluator.phase) {
            (false, _) => evaluator.stack.providers.ephemerals().value(evaluator, self, addr, config).await?,
            (true, Phase::Apply { .. }) => {
                return evaluator.fail(
                    Diagnostic::error(
                        "Ephemeral resource not opened",
                        format!("{addr} was not opened, because its configuration still has parts that are not known."),
                    )
                    .at(self.block.declared),
                );
            }
            (true, Phase::Validate | Phase::Prior | Phase::Console { .. } | Phase::Plan { .. }) => {
                evaluator.stack.events.event(Event::EphemeralDeferred { addr: addr.clone() });
                Value::unknown(self.schema.block.implied_type())
            }
        };
        let value = object::mark(value, &self.schema.block).with_marks(Marks::EPHEMERAL);
        evaluator.set_object(self.node, addr, value.clone());
        let scope = scope.with_self(value);
        let kind = (CheckKind::Postcondition, "Resource postcondition failed");
        self.check(addr, &lifecycle.postconditions, &scope, kind, &mut checks)?;
        Ok(checks)
    }

    fn check(
        &self,
        addr: &InstanceAddr,
        conditions: &[Condition],
        scope: &BlockScope<'_, '_>,
        (kind, summary): (CheckKind, &str),
        checks: &mut Vec<Check>,
    ) -> Result<(), Failed> {
        let object = CheckableAddr::from(addr);
        let checked = Checked { object: &object, kind, summary, severity: Severity::Error, subject: None };
        let (found, diagnostics) = conditions::check(conditions, scope, checked);
        checks.extend(found);
        let failed = diagnostics.has_errors();
        self.evaluator.report(diagnostics.into_iter().map(|diagnostic| diagnostic.of(addr.clone())));
        if failed { Err(Failed) } else { Ok(()) }
    }

    fn validate(&self, addr: &InstanceAddr, config: &Value) -> Result<(), Failed> {
        let found = self.provider.validate(Mode::Ephemeral, &self.addr.resource.type_name, config);
        let failed = found.has_errors();
        let placed = found
            .into_iter()
            .map(|diagnostic| places::place(diagnostic, &self.block.body, self.block.declared).of(addr.clone()));
        self.evaluator.report(placed.collect::<Vec<_>>());
        if failed { Err(Failed) } else { Ok(()) }
    }

    /// Opens the resource; what is open with it is given back by its entry.
    async fn lease(&self, entry: &Entry) -> Result<Value, ProviderError> {
        let type_name = &self.addr.resource.type_name;
        let opened = self.provider.open(type_name, &entry.config).await?;
        // Whatever it answers, it is open from now on.
        *entry.lease() = Some(opened.lease);
        object::check(&opened.value, &self.schema, type_name)?;
        Ok(opened.value)
    }
}

impl Ephemerals {
    /// The value of an instance; opens it when it is the first to ask.
    async fn value(
        &self,
        evaluator: &Evaluator<'_>,
        opening: &Opening<'_, '_>,
        addr: &InstanceAddr,
        config: Value,
    ) -> Result<Value, Failed> {
        let entry = self.entry(addr, config, &opening.provider);
        let open = || async {
            let stack = &evaluator.stack;
            let started = Instant::now();
            entry.tell(stack, EphemeralAction::Open, Progress::Started);
            match opening.lease(&entry).await {
                Ok(value) => {
                    entry.tell(stack, EphemeralAction::Open, Progress::Done(started.elapsed()));
                    self.changed.notify_one();
                    Ok(value)
                }
                Err(error) => {
                    entry.tell(stack, EphemeralAction::Open, Progress::Failed(started.elapsed()));
                    let diagnostic = failure(&entry.addr, "open", &error);
                    evaluator.fail(places::place(diagnostic, &opening.block.body, opening.block.declared))
                }
            }
        };
        entry.value.get_or_init(open).await.clone()
    }

    fn entry(&self, addr: &InstanceAddr, config: Value, provider: &Arc<dyn Provider>) -> Arc<Entry> {
        let mut all = self.all();
        if let Some(present) = all.iter().find(|entry| entry.addr == *addr && entry.config == config) {
            return present.clone();
        }
        let entry = Arc::new(Entry {
            addr: addr.clone(),
            config,
            provider: provider.clone(),
            value: OnceCell::new(),
            lease: Mutex::default(),
        });
        all.push(entry.clone());
        entry
    }

    /// Renews what is open whenever it is time to.
    async fn renew(&self, stack: &Stack<'_>) -> Infallible {
        loop {
            let due =
                self.all().iter().filter_map(|entry| Some((entry.renew_at()?, entry.clone()))).min_by_key(|due| due.0);
            let Some((at, entry)) = due else {
                self.changed.notified().await;
                continue;
            };
            // What is overdue is not waited for.
            let left = Duration::try_from(at.duration_since(stack.chance.now())).unwrap_or_default();
            if !left.is_zero() {
                tokio::select! {
                    () = self.changed.notified() => continue,
                    () = tokio::time::sleep(left) => {}
                }
            }
            let private = match &*entry.lease() {
                Some(lease) => lease.private.clone(),
                None => continue,
            };
            let started = Instant::now();
            entry.tell(stack, EphemeralAction::Renew, Progress::Started);
            match entry.provider.renew(&entry.addr.resource.type_name, &private).await {
                Ok(lease) => {
                    *entry.lease() = Some(lease);
                    entry.tell(stack, EphemeralAction::Renew, Progress::Done(started.elapsed()));
                }
                Err(error) => {
                    // It is not tried again, but still closed in the end.
                    if let Some(lease) = &mut *entry.lease() {
                        lease.renew_at = None;
                    }
                    entry.tell(stack, EphemeralAction::Renew, Progress::Failed(started.elapsed()));
                    self.report(failure(&entry.addr, "renew", &error));
                }
            }
        }
    }

    /// Closes all that is open, the last opened first.
    async fn close(&self, stack: &Stack<'_>) {
        let all = std::mem::take(&mut *self.all());
        for entry in all.into_iter().rev() {
            let Some(lease) = entry.lease().take() else { continue };
            let started = Instant::now();
            entry.tell(stack, EphemeralAction::Close, Progress::Started);
            match entry.provider.close(&entry.addr.resource.type_name, &lease.private).await {
                Ok(()) => entry.tell(stack, EphemeralAction::Close, Progress::Done(started.elapsed())),
                Err(error) => {
                    entry.tell(stack, EphemeralAction::Close, Progress::Failed(started.elapsed()));
                    self.report(failure(&entry.addr, "close", &error));
                }
            }
        }
    }

    fn report(&self, diagnostic: Diagnostic) {
        self.found().push(diagnostic);
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Entry>>> {
        self.all.lock().expect("no holder of the lock panics")
    }

    fn found(&self) -> MutexGuard<'_, Diagnostics> {
        self.found.lock().expect("no holder of the lock panics")
    }
}

impl Entry {
    fn renew_at(&self) -> Option<Timestamp> {
        self.lease().as_ref()?.renew_at
    }
}

fn failure(addr: &InstanceAddr, what: &str, error: &ProviderError) -> Diagnostic {
    let text = format!("{}.", sentence(error));
    let mut diagnostic = Diagnostic::error(format!("Failed to {what} {addr}"), text).of(addr.clone());
    diagnostic.attribute.clone_from(&error.attribute);
    diagnostic.hint.clone_from(&error.hint);
    diagnostic
}
