//! The dependency graph: a node per block of the configuration, an edge from each block to those that mention it.
//!
//! Instances made by `count` and `for_each` are not nodes: they are made when a walk visits their block. So the graph is as
//! large as the text, and building it is linear in blocks and mentions.

pub mod resources;

mod build;
mod cycle;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use lang::config::Config;
use lang::reference::Subject;
use model::address::{ConfigAddr, Mode, ModuleAddr, ProviderConfigAddr};
use model::checkable::{Checkable, CheckableAddr};
use model::diagnostic::Diagnostics;
use model::source::SourceRange;
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use self::build::{Built, build};
use self::cycle::cycles;

/// The blocks of a configuration in their dependencies. Without cycles.
#[derive(Clone, Debug)]
pub struct Graph {
    /// An edge leads from a block to one that needs it, and says where that one mentions it.
    pub dag: DiGraph<Node, Option<SourceRange>>,
    /// All nodes, each after those it needs.
    pub order: Vec<NodeIndex>,
    index: HashMap<Node, NodeIndex>,
    /// What each module's expressions may mention.
    subjects: HashMap<ModuleAddr, HashMap<Subject, NodeIndex>>,
    /// What each block names in its `depends_on`.
    named: HashMap<NodeIndex, Vec<NodeIndex>>,
    /// The ephemeral blocks that each block is made of, however indirectly; blocks without any are left out.
    ephemerals: HashMap<NodeIndex, Vec<NodeIndex>>,
}

/// A block of the configuration, in the module it is written in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Node {
    /// A variable; in a called module its value comes from the call.
    Variable(ModuleAddr, Arc<str>),
    Local(ModuleAddr, Arc<str>),
    Output(ModuleAddr, Arc<str>),
    /// A call of a module: how many instances the module has. Stands in the calling module.
    Call(ModuleAddr, Arc<str>),
    /// A configuration of a provider; there need not be a block for it.
    Provider(ProviderConfigAddr),
    /// A resource, data source or ephemeral resource.
    Resource(ConfigAddr),
    Check(ModuleAddr, Arc<str>),
}

impl Node {
    /// The module whose instances the node is expanded over.
    pub fn module(&self) -> &ModuleAddr {
        match self {
            Node::Variable(module, _)
            | Node::Local(module, _)
            | Node::Output(module, _)
            | Node::Call(module, _)
            | Node::Check(module, _) => module,
            Node::Provider(addr) => &addr.module,
            Node::Resource(addr) => &addr.module,
        }
    }

    /// What expressions of the node's module call it.
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Node::Variable(_, name) => Some(Subject::Variable(name.clone())),
            Node::Local(_, name) => Some(Subject::Local(name.clone())),
            Node::Call(_, name) => Some(Subject::Module(name.clone())),
            Node::Output(_, name) => Some(Subject::Output(name.clone())),
            Node::Resource(addr) => Some(Subject::Resource(addr.resource.clone())),
            Node::Provider(_) | Node::Check(..) => None,
        }
    }

    pub fn resource(&self) -> Option<&ConfigAddr> {
        match self {
            Node::Resource(addr) => Some(addr),
            Node::Variable(..)
            | Node::Local(..)
            | Node::Output(..)
            | Node::Call(..)
            | Node::Provider(_)
            | Node::Check(..) => None,
        }
    }
}

/// Prints the node as Terraform's messages name it: `module.network.var.cidr`, `provider["..."]`.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_module = |f: &mut fmt::Formatter<'_>, module: &ModuleAddr, kind: &str, name: &str| {
            let dot = if module.is_root() { "" } else { "." };
            write!(f, "{module}{dot}{kind}.{name}")
        };
        match self {
            Node::Variable(module, name) => in_module(f, module, "var", name),
            Node::Local(module, name) => in_module(f, module, "local", name),
            Node::Output(module, name) => in_module(f, module, "output", name),
            Node::Call(module, name) => in_module(f, module, "module", name),
            Node::Check(module, name) => in_module(f, module, "check", name),
            Node::Provider(addr) => write!(f, "{addr}"),
            Node::Resource(addr) => write!(f, "{addr}"),
        }
    }
}

impl Graph {
    /// Builds the graph of a configuration.
    ///
    /// # Errors
    /// Mentions of blocks that are not there, blocks that mention themselves, and cycles, all with their places.
    pub fn of(config: &Config) -> Result<Graph, Diagnostics> {
        let Built { dag, index, named, mut diagnostics } = build(config);
        let order = match petgraph::algo::toposort(&dag, None) {
            Ok(_) if diagnostics.has_errors() => return Err(diagnostics),
            Ok(order) => order,
            Err(_) => {
                diagnostics.extend(cycles(&dag, config));
                return Err(diagnostics);
            }
        };
        let mut subjects: HashMap<ModuleAddr, HashMap<Subject, NodeIndex>> = HashMap::new();
        for (node, index) in &index {
            if let Some(subject) = node.subject() {
                subjects.entry(node.module().clone()).or_default().insert(subject, *index);
            }
        }
        let ephemerals = ephemerals(&dag, &order);
        Ok(Graph { dag, order, index, subjects, named, ephemerals })
    }

    /// The ephemeral blocks that a block is made of, however indirectly, each after those that it needs itself.
    pub fn ephemerals(&self, node: NodeIndex) -> &[NodeIndex] {
        self.ephemerals.get(&node).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the expressions of a module may mention.
    pub fn subjects(&self, module: &ModuleAddr) -> Option<&HashMap<Subject, NodeIndex>> {
        self.subjects.get(module)
    }

    pub fn find(&self, node: &Node) -> Option<NodeIndex> {
        self.index.get(node).copied()
    }

    pub fn resource(&self, addr: &ConfigAddr) -> Option<NodeIndex> {
        self.find(&Node::Resource(addr.clone()))
    }

    /// The node of a block that has conditions.
    pub fn checkable(&self, block: &CheckableAddr) -> Option<NodeIndex> {
        let module = block.module.module();
        self.find(&match &block.object {
            Checkable::Variable(name) => Node::Variable(module, name.clone()),
            Checkable::Output(name) => Node::Output(module, name.clone()),
            Checkable::Resource(resource, _) => Node::Resource(ConfigAddr { module, resource: resource.clone() }),
            Checkable::Check(name) => Node::Check(module, name.clone()),
        })
    }

    /// The nodes that a node needs directly.
    pub fn needs(&self, node: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        self.dag.neighbors_directed(node, Direction::Incoming)
    }

    /// The nodes that need a node directly.
    pub fn needed_by(&self, node: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        self.dag.neighbors_directed(node, Direction::Outgoing)
    }

    /// The blocks that a data source waits for if they are to change: what its `depends_on` names, and what its arguments
    /// mention of the managed resources of its module.
    ///
    /// Of a resource that is named itself, only that counts; of anything else, and of what the calls around the block name,
    /// everything that it depends on counts as well.
    pub fn awaited(&self, node: NodeIndex) -> Vec<NodeIndex> {
        let own = self.named.get(&node).into_iter().flatten().copied();
        let mentioned = self
            .needs(node)
            .filter(|needed| self.is_managed(*needed) && self.dag[*needed].module() == self.dag[node].module());
        let (mut awaited, mut whole): (Vec<NodeIndex>, Vec<NodeIndex>) =
            own.chain(mentioned).partition(|named| self.dag[*named].resource().is_some());
        let mut module = self.dag[node].module().clone();
        while let (Some(parent), Some(name)) = (module.parent(), module.0.last()) {
            let call = self.find(&Node::Call(parent.clone(), name.clone()));
            whole.extend(call.and_then(|call| self.named.get(&call)).into_iter().flatten());
            module = parent;
        }
        awaited.extend(self.reach(whole.iter().copied(), Direction::Incoming));
        awaited.extend(whole);
        awaited.retain(|awaited| self.is_managed(*awaited));
        awaited
    }

    fn is_managed(&self, node: NodeIndex) -> bool {
        self.dag[node].resource().is_some_and(|addr| addr.resource.mode == Mode::Managed)
    }

    /// All nodes reached from `start` against (`Incoming`) or along (`Outgoing`) the edges, `start` left out.
    pub fn reach(&self, start: impl IntoIterator<Item = NodeIndex>, direction: Direction) -> Vec<NodeIndex> {
        let mut seen = vec![false; self.dag.node_count()];
        let mut reached = Vec::new();
        let mut queue: VecDeque<NodeIndex> = VecDeque::new();
        for node in start {
            seen[node.index()] = true;
            queue.push_back(node);
        }
        while let Some(node) = queue.pop_front() {
            for next in self.dag.neighbors_directed(node, direction) {
                if !std::mem::replace(&mut seen[next.index()], true) {
                    reached.push(next);
                    queue.push_back(next);
                }
            }
        }
        reached
    }

    /// The resources and data sources that a block depends on, however indirectly, sorted by their text: what a state
    /// records as an object's dependencies.
    pub fn dependencies(&self, node: NodeIndex) -> Vec<ConfigAddr> {
        let mut addresses: Vec<(String, ConfigAddr)> = self
            .reach([node], Direction::Incoming)
            .into_iter()
            .filter_map(|node| self.dag[node].resource())
            .filter(|addr| addr.resource.mode != Mode::Ephemeral)
            .map(|addr| (addr.to_string(), addr.clone()))
            .collect();
        addresses.sort();
        addresses.into_iter().map(|(_, addr)| addr).collect()
    }
}

fn ephemerals(dag: &DiGraph<Node, Option<SourceRange>>, order: &[NodeIndex]) -> HashMap<NodeIndex, Vec<NodeIndex>> {
    let is_ephemeral = |node: NodeIndex| dag[node].resource().is_some_and(|addr| addr.resource.mode == Mode::Ephemeral);
    let mut ephemerals: HashMap<NodeIndex, Vec<NodeIndex>> = HashMap::new();
    if !order.iter().any(|node| is_ephemeral(*node)) {
        return ephemerals;
    }
    let place: HashMap<NodeIndex, usize> = order.iter().enumerate().map(|(place, node)| (*node, place)).collect();
    for node in order {
        let mut needed: Vec<NodeIndex> = Vec::new();
        for before in dag.neighbors_directed(*node, Direction::Incoming) {
            needed.extend(ephemerals.get(&before).into_iter().flatten());
            needed.extend(is_ephemeral(before).then_some(before));
        }
        needed.sort_unstable_by_key(|node| place[node]);
        needed.dedup();
        if !needed.is_empty() {
            ephemerals.insert(*node, needed);
        }
    }
    ephemerals
}
