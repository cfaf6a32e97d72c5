//! Drift: what differs between the last apply and the world, with the configuration beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::address::{ConfigAddr, Mode, ObjectKey, ProviderConfigAddr};
use model::diagnostic::Diagnostics;
use model::entries::Entries;
use model::path::{Path, Step};
use model::source::SourceRange;
use model::value::{Kind, Value};
use state::State;

use crate::ephemeral::while_open;
use crate::evaluator::Evaluator;
use crate::graph::Graph;
use crate::object;
use crate::plan::{Action, Change};
use crate::planner::prior_evaluator;
use crate::prior::{Prior, PriorObject};
use crate::refresh::refresh;
use crate::stack::Stack;

/// One object that somebody or something else changed or deleted.
///
/// Only a difference between what was last applied and what is live makes a drift. A configuration that is yet to be applied
/// never does.
#[derive(Clone, PartialEq, Debug)]
pub struct Drift {
    pub key: ObjectKey,
    pub provider: ProviderConfigAddr,
    /// The object as of the last apply.
    pub applied: Value,
    /// The object as it is; `None` when it is gone.
    pub live: Option<Value>,
    /// The places that differ, in the order of the attributes' names. Empty when the object is gone.
    pub attributes: Vec<AttributeDrift>,
    /// Whether something that the plan is about to change depends on this object, or is this object.
    pub relevant: bool,
    /// The block of the configuration; `None` when there is none any more.
    pub range: Option<SourceRange>,
}

/// One place that differs, seen from three sides.
#[derive(Clone, PartialEq, Debug)]
pub struct AttributeDrift {
    /// The deepest place that holds the whole difference; sets differ as a whole.
    pub path: Path,
    /// What the configuration says; `None` when it says nothing about this place, or there is no configuration any more.
    /// Parts that are not known without an apply are unknown.
    pub configuration: Option<Value>,
    /// What the last apply left; `None` when there was no such place.
    pub applied: Option<Value>,
    /// What is there; `None` when there is no such place.
    pub live: Option<Value>,
}

/// Looks for drift in a stack. Makes only read calls, and reads only what the state knows.
///
/// Objects that can't be read are errors in the messages; what was found of the others is told all the same.
pub async fn drift(stack: Stack<'_>, state: &State) -> (Vec<Drift>, Diagnostics) {
    let ((drift, mut diagnostics), closed) = while_open(stack, None, find(stack, state)).await;
    diagnostics.extend(closed);
    (drift, diagnostics)
}

async fn find(stack: Stack<'_>, state: &State) -> (Vec<Drift>, Diagnostics) {
    let graph = match Graph::of(stack.config) {
        Ok(graph) => graph,
        Err(diagnostics) => return (Vec::new(), diagnostics),
    };
    let (mut prior, mut diagnostics) = Prior::read(&stack, &graph, state);
    let recorded = prior_evaluator(stack, &graph, &prior);
    diagnostics.extend(refresh(&recorded, &mut prior).await);
    // The configuration is shown as it was applied: from the recorded objects, not from what drifted.
    let drift = of_refresh(&recorded, &prior);
    (drift, diagnostics)
}

/// What a refresh found to differ from the last apply, by address. With the configuration as far as it is known.
pub(crate) fn of_refresh(evaluator: &Evaluator<'_>, prior: &Prior) -> Vec<Drift> {
    let managed = prior.objects.iter().filter(|(key, _)| key.addr.resource.mode == Mode::Managed);
    let drifted = managed.filter(|(_, object)| object.live.as_ref().is_none_or(|live| !live.same(&object.applied)));
    let described = drifted.map(|(key, object)| describe(evaluator, key, object));
    // What differs only where nobody asked for anything is not drift.
    described.filter(|drift| drift.live.is_none() || !drift.attributes.is_empty()).collect()
}

/// Whether a place of an object is the configuration's to say, or was said by it: what the service alone decides, and what
/// was left to it, may change at any time.
///
/// `written` is what the configuration says of the attribute or the blocks; `None` where there is no configuration to ask.
fn is_managed(
    evaluator: &Evaluator<'_>,
    key: &ObjectKey,
    object: &PriorObject,
    path: &Path,
    written: Option<&Value>,
) -> bool {
    let schema = evaluator.stack.providers.schemas(&object.provider.provider).ok();
    let schema = schema.and_then(|provider| provider.schema(key.addr.resource.mode, &key.addr.resource.type_name));
    let (Some(schema), Some(Step::Attribute(name))) = (schema, path.steps.first()) else { return true };
    let is_configured = written.is_none_or(|written| !written.is_null());
    match schema.block.attributes.get(name) {
        Some(attribute) => attribute.presence.is_settable() && (is_configured || !attribute.presence.is_computed()),
        // A nested block: its computed parts are told by what is configured.
        None => {
            let has_blocks = is_configured && written.is_none_or(|written| written.reveal().length() != Some(0));
            has_blocks || schema.block.blocks.get(name).is_none_or(|nested| !nested.computed)
        }
    }
}

fn describe(evaluator: &Evaluator<'_>, key: &ObjectKey, object: &PriorObject) -> Drift {
    let has_block = evaluator.graph.resource(&key.addr.config()).is_some();
    let range = has_block.then(|| evaluator.block(&key.addr.config()).declared);
    let configuration = has_block.then(|| configuration(evaluator, key, object)).flatten();
    let mut attributes = Vec::new();
    if let Some(live) = &object.live {
        compare(&Path::root(), Some(&object.applied), Some(live), &mut |path, applied, live| {
            let configured = configuration.as_ref().and_then(|configuration| configuration.at(&path));
            let written = match (&configuration, path.steps.first()) {
                (Some(configuration), Some(Step::Attribute(name))) => configuration.get(name),
                // Without a block everything that was settable counts.
                _ => None,
            };
            if !is_managed(evaluator, key, object, &path, written.as_ref()) {
                return;
            }
            attributes.push(AttributeDrift {
                configuration: configured.filter(|value| !value.is_null()),
                applied: applied.cloned(),
                live: live.cloned(),
                path,
            });
        });
    }
    Drift {
        key: key.clone(),
        provider: object.provider.clone(),
        applied: object.applied.clone(),
        live: object.live.clone(),
        attributes,
        relevant: false,
        range,
    }
}

/// What the configuration says of an object; `None` where that can't be evaluated, which is said elsewhere.
fn configuration(evaluator: &Evaluator<'_>, key: &ObjectKey, object: &PriorObject) -> Option<Value> {
    let provider = evaluator.stack.providers.schemas(&object.provider.provider).ok()?;
    let schema = provider.schema(key.addr.resource.mode, &key.addr.resource.type_name)?;
    let node = evaluator.graph.resource(&key.addr.config())?;
    let earlier = evaluator.take_diagnostics();
    let keys = evaluator.keys(node, &key.addr.module);
    let wanted = keys.is_ok_and(|keys| keys.contains(key.addr.key.as_ref()));
    let value = if wanted { evaluator.desired(&key.addr, provider.as_ref()).ok() } else { None };
    drop(evaluator.take_diagnostics().into_iter());
    evaluator.report(earlier);
    value.map(|value| object::mark(value, &schema.block))
}

/// Calls `found` with the deepest places at which two values differ, marks aside.
pub(crate) fn compare<'v>(
    path: &Path,
    a: Option<&'v Value>,
    b: Option<&'v Value>,
    found: &mut dyn FnMut(Path, Option<&'v Value>, Option<&'v Value>),
) {
    let (left, right) = match (a, b) {
        (Some(a), Some(b)) if a.same(b) => return,
        (Some(a), Some(b)) => (a, b),
        _ => return found(path.clone(), a, b),
    };
    match (left.reveal(), right.reveal()) {
        // A part of something sensitive is not to be told apart.
        _ if left.is_sensitive() || right.is_sensitive() => found(path.clone(), a, b),
        (Kind::Object(left), Kind::Object(right)) => entries(path, left, right, Step::Attribute, found),
        (Kind::Map(_, left), Kind::Map(_, right)) => entries(path, left, right, Step::Key, found),
        (Kind::List(_, left), Kind::List(_, right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right.iter()).enumerate() {
                compare(&path.child(Step::Index(index)), Some(left), Some(right), found);
            }
        }
        _ => found(path.clone(), a, b),
    }
}

fn entries<'v>(
    path: &Path,
    left: &'v Entries,
    right: &'v Entries,
    step: fn(Arc<str>) -> Step,
    found: &mut dyn FnMut(Path, Option<&'v Value>, Option<&'v Value>),
) {
    let names: BTreeSet<&Arc<str>> = left.keys().chain(right.keys()).collect();
    for name in names {
        compare(&path.child(step(name.clone())), left.get(name), right.get(name), found);
    }
}

/// Marks the drift that a plan has to do with: of objects that change, and of what those depend on.
pub(crate) fn relate(drift: &mut [Drift], changes: &[Change], prior: &Prior) {
    let changing: Vec<&Change> = changes.iter().filter(|change| change.action != Action::NoOp).collect();
    let objects: BTreeSet<&ObjectKey> = changing.iter().map(|change| &change.key).collect();
    let needed: BTreeSet<&ConfigAddr> = changing
        .iter()
        .filter_map(|change| prior.objects.get(&change.key))
        .flat_map(|object| &object.dependencies)
        .collect();
    for entry in drift {
        entry.relevant = objects.contains(&entry.key) || needed.contains(&entry.key.addr.config());
    }
}
