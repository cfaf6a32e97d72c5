//! Secrets that a provider repeats where nothing marks them: a sensitive tag in `tags_all`, a sensitive name in `id`.
//!
//! A state keeps what the schema and the configuration mark, so that Terraform finds no difference in it. What is shown hides
//! the repetitions too.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::value::{Kind, Value};

/// Texts shorter than this hide only what is equal to them: parts of words would be hidden for nothing.
const PART_LENGTH_MIN: usize = 8;

/// The secret texts of an object.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Echoes {
    secrets: BTreeSet<Arc<str>>,
}

impl Echoes {
    /// All texts at or below a sensitive mark in these values.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a Value>) -> Echoes {
        let mut secrets = BTreeSet::new();
        for value in values {
            collect(value, false, &mut secrets);
        }
        Echoes { secrets }
    }

    /// The value with every text that holds one of the secrets marked.
    pub fn hide(&self, value: &Value) -> Value {
        if self.secrets.is_empty() {
            return value.clone();
        }
        value.clone().map_parts(&mut |_, part| if self.holds(&part) { part.sensitive() } else { part })
    }

    fn holds(&self, part: &Value) -> bool {
        let Some(text) = part.reveal().as_str() else { return false };
        self.secrets
            .iter()
            .any(|secret| **secret == *text || (secret.len() >= PART_LENGTH_MIN && text.contains(&**secret)))
    }
}

fn collect(value: &Value, within: bool, secrets: &mut BTreeSet<Arc<str>>) {
    let within = within || value.is_sensitive();
    match value.reveal() {
        Kind::String(text) if within && !text.is_empty() => {
            secrets.insert(text.clone());
        }
        Kind::String(_) | Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) => {}
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            items.iter().for_each(|item| collect(item, within, secrets));
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            entries.values().for_each(|item| collect(item, within, secrets));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object() -> Value {
        let tags = Value::object([("team", Value::from("ops")), ("key", Value::from("hush-hush").sensitive())]);
        let all = Value::object([("team", Value::from("ops")), ("key", Value::from("hush-hush"))]);
        Value::object([("tags", tags), ("tags_all", all), ("arn", "arn:x:hush-hush".into()), ("name", "hush".into())])
    }

    #[test]
    fn repetitions_of_a_secret_are_hidden_and_nothing_else_is() {
        let hidden = Echoes::of([&object()]).hide(&object());
        let sensitive = |path: [&str; 2]| {
            hidden.get(path[0]).and_then(|value| value.get(path[1])).is_some_and(|value| value.is_sensitive())
        };
        assert!(sensitive(["tags_all", "key"]) && !sensitive(["tags_all", "team"]));
        assert!(hidden.get("arn").is_some_and(|arn| arn.is_sensitive()));
        assert!(hidden.get("name").is_some_and(|name| !name.is_sensitive()));
    }

    #[test]
    fn short_secrets_hide_only_what_is_equal() {
        let object =
            Value::object([("a", Value::from("dev").sensitive()), ("b", "develop".into()), ("c", "dev".into())]);
        let hidden = Echoes::of([&object]).hide(&object);
        assert!(hidden.get("b").is_some_and(|value| !value.is_sensitive()));
        assert!(hidden.get("c").is_some_and(|value| value.is_sensitive()));
    }
}
