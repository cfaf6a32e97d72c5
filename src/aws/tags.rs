//! Tags: the one that marks a new object, and the difference between two sets.

use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Cloud, Creation, Tags};

use crate::clients::Aws;

/// Marks an object between its creation and the moment its identity is durable, so that an interrupted create is found again.
/// It is taken off then, and never shown.
pub const TOKEN_TAG: &str = "infra:create-token";

/// The tags of a new object, with the mark of the create that makes it.
pub fn marked(tags: &Tags, token: &Token) -> Tags {
    let mut marked = tags.clone();
    marked.insert(TOKEN_TAG.to_string(), token.id.to_string());
    marked
}

/// Makes a new object's identity durable, then takes its mark off by `unmark`; where it is not durable the mark stays, as
/// nothing else may tell the next run whose the object is.
pub async fn settle_new<R: Sync>(
    creation: &Creation<'_, R>,
    object: &R,
    unmark: impl Future<Output = Result<(), ProviderError>> + Send,
) -> Result<(), ProviderError> {
    if creation.born(object).await { unmark.await } else { Ok(()) }
}

/// Takes the mark out of an object's tags, and says whether it was that of this create.
pub fn take_mark(tags: &mut Tags, token: &Token) -> bool {
    tags.remove(TOKEN_TAG).as_deref() == Some(token.id.as_ref())
}

/// The tags that a data source shows: without the service's own, and those that the provider is told to ignore.
pub fn shown(aws: &Aws, live: Tags) -> Tags {
    live.into_iter().filter(|(key, _)| !aws.ignores_tag(key)).collect()
}

/// Tags to set and keys to remove, to get from one set to another.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TagChange {
    pub set: Tags,
    pub remove: Vec<String>,
}

impl TagChange {
    pub fn between(have: &Tags, want: &Tags) -> TagChange {
        TagChange {
            set: want
                .iter()
                .filter(|(key, value)| have.get(*key) != Some(*value))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            remove: have.keys().filter(|key| !want.contains_key(*key)).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    }

    #[test]
    fn a_change_of_tags_sets_what_differs_and_removes_what_is_not_wanted() {
        let change = TagChange::between(
            &tags(&[("a", "1"), ("b", "1"), ("c", "1")]),
            &tags(&[("a", "1"), ("b", "2"), ("d", "1")]),
        );
        assert_eq!(change, TagChange { set: tags(&[("b", "2"), ("d", "1")]), remove: vec!["c".into()] });
    }
}
