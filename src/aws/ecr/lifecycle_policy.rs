//! `aws_ecr_lifecycle_policy`: which images of a repository go away by themselves. A repository has one at most.

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::refusals;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LifecyclePolicy {
    id: String,
    policy: String,
    registry_id: String,
    repository: String,
}

impl Resource for LifecyclePolicy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecr_lifecycle_policy";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    /// PutLifecyclePolicy replaces a policy that is there without a word, so `create` looks first.
    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let policy = LifecyclePolicy { id: want.repository.clone(), ..want.clone() };
        if read_one(aws, &policy).await?.is_some() {
            let message = format!("the repository `{}` has a lifecycle policy already", want.repository);
            return Err(taken("ecr:PutLifecyclePolicy", message));
        }
        let call = aws.ecr().put_lifecycle_policy().repository_name(&want.repository);
        call.lifecycle_policy_text(&want.policy).send().await.operation("ecr:PutLifecyclePolicy")?;
        Ok(policy)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut policies = Vec::with_capacity(have.len());
        for policy in have {
            policies.push(read_one(aws, policy).await?);
        }
        Ok(policies)
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.ecr().delete_lifecycle_policy().repository_name(&have.id);
        call.send().await.operation("ecr:DeleteLifecyclePolicy")?;
        Ok(())
    }

    /// The API doesn't tell when a policy was put; one that says the same is this create's.
    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        let found = read_one(aws, &LifecyclePolicy { id: want.repository.clone(), ..want.clone() }).await?;
        if found.as_ref().is_some_and(|found| canonical(&found.policy) != canonical(&want.policy)) {
            let message = format!("the repository `{}` has another lifecycle policy", want.repository);
            return Err(taken("ecr:PutLifecyclePolicy", message));
        }
        Ok(found)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(LifecyclePolicy { id: id.to_string(), ..LifecyclePolicy::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        match (attribute, prior.reveal().as_str(), config.reveal().as_str()) {
            ("policy", Some(prior), Some(config)) => {
                canonical(prior).is_some_and(|prior| Some(prior) == canonical(config))
            }
            (_, Some(_) | None, Some(_) | None) => false,
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refusals::document(config, "policy").into_iter().chain(refuse_no_rules(config)).collect()
    }
}

impl LifecyclePolicy {
    /// The live policy as it was written before, where both mean the same.
    fn as_written(&self, live: String) -> String {
        if canonical(&self.policy).is_some_and(|written| Some(written) == canonical(&live)) {
            self.policy.clone()
        } else {
            live
        }
    }
}

/// PutLifecyclePolicy, `lifecyclePolicyText`: rules, each of a priority of its own.
fn refuse_no_rules(config: &Value) -> Option<Refusal> {
    let policy: Json = serde_json::from_str(&refusals::text(config, "policy")?).ok()?;
    let rules = policy.get("rules").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    if rules.is_empty() {
        return Some(refusals::invalid("policy", "A lifecycle policy has a list `rules` with at least one rule."));
    }
    let mut priorities: Vec<i64> = rules.iter().filter_map(|rule| rule.get("rulePriority")?.as_i64()).collect();
    priorities.sort_unstable();
    let twice = priorities.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(refusals::invalid("policy", format!("Two rules have the priority {}.", twice[0])))
}

/// A form in which policies of one meaning are equal: rules by priority, tags sorted, empty descriptions left out.
fn canonical(policy: &str) -> Option<Json> {
    let mut policy: Json = serde_json::from_str(policy).ok()?;
    let rules = policy.get_mut("rules")?.as_array_mut()?;
    for rule in rules.iter_mut().filter_map(Json::as_object_mut) {
        if rule.get("description").is_some_and(|description| description == "") {
            rule.remove("description");
        }
        let Some(selection) = rule.get_mut("selection").and_then(Json::as_object_mut) else { continue };
        for tags in ["tagPrefixList", "tagPatternList"] {
            if let Some(tags) = selection.get_mut(tags).and_then(Json::as_array_mut) {
                tags.sort_by_key(Json::to_string);
            }
        }
        selection.retain(|_, member| member.as_array().is_none_or(|items| !items.is_empty()));
    }
    rules.sort_by_key(|rule| rule.get("rulePriority").and_then(Json::as_i64));
    Some(policy)
}

async fn read_one(aws: &Aws, have: &LifecyclePolicy) -> Result<Option<LifecyclePolicy>, ProviderError> {
    let call = aws.ecr().get_lifecycle_policy().repository_name(&have.id);
    match call.send().await.operation("ecr:GetLifecyclePolicy") {
        Ok(live) => Ok(Some(LifecyclePolicy {
            id: have.id.clone(),
            policy: have.as_written(live.lifecycle_policy_text.unwrap_or_default()),
            registry_id: live.registry_id.unwrap_or_default(),
            repository: live.repository_name.unwrap_or_default(),
        })),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_compared_by_their_priority() {
        let written = r#"{"rules":[
            {"rulePriority":2,"description":"","selection":{"tagStatus":"tagged","tagPrefixList":["b","a"]}},
            {"rulePriority":1,"selection":{"tagStatus":"untagged"}}]}"#;
        let answered = r#"{"rules":[
            {"rulePriority":1,"selection":{"tagStatus":"untagged"}},
            {"rulePriority":2,"selection":{"tagPrefixList":["a","b"],"tagStatus":"tagged"}}]}"#;
        assert_eq!(canonical(written), canonical(answered));
        assert_ne!(canonical(written), canonical(&answered.replace("untagged", "any")));
    }
}
