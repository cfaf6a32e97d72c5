//! The `terraform` block: versions, providers and where the state is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl::ast::{Expr, ObjectEntry};
use model::address::ProviderAddr;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{FileId, SourceMap};

use super::provider::{invalid_constraint, provider_ref};
use super::source::provider_source;
use super::statics::text_argument;
use crate::arguments::{Content, Grammar, Kind};
use crate::body::{Attribute, Block};
use crate::config::{Backend, Module, ProviderMeta, RequiredVersion, Requirement};
use crate::expression::range;
use crate::version::{Constraint, Version};

const TERRAFORM: Grammar = Grammar::new(
    &[],
    &["required_version", "experiments", "language"],
    &[
        Kind::new("required_providers", &[]),
        Kind::new("backend", &["type"]),
        Kind::new("cloud", &[]),
        Kind::new("provider_meta", &["provider"]),
    ],
);

/// Reads a `terraform` block into the module.
pub(super) fn terraform(
    block: &Block,
    module: &mut Module,
    language: &Version,
    sources: &SourceMap,
    diagnostics: &mut Diagnostics,
) {
    let content = TERRAFORM.read(&block.body, diagnostics);
    required_version(&content, module, language, diagnostics);
    experiments(&content, diagnostics);
    for block in content.blocks_of("backend") {
        if let Some(first) = &module.backend {
            diagnostics.push(duplicate(
                "backend",
                &format!("The backend is configured at {} already.", sources.describe(first.declared)),
                block,
            ));
            continue;
        }
        let label = &block.labels[0];
        module.backend = Some(Backend {
            kind: label.text.clone(),
            kind_range: label.range,
            body: block.body.clone(),
            declared: block.header,
        });
    }
    for block in content.blocks_of("cloud") {
        diagnostics.push(
            Diagnostic::error(
                "Unsupported cloud block",
                "A `cloud` block hands runs and state to HCP Terraform, which only Terraform itself can talk to.",
            )
            .at(block.header)
            .hint("Keep the state in a backend instead: backend \"s3\", for example."),
        );
    }
    for block in content.blocks_of("provider_meta") {
        let name = block.labels[0].text.clone();
        let meta = ProviderMeta { body: block.body.clone(), declared: block.header };
        if let Some(first) = module.provider_meta.get(&name) {
            let where_first = format!("The first for `{name}` is at {}.", sources.describe(first.declared));
            diagnostics.push(duplicate("provider_meta", &where_first, block));
        } else {
            module.provider_meta.insert(name, meta);
        }
    }
    for block in content.blocks_of("required_providers") {
        if let Some(first) = &module.required_providers {
            let where_first = format!("The required providers are listed at {} already.", sources.describe(*first));
            diagnostics.push(duplicate("required providers", &where_first, block));
            continue;
        }
        module.required_providers = Some(block.header);
        required_providers(block, &mut module.requirements, diagnostics);
    }
}

fn duplicate(what: &str, detail: &str, block: &Block) -> Diagnostic {
    Diagnostic::error(format!("Duplicate {what} configuration"), format!("A module can have only one. {detail}"))
        .at(block.header)
}

fn required_version(content: &Content, module: &mut Module, language: &Version, diagnostics: &mut Diagnostics) {
    let Some(attribute) = content.attribute("required_version") else { return };
    let Some(text) = text_argument(content, "required_version", diagnostics) else { return };
    match text.parse::<Constraint>() {
        Ok(constraint) => {
            if !constraint.allows(language) {
                diagnostics.push(
                    Diagnostic::error(
                        "Unsupported Terraform Core version",
                        format!(
                            "This configuration asks for Terraform {text}, and the language that is understood here is that of \
                             Terraform {language}."
                        ),
                    )
                    .at(attribute.range),
                );
            }
            module.required_version.push(RequiredVersion { constraint: text, range: attribute.expr.range() });
        }
        Err(_) => diagnostics.push(invalid_constraint().at(attribute.expr.range())),
    }
}

fn experiments(content: &Content, diagnostics: &mut Diagnostics) {
    let Some(attribute) = content.attribute("experiments") else { return };
    if attribute.expr.node.as_list().is_none_or(|list| !list.is_empty()) {
        diagnostics.push(
            Diagnostic::error(
                "Unsupported experiments",
                "Experiments exist only in pre-releases of Terraform; released versions refuse them as well.",
            )
            .at(attribute.expr.range()),
        );
    }
}

fn required_providers(
    block: &Block,
    requirements: &mut BTreeMap<Arc<str>, Requirement>,
    diagnostics: &mut Diagnostics,
) {
    for nested in block.body.blocks() {
        diagnostics.push(
            Diagnostic::error(
                format!("Unexpected \"{}\" block", nested.kind),
                "The required providers are arguments, not blocks.",
            )
            .at(nested.kind_range)
            .hint(format!("Write an equals sign: {} = {{ .. }}", nested.kind)),
        );
    }
    for attribute in block.body.attributes() {
        if !is_local_name(&attribute.name) {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid provider local name",
                    format!(
                        "`{}` can't be the local name of a provider: it must be made of lowercase letters, digits and dashes, \
                         with no dash at either end.",
                        attribute.name
                    ),
                )
                .at(attribute.range),
            );
            continue;
        }
        if let Some(requirement) = requirement(attribute, diagnostics) {
            if let Some((other, _)) = requirements.iter().find(|(_, other)| other.addr == requirement.addr) {
                diagnostics.push(
                    Diagnostic::warning(
                        "Duplicate required provider",
                        format!(
                            "{} is listed as `{other}` already; one local name is enough.",
                            requirement.addr.source()
                        ),
                    )
                    .at(attribute.expr.range()),
                );
            }
            requirements.insert(attribute.name.clone(), requirement);
        }
    }
}

fn is_local_name(name: &str) -> bool {
    !name.starts_with('-')
        && !name.ends_with('-')
        && name.chars().all(|c| c == '-' || (c.is_alphanumeric() && !c.is_uppercase()))
}

fn requirement(attribute: &Attribute, diagnostics: &mut Diagnostics) -> Option<Requirement> {
    let file = attribute.expr.file;
    let mut requirement = Requirement {
        addr: ProviderAddr::implied(&attribute.name),
        version: None,
        aliases: Vec::new(),
        range: attribute.range,
    };
    if let Some(version) = attribute.expr.node.as_string_literal() {
        requirement.version = checked_constraint(file, &attribute.expr.node, version, diagnostics);
        return Some(requirement);
    }
    let Some(entries) = attribute.expr.node.as_object() else {
        diagnostics.push(
            Diagnostic::error(
                "Invalid required_providers object",
                "A required provider is described by an object with `source` and `version`.",
            )
            .at(attribute.expr.range())
            .hint(format!("For example: {} = {{ source = \"hashicorp/aws\", version = \"~> 5.0\" }}", attribute.name)),
        );
        return None;
    };
    for entry in entries {
        requirement_entry(file, entry, &mut requirement, diagnostics);
    }
    for alias in &requirement.aliases {
        if alias.key.local_name != attribute.name {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid configuration_aliases value",
                    format!("The aliases of `{name}` must be written `{name}.ALIAS`.", name = attribute.name),
                )
                .at(alias.range),
            );
        }
    }
    Some(requirement)
}

fn requirement_entry(file: FileId, entry: &ObjectEntry, requirement: &mut Requirement, diagnostics: &mut Diagnostics) {
    let value_range = range(file, entry.value.span());
    match entry.key.as_literal() {
        Some("version") => match entry.value.as_string_literal() {
            Some(version) => requirement.version = checked_constraint(file, &entry.value, version, diagnostics),
            None => diagnostics.push(
                Diagnostic::error("Invalid version constraint", "A version constraint is a text in quotes.").at(value_range),
            ),
        },
        Some("source") => match entry.value.as_string_literal() {
            Some(source) => match provider_source(source) {
                Ok(addr) => requirement.addr = addr,
                Err(error) => diagnostics.push(error.at(value_range)),
            },
            None => {
                diagnostics.push(
                    Diagnostic::error("Invalid source", "The source of a provider is a text in quotes.").at(value_range),
                );
            }
        },
        Some("configuration_aliases") => match entry.value.as_list() {
            Some(aliases) => {
                requirement.aliases = aliases.iter().filter_map(|alias| provider_ref(file, alias, diagnostics)).collect();
            }
            None => diagnostics.push(
                Diagnostic::error(
                    "Invalid configuration_aliases value",
                    "The aliases are a list of provider configurations, as [aws.west, aws.east].",
                )
                .at(value_range),
            ),
        },
        Some(_) | None => diagnostics.push(
            Diagnostic::error(
                "Invalid required_providers object",
                "A required provider is described by `source`, `version` and `configuration_aliases` alone. Its own settings \
                 belong into a `provider` block.",
            )
            .at(range(file, entry.key.span())),
        ),
    }
}

fn checked_constraint(file: FileId, expr: &Expr, text: &str, diagnostics: &mut Diagnostics) -> Option<Arc<str>> {
    if text.parse::<Constraint>().is_err() {
        diagnostics.push(invalid_constraint().at(range(file, expr.span())));
        return None;
    }
    Some(text.into())
}
