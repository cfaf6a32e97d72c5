//! What functions there are, in the JSON form that programs read.

use super::{Function, Parameter, all};
use model::json::type_to_json;
use serde_json::{Map, Value as Json, json};

/// The signatures of all functions of the language, by name and by name in the namespace `core`, as Terraform's
/// `metadata functions -json` has them (format 1.0).
pub fn signatures() -> Json {
    let mut signatures = Map::new();
    for function in all() {
        let signature = signature(function);
        signatures.insert(format!("core::{}", function.name), signature.clone());
        signatures.insert(function.name.into(), signature);
    }
    json!({"format_version": "1.0", "function_signatures": signatures})
}

fn signature(function: &Function) -> Json {
    let mut signature = Map::new();
    signature.insert("description".into(), function.description.into());
    signature.insert("return_type".into(), type_to_json(&function.result.ty()));
    if !function.parameters.is_empty() {
        signature.insert("parameters".into(), function.parameters.iter().map(parameter).collect());
    }
    if let Some(variadic) = &function.variadic {
        signature.insert("variadic_parameter".into(), parameter(variadic));
    }
    Json::Object(signature)
}

fn parameter(parameter: &Parameter) -> Json {
    let mut object = Map::new();
    object.insert("name".into(), parameter.name.into());
    if parameter.nullable {
        object.insert("is_nullable".into(), true.into());
    }
    object.insert("type".into(), type_to_json(&parameter.shape.ty()));
    Json::Object(object)
}
