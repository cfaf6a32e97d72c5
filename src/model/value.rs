//! A value of the language: typed, possibly unknown, with marks.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::entries::Entries;
use crate::number::Number;
use crate::path::{Path, Step};
use crate::ty::Type;

/// A value. Cloning is O(1).
///
/// `Debug` and `Display` print `(sensitive value)` for sensitive parts; [`Value::reveal`] is the only way past a mark.
#[derive(Clone, PartialEq)]
pub struct Value {
    kind: Kind,
    marks: Marks,
}

/// What a value is, marks aside.
#[derive(Clone, PartialEq)]
pub enum Kind {
    Null(Type),
    Unknown(Type, Refinement),
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    List(Type, Arc<[Value]>),
    /// Sorted and distinct; elements carry no marks, the set carries the union of theirs.
    Set(Type, Arc<[Value]>),
    Map(Type, Entries),
    Tuple(Arc<[Value]>),
    Object(Entries),
}

/// Marks of a value: a small set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Marks(u8);

/// What is known of an unknown value. The default says nothing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Refinement(Option<Arc<Facts>>);

/// Facts about an unknown value; each field that is `None` says nothing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Facts {
    pub not_null: bool,
    pub string_prefix: Option<Arc<str>>,
    pub number_min: Option<(Number, Bound)>,
    pub number_max: Option<(Number, Bound)>,
    pub length_min: Option<usize>,
    pub length_max: Option<usize>,
}

/// Whether a bound belongs to the range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    Inclusive,
    Exclusive,
}

impl Marks {
    pub const NONE: Marks = Marks(0);
    pub const SENSITIVE: Marks = Marks(1);
    pub const EPHEMERAL: Marks = Marks(2);
    pub const DEPRECATED: Marks = Marks(4);

    pub fn contains(self, other: Marks) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn without(self, other: Marks) -> Marks {
        Marks(self.0 & !other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::BitOr for Marks {
    type Output = Marks;

    fn bitor(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }
}

impl std::ops::BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Marks) {
        self.0 |= other.0;
    }
}

impl Refinement {
    pub fn none() -> Refinement {
        Refinement(None)
    }

    pub fn not_null() -> Refinement {
        Refinement::from(Facts { not_null: true, ..Facts::default() })
    }

    pub fn facts(&self) -> Option<&Facts> {
        self.0.as_deref()
    }

    /// The only length that is left, of a value that is not null.
    fn exact_length(&self) -> Option<usize> {
        let facts = self.facts().filter(|facts| facts.not_null)?;
        facts.length_min.filter(|min| facts.length_max == Some(*min))
    }

    /// The only number that is left, of a value that is not null.
    fn exact_number(&self) -> Option<Number> {
        match self.facts().filter(|facts| facts.not_null).map(|facts| (&facts.number_min, &facts.number_max)) {
            Some((Some((min, Bound::Inclusive)), Some((max, Bound::Inclusive)))) if min == max => Some(min.clone()),
            Some(_) | None => None,
        }
    }

    /// Whether the value is known not to be null.
    pub fn is_not_null(&self) -> bool {
        self.facts().is_some_and(|facts| facts.not_null)
    }
}

impl From<Facts> for Refinement {
    fn from(facts: Facts) -> Refinement {
        if facts == Facts::default() { Refinement(None) } else { Refinement(Some(Arc::new(facts))) }
    }
}

/// # Making values
impl Value {
    fn plain(kind: Kind) -> Value {
        Value { kind, marks: Marks::NONE }
    }

    pub fn null(ty: Type) -> Value {
        Value::plain(Kind::Null(ty))
    }

    pub fn unknown(ty: Type) -> Value {
        Value::plain(Kind::Unknown(ty, Refinement::none()))
    }

    /// An unknown value of which something is known. Where that leaves only one value, it is that value: a list whose length
    /// is known is a list of unknown elements.
    pub fn unknown_with(ty: Type, refinement: Refinement) -> Value {
        match (&ty, refinement.exact_length()) {
            (Type::List(element), Some(length)) => {
                Value::list(element.as_ref().clone(), vec![Value::unknown(element.as_ref().clone()); length])
            }
            (Type::Set(element), Some(length @ (0 | 1))) => {
                Value::set(element.as_ref().clone(), vec![Value::unknown(element.as_ref().clone()); length])
            }
            (Type::Map(element), Some(0)) => Value::map(element.as_ref().clone(), Entries::default()),
            (_, _) => match refinement.exact_number() {
                Some(number) if ty == Type::Number => Value::number(number),
                Some(_) | None => Value::plain(Kind::Unknown(ty, refinement)),
            },
        }
    }

    pub fn bool(value: bool) -> Value {
        Value::plain(Kind::Bool(value))
    }

    pub fn number(value: impl Into<Number>) -> Value {
        Value::plain(Kind::Number(value.into()))
    }

    /// A string, normalised to NFC as all strings of the language are.
    pub fn string(value: impl Into<Arc<str>>) -> Value {
        let value = value.into();
        if is_nfc(&value) {
            Value::plain(Kind::String(value))
        } else {
            Value::plain(Kind::String(value.nfc().collect::<String>().into()))
        }
    }

    /// A list; every item must be of type `element`.
    pub fn list(element: Type, items: impl Into<Arc<[Value]>>) -> Value {
        Value::plain(Kind::List(element, items.into()))
    }

    /// A set: items are sorted and made distinct, their marks move to the set.
    pub fn set(element: Type, items: Vec<Value>) -> Value {
        let mut marks = Marks::NONE;
        let mut items: Vec<Value> = items
            .into_iter()
            .map(|item| {
                let (item, item_marks) = item.unmark_deep();
                marks |= item_marks;
                item
            })
            .collect();
        if items.len() > 1 {
            match element {
                Type::Bool | Type::Number | Type::String => items.sort_by(set_order),
                Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) | Type::Object(_) => {
                    items.sort_by_cached_key(set_hash_text);
                }
            }
            items.dedup_by(|a, b| a == b && a.is_wholly_known() && set_order(a, b).is_eq());
        }
        Value { kind: Kind::Set(element, items.into()), marks }
    }

    /// A map; every value must be of type `element`.
    pub fn map(element: Type, entries: Entries) -> Value {
        Value::plain(Kind::Map(element, entries))
    }

    pub fn tuple(items: impl Into<Arc<[Value]>>) -> Value {
        Value::plain(Kind::Tuple(items.into()))
    }

    pub fn object<K: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::plain(Kind::Object(attributes.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    pub fn empty_object() -> Value {
        Value::plain(Kind::Object(Entries::default()))
    }

    pub fn from_kind(kind: Kind) -> Value {
        Value::plain(kind)
    }

    pub fn with_marks(mut self, marks: Marks) -> Value {
        self.marks |= marks;
        self
    }

    pub fn sensitive(self) -> Value {
        self.with_marks(Marks::SENSITIVE)
    }

    /// The same value with exactly these marks at its top.
    pub fn set_marks(mut self, marks: Marks) -> Value {
        self.marks = marks;
        self
    }
}

/// # Looking at values
impl Value {
    /// The value behind its marks. Never format, log or print what this gives.
    pub fn reveal(&self) -> &Kind {
        &self.kind
    }

    /// The marks at the top of the value; parts may have more.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// Whether the top of the value is sensitive; parts may be even if it is not.
    pub fn is_sensitive(&self) -> bool {
        self.marks.contains(Marks::SENSITIVE)
    }

    /// All marks found at any depth.
    pub fn marks_deep(&self) -> Marks {
        let mut marks = self.marks;
        self.each_child(|_, child| marks |= child.marks_deep());
        marks
    }

    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Null(ty) | Kind::Unknown(ty, _) => ty.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(element, _) => Type::list(element.clone()),
            Kind::Set(element, _) => Type::set(element.clone()),
            Kind::Map(element, _) => Type::map(element.clone()),
            Kind::Tuple(items) => Type::tuple(items.iter().map(Value::ty).collect::<Vec<_>>()),
            Kind::Object(attributes) => Type::object(attributes.iter().map(|(name, value)| (name.clone(), value.ty()))),
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// Whether the top of the value is known; parts may be unknown.
    pub fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown(..))
    }

    /// Whether a number in it, at any depth, is an infinity, so that it has no JSON form and can't be stored.
    pub fn has_infinity(&self) -> bool {
        let mut found = self.kind.as_number().is_some_and(Number::is_infinite);
        self.each_child(|_, child| found = found || child.has_infinity());
        found
    }

    pub fn is_wholly_known(&self) -> bool {
        if !self.is_known() {
            return false;
        }
        let mut known = true;
        self.each_child(|_, child| known = known && child.is_wholly_known());
        known
    }

    /// An attribute of an object or an element of a map by key, with this value's own marks added.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.kind.entries()?.get(name).map(|value| value.clone().with_marks(self.marks))
    }

    /// The part at a path, with the marks of everything above it; `None` where there is no such part.
    pub fn at(&self, path: &Path) -> Option<Value> {
        let mut value = self.clone();
        for step in &path.steps {
            let child = match (step, &value.kind) {
                (Step::Attribute(name) | Step::Key(name), Kind::Object(entries) | Kind::Map(_, entries)) => {
                    entries.get(name)?.clone()
                }
                (Step::Index(index), Kind::List(_, items) | Kind::Tuple(items)) => items.get(*index)?.clone(),
                (Step::Element(element), Kind::Set(_, items)) => items.iter().find(|item| *item == element)?.clone(),
                _ => return None,
            };
            value = child.with_marks(value.marks);
        }
        Some(value)
    }

    /// Calls `visit` with every direct part and the step that leads to it.
    pub fn each_child(&self, mut visit: impl FnMut(Step, &Value)) {
        match &self.kind {
            Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
            Kind::List(_, items) | Kind::Tuple(items) => {
                for (index, item) in items.iter().enumerate() {
                    visit(Step::Index(index), item);
                }
            }
            Kind::Set(_, items) => {
                for item in items.iter() {
                    visit(Step::Element(item.clone()), item);
                }
            }
            Kind::Map(_, entries) => {
                for (key, value) in entries.iter() {
                    visit(Step::Key(key.clone()), value);
                }
            }
            Kind::Object(attributes) => {
                for (name, value) in attributes.iter() {
                    visit(Step::Attribute(name.clone()), value);
                }
            }
        }
    }

    /// Visits the value and all its parts, parents first. `visit` returns whether to go below that part.
    pub fn walk(&self, visit: &mut dyn FnMut(&Path, &Value) -> bool) {
        self.walk_from(&Path::root(), visit);
    }

    fn walk_from(&self, path: &Path, visit: &mut dyn FnMut(&Path, &Value) -> bool) {
        if visit(path, self) {
            self.each_child(|step, child| child.walk_from(&path.child(step), visit));
        }
    }

    /// The same value ignoring marks at every depth.
    pub fn same(&self, other: &Value) -> bool {
        let (a, a_marks) = (self, self.marks_deep());
        let (b, b_marks) = (other, other.marks_deep());
        match (a_marks.is_empty(), b_marks.is_empty()) {
            (true, true) => a == b,
            _ => a.clone().unmark_deep().0 == b.clone().unmark_deep().0,
        }
    }
}

/// # Changing values
impl Value {
    /// The value without marks at its top, and those marks.
    pub fn unmark(self) -> (Value, Marks) {
        (Value { kind: self.kind, marks: Marks::NONE }, self.marks)
    }

    /// The value without marks at any depth, and the union of all marks.
    pub fn unmark_deep(self) -> (Value, Marks) {
        let marks = self.marks_deep();
        if marks.is_empty() {
            return (self, marks);
        }
        let value = self.map_parts(&mut |_, part| part.set_marks(Marks::NONE));
        (value, marks)
    }

    /// The paths that carry `marks`, outermost first. Parts of a marked part are listed only if they have a mark of their own.
    pub fn marked_paths(&self, marks: Marks) -> Vec<Path> {
        let mut paths = Vec::new();
        self.walk(&mut |path, value| {
            if value.marks.contains(marks) {
                paths.push(path.clone());
            }
            true
        });
        paths
    }

    /// Adds `marks` at the places of `paths` that exist; a place inside a set marks the set.
    pub fn mark_at(self, paths: &[Path], marks: Marks) -> Value {
        paths.iter().fold(self, |value, path| value.mark_one(&path.steps, marks))
    }

    fn mark_one(self, steps: &[Step], marks: Marks) -> Value {
        let Some((step, rest)) = steps.split_first() else {
            return self.with_marks(marks);
        };
        if matches!(self.kind, Kind::Set(..)) {
            return self.with_marks(marks);
        }
        self.replace_child(step, |child| child.mark_one(rest, marks))
    }

    /// The value with the part at `path` changed by `change`; unchanged where there is no such part.
    pub fn update_at(self, path: &Path, change: impl FnOnce(Value) -> Value) -> Value {
        self.update_steps(&path.steps, Box::new(change))
    }

    fn update_steps(self, steps: &[Step], change: Box<dyn FnOnce(Value) -> Value + '_>) -> Value {
        match steps.split_first() {
            None => change(self),
            Some((step, rest)) => self.replace_child(step, |child| child.update_steps(rest, change)),
        }
    }

    fn replace_child(self, step: &Step, change: impl FnOnce(Value) -> Value) -> Value {
        let marks = self.marks;
        let kind = match (self.kind, step) {
            (Kind::Object(mut attributes), Step::Attribute(name) | Step::Key(name)) => {
                if let Some(child) = attributes.get_mut(name) {
                    *child = change(child.clone());
                }
                Kind::Object(attributes)
            }
            (Kind::Map(element, mut entries), Step::Attribute(name) | Step::Key(name)) => {
                if let Some(child) = entries.get_mut(name) {
                    *child = change(child.clone());
                }
                Kind::Map(element, entries)
            }
            (Kind::List(element, mut items), Step::Index(index)) => {
                if let Some(child) = Arc::make_mut(&mut items).get_mut(*index) {
                    *child = change(child.clone());
                }
                Kind::List(element, items)
            }
            (Kind::Tuple(mut items), Step::Index(index)) => {
                if let Some(child) = Arc::make_mut(&mut items).get_mut(*index) {
                    *child = change(child.clone());
                }
                Kind::Tuple(items)
            }
            (Kind::Set(element, items), Step::Element(wanted)) => {
                let mut items = items.to_vec();
                if let Some(child) = items.iter_mut().find(|item| *item == wanted) {
                    *child = change(child.clone());
                }
                return Value::set(element, items).with_marks(marks);
            }
            (kind, _) => kind,
        };
        Value { kind, marks }
    }

    /// An object (or map) with one entry set; panics on other kinds, which is the caller's mistake.
    pub fn with(self, name: impl AsRef<str>, value: Value) -> Value {
        let marks = self.marks;
        let kind = match self.kind {
            Kind::Object(attributes) => Kind::Object(attributes.with(name.as_ref(), value)),
            Kind::Map(element, entries) => Kind::Map(element, entries.with(name.as_ref(), value)),
            _ => panic!("only objects and maps have named entries"),
        };
        Value { kind, marks }
    }

    /// Rebuilds the value bottom-up: `change` sees every part after its own parts were changed.
    pub fn map_parts(self, change: &mut dyn FnMut(&Path, Value) -> Value) -> Value {
        self.map_parts_from(&Path::root(), change)
    }

    fn map_parts_from(self, path: &Path, change: &mut dyn FnMut(&Path, Value) -> Value) -> Value {
        let marks = self.marks;
        let kind = match self.kind {
            Kind::List(element, items) => Kind::List(element, map_items(&items, path, change)),
            Kind::Tuple(items) => Kind::Tuple(map_items(&items, path, change)),
            Kind::Set(element, items) => {
                let items = items
                    .iter()
                    .map(|item| item.clone().map_parts_from(&path.child(Step::Element(item.clone())), change))
                    .collect();
                let set = Value::set(element, items).with_marks(marks);
                return change(path, set);
            }
            Kind::Map(element, entries) => Kind::Map(element, map_entries(&entries, path, Step::Key, change)),
            Kind::Object(entries) => Kind::Object(map_entries(&entries, path, Step::Attribute, change)),
            leaf @ (Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_)) => leaf,
        };
        change(path, Value { kind, marks })
    }
}

fn map_items(items: &[Value], path: &Path, change: &mut dyn FnMut(&Path, Value) -> Value) -> Arc<[Value]> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| item.clone().map_parts_from(&path.child(Step::Index(index)), change))
        .collect()
}

fn map_entries(
    entries: &Entries,
    path: &Path,
    step: fn(Arc<str>) -> Step,
    change: &mut dyn FnMut(&Path, Value) -> Value,
) -> Entries {
    entries
        .iter()
        .map(|(key, value)| (key.clone(), value.clone().map_parts_from(&path.child(step(key.clone())), change)))
        .collect()
}

impl Kind {
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(value) = self { Some(value) } else { None }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Kind::Bool(value) = self { Some(*value) } else { None }
    }

    pub fn as_number(&self) -> Option<&Number> {
        if let Kind::Number(value) = self { Some(value) } else { None }
    }

    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The items of a list, set or tuple.
    pub fn items(&self) -> Option<&[Value]> {
        if let Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) = self { Some(items) } else { None }
    }

    /// The entries of a map or object.
    pub fn entries(&self) -> Option<&Entries> {
        if let Kind::Map(_, entries) | Kind::Object(entries) = self { Some(entries) } else { None }
    }

    /// The number of elements of a list, set, map, tuple or object.
    pub fn length(&self) -> Option<usize> {
        self.items().map(<[Value]>::len).or_else(|| self.entries().map(Entries::len))
    }
}

/// The order of elements of a set: strings by bytes, numbers by value, false before true, everything else by a text form
/// of the element; nulls after values, unknowns last. It is the order in which Terraform's language iterates sets.
pub fn set_order(a: &Value, b: &Value) -> Ordering {
    fn rank(value: &Value) -> u8 {
        match value.kind {
            Kind::Unknown(..) => 2,
            Kind::Null(_) => 1,
            _ => 0,
        }
    }
    rank(a).cmp(&rank(b)).then_with(|| match (&a.kind, &b.kind) {
        (Kind::String(a), Kind::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        // A set can hold both zeros.
        (Kind::Number(a), Kind::Number(b)) => a.cmp(b).then_with(|| b.is_negative().cmp(&a.is_negative())),
        (Kind::Bool(a), Kind::Bool(b)) => a.cmp(b),
        _ => set_hash_text(a).cmp(&set_hash_text(b)),
    })
}

/// A text that is equal for equal values and orders the elements of sets of structural types.
fn set_hash_text(value: &Value) -> Vec<u8> {
    let mut text = Vec::new();
    write_hash_text(value, &mut text);
    text
}

fn write_hash_text(value: &Value, text: &mut Vec<u8>) {
    match &value.kind {
        Kind::Unknown(..) => text.push(b'?'),
        Kind::Null(_) => text.push(b'~'),
        Kind::Bool(value) => text.push(if *value { b'T' } else { b'F' }),
        Kind::Number(value) => text.extend_from_slice(value.set_hash_text().as_bytes()),
        Kind::String(value) => text.extend_from_slice(format!("{value:?}").as_bytes()),
        Kind::List(_, items) | Kind::Set(_, items) => {
            text.push(b'[');
            for item in items.iter() {
                write_hash_text(item, text);
                text.push(b';');
            }
            text.push(b']');
        }
        Kind::Map(_, entries) => {
            text.push(b'{');
            for (key, item) in entries.iter() {
                text.extend_from_slice(format!("{key:?}:").as_bytes());
                write_hash_text(item, text);
                text.push(b';');
            }
            text.push(b'}');
        }
        Kind::Tuple(items) => {
            text.push(b'<');
            for item in items.iter() {
                write_hash_text(item, text);
                text.push(b';');
            }
            text.push(b'>');
        }
        Kind::Object(entries) => {
            text.push(b'<');
            for item in entries.values() {
                write_hash_text(item, text);
                text.push(b';');
            }
            text.push(b'>');
        }
    }
}

/// Prints the value in the language's own syntax; sensitive parts as `(sensitive value)`, unknown as `(known after apply)`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_sensitive() {
            return f.write_str("(sensitive value)");
        }
        if self.marks.contains(Marks::EPHEMERAL) {
            return f.write_str("(ephemeral value)");
        }
        match &self.kind {
            Kind::Null(_) => f.write_str("null"),
            Kind::Unknown(..) => f.write_str("(known after apply)"),
            Kind::Bool(value) => write!(f, "{value}"),
            Kind::Number(value) => write!(f, "{value}"),
            Kind::String(value) => write!(f, "{value:?}"),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Kind::Map(_, entries) | Kind::Object(entries) => {
                f.write_str("{")?;
                for (index, (key, item)) in entries.iter().enumerate() {
                    write!(f, "{}{key:?} = {item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::string(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::string(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::number(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sensitive_parts_never_reach_text() {
        let value = Value::object([("password", Value::string("hunter2").sensitive()), ("user", Value::string("ada"))]);
        assert_eq!(
            format!("{value} {value:?}"),
            r#"{"password" = (sensitive value), "user" = "ada"} {"password" = (sensitive value), "user" = "ada"}"#
        );
    }

    #[test]
    fn sets_are_sorted_distinct_and_carry_the_marks_of_their_elements() {
        let set = Value::set(Type::String, vec!["b".into(), Value::string("a").sensitive(), "b".into()]);
        assert!(set.is_sensitive());
        let (set, _) = set.unmark();
        assert_eq!(set, Value::set(Type::String, vec!["a".into(), "b".into()]));
    }

    #[test]
    fn strings_are_normalised() {
        assert_eq!(Value::string("e\u{301}"), Value::string("\u{e9}"));
    }

    #[test]
    fn a_mark_inside_a_set_marks_the_set() {
        let element = Type::object([("key", Type::String)]);
        let set = Value::set(element, vec![Value::object([("key", Value::string("x"))])]);
        let value = Value::object([("entries", set.clone())]);
        let Kind::Set(_, items) = set.reveal() else { panic!("a set") };
        let path = Path {
            steps: vec![
                Step::Attribute("entries".into()),
                Step::Element(items[0].clone()),
                Step::Attribute("key".into()),
            ],
        };
        assert!(value.mark_at(&[path], Marks::SENSITIVE).get("entries").expect("there").is_sensitive());
    }
}
