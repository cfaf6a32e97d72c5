//! `provider` blocks, and the mentions of provider configurations elsewhere.

use hcl::ast::{Expr, Step};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::FileId;

use super::statics::{name, static_traversal, text_argument};
use crate::arguments::{Grammar, Kind};
use crate::body::Block;
use crate::config::{ProviderBlock, ProviderKey, ProviderRef};
use crate::expression::range;
use crate::version::Constraint;

const PROVIDER: Grammar = Grammar::new(&[], &["alias", "version"], &[Kind::new("_", &[])]).reserving(
    "provider",
    &["count", "depends_on", "for_each", "source"],
    &["lifecycle", "locals"],
);

pub(super) fn provider(block: &Block, diagnostics: &mut Diagnostics) -> ProviderBlock {
    let local_name = name(&block.labels[0], "provider", diagnostics);
    let content = PROVIDER.read_partial(&block.body, diagnostics);
    let alias = text_argument(&content, "alias", diagnostics);
    if let (Some(alias), Some(attribute)) = (&alias, content.attribute("alias"))
        && !hcl::identifier::is_identifier(alias)
    {
        diagnostics.push(
            Diagnostic::error(
                "Invalid provider configuration alias",
                format!(
                    "`{alias}` is no valid alias. An alias begins with a letter or an underscore, and goes on with letters, \
                     digits, underscores and dashes."
                ),
            )
            .at(attribute.expr.range()),
        );
    }
    if let Some(attribute) = content.attribute("version") {
        diagnostics.push(
            Diagnostic::warning(
                "Version constraints inside provider configuration blocks are deprecated",
                "The version of a provider is said in the `required_providers` block, for all configurations of it together.",
            )
            .at(attribute.expr.range()),
        );
        let version = text_argument(&content, "version", diagnostics);
        if version.is_some_and(|version| version.parse::<Constraint>().is_err()) {
            diagnostics.push(invalid_constraint().at(attribute.expr.range()));
        }
    }
    ProviderBlock { key: ProviderKey { local_name, alias }, declared: block.header, body: content.into_rest() }
}

pub(super) fn invalid_constraint() -> Diagnostic {
    Diagnostic::error(
        "Invalid version constraint",
        "A version constraint is a list of conditions such as \"~> 1.5\" or \">= 1.2.0, < 2.0.0\".",
    )
}

/// Reads `NAME` or `NAME.ALIAS`; also in quotes, with a warning.
pub(super) fn provider_ref(file: FileId, expr: &Expr, diagnostics: &mut Diagnostics) -> Option<ProviderRef> {
    let at = range(file, expr.span());
    let invalid = || {
        Diagnostic::error(
            "Invalid provider configuration reference",
            "A provider configuration is named by the provider's local name and, if it has one, a dot and the alias.",
        )
        .at(at)
        .hint("For example: provider = aws.west")
    };
    let Ok(traversal) = static_traversal(file, expr, diagnostics) else {
        diagnostics.push(invalid());
        return None;
    };
    let alias = match traversal.steps.as_slice() {
        [] => None,
        [Step::Attr(step)] => Some(step.name.name.as_str().into()),
        [Step::Index(_), ..] | [Step::Attr(_), _, ..] => {
            diagnostics.push(invalid());
            return None;
        }
    };
    Some(ProviderRef { key: ProviderKey { local_name: traversal.root.name.as_str().into(), alias }, range: at })
}
