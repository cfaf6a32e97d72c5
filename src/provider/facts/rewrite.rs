//! Texts that a provider writes differently, or takes for equal although they differ.

use model::value::Value;
use serde_json::Value as Json;

use super::{AttributeRules, Rewrite};

impl AttributeRules {
    /// A value written as the provider writes it.
    pub(crate) fn rewritten(&self, value: Value) -> Value {
        match value.reveal().as_str() {
            Some(text) if !self.rewrites.is_empty() => {
                Value::string(self.rewrites.iter().fold(text.to_string(), |text, rewrite| rewrite.apply(text)))
            }
            Some(_) | None => value,
        }
    }
}

impl Rewrite {
    pub(crate) fn apply(self, text: String) -> String {
        match self {
            Rewrite::LowerCase => text.to_lowercase(),
            Rewrite::UpperCase => text.to_uppercase(),
            Rewrite::TrailingDot => match text.strip_suffix('.') {
                Some(rest) => rest.to_string(),
                None => text,
            },
            Rewrite::Json => match serde_json::from_str::<Json>(&text) {
                Ok(json) => json_text(&json),
                Err(_) => text,
            },
        }
    }

    pub(crate) fn same(self, a: &str, b: &str) -> bool {
        match self {
            Rewrite::LowerCase | Rewrite::UpperCase => a.to_lowercase() == b.to_lowercase(),
            Rewrite::TrailingDot => a.strip_suffix('.').unwrap_or(a) == b.strip_suffix('.').unwrap_or(b),
            Rewrite::Json => {
                let parse = |text: &str| serde_json::from_str::<Json>(text).ok();
                parse(a).is_some_and(|a| parse(b) == Some(a))
            }
        }
    }
}

/// JSON as the provider writes it, and `jsonencode` too.
fn json_text(json: &Json) -> String {
    let mut text = sorted(json).to_string();
    for (character, escape) in
        [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")]
    {
        // These stand in strings only, never in the syntax around them.
        if text.contains(character) {
            text = text.replace(character, escape);
        }
    }
    text
}

/// The same JSON with its members in order, whichever order its maps keep.
fn sorted(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Vec<(&String, &Json)> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            Json::Object(members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(sorted).collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => json.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_written_in_one_form() {
        let apply = |text: &str| Rewrite::Json.apply(text.to_string());
        assert_eq!(
            apply("{ \"b\": [1, {\"d\": null, \"c\": 2}],\n \"a\": \"x<y&z\" }"),
            r#"{"a":"x\u003cy\u0026z","b":[1,{"c":2,"d":null}]}"#
        );
        assert_eq!(apply("not {json"), "not {json");
    }

    #[test]
    fn domain_names_lose_one_dot() {
        assert_eq!(Rewrite::TrailingDot.apply("a.example.".into()), "a.example");
        assert!(Rewrite::TrailingDot.same("a.example.", "a.example"));
        assert!(!Rewrite::TrailingDot.same("a.example", "b.example"));
    }
}
