//! `aws_cloudwatch_event_target`: where the events of a rule go.
//!
//! PutTargets changes a target of that identifier without a word, so `create` looks first.

use std::time::Duration;

use aws_sdk_eventbridge::types::{RunCommandParameters, Target as Live};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::events::blocks::{
    AppSync, Batch, DeadLetters, Http, InputTransformer, Kinesis, Redshift, RetryPolicy, RunCommand, SageMaker, Sqs,
};
use crate::events::ecs::EcsTarget;
use crate::events::{DEFAULT_BUS, bus_name};
use crate::failure::{Operation, taken};
use crate::{arn, given, names, refusals, retry};

/// How long another change of the rule may be under way, and a new role unknown.
const ARRIVAL: Duration = Duration::from_secs(120);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    appsync_target: Vec<AppSync>,
    arn: String,
    batch_target: Vec<Batch>,
    dead_letter_config: Vec<DeadLetters>,
    ecs_target: Vec<EcsTarget>,
    event_bus_name: String,
    force_destroy: Option<bool>,
    http_target: Vec<Http>,
    id: String,
    input: String,
    input_path: String,
    input_transformer: Vec<InputTransformer>,
    kinesis_target: Vec<Kinesis>,
    redshift_target: Vec<Redshift>,
    retry_policy: Vec<RetryPolicy>,
    role_arn: String,
    rule: String,
    run_command_targets: Vec<RunCommand>,
    sagemaker_pipeline_target: Vec<SageMaker>,
    sqs_target: Vec<Sqs>,
    target_id: String,
}

impl Resource for Target {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_cloudwatch_event_target";
    /// One call lists the targets of a rule, of which it has five as a rule.
    const READ_BATCH: usize = 20;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let target = want.identified(creation.token);
        let live = targets(aws, &target.event_bus_name, &target.rule).await?;
        if live.iter().any(|live| live.id == target.target_id) {
            let message = format!("the rule `{}` has a target `{}` already", target.rule, target.target_id);
            return Err(taken("events:PutTargets", message));
        }
        put(aws, &target).await?;
        Ok(target)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut rules: Vec<(&str, &str)> =
            have.iter().map(|target| (target.event_bus_name.as_str(), target.rule.as_str())).collect();
        rules.sort_unstable();
        rules.dedup();
        let live = rules.iter().map(|(bus, rule)| targets(aws, bus, rule));
        let live = futures::future::try_join_all(live).await?;
        let find = |have: &Target| {
            let rule = (have.event_bus_name.as_str(), have.rule.as_str());
            let place = rules.iter().position(|other| *other == rule)?;
            let live = live[place].iter().find(|live| live.id == have.target_id)?;
            Some(have.with_live(live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        retry::while_passing(ARRIVAL, is_busy, || async {
            let call = aws.eventbridge().remove_targets().rule(&have.rule).ids(&have.target_id);
            let call = call.set_event_bus_name(given::text(&have.event_bus_name));
            let call = call.set_force(have.force_destroy.filter(|force| *force));
            let answer = call.send().await.operation("events:RemoveTargets")?;
            let failed = answer.failed_entries.unwrap_or_default().into_iter().next();
            match failed {
                Some(entry) => Err(refused("events:RemoveTargets", entry.error_code, entry.error_message)),
                None => Ok(()),
            }
        })
        .await
    }

    /// A target of that identifier that does the same is this create's: nothing tells when one was made.
    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let wanted = want.identified(token);
        let Some(found) = Self::read(aws, std::slice::from_ref(&wanted)).await?.pop().flatten() else {
            return Ok(None);
        };
        if found.arn != wanted.arn {
            let message = format!("the rule `{}` has another target `{}`", wanted.rule, wanted.target_id);
            return Err(taken("events:PutTargets", message));
        }
        Ok(Some(found))
    }

    /// `RULE/TARGET`, or `BUS/RULE/TARGET`.
    fn import(id: &str) -> Result<Self, ProviderError> {
        let (rule, target_id) = id.rsplit_once('/').unwrap_or_default();
        let (bus, rule) = rule.rsplit_once('/').unwrap_or((DEFAULT_BUS, rule));
        if rule.is_empty() || target_id.is_empty() {
            let message = format!("`{id}` is not of the form RULE/TARGET or BUS/RULE/TARGET");
            return Err(ProviderError::invalid("import aws_cloudwatch_event_target", message));
        }
        let mut target = Target {
            event_bus_name: bus.to_string(),
            force_destroy: Some(false),
            rule: rule.to_string(),
            target_id: target_id.to_string(),
            ..Target::default()
        };
        target.id = target.new_id();
        Ok(target)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let name = |attribute| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            refusals::characters(config, attribute, 1..=64, is_allowed, "letters, digits and `.-_`")
        };
        let own = [name("rule"), name("target_id"), refuse_inputs(config)];
        let mut refusals: Vec<Refusal> = own.into_iter().flatten().collect();
        for attribute in ["arn", "role_arn"] {
            if let Some(given) = config.get(attribute) {
                arn::check(Path::attribute(attribute), &given, &mut refusals);
            }
        }
        refusals
    }
}

impl Target {
    fn identified(&self, token: &Token) -> Target {
        let target_id = names::given_or_unique(&self.target_id, "", token);
        let mut target = Target { target_id, ..self.clone() };
        target.id = target.new_id();
        target
    }

    fn new_id(&self) -> String {
        match self.event_bus_name.as_str() {
            "" | DEFAULT_BUS => format!("{}-{}", self.rule, self.target_id),
            bus => format!("{bus}-{}-{}", self.rule, self.target_id),
        }
    }

    fn request(&self) -> Live {
        let commands = given::list(self.run_command_targets.iter().map(RunCommand::request));
        let commands = commands.map(|commands| {
            RunCommandParameters::builder()
                .set_run_command_targets(Some(commands))
                .build()
                .expect("the commands' targets are given")
        });
        Live::builder()
            .id(&self.target_id)
            .arn(&self.arn)
            .set_app_sync_parameters(self.appsync_target.first().map(AppSync::request))
            .set_batch_parameters(self.batch_target.first().map(Batch::request))
            .set_dead_letter_config(self.dead_letter_config.first().map(DeadLetters::request))
            .set_ecs_parameters(self.ecs_target.first().map(EcsTarget::request))
            .set_http_parameters(self.http_target.first().map(Http::request))
            .set_input(given::text(&self.input))
            .set_input_path(given::text(&self.input_path))
            .set_input_transformer(self.input_transformer.first().map(InputTransformer::request))
            .set_kinesis_parameters(self.kinesis_target.first().map(Kinesis::request))
            .set_redshift_data_parameters(self.redshift_target.first().map(Redshift::request))
            .set_retry_policy(self.retry_policy.first().map(RetryPolicy::request))
            .set_role_arn(given::text(&self.role_arn))
            .set_run_command_parameters(commands)
            .set_sage_maker_pipeline_parameters(self.sagemaker_pipeline_target.first().map(SageMaker::request))
            .set_sqs_parameters(self.sqs_target.first().map(Sqs::request))
            .build()
            .expect("identifier and ARN are given")
    }

    fn with_live(&self, live: Live) -> Target {
        let commands = live.run_command_parameters.map(|commands| commands.run_command_targets).unwrap_or_default();
        Target {
            appsync_target: live.app_sync_parameters.map(AppSync::of).into_iter().collect(),
            arn: live.arn,
            batch_target: live.batch_parameters.map(Batch::of).into_iter().collect(),
            dead_letter_config: live.dead_letter_config.map(DeadLetters::of).into_iter().collect(),
            ecs_target: live.ecs_parameters.map(EcsTarget::of).into_iter().collect(),
            http_target: live.http_parameters.map(Http::of).into_iter().collect(),
            input: live.input.unwrap_or_default(),
            input_path: live.input_path.unwrap_or_default(),
            input_transformer: live.input_transformer.map(InputTransformer::of).into_iter().collect(),
            kinesis_target: live.kinesis_parameters.map(Kinesis::of).into_iter().collect(),
            redshift_target: live.redshift_data_parameters.map(Redshift::of).into_iter().collect(),
            retry_policy: live.retry_policy.map(RetryPolicy::of).into_iter().collect(),
            role_arn: live.role_arn.unwrap_or_default(),
            run_command_targets: commands.into_iter().map(RunCommand::of).collect(),
            sagemaker_pipeline_target: live.sage_maker_pipeline_parameters.map(SageMaker::of).into_iter().collect(),
            sqs_target: live.sqs_parameters.map(Sqs::of).into_iter().collect(),
            target_id: live.id,
            ..self.clone()
        }
    }
}

/// The targets of a rule; none when the rule is gone.
async fn targets(aws: &Aws, bus: &str, rule: &str) -> Result<Vec<Live>, ProviderError> {
    let mut targets = Vec::new();
    let mut next = None;
    loop {
        let call = aws.eventbridge().list_targets_by_rule().rule(rule).set_next_token(next);
        let call = call.set_event_bus_name(given::text(bus_name(bus)));
        match call.send().await.operation("events:ListTargetsByRule") {
            Ok(page) => {
                targets.extend(page.targets.unwrap_or_default());
                next = page.next_token;
            }
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
        if next.is_none() {
            return Ok(targets);
        }
    }
}

async fn put(aws: &Aws, want: &Target) -> Result<(), ProviderError> {
    retry::while_passing(ARRIVAL, is_busy, || async {
        let call = aws.eventbridge().put_targets().rule(&want.rule).targets(want.request());
        let call = call.set_event_bus_name(given::text(&want.event_bus_name));
        let answer = call.send().await.operation("events:PutTargets")?;
        match answer.failed_entries.unwrap_or_default().into_iter().next() {
            Some(entry) => Err(refused("events:PutTargets", entry.error_code, entry.error_message)),
            None => Ok(()),
        }
    })
    .await
}

/// The error of a call that answers, but says that it did not do it.
fn refused(operation: &str, code: Option<String>, message: Option<String>) -> ProviderError {
    let message = message.unwrap_or_else(|| "the target was refused".into());
    ProviderError { code, ..ProviderError::new(ErrorKind::Invalid, operation, message) }
}

/// Whether a call is refused because the rule is being changed, or because a role is too new.
fn is_busy(error: &ProviderError) -> bool {
    error.code.as_deref() == Some("ConcurrentModificationException")
        || error.message.contains("cannot be assumed by principal")
}

/// A target is told one thing; PutTargets, `Input`.
fn refuse_inputs(config: &Value) -> Option<Refusal> {
    let given: Vec<&str> = ["input", "input_path", "input_transformer"]
        .into_iter()
        .filter(|name| !refusals::is_missing(config, name))
        .collect();
    let [_, second, ..] = given.as_slice() else { return None };
    let detail = format!(
        "A target has one of {}, not several.",
        given.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    );
    Some(refusals::refusal(Path::attribute(*second), "the target is told several things", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_identified_by_rule_and_bus() {
        let target = Target::import("nightly/lambda").expect("it has the form");
        assert_eq!((target.id.as_str(), target.event_bus_name.as_str()), ("nightly-lambda", "default"));
        let target = Target::import("orders/new/queue").expect("it has the form");
        assert_eq!((target.id.as_str(), target.rule.as_str()), ("orders-new-queue", "new"));
        assert!(Target::import("nightly").is_err());
    }
}
