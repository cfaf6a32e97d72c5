//! The order of an apply: from what happens to each object to steps that wait for one another.
//!
//! All ordering is decided here, while planning. The rules, where "makes" are creates, updates and reads:
//!
//! 1. A make waits for all makes of what its block needs, through variables, locals, outputs and unchanged blocks.
//! 2. A delete waits for the deletes of all objects that were recorded as depending on it.
//! 3. A replaced object is deleted before its successor is made; with `create_before_destroy`, after.
//! 4. A make of something that was recorded as depending on a deleted object waits for that delete; when the deleted object
//!    has `create_before_destroy`, the delete waits for the make.
//! 5. A make of something that a deleted object depended on waits for that delete, unless that has `create_before_destroy`.
//!
//! Rules 4 and 5 are wishes: where one of them and the others would make a circle it is dropped. Only an object that is
//! replaced create-first must really outlive the updates of what used it.
//!
//! Instances of one module made by `count` or `for_each` don't wait for each other's.
//!
//! Blocks with many instances would need an edge for every pair. Gates stand between them: nodes without a step, which are
//! taken out again wherever that does not cost edges.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use model::address::{ConfigAddr, InstanceAddr, ModuleAddr, ModuleInstance};
use model::diagnostic::Diagnostic;
use petgraph::Direction;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::stable_graph::StableDiGraph;

use crate::graph::{Graph, Node};
use crate::plan::{ObjectStep, Op, Step};

/// What an apply does about one object, before ordering.
#[derive(Clone, Debug)]
pub struct Work {
    pub addr: InstanceAddr,
    /// Create, update or read.
    pub make: Option<ObjectStep>,
    /// Delete or forget.
    pub unmake: Option<ObjectStep>,
    /// What the present object was recorded to depend on.
    pub prior_dependencies: Vec<ConfigAddr>,
    /// Whether the delete comes after what replaces the object.
    pub create_first: bool,
}

type Gates = StableDiGraph<Option<Step>, ()>;

/// Puts works and outputs into order.
///
/// `modules` are all instances of modules, the root included; `outputs` are the outputs of the root module to evaluate.
///
/// # Errors
/// The works wait for each other in a circle, which `create_before_destroy` can bring about.
pub fn order(
    graph: &Graph,
    modules: &BTreeSet<ModuleInstance>,
    works: Vec<Work>,
    outputs: &[Arc<str>],
) -> Result<DiGraph<Step, ()>, Diagnostic> {
    let mut orderer =
        Orderer { gates: Gates::new(), makes: BTreeMap::new(), unmakes: BTreeMap::new(), steps: Vec::new() };
    orderer.add_works(works);
    orderer.connect_blocks(graph, modules, outputs);
    orderer.connect_unmakes();
    orderer.prune();
    orderer.finish()
}

struct Orderer {
    gates: Gates,
    /// The makes of each instance of a block's module.
    makes: BTreeMap<ConfigAddr, BTreeMap<ModuleInstance, Gate>>,
    /// The deletes of each instance of a block's module, apart by what they mean to others.
    unmakes: BTreeMap<(ConfigAddr, Fate), BTreeMap<ModuleInstance, Gate>>,
    steps: Vec<Placed>,
}

/// What a delete means to what used the object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fate {
    /// It goes before anything is made of those that used it.
    Deleted,
    /// It had `create_before_destroy` and goes without a successor: better after those that used it let go.
    DeletedLast,
    /// Its successor is made first, so those that used it must have turned to that one.
    ReplacedFirst,
}

/// All steps of a group are between these two.
#[derive(Clone, Copy)]
struct Gate {
    before: NodeIndex,
    after: NodeIndex,
}

/// The steps of one work in the graph.
struct Placed {
    addr: InstanceAddr,
    make: Option<NodeIndex>,
    unmake: Option<NodeIndex>,
    prior_dependencies: Vec<ConfigAddr>,
    create_first: bool,
}

impl Orderer {
    fn add_works(&mut self, works: Vec<Work>) {
        for work in works {
            let block = work.addr.config();
            let module = work.addr.module.clone();
            let make = work.make.map(|step| {
                let gate = gate(&mut self.gates, self.makes.entry(block.clone()).or_default(), &module);
                between(&mut self.gates, gate, Step::Object(Box::new(step)))
            });
            let unmake = work.unmake.map(|step| match step.op {
                // What is only forgotten changes nothing in the world that anything could wait for.
                Op::Forget => self.gates.add_node(Some(Step::Object(Box::new(step)))),
                Op::Create { .. } | Op::Update | Op::Read | Op::Delete => {
                    let fate = match (work.create_first, make.is_some()) {
                        (false, _) => Fate::Deleted,
                        (true, false) => Fate::DeletedLast,
                        (true, true) => Fate::ReplacedFirst,
                    };
                    let group = self.unmakes.entry((block.clone(), fate)).or_default();
                    let gate = gate(&mut self.gates, group, &module);
                    between(&mut self.gates, gate, Step::Object(Box::new(step)))
                }
            });
            self.steps.push(Placed {
                addr: work.addr,
                make,
                unmake,
                prior_dependencies: work.prior_dependencies,
                create_first: work.create_first,
            });
        }
    }

    /// Rule 1, and the outputs.
    fn connect_blocks(&mut self, graph: &Graph, modules: &BTreeSet<ModuleInstance>, outputs: &[Arc<str>]) {
        let mut instances_of: HashMap<ModuleAddr, BTreeSet<&ModuleInstance>> = HashMap::new();
        for instance in modules {
            instances_of.entry(instance.module()).or_default().insert(instance);
        }
        // A block whose makes nothing can come before or after needs no gate: walk with what has been reached so far.
        let mut passed: HashMap<(NodeIndex, &ModuleInstance), NodeIndex> = HashMap::new();
        for node in &graph.order {
            let module = graph.dag[*node].module();
            for instance in instances_of.get(module).into_iter().flatten() {
                let mut needs: BTreeSet<NodeIndex> = BTreeSet::new();
                for needed in graph.needs(*node) {
                    let shared = shared_depth(graph.dag[needed].module(), module);
                    let prefix = ModuleInstance(instance.0[..shared].to_vec());
                    let Some(candidates) = instances_of.get(graph.dag[needed].module()) else { continue };
                    let related = candidates
                        .range::<ModuleInstance, _>(&prefix..)
                        .take_while(|candidate| candidate.starts_with(&prefix));
                    needs.extend(related.filter_map(|candidate| passed.get(&(needed, *candidate))));
                }
                let makes = match &graph.dag[*node] {
                    Node::Resource(addr) => self.makes.get(addr).and_then(|makes| makes.get(*instance)).copied(),
                    Node::Output(module, name) if module.is_root() && outputs.contains(name) => {
                        let step = self.gates.add_node(Some(Step::Output(name.clone())));
                        Some(Gate { before: step, after: step })
                    }
                    Node::Output(..)
                    | Node::Variable(..)
                    | Node::Local(..)
                    | Node::Call(..)
                    | Node::Provider(_)
                    | Node::Check(..) => None,
                };
                if let Some(after) = self.pass(&needs, makes) {
                    passed.insert((*node, *instance), after);
                }
            }
        }
        // Outputs that the configuration has no more.
        for name in
            outputs.iter().filter(|name| graph.find(&Node::Output(ModuleAddr::root(), (*name).clone())).is_none())
        {
            self.gates.add_node(Some(Step::Output(name.clone())));
        }
    }

    /// Joins what a block needs with its own makes: the node after which the block is done, if there is anything to wait for.
    fn pass(&mut self, needs: &BTreeSet<NodeIndex>, makes: Option<Gate>) -> Option<NodeIndex> {
        let need = match needs.len() {
            0 => None,
            1 => needs.first().copied(),
            _ => {
                let join = self.gates.add_node(None);
                for need in needs {
                    self.gates.add_edge(*need, join, ());
                }
                Some(join)
            }
        };
        match (need, makes) {
            (need, None) => need,
            (None, Some(makes)) => Some(makes.after),
            (Some(need), Some(makes)) => {
                self.gates.add_edge(need, makes.before, ());
                let after = self.gates.add_node(None);
                self.gates.add_edge(need, after, ());
                self.gates.add_edge(makes.after, after, ());
                Some(after)
            }
        }
    }

    /// Rules 2 to 5.
    fn connect_unmakes(&mut self) {
        for placed in &self.steps {
            if let (Some(make), Some(unmake)) = (placed.make, placed.unmake) {
                let (first, second) = if placed.create_first { (make, unmake) } else { (unmake, make) };
                self.gates.add_edge(first, second, ());
            }
        }
        let own_makes: HashMap<&InstanceAddr, NodeIndex> =
            self.steps.iter().filter_map(|placed| Some((&placed.addr, placed.make?))).collect();
        let (mut musts, mut wishes) = (Vec::new(), Vec::new());
        for placed in &self.steps {
            // A deposed object has a work of its own; its successor is made first.
            if let (Some(unmake), None, Some(make)) = (placed.unmake, placed.make, own_makes.get(&placed.addr)) {
                musts.push((*make, unmake));
            }
            let block = placed.addr.config();
            for needed in placed.prior_dependencies.iter().filter(|needed| **needed != block) {
                for fate in [Fate::Deleted, Fate::DeletedLast, Fate::ReplacedFirst] {
                    for group in related(self.unmakes.get(&(needed.clone(), fate)), &placed.addr.module) {
                        musts.extend(placed.unmake.map(|unmake| (unmake, group.before)));
                        if let Some(make) = placed.make {
                            match fate {
                                Fate::Deleted => wishes.push((group.after, make)),
                                Fate::DeletedLast => wishes.push((make, group.before)),
                                Fate::ReplacedFirst => musts.push((make, group.before)),
                            }
                        }
                    }
                }
                if let (Some(unmake), false) = (placed.unmake, placed.create_first) {
                    let makes = related(self.makes.get(needed), &placed.addr.module);
                    wishes.extend(makes.map(|group| (unmake, group.before)));
                }
            }
        }
        for (from, to) in musts {
            self.gates.add_edge(from, to, ());
        }
        self.wish(&wishes);
    }

    /// Adds edges as far as they make no circle.
    fn wish(&mut self, wishes: &[(NodeIndex, NodeIndex)]) {
        let edges: Vec<EdgeIndex> = wishes.iter().map(|(from, to)| self.gates.add_edge(*from, *to, ())).collect();
        if !petgraph::algo::is_cyclic_directed(&self.gates) {
            return;
        }
        for edge in edges {
            self.gates.remove_edge(edge);
        }
        for (from, to) in wishes {
            if !petgraph::algo::has_path_connecting(&self.gates, *to, *from, None) {
                self.gates.add_edge(*from, *to, ());
            }
        }
    }

    /// Takes out gates that only cost.
    fn prune(&mut self) {
        let gates: Vec<NodeIndex> = self.gates.node_indices().filter(|node| self.gates[*node].is_none()).collect();
        for gate in gates {
            let before: BTreeSet<NodeIndex> = self.gates.neighbors_directed(gate, Direction::Incoming).collect();
            let after: BTreeSet<NodeIndex> = self.gates.neighbors_directed(gate, Direction::Outgoing).collect();
            if before.len() * after.len() > before.len() + after.len() || before.contains(&gate) {
                continue;
            }
            self.gates.remove_node(gate);
            for from in &before {
                for to in &after {
                    self.gates.add_edge(*from, *to, ());
                }
            }
        }
    }

    fn finish(self) -> Result<DiGraph<Step, ()>, Diagnostic> {
        let gates = self.gates;
        if petgraph::algo::is_cyclic_directed(&gates) {
            return Err(circle(&gates));
        }
        let mut steps = DiGraph::new();
        let mut index = HashMap::new();
        for node in gates.node_indices() {
            let step = gates[node].clone().unwrap_or(Step::Gate);
            index.insert(node, steps.add_node(step));
        }
        let edges: BTreeSet<(NodeIndex, NodeIndex)> =
            gates.edge_indices().filter_map(|edge| gates.edge_endpoints(edge)).collect();
        for (from, to) in edges {
            steps.add_edge(index[&from], index[&to], ());
        }
        Ok(steps)
    }
}

fn gate(gates: &mut Gates, group: &mut BTreeMap<ModuleInstance, Gate>, module: &ModuleInstance) -> Gate {
    *group.entry(module.clone()).or_insert_with(|| Gate { before: gates.add_node(None), after: gates.add_node(None) })
}

fn between(gates: &mut Gates, gate: Gate, step: Step) -> NodeIndex {
    let node = gates.add_node(Some(step));
    gates.add_edge(gate.before, node, ());
    gates.add_edge(node, gate.after, ());
    node
}

/// The groups of a block, but for those in another instance of a module that `from` is in.
fn related<'a>(
    groups: Option<&'a BTreeMap<ModuleInstance, Gate>>,
    from: &ModuleInstance,
) -> impl Iterator<Item = Gate> + 'a {
    let groups = groups.into_iter();
    let module =
        groups.clone().next().and_then(|groups| groups.keys().next()).map(ModuleInstance::module).unwrap_or_default();
    let prefix = ModuleInstance(from.0[..shared_depth(&module, &from.module())].to_vec());
    let start = prefix.clone();
    let inside = groups.flat_map(move |groups| groups.range(start.clone()..));
    inside.take_while(move |(module, _)| module.starts_with(&prefix)).map(|(_, gate)| *gate)
}

/// How many calls two modules share from the root on.
fn shared_depth(a: &ModuleAddr, b: &ModuleAddr) -> usize {
    a.0.iter().zip(&b.0).take_while(|(a, b)| a == b).count()
}

fn circle(gates: &Gates) -> Diagnostic {
    let group = petgraph::algo::tarjan_scc(gates).into_iter().find(|group| group.len() > 1).unwrap_or_default();
    let mut names: Vec<String> = group
        .iter()
        .filter_map(|node| gates[*node].as_ref()?.object())
        .map(|step| match &step.op {
            Op::Delete | Op::Forget => format!("{} (destroy)", step.key),
            Op::Create { .. } | Op::Update | Op::Read => step.key.to_string(),
        })
        .collect();
    names.sort();
    Diagnostic::error(
        format!("Cycle: {}", names.join(", ")),
        "These steps would have to wait for each other, so none of them can come first. Usually `create_before_destroy` \
         on one of them asks for an order that the others forbid.",
    )
}
