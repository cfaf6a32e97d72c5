//! Dependency graphs in the DOT language of Graphviz.

use std::fmt::Write;

use engine::graph::resources::Resources;
use engine::graph::{Graph, Node};

use crate::escape::inert_line;

/// The resources of a configuration by module, with an arrow from each to what it needs.
pub fn resources(resources: &Resources) -> String {
    let mut out = String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(out, "{text}").expect("writing to a string never fails");
    let mut module = None;
    for position in resources.needs.keys() {
        let addr = &position.addr;
        let (id, label) = (text(&addr.to_string()), text(&addr.resource.to_string()));
        if addr.module.is_root() {
            line(format_args!("  {id} [label={label}];"));
            continue;
        }
        if module != Some(&addr.module) {
            if module.is_some() {
                line(format_args!("  }}"));
            }
            let name = addr.module.to_string();
            line(format_args!("  subgraph {} {{", text(&format!("cluster_{name}"))));
            line(format_args!("    label = {}\n    fontname = \"sans-serif\"", text(&name)));
            module = Some(&addr.module);
        }
        line(format_args!("    {id} [label={label}];"));
    }
    if module.is_some() {
        line(format_args!("  }}"));
    }
    for (position, needs) in &resources.needs {
        for needed in needs {
            let [from, to] = [position, needed].map(|position| text(&position.addr.to_string()));
            line(format_args!("  {from} -> {to};"));
        }
    }
    out.push_str("}\n");
    out
}

/// All blocks of a configuration, with an arrow from each to what it mentions.
pub fn blocks(graph: &Graph) -> String {
    let mut out = String::from("digraph G {\n  rankdir = \"RL\";\n  node [fontname = \"sans-serif\"];\n");
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(out, "{text}").expect("writing to a string never fails");
    let mut order = graph.order.clone();
    order.sort_by_key(|node| &graph.dag[*node]);
    for node in &order {
        let node = &graph.dag[*node];
        let shape = match node {
            Node::Resource(_) => "box",
            Node::Provider(_) => "diamond",
            Node::Variable(..) | Node::Output(..) => "note",
            Node::Local(..) | Node::Check(..) => "ellipse",
            Node::Call(..) => "folder",
        };
        line(format_args!("  {} [shape = {shape}];", text(&node.to_string())));
    }
    for node in &order {
        let mut needs: Vec<String> = graph.needs(*node).map(|needed| graph.dag[needed].to_string()).collect();
        needs.sort();
        for needed in needs {
            line(format_args!("  {} -> {};", text(&graph.dag[*node].to_string()), text(&needed)));
        }
    }
    out.push_str("}\n");
    out
}

fn text(text: &str) -> String {
    format!("\"{}\"", inert_line(text).replace('\\', "\\\\").replace('"', "\\\""))
}
