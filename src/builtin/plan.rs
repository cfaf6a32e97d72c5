//! Plans from facts, and the joining of what was planned with what was made.

use model::entries::Entries;
use model::path::Path;
use model::value::{Kind, Value};
use provider::facts::TypeFacts;
use provider::resource::Tags;
use provider::{PlanAnswer, PlanRequest, planner};

/// Plans as the facts say: defaults, unknowns, replacement.
pub fn by_facts(facts: &TypeFacts, request: &PlanRequest<'_>) -> PlanAnswer {
    // A default counts whenever the configuration is silent, also where the object has another value.
    let proposed = facts.rules.attributes.iter().fold(request.proposed.clone(), |proposed, (name, rules)| {
        let is_silent = request.config.get(name).is_some_and(|value| value.is_null());
        match (&rules.default, is_silent) {
            (Some(default), true) => proposed.with(name.clone(), default.clone()),
            (Some(_), false) | (None, _) => proposed,
        }
    });
    let request = PlanRequest { proposed: &proposed, ..*request };
    let answer = planner::plan(facts, &request, &Tags::new(), &|_, _, _| false);
    PlanAnswer { planned: answer.planned, replace: answer.replace, private: request.private.into(), notes: Vec::new() }
}

/// Replaces for a map of reasons to replace (`keepers`, `triggers`) when one of them changes.
///
/// Entries that are null and that the object doesn't have are no change that matters: objects of older versions of the
/// providers lack them.
pub fn replace_for_map(name: &str, request: &PlanRequest<'_>, answer: &mut PlanAnswer) {
    let Some(prior) = request.prior.and_then(|prior| prior.get(name)) else { return };
    let Some(wanted) = request.config.get(name) else { return };
    if prior != wanted && !differs_in_nulls_alone(&prior, &wanted) {
        answer.replace.push(Path::attribute(name));
    }
}

fn differs_in_nulls_alone(prior: &Value, wanted: &Value) -> bool {
    if !wanted.is_known() {
        return false;
    }
    let none = Entries::default();
    let before = prior.reveal().entries().unwrap_or(&none);
    let after = wanted.reveal().entries().unwrap_or(&none);
    before.keys().all(|key| after.contains_key(key))
        && after.iter().all(|(key, value)| match before.get(key) {
            Some(before) => before == value,
            None => value.is_null(),
        })
}

/// What was planned, with what was unknown taken from `made`.
pub fn fill(planned: &Value, made: &Value) -> Value {
    match (planned.reveal(), made.reveal()) {
        (Kind::Unknown(..), _) => made.clone(),
        (Kind::Object(attributes), Kind::Object(made)) => Value::object(attributes.iter().map(|(name, planned)| {
            (name.clone(), made.get(name).map_or_else(|| planned.clone(), |made| fill(planned, made)))
        })),
        (
            Kind::Null(_)
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(..)
            | Kind::Set(..)
            | Kind::Map(..)
            | Kind::Tuple(_)
            | Kind::Object(_),
            _,
        ) => planned.clone(),
    }
}
