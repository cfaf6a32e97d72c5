//! Where the logs of a cache go.

use aws_sdk_elasticache::types::{
    CloudWatchLogsDestinationDetails, DestinationDetails, DestinationType, KinesisFirehoseDestinationDetails,
    LogDeliveryConfiguration, LogDeliveryConfigurationRequest, LogFormat, LogType,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct LogDelivery {
    destination: String,
    destination_type: String,
    log_format: String,
    log_type: String,
}

/// What leads from some deliveries to others: those of a kind that is not wanted any more are turned off.
pub fn requests(have: &[LogDelivery], want: &[LogDelivery]) -> Option<Vec<LogDeliveryConfigurationRequest>> {
    let is_wanted = |had: &LogDelivery| want.iter().any(|wanted| wanted.log_type == had.log_type);
    let off = have.iter().filter(|had| !is_wanted(had)).map(|had| {
        let kind = LogType::from(had.log_type.as_str());
        LogDeliveryConfigurationRequest::builder().log_type(kind).enabled(false).build()
    });
    let on = want.iter().filter(|wanted| !have.contains(wanted)).map(LogDelivery::request);
    let requests: Vec<LogDeliveryConfigurationRequest> = off.chain(on).collect();
    (!requests.is_empty()).then_some(requests)
}

impl LogDelivery {
    pub fn live(live: LogDeliveryConfiguration) -> LogDelivery {
        let details = live.destination_details;
        let group = details.as_ref().and_then(|details| details.cloud_watch_logs_details.clone());
        let stream = details.and_then(|details| details.kinesis_firehose_details);
        let group = group.and_then(|details| details.log_group);
        LogDelivery {
            destination: group.or(stream.and_then(|details| details.delivery_stream)).unwrap_or_default(),
            destination_type: live.destination_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            log_format: live.log_format.map(|format| format.as_str().to_string()).unwrap_or_default(),
            log_type: live.log_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
        }
    }

    fn request(&self) -> LogDeliveryConfigurationRequest {
        let kind = DestinationType::from(self.destination_type.as_str());
        let details = DestinationDetails::builder();
        let details = if kind == DestinationType::KinesisFirehose {
            let stream = KinesisFirehoseDestinationDetails::builder().delivery_stream(&self.destination);
            details.kinesis_firehose_details(stream.build())
        } else {
            let group = CloudWatchLogsDestinationDetails::builder().log_group(&self.destination);
            details.cloud_watch_logs_details(group.build())
        };
        LogDeliveryConfigurationRequest::builder()
            .destination_details(details.build())
            .destination_type(kind)
            .enabled(true)
            .log_format(LogFormat::from(self.log_format.as_str()))
            .log_type(LogType::from(self.log_type.as_str()))
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_that_are_not_wanted_are_turned_off() {
        let of = |log_type: &str, destination: &str| LogDelivery {
            log_type: log_type.into(),
            destination: destination.into(),
            destination_type: "cloudwatch-logs".into(),
            log_format: "json".into(),
        };
        let requests =
            requests(&[of("slow-log", "a"), of("engine-log", "a")], &[of("slow-log", "b")]).unwrap_or_default();
        let said: Vec<_> = requests.iter().map(|one| (one.log_type.clone(), one.enabled)).collect();
        assert_eq!(said, [(Some(LogType::EngineLog), Some(false)), (Some(LogType::SlowLog), Some(true))]);
        assert!(super::requests(&[of("slow-log", "a")], &[of("slow-log", "a")]).is_none());
    }
}
