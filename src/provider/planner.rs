//! The generic planner: what an apply makes of an object, worked out from a type's facts alone.
//!
//! It answers as the provider the facts were taken from does, which for types of the older library ([`Flavor::Sdk`]) means:
//!
//! - null, empty text, zero, false and empty collections are no different from each other;
//! - a set or a map with an unknown element is unknown as a whole;
//! - where nothing changes the answer is the prior object itself, and what doesn't change stays as it was written;
//! - `timeouts` alone are no change.
//!
//! In one place the answer says more than the provider's: computed attributes of a block that an update adds are unknown,
//! where the provider says null and fills them in later.

mod tags;
mod validate;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod properties;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::path::{Path, Step};
use model::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use model::ty::Type;
use model::value::{Kind, Value};

use crate::PlanRequest;
use crate::facts::{AttributeRules, BlockRules, Effect, Flavor, NestedRules, Rewrite, TypeFacts};
use crate::propose::is_empty;
use crate::resource::Tags;

pub use validate::validate;

/// The block that says how long to wait; it is no part of the object.
const TIMEOUTS: &str = "timeouts";

/// What the facts say an apply makes of an object.
#[derive(Clone, PartialEq, Debug)]
pub struct Planned {
    /// The object afterwards. Equal to the prior object when there is nothing to do.
    pub planned: Value,
    /// The attributes and blocks whose change needs a new object; empty for an update in place, and for a create.
    ///
    /// `planned` keeps the prior object's computed attributes also then: whoever replaces the object plans its successor as a create.
    pub replace: Vec<Path>,
}

/// Plans an object of the type that the facts are of.
///
/// `default_tags` are the tags that the provider's configuration gives every object. `equivalent` says whether a wanted
/// value of an attribute means the same as the prior one although it differs; then the prior one stays. It is given the
/// attribute's names joined by dots, and null for what isn't set.
pub fn plan(
    facts: &TypeFacts,
    request: &PlanRequest<'_>,
    default_tags: &Tags,
    equivalent: &dyn Fn(&str, &Value, &Value) -> bool,
) -> Planned {
    let planner = Planner { flavor: facts.flavor, equivalent };
    let mut changes = Changes::default();
    let block = &facts.schema.block;
    let mut planned = planner.object(block, &facts.rules, request.prior, request.proposed, &Path::root(), &mut changes);
    if tags::has_tags_all(block) {
        let all = tags::tags_all(facts.flavor, request.prior, &planned, default_tags);
        changes.any |= request.prior.is_some_and(|prior| prior.get(tags::TAGS_ALL).as_ref() != Some(&all));
        planned = planned.with(tags::TAGS_ALL, all);
    }
    let Some(prior) = request.prior else {
        return Planned { planned, replace: Vec::new() };
    };
    if !changes.any {
        return Planned { planned: prior.clone(), replace: Vec::new() };
    }
    for name in changes.made_unknown {
        planned = make_unknown(block, &name, request, planned);
    }
    for name in changes.reported_too {
        if planned.get(&name) != prior.get(&name) {
            changes.replace.push(Path::attribute(name));
        }
    }
    let mut replace: Vec<Path> = Vec::new();
    for path in changes.replace {
        if !replace.contains(&path) {
            replace.push(path);
        }
    }
    Planned { planned, replace }
}

/// Makes a top-level attribute or block unknown, unless the configuration gives it.
fn make_unknown(block: &Block, name: &Arc<str>, request: &PlanRequest<'_>, planned: Value) -> Value {
    if request.config.get(name).is_some_and(|value| !is_empty(&value)) {
        return planned;
    }
    let ty = match (block.attributes.get(name), block.blocks.get(name)) {
        (Some(attribute), _) => attribute.ty.clone(),
        (None, Some(nested)) => nested.implied_type(),
        (None, None) => return planned,
    };
    planned.with(name.clone(), Value::unknown(ty))
}

/// What was found on the way through an object.
#[derive(Default)]
struct Changes {
    any: bool,
    replace: Vec<Path>,
    /// Top-level names to make unknown.
    made_unknown: Vec<Arc<str>>,
    /// Top-level names that a replacement is reported for as well, if they change.
    reported_too: Vec<Arc<str>>,
}

struct Planner<'a> {
    flavor: Flavor,
    equivalent: &'a dyn Fn(&str, &Value, &Value) -> bool,
}

impl Planner<'_> {
    /// Plans an object of a block; `prior` is `None` where the block is new.
    fn object(
        &self,
        block: &Block,
        rules: &BlockRules,
        prior: Option<&Value>,
        proposed: &Value,
        path: &Path,
        changes: &mut Changes,
    ) -> Value {
        let mut parts = BTreeMap::new();
        for (name, attribute) in &block.attributes {
            let path = path.child(Step::Attribute(name.clone()));
            let rules = rules.attributes.get(name);
            let proposed = proposed.get(name).unwrap_or_else(|| Value::null(attribute.ty.clone()));
            let planned = match prior {
                Some(prior) => {
                    let prior = prior.get(name).unwrap_or_else(|| Value::null(attribute.ty.clone()));
                    self.kept_attribute(attribute, rules, prior, &proposed, &path, changes)
                }
                None => self.new_attribute(attribute, rules, &proposed, &path, changes),
            };
            parts.insert(name.clone(), planned);
        }
        for (name, nested) in &block.blocks {
            let path = path.child(Step::Attribute(name.clone()));
            let empty;
            let rules = match rules.blocks.get(name) {
                Some(rules) => rules,
                None => {
                    empty = NestedRules::default();
                    &empty
                }
            };
            let proposed = proposed.get(name).unwrap_or_else(|| nested.empty_value());
            let prior = prior.map(|prior| prior.get(name).unwrap_or_else(|| nested.empty_value()));
            let planned = if self.flavor == Flavor::Sdk && path.steps.len() == 1 && name.as_ref() == TIMEOUTS {
                proposed
            } else {
                self.blocks(nested, rules, prior, proposed, &path, changes)
            };
            parts.insert(name.clone(), planned);
        }
        Value::object(parts)
    }

    fn new_attribute(
        &self,
        attribute: &Attribute,
        rules: Option<&AttributeRules>,
        proposed: &Value,
        path: &Path,
        changes: &mut Changes,
    ) -> Value {
        if attribute.write_only {
            return Value::null(attribute.ty.clone());
        }
        let mut want = self.wanted(attribute, rules, proposed, true);
        let unset = match self.flavor {
            Flavor::Sdk => is_blank(&want),
            Flavor::Framework => want.is_null(),
        };
        if unset {
            if attribute.presence.is_computed() && rules.is_none_or(|rules| rules.default.is_none()) {
                changes.any = true;
                return Value::unknown(attribute.ty.clone());
            }
            let null = match want.reveal() {
                Kind::Map(..) => true,
                Kind::List(..) | Kind::Set(..) => path.steps.len() > 1,
                Kind::Null(_)
                | Kind::Unknown(..)
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::String(_)
                | Kind::Tuple(_)
                | Kind::Object(_) => false,
            };
            if self.flavor == Flavor::Sdk && null {
                want = Value::null(attribute.ty.clone());
            }
            return want;
        }
        if !is_empty(&want) {
            changes.any = true;
            self.changed(rules, None, Some(&want), path, changes);
        }
        want
    }

    fn kept_attribute(
        &self,
        attribute: &Attribute,
        rules: Option<&AttributeRules>,
        prior: Value,
        proposed: &Value,
        path: &Path,
        changes: &mut Changes,
    ) -> Value {
        if attribute.write_only {
            return Value::null(attribute.ty.clone());
        }
        let mut want = self.wanted(attribute, rules, proposed, false);
        let given_up = attribute.presence.is_computed()
            && match self.flavor {
                Flavor::Sdk => matches!(want.reveal(), Kind::String(text) if text.is_empty()),
                Flavor::Framework => false,
            };
        if given_up || self.same(&prior, &want) || self.means_the_same(rules, &prior, &want, path) {
            return prior;
        }
        if self.flavor == Flavor::Sdk && want.is_null() {
            want = nothing(&attribute.ty);
        }
        let (from, to) = match self.flavor {
            Flavor::Sdk => (!is_empty(&prior), !is_empty(&want)),
            Flavor::Framework => (!prior.is_null(), !want.is_null()),
        };
        if self.changed(rules, from.then_some(&prior), to.then_some(&want), path, changes) == Effect::Ignored {
            return prior;
        }
        changes.any = true;
        want
    }

    /// Notes what a change brings about.
    fn changed(
        &self,
        rules: Option<&AttributeRules>,
        from: Option<&Value>,
        to: Option<&Value>,
        path: &Path,
        changes: &mut Changes,
    ) -> Effect {
        let Some(rules) = rules else {
            return Effect::InPlace;
        };
        let effect = rules.change.effect(from, to);
        match effect {
            Effect::InPlace => changes.made_unknown.extend_from_slice(&rules.update_makes_unknown),
            Effect::Replaces => {
                changes.replace.push(path.clone());
                changes.reported_too.extend(rules.replace_reported_for.iter().filter(|name| !name.is_empty()).cloned());
            }
            Effect::Ignored => {}
        }
        effect
    }

    /// The value the configuration asks for: with its default, and written as the provider writes it.
    fn wanted(&self, attribute: &Attribute, rules: Option<&AttributeRules>, proposed: &Value, is_new: bool) -> Value {
        let mut want = match self.flavor {
            Flavor::Sdk => flattened(proposed, &attribute.ty),
            Flavor::Framework => proposed.clone(),
        };
        let Some(rules) = rules else {
            return want;
        };
        if want.is_null()
            && let Some(default) = &rules.default
            && (is_new || !attribute.presence.is_computed())
        {
            want = default.clone();
        }
        match want.reveal() {
            Kind::String(text) if !rules.rewrites.is_empty() => {
                Value::string(rules.rewrites.iter().fold(text.to_string(), |text, rewrite| rewrite.apply(text)))
            }
            Kind::Null(_)
            | Kind::Unknown(..)
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(..)
            | Kind::Set(..)
            | Kind::Map(..)
            | Kind::Tuple(_)
            | Kind::Object(_) => want,
        }
    }

    fn same(&self, prior: &Value, want: &Value) -> bool {
        match self.flavor {
            Flavor::Sdk => prior == want || same_flattened(prior, want),
            Flavor::Framework => prior == want,
        }
    }

    fn means_the_same(&self, rules: Option<&AttributeRules>, prior: &Value, want: &Value, path: &Path) -> bool {
        if !want.is_wholly_known() {
            return false;
        }
        if let (Some(rules), Kind::String(prior), Kind::String(want)) = (rules, prior.reveal(), want.reveal())
            && rules.ignores.iter().any(|rewrite| rewrite.same(prior, want))
        {
            return true;
        }
        (self.equivalent)(&path.names(), prior, want)
    }

    /// Plans all blocks of a kind; `prior` is `None` where the block around them is new.
    fn blocks(
        &self,
        nested: &NestedBlock,
        rules: &NestedRules,
        prior: Option<Value>,
        proposed: Value,
        path: &Path,
        changes: &mut Changes,
    ) -> Value {
        if !proposed.is_known() {
            self.changed_blocks(rules, path, changes);
            return Value::unknown(nested.implied_type());
        }
        if is_empty(&proposed) {
            return match prior {
                Some(prior) if rules.computed || is_empty(&prior) => prior,
                Some(prior) => {
                    self.removed_blocks(nested, rules, &prior, path, changes);
                    proposed
                }
                None if rules.computed => {
                    changes.any = true;
                    Value::unknown(nested.implied_type())
                }
                None => proposed,
            };
        }
        match nested.nesting {
            Nesting::Single | Nesting::Group => {
                let prior = prior.filter(|prior| !prior.is_null());
                self.element(nested, rules, prior.as_ref(), &proposed, path, path, changes)
            }
            Nesting::List => self.list(nested, rules, prior.as_ref(), &proposed, path, changes),
            Nesting::Map => self.map(nested, rules, prior.as_ref(), &proposed, path, changes),
            Nesting::Set => self.set(nested, rules, prior, &proposed, path, changes),
        }
    }

    /// Plans one block; a new one is a change, reported for the attributes that need a new object, else for the blocks as a whole.
    fn element(
        &self,
        nested: &NestedBlock,
        rules: &NestedRules,
        prior: Option<&Value>,
        proposed: &Value,
        path: &Path,
        blocks: &Path,
        changes: &mut Changes,
    ) -> Value {
        let reported = changes.replace.len();
        let planned = self.object(&nested.block, &rules.rules, prior, proposed, path, changes);
        if prior.is_none() {
            if changes.replace.len() == reported {
                self.changed_blocks(rules, blocks, changes);
            } else {
                changes.any = true;
            }
        }
        planned
    }

    /// Notes that blocks came or went.
    fn changed_blocks(&self, rules: &NestedRules, path: &Path, changes: &mut Changes) {
        changes.any = true;
        match rules.change.effect(Some(()), Some(())) {
            Effect::Replaces => changes.replace.push(path.clone()),
            Effect::InPlace => changes.made_unknown.extend_from_slice(&rules.update_makes_unknown),
            Effect::Ignored => {}
        }
    }

    fn removed_blocks(
        &self,
        nested: &NestedBlock,
        rules: &NestedRules,
        prior: &Value,
        path: &Path,
        changes: &mut Changes,
    ) {
        let reported = changes.replace.len();
        match nested.nesting {
            Nesting::Single | Nesting::Group => self.removed(&nested.block, &rules.rules, prior, path, changes),
            Nesting::List | Nesting::Map => {
                prior.each_child(|step, child| {
                    self.removed(&nested.block, &rules.rules, child, &path.child(step), changes)
                });
            }
            Nesting::Set => {
                let mut inner = Changes::default();
                prior.each_child(|step, child| {
                    self.removed(&nested.block, &rules.rules, child, &path.child(step), &mut inner)
                });
                if !inner.replace.is_empty() {
                    changes.replace.push(path.clone());
                }
            }
        }
        if changes.replace.len() == reported {
            self.changed_blocks(rules, path, changes);
        } else {
            changes.any = true;
        }
    }

    /// Notes which attributes of a block that goes away need a new object.
    fn removed(&self, block: &Block, rules: &BlockRules, prior: &Value, path: &Path, changes: &mut Changes) {
        changes.any = true;
        for (name, attribute) in &block.attributes {
            let Some(value) = prior.get(name).filter(|value| !is_empty(value)) else {
                continue;
            };
            match attribute.presence {
                Presence::Required | Presence::Optional => {
                    let path = path.child(Step::Attribute(name.clone()));
                    self.changed(rules.attributes.get(name), Some(&value), None, &path, changes);
                }
                Presence::OptionalComputed | Presence::Computed => {}
            }
        }
        for (name, nested) in &block.blocks {
            if let Some(prior) = prior.get(name).filter(|value| !is_empty(value))
                && let Some(rules) = rules.blocks.get(name)
            {
                self.removed_blocks(nested, rules, &prior, &path.child(Step::Attribute(name.clone())), changes);
            }
        }
    }

    fn list(
        &self,
        nested: &NestedBlock,
        rules: &NestedRules,
        prior: Option<&Value>,
        proposed: &Value,
        path: &Path,
        changes: &mut Changes,
    ) -> Value {
        let before = prior.and_then(|prior| prior.reveal().items()).unwrap_or_default();
        let items = proposed.reveal().items().unwrap_or_default();
        let planned: Vec<Value> = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                self.element(nested, rules, before.get(index), item, &path.child(Step::Index(index)), path, changes)
            })
            .collect();
        for (index, gone) in before.iter().enumerate().skip(items.len()) {
            let reported = changes.replace.len();
            self.removed(&nested.block, &rules.rules, gone, &path.child(Step::Index(index)), changes);
            if changes.replace.len() == reported {
                self.changed_blocks(rules, path, changes);
            }
        }
        match proposed.reveal() {
            Kind::List(element, _) => Value::list(element.clone(), planned),
            _ => Value::tuple(planned),
        }
    }

    fn map(
        &self,
        nested: &NestedBlock,
        rules: &NestedRules,
        prior: Option<&Value>,
        proposed: &Value,
        path: &Path,
        changes: &mut Changes,
    ) -> Value {
        let none = BTreeMap::new();
        let before = prior.and_then(|prior| prior.reveal().entries()).unwrap_or(&none);
        let entries = proposed.reveal().entries().unwrap_or(&none);
        let planned: BTreeMap<Arc<str>, Value> = entries
            .iter()
            .map(|(key, item)| {
                let path_of = path.child(Step::Key(key.clone()));
                (key.clone(), self.element(nested, rules, before.get(key), item, &path_of, path, changes))
            })
            .collect();
        for (key, gone) in before.iter().filter(|(key, _)| !entries.contains_key(*key)) {
            let reported = changes.replace.len();
            self.removed(&nested.block, &rules.rules, gone, &path.child(Step::Key(key.clone())), changes);
            if changes.replace.len() == reported {
                self.changed_blocks(rules, path, changes);
            }
        }
        match proposed.reveal() {
            Kind::Map(element, _) => Value::map(element.clone(), planned),
            _ => Value::object(planned),
        }
    }

    /// Plans blocks without an order: one that some prior block would become unchanged is that block; all others are new.
    fn set(
        &self,
        nested: &NestedBlock,
        rules: &NestedRules,
        prior: Option<Value>,
        proposed: &Value,
        path: &Path,
        changes: &mut Changes,
    ) -> Value {
        let items = proposed.reveal().items().unwrap_or_default();
        let mut left: Vec<&Value> =
            prior.as_ref().and_then(|prior| prior.reveal().items()).unwrap_or_default().iter().collect();
        let mut inner = Changes::default();
        let mut planned = Vec::with_capacity(items.len());
        for item in items {
            let path = path.child(Step::Element(item.clone()));
            let unchanged = |prior: &&Value| {
                let mut trial = Changes::default();
                self.object(&nested.block, &rules.rules, Some(prior), item, &path, &mut trial);
                !trial.any
            };
            let kept = left.iter().position(|prior| *prior == item).or_else(|| left.iter().position(unchanged));
            match kept {
                Some(position) => planned.push(left.remove(position).clone()),
                None => {
                    inner.any = true;
                    planned.push(self.object(&nested.block, &rules.rules, None, item, &path, &mut inner));
                }
            }
        }
        for gone in left {
            self.removed(&nested.block, &rules.rules, gone, &path.child(Step::Element(gone.clone())), &mut inner);
        }
        match prior {
            Some(prior) if !inner.any => prior,
            Some(_) | None => {
                changes.any = true;
                changes.made_unknown.append(&mut inner.made_unknown);
                changes.reported_too.append(&mut inner.reported_too);
                if inner.replace.is_empty() {
                    self.changed_blocks(rules, path, changes);
                } else {
                    changes.replace.push(path.clone());
                }
                Value::set(nested.block.implied_type(), planned)
            }
        }
    }
}

impl Rewrite {
    fn apply(self, text: String) -> String {
        match self {
            Rewrite::LowerCase => text.to_lowercase(),
            Rewrite::UpperCase => text.to_uppercase(),
            Rewrite::TrailingDot => match text.strip_suffix('.') {
                Some(rest) => rest.to_string(),
                None => text,
            },
            // Which of the spellings stays is known only to who compares them.
            Rewrite::Json => text,
        }
    }

    fn same(self, a: &str, b: &str) -> bool {
        match self {
            Rewrite::LowerCase | Rewrite::UpperCase => a.to_lowercase() == b.to_lowercase(),
            Rewrite::TrailingDot => a.strip_suffix('.').unwrap_or(a) == b.strip_suffix('.').unwrap_or(b),
            Rewrite::Json => {
                let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
                parse(a).is_some_and(|a| parse(b) == Some(a))
            }
        }
    }
}

/// What the older library plans for a value that is taken away: null, or an empty collection.
fn nothing(ty: &Type) -> Value {
    match ty {
        Type::List(element) => Value::list(element.as_ref().clone(), Vec::new()),
        Type::Set(element) => Value::set(element.as_ref().clone(), Vec::new()),
        Type::Map(element) => Value::map(element.as_ref().clone(), BTreeMap::new()),
        Type::Dynamic | Type::Bool | Type::Number | Type::String | Type::Tuple(_) | Type::Object(_) => {
            Value::null(ty.clone())
        }
    }
}

/// Whether the older library takes the value for not set: null, empty text, an empty collection.
fn is_blank(value: &Value) -> bool {
    match value.reveal() {
        Kind::Bool(_) | Kind::Number(_) => false,
        Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::String(_)
        | Kind::List(..)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Tuple(_)
        | Kind::Object(_) => is_empty(value),
    }
}

/// The value as the older library sees it: collections of plain elements are unknown as a whole when an element is, maps
/// have no null elements, and objects in collections have no null texts, flags and collections.
fn flattened(value: &Value, ty: &Type) -> Value {
    match value.reveal() {
        Kind::List(element, items) | Kind::Set(element, items) => {
            if !matches!(element, Type::Object(_)) {
                return if value.is_wholly_known() { value.clone() } else { Value::unknown(ty.clone()) };
            }
            let items: Vec<Value> = items.iter().map(flattened_object).collect();
            match value.reveal() {
                Kind::Set(..) => Value::set(element.clone(), items),
                _ => Value::list(element.clone(), items),
            }
        }
        Kind::Map(element, entries) => {
            if !value.is_wholly_known() {
                return Value::unknown(ty.clone());
            }
            if entries.values().any(Value::is_null) {
                let set = entries.iter().filter(|(_, value)| !value.is_null());
                return Value::map(element.clone(), set.map(|(key, value)| (key.clone(), value.clone())).collect());
            }
            value.clone()
        }
        Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Tuple(_)
        | Kind::Object(_) => value.clone(),
    }
}

fn flattened_object(object: &Value) -> Value {
    let Kind::Object(attributes) = object.reveal() else {
        return object.clone();
    };
    Value::object(attributes.iter().map(|(name, value)| {
        let filled = match value.reveal() {
            Kind::Null(Type::String) => Value::string(""),
            Kind::Null(Type::Bool) => Value::bool(false),
            Kind::Null(ty @ (Type::List(_) | Type::Set(_) | Type::Map(_))) => nothing(ty),
            Kind::Null(_)
            | Kind::Unknown(..)
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(..)
            | Kind::Set(..)
            | Kind::Map(..)
            | Kind::Tuple(_)
            | Kind::Object(_) => flattened(value, &value.ty()),
        };
        (name.clone(), filled)
    }))
}

/// Equality to the older library.
fn same_flattened(a: &Value, b: &Value) -> bool {
    if is_empty(a) && is_empty(b) {
        return true;
    }
    match (a.reveal(), b.reveal()) {
        (Kind::List(Type::Object(_), a), Kind::List(Type::Object(_), b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_flattened(a, b))
        }
        (Kind::Set(Type::Object(_), a), Kind::Set(Type::Object(_), b)) => {
            let mut left: Vec<&Value> = a.iter().collect();
            a.len() == b.len()
                && b.iter().all(|b| match left.iter().position(|a| same_flattened(a, b)) {
                    Some(position) => {
                        left.remove(position);
                        true
                    }
                    None => false,
                })
        }
        (Kind::Object(a), Kind::Object(b)) => {
            a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same_flattened(a, b)))
        }
        _ => a == b,
    }
}
