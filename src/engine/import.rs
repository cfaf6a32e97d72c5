//! Import: an object that exists is taken into the state by the service's identifier.

use std::sync::Arc;

use model::address::{InstanceAddr, Mode, ObjectKey};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::Schema;
use model::value::Value;
use provider::Provider;
use provider::error::{ErrorKind, ProviderError};
use state::State;

use crate::ephemeral::while_open;
use crate::graph::Graph;
use crate::object;
use crate::places;
use crate::planner::prior_evaluator;
use crate::pool::unknown_type;
use crate::prior::Prior;
use crate::providers::configured;
use crate::refresh::sentence;
use crate::repetition::Keys;
use crate::stack::Stack;

/// Reads the object that an identifier names and records it under an address of the configuration.
///
/// Changes only the state in memory. The object is recorded as it is; the next plan says how it differs from the block.
///
/// # Errors
/// There is no such block or instance, the address has an object already, or the service has no such object.
pub async fn import(stack: Stack<'_>, state: &mut State, addr: &InstanceAddr, id: &str) -> Diagnostics {
    let (mut diagnostics, closed) = while_open(stack, None, take(stack, state, addr, id)).await;
    diagnostics.extend(closed);
    diagnostics
}

async fn take(stack: Stack<'_>, state: &mut State, addr: &InstanceAddr, id: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let graph = match Graph::of(stack.config) {
        Ok(graph) => graph,
        Err(diagnostics) => return diagnostics,
    };
    if let Some(diagnostic) = refuse(&graph, state, addr) {
        return diagnostic.into();
    }
    let (prior, found) = Prior::read(&stack, &graph, state);
    diagnostics.extend(found);
    let evaluator = prior_evaluator(stack, &graph, &prior);
    let node = graph.resource(&addr.config()).expect("refused otherwise");
    let (module, block) = (evaluator.module(&addr.module.module()), evaluator.block(&addr.config()));
    let provider_addr = stack.config.provider_of(module, block);
    let keys = evaluator.keys(node, &addr.module);
    if let Ok(keys) = &keys
        && !keys.contains(addr.key.as_ref())
    {
        diagnostics.push(no_instance(addr, keys).at(block.declared));
    }
    let provider = configured(&evaluator, &provider_addr).await;
    diagnostics.extend(evaluator.take_diagnostics());
    let (Ok(provider), false) = (provider, diagnostics.has_errors()) else {
        return diagnostics;
    };
    let Some(schema) = provider.schema(Mode::Managed, &addr.resource.type_name) else {
        diagnostics.push(unknown_type(provider.as_ref(), &addr.config()).at(block.type_range));
        return diagnostics;
    };
    let recorded = fetch(provider.as_ref(), &schema, addr, id)
        .await
        .and_then(|(value, private)| object::encode(&value, private, &schema, &addr.resource.type_name));
    match recorded {
        Ok(mut object) => {
            object.dependencies = graph.dependencies(node);
            state.insert(&ObjectKey::current(addr.clone()), &provider_addr, object);
        }
        Err(error) => {
            let mut diagnostic =
                Diagnostic::error(format!("Failed to import {addr}"), format!("{}.", sentence(&error)))
                    .of(addr.clone());
            diagnostic.hint.clone_from(&error.hint);
            diagnostics.push(places::place(diagnostic, &block.body, block.declared));
        }
    }
    diagnostics
}

/// Reads the object that an identifier names, sensitive parts marked.
///
/// # Errors
/// The identifier has the wrong form, or there is no such object.
pub async fn fetch(
    provider: &dyn Provider,
    schema: &Schema,
    addr: &InstanceAddr,
    id: &str,
) -> Result<(Value, Arc<[u8]>), ProviderError> {
    let type_name = &addr.resource.type_name;
    let named = provider.import(type_name, id).await?;
    let mut answers = provider.read(type_name, std::slice::from_ref(&named)).await;
    let answer = answers.pop().expect("a provider answers for every object it is asked to read")?;
    let remote = answer.ok_or_else(|| {
        ProviderError::new(
            ErrorKind::NotFound,
            format!("import {addr}"),
            format!("there is no object with the identifier `{id}`"),
        )
        .hint("Only objects that exist can be imported; check the identifier, the region and the account.")
    })?;
    object::check(&remote.value, schema, type_name)?;
    Ok((object::mark(remote.value, &schema.block), remote.private))
}

fn refuse(graph: &Graph, state: &State, addr: &InstanceAddr) -> Option<Diagnostic> {
    if addr.resource.mode != Mode::Managed {
        return Some(Diagnostic::error(
            "A managed resource address is required",
            format!("{addr} is no managed resource, so there is nothing to import for it."),
        ));
    }
    if graph.resource(&addr.config()).is_none() {
        return Some(
            Diagnostic::error(
                "Resource not in configuration",
                format!("Before importing an object to {addr}, its block must be in the configuration."),
            )
            .hint(format!("Add `resource \"{}\" \"{}\" {{}}`.", addr.resource.type_name, addr.resource.name)),
        );
    }
    state.object(addr).map(|_| {
        Diagnostic::error(
            "Resource already managed",
            format!("There is an object at {addr} already. To import another one there, the present one must leave the state first."),
        )
        .of(addr.clone())
    })
}

fn no_instance(addr: &InstanceAddr, keys: &Keys) -> Diagnostic {
    let present: Vec<String> =
        keys.iter().take(10).map(|key| format!("`{}`", InstanceAddr { key, ..addr.clone() })).collect();
    Diagnostic::error(
        "No such instance",
        format!(
            "The configuration has no instance {addr}. It has {}.",
            if present.is_empty() { "none".into() } else { present.join(", ") }
        ),
    )
    .of(addr.clone())
}
