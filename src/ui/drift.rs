//! Drift as text and as JSON: what the configuration says, what was last applied, and what is live.

use std::fmt::Write;

use engine::drift::{AttributeDrift, Drift};
use engine::echo::Echoes;
use model::diagnostic::Diagnostics;
use model::path::{Path, Step};
use model::source::SourceMap;
use model::value::{Marks, Value};
use serde_json::{Map, Value as Json, json};

use crate::difference::{Comparison, Field};
use crate::escape::inert_line;
use crate::page::Page;
use crate::style::{self, counted, paint};
use crate::values::{Secrets, simple};

/// All drift, an object at a time with three lines for every place that differs, and a summary.
///
/// `objects` is how many were looked at.
pub fn text(drifts: &[Drift], objects: usize, sources: &SourceMap) -> String {
    let mut out = String::new();
    for drift in drifts {
        one(&mut out, drift, sources);
        out.push('\n');
    }
    out.push_str(&summary(drifts, objects));
    out.push('\n');
    out
}

/// `No drift: 34 objects are as they were last applied.` or `Drift: 2 of 34 objects differ (1 changed, 1 deleted).`
pub fn summary(drifts: &[Drift], objects: usize) -> String {
    if drifts.is_empty() {
        let are = if objects == 1 { "is as it was" } else { "are as they were" };
        return format!("{} {} {are} last applied.", paint(style::GOOD, "No drift:"), counted(objects, "object"));
    }
    let deleted = drifts.iter().filter(|drift| drift.live.is_none()).count();
    let changed = drifts.len() - deleted;
    let differ = if drifts.len() == 1 { "differs" } else { "differ" };
    let head = paint(style::WARN, "Drift:");
    format!(
        "{head} {} of {} {differ} ({changed} changed, {deleted} deleted).",
        drifts.len(),
        counted(objects, "object")
    )
}

fn one(out: &mut String, drift: &Drift, sources: &SourceMap) {
    let key = drift.key.to_string();
    let addr = paint(style::BOLD, inert_line(&key));
    let (symbol, sign_style, what) = match drift.live {
        Some(_) => ("~", style::CHANGE, "has changed"),
        None => ("-", style::REMOVE, "has been deleted"),
    };
    let id = identifier(drift).map(|id| format!(" [id={}]", inert_line(&id))).unwrap_or_default();
    let place = drift.range.map(|range| format!(" ({})", inert_line(&sources.describe(range)))).unwrap_or_default();
    push_line(out, &format!("{} {addr} {what}{id}{place}", paint(sign_style, symbol)));
    let echoes = echoes(drift);
    for attribute in &drift.attributes {
        push_line(out, &format!("    {}", place_name(&attribute.path)));
        out.push_str(&sides(attribute, &echoes));
    }
}

/// The three sides of one place. What takes many lines is shown once, with what differs in it.
fn sides(attribute: &AttributeDrift, echoes: &Echoes) -> String {
    let [configuration, applied, live] = shown_values(attribute, echoes);
    let mut page = Page::new(8);
    let comparison = Comparison::of_values();
    let change = comparison.value(&Path::root(), applied.as_ref(), live.as_ref(), None);
    let fields = match change.filter(|change| applied.is_some() && live.is_some() && change.is_long()) {
        Some(change) => {
            let statement = match &configuration {
                None => Some("(not set)"),
                Some(value) if applied.as_ref().is_some_and(|applied| applied.same(value)) => Some("(as last applied)"),
                Some(value) if live.as_ref().is_some_and(|live| live.same(value)) => Some("(as it is live)"),
                Some(_) => None,
            };
            vec![
                side(
                    "configuration",
                    configuration.as_ref().filter(|_| statement.is_none()),
                    statement.unwrap_or_default(),
                ),
                Field { name: "last applied -> live".into(), difference: change },
            ]
        }
        None => vec![
            side("configuration", configuration.as_ref(), "(not set)"),
            side("last applied", applied.as_ref(), "(absent)"),
            side("live", live.as_ref(), "(absent)"),
        ],
    };
    page.fields(0, &fields, false);
    page.finish()
}

/// The values of a place: where one of them has secrets, none that is not marked is shown.
fn shown_values(attribute: &AttributeDrift, echoes: &Echoes) -> [Option<Value>; 3] {
    let sides = [&attribute.configuration, &attribute.applied, &attribute.live];
    let sides = sides.map(|side| side.as_ref().map(|value| echoes.hide(value)));
    let secret = sides.iter().flatten().any(|value| !value.marks_deep().is_empty());
    sides.map(|side| {
        let value = side?;
        Some(if secret && value.marks_deep().is_empty() { value.sensitive() } else { value })
    })
}

/// The secrets of an object from all sides.
fn echoes(drift: &Drift) -> Echoes {
    let configured = drift.attributes.iter().filter_map(|attribute| attribute.configuration.as_ref());
    Echoes::of([&drift.applied].into_iter().chain(&drift.live).chain(configured))
}

fn side(name: &str, value: Option<&Value>, absent: &str) -> Field {
    let comparison = Comparison { nulls: true, ..Comparison::of_everything() };
    let difference = match value {
        Some(value) => comparison.as_it_is(value),
        None => comparison.statement(absent),
    };
    Field { name: name.to_owned(), difference }
}

/// The drift as JSON: `drift` is a list of objects, `summary` counts them.
///
/// Sensitive values are null, and `sensitive` says so.
pub fn json(drifts: &[Drift], objects: usize, diagnostics: &Diagnostics, sources: &SourceMap) -> Json {
    let deleted = drifts.iter().filter(|drift| drift.live.is_none()).count();
    json!({
        "format_version": "1.0",
        "drifted": !drifts.is_empty(),
        "summary": {"objects": objects, "changed": drifts.len() - deleted, "deleted": deleted},
        "drift": drifts.iter().map(|drift| object_json(drift, sources)).collect::<Vec<_>>(),
        "diagnostics": diagnostics.iter().map(|one| crate::diagnostics::json(one, sources)).collect::<Vec<_>>(),
    })
}

fn object_json(drift: &Drift, sources: &SourceMap) -> Json {
    let mut object = Map::new();
    object.insert("address".into(), drift.key.addr.to_string().into());
    if let model::address::Generation::Deposed(key) = &drift.key.generation {
        object.insert("deposed".into(), (**key).into());
    }
    object.insert("type".into(), (*drift.key.addr.resource.type_name).into());
    object.insert("provider_name".into(), drift.provider.provider.to_string().into());
    if let Some(id) = identifier(drift) {
        object.insert("id".into(), id.into());
    }
    object.insert("action".into(), if drift.live.is_some() { "update" } else { "delete" }.into());
    if let Some(range) = drift.range {
        let file = &*sources.file(range.file).name;
        object.insert("range".into(), json!({"filename": file, "line": sources.start(range).line}));
    }
    let echoes = echoes(drift);
    let attributes = drift.attributes.iter().map(|attribute| attribute_json(attribute, &echoes)).collect();
    object.insert("attributes".into(), attributes);
    Json::Object(object)
}

fn attribute_json(attribute: &AttributeDrift, echoes: &Echoes) -> Json {
    let [configuration, applied, live] = shown_values(attribute, echoes);
    let sides = [&configuration, &applied, &live];
    let sensitive = sides.into_iter().flatten().any(|value| value.marks_deep().contains(Marks::SENSITIVE));
    let side = |value: &Option<Value>| match value {
        Some(value) if !sensitive => simple(value, Secrets::Hidden),
        Some(_) | None => Json::Null,
    };
    let unknown = attribute.configuration.as_ref().is_some_and(|value| !value.is_wholly_known());
    json!({
        "path": place_name(&attribute.path),
        "configuration": side(&configuration),
        "configuration_set": attribute.configuration.is_some(),
        "configuration_unknown": unknown,
        "applied": side(&applied),
        "live": side(&live),
        "sensitive": sensitive,
    })
}

/// The identifier of the object, unless it is a secret.
fn identifier(drift: &Drift) -> Option<String> {
    engine::object::identifier(&drift.applied).map(|id| id.to_string())
}

/// The place as it is written after an address. Elements of sets have no name that is worth reading.
fn place_name(path: &Path) -> String {
    let steps = path.steps.iter().take_while(|step| !matches!(step, Step::Element(_))).cloned().collect();
    inert_line(&Path { steps }.to_string()).into_owned()
}

fn push_line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string never fails");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixtures::{key, object, provider};
    use crate::style::plain;

    fn attribute(path: Path, sides: [Option<Value>; 3]) -> AttributeDrift {
        let [configuration, applied, live] = sides;
        AttributeDrift { path, configuration, applied, live }
    }

    fn drifts() -> Vec<Drift> {
        let tag = Path { steps: vec![Step::Attribute("tags".into()), Step::Key("Team".into())] };
        let unknown = Value::unknown(model::ty::Type::String);
        let changed = Drift {
            key: key("test_thing.main[\"a\"]"),
            provider: provider(),
            applied: object(json!({"id": "i-1", "name": "n"})),
            live: Some(object(json!({"id": "i-1", "name": "m"}))),
            attributes: vec![
                attribute(Path::attribute("name"), [Some("n2".into()), Some("n".into()), Some("m\u{1b}[0m".into())]),
                attribute(Path::attribute("cidr"), [Some(unknown), Some("a".into()), Some("b".into())]),
                attribute(tag, [None, None, Some("ops".into())]),
                attribute(
                    Path::attribute("password"),
                    [Some(Value::from("canary").sensitive()), Some("canary2".into()), None],
                ),
                attribute(Path::attribute("policy"), [None, Some("{\"a\":1}".into()), Some("{\"a\":2}".into())]),
            ],
            relevant: true,
            range: None,
        };
        let gone = Drift {
            key: key("test_thing.gone"),
            provider: provider(),
            applied: object(json!({"id": "i-2"})),
            live: None,
            attributes: Vec::new(),
            relevant: false,
            range: None,
        };
        vec![changed, gone]
    }

    #[test]
    fn every_place_is_shown_from_three_sides() {
        insta::assert_snapshot!(plain(&text(&drifts(), 34, &SourceMap::default())), @r#"
        ~ test_thing.main["a"] has changed [id=i-1]
            name
                configuration = "n2"
                last applied  = "n"
                live          = "m\u001b[0m"
            cidr
                configuration = (known after apply)
                last applied  = "a"
                live          = "b"
            tags["Team"]
                configuration = (not set)
                last applied  = (absent)
                live          = "ops"
            password
                configuration = (sensitive value)
                last applied  = (sensitive value)
                live          = (absent)
            policy
                configuration        = (not set)
              ~ last applied -> live = jsonencode(
                    {
                      ~ a = 1 -> 2
                    }
                )

        - test_thing.gone has been deleted [id=i-2]

        Drift: 2 of 34 objects differ (1 changed, 1 deleted).
        "#);
    }

    #[test]
    fn no_drift_is_one_line() {
        insta::assert_snapshot!(plain(&text(&[], 34, &SourceMap::default())), @"No drift: 34 objects are as they were last applied.");
        insta::assert_snapshot!(plain(&summary(&[], 1)), @"No drift: 1 object is as it was last applied.");
    }

    #[test]
    fn json_form_hides_secrets_and_says_so() {
        let json = json(&drifts(), 34, &Diagnostics::new(), &SourceMap::default());
        let text = serde_json::to_string_pretty(&json).expect("JSON");
        assert!(!text.contains("canary"));
        insta::assert_snapshot!(text, @r#"
        {
          "diagnostics": [],
          "drift": [
            {
              "action": "update",
              "address": "test_thing.main[\"a\"]",
              "attributes": [
                {
                  "applied": "n",
                  "configuration": "n2",
                  "configuration_set": true,
                  "configuration_unknown": false,
                  "live": "m\u001b[0m",
                  "path": "name",
                  "sensitive": false
                },
                {
                  "applied": "a",
                  "configuration": null,
                  "configuration_set": true,
                  "configuration_unknown": true,
                  "live": "b",
                  "path": "cidr",
                  "sensitive": false
                },
                {
                  "applied": null,
                  "configuration": null,
                  "configuration_set": false,
                  "configuration_unknown": false,
                  "live": "ops",
                  "path": "tags[\"Team\"]",
                  "sensitive": false
                },
                {
                  "applied": null,
                  "configuration": null,
                  "configuration_set": true,
                  "configuration_unknown": false,
                  "live": null,
                  "path": "password",
                  "sensitive": true
                },
                {
                  "applied": "{\"a\":1}",
                  "configuration": null,
                  "configuration_set": false,
                  "configuration_unknown": false,
                  "live": "{\"a\":2}",
                  "path": "policy",
                  "sensitive": false
                }
              ],
              "id": "i-1",
              "provider_name": "registry.terraform.io/hashicorp/test",
              "type": "test_thing"
            },
            {
              "action": "delete",
              "address": "test_thing.gone",
              "attributes": [],
              "id": "i-2",
              "provider_name": "registry.terraform.io/hashicorp/test",
              "type": "test_thing"
            }
          ],
          "drifted": true,
          "format_version": "1.0",
          "summary": {
            "changed": 1,
            "deleted": 1,
            "objects": 34
          }
        }
        "#);
    }
}
