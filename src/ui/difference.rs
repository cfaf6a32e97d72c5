//! What is different between two values, as a tree that any output can be made of.
//!
//! [`Comparison`] makes trees of values and of the blocks of an object. A tree holds text, not values: what is sensitive
//! is replaced while it is made, so that nothing that renders a tree can show it.

mod block;
mod document;
mod list;
mod text;

use std::collections::BTreeSet;
use std::sync::Arc;

use model::path::{Path, Step};
use model::schema::{Attribute, Nesting};
use model::value::{Kind, Marks, Value};

pub use block::{Block, BlockContent, Body};

use crate::escape;

/// Whether a part is added, removed, changed or neither.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sign {
    Same,
    Add,
    Remove,
    Change,
}

/// One part of a value, and what becomes of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    pub sign: Sign,
    pub shape: Shape,
    /// Whether this part is why the object must be replaced.
    pub forces: bool,
    pub note: Option<Note>,
}

/// What a part looks like.
#[derive(Clone, PartialEq, Debug)]
pub enum Shape {
    /// One line for the only side there is to show: a number, a quoted string, `(sensitive value)`.
    Plain(String),
    /// One line for each side: before, after.
    Pair(String, String),
    /// Text of several lines.
    Lines(Vec<Line>),
    List(Vec<Element>),
    Fields {
        fields: Vec<Field>,
        hidden: usize,
        kind: FieldsKind,
    },
    /// A string that holds JSON.
    Document(Box<Difference>),
    /// A string that holds JSON, of which only the notation changes.
    SameDocument,
    /// A part that gives way to one of another kind: before, after.
    Swap(Box<Difference>, Box<Difference>),
}

/// An element of a list or set.
#[derive(Clone, PartialEq, Debug)]
pub enum Element {
    Shown(Difference),
    /// This many unchanged ones.
    Hidden(usize),
}

/// A line of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    Shown(Sign, String),
    /// This many unchanged ones.
    Hidden(usize),
}

/// A named part.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// As it is shown, quoted where it must be.
    pub name: String,
    pub difference: Difference,
}

/// What named parts are parts of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldsKind {
    Map,
    Object,
}

/// What a reader might miss.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Note {
    WhitespaceOnly,
    /// The same JSON written in another way.
    NotationOnly,
    OrderOnly,
    OrderToo,
    BecomesSensitive,
    NoLongerSensitive,
}

/// How much of what stays the same is part of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// What identifies an object, and a count of the rest.
    Changes,
    /// All that is not empty: for what nothing but its content identifies, the elements of sets.
    Content,
    Everything,
}

/// How values are compared.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The parts that make an update impossible.
    pub replace_paths: &'a [Path],
    pub detail: Detail,
    /// Whether an empty string is as good as none, as many services have it.
    pub lenient: bool,
    /// Whether attributes that are null are shown as such.
    pub nulls: bool,
}

/// Unchanged parts that are shown all the same, since they say which object it is.
const IDENTIFYING: [&str; 3] = ["id", "name", "Name"];

impl Comparison<'static> {
    /// Compares values that stand alone: outputs, variables.
    pub fn of_values() -> Comparison<'static> {
        Comparison { replace_paths: &[], detail: Detail::Changes, lenient: false, nulls: true }
    }

    /// Shows values as they are, without comparing.
    pub fn of_everything() -> Comparison<'static> {
        Comparison { replace_paths: &[], detail: Detail::Everything, lenient: false, nulls: false }
    }
}

impl<'a> Comparison<'a> {
    /// Compares the objects of a change.
    pub fn of_change(replace_paths: &'a [Path], detail: Detail) -> Comparison<'a> {
        Comparison { replace_paths, detail, lenient: true, nulls: false }
    }

    /// The difference between two values; `None` when there is nothing on either side.
    pub fn value(
        &self,
        path: &Path,
        before: Option<&Value>,
        after: Option<&Value>,
        attribute: Option<&Attribute>,
    ) -> Option<Difference> {
        // That an attribute which always is a secret was not given at all is none; that another value is null may be.
        let always_secret = attribute.is_some_and(|attribute| attribute.sensitive || attribute.write_only);
        let is_there = |value: &&Value| !value.is_null() || !always_secret && opaque(value, attribute).is_some();
        let (before, after) = (before.filter(is_there), after.filter(is_there));
        let mut difference = match (before, after) {
            (None, None) => return None,
            (None, Some(after)) => self.whole(Sign::Add, after, attribute),
            (Some(before), None) => self.whole(Sign::Remove, before, attribute),
            (Some(before), Some(after)) => self.both(path, before, after, attribute),
        };
        if difference.sign != Sign::Same {
            difference.forces |= self.forces(path, &difference);
        }
        Some(difference)
    }

    /// A value as it is, all of it, without signs.
    pub fn as_it_is(&self, value: &Value) -> Difference {
        self.whole(Sign::Same, value, None)
    }

    /// Words in place of a value that isn't there.
    pub fn statement(&self, text: &str) -> Difference {
        Difference::new(Sign::Same, Shape::Plain(text.to_owned()))
    }

    /// Whether the path makes an update impossible: itself, or a part of it that the tree has no place of its own for.
    fn forces(&self, path: &Path, difference: &Difference) -> bool {
        let deeper_counts = match &difference.shape {
            Shape::Plain(_) | Shape::Pair(..) | Shape::Lines(_) | Shape::Document(_) => true,
            Shape::SameDocument | Shape::Swap(..) => true,
            Shape::List(_) | Shape::Fields { .. } => difference.sign != Sign::Change,
        };
        self.replace_paths
            .iter()
            .any(|replace| replace == path || deeper_counts && !path.is_root() && replace.starts_with(path))
    }

    fn both(&self, path: &Path, before: &Value, after: &Value, attribute: Option<&Attribute>) -> Difference {
        if let Some(text) = opaque(before, attribute).or_else(|| opaque(after, attribute)) {
            return self.hidden_pair(before, after, text);
        }
        if !after.is_known() {
            return self.swap(before, after, attribute);
        }
        if before == after && before.is_wholly_known() {
            return self.whole(Sign::Same, after, attribute);
        }
        match (before.reveal(), after.reveal()) {
            (Kind::String(before), Kind::String(after)) => self.strings(before, after),
            (Kind::Map(..) | Kind::Object(_), Kind::Map(..) | Kind::Object(_)) => {
                self.fields(path, before, after, attribute)
            }
            (Kind::Set(..), Kind::Set(_, items)) => {
                let before = before.reveal().items().unwrap_or_default();
                self.sets(path, before, items, attribute)
            }
            (Kind::List(..) | Kind::Tuple(_) | Kind::Set(..), Kind::List(..) | Kind::Tuple(_) | Kind::Set(..)) => {
                let (before, after) = (before.reveal().items(), after.reveal().items());
                self.lists(path, before.unwrap_or_default(), after.unwrap_or_default(), attribute)
            }
            // Only marks that nothing is shown of differ.
            (Kind::Bool(_) | Kind::Number(_), Kind::Bool(_) | Kind::Number(_)) if before.same(after) => {
                self.whole(Sign::Same, after, attribute)
            }
            (Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_), _)
            | (Kind::List(..) | Kind::Set(..) | Kind::Map(..) | Kind::Tuple(_) | Kind::Object(_), _) => {
                self.swap(before, after, attribute)
            }
        }
    }

    /// One value in place of another of another kind.
    fn swap(&self, before: &Value, after: &Value, attribute: Option<&Attribute>) -> Difference {
        let before = self.whole(Sign::Remove, before, attribute);
        let after = self.whole(Sign::Add, after, attribute);
        match (before.shape, after.shape) {
            (Shape::Plain(before), Shape::Plain(after)) => Difference::new(Sign::Change, Shape::Pair(before, after)),
            (before, after) => {
                let before = Box::new(Difference::new(Sign::Remove, before));
                let after = Box::new(Difference::new(Sign::Add, after));
                Difference::new(Sign::Change, Shape::Swap(before, after))
            }
        }
    }

    /// A value with the same sign everywhere.
    fn whole(&self, sign: Sign, value: &Value, attribute: Option<&Attribute>) -> Difference {
        if let Some(text) = opaque(value, attribute) {
            return Difference::new(sign, Shape::Plain(text.into()));
        }
        let shape = match value.reveal() {
            Kind::Null(_) => Shape::Plain("null".into()),
            Kind::Unknown(..) => Shape::Plain("(known after apply)".into()),
            Kind::Bool(value) => Shape::Plain(value.to_string()),
            Kind::Number(value) => Shape::Plain(value.to_string()),
            Kind::String(text) => self.whole_string(sign, text),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => Shape::List(
                items.iter().map(|item| Element::Shown(self.whole(sign, item, nested(attribute, None)))).collect(),
            ),
            Kind::Map(_, entries) | Kind::Object(entries) => {
                let kind = fields_kind(value);
                let mut fields = Vec::new();
                for (name, item) in entries.iter() {
                    if kind == FieldsKind::Object && item.is_null() && !self.nulls && !item.is_sensitive() {
                        continue;
                    }
                    let difference = self.whole(sign, item, nested(attribute, Some((name, kind))));
                    fields.push(Field { name: field_name(name, kind), difference });
                }
                Shape::Fields { fields, hidden: 0, kind }
            }
        };
        Difference::new(sign, shape)
    }

    /// The fields of two maps or objects, by name.
    fn fields(&self, path: &Path, before: &Value, after: &Value, attribute: Option<&Attribute>) -> Difference {
        let kind = fields_kind(after);
        let (Some(old), Some(new)) = (before.reveal().entries(), after.reveal().entries()) else {
            return self.swap(before, after, attribute);
        };
        let names: BTreeSet<&Arc<str>> = old.keys().chain(new.keys()).collect();
        let mut fields = Vec::new();
        let mut hidden = 0;
        let mut sign = Sign::Same;
        for name in names {
            let step = match kind {
                FieldsKind::Map => Step::Key(name.clone()),
                FieldsKind::Object => Step::Attribute(name.clone()),
            };
            let nested = nested(attribute, Some((name, kind)));
            let Some(difference) = self.value(&path.child(step), old.get(name), new.get(name), nested) else {
                continue;
            };
            if difference.sign != Sign::Same {
                sign = Sign::Change;
            } else if self.detail == Detail::Changes && !is_identifying(name, &difference) {
                hidden += 1;
                continue;
            } else if self.detail == Detail::Content && new.get(name).is_none_or(is_nothing_said) {
                continue;
            }
            fields.push(Field { name: field_name(name, kind), difference });
        }
        Difference::new(sign, Shape::Fields { fields, hidden, kind })
    }

    /// Two values of which at least one must not be shown: neither is.
    fn hidden_pair(&self, before: &Value, after: &Value, text: &'static str) -> Difference {
        let (same, note) = match after.is_known() && before.same(after) {
            true => (mark_note(before, after).is_none(), mark_note(before, after)),
            false => (false, None),
        };
        let sign = match (before.is_null(), after.is_null()) {
            (true, false) => Sign::Add,
            (false, true) => Sign::Remove,
            (true, true) | (false, false) if same => Sign::Same,
            (true, true) | (false, false) => Sign::Change,
        };
        let shape = match after.is_known() {
            true => Shape::Plain(text.into()),
            false => Shape::Pair(text.into(), "(known after apply)".into()),
        };
        Difference { sign, shape, forces: false, note }
    }
}

impl Difference {
    /// Whether it takes more than a line to show.
    pub fn is_long(&self) -> bool {
        match &self.shape {
            Shape::Plain(_) | Shape::Pair(..) => false,
            Shape::SameDocument | Shape::Document(_) | Shape::Lines(_) | Shape::Swap(..) => true,
            Shape::List(elements) => !elements.is_empty(),
            Shape::Fields { fields, hidden, .. } => !fields.is_empty() || *hidden > 0,
        }
    }

    fn new(sign: Sign, shape: Shape) -> Difference {
        Difference { sign, shape, forces: false, note: None }
    }
}

/// What changes about the sensitivity of a value that stays the same. Parts below the top count as well.
fn mark_note(before: &Value, after: &Value) -> Option<Note> {
    let sensitive = |value: &Value| value.marks_deep().contains(Marks::SENSITIVE);
    match (sensitive(before), sensitive(after)) {
        (false, true) => Some(Note::BecomesSensitive),
        (true, false) => Some(Note::NoLongerSensitive),
        (true, true) | (false, false) => None,
    }
}

/// Whether a value is null or an empty string or collection, and no secret.
fn is_nothing_said(value: &Value) -> bool {
    let empty = match value.reveal() {
        Kind::Null(_) => true,
        Kind::String(text) => text.is_empty(),
        Kind::List(_, items) | Kind::Set(_, items) => items.is_empty(),
        Kind::Map(_, entries) => entries.is_empty(),
        Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::Tuple(_) | Kind::Object(_) => false,
    };
    empty && value.marks().is_empty()
}

/// What stands for a value that must not be shown.
fn opaque(value: &Value, attribute: Option<&Attribute>) -> Option<&'static str> {
    if value.is_sensitive() {
        return Some("(sensitive value)");
    }
    if value.marks().contains(Marks::EPHEMERAL) {
        return Some("(ephemeral value)");
    }
    let attribute = attribute.filter(|_| !value.is_null())?;
    match (attribute.write_only, attribute.sensitive) {
        (true, _) => Some("(write-only value)"),
        (false, true) => Some("(sensitive value)"),
        (false, false) => None,
    }
}

fn fields_kind(value: &Value) -> FieldsKind {
    match value.reveal() {
        Kind::Map(..) => FieldsKind::Map,
        Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => FieldsKind::Object,
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) | Kind::Object(_) => FieldsKind::Object,
    }
}

fn field_name(name: &str, kind: FieldsKind) -> String {
    match kind {
        FieldsKind::Object if escape::is_bare_key(name) => name.to_owned(),
        FieldsKind::Map | FieldsKind::Object => escape::quoted(name),
    }
}

/// Whether an unchanged part says which object it is.
fn is_identifying(name: &str, difference: &Difference) -> bool {
    IDENTIFYING.contains(&name) && matches!(difference.shape, Shape::Plain(_))
}

/// What the schema says of a named part of an attribute with a structure of its own, or of its elements.
fn nested<'a>(attribute: Option<&'a Attribute>, part: Option<(&str, FieldsKind)>) -> Option<&'a Attribute> {
    let attribute = attribute?;
    let structure = attribute.nested.as_deref()?;
    match part {
        // The elements have the parts that the attribute itself describes.
        None | Some((_, FieldsKind::Map)) => Some(attribute),
        Some((name, FieldsKind::Object)) => {
            structure.attributes.get(name).or(if structure.nesting == Nesting::Map { Some(attribute) } else { None })
        }
    }
}

#[cfg(test)]
mod tests;
