//! `providers schema -json`: what blocks of providers may contain, in Terraform's format 1.0.
//!
//! Without descriptions, which the facts of a type do not have, and without the functions of providers.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::address::Mode;
use model::json::type_to_json;
use model::schema::{Attribute, Block, NestedAttribute, NestedBlock, Nesting, Presence, Schema};
use provider::Provider;
use serde_json::{Map, Value as Json, json};

/// The schemas of providers, each with all its types.
pub fn json(providers: &[Arc<dyn Provider>]) -> Json {
    if providers.is_empty() {
        return json!({"format_version": "1.0"});
    }
    let schemas = providers.iter().map(|provider| (provider.addr().to_string(), of_provider(provider.as_ref())));
    json!({"format_version": "1.0", "provider_schemas": Json::Object(schemas.collect())})
}

fn of_provider(provider: &dyn Provider) -> Json {
    let mut object = Map::new();
    let config = Schema { version: 0, block: provider.config_schema().as_ref().clone() };
    object.insert("provider".into(), schema(&config));
    for (mode, name) in [
        (Mode::Managed, "resource_schemas"),
        (Mode::Data, "data_source_schemas"),
        (Mode::Ephemeral, "ephemeral_resource_schemas"),
    ] {
        let types = provider.type_names(mode).into_iter();
        let schemas: Map<String, Json> =
            types.filter_map(|name| Some((name.to_string(), schema(provider.schema(mode, &name)?.as_ref())))).collect();
        if !schemas.is_empty() {
            object.insert(name.into(), schemas.into());
        }
    }
    object.into()
}

fn schema(schema: &Schema) -> Json {
    json!({"version": schema.version, "block": block(&schema.block)})
}

fn block(block: &Block) -> Json {
    let mut object = Map::new();
    if !block.attributes.is_empty() {
        object.insert("attributes".into(), attributes(&block.attributes));
    }
    if !block.blocks.is_empty() {
        let blocks = block.blocks.iter().map(|(name, nested)| (name.to_string(), nested_block(nested)));
        object.insert("block_types".into(), Json::Object(blocks.collect()));
    }
    object.insert("description_kind".into(), "plain".into());
    flag(&mut object, "deprecated", block.deprecated);
    object.into()
}

fn attributes(attributes: &BTreeMap<Arc<str>, Attribute>) -> Json {
    let all = attributes.iter().map(|(name, attribute)| (name.to_string(), of_attribute(attribute)));
    Json::Object(all.collect())
}

fn of_attribute(attribute: &Attribute) -> Json {
    let mut object = Map::new();
    match &attribute.nested {
        Some(nested) => object.insert("nested_type".into(), nested_attribute(nested)),
        None => object.insert("type".into(), type_to_json(&attribute.ty)),
    };
    object.insert("description_kind".into(), "plain".into());
    flag(&mut object, "deprecated", attribute.deprecated);
    flag(&mut object, "required", attribute.presence == Presence::Required);
    flag(&mut object, "optional", matches!(attribute.presence, Presence::Optional | Presence::OptionalComputed));
    flag(&mut object, "computed", attribute.presence.is_computed());
    flag(&mut object, "sensitive", attribute.sensitive);
    flag(&mut object, "write_only", attribute.write_only);
    object.into()
}

fn nested_attribute(nested: &NestedAttribute) -> Json {
    json!({"attributes": attributes(&nested.attributes), "nesting_mode": nesting(nested.nesting)})
}

fn nested_block(nested: &NestedBlock) -> Json {
    let mut object = Map::new();
    object.insert("nesting_mode".into(), nesting(nested.nesting).into());
    object.insert("block".into(), block(&nested.block));
    if nested.min_items > 0 {
        object.insert("min_items".into(), nested.min_items.into());
    }
    if nested.max_items > 0 {
        object.insert("max_items".into(), nested.max_items.into());
    }
    object.into()
}

fn nesting(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "single",
        Nesting::Group => "group",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    }
}

/// Only what is so is said.
fn flag(object: &mut Map<String, Json>, name: &str, is_so: bool) {
    if is_so {
        object.insert(name.into(), true.into());
    }
}
