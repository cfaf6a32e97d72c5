//! What data sources ask by: filters, tags, attributes, identifiers.

use aws_sdk_ec2::types::Filter;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::ec2::filter;

/// A `filter` block: names and values as the Describe call has them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Written {
    name: String,
    values: Vec<String>,
}

/// Filters by all three: attributes that are given, by the names of their filters; tags; and `filter` blocks.
///
/// `None` when there are none: the API refuses an empty list.
pub fn filters<'a>(
    attributes: impl IntoIterator<Item = (&'a str, &'a str)>,
    tags: &Tags,
    written: &[Written],
) -> Option<Vec<Filter>> {
    let attributes = attributes.into_iter().filter(|(_, value)| !value.is_empty());
    let attributes = attributes.map(|(name, value)| filter(name, [value]));
    let tags = tags.iter().map(|(key, value)| filter(&format!("tag:{key}"), [value]));
    let written = written.iter().map(|written| filter(&written.name, written.values.iter().cloned()));
    let filters: Vec<Filter> = attributes.chain(tags).chain(written).collect();
    (!filters.is_empty()).then_some(filters)
}

/// The identifier as a list for a request; `None` where it isn't given.
pub fn ids(id: &str) -> Option<Vec<String>> {
    (!id.is_empty()).then(|| vec![id.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_not_asked_for() {
        assert!(filters([("vpc-id", "")], &Tags::new(), &[]).is_none());
        let tags = Tags::from([("Name".to_string(), "web".to_string())]);
        let names: Vec<Option<String>> =
            filters([("vpc-id", "vpc-a")], &tags, &[]).into_iter().flatten().map(|filter| filter.name).collect();
        assert_eq!(names, [Some("vpc-id".into()), Some("tag:Name".into())]);
    }
}
