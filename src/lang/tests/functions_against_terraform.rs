//! The table of functions has the names and signatures that Terraform's own list has, where it is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use lang::functions::signatures::signatures;
use serde_json::Value as Json;

/// Signatures without their descriptions.
fn bare(mut all: Json) -> Option<BTreeMap<String, Json>> {
    let signatures = all.get_mut("function_signatures")?.as_object_mut()?;
    for signature in signatures.values_mut() {
        let parameters = signature.get_mut("parameters").and_then(Json::as_array_mut).into_iter().flatten();
        parameters.filter_map(Json::as_object_mut).for_each(|parameter| drop(parameter.remove("description")));
        let signature = signature.as_object_mut()?;
        signature.remove("description")?;
        if let Some(parameter) = signature.get_mut("variadic_parameter").and_then(Json::as_object_mut) {
            parameter.remove("description");
        }
    }
    Some(signatures.iter().map(|(name, signature)| (name.clone(), signature.clone())).collect())
}

/// Nothing where Terraform is not installed.
fn terraform_signatures() -> Option<Json> {
    let mut command = Command::new("terraform");
    let output = command.args(["metadata", "functions", "-json"]).env("CHECKPOINT_DISABLE", "1").output().ok()?;
    serde_json::from_slice(&output.stdout).ok()
}

#[test]
fn functions_have_terraforms_signatures() {
    let Some(theirs) = terraform_signatures() else {
        eprintln!("function signatures: skipped, terraform is not on the PATH");
        return;
    };
    let theirs = bare(theirs).expect("Terraform describes its functions");
    let ours = bare(signatures()).expect("all functions are described");
    let mut wrong = Vec::new();
    for name in theirs.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
        if theirs.get(name) != ours.get(name) {
            wrong.push(format!("{name}\n  ours:   {:?}\n  theirs: {:?}", ours.get(name), theirs.get(name)));
        }
    }
    eprintln!("function signatures: {} of {} agree with Terraform", theirs.len() - wrong.len(), theirs.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
