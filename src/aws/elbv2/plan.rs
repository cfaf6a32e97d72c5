//! Parts of a plan that depend on the kind of object: what is left alone, and defaults.

use model::path::{Path, Step};
use model::value::{Kind, Value};
use provider::resource::Refine;

/// The text of an attribute, where it is known.
pub fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.reveal().as_str().map(str::to_string)
}

/// The first of an object's blocks of a name.
pub fn first(object: &Value, block: &str) -> Option<Value> {
    object.get(block)?.reveal().items()?.first().cloned()
}

/// Leaves an argument or blocks as they are, whatever is configured: nothing for a new object.
pub fn leave(refine: &mut Refine<'_>, name: &str) {
    let Some(planned) = refine.planned.get(name) else { return };
    let left = refine.prior.and_then(|prior| prior.get(name)).unwrap_or_else(|| nothing(&planned));
    *refine.planned = refine.planned.clone().with(name, left);
    let path = Path::attribute(name);
    refine.replace.retain(|replaced| !replaced.starts_with(&path));
}

/// Leaves an argument of the first block of a name as it is, whatever is configured.
pub fn leave_in(refine: &mut Refine<'_>, block: &str, name: &str) {
    let Some(planned) = first(refine.planned, block).and_then(|block| block.get(name)) else { return };
    let prior = refine.prior.and_then(|prior| first(prior, block)).and_then(|block| block.get(name));
    let left = prior.unwrap_or_else(|| nothing(&planned));
    let path = Path::attribute(block).child(Step::Index(0)).child(Step::Attribute(name.into()));
    *refine.planned = refine.planned.clone().update_at(&path, |_| left);
    refine.replace.retain(|replaced| !replaced.starts_with(&path));
}

/// Plans a default for what is not configured. What was left open counts as `false`.
pub fn default(refine: &mut Refine<'_>, name: &str, default: Value) {
    if refine.config.get(name).is_none_or(|config| !config.is_null()) {
        return;
    }
    let prior = refine.prior.and_then(|prior| prior.get(name));
    let is_same = |prior: &Value| *prior == default || (prior.is_null() && default == Value::bool(false));
    let planned = prior.filter(is_same).unwrap_or(default);
    *refine.planned = refine.planned.clone().with(name, planned);
}

/// Asks for a new object because of an attribute.
pub fn replace(refine: &mut Refine<'_>, name: &str) {
    let path = Path::attribute(name);
    if !refine.replace.contains(&path) {
        refine.replace.push(path);
    }
}

fn nothing(value: &Value) -> Value {
    match value.reveal() {
        Kind::List(element, _) => Value::list(element.clone(), Vec::new()),
        Kind::Set(element, _) => Value::set(element.clone(), Vec::new()),
        Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Map(..)
        | Kind::Tuple(_)
        | Kind::Object(_) => Value::null(value.ty()),
    }
}
