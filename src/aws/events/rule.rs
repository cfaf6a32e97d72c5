//! `aws_cloudwatch_event_rule`: which events are picked, or when one is made.
//!
//! PutRule changes a rule of that name without a word, so `create` looks first. Nothing tells when a rule was made: a new one
//! carries the mark of its create among its tags until its identity is durable.

use std::time::Duration;

use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::RuleState;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refine, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::events::{DEFAULT_BUS, bus_name, tags};
use crate::failure::{Operation, taken};
use crate::tags::{TOKEN_TAG, marked, settle_new, take_mark};
use crate::{arn, given, names, policy, refusals, retry};

/// How long a new role may stay unknown, and how long removed targets may hold a rule.
const ARRIVAL: Duration = Duration::from_secs(120);

/// The longest name, in characters; PutRule, `Name`.
const NAME_LENGTH_MAX: usize = 64;

const ENABLED: &str = "ENABLED";
const DISABLED: &str = "DISABLED";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    arn: String,
    description: String,
    event_bus_name: String,
    event_pattern: Option<String>,
    force_destroy: Option<bool>,
    id: String,
    is_enabled: Option<bool>,
    name: String,
    name_prefix: String,
    role_arn: String,
    schedule_expression: String,
    state: String,
    tags: Tags,
    tags_all: Tags,
}

impl Resource for Rule {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_cloudwatch_event_rule";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let rule = want.identified(names::given_or_unique(&want.name, &want.name_prefix, creation.token));
        if describe(aws, &rule).await?.is_some() {
            let message = format!("there is a rule named `{}` already", rule.name);
            return Err(taken("events:PutRule", message));
        }
        let state = match (rule.state.as_str(), rule.is_enabled) {
            ("", Some(false)) => DISABLED,
            ("", Some(true) | None) => ENABLED,
            (state, _) => state,
        };
        let arn = put(aws, &rule, state, Some(&marked(&want.tags_all, creation.token))).await?;
        let rule = Rule { arn, ..rule };
        settle_new(creation, &rule, tags::remove(aws, &rule.arn, vec![TOKEN_TAG.to_string()])).await?;
        Ok(rule)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut rules = Vec::with_capacity(have.len());
        for rule in have {
            rules.push(read_one(aws, rule).await?);
        }
        Ok(rules)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.put() != want.put() {
            // Both say whether the rule is on; what changed is meant.
            let state =
                match want.is_enabled {
                    Some(is_enabled) if want.is_enabled != have.is_enabled && want.state == have.state => {
                        if is_enabled { ENABLED } else { DISABLED }
                    }
                    Some(_) | None => &want.state,
                };
            put(aws, want, state, None).await?;
        }
        tags::update(aws, &have.arn, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let has_targets = |error: &ProviderError| error.message.contains("has targets");
        let deleted = retry::while_passing(ARRIVAL, has_targets, || async {
            let call = aws.eventbridge().delete_rule().name(&have.name).event_bus_name(&have.event_bus_name);
            let call = call.set_force(have.force_destroy.filter(|force| *force));
            call.send().await.operation("events:DeleteRule")
        });
        match deleted.await {
            Err(error) if has_targets(&error) => Err(error.hint("remove the targets that others gave it")),
            ended => ended.map(drop),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let wanted = want.identified(names::given_or_unique(&want.name, &want.name_prefix, token));
        let Some(mut rule) = read_one(aws, &wanted).await? else { return Ok(None) };
        if !take_mark(&mut rule.tags_all, token) {
            let message = format!("there is a rule named `{}` that this create did not make", rule.name);
            return Err(taken("events:PutRule", message));
        }
        tags::remove(aws, &rule.arn, vec![TOKEN_TAG.to_string()]).await?;
        Ok(Some(rule))
    }

    /// `NAME`, or `BUS/NAME`.
    fn import(id: &str) -> Result<Self, ProviderError> {
        let (bus, name) = match id.rsplit_once('/') {
            Some((bus, name)) => (bus, name),
            None => (DEFAULT_BUS, id),
        };
        let rule = Rule { event_bus_name: bus.to_string(), force_destroy: Some(false), ..Rule::default() };
        Ok(rule.identified(name.to_string()))
    }

    /// A rule is on or off by one of two arguments; the one that isn't given follows the other.
    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        match attribute {
            "is_enabled" | "state" => !prior.is_null() && config.is_null(),
            "event_pattern" => match (prior.reveal().as_str(), config.reveal().as_str()) {
                (Some(prior), Some(config)) => policy::is_same_json(prior, config),
                (Some(_) | None, Some(_) | None) => false,
            },
            _ => false,
        }
    }

    /// A pattern is stored in one layout.
    fn refine(refine: Refine<'_>) {
        let written = refusals::text(refine.planned, "event_pattern").and_then(|pattern| compact(&pattern));
        let is_kept = refine.prior.and_then(|prior| prior.get("event_pattern")) == refine.planned.get("event_pattern");
        if let (Some(pattern), false) = (written, is_kept) {
            *refine.planned = refine.planned.clone().with("event_pattern", Value::string(pattern));
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let name = |attribute, max| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            refusals::characters(config, attribute, 1..=max, is_allowed, "letters, digits and `.-_`")
        };
        let checks = [
            name("name", NAME_LENGTH_MAX),
            name("name_prefix", NAME_LENGTH_MAX - names::SUFFIX_LENGTH),
            refusals::document(config, "event_pattern"),
            refuse_schedule(config),
            refuse_nothing(config),
        ];
        let mut refusals: Vec<Refusal> = checks.into_iter().flatten().collect();
        if let Some(role) = config.get("role_arn") {
            arn::check(Path::attribute("role_arn"), &role, &mut refusals);
        }
        refusals
    }
}

impl Rule {
    /// With a name, and the identifier that follows from it.
    fn identified(&self, name: String) -> Rule {
        let id = match self.event_bus_name.as_str() {
            "" | DEFAULT_BUS => name.clone(),
            bus => format!("{bus}/{name}"),
        };
        Rule { id, name, ..self.clone() }
    }

    /// What PutRule changes.
    fn put(&self) -> impl PartialEq {
        (
            self.description.clone(),
            self.event_pattern.clone(),
            self.is_enabled,
            self.role_arn.clone(),
            self.schedule_expression.clone(),
            self.state.clone(),
        )
    }

    fn with_live(&self, live: DescribeRuleOutput, tags_all: Tags) -> Rule {
        let state = live.state.map(|state| state.as_str().to_string()).unwrap_or_default();
        let name = live.name.unwrap_or_default();
        let pattern = live.event_pattern.filter(|pattern| !pattern.is_empty());
        Rule {
            arn: live.arn.unwrap_or_default(),
            description: live.description.unwrap_or_default(),
            event_bus_name: live.event_bus_name.unwrap_or_else(|| DEFAULT_BUS.to_string()),
            event_pattern: pattern.map(|pattern| compact(&pattern).unwrap_or(pattern)),
            is_enabled: Some(state != DISABLED),
            name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
            role_arn: live.role_arn.unwrap_or_default(),
            schedule_expression: live.schedule_expression.unwrap_or_default(),
            state,
            tags_all,
            ..self.identified(name)
        }
    }
}

/// JSON in one line with its members in order.
fn compact(text: &str) -> Option<String> {
    fn sorted(json: serde_json::Value) -> serde_json::Value {
        match json {
            serde_json::Value::Object(members) => {
                let members: std::collections::BTreeMap<String, serde_json::Value> =
                    members.into_iter().map(|(name, member)| (name, sorted(member))).collect();
                serde_json::Value::Object(members.into_iter().collect())
            }
            serde_json::Value::Array(items) => serde_json::Value::Array(items.into_iter().map(sorted).collect()),
            leaf => leaf,
        }
    }
    serde_json::from_str(text).ok().map(|json| sorted(json).to_string())
}

async fn describe(aws: &Aws, rule: &Rule) -> Result<Option<DescribeRuleOutput>, ProviderError> {
    let call = aws.eventbridge().describe_rule().name(&rule.name);
    let call = call.set_event_bus_name(given::text(bus_name(&rule.event_bus_name)));
    match call.send().await.operation("events:DescribeRule") {
        Ok(live) => Ok(Some(live)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn read_one(aws: &Aws, have: &Rule) -> Result<Option<Rule>, ProviderError> {
    let Some(mut live) = describe(aws, have).await? else { return Ok(None) };
    let tags_all = tags::read(aws, live.arn.as_deref().unwrap_or_default()).await?;
    // A bus that is given by its ARN stays so.
    if !have.event_bus_name.is_empty() {
        live.event_bus_name = Some(have.event_bus_name.clone());
    }
    Ok(Some(have.with_live(live, tags_all)))
}

/// Puts a rule and gives its ARN.
async fn put(aws: &Aws, want: &Rule, state: &str, tags: Option<&Tags>) -> Result<String, ProviderError> {
    let is_role_missing = |error: &ProviderError| error.message.contains("cannot be assumed by principal");
    let put = retry::while_passing(ARRIVAL, is_role_missing, || async {
        let call = aws
            .eventbridge()
            .put_rule()
            .name(&want.name)
            .set_description(given::text(&want.description))
            .set_event_bus_name(given::text(&want.event_bus_name))
            .set_event_pattern(want.event_pattern.clone())
            .set_role_arn(given::text(&want.role_arn))
            .set_schedule_expression(given::text(&want.schedule_expression))
            .state(RuleState::from(state))
            .set_tags(tags.and_then(tags::request));
        call.send().await.operation("events:PutRule")
    });
    Ok(put.await?.rule_arn.unwrap_or_default())
}

/// PutRule, `ScheduleExpression`: only on the bus that is there from the start.
fn refuse_schedule(config: &Value) -> Option<Refusal> {
    let schedule = refusals::text(config, "schedule_expression").filter(|schedule| !schedule.is_empty())?;
    let is_valid = ["rate(", "cron("].iter().any(|form| schedule.starts_with(form)) && schedule.ends_with(')');
    if !is_valid {
        return Some(refusals::invalid("schedule_expression", "It must be `rate(value unit)` or `cron(fields)`."));
    }
    let bus = refusals::text(config, "event_bus_name").filter(|bus| bus_name(bus) != DEFAULT_BUS)?;
    Some(refusals::invalid("schedule_expression", format!("Rules of the event bus `{bus}` can't have schedules.")))
}

fn refuse_nothing(config: &Value) -> Option<Refusal> {
    let is_missing = |name: &str| refusals::is_missing(config, name);
    (is_missing("event_pattern") && is_missing("schedule_expression")).then(|| {
        let detail = "A rule needs `event_pattern`, `schedule_expression` or both.";
        refusals::refusal(Path::attribute("event_pattern"), "the rule picks nothing", detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_stored_in_one_layout() {
        assert_eq!(compact("{ \"b\": [ \"<x>\" ],\n \"a\": 1 }").as_deref(), Some(r#"{"a":1,"b":["<x>"]}"#));
        assert_eq!(compact("no json"), None);
    }

    #[test]
    fn rules_of_other_buses_are_identified_with_their_bus() {
        let rule = Rule::import("orders/new").expect("it has the form");
        assert_eq!(
            (rule.id.as_str(), rule.event_bus_name.as_str(), rule.name.as_str()),
            ("orders/new", "orders", "new")
        );
        assert_eq!(Rule::import("new").expect("it has the form").id, "new");
    }
}
