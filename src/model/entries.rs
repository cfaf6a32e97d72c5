//! The entries of a map or object.
//!
//! A plan holds several objects for each of thousands of resources, most of them small. A sorted slice takes the room of its
//! entries and one allocation, where a tree takes that of eleven entries for any few.

use std::collections::BTreeMap;
use std::ops::Index;
use std::sync::Arc;

use crate::value::Value;

/// Values by name, in the order of the names. Clone is O(1).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Entries(Arc<[(Arc<str>, Value)]>);

impl Entries {
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.binary_search_by(|(own, _)| own.as_ref().cmp(name)).ok()?;
        Some(&self.0[found].1)
    }

    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Arc<str>, &Value)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(name, value)| (name, value))
    }

    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Arc<str>> + ExactSizeIterator + Clone {
        self.0.iter().map(|(name, _)| name)
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let found = self.0.binary_search_by(|(own, _)| own.as_ref().cmp(name)).ok()?;
        Some(&mut Arc::make_mut(&mut self.0)[found].1)
    }

    /// The same with another value under a name, which may be new.
    pub fn with(mut self, name: &str, value: Value) -> Entries {
        if let Some(present) = self.get_mut(name) {
            *present = value;
            return self;
        }
        let before = self.0.partition_point(|(own, _)| own.as_ref() < name);
        let (before, after) = self.0.split_at(before);
        Entries(before.iter().cloned().chain([(name.into(), value)]).chain(after.iter().cloned()).collect())
    }

    /// The same without a name, if it is there.
    pub fn without(&self, name: &str) -> Entries {
        Entries(self.0.iter().filter(|(own, _)| own.as_ref() != name).cloned().collect())
    }
}

impl<const N: usize> From<[(Arc<str>, Value); N]> for Entries {
    fn from(entries: [(Arc<str>, Value); N]) -> Entries {
        entries.into_iter().collect()
    }
}

impl Index<&str> for Entries {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name).expect("the entry is there")
    }
}

/// Of two values under one name the later counts.
impl FromIterator<(Arc<str>, Value)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(entries: I) -> Entries {
        let mut entries: Vec<(Arc<str>, Value)> = entries.into_iter().collect();
        if !entries.is_sorted_by(|(one, _), (next, _)| one < next) {
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries.dedup_by(|(name, value), (earlier_name, earlier)| {
                let is_same = name == earlier_name;
                if is_same {
                    std::mem::swap(value, earlier);
                }
                is_same
            });
        }
        Entries(entries.into())
    }
}

impl From<BTreeMap<Arc<str>, Value>> for Entries {
    fn from(entries: BTreeMap<Arc<str>, Value>) -> Entries {
        entries.into_iter().collect()
    }
}

impl IntoIterator for Entries {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        Vec::from(&*self.0).into_iter()
    }
}

impl<'a> IntoIterator for &'a Entries {
    type Item = (&'a Arc<str>, &'a Value);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (Arc<str>, Value)>, fn(&'a (Arc<str>, Value)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries() -> impl Strategy<Value = Vec<(Arc<str>, Value)>> {
        let entry = ("[a-d]{0,2}", 0..100i64);
        prop::collection::vec(entry.prop_map(|(name, number)| (Arc::from(name), Value::from(number))), 0..12)
    }

    proptest! {
        #[test]
        fn entries_are_what_a_tree_would_hold(given in entries(), name in "[a-d]{0,2}") {
            let tree: BTreeMap<Arc<str>, Value> = given.iter().cloned().collect();
            let entries: Entries = given.into_iter().collect();
            prop_assert!(entries.iter().eq(&tree));
            prop_assert_eq!(entries.len(), tree.len());
            prop_assert_eq!(entries.get(&name), tree.get(&*name));
            let mut changed = tree;
            changed.remove(&*name);
            prop_assert!(entries.without(&name).iter().eq(&changed));
            changed.insert(name.as_str().into(), Value::from(-1));
            prop_assert!(entries.clone().with(&name, Value::from(-1)).iter().eq(&changed));
        }
    }
}
