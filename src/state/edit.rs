//! Changes of a state by hand: marking instances for replacement, forgetting them, and giving them to another provider.
//!
//! All are pure: they change the state in memory, and the caller saves it.

use std::collections::BTreeSet;

use model::address::{InstanceAddr, Mode, ModuleInstance, ProviderAddr, ResourceAddr, Target};

use crate::{Instance, State, Status};

/// Why an instance can't be marked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MarkError {
    #[error("the state has no instance at {0}")]
    Missing(InstanceAddr),
    /// Only deposed objects are left, which are deleted anyway.
    #[error("{0} has no current object")]
    OnlyDeposed(InstanceAddr),
    #[error("{0} is not tainted")]
    NotTainted(InstanceAddr),
    /// Data sources are read again each time, so there is nothing to replace.
    #[error("{0} is not a managed resource")]
    NotManaged(InstanceAddr),
}

/// Marks the current object of an instance for replacement.
///
/// # Errors
/// There is none, or it is of a data source.
pub fn taint(state: &mut State, addr: &InstanceAddr) -> Result<(), MarkError> {
    if addr.resource.mode != Mode::Managed {
        return Err(MarkError::NotManaged(addr.clone()));
    }
    *status(state, addr)? = Status::Tainted;
    Ok(())
}

/// Takes the mark of [`taint`] off again.
///
/// # Errors
/// There is no current object, or it has no such mark.
pub fn untaint(state: &mut State, addr: &InstanceAddr) -> Result<(), MarkError> {
    match status(state, addr)? {
        Status::Ready => Err(MarkError::NotTainted(addr.clone())),
        status @ Status::Tainted => {
            *status = Status::Ready;
            Ok(())
        }
    }
}

fn status<'a>(state: &'a mut State, addr: &InstanceAddr) -> Result<&'a mut Status, MarkError> {
    match state.instances.get_mut(addr) {
        None => Err(MarkError::Missing(addr.clone())),
        Some(Instance { current: None, .. }) => Err(MarkError::OnlyDeposed(addr.clone())),
        Some(Instance { current: Some(object), .. }) => Ok(&mut object.status),
    }
}

/// The instances that targets name, in the order of [`InstanceAddr::listing`].
pub fn named(state: &State, targets: &[Target]) -> Vec<InstanceAddr> {
    let is_named = |addr: &&InstanceAddr| targets.iter().any(|target| target.contains(addr));
    let mut named: Vec<InstanceAddr> = state.instances.keys().filter(is_named).cloned().collect();
    named.sort_by(InstanceAddr::listing);
    named
}

/// Forgets instances with all their objects. What they stand for stays as it is.
pub fn forget(state: &mut State, addrs: &[InstanceAddr]) {
    for addr in addrs {
        state.instances.remove(addr);
    }
}

/// The resources whose provider is `provider`, whatever its configuration is called.
pub fn of_provider(state: &State, provider: &ProviderAddr) -> BTreeSet<(ModuleInstance, ResourceAddr)> {
    let of = state.instances.iter().filter(|(_, instance)| instance.provider.provider == *provider);
    of.map(|(addr, _)| (addr.module.clone(), addr.resource.clone())).collect()
}

/// Gives all resources of one provider to another: its configurations in the same modules, under the same aliases.
pub fn replace_provider(state: &mut State, from: &ProviderAddr, to: &ProviderAddr) {
    for instance in state.instances.values_mut().filter(|instance| instance.provider.provider == *from) {
        instance.provider.provider = to.clone();
    }
}

#[cfg(test)]
mod tests {
    use model::address::ProviderConfigAddr;
    use serde_json::value::RawValue;

    use super::*;
    use crate::Object;

    fn state(addrs: &[&str]) -> State {
        let provider: ProviderConfigAddr = r#"provider["terraform.io/builtin/terraform"]"#.parse().expect("valid");
        let mut state = State::default();
        for addr in addrs {
            let object = Object::new(0, RawValue::from_string("{}".into()).expect("JSON").into());
            let mut instance = Instance::new(provider.clone());
            instance.current = Some(object);
            state.instances.insert(addr.parse().expect("valid"), instance);
        }
        state
    }

    #[test]
    fn a_tainted_instance_is_untainted_once() {
        let mut state = state(&["test_thing.a[0]"]);
        let addr: InstanceAddr = "test_thing.a[0]".parse().expect("valid");
        taint(&mut state, &addr).expect("there is one");
        taint(&mut state, &addr).expect("once more changes nothing");
        assert_eq!(state.object(&addr).map(|object| object.status), Some(Status::Tainted));
        untaint(&mut state, &addr).expect("it is tainted");
        assert_eq!(untaint(&mut state, &addr), Err(MarkError::NotTainted(addr)));
    }

    #[test]
    fn what_is_not_there_or_no_resource_is_not_tainted() {
        let mut state = state(&["test_thing.a[0]", "data.test_thing.d"]);
        let parse = |text: &str| text.parse::<InstanceAddr>().expect("valid");
        let missing = parse("test_thing.a");
        assert_eq!(taint(&mut state, &missing), Err(MarkError::Missing(missing.clone())));
        let data = parse("data.test_thing.d");
        assert_eq!(taint(&mut state, &data), Err(MarkError::NotManaged(data.clone())));
        let addr = parse("test_thing.a[0]");
        let instance = state.instances.get_mut(&addr).expect("there");
        let object = instance.current.take().expect("there");
        instance.deposed.insert("00000001".into(), object);
        assert_eq!(taint(&mut state, &addr), Err(MarkError::OnlyDeposed(addr.clone())));
    }

    #[test]
    fn a_module_names_what_is_in_its_instances_and_below() {
        let state = state(&[
            "test_thing.a",
            "module.m[0].test_thing.b",
            "module.m[0].module.n.test_thing.c",
            "module.m[1].test_thing.b",
        ]);
        let named = named(&state, &["module.m".parse().expect("valid")]);
        let named: Vec<String> = named.iter().map(ToString::to_string).collect();
        assert_eq!(
            named,
            ["module.m[0].test_thing.b", "module.m[1].test_thing.b", "module.m[0].module.n.test_thing.c"]
        );
    }

    #[test]
    fn another_provider_keeps_module_and_alias() {
        let mut state = state(&["test_thing.a", "test_thing.b[0]", "test_thing.b[1]"]);
        let old = r#"module.m.provider["registry.terraform.io/hashicorp/aws"].west"#;
        state.instances.first_entry().expect("there").get_mut().provider = old.parse().expect("valid");
        let [from, to] = ["hashicorp/aws", "example.com/a/b"].map(|text| text.parse::<ProviderAddr>().expect("valid"));
        assert_eq!(of_provider(&state, &from).len(), 1);
        assert_eq!(of_provider(&state, &ProviderAddr::builtin()).len(), 1);
        replace_provider(&mut state, &from, &to);
        let first = state.instances.first_key_value().expect("there").1;
        assert_eq!(first.provider.to_string(), r#"module.m.provider["example.com/a/b"].west"#);
        assert!(of_provider(&state, &from).is_empty());
    }
}
