//! `aws_lb_target_group_attachment`: an instance, address, function or load balancer that a target group sends requests to.
//!
//! A target without a `port` gets the group's, and AWS tells it with that port. Targets that are being taken out count as
//! gone; unhealthy and unused ones are there.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthReasonEnum};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::clients::Aws;
use crate::elbv2::{BATCH, given};
use crate::failure::Operation;
use crate::names;
use crate::refusals;
use crate::retry;

/// A new instance can be a target only once it runs.
const STARTING: Duration = Duration::from_secs(600);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetGroupAttachment {
    availability_zone: String,
    id: String,
    /// `None` is the port of the group.
    port: Option<i32>,
    target_group_arn: String,
    target_id: String,
}

impl Resource for TargetGroupAttachment {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_lb_target_group_attachment";
    /// One call lists all targets of a group, however many are asked for.
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let is_early = |error: &ProviderError| is_invalid_target(error) && want.target_id.starts_with("i-");
        retry::while_passing(STARTING, is_early, || async {
            let call = aws.elbv2().register_targets().target_group_arn(&want.target_group_arn);
            call.targets(want.target()).send().await.operation("elasticloadbalancing:RegisterTargets")
        })
        .await?;
        Ok(want.identified(creation.token))
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ports = ports(aws, have).await?;
        let mut known: BTreeMap<&str, Vec<TargetDescription>> = BTreeMap::new();
        for attachment in have {
            if !known.contains_key(attachment.target_group_arn.as_str()) {
                known.insert(&attachment.target_group_arn, of_group(aws, &attachment.target_group_arn).await?);
            }
        }
        let is_there = |have: &&Self| {
            let arn = have.target_group_arn.as_str();
            known[arn].iter().any(|live| have.is(live, ports.get(arn).copied()))
        };
        Ok(have.iter().map(|have| Some(have).filter(is_there).cloned()).collect())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.elbv2().deregister_targets().target_group_arn(&have.target_group_arn).targets(have.target());
        match call.send().await.operation("elasticloadbalancing:DeregisterTargets") {
            Err(error) if is_invalid_target(&error) => Ok(()),
            ended => ended.map(drop),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        // Registering is idempotent: a target that is there is the one wanted, whoever registered it.
        Ok(Self::read(aws, &[want.identified(token)]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let parts: Vec<&str> = id.split(',').collect();
        let wrong = || {
            let message = format!("`{id}` does not have the form `TARGET_GROUP_ARN,TARGET_ID[,PORT[,ZONE]]`");
            ProviderError::invalid("import aws_lb_target_group_attachment", message)
        };
        let [arn, target_id, rest @ ..] = parts.as_slice() else { return Err(wrong()) };
        if !arn.contains(":targetgroup/") || target_id.is_empty() || rest.len() > 2 {
            return Err(wrong());
        }
        let port = match rest.first().filter(|port| !port.is_empty()) {
            Some(port) => Some(port.parse().map_err(|_| wrong())?),
            None => None,
        };
        Ok(TargetGroupAttachment {
            availability_zone: rest.get(1).copied().unwrap_or_default().to_string(),
            id: format!("{arn}-{target_id}-{}", port.unwrap_or(0)),
            port,
            target_group_arn: (*arn).to_string(),
            target_id: (*target_id).to_string(),
        })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let port = config.get("port").and_then(|port| port.reveal().as_i64());
        let port = port.filter(|port| !(0..=65_535).contains(port)).map(|port| {
            let detail = format!("It must be a port from 1 to 65535, not {port}.");
            refusals::refusal(Path::attribute("port"), "invalid value for port", detail)
        });
        port.into_iter().collect()
    }
}

impl TargetGroupAttachment {
    fn target(&self) -> TargetDescription {
        TargetDescription::builder()
            .id(&self.target_id)
            .set_port(self.port())
            .set_availability_zone(given(&self.availability_zone))
            .build()
    }

    /// States hold 0 for none as well.
    fn port(&self) -> Option<i32> {
        self.port.filter(|port| *port != 0)
    }

    /// Whether AWS's target is this one; `group_port` is what a target without a port gets.
    fn is(&self, live: &TargetDescription, group_port: Option<i32>) -> bool {
        let is_port = match self.port().or(group_port) {
            Some(port) => live.port == Some(port),
            None => true,
        };
        let is_zone = self.availability_zone.is_empty()
            || live.availability_zone.as_ref().is_none_or(|zone| *zone == self.availability_zone);
        live.id.as_deref() == Some(&self.target_id) && is_port && is_zone
    }

    fn identified(&self, token: &Token) -> TargetGroupAttachment {
        let id = names::unique(&format!("{}-", self.target_group_arn), token);
        TargetGroupAttachment { id, ..self.clone() }
    }
}

fn is_invalid_target(error: &ProviderError) -> bool {
    error.code.as_deref().is_some_and(|code| code.starts_with("InvalidTarget"))
}

/// The ports of the groups in which a target has none of its own. Groups of functions have none.
async fn ports(aws: &Aws, have: &[TargetGroupAttachment]) -> Result<BTreeMap<String, i32>, ProviderError> {
    let open = have.iter().filter(|attachment| attachment.port().is_none());
    let mut arns: Vec<String> = open.map(|attachment| attachment.target_group_arn.clone()).collect();
    arns.sort();
    arns.dedup();
    let mut ports = BTreeMap::new();
    for arns in arns.chunks(BATCH) {
        let described = batch::known(arns, |arns| async move {
            let answer = aws.elbv2().describe_target_groups().set_target_group_arns(Some(arns)).send().await;
            let answer = answer.operation("elasticloadbalancing:DescribeTargetGroups")?;
            Ok(answer.target_groups.unwrap_or_default())
        });
        ports.extend(described.await?.into_iter().filter_map(|group| Some((group.target_group_arn?, group.port?))));
    }
    Ok(ports)
}

/// The targets of a group; none where there is no such group.
async fn of_group(aws: &Aws, arn: &str) -> Result<Vec<TargetDescription>, ProviderError> {
    let answer = aws.elbv2().describe_target_health().target_group_arn(arn).send().await;
    let described = match answer.operation("elasticloadbalancing:DescribeTargetHealth") {
        Ok(answer) => answer.target_health_descriptions.unwrap_or_default(),
        Err(error) if error.is_not_found() => Vec::new(),
        Err(error) => return Err(error),
    };
    let is_leaving = |reason: Option<TargetHealthReasonEnum>| {
        matches!(reason, Some(TargetHealthReasonEnum::DeregistrationInProgress | TargetHealthReasonEnum::NotRegistered))
    };
    let staying = described
        .into_iter()
        .filter(|live| !is_leaving(live.target_health.as_ref().and_then(|health| health.reason.clone())));
    Ok(staying.filter_map(|live| live.target).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(port: i32) -> TargetDescription {
        TargetDescription::builder().id("10.0.0.7").port(port).build()
    }

    #[test]
    fn a_target_without_a_port_has_the_one_of_its_group() {
        let attachment = TargetGroupAttachment { target_id: "10.0.0.7".into(), ..TargetGroupAttachment::default() };
        assert!(attachment.is(&live(80), Some(80)));
        assert!(!attachment.is(&live(8080), Some(80)));
        let with_port = TargetGroupAttachment { port: Some(8080), ..attachment };
        assert!(with_port.is(&live(8080), Some(80)));
    }

    #[test]
    fn an_import_names_group_and_target() {
        let arn = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/0123";
        let imported = TargetGroupAttachment::import(&format!("{arn},10.0.0.7,8080")).expect("the form is right");
        assert_eq!((imported.target_id.as_str(), imported.port), ("10.0.0.7", Some(8080)));
        assert!(TargetGroupAttachment::import("10.0.0.7").is_err());
    }
}
