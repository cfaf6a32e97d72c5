//! Differences of objects: attributes and nested blocks as the schema has them.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::echo::Echoes;
use model::path::{Path, Step};
use model::schema::{self, Nesting};
use model::value::Value;

use super::list::{Pairing, pair_list, pair_set};
use super::{Comparison, Detail, Difference, Field, Shape, Sign, is_identifying, is_nothing_said};
use crate::escape;

/// The inside of an object or of a nested block.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Body {
    pub attributes: Vec<Field>,
    pub attributes_hidden: usize,
    pub blocks: Vec<Block>,
    pub blocks_hidden: usize,
}

/// A nested block.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    pub sign: Sign,
    pub name: Arc<str>,
    /// The key of a block that is one of a map.
    pub label: Option<String>,
    pub content: BlockContent,
    pub forces: bool,
}

/// What is shown of a nested block.
#[derive(Clone, PartialEq, Debug)]
pub enum BlockContent {
    Body(Body),
    /// All that may be told: `(known after apply)`, `(sensitive value)`.
    Opaque(&'static str),
}

impl Body {
    /// Whether anything is different.
    pub fn is_change(&self) -> bool {
        self.attributes.iter().any(|field| field.difference.sign != Sign::Same)
            || self.blocks.iter().any(|block| block.sign != Sign::Same)
    }
}

impl Comparison<'_> {
    /// The difference between two objects of a type. Without a schema all parts are attributes.
    ///
    /// What repeats a secret of the object is hidden as well.
    pub fn object(&self, before: Option<&Value>, after: Option<&Value>, schema: Option<&schema::Block>) -> Body {
        let echoes = Echoes::of(before.into_iter().chain(after));
        let (before, after) = (before.map(|value| echoes.hide(value)), after.map(|value| echoes.hide(value)));
        let (before, after) = (before.as_ref(), after.as_ref());
        let body = self.body(&Path::root(), before, after, schema);
        if self.lenient && !body.is_change() {
            // What looked like noise is all there is.
            return Comparison { lenient: false, ..*self }.body(&Path::root(), before, after, schema);
        }
        body
    }

    /// The comparison of two elements that only their content identifies.
    pub(super) fn of_content(&self) -> Self {
        let detail = if self.detail == Detail::Changes { Detail::Content } else { self.detail };
        Comparison { detail, ..*self }
    }

    fn body(&self, path: &Path, before: Option<&Value>, after: Option<&Value>, schema: Option<&schema::Block>) -> Body {
        let entries = |value: Option<&'_ Value>| value.and_then(|value| value.reveal().entries().cloned());
        let (old, new) = (entries(before).unwrap_or_default(), entries(after).unwrap_or_default());
        let names: BTreeSet<&Arc<str>> = old.keys().chain(new.keys()).collect();
        let mut body = Body::default();
        for name in names {
            let path = path.child(Step::Attribute(name.clone()));
            let (before, after) = (old.get(name), new.get(name));
            match schema.and_then(|schema| schema.blocks.get(name)) {
                Some(nested) => self.blocks(&mut body, &path, name, before, after, nested),
                None => {
                    let attribute = schema.and_then(|schema| schema.attributes.get(name));
                    self.attribute(&mut body, &path, name, before, after, attribute);
                }
            }
        }
        body
    }

    fn attribute(
        &self,
        body: &mut Body,
        path: &Path,
        name: &Arc<str>,
        before: Option<&Value>,
        after: Option<&Value>,
        attribute: Option<&schema::Attribute>,
    ) {
        if self.is_noise(before, after) {
            let says_something = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
            let counts = self.detail == Detail::Changes && (says_something(before) || says_something(after));
            body.attributes_hidden += usize::from(counts);
            return;
        }
        // Where a service said nothing, the value is new.
        let is_new =
            self.lenient && before.is_some_and(is_nothing_said) && after.is_some_and(|after| !after.is_known());
        let Some(difference) = self.value(path, before.filter(|_| !is_new), after, attribute) else {
            return;
        };
        if difference.sign == Sign::Same && self.detail == Detail::Content && after.is_none_or(is_nothing_said) {
            return;
        }
        let hide = difference.sign == Sign::Same && self.detail == Detail::Changes;
        match hide.then(|| identifying(name, difference.clone())) {
            None => body.attributes.push(Field { name: name.to_string(), difference }),
            Some(Some(difference)) => body.attributes.push(Field { name: name.to_string(), difference }),
            Some(None) => body.attributes_hidden += 1,
        }
    }

    /// Whether both sides say nothing: services give empty strings where nothing is set.
    fn is_noise(&self, before: Option<&Value>, after: Option<&Value>) -> bool {
        let is_null = |value: Option<&Value>| value.is_none_or(|value| value.is_null() && value.marks().is_empty());
        let is_empty = |value: Option<&Value>| value.is_none_or(is_nothing_said);
        self.lenient && is_empty(before) && is_empty(after) && (is_null(before) || is_null(after))
    }

    fn blocks(
        &self,
        body: &mut Body,
        path: &Path,
        name: &Arc<str>,
        before: Option<&Value>,
        after: Option<&Value>,
        nested: &schema::NestedBlock,
    ) {
        for block in self.blocks_of(path, name, before, after, nested) {
            if block.sign == Sign::Same && self.detail == Detail::Changes {
                body.blocks_hidden += 1;
            } else {
                body.blocks.push(block);
            }
        }
    }

    fn blocks_of(
        &self,
        path: &Path,
        name: &Arc<str>,
        before: Option<&Value>,
        after: Option<&Value>,
        nested: &schema::NestedBlock,
    ) -> Vec<Block> {
        let block = |path: &Path, label: Option<&str>, before: Option<&Value>, after: Option<&Value>| {
            self.block(path, name, label, before, after, &nested.block)
        };
        let is_whole = |value: Option<&Value>| value.is_none_or(|value| value.is_known() && value.marks().is_empty());
        if !is_whole(before) || !is_whole(after) {
            return block(path, None, before, after).into_iter().collect();
        }
        match nested.nesting {
            Nesting::Single | Nesting::Group => block(path, None, before, after).into_iter().collect(),
            Nesting::List | Nesting::Set => {
                let items =
                    |value: Option<&Value>| value.and_then(|value| value.reveal().items().map(<[Value]>::to_vec));
                let (old, new) = (items(before).unwrap_or_default(), items(after).unwrap_or_default());
                let is_set = nested.nesting == Nesting::Set;
                let step =
                    |value: &Value, index| if is_set { Step::Element(value.clone()) } else { Step::Index(index) };
                let pairings = if is_set { pair_set(&old, &new) } else { pair_list(&old, &new) };
                let blocks = pairings.pairs.iter().filter_map(|pairing| match *pairing {
                    Pairing::Removed(index) => {
                        block(&path.child(step(&old[index], index)), None, Some(&old[index]), None)
                    }
                    Pairing::Added(index) => {
                        block(&path.child(step(&new[index], index)), None, None, Some(&new[index]))
                    }
                    Pairing::Both(from, to) => {
                        let path = path.child(step(&old[from], from));
                        let pair = (Some(&old[from]), Some(&new[to]));
                        match pairings.by_content {
                            true => self.of_content().block(&path, name, None, pair.0, pair.1, &nested.block),
                            false => block(&path, None, pair.0, pair.1),
                        }
                    }
                });
                blocks.collect()
            }
            Nesting::Map => {
                let entries = |value: Option<&Value>| value.and_then(|value| value.reveal().entries().cloned());
                let (old, new) = (entries(before).unwrap_or_default(), entries(after).unwrap_or_default());
                let keys: BTreeSet<&Arc<str>> = old.keys().chain(new.keys()).collect();
                let blocks = keys.into_iter().filter_map(|key| {
                    let path = path.child(Step::Key(key.clone()));
                    block(&path, Some(key), old.get(key), new.get(key))
                });
                blocks.collect()
            }
        }
    }

    /// One block; `None` when it is on neither side.
    fn block(
        &self,
        path: &Path,
        name: &Arc<str>,
        label: Option<&str>,
        before: Option<&Value>,
        after: Option<&Value>,
        schema: &schema::Block,
    ) -> Option<Block> {
        let is_there = |value: &&Value| !value.is_null() || !value.marks().is_empty();
        let (before, after) = (before.filter(is_there), after.filter(is_there));
        let marked = |value: Option<&Value>| value.is_some_and(|value| !value.marks().is_empty());
        let unknown = |value: Option<&Value>| value.is_some_and(|value| !value.is_known());
        let same =
            || matches!((before, after), (Some(before), Some(after)) if before.is_wholly_known() && before.same(after));
        let content = match (marked(before) || marked(after), unknown(before) || unknown(after)) {
            (true, _) => BlockContent::Opaque("(sensitive value)"),
            (false, true) => BlockContent::Opaque("(known after apply)"),
            (false, false) => BlockContent::Body(self.body(path, before, after, schema.into())),
        };
        let sign = match (before, after, &content) {
            (None, None, _) => return None,
            (None, Some(_), _) => Sign::Add,
            (Some(_), None, _) => Sign::Remove,
            (Some(_), Some(_), BlockContent::Body(body)) if !body.is_change() => Sign::Same,
            (Some(_), Some(_), BlockContent::Opaque(_)) if same() => Sign::Same,
            (Some(_), Some(_), BlockContent::Body(_) | BlockContent::Opaque(_)) => Sign::Change,
        };
        let at = |replace: &Path| replace == path || path_of_all(path).is_some_and(|all| *replace == all);
        let forces = sign != Sign::Same && self.replace_paths.iter().any(at);
        Some(Block { sign, name: name.clone(), label: label.map(escape::quoted), content, forces })
    }
}

/// The place of all blocks of a name, given that of one of them.
fn path_of_all(path: &Path) -> Option<Path> {
    let (last, rest) = path.steps.split_last()?;
    match last {
        Step::Attribute(_) => None,
        Step::Index(_) | Step::Key(_) | Step::Element(_) => Some(Path { steps: rest.to_vec() }),
    }
}

/// What is shown of an unchanged attribute because it says which object it is: the `Name` of the tags of many AWS types.
fn identifying(name: &str, difference: Difference) -> Option<Difference> {
    if is_identifying(name, &difference) {
        return Some(difference);
    }
    if name != "tags" {
        return None;
    }
    let Difference { sign, shape, forces, note } = difference;
    let Shape::Fields { fields, kind, .. } = shape else { return None };
    let count = fields.len();
    let fields: Vec<Field> = fields.into_iter().filter(|field| field.name == "\"Name\"").collect();
    if fields.is_empty() {
        return None;
    }
    let hidden = count - fields.len();
    Some(Difference { sign, shape: Shape::Fields { fields, hidden, kind }, forces, note })
}
