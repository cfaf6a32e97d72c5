//! Blocks as text, through hcl-rs and the canonical layout.

use std::sync::Arc;

use hcl_rs::expr::{Expression, Object, ObjectKey, Variable};
use hcl_rs::format::{Format, Formatter};
use hcl_rs::structure::{Attribute as Argument, Block as Written, Body};
use model::address::ResourceAddr;
use model::schema::{Attribute, Block, NestedAttribute, Nesting, Presence, Schema};
use model::value::{Kind, Marks, Value};
use serde_json::Value as Json;

use super::reduce::says_nothing;

/// Stands for a sensitive value until the text is there, as comments are no part of what is written.
const SENSITIVE: &str = "infra__sensitive";

/// A resource block in the canonical layout, with the arguments that a configuration has.
///
/// `provider` is what its provider argument says. Sensitive values are not written: in their place stands `null # sensitive`.
pub(super) fn block_text(addr: &ResourceAddr, provider: Option<&str>, schema: &Schema, config: &Value) -> String {
    let provider = provider
        .map(|name| Argument::new("provider", name.parse::<Expression>().expect("names of providers are identifiers")));
    let block = Written::builder("resource")
        .add_labels([addr.type_name.as_ref(), addr.name.as_ref()])
        .add_attributes(provider)
        .add_structures(fill(&schema.block, config));
    let body = Body::builder().add_block(block.build()).build();
    let mut bytes = Vec::new();
    let mut formatter = Formatter::builder().prefer_ident_keys(true).dense(true).build(&mut bytes);
    body.format(&mut formatter).expect("memory takes every write");
    let mut bytes = Vec::new();
    let mut formatter = Formatter::builder().prefer_ident_keys(true).dense(true).build(&mut bytes);
    body.format(&mut formatter).expect("memory takes every write");
    let text = String::from_utf8(bytes).expect("texts are written");
    let text = text.replace(&format!("= {SENSITIVE}\n"), "= null # sensitive\n");
    // Line ends of strings are escaped, so these stand in none. A call would be written on one line.
    let text = text.replace("({\n", "jsonencode({\n").replace("([\n", "jsonencode([\n");
    hcl::format::format(&text).expect("what is written is valid")
}

/// What stands in a block: arguments by name, then blocks by name.
fn fill(schema: &Block, config: &Value) -> Vec<hcl_rs::Structure> {
    let mut structures = Vec::new();
    for (name, attribute) in &schema.attributes {
        let value = config.get(name).filter(|value| !says_nothing(value));
        if value.is_some() || attribute.presence == Presence::Required {
            structures.push(Argument::new(name.as_ref(), argument(attribute, value)).into());
        }
    }
    for (name, nested) in &schema.blocks {
        let value = config.get(name);
        let items: Vec<(Option<&Arc<str>>, &Value)> = match value.as_ref().map(Value::reveal) {
            Some(Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items)) => {
                items.iter().map(|item| (None, item)).collect()
            }
            Some(Kind::Map(_, entries)) => entries.iter().map(|(key, item)| (Some(key), item)).collect(),
            Some(Kind::Object(_)) => value.iter().map(|item| (None, item)).collect(),
            Some(Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_)) | None => {
                Vec::new()
            }
        };
        for (label, item) in items {
            let block = Written::builder(name.as_ref()).add_labels(label.map(ToString::to_string));
            structures.push(block.add_structures(fill(&nested.block, item)).build().into());
        }
    }
    structures
}

fn argument(attribute: &Attribute, value: Option<Value>) -> Expression {
    let Some(value) = value else { return Expression::Null };
    if attribute.sensitive || value.marks_deep().contains(Marks::SENSITIVE) {
        return Expression::Variable(Variable::new(SENSITIVE).expect("it is an identifier"));
    }
    match &attribute.nested {
        Some(nested) => nested_argument(nested, &value),
        None => expression(&value),
    }
}

/// Objects with what may be set of them.
fn nested_argument(nested: &NestedAttribute, value: &Value) -> Expression {
    let object = |value: &Value| {
        let settable = nested.attributes.iter().filter(|(_, attribute)| attribute.presence.is_settable());
        let entries = settable.filter_map(|(name, attribute)| {
            let value = value.get(name).filter(|value| !value.is_null())?;
            Some((key(name), argument(attribute, Some(value))))
        });
        Expression::Object(entries.collect::<Object<ObjectKey, Expression>>())
    };
    match (nested.nesting, value.reveal()) {
        (Nesting::Single | Nesting::Group, Kind::Object(_)) => object(value),
        (Nesting::List | Nesting::Set, Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items)) => {
            Expression::Array(items.iter().map(object).collect())
        }
        (Nesting::Map, Kind::Map(_, entries) | Kind::Object(entries)) => {
            Expression::Object(entries.iter().map(|(name, item)| (key(name), object(item))).collect())
        }
        (Nesting::Single | Nesting::Group | Nesting::List | Nesting::Set | Nesting::Map, _) => Expression::Null,
    }
}

fn expression(value: &Value) -> Expression {
    match value.reveal() {
        Kind::Null(_) | Kind::Unknown(..) => Expression::Null,
        Kind::Bool(value) => Expression::Bool(*value),
        Kind::Number(value) => number(&value.to_string()),
        Kind::String(text) => string(text),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            Expression::Array(items.iter().map(expression).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            Expression::Object(entries.iter().map(|(name, item)| (key(name), expression(item))).collect())
        }
    }
}

/// Numbers that a double can't hold are written as texts, which convert to them.
fn number(text: &str) -> Expression {
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(value), _) => Expression::from(value),
        (Err(_), Ok(double)) if double.to_string() == text => Expression::from(double),
        (Err(_), Ok(_) | Err(_)) => Expression::String(text.to_string()),
    }
}

/// Texts that are JSON documents are written as what they encode: in parentheses, which become the call that encodes it.
fn string(text: &str) -> Expression {
    match serde_json::from_str::<Json>(text) {
        Ok(json @ (Json::Object(_) | Json::Array(_))) if !matches!(text, "{}" | "[]") => {
            Expression::Parenthesis(Box::new(json_expression(&json)))
        }
        Ok(_) | Err(_) => Expression::String(escaped(text)),
    }
}

fn json_expression(json: &Json) -> Expression {
    match json {
        Json::Null => Expression::Null,
        Json::Bool(value) => Expression::Bool(*value),
        Json::Number(value) => number(&value.to_string()),
        Json::String(text) => Expression::String(escaped(text)),
        Json::Array(items) => Expression::Array(items.iter().map(json_expression).collect()),
        Json::Object(entries) => {
            Expression::Object(entries.iter().map(|(name, item)| (key(name), json_expression(item))).collect())
        }
    }
}

fn key(name: &str) -> ObjectKey {
    ObjectKey::Expression(Expression::String(escaped(name)))
}

/// A text in which nothing begins a template. What begins an interpolation is escaped when it is written, directives are not.
fn escaped(text: &str) -> String {
    text.replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use model::address::Mode;
    use model::schema::NestedBlock;
    use model::ty::Type;

    use super::*;

    fn schema() -> Schema {
        let block = |attributes: Vec<(&str, Attribute)>| Block {
            attributes: attributes.into_iter().map(|(name, attribute)| (name.into(), attribute)).collect(),
            ..Block::default()
        };
        let optional = |ty: Type| Attribute::new(ty, Presence::Optional);
        let rule = block(vec![("port", Attribute::new(Type::Number, Presence::Required))]);
        let rules = NestedBlock { nesting: Nesting::List, block: rule, min_items: 0, max_items: 0, computed: false };
        let attributes = vec![
            ("arn", Attribute::new(Type::String, Presence::Computed)),
            ("id", Attribute::new(Type::String, Presence::OptionalComputed)),
            ("name", optional(Type::String)),
            ("none", optional(Type::String)),
            ("old", Attribute { deprecated: true, ..optional(Type::String) }),
            ("policy", optional(Type::String)),
            ("secret", optional(Type::String).sensitive()),
            ("tags", optional(Type::map(Type::String))),
        ];
        Schema { version: 0, block: Block { blocks: [("rule".into(), rules)].into(), ..block(attributes) } }
    }

    #[test]
    fn a_block_has_what_may_be_set_and_no_secret() {
        let json = serde_json::json!({
            "arn": null, "id": null, "name": "x \"${y}\" %{z}\n", "none": null, "old": null, "secret": "canary",
            "policy": "{\"A\":[1,{\"b c\":\"${aws:x}\"}],\"N\":null}",
            "tags": {"Name": "n", "a b": "c"},
            "rule": [{"port": 80}],
        });
        let schema = schema();
        let value = model::json::from_json(&json, &schema.block.implied_type()).expect("it has the type");
        let addr = ResourceAddr { mode: Mode::Managed, type_name: "test_thing".into(), name: "a".into() };
        insta::assert_snapshot!(block_text(&addr, Some("test.west"), &schema, &value));
    }
}
