//! `module` blocks.

use model::diagnostic::{Diagnostic, Diagnostics};

use super::provider::{invalid_constraint, provider_ref};
use super::resource::repetition;
use super::statics::{depends_on, name, text_argument};
use crate::arguments::{Content, Grammar, Kind};
use crate::body::Block;
use crate::config::{ModuleCall, PassedProvider, ProviderKey, ProviderRef};
use crate::expression::range;
use crate::version::Constraint;
use hcl::ast::{Expr, ObjectKey};

const MODULE: Grammar =
    Grammar::new(&["source"], &["version", "count", "for_each", "depends_on", "providers"], &[Kind::new("_", &[])])
        .reserving("module", &[], &["lifecycle", "locals", "provider"]);

pub(super) fn call(block: &Block, diagnostics: &mut Diagnostics) -> ModuleCall {
    let name = name(&block.labels[0], "module instance", diagnostics);
    let content = MODULE.read_partial(&block.body, diagnostics);
    let source = text_argument(&content, "source", diagnostics);
    let version = text_argument(&content, "version", diagnostics);
    if let (Some(version), Some(attribute)) = (&version, content.attribute("version")) {
        if version.parse::<Constraint>().is_err() {
            diagnostics.push(invalid_constraint().at(attribute.expr.range()));
        } else if source.as_deref().is_some_and(is_local) {
            let at = content.attribute("source").map_or(attribute.range, |source| source.expr.range());
            diagnostics.push(
                Diagnostic::error(
                    "Invalid registry module source address",
                    "The call has a `version`, which only modules of a registry have, and the source is a folder.",
                )
                .at(at)
                .hint("Leave out `version`, or name a module of a registry: NAMESPACE/NAME/PROVIDER"),
            );
        }
    }
    let source_range = content.attribute("source").map_or(block.header, |attribute| attribute.expr.range());
    ModuleCall {
        name,
        source: source.unwrap_or_default(),
        source_range,
        version,
        repetition: repetition(&content, diagnostics),
        providers: passed_providers(&content, diagnostics),
        depends_on: depends_on(&content, diagnostics),
        declared: block.header,
        body: content.into_rest(),
    }
}

/// Whether a module source is a folder relative to the caller's. A lone dot is none, as in Terraform.
pub fn is_local(source: &str) -> bool {
    ["./", "../", ".\\", "..\\"].iter().any(|prefix| source.starts_with(prefix))
}

pub(super) fn passed_providers(content: &Content, diagnostics: &mut Diagnostics) -> Vec<PassedProvider> {
    let Some(attribute) = content.attribute("providers") else { return Vec::new() };
    let file = attribute.expr.file;
    let Some(entries) = attribute.expr.node.as_object() else {
        diagnostics.push(
            Diagnostic::error(
                "Invalid expression",
                "The argument `providers` must be a map that is written out, in braces.",
            )
            .at(attribute.expr.range()),
        );
        return Vec::new();
    };
    let mut passed: Vec<PassedProvider> = Vec::new();
    for entry in entries {
        let inner = match &entry.key {
            ObjectKey::Ident(ident) => Some(ProviderRef {
                key: ProviderKey { local_name: ident.name.as_str().into(), alias: None },
                range: range(file, ident.span),
            }),
            ObjectKey::Expr(key) => provider_ref(file, unparenthesised(key), diagnostics),
        };
        let outer = provider_ref(file, &entry.value, diagnostics);
        let (Some(inner), Some(outer)) = (inner, outer) else { continue };
        if passed.iter().any(|other| other.inner.key == inner.key) {
            diagnostics.push(
                Diagnostic::error(
                    "Duplicate provider address",
                    format!("A configuration for `{}` is passed already.", inner.key),
                )
                .at(outer.range),
            );
            continue;
        }
        passed.push(PassedProvider { inner, outer });
    }
    passed
}

fn unparenthesised(expr: &Expr) -> &Expr {
    expr.without_parens()
}
