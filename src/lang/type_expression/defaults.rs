//! Default values of the optional attributes of a type constraint.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::entries::Entries;
use model::value::{Kind, Value};

/// What stands for the optional attributes that a value leaves out, at every depth of a type.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Defaults {
    /// Of an object: the values for attributes that are absent or null.
    values: BTreeMap<Arc<str>, Value>,
    inside: Inside,
}

/// The defaults of the parts of a value.
#[derive(Clone, PartialEq, Debug, Default)]
enum Inside {
    #[default]
    Nothing,
    /// Of each element of a list, set or map.
    Elements(Box<Defaults>),
    /// Of each element of a tuple.
    Places(Vec<Defaults>),
    /// Of the attributes of an object.
    Attributes(BTreeMap<Arc<str>, Defaults>),
}

impl Defaults {
    pub(super) fn of_elements(element: Defaults) -> Defaults {
        let inside = if element.is_empty() { Inside::Nothing } else { Inside::Elements(Box::new(element)) };
        Defaults { values: BTreeMap::new(), inside }
    }

    pub(super) fn of_places(places: Vec<Defaults>) -> Defaults {
        let inside = if places.iter().all(Defaults::is_empty) { Inside::Nothing } else { Inside::Places(places) };
        Defaults { values: BTreeMap::new(), inside }
    }

    pub(super) fn of_attributes(
        values: BTreeMap<Arc<str>, Value>,
        attributes: BTreeMap<Arc<str>, Defaults>,
    ) -> Defaults {
        let inside = if attributes.is_empty() { Inside::Nothing } else { Inside::Attributes(attributes) };
        Defaults { values, inside }
    }

    /// Whether there are none at any depth.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && matches!(self.inside, Inside::Nothing)
    }

    /// The value with defaults filled in. Lists and sets become tuples and maps become objects on the way, so that the result
    /// must be converted to the type. Null and unknown values stay as they are.
    pub fn apply(&self, value: &Value) -> Value {
        if self.is_empty() {
            return value.clone();
        }
        let marks = value.marks();
        let filled = match value.reveal() {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                Value::tuple(items.iter().enumerate().map(|(place, item)| self.item(place, item)).collect::<Vec<_>>())
            }
            Kind::Map(_, entries) | Kind::Object(entries) => self.entries(entries),
            Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                return value.clone();
            }
        };
        filled.with_marks(marks)
    }

    fn item(&self, place: usize, item: &Value) -> Value {
        let defaults = match &self.inside {
            Inside::Elements(element) => Some(&**element),
            Inside::Places(places) => places.get(place),
            Inside::Nothing | Inside::Attributes(_) => None,
        };
        defaults.map_or_else(|| item.clone(), |defaults| defaults.apply(item))
    }

    fn entries(&self, entries: &Entries) -> Value {
        let inside = |name: &str| match &self.inside {
            Inside::Elements(element) => Some(&**element),
            Inside::Attributes(attributes) => attributes.get(name),
            Inside::Nothing | Inside::Places(_) => None,
        };
        let mut filled: BTreeMap<Arc<str>, Value> = entries.clone().into_iter().collect();
        for (name, default) in &self.values {
            let value = filled.get(name).filter(|value| !value.is_null());
            if value.is_none() {
                filled.insert(name.clone(), default.clone());
            }
        }
        for (name, value) in &mut filled {
            if let Some(defaults) = inside(name) {
                *value = defaults.apply(value);
            }
        }
        Value::object(filled)
    }
}
