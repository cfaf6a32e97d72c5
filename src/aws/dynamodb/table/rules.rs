//! What DynamoDB refuses of a table.

use std::collections::BTreeSet;

use model::path::{Path, Step};
use model::value::Value;
use provider::propose::is_empty;
use provider::resource::Refusal;

/// Amazon DynamoDB Developer Guide, "Naming rules".
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=255;

pub fn validate(config: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if let Some(detail) = text(config, "name").and_then(|name| name_mistake(&name)) {
        refusals.push(refusal(Path::attribute("name"), detail));
    }
    check_capacities(config, &mut refusals);
    if !is_given(config, "restore_source_name") && !is_given(config, "restore_source_table_arn") {
        check_keys(config, &mut refusals);
    }
    check_projections(config, &mut refusals);
    if flag(config, "stream_enabled") && is_absent(config, "stream_view_type") {
        let detail = "A stream that is enabled needs a `stream_view_type`.".to_string();
        refusals.push(refusal(Path::attribute("stream_view_type"), detail));
    }
    if let Some(blocks) = config.get("ttl") {
        blocks.each_child(|step, ttl| {
            if flag(ttl, "enabled") && is_absent(ttl, "attribute_name") {
                let path = Path::attribute("ttl").child(step).child(Step::Attribute("attribute_name".into()));
                refusals.push(refusal(path, "Items expire by an attribute: its name is empty.".into()));
            }
        });
    }
    refusals
}

/// What a table is that says nothing of it.
pub fn is_equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
    let default = match attribute {
        "billing_mode" => "PROVISIONED",
        "table_class" => "STANDARD",
        _ => return false,
    };
    is_empty(config) && prior.reveal().as_str() == Some(default)
}

fn name_mistake(name: &str) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !NAME_LENGTH.contains(&name.len()) {
        return Some(format!("It has {} characters; a table's name has 3 to 255.", name.len()));
    }
    (!name.chars().all(is_allowed)).then(|| "Only letters, digits, `_`, `-` and `.` are allowed.".into())
}

/// Capacities go with the mode that is paid by them, for the table and for each of its indexes.
fn check_capacities(config: &Value, refusals: &mut Vec<Refusal>) {
    let Some(mode) = config.get("billing_mode").filter(Value::is_known) else { return };
    let is_on_demand = mode.reveal().as_str() == Some("PAY_PER_REQUEST");
    let is_made_elsewhere = is_given(config, "restore_source_name") || is_given(config, "restore_source_table_arn");
    let mut check = |object: &Value, path: &Path| {
        for name in ["read_capacity", "write_capacity"] {
            let path = path.child(Step::Attribute(name.into()));
            let capacity = object.get(name);
            let units = capacity.as_ref().and_then(|capacity| capacity.reveal().as_i64()).unwrap_or_default();
            if is_on_demand && units > 0 {
                let detail = "A table with `billing_mode = \"PAY_PER_REQUEST\"` has no capacities.".to_string();
                refusals.push(refusal(path, detail));
            } else if !is_on_demand && !is_made_elsewhere && units < 1 && capacity.is_none_or(|units| units.is_known())
            {
                let detail = "A table with `billing_mode = \"PROVISIONED\"`, which is the default, needs at least 1."
                    .to_string();
                refusals.push(refusal(path, detail));
            }
        }
    };
    check(config, &Path::root());
    if let Some(indexes) = config.get("global_secondary_index") {
        indexes.each_child(|step, index| check(index, &Path::attribute("global_secondary_index").child(step)));
    }
}

/// Attributes are there for keys, and every key is one of the attributes.
fn check_keys(config: &Value, refusals: &mut Vec<Refusal>) {
    let Some(attributes) = config.get("attribute").filter(Value::is_wholly_known) else { return };
    if is_absent(config, "hash_key") {
        refusals.push(refusal(Path::attribute("hash_key"), "A table needs a hash key.".into()));
    }
    let names: BTreeSet<String> =
        attributes.reveal().items().unwrap_or_default().iter().filter_map(|one| text(one, "name")).collect();
    let mut used = BTreeSet::new();
    let mut is_whole = true;
    let mut check = |object: &Value, path: &Path, keys: &[&str], refusals: &mut Vec<Refusal>| {
        for key in keys {
            is_whole &= object.get(key).is_none_or(|value| value.is_known());
            let Some(name) = text(object, key).filter(|name| !name.is_empty()) else { continue };
            if !names.contains(&name) {
                let path = path.child(Step::Attribute((*key).into()));
                refusals.push(refusal(path, format!("There is no block `attribute` for `{name}`.")));
            }
            used.insert(name);
        }
    };
    check(config, &Path::root(), &["hash_key", "range_key"], refusals);
    let indexes =
        [("global_secondary_index", &["hash_key", "range_key"][..]), ("local_secondary_index", &["range_key"][..])];
    for (block, keys) in indexes {
        let Some(blocks) = config.get(block) else { continue };
        if !blocks.is_known() {
            return;
        }
        let path = Path::attribute(block);
        blocks.each_child(|step, index| check(index, &path.child(step), keys, refusals));
    }
    if !is_whole {
        return;
    }
    for name in names.difference(&used) {
        let detail = format!("The attribute `{name}` is no key of the table or of an index: DynamoDB takes only keys.");
        refusals.push(refusal(Path::attribute("attribute"), detail));
    }
}

/// Amazon DynamoDB API Reference, `Projection`.
fn check_projections(config: &Value, refusals: &mut Vec<Refusal>) {
    for block in ["global_secondary_index", "local_secondary_index"] {
        let Some(blocks) = config.get(block) else { continue };
        blocks.each_child(|step, index| {
            let is_include = text(index, "projection_type").as_deref() == Some("INCLUDE");
            if is_include && is_absent(index, "non_key_attributes") {
                let path = Path::attribute(block).child(step).child(Step::Attribute("non_key_attributes".into()));
                refusals.push(refusal(path, "The projection `INCLUDE` needs the attributes to include.".into()));
            }
        });
    }
}

fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.reveal().as_str().map(str::to_string)
}

fn flag(object: &Value, name: &str) -> bool {
    object.get(name).is_some_and(|value| value.reveal().as_bool() == Some(true))
}

/// Whether an argument is known to say nothing.
fn is_absent(object: &Value, name: &str) -> bool {
    object.get(name).is_none_or(|value| value.is_known() && is_empty(&value))
}

fn is_given(object: &Value, name: &str) -> bool {
    !is_absent(object, name)
}

fn refusal(attribute: Path, detail: String) -> Refusal {
    Refusal { summary: format!("invalid value for {}", attribute.names()), attribute, detail }
}
