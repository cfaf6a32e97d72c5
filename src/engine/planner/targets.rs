//! `-target` and `-exclude`: which blocks and instances a plan is limited to.

use model::address::{ConfigAddr, InstanceAddr, Key, Target};
use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::Options;
use crate::evaluator::Evaluator;
use crate::graph::Node;
use crate::plan::PlanMode;

/// The part of the graph that is planned.
pub(super) struct Selection {
    /// Blocks that are planned with all their instances.
    needed: Vec<bool>,
    /// Blocks of which some instances are planned.
    named: Vec<bool>,
    rule: Rule,
}

/// Which instances of a block are planned.
enum Rule {
    /// Those that are named.
    Only(Vec<Target>),
    /// All but those that are named.
    Except(Vec<Target>),
}

/// What the targets, or the exclusions, select; `None` when there are none.
pub(super) fn select(evaluator: &Evaluator<'_>, options: &Options) -> Option<Selection> {
    if !options.excludes.is_empty() {
        return Some(all_but(evaluator, options));
    }
    if options.targets.is_empty() || options.mode == PlanMode::Destroy {
        return (!options.targets.is_empty()).then(|| Selection {
            needed: vec![true; evaluator.graph.dag.node_count()],
            named: Vec::new(),
            rule: Rule::Only(options.targets.clone()),
        });
    }
    let graph = evaluator.graph;
    let mut selection = Selection {
        needed: vec![false; graph.dag.node_count()],
        named: vec![false; graph.dag.node_count()],
        rule: Rule::Only(options.targets.clone()),
    };
    let named: Vec<NodeIndex> =
        graph.order.iter().copied().filter(|node| is_named(&graph.dag[*node], &options.targets)).collect();
    for node in &named {
        selection.named[node.index()] = true;
    }
    for node in graph.reach(named, Direction::Incoming) {
        selection.needed[node.index()] = true;
    }
    // Outputs come along when all objects that they need are there, with what else they need.
    for node in graph.order.iter().filter(|node| matches!(graph.dag[**node], Node::Output(..))) {
        let needed = graph.reach([*node], Direction::Incoming);
        let mut objects = needed.iter().filter(|needed| graph.dag[**needed].resource().is_some()).peekable();
        let is_complete = objects.peek().is_some()
            && objects.all(|needed| selection.has(*needed) && !is_partial(&selection, &options.targets, *needed));
        if is_complete {
            selection.needed[node.index()] = true;
            for needed in needed.into_iter().filter(|needed| graph.dag[*needed].resource().is_none()) {
                selection.needed[needed.index()] = true;
            }
        }
    }
    Some(selection)
}

/// Everything but what is excluded and what depends on it.
///
/// An excluded instance leaves the others of its block in the plan. What depends on the block may depend on that instance,
/// unless it is excluded for the same module instance itself.
fn all_but(evaluator: &Evaluator<'_>, options: &Options) -> Selection {
    let graph = evaluator.graph;
    let rule = Rule::Except(options.excludes.clone());
    let mut selection = Selection { needed: vec![true; graph.dag.node_count()], named: Vec::new(), rule };
    selection.named.resize(graph.dag.node_count(), false);
    // A destroy keeps what the excluded objects need, which is another matter.
    if options.mode == PlanMode::Destroy {
        return selection;
    }
    let mut out = vec![false; graph.dag.node_count()];
    for target in &options.excludes {
        let named: Vec<NodeIndex> = graph
            .order
            .iter()
            .copied()
            .filter(|node| is_named(&graph.dag[*node], std::slice::from_ref(target)))
            .collect();
        for node in &named {
            selection.needed[node.index()] = false;
            selection.named[node.index()] = true;
            out[node.index()] |= names_all(target);
        }
        for node in graph.reach(named, Direction::Outgoing) {
            out[node.index()] = true;
        }
    }
    for (index, _) in out.into_iter().enumerate().filter(|(_, is_out)| *is_out) {
        selection.needed[index] = false;
        selection.named[index] = false;
    }
    selection
}

/// Whether a target names all instances of the blocks that it is about.
fn names_all(target: &Target) -> bool {
    let unkeyed = |steps: &[(std::sync::Arc<str>, Option<Key>)]| steps.iter().all(|(_, key)| key.is_none());
    match target {
        Target::Module(module) | Target::Resource(module, _) => unkeyed(&module.0),
        Target::Instance(_) => false,
    }
}

/// Whether only some instances of a block are planned.
fn is_partial(selection: &Selection, targets: &[Target], node: NodeIndex) -> bool {
    selection.named[node.index()]
        && !selection.needed[node.index()]
        && targets.iter().any(|target| matches!(target, Target::Instance(_)))
}

fn is_named(node: &Node, targets: &[Target]) -> bool {
    node.resource().is_some_and(|addr| targets.iter().any(|target| is_of(addr, target)))
}

/// Whether a target names instances of a block.
fn is_of(block: &ConfigAddr, target: &Target) -> bool {
    match target {
        Target::Module(module) => block.module.0.starts_with(&module.module().0),
        Target::Resource(module, resource) => block.module == module.module() && block.resource == *resource,
        Target::Instance(instance) => *block == instance.config(),
    }
}

impl Selection {
    /// Whether anything of a block is planned.
    pub(super) fn has(&self, node: NodeIndex) -> bool {
        self.needed[node.index()] || self.named[node.index()]
    }

    /// Whether an instance of a block is planned.
    pub(super) fn contains(&self, node: NodeIndex, addr: &InstanceAddr) -> bool {
        self.needed[node.index()] || self.named[node.index()] && self.allows(addr)
    }

    /// Whether an instance without a block is planned, which is recorded to depend on these blocks.
    pub(super) fn contains_orphan(&self, addr: &InstanceAddr, dependencies: &[ConfigAddr]) -> bool {
        self.allows(addr)
            && match &self.rule {
                Rule::Only(_) => true,
                Rule::Except(targets) => !dependencies.iter().any(|block| targets.iter().any(|one| is_of(block, one))),
            }
    }

    fn allows(&self, addr: &InstanceAddr) -> bool {
        match &self.rule {
            Rule::Only(targets) => targets.iter().any(|target| target.contains(addr)),
            Rule::Except(targets) => !targets.iter().any(|target| target.contains(addr)),
        }
    }
}
