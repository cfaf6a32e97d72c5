//! Says why values of a type can't convert to another.

use crate::convert::is_convertible;
use crate::ty::{ObjectType, Type};

/// What of `want` a value of type `got` misses, as a fragment: `attribute "a": string required`.
pub fn describe(got: &Type, want: &Type) -> String {
    match (got, want) {
        (Type::Object(got), Type::Object(want)) => describe_objects(got, want),
        (Type::Tuple(_), Type::List(element)) if **element == Type::Dynamic => {
            "all list elements must have the same type".into()
        }
        (Type::Tuple(_), Type::Set(element)) if **element == Type::Dynamic => {
            "all set elements must have the same type".into()
        }
        (Type::Object(_), Type::Map(element)) if **element == Type::Dynamic => {
            "all map elements must have the same type".into()
        }
        (Type::Tuple(items), Type::List(element) | Type::Set(element)) => {
            match items.iter().enumerate().find(|(_, item)| !is_convertible(item, element)) {
                Some((index, item)) => format!("element {index}: {}", describe(item, element)),
                None => format!("all elements must be {}", element.friendly_name()),
            }
        }
        (Type::Object(object), Type::Map(element)) => {
            match object.attributes.iter().find(|(_, ty)| !is_convertible(ty, element)) {
                Some((name, ty)) => format!("element {name:?}: {}", describe(ty, element)),
                None => format!("all elements must be {}", element.friendly_name()),
            }
        }
        (Type::List(got) | Type::Set(got), Type::List(want)) => {
            format!("incorrect list element type: {}", describe(got, want))
        }
        (Type::List(got) | Type::Set(got), Type::Set(want)) => {
            format!("incorrect set element type: {}", describe(got, want))
        }
        (Type::Map(got), Type::Map(want)) => format!("incorrect map element type: {}", describe(got, want)),
        (_, want) => format!("{} required", want.friendly_name()),
    }
}

/// All missing attributes, or else the first that has the wrong type.
fn describe_objects(got: &ObjectType, want: &ObjectType) -> String {
    let missing: Vec<String> = want
        .attributes
        .keys()
        .filter(|name| !got.attributes.contains_key(*name) && !want.optional.contains(*name))
        .map(|name| format!("{name:?}"))
        .collect();
    match missing.as_slice() {
        [] => {}
        [name] => return format!("attribute {name} is required"),
        [first, second] => return format!("attributes {first} and {second} are required"),
        [others @ .., last] => return format!("attributes {}, and {last} are required", others.join(", ")),
    }
    let wrong = want.attributes.iter().find_map(|(name, want)| {
        let got = got.attributes.get(name)?;
        (!is_convertible(got, want)).then(|| format!("attribute {name:?}: {}", describe(got, want)))
    });
    wrong.unwrap_or_else(|| "incorrect object attributes".into())
}
