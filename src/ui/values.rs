//! Values as JSON in the forms of Terraform's plans and states: known parts, unknown parts, sensitive parts.

use engine::echo::Echoes;
use model::ty::Type;
use model::value::{Kind, Marks, Value};
use serde_json::{Map, Value as Json};

/// What becomes of sensitive values in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Secrets {
    /// They are null; the marks beside them say where.
    #[default]
    Hidden,
    /// They are written in clear, as Terraform does.
    Shown,
}

/// A value with null for what is not known or must not be told.
pub fn simple(value: &Value, secrets: Secrets) -> Json {
    encode(&told(value, secrets), secrets, Unknown::Null).unwrap_or(Json::Null)
}

/// A value as `planned_values` and `after` have it: attributes and map elements that are not known are left out, elements of
/// lists that are not known are null. `None` when nothing of it is known.
pub fn known(value: &Value, secrets: Secrets) -> Option<Json> {
    encode(&told(value, secrets), secrets, Unknown::Omit)
}

/// The value with what repeats a secret of it marked, unless secrets are shown.
fn told(value: &Value, secrets: Secrets) -> Value {
    match secrets {
        Secrets::Hidden => Echoes::of([value]).hide(value),
        Secrets::Shown => value.clone(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    Null,
    Omit,
}

fn encode(value: &Value, secrets: Secrets, unknown: Unknown) -> Option<Json> {
    if !value.is_known() {
        return (unknown == Unknown::Null).then_some(Json::Null);
    }
    if hides(value, secrets) {
        return Some(Json::Null);
    }
    Some(match value.reveal() {
        Kind::Null(_) | Kind::Unknown(..) => Json::Null,
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(number) => Json::Number(number.clone().into()),
        Kind::String(text) => Json::String(text.to_string()),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            Json::Array(items.iter().map(|item| encode(item, secrets, unknown).unwrap_or(Json::Null)).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let entries = entries.iter();
            let parts = entries.filter_map(|(name, item)| Some((name.to_string(), encode(item, secrets, unknown)?)));
            Json::Object(parts.collect::<Map<_, _>>())
        }
    })
}

/// `after_unknown`: `true` for what is not known, and the structure that leads to it.
///
/// As Terraform has it, known primitive values are left out of objects and maps, and `false` in lists.
pub fn unknown_parts(value: &Value) -> Json {
    parts(value, &|part| !part.is_known(), false)
}

/// `after_sensitive`, `sensitive_values`: `true` for what is sensitive, and the structure that leads to it.
pub fn sensitive_parts(value: &Value) -> Json {
    parts(value, &|part| part.marks().contains(Marks::SENSITIVE), true)
}

/// Null values have no structure: neither an unknown one nor, in Terraform's states and plans, a sensitive one.
fn parts(value: &Value, is_it: &dyn Fn(&Value) -> bool, of_unknown: bool) -> Json {
    if is_it(value) {
        return Json::Bool(true);
    }
    match value.reveal() {
        Kind::Null(_) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => Json::Bool(false),
        Kind::Unknown(ty, _) => match of_unknown {
            true if matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_)) => Json::Array(Vec::new()),
            true if !ty.is_primitive() && *ty != Type::Dynamic => Json::Object(Map::new()),
            true | false => Json::Bool(false),
        },
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            Json::Array(items.iter().map(|item| parts(item, is_it, of_unknown)).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let parts = entries.iter().map(|(name, item)| (name.to_string(), parts(item, is_it, of_unknown)));
            Json::Object(parts.filter(|(_, part)| *part != Json::Bool(false)).collect::<Map<_, _>>())
        }
    }
}

fn hides(value: &Value, secrets: Secrets) -> bool {
    let sensitive = value.marks().contains(Marks::SENSITIVE) && secrets == Secrets::Hidden;
    // An ephemeral value is never written anywhere.
    sensitive || value.marks().contains(Marks::EPHEMERAL)
}

#[cfg(test)]
mod tests {
    use model::json::from_simple_json;
    use serde_json::json;

    use super::*;

    fn value() -> Value {
        let known =
            from_simple_json(&json!({"a": "x", "list": ["p", "q"], "inner": {"b": 1}, "none": null})).expect("a value");
        let list = Value::list(Type::String, vec![Value::unknown(Type::String), "q".into()]);
        let map = Value::object([("s", Value::from("canary").sensitive()), ("t", true.into())]);
        known.with("list", list).with("map", map).with("later", Value::unknown(Type::list(Type::String)))
    }

    #[test]
    fn known_parts_leave_out_what_is_not_known() {
        let expected =
            json!({"a": "x", "list": [null, "q"], "inner": {"b": 1}, "none": null, "map": {"s": null, "t": true}});
        assert_eq!(known(&value(), Secrets::Hidden), Some(expected));
        assert_eq!(known(&Value::unknown(Type::String), Secrets::Hidden), None);
        assert_eq!(simple(&value(), Secrets::Shown)["map"]["s"], json!("canary"));
    }

    #[test]
    fn unknown_parts_have_the_structure_that_leads_to_them() {
        assert_eq!(unknown_parts(&value()), json!({"list": [true, false], "inner": {}, "map": {}, "later": true}));
    }

    #[test]
    fn sensitive_parts_have_the_structure_that_leads_to_them() {
        assert_eq!(
            sensitive_parts(&value()),
            json!({"list": [false, false], "inner": {}, "map": {"s": true}, "later": []})
        );
    }

    #[test]
    fn ephemeral_values_are_written_nowhere() {
        assert_eq!(simple(&Value::from("canary").with_marks(Marks::EPHEMERAL), Secrets::Shown), Json::Null);
    }
}
