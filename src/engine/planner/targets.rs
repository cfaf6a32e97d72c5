//! `-target`: which blocks and instances a plan is limited to.

use model::address::{InstanceAddr, Target};
use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::Options;
use crate::evaluator::Evaluator;
use crate::graph::Node;
use crate::plan::PlanMode;

/// The part of the graph that is planned.
pub(super) struct Selection {
    /// Blocks that something targeted needs: all their instances.
    needed: Vec<bool>,
    /// Blocks of which instances are targeted.
    named: Vec<bool>,
    targets: Vec<Target>,
}

/// What the targets select; `None` when there are none.
pub(super) fn select(evaluator: &Evaluator<'_>, options: &Options) -> Option<Selection> {
    if options.targets.is_empty() || options.mode == PlanMode::Destroy {
        return (!options.targets.is_empty()).then(|| Selection {
            needed: vec![true; evaluator.graph.dag.node_count()],
            named: Vec::new(),
            targets: options.targets.clone(),
        });
    }
    let graph = evaluator.graph;
    let mut selection = Selection {
        needed: vec![false; graph.dag.node_count()],
        named: vec![false; graph.dag.node_count()],
        targets: options.targets.clone(),
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
            && objects.all(|needed| selection.has(*needed) && !is_partial(&selection, *needed));
        if is_complete {
            selection.needed[node.index()] = true;
            for needed in needed.into_iter().filter(|needed| graph.dag[*needed].resource().is_none()) {
                selection.needed[needed.index()] = true;
            }
        }
    }
    Some(selection)
}

/// Whether only some instances of a block are planned.
fn is_partial(selection: &Selection, node: NodeIndex) -> bool {
    selection.named[node.index()]
        && !selection.needed[node.index()]
        && selection.targets.iter().any(|target| matches!(target, Target::Instance(_)))
}

fn is_named(node: &Node, targets: &[Target]) -> bool {
    let Some(addr) = node.resource() else { return false };
    targets.iter().any(|target| match target {
        Target::Module(module) => addr.module.0.starts_with(&module.module().0),
        Target::Resource(module, resource) => addr.module == module.module() && addr.resource == *resource,
        Target::Instance(instance) => addr.module == instance.module.module() && addr.resource == instance.resource,
    })
}

impl Selection {
    /// Whether anything of a block is planned.
    pub(super) fn has(&self, node: NodeIndex) -> bool {
        self.needed[node.index()] || self.named[node.index()]
    }

    /// Whether an instance of a block is planned.
    pub(super) fn contains(&self, node: NodeIndex, addr: &InstanceAddr) -> bool {
        self.needed[node.index()] || self.names(addr)
    }

    /// Whether a target names an instance itself.
    pub(super) fn names(&self, addr: &InstanceAddr) -> bool {
        self.targets.iter().any(|target| target.contains(addr))
    }
}
