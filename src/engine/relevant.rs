//! The attributes of resources that the changes of a plan come from, as the `relevant_attributes` part of Terraform's plans
//! has them.
//!
//! From the arguments of every object and output that changes, mentions are followed through local values, variables, outputs
//! of modules and arguments of resources.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hcl::ast::{IndexKey, Step};
use lang::body::{Body, Item};
use lang::config::{Config, Output, Repetition};
use lang::reference::{Reference, Subject, body_references, references};
use model::address::{InstanceAddr, Key, ModuleInstance, ResourceAddr};
use model::checkable::Checkable;
use serde_json::{Value as Json, json};

use crate::plan::{Action, Plan};

/// What the changes of a plan come from: `resource` and `attribute` of each, by address.
pub fn attributes(config: &Config, plan: &Plan) -> Vec<Json> {
    let mut search = Search { config, pending: VecDeque::new(), visited: BTreeSet::new(), found: BTreeMap::new() };
    for change in plan.changes.iter().filter(|change| change.action != Action::NoOp) {
        let addr = &change.key.addr;
        let block = config.module(&addr.module.module()).and_then(|module| module.resources.get(&addr.resource));
        if let Some(block) = block {
            let container = Container::Resource(addr.resource.clone());
            search.mention(&addr.module, Some(&container), body_references(&block.body, None));
        }
    }
    let root = ModuleInstance::root();
    for output in plan.outputs.iter().filter(|output| output.is_change()) {
        if let Some(block) = config.root().outputs.get(&output.name) {
            search.mention(&root, None, references(&block.value));
        }
    }
    // Outputs of modules count as new each time.
    for addr in &plan.module_outputs {
        let block = config.module(&addr.module.module());
        if let (Some(block), Checkable::Output(name)) = (block, &addr.object)
            && let Some(output) = block.outputs.get(name)
        {
            search.mention(&addr.module, None, references(&output.value));
        }
    }
    search.run();
    search.found.into_values().collect()
}

/// The block whose `count` or `for_each` a mention of `count.index` or `each.key` means.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Container {
    Resource(ResourceAddr),
    Call(std::sync::Arc<str>),
}

/// What was followed: a subject in a module, with the block around it, and the instance and output of a module.
type Followed = (ModuleInstance, Option<Container>, Subject, Option<Key>, Option<String>);

struct Search<'a> {
    config: &'a Config,
    pending: VecDeque<(ModuleInstance, Option<Container>, Reference)>,
    /// Blocks that were followed, by what they are in which module.
    visited: BTreeSet<Followed>,
    found: BTreeMap<(String, String), Json>,
}

impl<'a> Search<'a> {
    fn mention(&mut self, module: &ModuleInstance, container: Option<&Container>, mentioned: Vec<Reference>) {
        self.pending.extend(mentioned.into_iter().map(|one| (module.clone(), container.cloned(), one)));
    }

    fn run(&mut self) {
        while let Some((module, container, reference)) = self.pending.pop_front() {
            let key = reference.key();
            match &reference.subject {
                Subject::Resource(resource) => {
                    self.record(&module, resource, &reference, key.clone());
                    self.search_arguments(&module, resource, &reference, key);
                }
                subject => {
                    let output = output_name(&reference).map(String::from);
                    let step = (module.clone(), container.clone(), subject.clone(), key.clone(), output.clone());
                    if self.visited.insert(step) {
                        self.follow(&module, container, subject, key, output.as_deref());
                    }
                }
            }
        }
    }

    fn record(&mut self, module: &ModuleInstance, resource: &ResourceAddr, reference: &Reference, key: Option<Key>) {
        let rest = &reference.rest[usize::from(key.is_some())..];
        let path: Json = rest.iter().map(step_json).collect();
        let addr = InstanceAddr { module: module.clone(), resource: resource.clone(), key }.to_string();
        self.found.insert((addr.clone(), path.to_string()), json!({"resource": addr, "attribute": path}));
    }

    /// What an attribute is made of is followed too, if it is an argument; of an object as a whole, all arguments.
    fn search_arguments(
        &mut self,
        module: &ModuleInstance,
        resource: &ResourceAddr,
        reference: &Reference,
        key: Option<Key>,
    ) {
        let config: &'a Config = self.config;
        let name = match reference.rest.get(usize::from(key.is_some())) {
            Some(Step::Attr(step)) => Some(step.name.name.to_string()),
            Some(Step::Index(_)) | None => None,
        };
        let step = (module.clone(), None, reference.subject.clone(), key, name.clone());
        let block = config.module(&module.module()).and_then(|config| config.resources.get(resource));
        let (Some(block), true) = (block, self.visited.insert(step)) else { return };
        let mentioned = body_references_of(&block.body, name.as_deref());
        self.mention(module, Some(&Container::Resource(resource.clone())), mentioned);
    }

    fn follow(
        &mut self,
        module: &ModuleInstance,
        container: Option<Container>,
        subject: &Subject,
        key: Option<Key>,
        named: Option<&str>,
    ) {
        let config: &'a Config = self.config;
        let Some(block) = config.module(&module.module()) else { return };
        match subject {
            Subject::Local(name) => {
                if let Some(local) = block.locals.get(name) {
                    self.mention(module, None, references(&local.value));
                }
            }
            Subject::Variable(name) => {
                let (Some(parent), Some((call, _))) = (module.parent(), module.0.last()) else { return };
                let caller = config.module(&parent.module()).and_then(|caller| caller.calls.get(call));
                if let Some(argument) = caller.and_then(|call| call.body.attribute(name)) {
                    self.mention(&parent, Some(&Container::Call(call.clone())), references(&argument.expr));
                }
            }
            Subject::Module(name) => {
                let child = module.child(name.clone(), key);
                let Some(called) = config.module(&child.module()) else { return };
                let is_meant = |output: &&Output| named.is_none_or(|named| *output.name == *named);
                for output in called.outputs.values().filter(is_meant) {
                    self.mention(&child, None, references(&output.value));
                }
            }
            Subject::EachKey | Subject::EachValue | Subject::CountIndex => {
                let repetition = match &container {
                    Some(Container::Resource(addr)) => block.resources.get(addr).map(|block| &block.repetition),
                    Some(Container::Call(name)) => block.calls.get(name).map(|call| &call.repetition),
                    None => None,
                };
                match repetition {
                    Some(Repetition::Count(expression) | Repetition::ForEach(expression)) => {
                        self.mention(module, None, references(expression));
                    }
                    Some(Repetition::Single) | None => {}
                }
            }
            Subject::Resource(_)
            | Subject::Output(_)
            | Subject::Run(_)
            | Subject::Check(_)
            | Subject::PathModule
            | Subject::PathRoot
            | Subject::PathCwd
            | Subject::Workspace
            | Subject::Applying
            | Subject::SelfObject => {}
        }
    }
}

/// What an argument of a body mentions; without a name, all of them.
fn body_references_of(body: &Body, name: Option<&str>) -> Vec<Reference> {
    let Some(name) = name else { return body_references(body, None) };
    let is_named = |item: &&Item| match item {
        Item::Attribute(attribute) => *attribute.name == *name,
        Item::Block(block) => block.made_kind() == name,
    };
    body_references(&Body { items: body.items.iter().filter(is_named).cloned().collect(), ..body.clone() }, None)
}

/// The output of a module that a reference names; `None` where it means the module as a whole, and for everything else.
fn output_name(reference: &Reference) -> Option<&str> {
    match (&reference.subject, reference.rest.as_slice()) {
        (Subject::Module(_), [Step::Attr(step), ..] | [Step::Index(_), Step::Attr(step), ..]) => Some(&step.name.name),
        _ => None,
    }
}

fn step_json(step: &Step) -> Json {
    match step {
        Step::Attr(step) => step.name.name.as_str().into(),
        Step::Index(step) => match &step.key {
            IndexKey::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| number.as_str().into()),
            IndexKey::String(name) => name.as_str().into(),
        },
    }
}
