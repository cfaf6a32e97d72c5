//! What functions read from arguments that the call has already checked.

use model::number::Number;
use model::value::{Kind, Value};

use crate::functions::Error;

/// The text of a string argument.
pub(super) fn text(arguments: &[Value], index: usize) -> &str {
    arguments[index]
        .reveal()
        .as_str()
        .expect("the call converts this argument to a string, and nulls and unknowns stop it")
}

/// The number of a number argument.
pub(super) fn number(arguments: &[Value], index: usize) -> &Number {
    arguments[index]
        .reveal()
        .as_number()
        .expect("the call converts this argument to a number, and nulls and unknowns stop it")
}

/// A number argument that must be whole.
pub(super) fn whole(arguments: &[Value], index: usize) -> Result<i64, Error> {
    number(arguments, index).as_i64().ok_or_else(|| Error::argument(index, "a whole number is required"))
}

/// The elements of a list, set or tuple argument.
pub(super) fn items(arguments: &[Value], index: usize) -> &[Value] {
    arguments[index]
        .reveal()
        .items()
        .expect("the call converts this argument to a sequence, and nulls and unknowns stop it")
}

/// The strings of a list of strings; `None` if one is unknown.
///
/// # Errors
/// One is null.
pub(super) fn strings(arguments: &[Value], index: usize) -> Result<Option<Vec<&str>>, Error> {
    let mut strings = Vec::new();
    let mut known = true;
    for (position, item) in items(arguments, index).iter().enumerate() {
        match item.reveal() {
            Kind::String(text) => strings.push(text.as_ref()),
            Kind::Null(_) => return Err(Error::argument(index, format!("the element {position} is null"))),
            _ => known = false,
        }
    }
    Ok(known.then_some(strings))
}
