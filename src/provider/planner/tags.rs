//! `tags_all`: an object's own tags over the default tags of its provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::schema::Block;
use model::ty::Type;
use model::value::{Kind, Value};

use crate::facts::Flavor;
use crate::propose::is_empty;
use crate::resource::Tags;

pub(super) const TAGS: &str = "tags";
pub(super) const TAGS_ALL: &str = "tags_all";

pub(super) fn has_tags_all(block: &Block) -> bool {
    block.attributes.contains_key(TAGS) && block.attributes.contains_key(TAGS_ALL)
}

/// What `tags_all` is planned to be for the planned `tags`.
///
/// The two libraries differ where a tag has no value and where there are no tags at all: types of the older one leave both to
/// the apply, types of the newer one know.
pub(super) fn tags_all(flavor: Flavor, prior: Option<&Value>, planned: &Value, default_tags: &Tags) -> Value {
    let unknown = || Value::unknown(Type::map(Type::String));
    let tags = planned.get(TAGS).unwrap_or_else(|| Value::null(Type::map(Type::String)));
    if !tags.is_wholly_known() {
        return unknown();
    }
    let all = Value::map(Type::String, merged(&tags, default_tags).into());
    match flavor {
        Flavor::Framework => all,
        Flavor::Sdk => {
            let before = prior.and_then(|prior| prior.get(TAGS_ALL));
            let tags_stay = prior.is_some_and(|prior| prior.get(TAGS).as_ref() == Some(&tags));
            match before {
                // Tags that a default tag left behind are the service's, until a refresh shows them as the object's own.
                Some(before) if tags_stay && (is_empty(&all) || before == all) => before,
                Some(_) if is_empty(&all) => all,
                Some(_) | None if is_empty(&all) || has_blank(&all) => unknown(),
                Some(_) | None => all,
            }
        }
    }
}

/// Whether a tag has an empty value.
fn has_blank(tags: &Value) -> bool {
    tags.reveal().entries().is_some_and(|tags| tags.values().any(is_empty))
}

/// The default tags with the object's own put over them. A tag without a value has an empty one.
fn merged(tags: &Value, default_tags: &Tags) -> BTreeMap<Arc<str>, Value> {
    let mut all: BTreeMap<Arc<str>, Value> =
        default_tags.iter().map(|(key, value)| (Arc::from(key.as_str()), Value::string(value.as_str()))).collect();
    if let Kind::Map(_, own) = tags.reveal() {
        for (key, value) in own.iter() {
            all.insert(key.clone(), if value.is_null() { Value::string("") } else { value.clone() });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::PlanRequest;
    use crate::facts::TypeFacts;
    use crate::planner::plan;
    use crate::propose::propose;

    /// The facts of a type that has nothing but tags.
    fn facts(flavor: Flavor) -> TypeFacts {
        let id = match flavor {
            Flavor::Sdk => r#""optional": true, "computed": true"#,
            Flavor::Framework => r#""computed": true"#,
        };
        TypeFacts::parse(&format!(
            r#"{{"type": "t", "schema_version": 0, "block": {{"attributes": {{
                "id": {{"type": "string", {id}, "unknown_after_create": true}},
                "tags": {{"type": ["map", "string"], "optional": true}},
                "tags_all": {{"type": ["map", "string"], "optional": true, "computed": true}}}}}}}}"#
        ))
        .expect("the facts are right")
    }

    fn tags_value(json: &Json) -> Value {
        let entries = |json: &serde_json::Map<String, Json>| {
            json.iter()
                .map(|(key, value)| match value.as_str() {
                    Some("(unknown)") => (Arc::from(key.as_str()), Value::unknown(Type::String)),
                    Some(text) => (Arc::from(key.as_str()), Value::string(text)),
                    None => (Arc::from(key.as_str()), Value::null(Type::String)),
                })
                .collect()
        };
        match json {
            Json::Object(tags) => Value::map(Type::String, entries(tags)),
            Json::String(_) => Value::unknown(Type::map(Type::String)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => Value::null(Type::map(Type::String)),
        }
    }

    /// `tags` and `tags_all` as planned.
    fn planned(flavor: Flavor, default_tags: &Json, prior: Option<(&Json, &Json)>, config: &Json) -> (Value, Value) {
        let facts = facts(flavor);
        let default_tags: Tags = serde_json::from_value(default_tags.clone()).expect("default tags have values");
        let object = |id: Value, tags: &Json, all: &Json| {
            Value::object([("id", id), (TAGS, tags_value(tags)), (TAGS_ALL, tags_value(all))])
        };
        let prior = prior.map(|(tags, all)| object(Value::string("x"), tags, all));
        let config = object(Value::null(Type::String), config, &Json::Null);
        let proposed = propose(&facts.schema.block, prior.as_ref(), &config);
        let request =
            PlanRequest { type_name: "t", prior: prior.as_ref(), config: &config, proposed: &proposed, private: &[] };
        let planned = plan(&facts, &request, &default_tags, &|_, _, _| false).planned;
        (planned.get(TAGS).expect("it has tags"), planned.get(TAGS_ALL).expect("it has them"))
    }

    #[test]
    fn tags_of_a_new_object_are_planned_as_observed() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../aws/conformance/tags_all.json");
        let text = std::fs::read_to_string(path).expect("the observations are part of the source");
        let observations: Vec<Json> = serde_json::from_str(&text).expect("they are JSON");
        assert!(observations.len() >= 18);
        for observation in observations {
            let flavor =
                if observation["type"] == "aws_cloudwatch_log_group" { Flavor::Sdk } else { Flavor::Framework };
            let (tags, all) = planned(flavor, &observation["default_tags"], None, &observation["tags"]);
            let expected = &observation["planned"];
            assert_eq!((tags, all), (tags_value(&expected[TAGS]), tags_value(&expected[TAGS_ALL])), "{observation}");
        }
    }

    #[test]
    fn tags_of_an_older_type_change_as_observed() {
        for (default_tags, before, all_before, config, after, all_after) in [
            (json!({}), json!(null), json!({"d": "0"}), json!(null), json!(null), json!({"d": "0"})),
            (json!({}), json!({"a": "1"}), json!({"a": "1"}), json!({"a": "1"}), json!({"a": "1"}), json!({"a": "1"})),
            (
                json!({}),
                json!({"a": "1"}),
                json!({"a": "1", "d": "0"}),
                json!({"a": "2"}),
                json!({"a": "2"}),
                json!({"a": "2"}),
            ),
            (json!({}), json!({"a": "1"}), json!({"a": "1"}), json!(null), json!({}), json!({})),
            (json!({}), json!(null), json!({}), json!({"a": ""}), json!({"a": ""}), json!("(unknown)")),
            (json!({}), json!({"a": ""}), json!({"a": ""}), json!({"a": ""}), json!({"a": ""}), json!({"a": ""})),
            (json!({}), json!(null), json!({}), json!({"a": "(unknown)"}), json!("(unknown)"), json!("(unknown)")),
            (json!({"d": "1"}), json!(null), json!({"d": "0"}), json!(null), json!(null), json!({"d": "1"})),
            (json!({"d": "1"}), json!({"a": "1"}), json!({"a": "1"}), json!(null), json!({}), json!({"d": "1"})),
            (
                json!({"d": "1"}),
                json!(null),
                json!({"d": "1"}),
                json!({"d": "1"}),
                json!({"d": "1"}),
                json!({"d": "1"}),
            ),
        ] {
            let (tags, all) = planned(Flavor::Sdk, &default_tags, Some((&before, &all_before)), &config);
            let expected = (tags_value(&after), tags_value(&all_after));
            assert_eq!((tags, all), expected, "{default_tags} {before} {all_before} {config}");
        }
    }

    #[test]
    fn tags_of_a_newer_type_change_as_observed() {
        for (default_tags, before, all_before, config, after, all_after) in [
            (json!({}), json!(null), json!({"d": "0"}), json!(null), json!(null), json!({})),
            (json!({}), json!({"a": "1"}), json!({"a": "1"}), json!(null), json!(null), json!({})),
            (json!({}), json!(null), json!({}), json!({"a": ""}), json!({"a": ""}), json!({"a": ""})),
            (
                json!({}),
                json!(null),
                json!({}),
                json!({"a": "(unknown)"}),
                json!({"a": "(unknown)"}),
                json!("(unknown)"),
            ),
            (
                json!({"d": "1"}),
                json!({"a": "1"}),
                json!({"a": "1"}),
                json!({"a": "2"}),
                json!({"a": "2"}),
                json!({"a": "2", "d": "1"}),
            ),
        ] {
            let (tags, all) = planned(Flavor::Framework, &default_tags, Some((&before, &all_before)), &config);
            let expected = (tags_value(&after), tags_value(&all_after));
            assert_eq!((tags, all), expected, "{default_tags} {before} {all_before} {config}");
        }
    }
}
