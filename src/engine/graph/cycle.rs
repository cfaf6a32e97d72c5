//! Blocks that need each other: the shortest circle of each group, with the places where they mention one another.

use std::collections::{BTreeSet, HashMap, VecDeque};

use lang::config::Config;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{SourceMap, SourceRange};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::Node;

/// One message for every group of blocks that need each other.
pub(super) fn cycles(dag: &DiGraph<Node, Option<SourceRange>>, config: &Config) -> Diagnostics {
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
    let inside: BTreeSet<NodeIndex> = group.iter().copied().collect();
    let start = *inside.first().expect("a group has nodes");
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
            if inside.contains(&next) && next != start && !from.contains_key(&next) {
                from.insert(next, node);
                queue.push_back(next);
            }
        }
    }
    unreachable!("every node of a strongly connected group is on a cycle")
}
