//! Attributes of load balancers, target groups and listeners: texts by key, with calls of their own.

use std::collections::BTreeMap;

/// Attributes as the API has them: `idle_timeout.timeout_seconds` -> `60`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Attributes(BTreeMap<String, String>);

impl Attributes {
    /// Attributes of an answer.
    pub fn live(pairs: impl IntoIterator<Item = (Option<String>, Option<String>)>) -> Attributes {
        let pairs = pairs.into_iter();
        Attributes(pairs.filter_map(|(key, value)| Some((key?, value.unwrap_or_default()))).collect())
    }

    /// Attributes of a table of constants.
    pub fn of<'a>(table: impl IntoIterator<Item = (&'a str, &'a str)>) -> Attributes {
        Attributes(table.into_iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Wants a value; `None` wants nothing.
    pub fn put(&mut self, key: &str, value: Option<impl ToString>) {
        self.0.extend(value.map(|value| (key.to_string(), value.to_string())));
    }

    pub fn text(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    /// Anything but `true` is false.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.0.get(key).map(|value| value == "true")
    }

    /// `None` also for what is not a number, such as `off`.
    pub fn number(&self, key: &str) -> Option<i32> {
        self.0.get(key).and_then(|value| value.parse().ok())
    }

    /// The attributes whose values `have` does not hold.
    pub fn beyond(&self, have: &Attributes) -> Attributes {
        let differs = |key: &String, value: &String| have.0.get(key) != Some(value);
        let new = self.0.iter().filter(|(key, value)| differs(key, value));
        Attributes(new.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// The attributes whose keys `known` holds.
    pub fn within(mut self, known: &Attributes) -> Attributes {
        self.0.retain(|key, _| known.0.contains_key(key));
        self
    }

    /// With the attributes of `defaults` that are not there.
    pub fn or(mut self, defaults: Attributes) -> Attributes {
        for (key, value) in defaults.0 {
            self.0.entry(key).or_insert(value);
        }
        self
    }

    /// Keys and values for a request.
    pub fn pairs(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_asked_for() {
        let have = Attributes::of([("a", "1"), ("b", "true")]);
        let want = Attributes::of([("a", "1"), ("b", "false"), ("c", "x")]);
        assert_eq!(want.beyond(&have), Attributes::of([("b", "false"), ("c", "x")]));
    }

    #[test]
    fn values_are_read_as_what_they_are() {
        let live = Attributes::of([("flag", "true"), ("number", "60"), ("text", "off")]);
        assert_eq!(live.flag("flag"), Some(true));
        assert_eq!(live.number("number"), Some(60));
        assert_eq!(live.number("text"), None);
        assert_eq!(live.text("missing"), None);
    }
}
