//! Single rules of the planner, each on the smallest facts that show it.

use model::ty::Type;
use serde_json::{Value as Json, json};

use super::conformance::sample::complete;
use super::*;
use crate::propose::propose;

fn facts(block: Json) -> TypeFacts {
    TypeFacts::parse(&json!({"type": "t", "schema_version": 0, "block": block}).to_string())
        .expect("the facts are right")
}

fn object(facts: &TypeFacts, json: Json) -> Value {
    let json = json.as_object().cloned().unwrap_or_default();
    let value = complete(&facts.schema.block, &json).expect("the object fits");
    value.map_parts(&mut |_, part| match part.reveal().as_str() {
        Some("?") => Value::unknown(Type::String),
        Some(_) | None => part,
    })
}

fn planned(facts: &TypeFacts, prior: Json, config: Json) -> Planned {
    planned_with(facts, prior, config, &|_, _, _| false)
}

fn planned_with(
    facts: &TypeFacts,
    prior: Json,
    config: Json,
    equivalent: &dyn Fn(&str, &Value, &Value) -> bool,
) -> Planned {
    let prior = if prior.is_null() { None } else { Some(object(facts, prior)) };
    let config = object(facts, config);
    let proposed = propose(&facts.schema.block, prior.as_ref(), &config);
    let request =
        PlanRequest { type_name: "t", prior: prior.as_ref(), config: &config, proposed: &proposed, private: &[] };
    plan(facts, &request, &Tags::new(), equivalent)
}

fn part(planned: &Planned, name: &str) -> String {
    planned.planned.get(name).map(|value| value.to_string()).unwrap_or_default()
}

fn replace(planned: &Planned) -> Vec<String> {
    planned.replace.iter().map(Path::to_string).collect()
}

#[test]
fn a_new_object_has_defaults_and_does_not_know_what_the_provider_supplies() {
    let facts = facts(json!({"attributes": {
        "id": {"type": "string", "optional": true, "computed": true},
        "size": {"type": "number", "optional": true, "default": 3},
        "zone": {"type": "string", "optional": true, "computed": true},
        "note": {"type": "string", "optional": true}}}));
    let planned = planned(&facts, json!(null), json!({"zone": "a"}));
    assert_eq!(planned.planned.to_string(), r#"{"id" = (known after apply), "note" = null, "size" = 3, "zone" = "a"}"#);
}

#[test]
fn nothing_and_zero_are_the_same_to_the_older_library_only() {
    let attributes = |id: Json| {
        json!({"attributes": {
            "id": id,
            "a": {"type": "string", "optional": true},
            "b": {"type": "bool", "optional": true},
            "c": {"type": ["list", "string"], "optional": true}}})
    };
    let older = facts(attributes(json!({"type": "string", "optional": true, "computed": true})));
    let newer = facts(attributes(json!({"type": "string", "computed": true})));
    let zero = json!({"id": "x", "a": "", "b": false, "c": []});
    assert_eq!(planned(&older, zero.clone(), json!({})).planned, object(&older, zero.clone()));
    assert_eq!(
        planned(&older, json!({"id": "x"}), json!({"a": "", "b": false, "c": []})).planned,
        object(&older, json!({"id": "x"}))
    );
    assert_eq!(planned(&newer, zero, json!({})).planned, object(&newer, json!({"id": "x"})));
}

#[test]
fn an_unknown_value_of_a_replacing_attribute_replaces() {
    let facts = facts(json!({"attributes": {"a": {"type": "string", "optional": true, "force_new": true}}}));
    let planned = planned(&facts, json!({"a": "1"}), json!({"a": "?"}));
    assert_eq!((part(&planned, "a").as_str(), replace(&planned)), ("(known after apply)", vec!["a".to_string()]));
}

#[test]
fn a_collection_with_an_unknown_element_is_unknown() {
    let facts = facts(json!({"attributes": {
        "m": {"type": ["map", "string"], "optional": true},
        "s": {"type": ["set", "string"], "optional": true}}}));
    let planned = planned(&facts, json!({}), json!({"m": {"a": "?", "b": "1"}, "s": ["?"]}));
    assert_eq!(
        (part(&planned, "m").as_str(), part(&planned, "s").as_str()),
        ("(known after apply)", "(known after apply)")
    );
}

#[test]
fn what_the_type_takes_for_the_same_stays_as_it_was_written() {
    let facts = facts(json!({"attributes": {"a": {"type": "string", "optional": true, "force_new": true}}}));
    let equivalent = |name: &str, prior: &Value, want: &Value| {
        name == "a" && prior.reveal().as_str() == Some("tcp") && want.reveal().as_str() == Some("6")
    };
    let planned = planned_with(&facts, json!({"a": "tcp"}), json!({"a": "6"}), &equivalent);
    assert_eq!((part(&planned, "a").as_str(), replace(&planned)), (r#""tcp""#, vec![]));
}

#[test]
fn timeouts_alone_are_no_change() {
    let facts = facts(json!({
        "attributes": {"a": {"type": "string", "optional": true}},
        "block_types": {"timeouts": {"nesting_mode": "single", "block": {"attributes": {"create": {"type": "string", "optional": true}}}}}}));
    let alone = planned(&facts, json!({}), json!({"timeouts": {"create": "1m"}}));
    assert_eq!(part(&alone, "timeouts"), "null");
    let with_another = planned(&facts, json!({}), json!({"a": "1", "timeouts": {"create": "1m"}}));
    assert_eq!(part(&with_another, "timeouts"), r#"{"create" = "1m"}"#);
}

#[test]
fn a_change_makes_dependent_attributes_unknown_unless_they_are_configured() {
    let facts = facts(json!({"attributes": {
        "a": {"type": "string", "optional": true, "update_makes_unknown": ["b"]},
        "b": {"type": "string", "optional": true, "computed": true}}}));
    let prior = json!({"a": "1", "b": "2"});
    assert_eq!(part(&planned(&facts, prior.clone(), json!({"a": "3"})), "b"), "(known after apply)");
    assert_eq!(part(&planned(&facts, prior.clone(), json!({"a": "3", "b": "4"})), "b"), r#""4""#);
    assert_eq!(part(&planned(&facts, prior, json!({"a": "1"})), "b"), r#""2""#);
}

#[test]
fn blocks_of_a_set_are_kept_by_what_is_in_them() {
    let facts = facts(json!({"block_types": {"b": {"nesting_mode": "set", "force_new": true, "block": {"attributes": {
        "name": {"type": "string", "required": true},
        "kind": {"type": "string", "optional": true, "default": "x"},
        "made": {"type": "string", "computed": true}}}}}}));
    let prior = json!({"b": [{"name": "1", "kind": "x", "made": "m"}, {"name": "2", "kind": "y", "made": "n"}]});
    let same = planned(&facts, prior.clone(), json!({"b": [{"name": "2", "kind": "y"}, {"name": "1"}]}));
    assert_eq!(same, Planned { planned: object(&facts, prior.clone()), replace: Vec::new() });
    let other = planned(&facts, prior, json!({"b": [{"name": "1"}, {"name": "3"}]}));
    assert_eq!(
        part(&other, "b"),
        r#"[{"kind" = "x", "made" = "m", "name" = "1"}, {"kind" = "x", "made" = (known after apply), "name" = "3"}]"#
    );
    assert_eq!(replace(&other), ["b"]);
}

#[test]
fn computed_blocks_stay_without_a_configuration() {
    let facts = facts(
        json!({"block_types": {"b": {"nesting_mode": "list", "unknown_after_create": true, "block": {"attributes": {
        "a": {"type": "string", "optional": true}}}}}}),
    );
    assert_eq!(part(&planned(&facts, json!(null), json!({})), "b"), "(known after apply)");
    let prior = json!({"b": [{"a": "1"}]});
    assert_eq!(planned(&facts, prior.clone(), json!({})).planned, object(&facts, prior));
}

#[test]
fn a_block_that_stays_without_a_configuration_loses_its_content() {
    let facts = facts(
        json!({"block_types": {"b": {"nesting_mode": "list", "missing_block_stays": true, "block": {"attributes": {
        "on": {"type": "bool", "optional": true, "default": false},
        "name": {"type": "string", "optional": true}}}}}}),
    );
    let empty = json!({"b": [{"on": false, "name": ""}]});
    assert_eq!(planned(&facts, empty.clone(), json!({})).planned, object(&facts, empty));
    let filled = planned(&facts, json!({"b": [{"on": true, "name": "a"}]}), json!({}));
    assert_eq!(part(&filled, "b"), r#"[{"name" = null, "on" = false}]"#);
    assert_eq!(part(&planned(&facts, json!({}), json!({})), "b"), "[]");
}

#[test]
fn a_replacement_is_reported_where_it_comes_from() {
    let list = |extra: &[(&str, Json)]| {
        let mut block = json!({"nesting_mode": "list", "force_new": true, "block": {"attributes": {
            "a": {"type": "string", "optional": true, "force_new": true},
            "b": {"type": "string", "optional": true}}}});
        for (name, value) in extra {
            block[name] = value.clone();
        }
        facts(json!({"block_types": {"l": block}}))
    };
    let plain = list(&[]);
    assert_eq!(replace(&planned(&plain, json!({}), json!({"l": [{"a": "1"}]}))), ["l[0].a"]);
    assert_eq!(replace(&planned(&plain, json!({}), json!({"l": [{"b": "1"}]}))), ["l"]);
    assert_eq!(replace(&planned(&plain, json!({"l": [{"a": "1"}]}), json!({}))), ["l[0].a"]);
    assert_eq!(replace(&planned(&plain, json!({"l": [{"b": "1"}]}), json!({"l": [{"b": "2"}]}))), Vec::<String>::new());
    let itself = list(&[("replace_reported_for", json!(["l"]))]);
    assert_eq!(replace(&planned(&itself, json!({}), json!({"l": [{"a": "1"}]}))), ["l[0].a", "l"]);
}

fn refusals(block: Json, config: Json) -> Vec<String> {
    let facts = facts(block);
    validate(&facts, &object(&facts, config))
        .into_iter()
        .map(|one| {
            let attribute = one.attribute.map(|path| path.to_string()).unwrap_or_default();
            format!("{attribute}: {}{}{}", one.summary, if one.detail.is_empty() { "" } else { "; " }, one.detail)
        })
        .collect()
}

#[test]
fn values_beyond_their_limits_are_refused_as_the_provider_does() {
    let block = json!({"attributes": {
        "kind": {"type": "string", "optional": true, "accepts": {"enum": ["A", "B"]}},
        "kinds": {"type": ["list", "string"], "optional": true, "accepts": {"enum": ["A", "B"]}},
        "size": {"type": "number", "optional": true, "accepts": {"range": {"any_of": [[0, 0], [30, 900]]}}},
        "name": {"type": "string", "optional": true, "accepts": {"length": [1, 3]}}}});
    assert_eq!(
        refusals(block.clone(), json!({"kind": "A", "kinds": ["B"], "size": 0, "name": "abc"})),
        Vec::<String>::new()
    );
    assert_eq!(
        refusals(block.clone(), json!({"kind": "C", "kinds": ["A", "D"], "size": 5, "name": "abcd"})),
        [
            r#"kind: expected kind to be one of ["A", "B"], got C"#,
            r#"kinds[1]: expected kinds to be one of ["A", "B"], got D"#,
            "name: expected length of name to be in the range (1 - 3), got 4; The value is abcd.",
            "size: expected size to be 0 or in the range (30 - 900), got 5",
        ]
    );
    assert_eq!(refusals(block, json!({"kind": "?", "kinds": ["?"]})), Vec::<String>::new(), "the unknown may be right");
}

#[test]
fn a_value_in_the_wrong_case_gets_a_hint() {
    let block =
        json!({"attributes": {"kind": {"type": "string", "optional": true, "accepts": {"enum": ["NONE", "ALL"]}}}});
    let facts = facts(block);
    let hint =
        |kind: &str| validate(&facts, &object(&facts, json!({"kind": kind}))).iter().find_map(|one| one.hint.clone());
    assert_eq!(hint("none").as_deref(), Some(r#"Did you mean "NONE"?"#));
    assert_eq!(hint("some"), None);
}

#[test]
fn refused_sensitive_values_are_not_shown() {
    let block = json!({"attributes": {"key": {"type": "string", "optional": true, "sensitive": true, "accepts": {"length": [1, 3]}}}});
    let refusals = refusals(block, json!({"key": "hunter2"}));
    assert_eq!(
        refusals,
        ["key: expected length of key to be in the range (1 - 3), got 7; The value is (sensitive value)."]
    );
}

#[test]
fn missing_and_conflicting_arguments_and_blocks_are_refused() {
    let document = json!({"type": "t", "schema_version": 0, "conflicts": [["a", "b"]], "block": {
        "attributes": {"a": {"type": "string", "optional": true}, "b": {"type": "string", "optional": true}, "c": {"type": "string", "required": true}},
        "block_types": {
            "one": {"nesting_mode": "list", "min_items": 1, "max_items": 1, "block": {"attributes": {"d": {"type": "string", "required": true}}}},
            "two": {"nesting_mode": "set", "max_items": 1, "block": {"attributes": {"d": {"type": "string", "optional": true}}}}}}});
    let facts = TypeFacts::parse(&document.to_string()).expect("the facts are right");
    let summaries = |config: Json| {
        let config = object(&facts, config);
        validate(&facts, &config)
            .into_iter()
            .map(|one| format!("{}: {}", one.attribute.map(|path| path.to_string()).unwrap_or_default(), one.summary))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        summaries(json!({"a": "1", "b": "2", "two": [{"d": "1"}, {"d": "2"}]})),
        [
            "c: Missing required argument",
            "one: Insufficient one blocks",
            "two: Too many two blocks",
            "a: Conflicting configuration arguments"
        ]
    );
    assert_eq!(summaries(json!({"a": "1", "b": "?", "c": "1", "one": [{}]})), ["one[0].d: Missing required argument"]);
}
