//! Reads parts of a container definition from JSON, writes them, and turns them into the SDK's types and back.
//!
//! JSON is read as `hashicorp/aws` reads it: the case of names doesn't matter, members nobody knows are left out, null is the
//! same as a missing member, of two members of one name the last counts, and empty objects in a list are left out. Anything
//! else that does not fit is refused with its place.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde_json::{Map, Value as Json};

/// A part of a container definition.
pub trait Shape: Sized {
    /// The same part in the SDK.
    type Api;

    /// Whether it is an object: an empty one in a list counts for nothing.
    const IS_OBJECT: bool = false;

    fn read(json: &Json) -> Result<Self, Mismatch>;
    fn write(&self) -> Json;
    fn into_api(self) -> Self::Api;
    fn from_api(api: Self::Api) -> Self;
}

/// JSON that is no container definition.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}{reason}", if at.is_empty() { String::new() } else { format!("at `{at}`: ") })]
pub struct Mismatch {
    /// The members and positions that lead there: `[0].portMappings[1].hostPort`; empty for the whole.
    pub at: String,
    pub reason: String,
}

impl Mismatch {
    pub fn expected(what: &str, got: &Json) -> Mismatch {
        let got = match got {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        };
        Mismatch { at: String::new(), reason: format!("{what} is required, not {got}") }
    }

    pub fn missing(member: &str) -> Mismatch {
        Mismatch { at: String::new(), reason: format!("`{}` is required", camel(member)) }
    }

    pub fn in_member(mut self, member: &str) -> Mismatch {
        let dot = if self.at.is_empty() || self.at.starts_with('[') { "" } else { "." };
        self.at = format!("{}{dot}{}", camel(member), self.at);
        self
    }

    pub fn in_element(mut self, index: usize) -> Mismatch {
        let dot = if self.at.is_empty() || self.at.starts_with('[') { "" } else { "." };
        self.at = format!("[{index}]{dot}{}", self.at);
        self
    }
}

/// Reads a member of an object: `None` for null.
pub fn optional<T: Shape>(json: &Json, member: &str) -> Result<Option<T>, Mismatch> {
    match json {
        Json::Null => Ok(None),
        json => T::read(json).map(Some).map_err(|mismatch| mismatch.in_member(member)),
    }
}

/// An object with its members in order.
pub fn object(members: BTreeMap<String, Json>) -> Json {
    Json::Object(Map::from_iter(members))
}

/// Whether a member of JSON is the one that a field of a struct stands for: `containerPort` and `container_port`.
pub fn is_named(member: &str, field: &str) -> bool {
    let letters = field.trim_start_matches("r#").bytes().filter(|letter| *letter != b'_');
    member.bytes().map(|letter| letter.to_ascii_lowercase()).eq(letters)
}

/// A field's name as JSON has it: `containerPort` of `container_port`.
pub fn camel(field: &str) -> String {
    let mut words = field.trim_start_matches("r#").split('_');
    let mut name = words.next().unwrap_or_default().to_string();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// Declares structs of optional members with their SDK types, and makes them [`Shape`]s.
///
/// A line is a member, the SDK's setter of it, whether it is `optional` or `required`, and its type. `fallible` says that the
/// SDK's builder wants its required members; it has them, because `read` insists on them and the SDK gives them.
macro_rules! shapes {
    (@build always $built:expr) => { $built };
    (@build fallible $built:expr) => { $built.expect("required members are there: `read` insists on them") };
    (@need optional $shape:ident $member:ident) => {};
    (@need required $shape:ident $member:ident) => {
        if $shape.$member.is_none() {
            return Err(Mismatch::missing(stringify!($member)));
        }
    };
    ($($(#[$doc:meta])* $name:ident = $api:ident $build:ident {
        $($member:ident $setter:ident $need:ident $ty:ty,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Debug)]
        pub struct $name {
            $(pub $member: Option<$ty>,)*
        }

        impl Shape for $name {
            type Api = ecs::$api;

            const IS_OBJECT: bool = true;

            fn read(json: &Json) -> Result<$name, Mismatch> {
                let members = json.as_object().ok_or_else(|| Mismatch::expected("an object", json))?;
                let mut shape = $name::default();
                for (name, value) in members {
                    $(
                        if is_named(name, stringify!($member)) {
                            shape.$member = optional(value, stringify!($member))?;
                        }
                    )*
                }
                $(shapes!(@need $need shape $member);)*
                Ok(shape)
            }

            fn write(&self) -> Json {
                let mut members = BTreeMap::new();
                $(members.extend(self.$member.iter().map(|value| (camel(stringify!($member)), value.write())));)*
                object(members)
            }

            fn into_api(self) -> ecs::$api {
                let builder = ecs::$api::builder();
                $(let builder = builder.$setter(self.$member.map(Shape::into_api));)*
                shapes!(@build $build builder.build())
            }

            fn from_api(api: ecs::$api) -> $name {
                $name {
                    $($member: {
                        let member: Option<<$ty as Shape>::Api> = api.$member.into();
                        member.map(Shape::from_api)
                    },)*
                }
            }
        }
    )*};
}
pub(super) use shapes;

impl Shape for String {
    type Api = String;

    fn read(json: &Json) -> Result<String, Mismatch> {
        json.as_str().map(str::to_string).ok_or_else(|| Mismatch::expected("a string", json))
    }

    fn write(&self) -> Json {
        Json::String(self.clone())
    }

    fn into_api(self) -> String {
        self
    }

    fn from_api(api: String) -> String {
        api
    }
}

impl Shape for bool {
    type Api = bool;

    fn read(json: &Json) -> Result<bool, Mismatch> {
        json.as_bool().ok_or_else(|| Mismatch::expected("true or false", json))
    }

    fn write(&self) -> Json {
        Json::Bool(*self)
    }

    fn into_api(self) -> bool {
        self
    }

    fn from_api(api: bool) -> bool {
        api
    }
}

impl Shape for i32 {
    type Api = i32;

    fn read(json: &Json) -> Result<i32, Mismatch> {
        let Json::Number(number) = json else {
            return Err(Mismatch::expected("a number", json));
        };
        number.as_i64().and_then(|number| i32::try_from(number).ok()).ok_or_else(|| Mismatch {
            at: String::new(),
            reason: format!("a whole number up to {} is required, not {number}", i32::MAX),
        })
    }

    fn write(&self) -> Json {
        Json::from(*self)
    }

    fn into_api(self) -> i32 {
        self
    }

    fn from_api(api: i32) -> i32 {
        api
    }
}

impl<T: Shape> Shape for Vec<T> {
    type Api = Vec<T::Api>;

    fn read(json: &Json) -> Result<Vec<T>, Mismatch> {
        let items = json.as_array().ok_or_else(|| Mismatch::expected("a list", json))?;
        let counts = |item: &Json| !T::IS_OBJECT || !(item.is_null() || item.as_object().is_some_and(Map::is_empty));
        let counting = items.iter().enumerate().filter(|(_, item)| counts(item));
        counting.map(|(index, item)| T::read(item).map_err(|mismatch| mismatch.in_element(index))).collect()
    }

    fn write(&self) -> Json {
        self.iter().map(Shape::write).collect()
    }

    fn into_api(self) -> Vec<T::Api> {
        self.into_iter().map(Shape::into_api).collect()
    }

    fn from_api(api: Vec<T::Api>) -> Vec<T> {
        api.into_iter().map(Shape::from_api).collect()
    }
}

/// Options and labels: the case of these names does matter.
impl Shape for BTreeMap<String, String> {
    type Api = HashMap<String, String>;

    fn read(json: &Json) -> Result<BTreeMap<String, String>, Mismatch> {
        let entries = json.as_object().ok_or_else(|| Mismatch::expected("an object", json))?;
        let entry = |(name, value): (&String, &Json)| {
            let at = |mismatch: Mismatch| Mismatch { at: name.clone(), ..mismatch };
            Ok((name.clone(), String::read(value).map_err(at)?))
        };
        entries.iter().map(entry).collect()
    }

    fn write(&self) -> Json {
        object(self.iter().map(|(name, value)| (name.clone(), Json::String(value.clone()))).collect())
    }

    fn into_api(self) -> HashMap<String, String> {
        self.into_iter().collect()
    }

    fn from_api(api: HashMap<String, String>) -> BTreeMap<String, String> {
        api.into_iter().collect()
    }
}

/// One of the names that the API knows, or one that it doesn't know yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Name<E>(E);

impl<E: AsRef<str>> fmt::Debug for Name<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref())
    }
}

impl<E: AsRef<str>> Name<E> {
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }
}

impl<E: AsRef<str> + for<'a> From<&'a str>> Shape for Name<E> {
    type Api = E;

    fn read(json: &Json) -> Result<Name<E>, Mismatch> {
        json.as_str().map(|name| Name(E::from(name))).ok_or_else(|| Mismatch::expected("a string", json))
    }

    fn write(&self) -> Json {
        Json::String(self.0.as_ref().to_string())
    }

    fn into_api(self) -> E {
        self.0
    }

    fn from_api(api: E) -> Name<E> {
        Name(api)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_names_of_the_json() {
        for (field, member) in [("container_port", "containerPort"), ("r#type", "type"), ("cpu", "cpu")] {
            assert_eq!(camel(field), member);
            assert!(is_named(member, field) && is_named(&member.to_uppercase(), field));
        }
        assert!(!is_named("containerPorts", "container_port"));
    }
}
