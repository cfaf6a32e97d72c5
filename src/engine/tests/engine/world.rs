//! A stack for tests: a folder with configuration, a cloud in memory, a state in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use engine::apply::{self, Outcome, StateSink, Stop, StopSource};
use engine::event::{Event, Events};
use engine::plan::{Action, Change, Op, Plan, Step};
use engine::planner::{self, Options};
use engine::pool::Pool;
use engine::stack::{Chance, Stack};
use jiff::Timestamp;
use lang::config::Config;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::value::Value;
use petgraph::visit::EdgeRef;
use state::State;
use state::journal::Journal;

use crate::commands::Played;
use crate::memory::{Cloud, Source};

/// Everything a run needs.
pub struct World {
    pub dir: tempfile::TempDir,
    pub cloud: Arc<Cloud>,
    source: Source,
    pub state: State,
    pub options: Options,
    pub chance: Counting,
    pub events: Recorded,
    pub parallelism: usize,
}

impl World {
    pub fn new(configuration: &str) -> World {
        let cloud = Arc::new(Cloud::default());
        let world = World {
            dir: tempfile::tempdir().expect("a temporary folder can be made"),
            source: Source { cloud: cloud.clone() },
            cloud,
            state: State::default(),
            options: Options::default(),
            chance: Counting::default(),
            events: Recorded::default(),
            parallelism: 10,
        };
        world.write("main.tf", configuration);
        world
    }

    /// A world in which the configuration has been applied.
    pub async fn applied(configuration: &str) -> World {
        let mut world = World::new(configuration);
        world.apply().await;
        world.cloud.take_log();
        world.events.take();
        world
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("files are in the folder")).expect("folders can be made");
        std::fs::write(path, text).expect("files can be written");
    }

    /// Replaces the configuration.
    pub fn rewrite(&self, configuration: &str) -> &World {
        self.write("main.tf", configuration);
        self
    }

    pub fn config(&self) -> Loaded {
        let (config, diagnostics) = lang::load::load(self.dir.path(), &lang::load::Options::default());
        assert!(!diagnostics.has_errors(), "{}", messages(&diagnostics, Some(&config)));
        let (variables, diagnostics) = lang::variables::root_values(config.root(), &BTreeMap::new(), &config.sources);
        assert!(diagnostics.is_empty(), "{}", messages(&diagnostics, Some(&config)));
        Loaded { config, variables }
    }

    pub fn stack<'a>(&'a self, loaded: &'a Loaded, pool: &'a Pool<'a>) -> Stack<'a> {
        Stack {
            config: &loaded.config,
            variables: &loaded.variables,
            providers: pool,
            stand_ins: &engine::stand_in::Nothing,
            chance: &self.chance,
            events: &self.events,
            dir: self.dir.path(),
            cwd: Path::new("/cwd"),
            home: None,
            workspace: "default",
        }
    }

    pub fn pool(&self) -> Pool<'_> {
        Pool::new(&self.source)
    }

    pub async fn try_plan(&self) -> (Option<Plan>, Diagnostics) {
        let config = self.config();
        let pool = self.pool();
        planner::plan(self.stack(&config, &pool), &self.state, &self.options).await
    }

    pub async fn plan(&self) -> Plan {
        let (plan, diagnostics) = self.try_plan().await;
        plan.unwrap_or_else(|| panic!("there is no plan:\n{}", messages(&diagnostics, Some(&self.config()))))
    }

    /// The messages of a plan that must fail.
    pub async fn refused(&self) -> String {
        let config = self.config();
        let (plan, diagnostics) = self.try_plan().await;
        assert!(plan.is_none(), "the plan must fail");
        messages(&diagnostics, Some(&config))
    }

    pub async fn plan_text(&self) -> String {
        plan_text(&self.plan().await)
    }

    /// Plans and applies; what went wrong is in the outcome.
    pub async fn try_apply(&mut self) -> Outcome {
        let plan = self.plan().await;
        self.run(&plan).await
    }

    /// Plans and applies; nothing may go wrong.
    pub async fn apply(&mut self) {
        let outcome = self.try_apply().await;
        assert!(!outcome.diagnostics.has_errors(), "{}", messages(&outcome.diagnostics, None));
    }

    pub async fn run(&mut self, plan: &Plan) -> Outcome {
        let (_source, stop) = StopSource::new();
        let outcome = self.run_with(plan, None, &stop).await;
        self.state = outcome.state.clone();
        outcome
    }

    pub async fn run_with(&self, plan: &Plan, journal: Option<&Journal>, stop: &Stop) -> Outcome {
        let config = self.config();
        let pool = self.pool();
        let options = apply::Options {
            parallelism: self.parallelism,
            stop,
            journal,
            sink: &Nowhere,
            commands: &Played { cloud: self.cloud.clone() },
            save_interval: Duration::from_secs(60),
        };
        apply::apply(self.stack(&config, &pool), plan, options).await
    }
}

/// A configuration with the values of its variables: their defaults.
pub struct Loaded {
    pub config: Config,
    pub variables: BTreeMap<Arc<str>, Value>,
}

impl std::ops::Deref for Loaded {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.config
    }
}

/// A sink that keeps nothing.
struct Nowhere;

#[async_trait]
impl StateSink for Nowhere {
    async fn save(&self, _: &State) -> Result<Option<u64>, Diagnostic> {
        Ok(None)
    }
}

/// Time goes on by a second with each look, and chance is none.
#[derive(Default)]
pub struct Counting(AtomicI64);

impl Chance for Counting {
    fn now(&self) -> Timestamp {
        let second = self.0.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_second(1_700_000_000 + second).expect("the time is in range")
    }

    fn random(&self) -> fn(&mut [u8]) {
        |buffer| {
            static NEXT: AtomicI64 = AtomicI64::new(1);
            let number = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            // The low bytes first, so that short prefixes differ too.
            for (index, byte) in buffer.iter_mut().enumerate() {
                *byte = number[7 - index % 8];
            }
        }
    }
}

#[derive(Default)]
pub struct Recorded(Mutex<Vec<Event>>);

impl Recorded {
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().expect("no test panics with the lock"))
    }
}

impl Events for Recorded {
    fn event(&self, event: Event) {
        self.0.lock().expect("no test panics with the lock").push(event);
    }
}

/// A plan in few words: what happens to each object with what changes, outputs, and the order of the steps.
pub fn plan_text(plan: &Plan) -> String {
    let mut lines: Vec<String> = plan.changes.iter().filter_map(change_text).collect();
    for output in plan.outputs.iter().filter(|output| output.is_change()) {
        let show = |value: &Option<Value>| value.as_ref().map_or("-".to_string(), Value::to_string);
        lines.push(format!("output {}: {} -> {}", output.name, show(&output.before), show(&output.after)));
    }
    for drift in &plan.drift {
        let places: Vec<String> = drift.attributes.iter().map(|attribute| attribute.path.to_string()).collect();
        let what = if drift.live.is_none() { "gone".to_string() } else { places.join(", ") };
        lines.push(format!("drift {}: {what}", drift.key));
    }
    let order = order_text(plan);
    if !order.is_empty() {
        lines.push(order);
    }
    if lines.is_empty() { "no changes".to_string() } else { without_deposed_keys(&lines.join("\n")) }
}

/// The keys of deposed objects are random.
fn without_deposed_keys(text: &str) -> String {
    let mut parts = text.split("(deposed object ");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |text, part| text + "(deposed" + &part[8..])
}

fn change_text(change: &Change) -> Option<String> {
    let moved = change.previous.as_ref().map(|from| format!(" moved from {from}")).unwrap_or_default();
    let import = change.import.as_ref().map(|id| format!(" imported {id}")).unwrap_or_default();
    let verb = match change.action {
        Action::NoOp if moved.is_empty() && import.is_empty() => return None,
        Action::NoOp => "keep",
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace { create_first: false } => "replace",
        Action::Replace { create_first: true } => "replace (create first)",
        Action::Delete => "delete",
        Action::Read => "read",
        Action::Forget => "forget",
    };
    let reason = change.reason.map(|reason| format!(" because {reason:?}")).unwrap_or_default();
    let mut text = format!("{verb} {}{reason}{moved}{import}", change.key);
    if let Some(after) = &change.after {
        let before = change.before.as_ref();
        after.each_child(|step, value| {
            let old = before.and_then(|before| before.get(&name(&step)));
            let same = match &old {
                Some(old) => old.same(value),
                None => value.is_null() || value.reveal().length() == Some(0),
            };
            if !same {
                let old = old.filter(|old| !old.is_null()).map(|old| format!("{old} -> ")).unwrap_or_default();
                text.push_str(&format!("\n    {} = {old}{value}", name(&step)));
            }
        });
    }
    Some(text)
}

fn name(step: &model::path::Step) -> String {
    match step {
        model::path::Step::Attribute(name) => name.to_string(),
        other => format!("{other:?}"),
    }
}

fn order_text(plan: &Plan) -> String {
    let name = |index| match &plan.steps[index] {
        Step::Object(step) => {
            let verb = match &step.op {
                Op::Create { .. } => "create",
                Op::Update => "update",
                Op::Read => "read",
                Op::Delete => "delete",
                Op::Forget => "forget",
            };
            format!("{verb} {}", step.key)
        }
        Step::Output(name) => format!("output {name}"),
        Step::Gate => format!("gate {}", petgraph::graph::NodeIndex::index(index)),
    };
    let mut lines: Vec<String> = plan
        .steps
        .edge_references()
        .map(|edge| format!("{} before {}", name(edge.source()), name(edge.target())))
        .collect();
    lines.sort();
    lines.join("\n")
}

/// Messages as a person would read them, without ranges.
pub fn messages(diagnostics: &Diagnostics, config: Option<&Config>) -> String {
    let lines: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| {
            let place = match (config, diagnostic.subject) {
                (Some(config), Some(range)) => format!("{}: ", config.sources.describe(range)),
                _ => String::new(),
            };
            let hint = diagnostic.hint.as_ref().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
            format!("{:?}: {place}{}\n  {}{hint}", diagnostic.severity, diagnostic.summary, diagnostic.detail)
        })
        .collect();
    lines.join("\n")
}
