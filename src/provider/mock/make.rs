//! Made-up values: what a provider would have computed, by the schema.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::convert::convert;
use model::entries::Entries;
use model::path::{Path, Step};
use model::schema::{Attribute, Block, NestedAttribute, NestedBlock, Nesting};
use model::ty::Type;
use model::value::{Kind, Value};

use super::Values;
use crate::error::ProviderError;

/// How many characters a made-up string has.
const STRING_LENGTH: usize = 8;

const CHARACTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// An object before it is made: unknown where the provider would compute and the configuration says nothing.
pub(super) fn unknown(block: &Block, value: &Value) -> Value {
    let mut leave = |attribute: &Attribute, _: &Path| Ok(Value::unknown(attribute.ty.clone()));
    fill(block, value, &Path::root(), &mut leave).expect("unknown values fit every type")
}

/// Makes up values.
pub(super) struct Maker<'a> {
    values: &'a Values,
    random: u64,
}

impl<'a> Maker<'a> {
    pub fn new(values: &'a Values, seed: u64) -> Maker<'a> {
        Maker { values, random: seed }
    }

    /// The object with everything that is null or unknown and may be computed made up.
    ///
    /// # Errors
    /// A value that the test gives does not fit the attribute.
    pub fn complete(mut self, type_name: &str, block: &Block, value: &Value) -> Result<Value, ProviderError> {
        fill(block, value, &Path::root(), &mut |attribute, path| self.attribute(type_name, attribute, path))
    }

    fn attribute(&mut self, type_name: &str, attribute: &Attribute, path: &Path) -> Result<Value, ProviderError> {
        let given = self.values.given.as_ref().and_then(|given| given_at(given, path));
        let Some(given) = given else { return Ok(self.made(&attribute.ty)) };
        convert(&given, &attribute.ty).map_err(|error| {
            let place = self.values.place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
            let message = format!("the value{place} does not suit the attribute `{path}`: {error}");
            ProviderError::invalid(format!("compute {type_name}"), message).attribute(path.clone())
        })
    }

    /// A value of a type.
    fn made(&mut self, ty: &Type) -> Value {
        match ty {
            Type::String => Value::string(self.text()),
            Type::Number => Value::number(0),
            Type::Bool => Value::bool(false),
            Type::List(element) => Value::list((**element).clone(), Vec::new()),
            Type::Set(element) => Value::set((**element).clone(), Vec::new()),
            Type::Map(element) => Value::map((**element).clone(), Entries::default()),
            Type::Object(attributes) => {
                let made: Vec<(Arc<str>, Value)> = attributes
                    .attributes
                    .iter()
                    .map(|(name, attribute)| (name.clone(), self.made(attribute)))
                    .collect();
                Value::object(made)
            }
            Type::Tuple(elements) => {
                let made: Vec<Value> = elements.iter().map(|element| self.made(element)).collect();
                Value::tuple(made)
            }
            Type::Dynamic => Value::null(Type::Dynamic),
        }
    }

    fn text(&mut self) -> String {
        let mut bits = self.next();
        let mut character = || {
            let index = bits % CHARACTERS.len() as u64;
            bits /= CHARACTERS.len() as u64;
            char::from(CHARACTERS[usize::try_from(index).expect("an index of 36 characters is small")])
        };
        (0..STRING_LENGTH).map(|_| character()).collect()
    }

    /// The next number of the splitmix64 sequence.
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The value that a test gives at a path. Elements of nested blocks and attributes share what is given for all of them.
fn given_at(given: &Value, path: &Path) -> Option<Value> {
    let mut value = given.clone();
    for step in &path.steps {
        match step {
            Step::Attribute(name) => value = value.reveal().entries()?.get(name)?.clone(),
            Step::Index(_) | Step::Key(_) | Step::Element(_) => {}
        }
    }
    Some(value)
}

type Fill<'f> = dyn FnMut(&Attribute, &Path) -> Result<Value, ProviderError> + 'f;

/// The object with `with` called for each attribute that the provider computes and that has no value.
fn fill(block: &Block, value: &Value, path: &Path, with: &mut Fill<'_>) -> Result<Value, ProviderError> {
    let Kind::Object(entries) = value.reveal() else { return Ok(value.clone()) };
    let mut filled: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for (name, attribute) in &block.attributes {
        let entry = entries.get(name).cloned().unwrap_or_else(|| Value::null(attribute.ty.clone()));
        let path = path.child(Step::Attribute(name.clone()));
        filled.insert(name.clone(), fill_attribute(attribute, entry, &path, with)?);
    }
    for (name, nested) in &block.blocks {
        let entry = entries.get(name).cloned().unwrap_or_else(|| nested.empty_value());
        let path = path.child(Step::Attribute(name.clone()));
        filled.insert(name.clone(), fill_block(nested, &entry, &path, with)?);
    }
    Ok(Value::object(filled))
}

fn fill_attribute(
    attribute: &Attribute,
    value: Value,
    path: &Path,
    with: &mut Fill<'_>,
) -> Result<Value, ProviderError> {
    if attribute.presence.is_computed() && (value.is_null() || !value.is_known()) {
        return with(attribute, path);
    }
    match &attribute.nested {
        Some(nested) => fill_nested(nested, &value, path, with),
        None if value.is_wholly_known() || !value.is_known() => Ok(value),
        // Parts of a value that the provider would have told.
        None => {
            let mut failed = None;
            let value = value.map_parts(&mut |part, inner| {
                if inner.is_known() {
                    return inner;
                }
                let unknown = Attribute { ty: inner.ty(), ..attribute.clone() };
                let whole = part.steps.iter().fold(path.clone(), |path, step| path.child(step.clone()));
                with(&unknown, &whole).unwrap_or_else(|error| {
                    failed = Some(error);
                    inner
                })
            });
            failed.map_or(Ok(value), Err)
        }
    }
}

fn fill_nested(
    nested: &NestedAttribute,
    value: &Value,
    path: &Path,
    with: &mut Fill<'_>,
) -> Result<Value, ProviderError> {
    let block = Block { attributes: nested.attributes.clone(), ..Block::default() };
    fill_all(nested.nesting, &block, value, path, with)
}

fn fill_block(nested: &NestedBlock, value: &Value, path: &Path, with: &mut Fill<'_>) -> Result<Value, ProviderError> {
    fill_all(nested.nesting, &nested.block, value, path, with)
}

/// Fills each object of a nested value.
fn fill_all(
    nesting: Nesting,
    block: &Block,
    value: &Value,
    path: &Path,
    with: &mut Fill<'_>,
) -> Result<Value, ProviderError> {
    match (nesting, value.reveal()) {
        (Nesting::Single | Nesting::Group, _) => fill(block, value, path, with),
        (_, Kind::List(element, items)) => {
            let items = fill_items(block, items, path, with)?;
            Ok(Value::list(element.clone(), items))
        }
        (_, Kind::Set(element, items)) => {
            let items = fill_items(block, items, path, with)?;
            Ok(Value::set(element.clone(), items))
        }
        (_, Kind::Tuple(items)) => Ok(Value::tuple(fill_items(block, items, path, with)?)),
        (_, Kind::Map(element, entries)) => {
            let mut filled = BTreeMap::new();
            for (key, entry) in entries.iter() {
                let path = path.child(Step::Key(key.clone()));
                filled.insert(key.clone(), fill(block, entry, &path, with)?);
            }
            Ok(Value::map(element.clone(), filled.into()))
        }
        (_, Kind::Object(entries)) => {
            let mut filled = BTreeMap::new();
            for (key, entry) in entries.iter() {
                let path = path.child(Step::Key(key.clone()));
                filled.insert(key.clone(), fill(block, entry, &path, with)?);
            }
            Ok(Value::object(filled))
        }
        (_, Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_)) => Ok(value.clone()),
    }
}

fn fill_items(block: &Block, items: &[Value], path: &Path, with: &mut Fill<'_>) -> Result<Vec<Value>, ProviderError> {
    let each = items.iter().enumerate().map(|(index, item)| fill(block, item, &path.child(Step::Index(index)), with));
    each.collect()
}
