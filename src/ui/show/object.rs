//! The objects of a state with their values, and what all JSON forms say of an object.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::address::{Generation, InstanceAddr, Key, Mode, ModuleInstance, ObjectKey, ProviderConfigAddr};
use model::schema::Schema;
use model::value::Value;
use serde_json::{Map, Value as Json};
use state::{Object, State};

use crate::schemas::Schemas;

/// An object of a state, as far as it can be read.
pub(super) struct Shown<'a> {
    pub key: ObjectKey,
    pub provider: &'a ProviderConfigAddr,
    pub object: &'a Object,
    pub schema: Option<Arc<Schema>>,
    /// `None` without a schema.
    pub value: Option<Value>,
}

/// All objects of a state by address, deposed ones after the current one.
pub(super) fn objects<'a>(state: &'a State, schemas: &dyn Schemas) -> Vec<Shown<'a>> {
    let mut all = Vec::new();
    for (addr, instance) in &state.instances {
        let current = instance.current.iter().map(|object| (Generation::Current, object));
        let deposed = instance.deposed.iter().map(|(key, object)| (Generation::Deposed(key.clone()), object));
        for (generation, object) in current.chain(deposed) {
            let (provider, resource) = (&instance.provider, &addr.resource);
            let schema = schemas.schema(&provider.provider, resource.mode, &resource.type_name);
            let value = schemas.decode(&provider.provider, resource.mode, &resource.type_name, object);
            all.push(Shown { key: ObjectKey { addr: addr.clone(), generation }, provider, object, schema, value });
        }
    }
    all
}

/// `address`, `mode`, `type`, `name`, `index`.
pub(super) fn identity(addr: &InstanceAddr) -> Map<String, Json> {
    let mut object = Map::new();
    object.insert("address".into(), addr.to_string().into());
    let mode = match addr.resource.mode {
        Mode::Managed => "managed",
        Mode::Data => "data",
        Mode::Ephemeral => "ephemeral",
    };
    object.insert("mode".into(), mode.into());
    object.insert("type".into(), (*addr.resource.type_name).into());
    object.insert("name".into(), (*addr.resource.name).into());
    match &addr.key {
        None => {}
        Some(Key::Index(index)) => {
            object.insert("index".into(), (*index).into());
        }
        Some(Key::Name(name)) => {
            object.insert("index".into(), (**name).into());
        }
    }
    object
}

/// Resources as a tree of modules: `resources` and `child_modules`, as `root_module` has them.
pub(super) fn module_tree(resources: Vec<(ModuleInstance, Json)>) -> Json {
    let mut by_module: BTreeMap<ModuleInstance, Vec<Json>> = BTreeMap::new();
    for (module, resource) in resources {
        // Modules without resources of their own lead to those that have some.
        let mut parent = module.parent();
        while let Some(present) = parent {
            parent = present.parent();
            by_module.entry(present).or_default();
        }
        by_module.entry(module).or_default().push(resource);
    }
    let mut children: BTreeMap<ModuleInstance, Vec<&ModuleInstance>> = BTreeMap::new();
    for child in by_module.keys() {
        if let Some(parent) = child.parent() {
            children.entry(parent).or_default().push(child);
        }
    }
    // By what their addresses look like: `m10` is before `m1[0]`.
    children.values_mut().for_each(|children| children.sort_by_cached_key(ToString::to_string));
    module(&ModuleInstance::root(), &by_module, &children)
}

fn module(
    addr: &ModuleInstance,
    by_module: &BTreeMap<ModuleInstance, Vec<Json>>,
    children: &BTreeMap<ModuleInstance, Vec<&ModuleInstance>>,
) -> Json {
    let mut object = Map::new();
    if let Some(resources) = by_module.get(addr).filter(|resources| !resources.is_empty()) {
        object.insert("resources".into(), resources.clone().into());
    }
    if !addr.is_root() {
        object.insert("address".into(), addr.to_string().into());
    }
    if let Some(own) = children.get(addr) {
        let own: Vec<Json> = own.iter().map(|child| module(child, by_module, children)).collect();
        object.insert("child_modules".into(), own.into());
    }
    Json::Object(object)
}
