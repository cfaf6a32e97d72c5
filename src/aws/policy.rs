//! When two IAM policy documents mean the same although they are written differently.
//!
//! Services give documents back with their keys sorted, single values in lists or lists of one as single values, statements
//! and values in another order, and accounts as ARNs. None of it changes what is allowed.

use std::collections::BTreeMap;

use model::value::Value;
use serde_json::{Map, Value as Json};

/// Whether two documents mean the same. Texts that are no JSON objects mean the same only when they are equal.
pub fn is_equivalent(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (canonical(a), canonical(b)) {
        (Some(a), Some(b)) => a == b,
        (Some(_), None) | (None, Some(_)) | (None, None) => false,
    }
}

/// The same for values: false unless both are known strings.
pub fn is_equivalent_value(a: &Value, b: &Value) -> bool {
    match (a.reveal().as_str(), b.reveal().as_str()) {
        (Some(a), Some(b)) => is_equivalent(a, b),
        (Some(_), None) | (None, Some(_)) | (None, None) => false,
    }
}

/// A live document as it was written before, where both mean the same: services lay documents out anew.
pub fn as_written(written: &str, live: String) -> String {
    if is_equivalent(written, &live) { written.to_string() } else { live }
}

/// The same for any JSON.
pub fn json_as_written(written: &str, live: String) -> String {
    if is_same_json(written, &live) { written.to_string() } else { live }
}

/// Whether two texts are the same JSON, whatever the layout and the order of keys.
pub fn is_same_json(a: &str, b: &str) -> bool {
    match (serde_json::from_str::<Json>(a), serde_json::from_str::<Json>(b)) {
        (Ok(a), Ok(b)) => a == b,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) | (Err(_), Err(_)) => a == b,
    }
}

/// The text of a JSON document without white space and with sorted keys, as stored; other text stays as it is.
pub fn normalized(text: String) -> String {
    serde_json::from_str::<Json>(&text).map_or(text, |document| document.to_string())
}

/// A form in which documents of one meaning are equal: lists of statements, values as sorted lists of texts.
fn canonical(document: &str) -> Option<Json> {
    let Ok(Json::Object(document)) = serde_json::from_str(document) else { return None };
    let parts = document.into_iter().map(|(key, part)| {
        let part = if key == "Statement" { sorted(as_list(part).into_iter().map(statement).collect()) } else { part };
        (key, part)
    });
    Some(object(parts.collect()))
}

fn statement(statement: Json) -> Json {
    let Json::Object(members) = statement else { return statement };
    let members = members.into_iter().filter(|(key, member)| !(key == "Sid" && member == "")).map(|(key, member)| {
        let member = match key.as_str() {
            "Action" | "NotAction" => sorted(as_list(member).into_iter().map(lowercase).collect()),
            "Resource" | "NotResource" => sorted(as_list(member)),
            "Principal" | "NotPrincipal" => principal(member),
            "Condition" => condition(member),
            _ => member,
        };
        (key, member)
    });
    object(members.collect())
}

/// `"*"` and `{"AWS": "*"}` name everybody; an account's number is its root user's ARN.
fn principal(principal: Json) -> Json {
    match principal {
        Json::Object(kinds) => {
            let kinds = kinds.into_iter().map(|(kind, names)| {
                let names = as_list(names).into_iter().map(|name| if kind == "AWS" { account(name) } else { name });
                let names = sorted(names.collect());
                (kind, names)
            });
            object(kinds.collect())
        }
        everybody if everybody == "*" => serde_json::json!({"AWS": ["*"]}),
        other => other,
    }
}

fn account(name: Json) -> Json {
    let Json::String(name) = name else { return name };
    let parts: Vec<&str> = name.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => Json::String((*account).to_string()),
        _ => Json::String(name),
    }
}

/// Operators to keys to values; values are texts, whether written as such, as numbers or as booleans.
fn condition(condition: Json) -> Json {
    let Json::Object(operators) = condition else { return condition };
    let operators = operators.into_iter().map(|(operator, keys)| {
        let Json::Object(keys) = keys else { return (operator, keys) };
        let keys = keys.into_iter().map(|(key, values)| {
            let values = as_list(values).into_iter().map(|value| match value {
                Json::Bool(_) | Json::Number(_) => Json::String(value.to_string()),
                other => other,
            });
            (key, sorted(values.collect()))
        });
        (operator, object(keys.collect()))
    });
    object(operators.collect())
}

fn as_list(value: Json) -> Vec<Json> {
    match value {
        Json::Array(items) => items,
        single => vec![single],
    }
}

fn lowercase(action: Json) -> Json {
    match action {
        Json::String(action) => Json::String(action.to_lowercase()),
        other => other,
    }
}

fn sorted(mut items: Vec<Json>) -> Json {
    items.sort_by_key(Json::to_string);
    items.dedup();
    Json::Array(items)
}

fn object(members: BTreeMap<String, Json>) -> Json {
    Json::Object(Map::from_iter(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_one_meaning_are_equivalent() {
        let written = r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"","Effect":"Allow","Action":["s3:GetObject"],"Resource":["b","a"],"Principal":{"AWS":"arn:aws:iam::123456789012:root"},
             "Condition":{"Bool":{"aws:SecureTransport":true}}}]}"#;
        let answered = r#"{"Statement":{"Resource":["a","b"],"Action":"s3:getobject","Effect":"Allow","Principal":{"AWS":["123456789012"]},
             "Condition":{"Bool":{"aws:SecureTransport":["true"]}}},"Version":"2012-10-17"}"#;
        assert!(is_equivalent(written, answered));
    }

    #[test]
    fn documents_of_another_meaning_are_not() {
        let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        for other in [
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#,
            r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"a"}]}"#,
            "not json",
        ] {
            assert!(!is_equivalent(allow, other), "{other}");
        }
    }

    #[test]
    fn json_is_the_same_whatever_its_layout() {
        assert!(is_same_json(r#"{"a": 1, "b": [2]}"#, r#"{"b":[2],"a":1}"#));
        assert!(!is_same_json("[1, 2]", "[2, 1]"));
    }
}
