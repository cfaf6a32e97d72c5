//! The generic planner: what an apply makes of an object, worked out from a type's facts alone.
//!
//! It answers as the provider the facts were taken from does, which for types of the older library ([`Flavor::Sdk`]) means:
//!
//! - null, empty text, zero, false and empty collections are no different from each other;
//! - a set or a map with an unknown element is unknown as a whole;
//! - where nothing changes the answer is the prior object itself, and what doesn't change stays as it was written;
//! - `timeouts` alone are no change.
//!
//! Where the provider's answer would be untrue or a nuisance, this one differs:
//!
//! - computed attributes of a block that an update adds are unknown; the provider says null, and fills them in later;
//! - a computed collection that is configured with something unknown is unknown; the provider says the prior one stays;
//! - zero given for what was null is no change of an attribute that replaces either.

mod blocks;
pub mod conformance;
mod older;
mod tags;
mod validate;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::path::{Path, Step};
use model::schema::{Attribute, Block};
use model::value::{Kind, Value};

use crate::PlanRequest;
use crate::facts::{AttributeRules, BlockRules, Effect, Flavor, NestedRules, TypeFacts};
use crate::planner::blocks::Blocks;
pub(crate) use crate::planner::older::same_flattened;
use crate::planner::older::{flattened, is_blank, nothing};
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
                self.blocks(&Blocks { nested, rules, path: &path }, prior, proposed, changes)
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
        // Where the configuration is silent, the proposed value is the prior one: it stays even if it could be written better.
        if !proposed.is_null() && self.same(&prior, proposed) {
            return prior;
        }
        let mut want = self.wanted(attribute, rules, proposed, false);
        let given_up = attribute.presence.is_computed()
            && match (self.flavor, want.reveal()) {
                // In a set, the proposed element may not have been recognised as the prior one.
                (Flavor::Sdk, Kind::Null(_)) => true,
                (Flavor::Sdk, Kind::String(text)) => text.is_empty(),
                (Flavor::Sdk, Kind::Map(_, entries)) => entries.is_empty(),
                (Flavor::Sdk | Flavor::Framework, _) => false,
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
        rules.rewritten(want)
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
}
