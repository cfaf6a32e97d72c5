//! `tags_all`: an object's own tags over the default tags of its provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::schema::Block;
use model::ty::Type;
use model::value::{Kind, Value};

use crate::facts::Flavor;
use crate::resource::Tags;

pub(super) const TAGS: &str = "tags";
pub(super) const TAGS_ALL: &str = "tags_all";

pub(super) fn has_tags_all(block: &Block) -> bool {
    block.attributes.contains_key(TAGS) && block.attributes.contains_key(TAGS_ALL)
}

/// What `tags_all` is planned to be for the planned `tags`.
///
/// The two libraries differ where a tag has no value and where there are no tags at all: types of the older one leave both to
/// the apply, types of the newer one know.
pub(super) fn tags_all(flavor: Flavor, prior: Option<&Value>, planned: &Value, default_tags: &Tags) -> Value {
    let unknown = || Value::unknown(Type::map(Type::String));
    let tags = planned.get(TAGS).unwrap_or_else(|| Value::null(Type::map(Type::String)));
    if !tags.is_wholly_known() {
        return match flavor {
            Flavor::Sdk => unknown(),
            Flavor::Framework if tags.is_known() => Value::map(Type::String, merged(&tags, default_tags)),
            Flavor::Framework => unknown(),
        };
    }
    let all = merged(&tags, default_tags);
    let value = || Value::map(Type::String, all.clone());
    match flavor {
        Flavor::Framework => value(),
        Flavor::Sdk => {
            let before = prior.map(|prior| (prior.get(TAGS), prior.get(TAGS_ALL)));
            let has_blank = all.values().any(|value| value.reveal().as_str() == Some(""));
            match before {
                None if all.is_empty() || has_blank => unknown(),
                None => value(),
                Some((before, Some(all_before))) if before.as_ref() == Some(&tags) => {
                    if all.is_empty() || (has_blank && all_before == value()) {
                        all_before
                    } else if has_blank {
                        unknown()
                    } else {
                        value()
                    }
                }
                Some(_) if has_blank => unknown(),
                Some(_) => value(),
            }
        }
    }
}

/// The default tags with the object's own put over them. A tag without a value has an empty one.
fn merged(tags: &Value, default_tags: &Tags) -> BTreeMap<Arc<str>, Value> {
    let mut all: BTreeMap<Arc<str>, Value> =
        default_tags.iter().map(|(key, value)| (Arc::from(key.as_str()), Value::string(value.as_str()))).collect();
    if let Kind::Map(_, own) = tags.reveal() {
        for (key, value) in own.iter() {
            all.insert(key.clone(), if value.is_null() { Value::string("") } else { value.clone() });
        }
    }
    all
}
