//! `removed` blocks: what they say of resources that the configuration has no more.

use lang::config::{Config, Module, Removed};
use model::address::{ModuleAddr, ResourceAddr, Target};

/// The `removed` block that a resource without a block of its own falls under, and the module it stands in.
pub fn removal<'a>(
    config: &'a Config,
    module: &ModuleAddr,
    resource: &ResourceAddr,
) -> Option<(&'a Module, &'a Removed)> {
    let all =
        config.modules.values().flat_map(|declaring| declaring.removed.iter().map(move |removed| (declaring, removed)));
    let mut matching = all.filter(|(declaring, removed)| {
        let Some(inner) = module.0.strip_prefix(declaring.addr.0.as_slice()) else { return false };
        match &removed.from {
            Target::Module(from) => inner.starts_with(&from.module().0),
            Target::Resource(from, named) => inner == from.module().0 && named == resource,
            Target::Instance(from) => inner == from.module.module().0 && from.resource == *resource,
        }
    });
    matching.next()
}
