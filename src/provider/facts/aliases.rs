//! Blocks of a configuration that stand for attributes of their type.
//!
//! A type has the schema that its objects are stored under, which other tools read as well. Where a configuration may also
//! say some of it in a block of its own, the block is no part of that schema: it is read with the rest of the configuration
//! and then put in the place of the attributes it stands for. Plans, objects and states never see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::diagnostic::{Diagnostic, Diagnostics};
use model::path::{Path, Step};
use model::schema::{Attribute, Block, NestedBlock, Nesting};
use model::value::Value;

/// The blocks of a type that stand for attributes, by name: each from the names in it to top-level attributes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Aliases(pub BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<str>>>);

impl Aliases {
    /// The schema that a configuration is written against: the type's own and these blocks. `None` without any.
    ///
    /// # Errors
    /// The name of an attribute that is not there, or of a block that is.
    pub(super) fn over(&self, block: &Block) -> Result<Option<Block>, String> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut written = block.clone();
        for (name, attributes) in &self.0 {
            if block.attributes.contains_key(name) || block.blocks.contains_key(name) {
                return Err(format!("`{name}` is there already"));
            }
            let mut inner = Block::default();
            for (part, attribute) in attributes {
                let of = block.attributes.get(attribute).ok_or_else(|| format!("there is no `{attribute}`"))?;
                inner.attributes.insert(part.clone(), Attribute { nested: None, ..of.clone() });
            }
            let nested =
                NestedBlock { nesting: Nesting::List, block: inner, min_items: 0, max_items: 1, computed: false };
            written.blocks.insert(name.clone(), nested);
        }
        Ok(Some(written))
    }

    /// Puts what the blocks say in the place of the attributes.
    ///
    /// `config` is a configuration under the schema with the blocks; the result is one under `schema`.
    ///
    /// # Errors
    /// An attribute that is given both ways, and blocks that are there more than once.
    pub fn fold(&self, schema: &Block, config: Value) -> Result<Value, Diagnostics> {
        let Some(given) = config.reveal().entries().filter(|_| !self.0.is_empty()) else {
            return Ok(config);
        };
        let mut folded: BTreeMap<Arc<str>, Value> =
            given.iter().filter(|(name, _)| !self.0.contains_key(*name)).map(|(n, v)| (n.clone(), v.clone())).collect();
        let mut refused = Diagnostics::new();
        for (name, attributes) in &self.0 {
            let Some(block) = given.get(name) else { continue };
            let items = block.reveal().items().unwrap_or_default();
            if items.len() > 1 {
                let detail = format!("No more than 1 {name:?} blocks are allowed.");
                let path = Path::attribute(name.clone()).child(Step::Index(1));
                refused.push(Diagnostic::error(format!("Too many {name} blocks"), detail).attribute(path));
                continue;
            }
            for (part, attribute) in attributes {
                let value = match items.first() {
                    Some(item) => item.get(part),
                    None if block.is_known() => None,
                    // A dynamic block over something unknown.
                    None => schema.attributes.get(attribute).map(|attribute| Value::unknown(attribute.ty.clone())),
                };
                let Some(value) = value.filter(|value| !value.is_null()) else { continue };
                let plain = given.get(attribute);
                if plain.is_some_and(|plain| !plain.is_null()) {
                    refused.push(twice(name, part, attribute));
                    continue;
                }
                folded.insert(attribute.clone(), value.with_marks(block.marks()));
            }
        }
        if refused.is_empty() { Ok(Value::object(folded).with_marks(config.marks())) } else { Err(refused) }
    }
}

fn twice(block: &Arc<str>, part: &Arc<str>, attribute: &Arc<str>) -> Diagnostic {
    let path = Path::attribute(block.clone()).child(Step::Index(0)).child(Step::Attribute(part.clone()));
    Diagnostic::error(
        "Conflicting configuration arguments",
        format!("The argument {part:?} of the block {block:?} and the argument {attribute:?} mean the same, and both are given."),
    )
    .attribute(path)
    .hint(format!("Leave out {attribute:?}, or the block."))
}

#[cfg(test)]
mod tests {
    use model::schema::Presence;
    use model::ty::Type;

    use super::*;

    fn schema() -> Block {
        let number = Attribute::new(Type::Number, Presence::Optional);
        let attributes = ["size_maximum", "size_minimum"].map(|name| (name.into(), number.clone()));
        Block { attributes: BTreeMap::from(attributes), ..Block::default() }
    }

    fn aliases() -> Aliases {
        let parts = [("maximum", "size_maximum"), ("minimum", "size_minimum")].map(|(a, b)| (a.into(), b.into()));
        Aliases(BTreeMap::from([("size".into(), BTreeMap::from(parts))]))
    }

    fn number(value: Option<i64>) -> Value {
        value.map_or_else(|| Value::null(Type::Number), Value::number)
    }

    fn object(maximum: Option<i64>, minimum: Option<i64>) -> Value {
        Value::object([("size_maximum", number(maximum)), ("size_minimum", number(minimum))])
    }

    fn sizes(blocks: &[(Option<i64>, Option<i64>)]) -> Value {
        let written = aliases().over(&schema()).expect("the names are right").expect("there is one");
        let items: Vec<Value> = blocks
            .iter()
            .map(|(maximum, minimum)| Value::object([("maximum", number(*maximum)), ("minimum", number(*minimum))]))
            .collect();
        Value::list(written.blocks["size"].block.implied_type(), items)
    }

    fn fold(config: Value) -> Result<Value, String> {
        aliases().fold(&schema(), config).map_err(|refused| {
            refused.iter().map(|one| format!("{}: {}", one.attribute.clone().unwrap_or_default(), one.detail)).collect()
        })
    }

    #[test]
    fn a_block_takes_the_place_of_the_attributes_it_stands_for() {
        let config = object(None, None).with("size", sizes(&[(Some(2), Some(1))]));
        assert_eq!(fold(config), Ok(object(Some(2), Some(1))));
        let config = object(None, Some(1)).with("size", sizes(&[(Some(2), None)]));
        assert_eq!(fold(config), Ok(object(Some(2), Some(1))));
        let config = object(Some(3), None).with("size", sizes(&[]));
        assert_eq!(fold(config), Ok(object(Some(3), None)));
    }

    #[test]
    fn a_block_that_is_not_known_yet_makes_its_attributes_unknown() {
        let config = object(None, None).with("size", Value::unknown(sizes(&[]).ty()));
        let unknown = Value::unknown(Type::Number);
        assert_eq!(fold(config), Ok(Value::object([("size_maximum", unknown.clone()), ("size_minimum", unknown)])));
    }

    #[test]
    fn marks_of_a_part_stay_on_the_attribute() {
        let parts = Value::object([("maximum", number(Some(2)).sensitive()), ("minimum", number(None))]);
        let block = Value::list(parts.ty(), vec![parts]);
        let folded = fold(object(None, None).with("size", block)).expect("nothing is given twice");
        assert!(folded.get("size_maximum").is_some_and(|value| value.is_sensitive()));
    }

    #[test]
    fn both_forms_at_once_are_refused_at_the_block() {
        let config = object(Some(3), None).with("size", sizes(&[(Some(2), None)]));
        assert_eq!(
            fold(config),
            Err("size[0].maximum: The argument \"maximum\" of the block \"size\" and the argument \"size_maximum\" mean \
                 the same, and both are given."
                .into())
        );
    }

    #[test]
    fn a_second_block_is_refused() {
        let config = object(None, None).with("size", sizes(&[(Some(2), None), (Some(2), None)]));
        assert_eq!(fold(config), Err("size[1]: No more than 1 \"size\" blocks are allowed.".into()));
    }

    #[test]
    fn names_that_the_schema_does_not_have_are_mistakes_of_the_facts() {
        let wrong = Aliases(BTreeMap::from([("size".into(), BTreeMap::from([("a".into(), "nowhere".into())]))]));
        assert_eq!(wrong.over(&schema()), Err("there is no `nowhere`".into()));
        let taken = Aliases(BTreeMap::from([("size_maximum".into(), BTreeMap::new())]));
        assert_eq!(taken.over(&schema()), Err("`size_maximum` is there already".into()));
    }
}
