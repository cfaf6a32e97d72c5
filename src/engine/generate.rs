//! Configuration for objects that `import` blocks name and that no block describes yet: read, and written as HCL.

mod reduce;
mod write;

use std::sync::Arc;

use futures::StreamExt;
use lang::config::{Config, Import, ProviderKey};
use model::address::{InstanceAddr, Mode, ModuleAddr, ModuleInstance, ProviderConfigAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::value::{Kind, Marks};
use state::State;

use crate::ephemeral::while_open;
use crate::evaluator::{Evaluator, Failed};
use crate::graph::Graph;
use crate::planner::prior_evaluator;
use crate::pool::unknown_type;
use crate::prior::Prior;
use crate::providers::configured;
use crate::refresh::sentence;
use crate::repetition::Each;
use crate::stack::Stack;

/// What was written for imports without blocks.
pub struct Generated {
    pub text: String,
    /// How many blocks it has.
    pub blocks: usize,
}

/// The configuration of all imported objects of the root module that have no block; `None` when all have one.
///
/// Makes only read calls, `parallelism` at a time. A block says what was chosen for its object, and no sensitive value.
/// Imports with keys are left alone: what repeats a block can't be told from one object.
pub async fn generate(stack: Stack<'_>, state: &State, parallelism: usize) -> (Option<Generated>, Diagnostics) {
    let missing: Vec<Import> =
        stack.config.root().imports.iter().filter(|one| is_missing(stack.config, one)).cloned().collect();
    if missing.is_empty() {
        return (None, Diagnostics::new());
    }
    // What has no block is no part of the graph.
    let mut config = stack.config.clone();
    let root = config.modules.get_mut(&ModuleAddr::root()).expect("a configuration has a root module");
    root.imports.retain(|import| !is_missing(stack.config, import));
    let stack = Stack { config: &config, ..stack };
    let written = write_all(stack, state, &missing, parallelism);
    let ((generated, mut diagnostics), closed) = while_open(stack, None, written).await;
    diagnostics.extend(closed);
    (generated, diagnostics)
}

fn is_missing(config: &Config, import: &Import) -> bool {
    import.module.is_root()
        && import.for_each.is_none()
        && import.resource.mode == Mode::Managed
        && !config.root().resources.contains_key(&import.resource)
}

async fn write_all(
    stack: Stack<'_>,
    state: &State,
    missing: &[Import],
    parallelism: usize,
) -> (Option<Generated>, Diagnostics) {
    let graph = match Graph::of(stack.config) {
        Ok(graph) => graph,
        Err(diagnostics) => return (None, diagnostics),
    };
    let (prior, mut diagnostics) = Prior::read(&stack, &graph, state);
    let evaluator = prior_evaluator(stack, &graph, &prior);
    let mut configurations: Vec<ProviderConfigAddr> =
        missing.iter().map(|import| stack.config.resolve_provider(stack.config.root(), &key_of(import))).collect();
    configurations.dedup();
    for configuration in &configurations {
        if let Err(Failed) = configured(&evaluator, configuration).await {
            diagnostics.extend(evaluator.take_diagnostics());
            return (None, diagnostics);
        }
    }
    let blocks = missing.iter().map(|import| write_one(&evaluator, import));
    let blocks: Vec<Result<String, Failed>> = futures::stream::iter(blocks).buffered(parallelism).collect().await;
    diagnostics.extend(evaluator.take_diagnostics());
    let blocks: Result<Vec<String>, Failed> = blocks.into_iter().collect();
    let generated = blocks.ok().map(|blocks| Generated { text: blocks.join("\n"), blocks: blocks.len() });
    (generated, diagnostics)
}

fn key_of(import: &Import) -> ProviderKey {
    match &import.provider {
        Some(reference) => reference.key.clone(),
        None => {
            ProviderKey { local_name: lang::config::implied_provider(&import.resource.type_name).into(), alias: None }
        }
    }
}

async fn write_one(evaluator: &Evaluator<'_>, import: &Import) -> Result<String, Failed> {
    let stack = evaluator.stack;
    let resource = &import.resource;
    let id = evaluator.evaluate(&import.id, &evaluator.scope(&ModuleInstance::root(), Each::None))?;
    let is_secret = id.marks_deep().contains(Marks::SENSITIVE) || id.marks_deep().contains(Marks::EPHEMERAL);
    let id: Arc<str> = match id.reveal() {
        Kind::String(id) if !id.is_empty() && !is_secret => id.clone(),
        _ => {
            let detail =
                "The identifier must be a string that is known, not empty, and neither sensitive nor ephemeral.";
            return evaluator.fail(Diagnostic::error("Invalid import id argument", detail).at(import.id.range()));
        }
    };
    let key = key_of(import);
    let provider_addr = stack.config.resolve_provider(stack.config.root(), &key);
    let provider = configured(evaluator, &provider_addr).await?;
    let addr = InstanceAddr { module: ModuleInstance::root(), resource: resource.clone(), key: None };
    let Some(schema) = provider.schema(Mode::Managed, &resource.type_name) else {
        return evaluator.fail(unknown_type(provider.as_ref(), &addr.config()).at(import.to.range()));
    };
    let (value, _) = match crate::import::fetch(provider.as_ref(), &schema, &addr, &id).await {
        Ok(fetched) => fetched,
        Err(error) => {
            let diagnostic = Diagnostic::error(format!("Failed to import {addr}"), format!("{}.", sentence(&error)));
            let diagnostic = diagnostic.at(import.declared).of(addr);
            return evaluator.fail(match &error.hint {
                Some(hint) => diagnostic.hint(hint.clone()),
                None => diagnostic,
            });
        }
    };
    let named = import.provider.as_ref().map(|_| match &key.alias {
        Some(alias) => format!("{}.{alias}", key.local_name),
        None => key.local_name.to_string(),
    });
    let config = reduce::reduced(provider.as_ref(), &resource.type_name, &schema, &value).await;
    let block = write::block_text(resource, named.as_deref(), &schema, &config);
    // The identifier may hold what would end a comment's line.
    Ok(format!("# Generated by infra from {id:?}.\n{block}"))
}
