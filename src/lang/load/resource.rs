//! `resource`, `data` and `ephemeral` blocks.

use model::address::{Mode, ResourceAddr};
use model::diagnostic::{Diagnostic, Diagnostics};

use super::lifecycle::lifecycle;
use super::provider::provider_ref;
use super::provisioner::provisioner;
use super::statics::{checked_name, depends_on, name};
use crate::arguments::{Content, Grammar, Kind};
use crate::body::Block;
use crate::config::{Lifecycle, Repetition, Resource};

const ARGUMENTS: &[&str] = &["count", "for_each", "provider", "depends_on"];

const MANAGED: Grammar = Grammar::new(
    &[],
    ARGUMENTS,
    &[
        Kind::new("lifecycle", &[]),
        Kind::new("connection", &[]),
        Kind::new("provisioner", &["type"]),
        Kind::new("_", &[]),
    ],
)
.reserving("resource", &[], &["locals"]);

const DATA: Grammar = Grammar::new(&[], ARGUMENTS, &[Kind::new("lifecycle", &[]), Kind::new("_", &[])]).reserving(
    "data",
    &[],
    &["locals"],
);

const EPHEMERAL: Grammar = Grammar::new(&[], ARGUMENTS, &[Kind::new("lifecycle", &[]), Kind::new("_", &[])]).reserving(
    "ephemeral",
    &[],
    &["locals"],
);

pub(super) fn resource(block: &Block, mode: Mode, diagnostics: &mut Diagnostics) -> Resource {
    let [type_label, name_label] = &block.labels[..] else { unreachable!("the grammar asks for two labels") };
    let (what, type_summary, grammar) = match mode {
        Mode::Managed => ("resource", "Invalid resource type name", MANAGED),
        Mode::Data => ("data resource", "Invalid data source name", DATA),
        Mode::Ephemeral => ("ephemeral resource", "Invalid ephemeral resource type", EPHEMERAL),
    };
    let addr = ResourceAddr {
        mode,
        type_name: checked_name(type_label, type_summary, diagnostics),
        name: name(name_label, what, diagnostics),
    };
    let content = grammar.read_partial(&block.body, diagnostics);
    let lifecycle = match content.single_block("lifecycle", what, diagnostics) {
        Some(block) => lifecycle(block, mode, diagnostics),
        None => Lifecycle::default(),
    };
    let provider = content
        .attribute("provider")
        .and_then(|attribute| provider_ref(attribute.expr.file, &attribute.expr.node, diagnostics));
    let connection = content.single_block("connection", what, diagnostics).map(|block| block.body.clone());
    let provisioners = content.blocks_of("provisioner").filter_map(|block| provisioner(block, diagnostics)).collect();
    Resource {
        addr,
        repetition: repetition(&content, diagnostics),
        provider,
        depends_on: depends_on(&content, diagnostics),
        lifecycle,
        connection,
        provisioners,
        check: None,
        declared: block.header,
        type_range: type_label.range,
        body: content.into_rest(),
    }
}

/// What `count` and `for_each` say.
pub(super) fn repetition(content: &Content, diagnostics: &mut Diagnostics) -> Repetition {
    match (content.attribute("count"), content.attribute("for_each")) {
        (Some(count), Some(for_each)) => {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid combination of \"count\" and \"for_each\"",
                    "Either `count` or `for_each` says how many instances there are, never both.",
                )
                .at(for_each.name_range),
            );
            Repetition::Count(count.expr.clone())
        }
        (Some(count), None) => Repetition::Count(count.expr.clone()),
        (None, Some(for_each)) => Repetition::ForEach(for_each.expr.clone()),
        (None, None) => Repetition::Single,
    }
}
