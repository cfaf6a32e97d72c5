//! Texts that a provider writes differently, or takes for equal although they differ.

use model::value::Value;

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
            // Which of the spellings stays is known only to who compares them.
            Rewrite::Json => text,
        }
    }

    pub(crate) fn same(self, a: &str, b: &str) -> bool {
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
