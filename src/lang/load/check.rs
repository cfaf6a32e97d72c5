//! `check` blocks.

use model::address::Mode;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceMap;

use super::resource::resource;
use super::statics::name;
use super::values::condition;
use crate::arguments::{Grammar, Kind};
use crate::body::Block;
use crate::config::{Check, Resource};

const CHECK: Grammar = Grammar::new(&[], &[], &[Kind::new("data", &["type", "name"]), Kind::new("assert", &[])]);

/// Reads a check and the data source inside it.
pub(super) fn check(block: &Block, sources: &SourceMap, diagnostics: &mut Diagnostics) -> (Check, Option<Resource>) {
    let name = name(&block.labels[0], "check block", diagnostics);
    let content = CHECK.read(&block.body, diagnostics);
    let mut data: Option<Resource> = None;
    for nested in content.blocks_of("data") {
        if let Some(first) = &data {
            diagnostics.push(
                Diagnostic::error(
                    "Multiple data resource blocks",
                    format!(
                        "A check can have one data source, and it has that at {}.",
                        sources.describe(first.declared)
                    ),
                )
                .at(nested.header),
            );
            continue;
        }
        refuse_repetition(nested, diagnostics);
        let mut resource = resource(nested, Mode::Data, diagnostics);
        resource.check = Some(name.clone());
        data = Some(resource);
    }
    let asserts: Vec<_> = content.blocks_of("assert").map(|block| condition(block, diagnostics)).collect();
    if asserts.is_empty() {
        diagnostics.push(
            Diagnostic::error("Zero assert blocks", "A check without an `assert` block checks nothing.")
                .at(block.header),
        );
    }
    let check = Check { name, data: data.as_ref().map(|data| data.addr.clone()), asserts, declared: block.header };
    (check, data)
}

fn refuse_repetition(nested: &Block, diagnostics: &mut Diagnostics) {
    for name in ["count", "for_each"] {
        if let Some(attribute) = nested.body.attribute(name) {
            diagnostics.push(
                Diagnostic::error(
                    format!("Invalid \"{name}\" attribute"),
                    "The data source of a check is read once, so it can't have `count` or `for_each`.",
                )
                .at(attribute.name_range),
            );
        }
    }
    for lifecycle in nested.body.blocks_of("lifecycle") {
        diagnostics.push(
            Diagnostic::error(
                "Invalid lifecycle block",
                "The data source of a check has no lifecycle of its own; what it must fulfil is said by the assertions.",
            )
            .at(lifecycle.kind_range),
        );
    }
}
