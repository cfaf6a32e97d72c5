//! Amazon DynamoDB.

pub mod table;

/// The text, unless it is empty.
fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}
