//! How many instances a block has: `count` and `for_each`.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::address::Key;
use model::diagnostic::Diagnostic;
use model::entries::Entries;
use model::source::SourceRange;
use model::ty::Type;
use model::value::{Kind, Marks, Value};

/// The instances of a block in one instance of its module.
#[derive(Clone, PartialEq, Debug)]
pub enum Keys {
    /// One instance without a key.
    Single,
    /// Keys from 0 to below this number.
    Count(u64),
    /// A key for each entry, with what `each.value` is.
    Each(Entries),
    /// A `count` that is not known: only while validating.
    UnknownCount,
    /// A `for_each` that is not known: only while validating.
    UnknownEach,
}

/// What `count.index`, `each.key` and `each.value` are in one instance.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Each {
    #[default]
    None,
    Count(u64),
    Entry {
        key: Arc<str>,
        value: Value,
    },
    /// An instance that stands for all: only while validating.
    AnyCount,
    AnyEntry,
}

impl Keys {
    /// The keys in their order. While validating, one instance without a key stands for all.
    pub fn iter(&self) -> Box<dyn Iterator<Item = Option<Key>> + Send + '_> {
        match self {
            Keys::Single | Keys::UnknownCount | Keys::UnknownEach => Box::new(std::iter::once(None)),
            Keys::Count(count) => Box::new((0..*count).map(|index| Some(Key::Index(index)))),
            Keys::Each(entries) => Box::new(entries.keys().map(|key| Some(Key::Name(key.clone())))),
        }
    }

    pub fn contains(&self, key: Option<&Key>) -> bool {
        match (self, key) {
            (Keys::Single | Keys::UnknownCount | Keys::UnknownEach, None) => true,
            (Keys::Count(count), Some(Key::Index(index))) => index < count,
            (Keys::Each(entries), Some(Key::Name(name))) => entries.contains_key(name),
            (Keys::Single | Keys::Count(_) | Keys::Each(_) | Keys::UnknownCount | Keys::UnknownEach, _) => false,
        }
    }

    /// What the instance of a key sees.
    pub fn each(&self, key: Option<&Key>) -> Each {
        match (self, key) {
            (Keys::UnknownCount, _) => Each::AnyCount,
            (Keys::UnknownEach, _) => Each::AnyEntry,
            (Keys::Count(_), Some(Key::Index(index))) => Each::Count(*index),
            (Keys::Each(entries), Some(Key::Name(key))) => match entries.get(key) {
                Some(value) => Each::Entry { key: key.clone(), value: value.clone() },
                None => Each::None,
            },
            (Keys::Single | Keys::Count(_) | Keys::Each(_), _) => Each::None,
        }
    }

    /// The value of the block: the only instance, a tuple, or an object by key.
    pub fn combine(&self, mut instance: impl FnMut(Option<Key>) -> Value) -> Value {
        match self {
            Keys::Single => instance(None),
            Keys::Count(count) => {
                Value::tuple((0..*count).map(|index| instance(Some(Key::Index(index)))).collect::<Vec<_>>())
            }
            Keys::Each(entries) => {
                Value::object(entries.keys().map(|key| (key.clone(), instance(Some(Key::Name(key.clone()))))))
            }
            Keys::UnknownCount | Keys::UnknownEach => Value::unknown(Type::Dynamic),
        }
    }
}

/// Reads the value of a `count` argument.
///
/// # Errors
/// It is null, sensitive, ephemeral, unknown, no whole number, or negative.
pub fn count(value: &Value, range: SourceRange) -> Result<Keys, Diagnostic> {
    let invalid = |detail: String| Diagnostic::error("Invalid count argument", detail).at(range);
    let value = plain(value, "count", range)?;
    match value.reveal() {
        Kind::Null(_) => {
            Err(invalid(r#"The given "count" argument value is null. A whole number is required."#.into()))
        }
        Kind::Unknown(..) => Err(unknown_count(range)),
        _ => {
            let number = model::convert::convert(&value, &Type::Number)
                .map_err(|error| invalid(format!(r#"The given "count" argument value is unsuitable: {error}."#)))?;
            match number.reveal() {
                Kind::Unknown(..) => Err(unknown_count(range)),
                _ => {
                    let number = number.reveal().as_i64().ok_or_else(|| {
                        invalid(r#"The given "count" argument value is unsuitable: a whole number is required."#.into())
                    })?;
                    u64::try_from(number).map(Keys::Count).map_err(|_| {
                        let reason = "must be greater than or equal to zero";
                        invalid(format!(r#"The given "count" argument value is unsuitable: {reason}."#))
                    })
                }
            }
        }
    }
}

/// Reads the value of a `for_each` argument: a map, an object, or a set of strings.
///
/// # Errors
/// It is of another type, null, sensitive, ephemeral, or its keys are not known.
pub fn for_each(value: &Value, range: SourceRange) -> Result<Keys, Diagnostic> {
    let invalid = |detail: String| Diagnostic::error("Invalid for_each argument", detail).at(range);
    let value = plain(value, "for_each", range)?;
    match value.reveal() {
        Kind::Null(_) => Err(invalid(
            r#"The given "for_each" argument value is null. A map or a set of strings is required."#.into(),
        )),
        Kind::Unknown(..) => Err(unknown_each(range)),
        Kind::Map(_, entries) | Kind::Object(entries) => Ok(Keys::Each(entries.clone())),
        Kind::Set(element, items) if items.is_empty() || matches!(element, Type::String | Type::Dynamic) => {
            let mut entries = BTreeMap::new();
            for item in items.iter() {
                match item.reveal() {
                    Kind::String(key) => {
                        entries.insert(key.clone(), item.clone());
                    }
                    Kind::Unknown(..) => return Err(unknown_each(range)),
                    _ => {
                        return Err(invalid(
                            r#"The given "for_each" argument value is unsuitable: a set must hold strings, and none of them null."#
                                .into(),
                        ));
                    }
                }
            }
            Ok(Keys::Each(entries.into()))
        }
        Kind::Set(..) | Kind::List(..) | Kind::Tuple(_) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
            let given = value.ty().friendly_name();
            let diagnostic = invalid(format!(
                "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of \
                 strings, and you have provided a value of type {given}."
            ));
            Err(match value.reveal() {
                Kind::List(..) | Kind::Tuple(_) => diagnostic.hint("`toset(..)` makes a set of a list."),
                _ => diagnostic,
            })
        }
    }
}

/// Refuses values whose keys would give away what must not be seen.
fn plain(value: &Value, argument: &str, range: SourceRange) -> Result<Value, Diagnostic> {
    let (plain, marks) = value.clone().unmark();
    let invalid = |detail: String| Err(Diagnostic::error(format!("Invalid {argument} argument"), detail).at(range));
    if marks.contains(Marks::EPHEMERAL) {
        return invalid(format!(
            "The given \"{argument}\" value is derived from an ephemeral value, which must not decide which instances there are."
        ));
    }
    // A number of instances discloses nothing that their addresses would not; keys disclose the value itself.
    if argument == "for_each" && marks.contains(Marks::SENSITIVE) {
        return invalid(
            "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments: the instance \
             keys they make would be seen in the plan."
                .into(),
        );
    }
    Ok(plain)
}

fn unknown_count(range: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Invalid count argument",
        "The \"count\" value depends on resource attributes that cannot be determined until apply, so it can't be said how \
         many instances there will be.",
    )
    .at(range)
    .hint("Use -target to first apply only what the count depends on.")
}

fn unknown_each(range: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Invalid for_each argument",
        "The keys of the \"for_each\" value depend on resource attributes that cannot be determined until apply, so it can't \
         be said which instances there will be.",
    )
    .at(range)
    .hint(
        "Use a map whose keys are written in the configuration and only whose values come from resources; or use -target to \
         first apply only what the keys depend on.",
    )
}
