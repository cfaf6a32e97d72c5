//! Makes plans: refreshes, walks the configuration, decides about every object, and puts the steps into order.

mod data;
mod destroy;
mod imports;
mod instance;
mod moves;
mod orphans;
mod outcome;
mod preflight;
mod protection;
mod targets;
mod triggers;
mod visit;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use lang::check::check_references;
use lang::config::Resource;
use model::address::{ConfigAddr, InstanceAddr, Mode, ObjectKey, ProviderConfigAddr, Target};
use model::checkable::CheckableAddr;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::value::Value;
use petgraph::Direction;
use petgraph::graph::NodeIndex;
use provider::Provider;
use state::State;
use tokio::sync::OnceCell;

use crate::drift;
use crate::ephemeral::while_open;
use crate::evaluator::{Evaluator, Failed, Phase};
use crate::graph::{Graph, Node};
use crate::order::Work;
use crate::plan::{Change, Check, Plan, PlanMode};
use crate::prior::Prior;
use crate::providers::configured;
use crate::refresh::refresh;
use crate::stack::Stack;
use crate::walk::walk;

/// What kind of plan to make.
#[derive(Clone, Debug)]
pub struct Options {
    pub mode: PlanMode,
    /// Whether to look at what exists first; without, the state is taken as the truth.
    pub refresh: bool,
    /// Limits the plan to these and what they need.
    pub targets: Vec<Target>,
    /// Leaves these out, and what depends on them; a destroy leaves out what they need. Never together with targets.
    pub excludes: Vec<Target>,
    /// Objects to replace although nothing asks for it.
    pub replace: Vec<InstanceAddr>,
    /// Objects that may be deleted although something is lost with them.
    pub allow_loss: Vec<Target>,
    /// How many instances of a block are planned or read at the same time.
    pub parallelism: usize,
}

impl Options {
    /// Whether the plan is not about the whole stack.
    pub fn is_limited(&self) -> bool {
        !(self.targets.is_empty() && self.excludes.is_empty())
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            mode: PlanMode::Normal,
            refresh: true,
            targets: Vec::new(),
            excludes: Vec::new(),
            replace: Vec::new(),
            allow_loss: Vec::new(),
            parallelism: 10,
        }
    }
}

/// Plans a stack. Makes only read calls.
///
/// There is no plan when any message is an error; the other messages are warnings that belong to the plan.
pub async fn plan(stack: Stack<'_>, state: &State, options: &Options) -> (Option<Plan>, Diagnostics) {
    let (plan, diagnostics, _) = plan_and(stack, state, options, |_| ()).await;
    (plan, diagnostics)
}

/// As [`plan`]; `examine` sees the values of all blocks as they are planned, as far as errors let them have values. It is not
/// called when the walk does not even begin.
pub async fn plan_and<T>(
    stack: Stack<'_>,
    state: &State,
    options: &Options,
    examine: impl FnOnce(&Evaluator<'_>) -> T,
) -> (Option<Plan>, Diagnostics, Option<T>) {
    let work = make(stack, state, options, examine);
    let ((plan, mut diagnostics, examined), closed) = while_open(stack, None, work).await;
    diagnostics.extend(closed);
    (plan.filter(|_| !diagnostics.has_errors()), diagnostics, examined)
}

async fn make<T>(
    stack: Stack<'_>,
    state: &State,
    options: &Options,
    examine: impl FnOnce(&Evaluator<'_>) -> T,
) -> (Option<Plan>, Diagnostics, Option<T>) {
    let mut diagnostics = check_references(stack.config, stack.providers);
    if diagnostics.has_errors() {
        return (None, diagnostics, None);
    }
    let graph = match Graph::of(stack.config) {
        Ok(graph) => graph,
        Err(found) => {
            diagnostics.extend(found);
            return (None, diagnostics, None);
        }
    };
    diagnostics.extend(crate::validate::validate(stack, &graph));
    if diagnostics.has_errors() {
        return (None, diagnostics, None);
    }
    let (moved, warnings) = moves::moved(stack.config, state);
    diagnostics.extend(warnings);
    diagnostics.extend(moves::untargeted(&moved, &options.targets, &options.excludes));
    let (mut prior, found) = Prior::read(&stack, &graph, &moved.state);
    diagnostics.extend(found);
    if diagnostics.has_errors() {
        return (None, diagnostics, None);
    }
    let at = stack.chance.now();
    if options.refresh {
        let recorded = prior_evaluator(stack, &graph, &prior);
        diagnostics.extend(refresh(&recorded, &mut prior).await);
        if diagnostics.has_errors() {
            return (None, diagnostics, None);
        }
    }
    let evaluator = match options.mode {
        PlanMode::Normal | PlanMode::RefreshOnly => Evaluator::new(stack, &graph, Phase::Plan { at: at.to_string() }),
        PlanMode::Destroy => prior_evaluator(stack, &graph, &prior),
    };
    let planner = Planner::new(&evaluator, options, &prior, &moved);
    match options.mode {
        PlanMode::Normal | PlanMode::RefreshOnly => {
            walk(&graph, |node| planner.visit(node)).await;
            planner.orphans();
        }
        PlanMode::Destroy => planner.destroy(),
    }
    planner.check_requests();
    let mut found = evaluator.take_diagnostics();
    // What was left out, or could not be planned, may be what another object needs.
    if options.mode == PlanMode::Normal && !options.is_limited() && !found.has_errors() {
        planner.preflight().await;
        found.extend(evaluator.take_diagnostics());
    }
    let Planner { decided, selected, .. } = planner;
    let decided = decided.into_inner().expect("no holder of the lock panics");
    // Blocks are visited in no order that would mean anything to the reader.
    found.0.sort_by_key(|diagnostic| diagnostic.subject);
    diagnostics.extend(found);
    let examined = examine(&evaluator);
    // What could not be evaluated has been said.
    let _said = evaluator.take_diagnostics();
    if diagnostics.has_errors() {
        return (None, diagnostics, Some(examined));
    }
    let mut drift = drift::of_refresh(&evaluator, &prior);
    drift::relate(&mut drift, &decided.changes, &prior);
    let parts = outcome::Parts {
        evaluator: &evaluator,
        options,
        basis: state,
        moved,
        prior,
        decided,
        selected: selected.as_ref(),
        drift,
        at,
    };
    let (plan, diagnostics) = outcome::finish(parts, diagnostics);
    (plan, diagnostics, Some(examined))
}

/// An evaluator that sees all objects as they were recorded.
pub(crate) fn prior_evaluator<'a>(stack: Stack<'a>, graph: &'a Graph, prior: &Prior) -> Evaluator<'a> {
    recorded_in(Evaluator::new(stack, graph, Phase::Prior), prior)
}

/// The evaluator with all objects as they were recorded.
pub(crate) fn recorded_in<'a>(evaluator: Evaluator<'a>, prior: &Prior) -> Evaluator<'a> {
    for (key, object) in &prior.objects {
        let (Some(node), Some(value)) = (evaluator.graph.resource(&key.addr.config()), &object.live) else { continue };
        if *key == ObjectKey::current(key.addr.clone()) {
            evaluator.set_object(node, &key.addr, value.clone());
        }
    }
    evaluator
}

/// A provider that is configured once, or could not be.
type ProviderCell = OnceCell<Result<Arc<dyn Provider>, Failed>>;

/// What all visits of one walk share.
pub(crate) struct Planner<'a> {
    evaluator: &'a Evaluator<'a>,
    options: &'a Options,
    prior: &'a Prior,
    moved: &'a moves::Moved<'a>,
    /// Instances in the state, by their block.
    recorded: BTreeMap<ConfigAddr, Vec<InstanceAddr>>,
    /// Blocks whose objects are replaced by making the new one first.
    create_first: HashSet<NodeIndex>,
    /// What `-target` or `-exclude` leaves of the graph.
    selected: Option<targets::Selection>,
    providers: Mutex<BTreeMap<ProviderConfigAddr, Arc<ProviderCell>>>,
    decided: Mutex<Decided>,
}

/// What has been decided so far.
#[derive(Default)]
struct Decided {
    changes: Vec<Change>,
    works: Vec<Work>,
    checks: Vec<Check>,
    /// Blocks of which something is to change.
    pending: HashSet<NodeIndex>,
    /// Data sources that were read.
    data: BTreeMap<InstanceAddr, Read>,
    /// Objects taken over, as they are.
    imported: BTreeMap<InstanceAddr, imports::Imported>,
    /// Objects of the state that get other surroundings there before anything is done to them.
    kept: BTreeMap<InstanceAddr, Kept>,
    /// Outputs of called modules that have a value.
    module_outputs: Vec<CheckableAddr>,
    /// Values of the root module's outputs.
    outputs: BTreeMap<Arc<str>, Value>,
}

/// What is recorded of a kept object from now on.
struct Kept {
    dependencies: Vec<ConfigAddr>,
    /// `None` leaves it as it is.
    create_first: Option<bool>,
}

/// The result of a data source.
struct Read {
    provider: ProviderConfigAddr,
    value: Value,
}

/// One resource block in the walk.
struct BlockPlan<'a> {
    node: NodeIndex,
    addr: &'a ConfigAddr,
    block: &'a Resource,
    provider_addr: ProviderConfigAddr,
    provider: Arc<dyn Provider>,
    schema: Arc<model::schema::Schema>,
    dependencies: Vec<ConfigAddr>,
    create_first: bool,
}

impl<'a> Planner<'a> {
    fn new(
        evaluator: &'a Evaluator<'a>,
        options: &'a Options,
        prior: &'a Prior,
        moved: &'a moves::Moved<'a>,
    ) -> Planner<'a> {
        let mut recorded: BTreeMap<ConfigAddr, Vec<InstanceAddr>> = BTreeMap::new();
        for key in prior.objects.keys() {
            let of_block = recorded.entry(key.addr.config()).or_default();
            if of_block.last() != Some(&key.addr) {
                of_block.push(key.addr.clone());
            }
        }
        Planner {
            evaluator,
            options,
            prior,
            moved,
            recorded,
            create_first: create_first(evaluator),
            selected: targets::select(evaluator, options),
            providers: Mutex::default(),
            decided: Mutex::default(),
        }
    }

    fn decided(&self) -> std::sync::MutexGuard<'_, Decided> {
        self.decided.lock().expect("no holder of the lock panics")
    }

    /// A configured provider; each configuration is evaluated once.
    async fn provider(&self, addr: &ProviderConfigAddr) -> Result<Arc<dyn Provider>, Failed> {
        let cell =
            self.providers.lock().expect("no holder of the lock panics").entry(addr.clone()).or_default().clone();
        cell.get_or_init(|| configured(self.evaluator, addr)).await.clone()
    }

    /// Whether `-target` or `-exclude` leaves an instance in the plan.
    fn is_selected(&self, node: NodeIndex, addr: &InstanceAddr) -> bool {
        self.selected.as_ref().is_none_or(|selection| selection.contains(node, addr))
    }

    /// Says so when `-replace` names something that is not there.
    fn check_requests(&self) {
        for addr in &self.options.replace {
            if self.prior.current(addr).is_none()
                && !self.decided().changes.iter().any(|change| change.key.addr == *addr)
            {
                self.evaluator.report([Diagnostic::warning(
                    "Nothing to replace",
                    format!("There is no object {addr}, so the request to replace it has no effect."),
                )]);
            }
        }
        if !self.options.excludes.is_empty() {
            self.evaluator.report([Diagnostic::warning(
                "Resource exclusion is in effect",
                "The plan leaves out what -exclude names and what depends on it, and may not contain all changes that the \
                 configuration asks for. The -exclude option is not for routine use.",
            )]);
        } else if self.selected.is_some() {
            self.evaluator.report([Diagnostic::warning(
                "Resource targeting is in effect",
                "The plan is limited by -target and may not contain all changes that the configuration asks for. The -target \
                 option is not for routine use: it is for exceptional situations such as recovering from errors.",
            )]);
        }
    }
}

/// The blocks with `create_before_destroy`, and all that they need: what a new object needs must be there before the old
/// object, which needs the old ones, is gone.
fn create_first(evaluator: &Evaluator<'_>) -> HashSet<NodeIndex> {
    let graph = evaluator.graph;
    let is_managed = |node: &NodeIndex| match &graph.dag[*node] {
        Node::Resource(addr) => addr.resource.mode == Mode::Managed,
        Node::Variable(..)
        | Node::Local(..)
        | Node::Output(..)
        | Node::Call(..)
        | Node::Provider(_)
        | Node::Check(..) => false,
    };
    let asks = |node: &NodeIndex| match &graph.dag[*node] {
        Node::Resource(addr) => evaluator.block(addr).lifecycle.create_before_destroy == Some(true),
        Node::Variable(..)
        | Node::Local(..)
        | Node::Output(..)
        | Node::Call(..)
        | Node::Provider(_)
        | Node::Check(..) => false,
    };
    let asking: Vec<NodeIndex> = graph.order.iter().copied().filter(is_managed).filter(asks).collect();
    let needed = graph.reach(asking.iter().copied(), Direction::Incoming);
    asking.into_iter().chain(needed.into_iter().filter(is_managed)).collect()
}
