//! A state as people read it: objects with their values, without any configuration.

use model::address::{Generation, ObjectKey, ProviderConfigAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::value::Value;
use state::{State, Status};

use crate::object;
use crate::pool::{Pool, unknown_type};

/// One object of a state.
#[derive(Clone, PartialEq, Debug)]
pub struct Shown {
    pub key: ObjectKey,
    pub provider: ProviderConfigAddr,
    pub status: Status,
    /// As recorded, sensitive parts marked.
    pub value: Value,
}

/// Decodes all objects of a state by the schemas of their providers, by address.
///
/// Objects whose provider or type is not there are left out, with a warning for each: what can be shown is shown.
pub fn objects(providers: &Pool<'_>, state: &State) -> (Vec<Shown>, Diagnostics) {
    let mut shown = Vec::new();
    let mut diagnostics = Diagnostics::new();
    for (addr, instance) in &state.instances {
        let current = instance.current.iter().map(|object| (Generation::Current, object));
        let deposed = instance.deposed.iter().map(|(key, object)| (Generation::Deposed(key.clone()), object));
        for (generation, object) in current.chain(deposed) {
            let key = ObjectKey { addr: addr.clone(), generation };
            match decode(providers, &key, &instance.provider, object) {
                Ok(value) => {
                    shown.push(Shown { key, provider: instance.provider.clone(), status: object.status, value });
                }
                Err(diagnostic) => {
                    let severity = model::diagnostic::Severity::Warning;
                    diagnostics.push(Diagnostic { severity, ..diagnostic.of(addr.clone()) });
                }
            }
        }
    }
    (shown, diagnostics)
}

fn decode(
    providers: &Pool<'_>,
    key: &ObjectKey,
    provider: &ProviderConfigAddr,
    stored: &state::Object,
) -> Result<Value, Diagnostic> {
    let provider = providers.schemas(&provider.provider)?;
    let resource = &key.addr.resource;
    if provider.schema(resource.mode, &resource.type_name).is_none() {
        return Err(unknown_type(provider.as_ref(), &key.addr.config()));
    }
    object::decode(stored, provider.as_ref(), resource.mode, &resource.type_name).map_err(|error| {
        Diagnostic::error("Unreadable object in the state", format!("The object of {key} can't be shown: {error}."))
    })
}
