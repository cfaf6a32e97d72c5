//! Arguments as requests have them: what is empty or zero was not given, and is left out; of a change, what stays as it is.

/// The text, unless it is empty.
pub fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

/// The number, unless it is zero.
pub fn number(number: i32) -> Option<i32> {
    (number != 0).then_some(number)
}

/// The elements, unless there are none.
pub fn list<T>(elements: impl IntoIterator<Item = T>) -> Option<Vec<T>> {
    let elements: Vec<T> = elements.into_iter().collect();
    (!elements.is_empty()).then_some(elements)
}

/// The texts, unless there are none.
pub fn listed(list: &[String]) -> Option<Vec<String>> {
    (!list.is_empty()).then(|| list.to_vec())
}

/// The number, if it is above zero.
pub fn positive(number: i32) -> Option<i32> {
    (number > 0).then_some(number)
}

/// The flag, if it is set.
pub fn on(flag: bool) -> Option<bool> {
    flag.then_some(true)
}

/// What is wanted, if it is something else.
pub fn changed<T: PartialEq + Clone>(have: &T, want: &T) -> Option<T> {
    (have != want).then(|| want.clone())
}

/// The text that is wanted, if it is another one; the empty text asks for nothing.
pub fn changed_text(have: &str, want: &str) -> Option<String> {
    text(want).filter(|want| want != have)
}
