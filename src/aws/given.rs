//! Arguments as requests have them: what is empty or zero was not given, and is left out.

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
