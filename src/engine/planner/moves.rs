//! `moved` blocks, and the renaming that gaining or losing `count` implies: objects get new addresses before anything else.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use lang::config::{Config, Repetition};
use model::address::{InstanceAddr, Key, ModuleInstance, Target};
use model::diagnostic::{Diagnostic, Diagnostics};
use state::State;

/// A state in which everything is where the configuration looks for it.
pub(super) struct Moved<'a> {
    /// As it was read, where nothing moves: states are large.
    pub state: Cow<'a, State>,
    /// Where moved objects were, by where they are.
    from: BTreeMap<InstanceAddr, InstanceAddr>,
}

impl Moved<'_> {
    pub(super) fn previous(&self, addr: &InstanceAddr) -> Option<InstanceAddr> {
        self.from.get(addr).cloned()
    }

    /// All moves: from, to.
    pub(super) fn all(&self) -> impl Iterator<Item = (&InstanceAddr, &InstanceAddr)> {
        self.from.iter().map(|(to, from)| (from, to))
    }
}

/// Moves objects to their new addresses. An object whose new address is taken stays, with a warning.
pub(super) fn moved<'a>(config: &Config, state: &'a State) -> (Moved<'a>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut from = BTreeMap::new();
    let to = |addr: &InstanceAddr| Some(destination(config, addr)).filter(|to| to != addr);
    let wanted: Vec<(InstanceAddr, InstanceAddr)> =
        state.instances.keys().filter_map(|addr| Some((addr.clone(), to(addr)?))).collect();
    if wanted.is_empty() {
        return (Moved { state: Cow::Borrowed(state), from }, diagnostics);
    }
    let mut state = state.clone();
    // Everything that moves leaves its place first, so that two objects can change places.
    let mut moving = Vec::new();
    for (addr, to) in wanted {
        if let Some(instance) = state.instances.remove(&addr) {
            moving.push((addr, to, instance));
        }
    }
    for (addr, to, instance) in moving {
        if state.instances.contains_key(&to) {
            diagnostics.push(
                Diagnostic::warning(
                    "Unresolved resource instance address changes",
                    format!("{addr} can't move to {to}, because there is an object at that address already. It is planned for deletion instead."),
                )
                .of(addr.clone()),
            );
            state.instances.insert(addr, instance);
        } else {
            from.insert(to.clone(), addr);
            state.instances.insert(to, instance);
        }
    }
    (Moved { state: Cow::Owned(state), from }, diagnostics)
}

/// Refuses targets that leave out objects that move: where they are must be known before anything else is planned.
pub(super) fn untargeted(moved: &Moved<'_>, targets: &[Target], excludes: &[Target]) -> Option<Diagnostic> {
    let is_excluded = |addr: &&InstanceAddr| excludes.iter().any(|target| target.contains(addr));
    if moved.all().flat_map(|(from, to)| [from, to]).any(|addr| is_excluded(&addr)) {
        return Some(
            Diagnostic::error(
                "Moved resource instances excluded by targeting",
                "Objects of the state have moved to new addresses in the configuration, and an -exclude option names an \
                 address that one of them has or had.",
            )
            .hint("Leave out that option until the move is applied."),
        );
    }
    let is_named = |addr: &InstanceAddr| targets.is_empty() || targets.iter().any(|target| target.contains(addr));
    let left_out: BTreeSet<&InstanceAddr> =
        moved.all().flat_map(|(from, to)| [from, to]).filter(|addr| !is_named(addr)).collect();
    if left_out.is_empty() {
        return None;
    }
    let options: Vec<String> = left_out.iter().map(|addr| format!("-target={addr}")).collect();
    Some(
        Diagnostic::error(
            "Moved resource instances excluded by targeting",
            "Objects of the state have moved to new addresses in the configuration, and the -target options don't name all of \
             the addresses that they have and had.",
        )
        .hint(format!("Leave out all -target options, or add: {}", options.join(" "))),
    )
}

/// Where an object belongs: follows `moved` blocks as far as they lead, then the renaming that `count` implies.
fn destination(config: &Config, addr: &InstanceAddr) -> InstanceAddr {
    let blocks = config.modules.values().flat_map(|module| module.moved.iter().map(move |moved| (&module.addr, moved)));
    let blocks: Vec<_> = blocks.collect();
    let mut addr = addr.clone();
    // A chain of moves is at most as long as there are blocks; a circle ends there as well.
    for _ in 0..blocks.len() {
        let next = blocks.iter().find_map(|(module, moved)| {
            let (outer, inner) = split(&addr, module.0.len(), &module.0)?;
            let inner = shift(&inner, &moved.from, &moved.to)?;
            Some(InstanceAddr { module: ModuleInstance([outer, inner.module.0].concat()), ..inner })
        });
        match next {
            Some(next) if next != addr => addr = next,
            Some(_) | None => break,
        }
    }
    implied(config, addr)
}

type Steps = Vec<(std::sync::Arc<str>, Option<Key>)>;

/// An address as a module sees it: the instance of the module, and what is inside.
fn split(addr: &InstanceAddr, depth: usize, module: &[std::sync::Arc<str>]) -> Option<(Steps, InstanceAddr)> {
    let outer = addr.module.0.get(..depth)?;
    if !outer.iter().map(|(name, _)| name).eq(module) {
        return None;
    }
    let inner = InstanceAddr { module: ModuleInstance(addr.module.0[depth..].to_vec()), ..addr.clone() };
    Some((outer.to_vec(), inner))
}

/// The address after one move, if the move is about it.
fn shift(addr: &InstanceAddr, from: &Target, to: &Target) -> Option<InstanceAddr> {
    match (from, to) {
        (Target::Module(from), Target::Module(to)) => {
            let (last, outer) = from.0.split_last()?;
            let (new, _) = to.0.split_last()?;
            let (at, inner) = addr.module.0.split_at_checked(from.0.len())?;
            let (found, found_outer) = at.split_last()?;
            if found_outer != outer || found.0 != last.0 || (last.1.is_some() && found.1 != last.1) {
                return None;
            }
            let mut steps = to.0.clone();
            // A call named as a whole keeps the keys of its instances.
            if last.1.is_none() && new.1.is_none() {
                steps.last_mut()?.1.clone_from(&found.1);
            } else if last.1.is_none() && found.1.is_some() {
                return None;
            }
            steps.extend_from_slice(inner);
            Some(InstanceAddr { module: ModuleInstance(steps), ..addr.clone() })
        }
        (Target::Resource(from_module, from), Target::Resource(to_module, to)) => (addr.module == *from_module
            && addr.resource == *from)
            .then(|| InstanceAddr { module: to_module.clone(), resource: to.clone(), key: addr.key.clone() }),
        (Target::Resource(module, from), Target::Instance(to)) => {
            (addr.module == *module && addr.resource == *from && addr.key.is_none()).then(|| to.clone())
        }
        (Target::Instance(from), Target::Instance(to)) => (addr == from).then(|| to.clone()),
        (Target::Instance(from), Target::Resource(module, to)) => {
            (addr == from).then(|| InstanceAddr { module: module.clone(), resource: to.clone(), key: None })
        }
        (Target::Module(_), Target::Resource(..) | Target::Instance(_))
        | (Target::Resource(..) | Target::Instance(_), Target::Module(_)) => None,
    }
}

/// A block that gains `count` takes its object over as number 0; one that loses it takes number 0 over.
fn implied(config: &Config, addr: InstanceAddr) -> InstanceAddr {
    let block = config.module(&addr.module.module()).and_then(|module| module.resources.get(&addr.resource));
    let Some(block) = block else { return addr };
    match (&block.repetition, &addr.key) {
        (Repetition::Count(_), None) => InstanceAddr { key: Some(Key::Index(0)), ..addr },
        (Repetition::Single, Some(Key::Index(0))) => InstanceAddr { key: None, ..addr },
        (Repetition::Single | Repetition::Count(_) | Repetition::ForEach(_), _) => addr,
    }
}
