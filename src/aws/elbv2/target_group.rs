//! `aws_lb_target_group`: where load balancers send requests, and how they check the targets.
//!
//! CreateTargetGroup answers with a target group of the same name and settings that is there already, so `create` looks
//! first. Groups for Lambda functions have neither port nor protocol nor network; what is configured of these is left alone.

pub mod data;
mod health_check;
mod rules;
mod settings;
mod users;

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::{
    self as elb, ProtocolEnum, TargetGroup as Live, TargetGroupIpAddressTypeEnum, TargetTypeEnum,
};
use futures::{StreamExt, TryStreamExt};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refine, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::clients::Aws;
use crate::elbv2::attributes::Attributes;
use crate::elbv2::target_group::health_check::HealthCheck;
use crate::elbv2::{BATCH, behind, given, import_arn, tags, taken};
use crate::failure::Operation;
use crate::names;
use crate::retry;

/// How many objects' attributes are read at a time: all Describe calls of the service share one quota.
const CONCURRENT_READS: usize = 8;
/// What the names of groups that are given none begin with, as `hashicorp/aws` has it.
const PREFIX: &str = "tf-";
/// How long a listener may still seem to use a group after it was changed or deleted.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a group that nothing is seen to use may still seem in use.
const PATIENCE_WITHOUT_USERS: Duration = Duration::from_secs(110);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetGroup {
    arn: String,
    arn_suffix: String,
    connection_termination: Option<bool>,
    deregistration_delay: String,
    health_check: Vec<HealthCheck>,
    id: String,
    ip_address_type: String,
    lambda_multi_value_headers_enabled: Option<bool>,
    load_balancer_arns: Vec<String>,
    load_balancing_algorithm_type: Option<String>,
    load_balancing_anomaly_mitigation: Option<String>,
    load_balancing_cross_zone_enabled: Option<String>,
    name: String,
    name_prefix: String,
    port: Option<i32>,
    preserve_client_ip: Option<String>,
    protocol: String,
    protocol_version: Option<String>,
    proxy_protocol_v2: Option<bool>,
    slow_start: Option<i32>,
    stickiness: Vec<Stickiness>,
    tags: Tags,
    tags_all: Tags,
    target_failover: Vec<TargetFailover>,
    target_group_health: Vec<TargetGroupHealth>,
    target_health_state: Vec<TargetHealthState>,
    target_type: String,
    vpc_id: String,
}

// Of these blocks there is always one; it has no attributes where the group's protocol has no such settings.

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Stickiness {
    cookie_duration: Option<i32>,
    cookie_name: Option<String>,
    enabled: Option<bool>,
    r#type: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct TargetFailover {
    on_deregistration: Option<String>,
    on_unhealthy: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct TargetGroupHealth {
    dns_failover: Vec<DnsFailover>,
    unhealthy_state_routing: Vec<UnhealthyStateRouting>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct DnsFailover {
    minimum_healthy_targets_count: Option<String>,
    minimum_healthy_targets_percentage: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct UnhealthyStateRouting {
    minimum_healthy_targets_count: Option<i32>,
    minimum_healthy_targets_percentage: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct TargetHealthState {
    enable_unhealthy_connection_termination: Option<bool>,
    unhealthy_draining_interval: Option<i32>,
}

impl Resource for TargetGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_lb_target_group";
    const READ_BATCH: usize = BATCH;
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 5, 5);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = want.name_of_new(creation.token);
        if named(aws, &name).await?.is_some() {
            return Err(taken("elasticloadbalancing:CreateTargetGroup", &format!("a target group named `{name}`")));
        }
        let call = want.create_call(aws).name(&name);
        let call = call.set_tags(tags::request(&want.tags_all).filter(|_| want.can_be_born_with_tags()));
        let created = call.send().await.operation("elasticloadbalancing:CreateTargetGroup")?;
        let arn = created
            .target_groups
            .and_then(|mut created| created.pop())
            .and_then(|created| created.target_group_arn)
            .unwrap_or_default();
        let group = TargetGroup { id: arn.clone(), arn: arn.clone(), name, ..want.clone() };
        let _durable = creation.born(&group).await;
        if !want.can_be_born_with_tags() {
            tags::update(aws, &arn, &Tags::new(), &want.tags_all).await?;
        }
        modify_attributes(aws, &arn, want.attributes().beyond(&Attributes::of(settings::DEFAULTS))).await?;
        Ok(group)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let arns: Vec<String> = have.iter().map(|group| group.id.clone()).collect();
        let described = batch::known(&arns, |arns| async move {
            let answer = aws.elbv2().describe_target_groups().set_target_group_arns(Some(arns)).send().await;
            let answer = answer.operation("elasticloadbalancing:DescribeTargetGroups")?;
            Ok(answer.target_groups.unwrap_or_default())
        });
        let live = described.await?;
        let found: Vec<String> = live.iter().filter_map(|live| live.target_group_arn.clone()).collect();
        let mut tags = tags::read(aws, &found).await?;
        let groups = have.iter().map(|have| {
            let live = live.iter().find(|live| live.target_group_arn.as_deref() == Some(&have.id));
            let with_tags = live.map(|live| TargetGroup {
                tags_all: tags.remove(&have.id).unwrap_or_default(),
                ..have.with_live(live.clone())
            });
            let is_known = !have.arn.is_empty();
            async move {
                match with_tags {
                    Some(group) => group.with_settings(aws, is_known).await,
                    None => Ok(None),
                }
            }
        });
        let groups: Vec<_> = groups.collect();
        futures::stream::iter(groups).buffered(CONCURRENT_READS).try_collect().await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if let Some(check) = want.health_check.first().filter(|_| have.health_check != want.health_check) {
            let is_lambda = want.target_type == "lambda";
            aws.elbv2()
                .modify_target_group()
                .target_group_arn(&have.id)
                .set_health_check_enabled(check.enabled)
                .set_health_check_interval_seconds(check.interval)
                .set_health_check_path(check.path())
                .set_health_check_port(check.port(is_lambda))
                .set_health_check_protocol(check.protocol(is_lambda))
                .set_health_check_timeout_seconds(check.timeout())
                .set_healthy_threshold_count(check.healthy_threshold)
                .set_unhealthy_threshold_count(check.unhealthy_threshold)
                .set_matcher(check.matcher(want.protocol_version.as_deref()))
                .send()
                .await
                .operation("elasticloadbalancing:ModifyTargetGroup")?;
        }
        modify_attributes(aws, &have.id, want.attributes().beyond(&have.attributes())).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let is_in_use = |error: &ProviderError| error.kind == ErrorKind::Conflict;
        let delete = || async {
            let call = aws.elbv2().delete_target_group().target_group_arn(&have.id);
            call.send().await.operation("elasticloadbalancing:DeleteTargetGroup").map(drop)
        };
        match retry::while_passing(PATIENCE, is_in_use, delete).await {
            Err(error) if is_in_use(&error) => {}
            ended => return ended,
        }
        let users = users::of(aws, &have.id).await;
        let patience = if users.is_empty() { PATIENCE_WITHOUT_USERS } else { Duration::ZERO };
        let deleted = retry::while_passing(patience, is_in_use, delete).await;
        deleted.map_err(|error| match users.is_empty() {
            false if is_in_use(&error) => error.hint(format!("it is used by {}", users.join(", "))),
            true | false => error,
        })
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = want.name_of_new(token);
        let Some(live) = named(aws, &name).await? else { return Ok(None) };
        let id = live.target_group_arn.unwrap_or_default();
        let found = TargetGroup { id: id.clone(), arn: id, ..want.clone() };
        let Some(found) = TargetGroup::read(aws, &[found]).await?.pop().flatten() else { return Ok(None) };
        // The API doesn't tell when a group was made, so what a create gives it once and for all must be there.
        if !found.can_be_of(want) {
            let what = format!("a target group named `{name}` that this create can't have made");
            return Err(taken("elasticloadbalancing:CreateTargetGroup", &what));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(TargetGroup { id: import_arn(Self::TYPE, ":targetgroup/", id)?, ..TargetGroup::default() })
    }

    fn refine(refine: Refine<'_>) {
        rules::refine(refine);
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        rules::validate(config)
    }
}

/// The target group of a name.
async fn named(aws: &Aws, name: &str) -> Result<Option<Live>, ProviderError> {
    let answer = aws.elbv2().describe_target_groups().names(name).send().await;
    match answer.operation("elasticloadbalancing:DescribeTargetGroups") {
        Ok(answer) => Ok(answer.target_groups.and_then(|mut live| live.pop())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn modify_attributes(aws: &Aws, arn: &str, attributes: Attributes) -> Result<(), ProviderError> {
    if attributes.is_empty() {
        return Ok(());
    }
    let attribute = |(key, value)| elb::TargetGroupAttribute::builder().key(key).value(value).build();
    let attributes = attributes.pairs().map(attribute).collect();
    let call = aws.elbv2().modify_target_group_attributes().target_group_arn(arn).set_attributes(Some(attributes));
    call.send().await.operation("elasticloadbalancing:ModifyTargetGroupAttributes")?;
    Ok(())
}

impl TargetGroup {
    /// The given name, or one made up from the prefix.
    fn name_of_new(&self, token: &Token) -> String {
        match (given(&self.name), given(&self.name_prefix)) {
            (Some(name), _) => name,
            (None, prefix) => names::unique(prefix.as_deref().unwrap_or(PREFIX), token),
        }
    }

    /// Groups for gateway load balancers refuse tags at their creation.
    fn can_be_born_with_tags(&self) -> bool {
        self.protocol != "GENEVE"
    }

    /// Whether a create of `want` can have made this live group.
    fn can_be_of(&self, want: &TargetGroup) -> bool {
        let has_tags = want.tags_all.iter().all(|(key, value)| self.tags_all.get(key) == Some(value));
        let has_settings = self.target_type == want.target_type
            && (want.target_type == "lambda"
                || (self.protocol == want.protocol && self.port == want.port && self.vpc_id == want.vpc_id));
        has_settings && (has_tags || !want.can_be_born_with_tags())
    }

    /// The call that makes the group; its name and tags are missing.
    fn create_call(
        &self,
        aws: &Aws,
    ) -> aws_sdk_elasticloadbalancingv2::operation::create_target_group::builders::CreateTargetGroupFluentBuilder {
        let is_lambda = self.target_type == "lambda";
        let mut call = aws.elbv2().create_target_group().target_type(TargetTypeEnum::from(self.target_type.as_str()));
        if !is_lambda {
            let version = self.protocol_version.clone().filter(|version| !version.is_empty());
            let has_versions = matches!(self.protocol.as_str(), "HTTP" | "HTTPS");
            let address_type = given(&self.ip_address_type).filter(|_| self.target_type != "alb");
            call = call
                .set_port(self.port)
                .set_protocol(given(&self.protocol).map(|protocol| ProtocolEnum::from(protocol.as_str())))
                .set_protocol_version(version.filter(|_| has_versions))
                .set_vpc_id(given(&self.vpc_id))
                .set_ip_address_type(address_type.map(|kind| TargetGroupIpAddressTypeEnum::from(kind.as_str())));
        }
        let Some(check) = self.health_check.first() else { return call };
        call.set_health_check_enabled(check.enabled)
            .set_health_check_interval_seconds(check.interval)
            .set_health_check_path(check.path())
            .set_health_check_port(check.port(is_lambda))
            .set_health_check_protocol(check.protocol(is_lambda))
            .set_health_check_timeout_seconds(check.timeout())
            .set_healthy_threshold_count(check.healthy_threshold)
            .set_unhealthy_threshold_count(check.unhealthy_threshold)
            .set_matcher(check.matcher(self.protocol_version.as_deref()))
    }

    /// With what DescribeTargetGroups says; all else stays as it is.
    fn with_live(&self, live: Live) -> TargetGroup {
        let health_check = vec![HealthCheck::from(&live)];
        let arn = live.target_group_arn.unwrap_or_default();
        let name = live.target_group_name.unwrap_or_default();
        let suffix = behind(&arn, ":targetgroup/");
        TargetGroup {
            arn_suffix: if suffix.is_empty() { suffix } else { format!("targetgroup/{suffix}") },
            id: arn.clone(),
            arn,
            health_check,
            ip_address_type: live.ip_address_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            load_balancer_arns: live.load_balancer_arns.unwrap_or_default(),
            name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
            name,
            port: live.port.or(self.port),
            protocol: live.protocol.map_or_else(|| self.protocol.clone(), |protocol| protocol.as_str().to_string()),
            protocol_version: live.protocol_version.or_else(|| self.protocol_version.clone()),
            target_type: live.target_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            vpc_id: live.vpc_id.unwrap_or_else(|| self.vpc_id.clone()),
            ..self.clone()
        }
    }

    /// With its attributes; `None` when it went away in the meantime.
    ///
    /// Not every region has every attribute: of those that are missing, what is known stays; defaults where nothing is.
    async fn with_settings(mut self, aws: &Aws, is_known: bool) -> Result<Option<TargetGroup>, ProviderError> {
        let answer = aws.elbv2().describe_target_group_attributes().target_group_arn(&self.id).send().await;
        let live = match answer.operation("elasticloadbalancing:DescribeTargetGroupAttributes") {
            Ok(answer) => answer.attributes.unwrap_or_default(),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        if !is_known {
            self.deregistration_delay = settings::DEREGISTRATION_DELAY_DEFAULT.to_string();
        }
        self.set_attributes(&Attributes::live(live.into_iter().map(|attribute| (attribute.key, attribute.value))));
        Ok(Some(self))
    }
}
