//! Visits the nodes of a graph, each after those it needs, those that don't need each other at the same time.

use std::collections::VecDeque;
use std::future::Future;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use petgraph::graph::NodeIndex;

use crate::evaluator::Failed;
use crate::graph::Graph;

/// Visits all nodes. What needs a node that failed is not visited; everything else is.
pub async fn walk<F: Future<Output = Result<(), Failed>>>(graph: &Graph, visit: impl Fn(NodeIndex) -> F) {
    let mut waiting: Vec<usize> = graph.dag.node_indices().map(|node| graph.needs(node).count()).collect();
    let mut reachable: Vec<bool> = vec![true; graph.dag.node_count()];
    let mut ready: VecDeque<(NodeIndex, bool)> =
        graph.order.iter().filter(|node| waiting[node.index()] == 0).map(|node| (*node, true)).collect();
    let mut running = FuturesUnordered::new();
    loop {
        // Those that were skipped pass on at once; the others are started in the order they became ready.
        let (node, succeeded) = if let Some((node, run)) = ready.pop_front() {
            if run {
                let visited = visit(node);
                running.push(async move { (node, visited.await.is_ok()) });
                continue;
            }
            (node, false)
        } else if let Some(finished) = running.next().await {
            finished
        } else {
            return;
        };
        for next in graph.needed_by(node) {
            reachable[next.index()] &= succeeded;
            waiting[next.index()] -= 1;
            if waiting[next.index()] == 0 {
                ready.push_back((next, reachable[next.index()]));
            }
        }
    }
}
