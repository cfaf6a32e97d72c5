//! The table of functions has the names and signatures that Terraform's own list has, where it is installed.

use std::collections::BTreeMap;
use std::process::Command;

use lang::functions::{self, Function, Parameter};
use model::json::type_to_json;
use serde_json::{Value as Json, json};

fn signature(function: &Function) -> Json {
    let parameter = |parameter: &Parameter| {
        let mut json = json!({ "name": parameter.name, "type": type_to_json(&parameter.shape.ty()) });
        if parameter.nullable {
            json["is_nullable"] = json!(true);
        }
        json
    };
    let mut json = json!({ "return_type": type_to_json(&function.result.ty()) });
    if !function.parameters.is_empty() {
        json["parameters"] = function.parameters.iter().map(parameter).collect();
    }
    if let Some(variadic) = &function.variadic {
        json["variadic_parameter"] = parameter(variadic);
    }
    json
}

/// Terraform's signatures without its descriptions; nothing where it is not installed.
fn terraform_signatures() -> Option<BTreeMap<String, Json>> {
    let output = Command::new("terraform")
        .args(["metadata", "functions", "-json"])
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .ok()?;
    let json: Json = serde_json::from_slice(&output.stdout).ok()?;
    let signatures = json["function_signatures"].as_object()?.iter().filter(|(name, _)| !name.contains("::"));
    let mut described: BTreeMap<String, Json> = signatures.map(|(name, json)| (name.clone(), json.clone())).collect();
    for signature in described.values_mut() {
        let parameters = signature.get_mut("parameters").and_then(Json::as_array_mut).into_iter().flatten();
        parameters.filter_map(Json::as_object_mut).for_each(|parameter| drop(parameter.remove("description")));
        let signature = signature.as_object_mut()?;
        signature.remove("description");
        if let Some(parameter) = signature.get_mut("variadic_parameter").and_then(Json::as_object_mut) {
            parameter.remove("description");
        }
    }
    Some(described)
}

#[test]
fn functions_have_terraforms_signatures() {
    let Some(theirs) = terraform_signatures() else {
        eprintln!("function signatures: skipped, terraform is not on the PATH");
        return;
    };
    let ours: BTreeMap<String, Json> =
        functions::all().map(|function| (function.name.to_owned(), signature(function))).collect();
    let mut wrong = Vec::new();
    for name in theirs.keys().chain(ours.keys()).collect::<std::collections::BTreeSet<_>>() {
        if theirs.get(name) != ours.get(name) {
            wrong.push(format!("{name}\n  ours:   {:?}\n  theirs: {:?}", ours.get(name), theirs.get(name)));
        }
    }
    eprintln!("function signatures: {} of {} agree with Terraform", theirs.len() - wrong.len(), theirs.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
