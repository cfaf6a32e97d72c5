//! The outputs of the root module: after an apply, for `output`, and as JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use model::convert::convert;
use model::json::{JsonError, to_simple_json, type_to_json};
use model::ty::Type;
use model::value::Kind;
use serde_json::{Value as Json, json};
use state::Output;

use crate::escape::inert;
use crate::style::{self, paint};
use crate::value;

/// All outputs by name.
pub type Outputs = BTreeMap<Arc<str>, Output>;

/// Why an output has no raw form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawError {
    type_name: String,
}

/// The outputs with a heading, as after an apply: sensitive ones hidden. Empty when there are none.
pub fn section(outputs: &Outputs) -> String {
    if outputs.is_empty() {
        return String::new();
    }
    format!("{}\n\n{}", paint(style::BOLD, "Outputs:"), all(outputs))
}

/// All outputs, a name and value each, sensitive ones hidden.
pub fn all(outputs: &Outputs) -> String {
    let line = |(name, output): (&Arc<str>, &Output)| {
        let value = if output.value.is_sensitive() { "<sensitive>".into() } else { value::text(&output.value) };
        format!("{name} = {value}\n")
    };
    inert(&outputs.iter().map(line).collect::<String>()).into_owned()
}

/// The value of one output in the language's syntax. Whoever asks for one by name gets it, sensitive or not.
pub fn one(output: &Output) -> String {
    let (value, _) = output.value.clone().unmark_deep();
    inert(&value::text(&value)).into_owned() + "\n"
}

/// The value as text without quotes and line break, for scripts: strings, numbers and bools. Sensitive or not.
///
/// # Errors
/// Other values have no such form.
pub fn raw(output: &Output) -> Result<String, RawError> {
    let (value, _) = output.value.clone().unmark_deep();
    let error = || RawError { type_name: value.ty().friendly_name() };
    let text = convert(&value, &Type::String).map_err(|_| error())?;
    match text.reveal() {
        Kind::String(text) => Ok(text.to_string()),
        Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) => Err(error()),
        Kind::List(..) | Kind::Set(..) | Kind::Map(..) | Kind::Tuple(_) | Kind::Object(_) => Err(error()),
    }
}

/// `output -json`: all outputs with type and value, sensitive values included, as Terraform gives them.
///
/// # Errors
/// A value that is not known, which no state has.
pub fn json(outputs: &Outputs) -> Result<Json, JsonError> {
    let mut object = serde_json::Map::new();
    for (name, output) in outputs {
        let value = json!({
            "sensitive": output.value.is_sensitive(),
            "type": type_to_json(&output.value.ty()),
            "value": to_simple_json(&output.value)?,
        });
        object.insert(name.to_string(), value);
    }
    Ok(Json::Object(object))
}

/// `output -json NAME`: the value alone, sensitive or not.
///
/// # Errors
/// A value that is not known, which no state has.
pub fn json_one(output: &Output) -> Result<Json, JsonError> {
    to_simple_json(&output.value)
}

impl fmt::Display for RawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} has no raw form: use `-json`, or `jsonencode` in the output", self.type_name)
    }
}

impl std::error::Error for RawError {}

#[cfg(test)]
mod tests {
    use model::json::from_simple_json;
    use model::value::Value;

    use super::*;
    use crate::style::plain;

    fn outputs() -> Outputs {
        let output = |json: Json| Output { value: from_simple_json(&json).expect("a value") };
        let mut outputs: Outputs = [
            ("address", output(json!("db.local:5432"))),
            ("count", output(json!(3))),
            ("list", output(json!(["a", {"b": null}]))),
            ("nothing", output(Json::Null)),
            ("policy", output(json!("{\"a\":[1]}"))),
            ("text", output(json!("one\ntwo\n"))),
        ]
        .into_iter()
        .map(|(name, output)| (Arc::from(name), output))
        .collect();
        outputs.insert("url".into(), Output { value: Value::from("postgres://canary").sensitive() });
        outputs
    }

    #[test]
    fn all_outputs_are_shown_and_secrets_hidden() {
        insta::assert_snapshot!(plain(&section(&outputs())), @r#"
        Outputs:

        address = "db.local:5432"
        count = 3
        list = [
          "a",
          {
            "b" = null
          },
        ]
        nothing = null
        policy = "{\"a\":[1]}"
        text = <<EOT
        one
        two

        EOT
        url = <sensitive>
        "#);
        assert_eq!(section(&Outputs::new()), "");
    }

    #[test]
    fn one_output_is_given_even_when_it_is_sensitive() {
        let outputs = outputs();
        insta::assert_snapshot!(plain(&one(&outputs["url"])), @r#""postgres://canary""#);
        insta::assert_snapshot!(plain(&one(&outputs["list"])), @r#"
        [
          "a",
          {
            "b" = null
          },
        ]
        "#);
        insta::assert_snapshot!(plain(&one(&outputs["text"])), @r"
        <<EOT
        one
        two

        EOT
        ");
        insta::assert_snapshot!(plain(&one(&outputs["nothing"])), @"null");
    }

    #[test]
    fn raw_form_is_for_primitive_values() {
        let outputs = outputs();
        assert_eq!(raw(&outputs["url"]).expect("a string"), "postgres://canary");
        assert_eq!(raw(&outputs["count"]).expect("a number"), "3");
        insta::assert_snapshot!(raw(&outputs["list"]).expect_err("a tuple"), @"a tuple has no raw form: use `-json`, or `jsonencode` in the output");
        assert!(raw(&outputs["nothing"]).is_err());
    }

    #[test]
    fn json_form_has_types_and_values() {
        let mut outputs = outputs();
        outputs.retain(|name, _| matches!(&**name, "count" | "url" | "list"));
        let text = serde_json::to_string(&json(&outputs).expect("known values")).expect("JSON");
        insta::assert_snapshot!(text, @r#"{"count":{"sensitive":false,"type":"number","value":3},"list":{"sensitive":false,"type":["tuple",["string",["object",{"b":"dynamic"}]]],"value":["a",{"b":null}]},"url":{"sensitive":true,"type":"string","value":"postgres://canary"}}"#);
        assert_eq!(json_one(&outputs["count"]).expect("known"), json!(3));
    }
}
