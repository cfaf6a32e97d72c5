//! `data.aws_lb_target_group`: a target group by its ARN, its name, or as the only one that has some tags.

use aws_sdk_elasticloadbalancingv2::types::TargetGroup as Live;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Resource, Tags};
use serde::{Deserialize, Serialize};

use super::{HealthCheck, Stickiness, TargetGroup};
use crate::clients::Aws;
use crate::elbv2::{given, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "elasticloadbalancing:DescribeTargetGroups";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetGroupData {
    arn: String,
    arn_suffix: String,
    connection_termination: Option<bool>,
    deregistration_delay: Option<String>,
    health_check: Vec<HealthCheck>,
    id: String,
    lambda_multi_value_headers_enabled: Option<bool>,
    load_balancer_arns: Vec<String>,
    load_balancing_algorithm_type: Option<String>,
    load_balancing_anomaly_mitigation: Option<String>,
    load_balancing_cross_zone_enabled: Option<String>,
    name: String,
    port: Option<i32>,
    preserve_client_ip: Option<String>,
    protocol: Option<String>,
    protocol_version: Option<String>,
    proxy_protocol_v2: Option<bool>,
    slow_start: Option<i32>,
    stickiness: Vec<Stickiness>,
    tags: Tags,
    target_type: String,
    timeouts: Option<found::Timeouts>,
    vpc_id: Option<String>,
}

impl DataSource for TargetGroupData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_lb_target_group";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let arns = given(&want.arn).map(|arn| vec![arn]);
        let names = given(&want.name).filter(|_| arns.is_none()).map(|name| vec![name]);
        let call = aws.elbv2().describe_target_groups().set_target_group_arns(arns).set_names(names);
        let pages = call.into_paginator().items().send().collect::<Result<Vec<Live>, _>>().await;
        let arns = pages.operation(OPERATION)?.into_iter().filter_map(|live| live.target_group_arn).collect();
        let arn = found::only_one(tags::having(aws, arns, &want.tags).await?, OPERATION, "a target group")?;
        let named = TargetGroup { id: arn, ..TargetGroup::default() };
        let Some(live) = TargetGroup::read(aws, &[named]).await?.pop().flatten() else {
            return Err(ProviderError::new(ErrorKind::NotFound, OPERATION, "the target group has just gone"));
        };
        Ok(want.with_live(aws, live))
    }
}

impl TargetGroupData {
    /// Groups for functions have neither port nor protocol nor network.
    fn with_live(&self, aws: &Aws, live: TargetGroup) -> TargetGroupData {
        let has_network = live.target_type != "lambda";
        TargetGroupData {
            arn: live.arn,
            arn_suffix: live.arn_suffix,
            connection_termination: live.connection_termination,
            deregistration_delay: given(&live.deregistration_delay).filter(|_| has_network),
            health_check: live.health_check,
            id: live.id,
            lambda_multi_value_headers_enabled: live.lambda_multi_value_headers_enabled,
            load_balancer_arns: live.load_balancer_arns,
            load_balancing_algorithm_type: live.load_balancing_algorithm_type,
            load_balancing_anomaly_mitigation: live.load_balancing_anomaly_mitigation,
            load_balancing_cross_zone_enabled: live.load_balancing_cross_zone_enabled,
            name: live.name,
            port: live.port.filter(|_| has_network),
            preserve_client_ip: live.preserve_client_ip,
            protocol: Some(live.protocol).filter(|_| has_network),
            protocol_version: live.protocol_version,
            proxy_protocol_v2: live.proxy_protocol_v2,
            slow_start: live.slow_start,
            stickiness: live.stickiness,
            tags: shown(aws, live.tags_all),
            target_type: live.target_type,
            vpc_id: Some(live.vpc_id).filter(|_| has_network),
            ..self.clone()
        }
    }
}
