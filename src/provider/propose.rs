//! The proposed object: configuration and prior object merged, before a provider has its say.
//!
//! It is what the configuration says, except where the configuration leaves a computed attribute to the provider: there the
//! prior value stays. Nested blocks and attributes are merged with the prior one they continue: list elements by position,
//! map elements by key, set elements by the parts that the configuration gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::schema::{Attribute, Block, NestedAttribute, NestedBlock, Nesting, Presence};
use model::value::{Kind, Value};

/// Merges a configuration with the prior object.
///
/// `prior` is `None` for a create; then attributes left to the provider are null. Write-only arguments are null always: they
/// never become part of an object. Both values must be of the block's implied type, as must everything the result holds.
pub fn propose(schema: &Block, prior: Option<&Value>, config: &Value) -> Value {
    if !config.is_known() || config.is_null() {
        return config.clone();
    }
    let prior = prior.filter(|prior| prior.is_known() && !prior.is_null());
    let attributes = schema.attributes.iter().map(|(name, attribute)| {
        (name.clone(), propose_attribute(attribute, part(prior, name).as_ref(), &part_or_null(config, name, attribute)))
    });
    let blocks = schema.blocks.iter().map(|(name, nested)| {
        let config = config.get(name).unwrap_or_else(|| nested.empty_value());
        (name.clone(), propose_nested(nested, part(prior, name).as_ref(), &config))
    });
    Value::object(attributes.chain(blocks).collect::<BTreeMap<Arc<str>, Value>>())
}

fn part(value: Option<&Value>, name: &str) -> Option<Value> {
    value.and_then(|value| value.get(name))
}

fn part_or_null(value: &Value, name: &str, attribute: &Attribute) -> Value {
    value.get(name).unwrap_or_else(|| Value::null(attribute.ty.clone()))
}

fn propose_attribute(attribute: &Attribute, prior: Option<&Value>, config: &Value) -> Value {
    let null = || Value::null(attribute.ty.clone());
    if attribute.write_only {
        return null();
    }
    let prior_or_null = || prior.cloned().unwrap_or_else(null);
    match (attribute.presence, &attribute.nested) {
        (Presence::Computed, _) => prior_or_null(),
        (Presence::OptionalComputed, Some(nested)) if config.is_null() => match prior {
            // A prior value with parts that only a configuration can give was configured, and no longer is.
            Some(prior) if !is_computable(nested, prior) => null(),
            _ => prior_or_null(),
        },
        (Presence::OptionalComputed, None) if config.is_null() => prior_or_null(),
        (Presence::Required | Presence::Optional | Presence::OptionalComputed, Some(nested)) => {
            propose_nested_attribute(nested, prior, config)
        }
        (Presence::Required | Presence::Optional | Presence::OptionalComputed, None) => config.clone(),
    }
}

/// Whether a provider may have made up the value: no part is set that only the configuration sets.
fn is_computable(nested: &NestedAttribute, value: &Value) -> bool {
    objects(nested.nesting, value).iter().all(|object| {
        nested.attributes.iter().all(|(name, attribute)| {
            let Some(part) = object.get(name).filter(|part| !part.is_null()) else {
                return true;
            };
            match &attribute.nested {
                Some(inner) => attribute.presence.is_computed() || is_computable(inner, &part),
                None => attribute.presence.is_computed(),
            }
        })
    })
}

fn objects(nesting: Nesting, value: &Value) -> Vec<Value> {
    match nesting {
        Nesting::Single | Nesting::Group => vec![value.clone()],
        Nesting::List | Nesting::Set => value.reveal().items().unwrap_or_default().to_vec(),
        Nesting::Map => value.reveal().entries().map(|entries| entries.values().cloned().collect()).unwrap_or_default(),
    }
}

fn propose_nested_attribute(nested: &NestedAttribute, prior: Option<&Value>, config: &Value) -> Value {
    merge(nested.nesting, prior, config, &|prior, config| propose_object(nested, prior, config), &|prior, config| {
        nested.attributes.iter().all(|(name, attribute)| may_continue_attribute(attribute, prior, config, name))
    })
}

fn propose_object(nested: &NestedAttribute, prior: Option<&Value>, config: &Value) -> Value {
    if !config.is_known() || config.is_null() {
        return config.clone();
    }
    let prior = prior.filter(|prior| prior.is_known() && !prior.is_null());
    Value::object(nested.attributes.iter().map(|(name, attribute)| {
        (name.clone(), propose_attribute(attribute, part(prior, name).as_ref(), &part_or_null(config, name, attribute)))
    }))
}

fn propose_nested(nested: &NestedBlock, prior: Option<&Value>, config: &Value) -> Value {
    merge(nested.nesting, prior, config, &|prior, config| propose(&nested.block, prior, config), &|prior, config| {
        may_continue(&nested.block, prior, config)
    })
}

/// Merges the elements of a nested block or attribute with the prior elements they continue.
fn merge(
    nesting: Nesting,
    prior: Option<&Value>,
    config: &Value,
    propose_element: &dyn Fn(Option<&Value>, &Value) -> Value,
    continues: &dyn Fn(&Value, &Value) -> bool,
) -> Value {
    // Unknown as a whole: from a dynamic block over something unknown.
    if !config.is_known() || config.is_null() {
        return config.clone();
    }
    let prior = prior.filter(|prior| prior.is_known() && !prior.is_null());
    let prior_items = prior.and_then(|prior| prior.reveal().items()).unwrap_or_default();
    match nesting {
        Nesting::Single | Nesting::Group => propose_element(prior, config),
        Nesting::List | Nesting::Map | Nesting::Set => match config.reveal() {
            Kind::List(element, items) => {
                let items = items.iter().enumerate().map(|(index, item)| propose_element(prior_items.get(index), item));
                Value::list(element.clone(), items.collect::<Vec<_>>())
            }
            Kind::Tuple(items) => {
                let items = items.iter().enumerate().map(|(index, item)| propose_element(prior_items.get(index), item));
                Value::tuple(items.collect::<Vec<_>>())
            }
            Kind::Set(element, items) => {
                let mut left: Vec<&Value> = prior_items.iter().collect();
                let items = items.iter().map(|item| {
                    let position = left
                        .iter()
                        .position(|prior| *prior == item)
                        .or_else(|| left.iter().position(|prior| continues(prior, item)));
                    propose_element(position.map(|position| left.remove(position)), item)
                });
                Value::set(element.clone(), items.collect())
            }
            Kind::Map(element, entries) => {
                let entries =
                    entries.iter().map(|(key, item)| (key.clone(), propose_element(part(prior, key).as_ref(), item)));
                Value::map(element.clone(), entries.collect())
            }
            Kind::Object(entries) => Value::object(
                entries.iter().map(|(key, item)| (key.clone(), propose_element(part(prior, key).as_ref(), item))),
            ),
            Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => config.clone(),
        },
    }
}

/// Whether a prior element of a set can have come from this configuration of it: what the configuration gives is equal, and
/// what it does not give is computed or empty.
pub(crate) fn may_continue(block: &Block, prior: &Value, config: &Value) -> bool {
    let same_attributes =
        block.attributes.iter().all(|(name, attribute)| may_continue_attribute(attribute, prior, config, name));
    same_attributes
        && block.blocks.iter().all(|(name, nested)| {
            let prior = prior.get(name).unwrap_or_else(|| nested.empty_value());
            let config = config.get(name).unwrap_or_else(|| nested.empty_value());
            let (before, after) = (objects(nested.nesting, &prior), objects(nested.nesting, &config));
            match nested.nesting {
                Nesting::Set => {
                    before.len() == after.len()
                        && after
                            .iter()
                            .all(|config| before.iter().any(|prior| may_continue(&nested.block, prior, config)))
                }
                Nesting::Single | Nesting::Group | Nesting::List | Nesting::Map => {
                    before.len() == after.len()
                        && before.iter().zip(&after).all(|(prior, config)| {
                            prior.is_null() == config.is_null()
                                && (prior.is_null() || may_continue(&nested.block, prior, config))
                        })
                }
            }
        })
}

fn may_continue_attribute(attribute: &Attribute, prior: &Value, config: &Value, name: &str) -> bool {
    let prior = part_or_null(prior, name, attribute);
    let config = part_or_null(config, name, attribute);
    if config.is_null() {
        attribute.presence.is_computed() || is_empty(&prior)
    } else {
        prior == config || (is_empty(&prior) && is_empty(&config))
    }
}

/// Null, or what stands for it in objects of the older library: empty text, zero, false, an empty collection.
pub fn is_empty(value: &Value) -> bool {
    match value.reveal() {
        Kind::Null(_) => true,
        Kind::Unknown(..) => false,
        Kind::Bool(value) => !value,
        Kind::Number(value) => value.is_zero(),
        Kind::String(value) => value.is_empty(),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items.is_empty(),
        Kind::Map(_, entries) => entries.is_empty(),
        Kind::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use model::ty::Type;

    use super::*;

    fn attribute(presence: Presence) -> Attribute {
        Attribute::new(Type::String, presence)
    }

    fn block<const N: usize>(attributes: [(&str, Attribute); N]) -> Block {
        Block { attributes: attributes.into_iter().map(|(name, one)| (name.into(), one)).collect(), ..Block::default() }
    }

    fn around(nesting: Nesting, block: Block) -> Block {
        let nested = NestedBlock { nesting, block, min_items: 0, max_items: 0, computed: false };
        Block { blocks: BTreeMap::from([("b".into(), nested)]), ..Block::default() }
    }

    fn null() -> Value {
        Value::null(Type::String)
    }

    /// A block that has a name of its own and a part that the provider supplies.
    fn named() -> Block {
        block([("name", attribute(Presence::Optional)), ("given", attribute(Presence::OptionalComputed))])
    }

    fn one(name: &str, given: Value) -> Value {
        Value::object([("name", Value::string(name)), ("given", given)])
    }

    fn list(items: Vec<Value>) -> Value {
        Value::object([("b", Value::list(named().implied_type(), items))])
    }

    fn set(items: Vec<Value>) -> Value {
        Value::object([("b", Value::set(named().implied_type(), items))])
    }

    #[test]
    fn only_what_the_provider_may_supply_stays() {
        let schema = block([
            ("optional", attribute(Presence::Optional)),
            ("either", attribute(Presence::OptionalComputed)),
            ("computed", attribute(Presence::Computed)),
            ("secret", Attribute { write_only: true, ..attribute(Presence::Optional) }),
        ]);
        let all = |value: Value| {
            let names = ["optional", "either", "computed", "secret"];
            Value::object(names.map(|name| (name, value.clone())))
        };
        let proposed = propose(&schema, Some(&all("old".into())), &all(null()));
        assert_eq!(
            proposed,
            Value::object([
                ("optional", null()),
                ("either", "old".into()),
                ("computed", "old".into()),
                ("secret", null())
            ])
        );
        let config =
            Value::object([("optional", "new"), ("either", "new"), ("secret", "new")].map(|(n, v)| (n, v.into())))
                .with("computed", null());
        assert_eq!(
            propose(&schema, None, &config),
            Value::object([
                ("optional", "new".into()),
                ("either", "new".into()),
                ("computed", null()),
                ("secret", null())
            ])
        );
    }

    #[test]
    fn list_blocks_continue_the_block_at_their_position() {
        let schema = around(Nesting::List, named());
        let prior = list(vec![one("a", "1".into()), one("b", "2".into())]);
        let config = list(vec![one("b", null()), one("a", null()), one("c", null())]);
        let expected = list(vec![one("b", "1".into()), one("a", "2".into()), one("c", null())]);
        assert_eq!(propose(&schema, Some(&prior), &config), expected);
    }

    #[test]
    fn set_blocks_continue_the_block_that_has_what_they_give() {
        let schema = around(Nesting::Set, named());
        let prior = set(vec![one("a", "1".into()), one("b", "2".into())]);
        let config = set(vec![one("b", null()), one("c", null())]);
        let expected = set(vec![one("b", "2".into()), one("c", null())]);
        assert_eq!(propose(&schema, Some(&prior), &config), expected);
    }

    #[test]
    fn map_blocks_continue_the_block_of_their_key() {
        let schema = around(Nesting::Map, named());
        let map = |entries: Vec<(&str, Value)>| {
            let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
            Value::object([("b", Value::map(named().implied_type(), entries))])
        };
        let prior = map(vec![("x", one("a", "1".into()))]);
        let config = map(vec![("x", one("b", null())), ("y", one("a", null()))]);
        let expected = map(vec![("x", one("b", "1".into())), ("y", one("a", null()))]);
        assert_eq!(propose(&schema, Some(&prior), &config), expected);
    }

    #[test]
    fn unknown_blocks_stay_unknown() {
        let schema = around(Nesting::List, named());
        let config = Value::object([("b", Value::unknown(Type::list(named().implied_type())))]);
        assert_eq!(propose(&schema, Some(&list(vec![one("a", "1".into())])), &config), config);
    }

    #[test]
    fn a_structured_attribute_that_was_configured_goes_with_its_configuration() {
        let nested = NestedAttribute { nesting: Nesting::Single, attributes: named().attributes };
        let ty = named().implied_type();
        let schema = block([(
            "s",
            Attribute { nested: Some(Box::new(nested)), ..Attribute::new(ty.clone(), Presence::OptionalComputed) },
        )]);
        let object = |value: Value| Value::object([("s", value)]);
        let nothing = object(Value::null(ty));
        let supplied = object(Value::object([("name", null()), ("given", "1".into())]));
        assert_eq!(propose(&schema, Some(&supplied), &nothing), supplied, "all of it may be the provider's");
        assert_eq!(propose(&schema, Some(&object(one("a", "1".into()))), &nothing), nothing, "the name was configured");
        let config = object(one("b", null()));
        assert_eq!(propose(&schema, Some(&object(one("a", "1".into()))), &config), object(one("b", "1".into())));
    }
}
