//! Moving instances, resources and modules to other addresses, within a state or into another.
//!
//! Three steps, so that source and destination may be one state: [`find`] looks what a move comes to, [`take`] takes it out
//! of the one, [`put`] puts it into the other.

use model::address::{ConfigAddr, InstanceAddr, Mode, ModuleInstance, ResourceAddr, Target};

use crate::{Instance, State};

/// One thing that moves, with all its instances.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relocation {
    pub from: Target,
    pub to: Target,
    pub instances: Vec<(InstanceAddr, InstanceAddr)>,
}

/// A move that can't be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RelocateError {
    #[error("{0} does not match anything in the state")]
    NoSource(Target),
    /// A thing moves only to an address of its own kind.
    #[error("{from} is {kind}, and {to} is not")]
    OtherKind { from: Target, to: Target, kind: &'static str },
    #[error("{from} and {to} are of different types")]
    OtherType { from: ResourceAddr, to: ResourceAddr },
    #[error("{from} and {to} are a managed resource and a data source")]
    OtherMode { from: ResourceAddr, to: ResourceAddr },
    #[error("there is something at {0} already")]
    Taken(Target),
}

/// What moves when `from` becomes `to`.
///
/// A resource without a key is its instance without a key where there is one, else the resource with all its instances. A
/// module is exactly that instance of it, with all modules inside.
///
/// # Errors
/// There is nothing at `from`, something at `to`, or they are not of a kind.
pub fn find(source: &State, destination: &State, from: &Target, to: &Target) -> Result<Vec<Relocation>, RelocateError> {
    match from {
        Target::Module(module) => modules(source, destination, module, to),
        Target::Resource(module, resource) => {
            let single = InstanceAddr { module: module.clone(), resource: resource.clone(), key: None };
            if source.instances.contains_key(&single) {
                instance(destination, &single, to)
            } else {
                whole_resource(source, destination, (module, resource), to)
            }
        }
        Target::Instance(addr) if source.instances.contains_key(addr) => instance(destination, addr, to),
        Target::Instance(_) => Err(RelocateError::NoSource(from.clone())),
    }
}

fn instance(destination: &State, from: &InstanceAddr, to: &Target) -> Result<Vec<Relocation>, RelocateError> {
    let addr = match to {
        Target::Instance(addr) => addr.clone(),
        Target::Resource(module, resource) => {
            InstanceAddr { module: module.clone(), resource: resource.clone(), key: None }
        }
        Target::Module(_) => {
            let from = Target::Instance(from.clone());
            return Err(RelocateError::OtherKind { from, to: to.clone(), kind: "an instance of a resource" });
        }
    };
    same_type(&from.resource, &addr.resource)?;
    if destination.instances.contains_key(&addr) {
        return Err(RelocateError::Taken(Target::Instance(addr)));
    }
    Ok(vec![Relocation {
        from: Target::Instance(from.clone()),
        to: Target::Instance(addr.clone()),
        instances: vec![(from.clone(), addr)],
    }])
}

fn whole_resource(
    source: &State,
    destination: &State,
    from: (&ModuleInstance, &ResourceAddr),
    to: &Target,
) -> Result<Vec<Relocation>, RelocateError> {
    let is_at = |addr: &InstanceAddr, at: (&ModuleInstance, &ResourceAddr)| (&addr.module, &addr.resource) == at;
    let target = Target::Resource(from.0.clone(), from.1.clone());
    let moving: Vec<&InstanceAddr> = source.instances.keys().filter(|addr| is_at(addr, from)).collect();
    if moving.is_empty() {
        return Err(RelocateError::NoSource(target));
    }
    let (module, resource) = match to {
        Target::Resource(module, resource) => (module, resource),
        Target::Instance(_) | Target::Module(_) => {
            let kind = "a whole resource with all its instances";
            return Err(RelocateError::OtherKind { from: target, to: to.clone(), kind });
        }
    };
    same_type(from.1, resource)?;
    if destination.instances.keys().any(|addr| is_at(addr, (module, resource))) {
        return Err(RelocateError::Taken(to.clone()));
    }
    let moved = |addr: &InstanceAddr| InstanceAddr {
        module: module.clone(),
        resource: resource.clone(),
        key: addr.key.clone(),
    };
    let instances = moving.into_iter().map(|addr| (addr.clone(), moved(addr))).collect();
    Ok(vec![Relocation { from: target, to: to.clone(), instances }])
}

/// One relocation a module: the one that is named, and each inside of it that has resources of its own.
fn modules(
    source: &State,
    destination: &State,
    from: &ModuleInstance,
    to: &Target,
) -> Result<Vec<Relocation>, RelocateError> {
    let mut found: Vec<Relocation> = Vec::new();
    let Target::Module(new) = to else {
        let from = Target::Module(from.clone());
        return Err(RelocateError::OtherKind { from, to: to.clone(), kind: "a module" });
    };
    // Instances of one module are neighbours in the order of addresses.
    for addr in source.instances.keys().filter(|addr| addr.module.starts_with(from)) {
        let inner = &addr.module.0[from.0.len()..];
        let module = ModuleInstance([new.0.as_slice(), inner].concat());
        let moved = InstanceAddr { module: module.clone(), ..addr.clone() };
        match found.last_mut().filter(|last| last.to == Target::Module(module.clone())) {
            Some(last) => last.instances.push((addr.clone(), moved)),
            None => {
                if destination.instances.keys().any(|addr| addr.module == module) {
                    return Err(RelocateError::Taken(Target::Module(module)));
                }
                found.push(Relocation {
                    from: Target::Module(addr.module.clone()),
                    to: Target::Module(module),
                    instances: vec![(addr.clone(), moved)],
                });
            }
        }
    }
    if found.is_empty() { Err(RelocateError::NoSource(Target::Module(from.clone()))) } else { Ok(found) }
}

fn same_type(from: &ResourceAddr, to: &ResourceAddr) -> Result<(), RelocateError> {
    let (from_mode, to_mode) = (from.mode == Mode::Managed, to.mode == Mode::Managed);
    if from_mode != to_mode {
        return Err(RelocateError::OtherMode { from: from.clone(), to: to.clone() });
    }
    if from.type_name != to.type_name {
        return Err(RelocateError::OtherType { from: from.clone(), to: to.clone() });
    }
    Ok(())
}

/// Takes out of a state what moves; it comes under its new addresses.
pub fn take(source: &mut State, relocations: &[Relocation]) -> Vec<(InstanceAddr, Instance)> {
    let all = relocations.iter().flat_map(|relocation| &relocation.instances);
    all.filter_map(|(from, to)| Some((to.clone(), source.instances.remove(from)?))).collect()
}

/// Puts instances into a state. A resource that they join gets their provider: all its instances have one.
///
/// Dependencies of an object are forgotten, all of them, when one names what has moved: as Terraform does. The next apply
/// finds them again.
pub fn put(destination: &mut State, relocations: &[Relocation], instances: Vec<(InstanceAddr, Instance)>) {
    for (addr, instance) in instances {
        let same = |(other, _): &(&InstanceAddr, &mut Instance)| {
            other.module == addr.module && other.resource == addr.resource
        };
        for (_, joined) in destination.instances.iter_mut().filter(same) {
            joined.provider.clone_from(&instance.provider);
        }
        destination.instances.insert(addr, instance);
    }
    let is_stale = |dependency: &ConfigAddr| relocations.iter().any(|one| may_hold(&one.from, dependency));
    for instance in destination.instances.values_mut() {
        for object in instance.current.iter_mut().chain(instance.deposed.values_mut()) {
            if object.dependencies.iter().any(is_stale) {
                object.dependencies.clear();
            }
        }
    }
}

/// Whether a block's objects are what a target names, as far as Terraform goes: a module with a key holds no block as a
/// whole.
fn may_hold(target: &Target, block: &ConfigAddr) -> bool {
    match target {
        Target::Module(module) => {
            module.0.iter().all(|(_, key)| key.is_none()) && block.module.0.starts_with(&module.module().0)
        }
        Target::Resource(module, resource) => block.module == module.module() && block.resource == *resource,
        Target::Instance(addr) => *block == addr.config(),
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
        let instances = addrs.iter().map(|addr| (addr.parse().expect("valid"), Instance::new(provider.clone())));
        State { instances: instances.collect(), ..State::default() }
    }

    /// The addresses after a move within one state, or why there is none.
    fn moved(addrs: &[&str], from: &str, to: &str) -> Result<Vec<String>, RelocateError> {
        let mut state = state(addrs);
        let [from, to] = [from, to].map(|text| text.parse().expect("valid"));
        let relocations = find(&state, &state, &from, &to)?;
        let taken = take(&mut state, &relocations);
        put(&mut state, &relocations, taken);
        Ok(state.instances.keys().map(ToString::to_string).collect())
    }

    #[test]
    fn instances_take_other_keys_and_names() {
        let ok = |addrs: &[&str], from, to| moved(addrs, from, to).expect("it moves");
        assert_eq!(ok(&["t_t.a"], "t_t.a", "t_t.a[0]"), ["t_t.a[0]"]);
        assert_eq!(ok(&["t_t.a[0]", "t_t.a[1]"], "t_t.a[0]", r#"t_t.b["x"]"#), ["t_t.a[1]", r#"t_t.b["x"]"#]);
        assert_eq!(
            ok(&["t_t.a[0]", "t_t.a[1]"], "t_t.a", "module.m.t_t.b"),
            ["module.m.t_t.b[0]", "module.m.t_t.b[1]"]
        );
        // Where there is an instance without a key, that is what is meant.
        assert_eq!(ok(&["t_t.a", "t_t.a[1]"], "t_t.a", "t_t.b"), ["t_t.a[1]", "t_t.b"]);
    }

    #[test]
    fn a_module_takes_along_what_is_inside_and_no_sibling() {
        let addrs = ["module.m[0].t_t.a", "module.m[0].module.n.t_t.b", "module.m[1].t_t.a"];
        assert_eq!(
            moved(&addrs, "module.m[0]", r#"module.k["x"]"#).expect("it moves"),
            [r#"module.k["x"].t_t.a"#, r#"module.k["x"].module.n.t_t.b"#, "module.m[1].t_t.a"]
        );
        assert!(matches!(moved(&addrs, "module.m", "module.k"), Err(RelocateError::NoSource(_))));
        assert!(matches!(moved(&addrs, "module.m[0]", "module.m[1]"), Err(RelocateError::Taken(_))));
        let inside = moved(&addrs, "module.m[0]", "module.m[0].module.n").expect_err("there is one");
        assert!(matches!(inside, RelocateError::Taken(_)));
    }

    #[test]
    fn dependencies_on_what_moved_are_forgotten() {
        let dependencies_after = |from: &str, to: &str| -> usize {
            let mut state = state(&["t_t.a[0]", "t_t.b", "module.m.t_t.a"]);
            let mut object = Object::new(0, RawValue::from_string("{}".into()).expect("JSON").into());
            let dependency = |text: &str| text.parse::<InstanceAddr>().expect("valid").config();
            object.dependencies = vec![dependency("module.m.t_t.a"), dependency("t_t.a")];
            let addr: InstanceAddr = "t_t.b".parse().expect("valid");
            state.instances.get_mut(&addr).expect("there").current = Some(object);
            let relocations = find(&state, &state, &from.parse().expect("valid"), &to.parse().expect("valid"));
            let relocations = relocations.expect("it moves");
            let taken = take(&mut state, &relocations);
            put(&mut state, &relocations, taken);
            state.instances.values().filter_map(|instance| Some(instance.current.as_ref()?.dependencies.len())).sum()
        };
        assert_eq!(dependencies_after("t_t.a[0]", "t_t.z"), 0);
        assert_eq!(dependencies_after("module.m", "module.z"), 0);
        assert_eq!(dependencies_after("t_t.b", "t_t.z"), 2);
    }

    #[test]
    fn a_move_to_another_kind_type_or_a_taken_place_is_refused() {
        let addrs = ["t_t.a", "t_t.b[0]", "data.t_t.d", "module.m.t_t.a"];
        let refused = |from, to| moved(&addrs, from, to).expect_err("it can't be");
        assert!(matches!(refused("t_t.a", "t_t.b[0]"), RelocateError::Taken(_)));
        assert!(matches!(refused("t_t.b", "t_t.a"), RelocateError::Taken(_)));
        assert!(matches!(refused("t_t.a", "t_t.a"), RelocateError::Taken(_)));
        assert!(matches!(refused("t_t.b", "t_t.c[0]"), RelocateError::OtherKind { .. }));
        assert!(matches!(refused("t_t.a", "module.x"), RelocateError::OtherKind { .. }));
        assert!(matches!(refused("module.m", "t_t.x"), RelocateError::OtherKind { .. }));
        assert!(matches!(refused("t_t.a", "x_x.a"), RelocateError::OtherType { .. }));
        assert!(matches!(refused("t_t.a", "data.t_t.a"), RelocateError::OtherMode { .. }));
        assert!(matches!(refused("t_t.b[7]", "t_t.c"), RelocateError::NoSource(_)));
    }
}
