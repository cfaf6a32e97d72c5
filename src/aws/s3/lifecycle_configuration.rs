//! `aws_s3_bucket_lifecycle_configuration`: when objects of a bucket move to cheaper storage or go away.
//!
//! One call replaces all rules. Conditions of a rule that are alone stand in its filter, several in a block `and` of it.

mod refusals;
mod rule;

use aws_sdk_s3::types::{BucketLifecycleConfiguration, TransitionDefaultMinimumObjectSize};
use model::ty::Type;
use model::value::{Kind, Value};
use provider::Token;
use provider::error::ProviderError;
use provider::propose::is_empty;
use provider::resource::{Creation, Readiness, Refine, Refusal, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::lifecycle_configuration::rule::Rule;
use crate::s3::retry::retry;
use crate::s3::{given, identifier, parse_time, part};

/// What counts where a bucket's answer does not say it.
const SIZE_DEFAULT: &str = "all_storage_classes_128K";

/// Conditions of a filter beside which it has no prefix.
const CONDITIONS: [&str; 4] = ["and", "tag", "object_size_greater_than", "object_size_less_than"];

/// Arguments without a default.
const LEFT_OUT: [&str; 4] = [
    "rule.filter.object_size_greater_than",
    "rule.filter.object_size_less_than",
    "rule.noncurrent_version_expiration.newer_noncurrent_versions",
    "rule.noncurrent_version_transition.newer_noncurrent_versions",
];

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LifecycleConfiguration {
    bucket: String,
    expected_bucket_owner: String,
    id: String,
    rule: Vec<Rule>,
    timeouts: Option<WrittenTimeouts>,
    transition_default_minimum_object_size: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    update: Option<String>,
}

impl Resource for LifecycleConfiguration {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_s3_bucket_lifecycle_configuration";
    const TIMEOUTS: Timeouts = Timeouts::minutes(3, 3, 3);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        put(aws, want).await?;
        Ok(LifecycleConfiguration { id: identifier::of(&want.bucket, &want.expected_bucket_owner), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let is_same = have.rule == want.rule
            && have.transition_default_minimum_object_size == want.transition_default_minimum_object_size;
        if is_same { Ok(()) } else { put(aws, want).await }
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        retry(|| async {
            let delete = aws.s3().delete_bucket_lifecycle().bucket(&have.bucket);
            let delete = delete.set_expected_bucket_owner(given(&have.expected_bucket_owner));
            part(delete.send().await.operation("s3:PutLifecycleConfiguration")).map(drop)
        })
        .await
    }

    fn readiness(&self, want: &Self) -> Readiness {
        let names = |rules: &[Rule]| -> Vec<(String, String)> {
            let mut names: Vec<_> = rules.iter().map(|rule| (rule.id.clone(), rule.status.clone())).collect();
            names.sort();
            names
        };
        if names(&self.rule) == names(&want.rule) {
            Readiness::Settled
        } else {
            Readiness::Pending("the new rules to take effect".into())
        }
    }

    /// Putting the rules once more changes nothing, so that an interrupted create may be repeated.
    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let (bucket, expected_bucket_owner) = identifier::parse(id);
        Ok(LifecycleConfiguration { bucket, expected_bucket_owner, id: id.to_string(), ..Self::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        let time = |value: &Value| value.reveal().as_str().and_then(parse_time);
        matches!(attribute, "rule.expiration.date" | "rule.transition.date")
            && time(prior).is_some_and(|prior| time(config) == Some(prior))
    }

    fn refine(refine: Refine<'_>) {
        let Refine { config, planned, .. } = refine;
        *planned = planned.clone().map_parts(&mut |path, part| match path.names().as_str() {
            "rule.filter" => without_default(part, "prefix", &CONDITIONS),
            "rule.transition" => without_default(part, "days", &["date"]),
            // The service makes nothing up for these: what is not configured is not there.
            names if LEFT_OUT.contains(&names) && !part.is_known() => {
                let is_open = config.at(path).is_some_and(|configured| !configured.is_known());
                if is_open { part } else { Value::null(part.ty()) }
            }
            _ => part,
        });
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        identifier::refuse_owner(config).into_iter().chain(refusals::validate(config)).collect()
    }
}

/// A part without the default of an attribute where one of some others is given.
fn without_default(part: Value, name: &str, others: &[&str]) -> Value {
    let Kind::Object(_) = part.reveal() else { return part };
    let is_given = |other: &&str| part.get(other).is_some_and(|value| !value.is_known() || !is_empty(&value));
    if !others.iter().any(is_given) {
        return part;
    }
    let ty = part.get(name).map_or(Type::String, |value| value.ty());
    let is_default =
        part.get(name).is_some_and(|value| value.reveal().as_str() == Some("") || value.reveal().as_i64() == Some(0));
    if is_default { part.with(name, Value::null(ty)) } else { part }
}

async fn read_one(aws: &Aws, have: &LifecycleConfiguration) -> Result<Option<LifecycleConfiguration>, ProviderError> {
    let get = aws.s3().get_bucket_lifecycle_configuration().bucket(&have.bucket);
    let get = get.set_expected_bucket_owner(given(&have.expected_bucket_owner));
    let Some(live) = part(get.send().await.operation("s3:GetLifecycleConfiguration"))? else { return Ok(None) };
    let size = live.transition_default_minimum_object_size;
    let live = live.rules.unwrap_or_default().into_iter().map(Rule::live).collect();
    Ok(Some(LifecycleConfiguration {
        rule: in_order_of(live, &have.rule),
        transition_default_minimum_object_size: size
            .map_or_else(|| SIZE_DEFAULT.to_string(), |size| size.as_str().to_string()),
        ..have.clone()
    }))
}

/// Rules in the order in which they are known; S3 may answer in another one.
fn in_order_of(mut live: Vec<Rule>, known: &[Rule]) -> Vec<Rule> {
    let place = |rule: &Rule| known.iter().position(|known| known.id == rule.id).unwrap_or(usize::MAX);
    live.sort_by_key(place);
    live
}

async fn put(aws: &Aws, want: &LifecycleConfiguration) -> Result<(), ProviderError> {
    let rules = want.rule.iter().map(Rule::request).collect();
    let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules));
    let configuration = configuration.build().expect("the rules are given");
    let size = given(&want.transition_default_minimum_object_size);
    let size = size.map(|size| TransitionDefaultMinimumObjectSize::from(size.as_str()));
    retry(|| async {
        let put = aws.s3().put_bucket_lifecycle_configuration().bucket(&want.bucket);
        let put = put.set_expected_bucket_owner(given(&want.expected_bucket_owner));
        let put = put.set_transition_default_minimum_object_size(size.clone());
        let put = put.lifecycle_configuration(configuration.clone());
        put.send().await.operation("s3:PutLifecycleConfiguration").map(drop)
    })
    .await
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{ExpirationStatus, LifecycleRule};

    use super::*;

    #[test]
    fn a_filter_has_no_empty_prefix_beside_other_conditions() {
        let filter = |size: Value| Value::object([("prefix", Value::string("")), ("object_size_less_than", size)]);
        let null = Value::null(Type::String);
        let planned =
            |filter: Value| without_default(filter, "prefix", &["and", "object_size_less_than"]).get("prefix");
        assert_eq!(planned(filter(Value::number(500))), Some(null));
        assert_eq!(planned(filter(Value::null(Type::Number))), Some(Value::string("")));
    }

    #[test]
    fn rules_keep_the_order_in_which_they_are_known() {
        let rule = |id: &str| {
            let rule = LifecycleRule::builder().id(id).status(ExpirationStatus::Enabled).build();
            Rule::live(rule.expect("the status is given"))
        };
        let ordered = in_order_of(vec![rule("new"), rule("a"), rule("b")], &[rule("b"), rule("a")]);
        let ids: Vec<&str> = ordered.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids, ["b", "a", "new"]);
    }
}
