//! The objects of a state as values, with what a refresh finds of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::address::{ConfigAddr, Generation, InstanceAddr, Mode, ObjectKey, ProviderConfigAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::value::Value;
use provider::Remote;
use state::{Object, State, Status};

use crate::graph::{Graph, Node};
use crate::object;
use crate::pool::unknown_type;
use crate::stack::Stack;

/// All objects of a state, decoded.
#[derive(Clone, Debug, Default)]
pub struct Prior {
    pub objects: BTreeMap<ObjectKey, PriorObject>,
}

/// One object.
#[derive(Clone, Debug)]
pub struct PriorObject {
    /// The configuration of the provider that answers for the object now; the recorded one when its block is gone.
    pub provider: ProviderConfigAddr,
    /// As of the last apply.
    pub applied: Value,
    /// As refreshed; `None` when it is gone. The same as `applied` before a refresh.
    pub live: Option<Value>,
    pub private: Arc<[u8]>,
    /// Whether it was recorded by another version of the type's schema.
    pub upgraded: bool,
    pub status: Status,
    pub dependencies: Vec<ConfigAddr>,
    pub create_before_destroy: bool,
}

impl PriorObject {
    /// The object as it is asked for: as of the last apply.
    pub fn recorded(&self) -> Remote {
        let (value, _) = self.applied.clone().unmark_deep();
        Remote { value, private: self.private.clone() }
    }
}

impl Prior {
    /// Decodes all objects of a state. Those that can't be decoded are left out, with an error for each.
    pub fn read(stack: &Stack<'_>, graph: &Graph, state: &State) -> (Prior, Diagnostics) {
        let mut objects = Vec::with_capacity(state.instances.len());
        let mut diagnostics = Diagnostics::new();
        for (addr, instance) in &state.instances {
            let provider = provider_for(stack, addr, &instance.provider);
            match (is_configured(graph, addr, &provider), addr.resource.mode) {
                (Ok(()), _) => {}
                (Err(_), Mode::Data) => continue,
                (Err(diagnostic), Mode::Managed | Mode::Ephemeral) => {
                    diagnostics.push(diagnostic);
                    continue;
                }
            }
            let current = instance.current.iter().map(|object| (Generation::Current, object));
            let deposed = instance.deposed.iter().map(|(key, object)| (Generation::Deposed(key.clone()), object));
            for (generation, stored) in current.chain(deposed) {
                match decode(stack, addr, &provider, stored) {
                    Ok(object) => {
                        objects.push((ObjectKey { addr: addr.clone(), generation }, object));
                    }
                    // The result of a data source is only a copy: it is read again.
                    Err(_) if addr.resource.mode == Mode::Data => {}
                    Err(diagnostic) => diagnostics.push(diagnostic),
                }
            }
        }
        // At once, which takes half the room that one after another would.
        (Prior { objects: objects.into_iter().collect() }, diagnostics)
    }

    pub fn current(&self, addr: &InstanceAddr) -> Option<&PriorObject> {
        self.objects.get(&ObjectKey::current(addr.clone()))
    }

    /// The objects of one instance that replacements put aside.
    pub fn deposed<'a>(&'a self, addr: &'a InstanceAddr) -> impl Iterator<Item = (&'a ObjectKey, &'a PriorObject)> {
        let start = ObjectKey::current(addr.clone());
        let of_addr = self.objects.range(start..).take_while(move |(key, _)| key.addr == *addr);
        of_addr.filter(|(key, _)| key.generation != Generation::Current)
    }
}

/// The provider configuration that answers for an object.
pub fn provider_for(stack: &Stack<'_>, addr: &InstanceAddr, recorded: &ProviderConfigAddr) -> ProviderConfigAddr {
    let module = stack.config.module(&addr.module.module());
    match module.and_then(|module| Some((module, module.resources.get(&addr.resource)?))) {
        Some((module, block)) => stack.config.provider_of(module, block),
        None => recorded.clone(),
    }
}

/// An object whose block is gone needs the provider configuration it was made with.
fn is_configured(graph: &Graph, addr: &InstanceAddr, provider: &ProviderConfigAddr) -> Result<(), Diagnostic> {
    let implied = provider.module.is_root() && provider.alias.is_none();
    if implied || graph.find(&Node::Provider(provider.clone())).is_some() {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Provider configuration not present",
        format!(
            "To work with {addr} its original provider configuration at {provider} is required, but it has been removed. This \
             occurs when a provider configuration is removed while objects created by that provider still exist in the state."
        ),
    )
    .of(addr.clone())
    .hint(format!("Put the provider configuration back to destroy {addr}, then remove it.")))
}

fn decode(
    stack: &Stack<'_>,
    addr: &InstanceAddr,
    provider_addr: &ProviderConfigAddr,
    stored: &Object,
) -> Result<PriorObject, Diagnostic> {
    let provider =
        stack.providers.schemas(&provider_addr.provider).map_err(|diagnostic| diagnostic.of(addr.clone()))?;
    let Some(schema) = provider.schema(addr.resource.mode, &addr.resource.type_name) else {
        return Err(unknown_type(provider.as_ref(), &addr.config()).of(addr.clone()));
    };
    let value =
        object::decode(stored, provider.as_ref(), addr.resource.mode, &addr.resource.type_name).map_err(|error| {
            Diagnostic::error("Unreadable object in the state", format!("The object of {addr} can't be used: {error}."))
                .of(addr.clone())
                .hint("It may have been written by a newer version of the provider.")
        })?;
    Ok(PriorObject {
        provider: provider_addr.clone(),
        live: Some(value.clone()),
        applied: value,
        private: stored.private.clone(),
        upgraded: stored.schema_version != schema.version,
        status: stored.status,
        dependencies: stored.dependencies.clone(),
        create_before_destroy: stored.create_before_destroy,
    })
}
