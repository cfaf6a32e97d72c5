//! `aws_flow_log`: a record of the traffic of a network, a subnet, an interface or a transit gateway.

use std::time::Duration;

use aws_sdk_ec2::types::{
    DestinationFileFormat, DestinationOptionsRequest, Filter, FlowLog as Live, FlowLogsResourceType,
    LogDestinationType, ResourceType, TrafficType,
};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::ec2::{filter, given, tags};
use crate::failure::Operation;
use crate::retry;

/// What the traffic of is recorded: exactly one of these arguments.
const SUBJECTS: [&str; 5] = ["eni_id", "subnet_id", "transit_gateway_attachment_id", "transit_gateway_id", "vpc_id"];
/// The interval of transit gateways' logs, in seconds: CreateFlowLogs takes no other (`MaxAggregationInterval`).
const TRANSIT_INTERVAL: i64 = 60;
/// A new role can be assumed only some seconds later.
const ROLE_ARRIVAL: Duration = Duration::from_secs(120);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowLog {
    arn: String,
    deliver_cross_account_role: String,
    destination_options: Vec<DestinationOptions>,
    #[serde(skip_serializing_if = "String::is_empty")]
    eni_id: String,
    iam_role_arn: String,
    id: String,
    log_destination: String,
    log_destination_type: String,
    log_format: String,
    log_group_name: String,
    /// In seconds.
    max_aggregation_interval: i32,
    #[serde(skip_serializing_if = "String::is_empty")]
    subnet_id: String,
    tags: Tags,
    tags_all: Tags,
    #[serde(skip_serializing_if = "String::is_empty")]
    traffic_type: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    transit_gateway_attachment_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    transit_gateway_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    vpc_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct DestinationOptions {
    file_format: String,
    hive_compatible_partitions: bool,
    per_hour_partition: bool,
}

impl Resource for FlowLog {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_flow_log";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let (kind, subject) = want.subject();
        let is_transit =
            matches!(kind, FlowLogsResourceType::TransitGateway | FlowLogsResourceType::TransitGatewayAttachment);
        let traffic = given(&want.traffic_type).filter(|_| !is_transit);
        let destination = given(&want.log_destination_type);
        let create = || async {
            let answer = aws
                .ec2()
                .create_flow_logs()
                .client_token(creation.token.id.as_ref())
                .resource_type(kind.clone())
                .resource_ids(subject)
                .set_traffic_type(traffic.as_deref().map(TrafficType::from))
                .set_log_destination_type(destination.as_deref().map(LogDestinationType::from))
                .set_log_destination(given(&want.log_destination))
                .set_log_group_name(given(&want.log_group_name))
                .set_log_format(given(&want.log_format))
                .set_deliver_logs_permission_arn(given(&want.iam_role_arn))
                .set_deliver_cross_account_role(given(&want.deliver_cross_account_role))
                .set_max_aggregation_interval(
                    (want.max_aggregation_interval != 0).then_some(want.max_aggregation_interval),
                )
                .set_destination_options(want.destination_options.first().map(DestinationOptions::request))
                .tag_specifications(tags::of_new(ResourceType::VpcFlowLog, &want.tags_all, creation.token))
                .send()
                .await
                .operation("ec2:CreateFlowLogs")?;
            // The call succeeds whatever becomes of the logs.
            match answer.unsuccessful.unwrap_or_default().into_iter().find_map(|item| item.error) {
                Some(error) => Err(unsuccessful("ec2:CreateFlowLogs", error)),
                None => Ok(answer.flow_log_ids.unwrap_or_default().pop().unwrap_or_default()),
            }
        };
        let is_early = |error: &ProviderError| error.message.contains("Unable to assume given IAM role");
        let id = retry::while_passing(ROLE_ARRIVAL, is_early, create).await?;
        let log = FlowLog { id, ..want.clone() };
        tags::settle_new(aws, creation, &log, &log.id).await?;
        Ok(log)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, filter("flow-log-id", have.iter().map(|log| log.id.clone()))).await?;
        let account = aws.account().await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.flow_log_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(aws, account, live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let answer = aws.ec2().delete_flow_logs().flow_log_ids(&have.id).send().await;
        let answer = answer.operation("ec2:DeleteFlowLogs")?;
        match answer.unsuccessful.unwrap_or_default().into_iter().find_map(|item| item.error) {
            Some(error) => Err(unsuccessful("ec2:DeleteFlowLogs", error)),
            None => Ok(()),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let log = want.with_live(aws, aws.account().await?, live);
        tags::unmark(aws, &log.id).await?;
        Ok(Some(log))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(FlowLog { id: id.to_string(), ..FlowLog::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_left_out = |name: &str| config.get(name).is_none_or(|value| value.is_null());
        let text = |name: &str| config.get(name).and_then(|value| value.reveal().as_str().map(str::to_string));
        let mut refusals = Vec::new();
        for name in ["iam_role_arn", "log_destination", "deliver_cross_account_role"] {
            if let Some(value) = config.get(name) {
                arn::check(Path::attribute(name), &value, &mut refusals);
            }
        }
        let mut refuse = |name: Option<&str>, summary: &str, detail: String| {
            let attribute = name.map_or_else(Path::root, Path::attribute);
            refusals.push(Refusal { attribute, summary: summary.into(), detail });
        };
        let missing = "Missing required argument";
        if SUBJECTS.iter().all(|name| is_left_out(name)) {
            refuse(None, missing, format!("One of these must be given: `{}`.", SUBJECTS.join("`, `")));
        }
        let is_transit = !is_left_out("transit_gateway_id") || !is_left_out("transit_gateway_attachment_id");
        if !is_transit && is_left_out("traffic_type") {
            refuse(
                Some("traffic_type"),
                missing,
                "AWS needs it but for transit gateways: `ACCEPT`, `REJECT` or `ALL`.".into(),
            );
        }
        let interval = config.get("max_aggregation_interval");
        let is_known = interval.as_ref().is_none_or(Value::is_known);
        let interval = interval.and_then(|interval| interval.reveal().as_i64());
        if is_transit && is_known && interval != Some(TRANSIT_INTERVAL) {
            let detail = format!("Logs of transit gateways have an interval of {TRANSIT_INTERVAL} seconds.");
            refuse(Some("max_aggregation_interval"), "invalid value for max_aggregation_interval", detail);
        }
        let is_to_logs =
            is_left_out("log_destination_type") || text("log_destination_type").as_deref() == Some("cloud-watch-logs");
        let has_no_place = is_left_out("log_destination") && is_left_out("log_group_name");
        if has_no_place {
            let names = if is_to_logs { "`log_destination` or `log_group_name`" } else { "`log_destination`" };
            refuse(Some("log_destination"), missing, format!("AWS needs {names}."));
        }
        if is_to_logs && is_left_out("iam_role_arn") {
            let detail = "Logs that go to CloudWatch Logs need a role that may write there.".into();
            refuse(Some("iam_role_arn"), missing, detail);
        }
        refusals
    }
}

/// The failure of one object in an answer that is a success.
fn unsuccessful(operation: &str, error: aws_sdk_ec2::types::UnsuccessfulItemError) -> ProviderError {
    let code = error.code.unwrap_or_default();
    let kind = match code.as_str() {
        code if code.ends_with("NotFound") => ErrorKind::NotFound,
        "FlowLogAlreadyExists" => ErrorKind::AlreadyExists,
        _ => ErrorKind::Invalid,
    };
    let mut failure = ProviderError::new(kind, operation, error.message.unwrap_or_else(|| code.clone()));
    failure.code = Some(code);
    failure
}

impl DestinationOptions {
    fn request(&self) -> DestinationOptionsRequest {
        let format = given(&self.file_format);
        DestinationOptionsRequest::builder()
            .set_file_format(format.as_deref().map(DestinationFileFormat::from))
            .hive_compatible_partitions(self.hive_compatible_partitions)
            .per_hour_partition(self.per_hour_partition)
            .build()
    }
}

impl FlowLog {
    /// What is recorded; nothing is left but a network where no other argument is given.
    fn subject(&self) -> (FlowLogsResourceType, &str) {
        let subjects = [
            (FlowLogsResourceType::NetworkInterface, &self.eni_id),
            (FlowLogsResourceType::Subnet, &self.subnet_id),
            (FlowLogsResourceType::TransitGatewayAttachment, &self.transit_gateway_attachment_id),
            (FlowLogsResourceType::TransitGateway, &self.transit_gateway_id),
        ];
        let given = subjects.into_iter().find(|(_, id)| !id.is_empty());
        given.map_or((FlowLogsResourceType::Vpc, self.vpc_id.as_str()), |(kind, id)| (kind, id.as_str()))
    }

    fn with_live(&self, aws: &Aws, account: &str, live: Live) -> FlowLog {
        let id = live.flow_log_id.unwrap_or_default();
        let options = live.destination_options.map(|options| DestinationOptions {
            file_format: options.file_format.map(|format| format.as_str().to_string()).unwrap_or_default(),
            hive_compatible_partitions: options.hive_compatible_partitions.unwrap_or(false),
            per_hour_partition: options.per_hour_partition.unwrap_or(false),
        });
        let mut log = FlowLog {
            arn: aws.ec2_arn("vpc-flow-log", account, &id),
            deliver_cross_account_role: live.deliver_cross_account_role.unwrap_or_default(),
            destination_options: options.into_iter().collect(),
            iam_role_arn: live.deliver_logs_permission_arn.unwrap_or_default(),
            id,
            log_destination: live.log_destination.unwrap_or_default(),
            log_destination_type: live.log_destination_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            log_format: live.log_format.unwrap_or_default(),
            log_group_name: live.log_group_name.unwrap_or_default(),
            max_aggregation_interval: live.max_aggregation_interval.unwrap_or(0),
            tags_all: tags::live(live.tags),
            traffic_type: live.traffic_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            ..self.clone()
        };
        let subject = live.resource_id.unwrap_or_default();
        match subject.as_str() {
            id if id.starts_with("eni-") => log.eni_id = subject,
            id if id.starts_with("subnet-") => log.subnet_id = subject,
            id if id.starts_with("tgw-attach-") => log.transit_gateway_attachment_id = subject,
            id if id.starts_with("tgw-") => log.transit_gateway_id = subject,
            _ => log.vpc_id = subject,
        }
        log
    }
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_flow_logs().filter(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeFlowLogs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_of_what_its_argument_says() {
        let log = FlowLog { subnet_id: "subnet-a".into(), ..FlowLog::default() };
        assert_eq!(log.subject(), (FlowLogsResourceType::Subnet, "subnet-a"));
        let log = FlowLog { vpc_id: "vpc-a".into(), ..FlowLog::default() };
        assert_eq!(log.subject(), (FlowLogsResourceType::Vpc, "vpc-a"));
    }
}
