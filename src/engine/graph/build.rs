//! From the blocks of a configuration to nodes, and from what they mention to edges.

use std::collections::HashMap;
use std::sync::Arc;

use hcl::ast::Step;
use lang::config::{Condition, Config, Module, ProviderKey, Repetition, Resource};
use lang::expression::Expression;
use lang::reference::{Reference, Subject, body_references, references};
use lang::suggestion::{did_you_mean, similar};
use model::address::{ConfigAddr, Mode, ProviderConfigAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceRange;
use petgraph::graph::{DiGraph, NodeIndex};

use super::Node;

/// What building gives.
pub(super) struct Built {
    pub dag: DiGraph<Node, Option<SourceRange>>,
    pub index: HashMap<Node, NodeIndex>,
    /// What each block names in its `depends_on`.
    pub named: HashMap<NodeIndex, Vec<NodeIndex>>,
    /// Mentions of blocks that are not there, and of blocks by themselves.
    pub diagnostics: Diagnostics,
}

/// Makes the nodes and edges of all modules.
pub(super) fn build(config: &Config) -> Built {
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
    let Builder { dag, index, named, diagnostics, .. } = builder;
    Built { dag, index, named, diagnostics }
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
        for expression in resource.lifecycle.prevent_destroy.iter().chain(&resource.lifecycle.replace_triggered_by) {
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
            | Subject::Run(_)
            | Subject::Check(_)
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

    /// `module.NAME.OUTPUT` needs that output; `module.NAME` needs them all, and waits for all that the module makes.
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
        if output.is_none() {
            targets.extend(self.made_in(&child));
        }
        targets
    }

    /// `depends_on = [module.NAME]` means all that the module makes, outputs or not.
    fn depends_on(&mut self, module: &'a Module, node: NodeIndex, references: &[Reference]) {
        self.references(module, node, references.iter().cloned());
        let mut named = Vec::new();
        for reference in references {
            named.extend(self.targets(module, reference));
            let Subject::Module(name) = &reference.subject else { continue };
            for inside in self.made_in(&module.addr.child(name.clone())) {
                self.edge(inside, node, Some(reference.range));
                named.push(inside);
            }
        }
        if !named.is_empty() {
            self.named.insert(node, named);
        }
    }

    /// The resources of a module and of those it calls.
    fn made_in(&mut self, module: &model::address::ModuleAddr) -> Vec<NodeIndex> {
        let config = self.config;
        let within = config.modules.iter().filter(|(addr, _)| addr.0.starts_with(&module.0));
        let resources = within.flat_map(|(addr, called)| called.resources.keys().map(move |resource| (addr, resource)));
        resources
            .map(|(addr, resource)| {
                self.node(Node::Resource(ConfigAddr { module: addr.clone(), resource: resource.clone() }))
            })
            .collect()
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
                            "Add `resource \"{}\" \"{}\" {{ .. }}`, or have it written: infra plan -generate-config-out=FILE",
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
