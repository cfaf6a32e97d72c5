//! `aws_lb_listener_rule`: what a listener does with requests that fulfil some conditions.
//!
//! Rules are tried in the order of their priorities, which are unique in a listener; the provider chooses the next one
//! behind all others where none is given. A rule has no name, so it is made with a tag that holds its create's token.

mod condition;
mod rules;

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::Rule as Live;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::clients::Aws;
use crate::elbv2::action::{self, Action};
use crate::elbv2::listener_rule::condition::Condition;
use crate::elbv2::priorities::{self, is_in_use};
use crate::elbv2::{BATCH, import_arn, tags};
use crate::failure::Operation;
use crate::retry;
use crate::tags::{TOKEN_TAG, marked, settle_new, take_mark};

/// How long others may take away the priority that was chosen, before the create fails.
const CROWDED: Duration = Duration::from_secs(60);
/// The highest priority that a rule can be given.
const PRIORITY_MAX: i32 = 50_000;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListenerRule {
    action: Vec<Action>,
    arn: String,
    condition: Vec<Condition>,
    id: String,
    listener_arn: String,
    /// `None` in a plan is the next one that is free. The listener's default rule has 99999.
    priority: Option<i32>,
    tags: Tags,
    tags_all: Tags,
}

impl Resource for ListenerRule {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_lb_listener_rule";
    const READ_BATCH: usize = BATCH;
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 5, 5);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let tags = tags::request(&marked(&want.tags_all, creation.token));
        let create = |priority: i32| {
            aws.elbv2()
                .create_rule()
                .listener_arn(&want.listener_arn)
                .priority(priority)
                .set_actions(Some(action::request(&want.action)))
                .set_conditions(Some(condition::request(&want.condition)))
                .set_tags(tags.clone())
        };
        let created = match want.priority {
            Some(priority) => {
                let call = || async { create(priority).send().await.operation("elasticloadbalancing:CreateRule") };
                match priorities::while_taken(call).await {
                    Err(error) if is_in_use(&error) => {
                        return Err(taken(aws, &want.listener_arn, priority, error).await);
                    }
                    ended => ended?,
                }
            }
            None => {
                retry::while_passing(CROWDED, is_in_use, || async {
                    let priority = next_priority(aws, &want.listener_arn).await?;
                    create(priority).send().await.operation("elasticloadbalancing:CreateRule")
                })
                .await?
            }
        };
        let live = created.rules.and_then(|mut created| created.pop()).unwrap_or_else(|| Live::builder().build());
        let rule = want.with_live(live);
        settle_new(creation, &rule, unmark(aws, &rule.id)).await?;
        Ok(rule)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let arns: Vec<String> = have.iter().map(|rule| rule.id.clone()).collect();
        let described = batch::known(&arns, |arns| async move {
            let answer = aws.elbv2().describe_rules().set_rule_arns(Some(arns)).send().await;
            Ok(answer.operation("elasticloadbalancing:DescribeRules")?.rules.unwrap_or_default())
        });
        let live = described.await?;
        let found: Vec<String> = live.iter().filter_map(|live| live.rule_arn.clone()).collect();
        let mut tags = tags::read(aws, &found).await?;
        let rules = have.iter().map(|have| {
            let live = live.iter().find(|live| live.rule_arn.as_deref() == Some(&have.id))?;
            let tags_all = tags.remove(&have.id).unwrap_or_default();
            Some(ListenerRule { tags_all, ..have.with_live(live.clone()) })
        });
        Ok(rules.collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if let Some(priority) = want.priority.filter(|_| have.priority != want.priority) {
            match priorities::set(aws, &want.listener_arn, &have.id, priority).await {
                Err(error) if is_in_use(&error) => {
                    return Err(taken(aws, &want.listener_arn, priority, error).await);
                }
                ended => ended?,
            }
        }
        let (actions, conditions) = (have.action != want.action, have.condition != want.condition);
        if actions || conditions {
            aws.elbv2()
                .modify_rule()
                .rule_arn(&have.id)
                .set_actions(actions.then(|| action::request(&want.action)))
                .set_conditions(conditions.then(|| condition::request(&want.condition)))
                .send()
                .await
                .operation("elasticloadbalancing:ModifyRule")?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.elbv2().delete_rule().rule_arn(&have.id);
        call.send().await.operation("elasticloadbalancing:DeleteRule")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let rules = match of_listener(aws, &want.listener_arn).await {
            Ok(rules) => rules,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_candidate = |live: &&Live| want.priority.is_none() || priority(live) == want.priority;
        let candidates: Vec<Live> = rules.iter().filter(is_candidate).cloned().collect();
        for live in candidates.chunks(BATCH) {
            let arns: Vec<String> = live.iter().filter_map(|live| live.rule_arn.clone()).collect();
            let mut tags = tags::read(aws, &arns).await?;
            for live in live {
                let arn = live.rule_arn.as_deref().unwrap_or_default();
                let mut tags_all = tags.remove(arn).unwrap_or_default();
                if take_mark(&mut tags_all, token) {
                    unmark(aws, arn).await?;
                    return Ok(Some(ListenerRule { tags_all, ..want.with_live(live.clone()) }));
                }
            }
        }
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(ListenerRule { id: import_arn(Self::TYPE, ":listener-rule/", id)?, ..ListenerRule::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        rules::validate(config)
    }
}

impl ListenerRule {
    /// With what DescribeRules says; all else stays as it is.
    fn with_live(&self, live: Live) -> ListenerRule {
        let priority = priority(&live);
        let arn = live.rule_arn.unwrap_or_default();
        ListenerRule {
            action: action::live(live.actions.unwrap_or_default(), &self.action),
            condition: condition::live(live.conditions.unwrap_or_default()),
            id: arn.clone(),
            listener_arn: listener_of(&arn).unwrap_or_else(|| self.listener_arn.clone()),
            priority,
            arn,
            ..self.clone()
        }
    }
}

/// The listener's ARN is in that of its rules.
fn listener_of(rule_arn: &str) -> Option<String> {
    let (listener, _) = rule_arn.rsplit_once('/')?;
    Some(listener.replace(":listener-rule/", ":listener/"))
}

fn priority(live: &Live) -> Option<i32> {
    match live.priority.as_deref() {
        Some("default") => Some(rules::DEFAULT_PRIORITY),
        priority => priority.and_then(|priority| priority.parse().ok()),
    }
}

async fn of_listener(aws: &Aws, listener_arn: &str) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.elbv2().describe_rules().listener_arn(listener_arn).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("elasticloadbalancing:DescribeRules")
}

/// The priority behind those of all rules.
async fn next_priority(aws: &Aws, listener_arn: &str) -> Result<i32, ProviderError> {
    let rules = of_listener(aws, listener_arn).await?;
    let given = rules.iter().filter(|rule| !rule.is_default.unwrap_or(false)).filter_map(priority);
    let highest = given.max().unwrap_or(0);
    if highest >= PRIORITY_MAX {
        let message = format!("the listener has a rule of priority {highest}, and none can come behind it");
        return Err(ProviderError::invalid("elasticloadbalancing:CreateRule", message)
            .hint("give the new rule a `priority` that is free"));
    }
    Ok(highest + 1)
}

/// The error of a call for a priority that another rule has, with that rule's name where it can be read.
async fn taken(aws: &Aws, listener_arn: &str, wanted: i32, error: ProviderError) -> ProviderError {
    let rules = of_listener(aws, listener_arn).await.unwrap_or_default();
    let holder = rules.into_iter().find(|rule| priority(rule) == Some(wanted)).and_then(|rule| rule.rule_arn);
    let Some(holder) = holder else { return error };
    let message = format!("the rule {holder} has the priority {wanted} already");
    let mut taken = ProviderError::new(ErrorKind::AlreadyExists, error.operation.clone(), message)
        .hint("choose another priority, or take the rule over with `infra import`");
    taken.code = error.code;
    taken.request_id = error.request_id;
    taken
}

/// Takes the mark off a new rule.
async fn unmark(aws: &Aws, arn: &str) -> Result<(), ProviderError> {
    let call = aws.elbv2().remove_tags().resource_arns(arn).tag_keys(TOKEN_TAG);
    call.send().await.operation("elasticloadbalancing:RemoveTags")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_tells_its_listener() {
        let rule = "arn:aws:elasticloadbalancing:us-east-1:1:listener-rule/app/web/50dc/f2f7/9683";
        let listener = "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/web/50dc/f2f7";
        assert_eq!(listener_of(rule).as_deref(), Some(listener));
    }

    #[test]
    fn the_default_rule_has_a_number_too() {
        let live = |priority: &str| Live::builder().priority(priority).build();
        assert_eq!(priority(&live("default")), Some(99_999));
        assert_eq!(priority(&live("7")), Some(7));
    }
}
