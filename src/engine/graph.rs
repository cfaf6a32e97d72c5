//! The dependency graph: a node per block of the configuration, an edge from each block to those that mention it.
//!
//! Instances made by `count` and `for_each` are not nodes: they are made when a walk visits their block. So the graph is as
//! large as the text, and building it is linear in blocks and mentions.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use hcl::ast::Step;
use lang::config::{Condition, Config, Module, ProviderKey, Repetition, Resource};
use lang::expression::Expression;
use lang::reference::{Reference, Subject, body_references, references};
use lang::suggestion::{did_you_mean, similar};
use model::address::{ConfigAddr, Mode, ModuleAddr, ProviderConfigAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{SourceMap, SourceRange};
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

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
        let mut builder = Builder {
            config,
            dag: DiGraph::new(),
            index: HashMap::new(),
            named: HashMap::new(),
            diagnostics: Diagnostics::new(),
        };
        for module in config.modules.values() {
            builder.add_nodes(module);
        }
        for module in config.modules.values() {
            builder.add_edges(module);
        }
        let Builder { dag, index, named, mut diagnostics, .. } = builder;
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
        Ok(Graph { dag, order, index, subjects, named })
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

struct Builder<'a> {
    config: &'a Config,
    dag: DiGraph<Node, Option<SourceRange>>,
    index: HashMap<Node, NodeIndex>,
    named: HashMap<NodeIndex, Vec<NodeIndex>>,
    diagnostics: Diagnostics,
}

impl<'a> Builder<'a> {
    fn node(&mut self, node: Node) -> NodeIndex {
        if let Some(index) = self.index.get(&node) {
            return *index;
        }
        let index = self.dag.add_node(node.clone());
        self.index.insert(node, index);
        index
    }

    fn add_nodes(&mut self, module: &Module) {
        let addr = &module.addr;
        for name in module.variables.keys() {
            self.node(Node::Variable(addr.clone(), name.clone()));
        }
        for name in module.locals.keys() {
            self.node(Node::Local(addr.clone(), name.clone()));
        }
        for key in module.providers.keys() {
            let addr = ProviderConfigAddr {
                module: addr.clone(),
                provider: module.provider_addr(&key.local_name),
                alias: key.alias.clone(),
            };
            self.node(Node::Provider(addr));
        }
        for name in module.calls.keys() {
            self.node(Node::Call(addr.clone(), name.clone()));
        }
        for resource in module.resources.keys() {
            self.node(Node::Resource(ConfigAddr { module: addr.clone(), resource: resource.clone() }));
        }
        for name in module.outputs.keys() {
            self.node(Node::Output(addr.clone(), name.clone()));
        }
        for name in module.checks.keys() {
            self.node(Node::Check(addr.clone(), name.clone()));
        }
    }

    fn add_edges(&mut self, module: &'a Module) {
        let addr = &module.addr;
        // Whatever stands in a called module needs to know how many instances the module has.
        let call = addr.parent().map(|parent| {
            let name = addr.0.last().expect("a called module has a name").clone();
            (self.node(Node::Call(parent.clone(), name.clone())), parent, name)
        });
        let own = |builder: &mut Builder<'_>, node: Node| {
            let node = builder.node(node);
            if let Some((call, ..)) = &call {
                builder.edge(*call, node, None);
            }
            node
        };
        for (name, variable) in &module.variables {
            let node = own(self, Node::Variable(addr.clone(), name.clone()));
            self.conditions(module, node, &variable.validations);
            if let Some((_, parent, call_name)) = &call {
                let caller = &self.config.modules[parent];
                let argument = caller.calls.get(call_name).and_then(|call| call.body.attribute(name));
                if let Some(argument) = argument {
                    self.expression(caller, node, &argument.expr);
                }
            }
        }
        self.imports(module);
        for (name, local) in &module.locals {
            let node = own(self, Node::Local(addr.clone(), name.clone()));
            self.expression(module, node, &local.value);
        }
        for (key, block) in &module.providers {
            let node = own(self, self_provider(module, key));
            self.references(module, node, body_references(&block.body, None));
        }
        for (name, call) in &module.calls {
            let node = own(self, Node::Call(addr.clone(), name.clone()));
            self.repetition(module, node, &call.repetition);
            self.depends_on(module, node, &call.depends_on);
        }
        for (resource_addr, resource) in &module.resources {
            let node = own(self, Node::Resource(ConfigAddr { module: addr.clone(), resource: resource_addr.clone() }));
            self.resource(module, node, resource);
        }
        for (name, output) in &module.outputs {
            let node = own(self, Node::Output(addr.clone(), name.clone()));
            self.expression(module, node, &output.value);
            self.depends_on(module, node, &output.depends_on);
            self.conditions(module, node, &output.preconditions);
        }
        for (name, check) in &module.checks {
            let node = own(self, Node::Check(addr.clone(), name.clone()));
            if let Some(data) = &check.data {
                let data = self.node(Node::Resource(ConfigAddr { module: addr.clone(), resource: data.clone() }));
                self.edge(data, node, None);
            }
            self.conditions(module, node, &check.asserts);
        }
    }

    fn resource(&mut self, module: &'a Module, node: NodeIndex, resource: &'a Resource) {
        let provider = self.config.provider_of(module, resource);
        let provider = self.node(Node::Provider(provider));
        self.edge(provider, node, resource.provider.as_ref().map(|reference| reference.range));
        self.repetition(module, node, &resource.repetition);
        self.references(module, node, body_references(&resource.body, None));
        self.depends_on(module, node, &resource.depends_on);
        for expression in &resource.lifecycle.replace_triggered_by {
            self.expression(module, node, expression);
        }
        self.conditions(module, node, &resource.lifecycle.preconditions);
        self.conditions(module, node, &resource.lifecycle.postconditions);
        for provisioner in &resource.provisioners {
            self.references(module, node, body_references(&provisioner.body, None));
            if let Some(connection) = &provisioner.connection {
                self.references(module, node, body_references(connection, None));
            }
        }
        if let Some(connection) = &resource.connection {
            self.references(module, node, body_references(connection, None));
        }
    }

    fn repetition(&mut self, module: &'a Module, node: NodeIndex, repetition: &Repetition) {
        match repetition {
            Repetition::Single => {}
            Repetition::Count(expression) | Repetition::ForEach(expression) => {
                self.expression(module, node, expression)
            }
        }
    }

    fn conditions(&mut self, module: &'a Module, node: NodeIndex, conditions: &[Condition]) {
        for condition in conditions {
            self.condition(module, node, &condition.condition);
            self.condition(module, node, &condition.error_message);
        }
    }

    /// A condition may mention the block it stands in: it is checked when that one's value is known.
    fn condition(&mut self, module: &'a Module, node: NodeIndex, expression: &Expression) {
        for reference in references(expression) {
            for target in self.targets(module, &reference) {
                if target != node {
                    self.edge(target, node, Some(reference.range));
                }
            }
        }
    }

    fn expression(&mut self, module: &'a Module, node: NodeIndex, expression: &Expression) {
        self.references(module, node, references(expression));
    }

    fn references(&mut self, module: &'a Module, node: NodeIndex, references: impl IntoIterator<Item = Reference>) {
        for reference in references {
            for target in self.targets(module, &reference) {
                if target == node {
                    self.diagnostics.push(self_reference(&self.dag[node], &reference));
                } else {
                    self.edge(target, node, Some(reference.range));
                }
            }
        }
    }

    /// The nodes that a reference of a module needs. Says so when there is no such block.
    fn targets(&mut self, module: &'a Module, reference: &Reference) -> Vec<NodeIndex> {
        let addr = module.addr.clone();
        let node = match &reference.subject {
            Subject::Variable(name) => Node::Variable(addr, name.clone()),
            Subject::Local(name) => Node::Local(addr, name.clone()),
            Subject::Resource(resource) => Node::Resource(ConfigAddr { module: addr, resource: resource.clone() }),
            Subject::Output(name) => Node::Output(addr, name.clone()),
            Subject::Module(name) => return self.call_targets(module, name, reference),
            Subject::EachKey
            | Subject::EachValue
            | Subject::CountIndex
            | Subject::PathModule
            | Subject::PathRoot
            | Subject::PathCwd
            | Subject::Workspace
            | Subject::Applying
            | Subject::SelfObject => return Vec::new(),
        };
        match self.index.get(&node) {
            Some(index) => vec![*index],
            None => {
                self.diagnostics.push(undeclared(module, reference));
                Vec::new()
            }
        }
    }

    /// `module.NAME.OUTPUT` needs that output; `module.NAME` needs them all.
    fn call_targets(&mut self, module: &'a Module, name: &Arc<str>, reference: &Reference) -> Vec<NodeIndex> {
        let Some(call) = self.index.get(&Node::Call(module.addr.clone(), name.clone())).copied() else {
            self.diagnostics.push(undeclared(module, reference));
            return Vec::new();
        };
        let child = module.addr.child(name.clone());
        let Some(called) = self.config.modules.get(&child) else {
            return vec![call];
        };
        let mut targets = vec![call];
        let output = output_name(&reference.rest).filter(|output| called.outputs.contains_key(*output));
        let names: Vec<&str> = match output {
            Some(name) => vec![name],
            None => called.outputs.keys().map(AsRef::as_ref).collect(),
        };
        targets.extend(names.iter().filter_map(|name| self.index.get(&Node::Output(child.clone(), (*name).into()))));
        targets
    }

    /// `depends_on = [module.NAME]` means all that the module makes, outputs or not.
    fn depends_on(&mut self, module: &'a Module, node: NodeIndex, references: &[Reference]) {
        self.references(module, node, references.iter().cloned());
        let mut named = Vec::new();
        for reference in references {
            named.extend(self.targets(module, reference));
            let Subject::Module(name) = &reference.subject else { continue };
            let child = module.addr.child(name.clone());
            for (addr, called) in self.config.modules.iter().filter(|(addr, _)| addr.0.starts_with(&child.0)) {
                for resource in called.resources.keys() {
                    let inside =
                        self.node(Node::Resource(ConfigAddr { module: addr.clone(), resource: resource.clone() }));
                    self.edge(inside, node, Some(reference.range));
                    named.push(inside);
                }
            }
        }
        if !named.is_empty() {
            self.named.insert(node, named);
        }
    }

    /// An import needs what its identifier is made of.
    fn imports(&mut self, module: &'a Module) {
        for import in &module.imports {
            let target =
                Node::Resource(ConfigAddr { module: import.module.clone(), resource: import.resource.clone() });
            let Some(node) = self.index.get(&target).copied() else {
                let detail = format!("The configuration has no block {target}, which the import is for.");
                self.diagnostics.push(
                    Diagnostic::error("Configuration for import target does not exist", detail)
                        .at(import.to.range())
                        .within(import.declared)
                        .hint(format!(
                            "Add `resource \"{}\" \"{}\" {{ .. }}`.",
                            import.resource.type_name, import.resource.name
                        )),
                );
                continue;
            };
            self.expression(module, node, &import.id);
            if let Some(for_each) = &import.for_each {
                self.expression(module, node, for_each);
            }
        }
    }

    fn edge(&mut self, from: NodeIndex, to: NodeIndex, place: Option<SourceRange>) {
        self.dag.add_edge(from, to, place);
    }
}

fn self_provider(module: &Module, key: &ProviderKey) -> Node {
    Node::Provider(ProviderConfigAddr {
        module: module.addr.clone(),
        provider: module.provider_addr(&key.local_name),
        alias: key.alias.clone(),
    })
}

/// The output in `module.NAME.OUTPUT` and `module.NAME[0].OUTPUT`.
fn output_name(rest: &[Step]) -> Option<&str> {
    match rest {
        [Step::Attr(step), ..] | [Step::Index(_), Step::Attr(step), ..] => Some(&step.name.name),
        [] | [Step::Index(_), ..] => None,
    }
}

fn self_reference(node: &Node, reference: &Reference) -> Diagnostic {
    Diagnostic::error(
        "Self-referential block",
        format!(
            "The configuration of {node} may not refer to itself: its value is not there before the block is evaluated."
        ),
    )
    .at(reference.range)
}

fn undeclared(module: &Module, reference: &Reference) -> Diagnostic {
    let place = if module.addr.is_root() { "the root module".to_string() } else { module.addr.to_string() };
    let (summary, detail, near) = match &reference.subject {
        Subject::Variable(name) => (
            "Reference to undeclared input variable",
            format!("An input variable with the name \"{name}\" has not been declared in {place}."),
            similar(name, module.variables.keys().map(AsRef::as_ref)).map(|near| format!("var.{near}")),
        ),
        Subject::Local(name) => (
            "Reference to undeclared local value",
            format!("A local value with the name \"{name}\" has not been declared in {place}."),
            similar(name, module.locals.keys().map(AsRef::as_ref)).map(|near| format!("local.{near}")),
        ),
        Subject::Module(name) => (
            "Reference to undeclared module",
            format!("No module call named \"{name}\" is declared in {place}."),
            similar(name, module.calls.keys().map(AsRef::as_ref)).map(|near| format!("module.{near}")),
        ),
        Subject::Resource(addr) => {
            let kind = match addr.mode {
                Mode::Managed => "managed resource",
                Mode::Data => "data resource",
                Mode::Ephemeral => "ephemeral resource",
            };
            let names: Vec<String> = module.resources.keys().map(ToString::to_string).collect();
            (
                "Reference to undeclared resource",
                format!("A {kind} \"{}\" \"{}\" has not been declared in {place}.", addr.type_name, addr.name),
                similar(&addr.to_string(), names.iter().map(String::as_str)).map(str::to_string),
            )
        }
        other => ("Reference to undeclared object", format!("There is no {other} in {place}."), None),
    };
    did_you_mean(Diagnostic::error(summary, detail).at(reference.range), near.as_deref())
}

/// One message for every group of blocks that need each other.
fn cycles(dag: &DiGraph<Node, Option<SourceRange>>, config: &Config) -> Diagnostics {
    petgraph::algo::tarjan_scc(dag)
        .into_iter()
        .filter(|group| group.len() > 1)
        .map(|group| cycle(dag, &group, &config.sources))
        .collect()
}

fn cycle(dag: &DiGraph<Node, Option<SourceRange>>, group: &[NodeIndex], sources: &SourceMap) -> Diagnostic {
    let path = shortest_cycle(dag, group);
    let mut sentences = Vec::new();
    let mut subject = None;
    for (needed, needing) in path.iter().zip(path.iter().skip(1).chain(path.first())) {
        let place = dag.edges_connecting(*needed, *needing).find_map(|edge| *edge.weight());
        subject = subject.or(place);
        let place = place.map_or(String::new(), |place| format!(" ({})", sources.describe(place)));
        sentences.push(format!("{} needs {}{place}", dag[*needing], dag[*needed]));
    }
    sentences.reverse();
    let names: Vec<String> = path.iter().rev().map(|node| dag[*node].to_string()).collect();
    Diagnostic::error(
        format!("Cycle: {}", names.join(", ")),
        format!("These blocks need each other, so none of them can come first: {}.", sentences.join("; ")),
    )
    .at(subject)
}

/// The shortest cycle through the first node of a strongly connected group, in the direction of the edges.
fn shortest_cycle(dag: &DiGraph<Node, Option<SourceRange>>, group: &[NodeIndex]) -> Vec<NodeIndex> {
    let inside: BTreeMap<NodeIndex, ()> = group.iter().map(|node| (*node, ())).collect();
    let start = *inside.keys().next().expect("a group has nodes");
    let mut from: HashMap<NodeIndex, NodeIndex> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for edge in dag.edges(node) {
            let next = edge.target();
            if next == start {
                let mut path = vec![node];
                while let Some(before) = from.get(path.last().expect("not empty")) {
                    path.push(*before);
                }
                path.reverse();
                return path;
            }
            if inside.contains_key(&next) && next != start && !from.contains_key(&next) {
                from.insert(next, node);
                queue.push_back(next);
            }
        }
    }
    unreachable!("every node of a strongly connected group is on a cycle")
}
