//! The graph of resources alone, for people: what each needs directly, other blocks passed through.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::address::{ConfigAddr, Mode, ModuleAddr};
use petgraph::adj::IndexType;
use petgraph::algo::tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::{Graph, Node};

/// Which resources need which, without what follows from the rest.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Resources {
    /// What each needs, in the order of [`sort_key`]: the root module first, data sources before managed resources.
    pub needs: BTreeMap<Position, BTreeSet<Position>>,
}

/// A resource in the order in which graphs list them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    module: ModuleAddr,
    managed: bool,
    text: String,
    pub addr: ConfigAddr,
}

impl Position {
    fn new(addr: &ConfigAddr) -> Position {
        Position {
            module: addr.module.clone(),
            managed: addr.resource.mode == Mode::Managed,
            text: addr.resource.to_string(),
            addr: addr.clone(),
        }
    }
}

impl Graph {
    /// The resources, data sources and ephemeral resources in their dependencies.
    pub fn resources(&self) -> Resources {
        let mut direct: DiGraph<&ConfigAddr, ()> = DiGraph::new();
        let mut index: HashMap<NodeIndex, NodeIndex> = HashMap::new();
        // What a block that is no resource passes on to those that need it.
        let mut passed: HashMap<NodeIndex, BTreeSet<NodeIndex>> = HashMap::new();
        for node in &self.order {
            let mut needed = BTreeSet::new();
            for before in self.needs(*node) {
                match index.get(&before) {
                    Some(resource) => drop(needed.insert(*resource)),
                    None => needed.extend(passed.get(&before).into_iter().flatten()),
                }
            }
            match &self.dag[*node] {
                Node::Resource(addr) => {
                    let resource = direct.add_node(addr);
                    for before in needed {
                        direct.add_edge(before, resource, ());
                    }
                    index.insert(*node, resource);
                }
                Node::Variable(..) | Node::Local(..) | Node::Output(..) => drop(passed.insert(*node, needed)),
                Node::Call(..) | Node::Provider(_) | Node::Check(..) => drop(passed.insert(*node, needed)),
            }
        }
        reduced(&direct)
    }
}

/// The graph without edges that others imply.
fn reduced(direct: &DiGraph<&ConfigAddr, ()>) -> Resources {
    // Nodes were added after those that they need.
    let order: Vec<NodeIndex> = direct.node_indices().collect();
    let (list, rank) = dag_to_toposorted_adjacency_list::<_, u32>(direct, &order);
    let (reduction, _) = dag_transitive_reduction_closure(&list);
    let mut node_at = vec![NodeIndex::end(); order.len()];
    for (node, rank) in rank.iter().enumerate() {
        node_at[rank.index()] = NodeIndex::new(node);
    }
    let mut needs: BTreeMap<Position, BTreeSet<Position>> =
        direct.node_weights().map(|addr| (Position::new(addr), BTreeSet::new())).collect();
    for edge in petgraph::visit::IntoEdgeReferences::edge_references(&reduction) {
        let [before, after] =
            [edge.source(), edge.target()].map(|rank| Position::new(direct[node_at[IndexType::index(&rank)]]));
        needs.entry(after).or_default().insert(before);
    }
    Resources { needs }
}
