//! `data.aws_availability_zones`: the zones of the region that the account may use.

use aws_sdk_ec2::types::AvailabilityZone;
use provider::data_source::DataSource;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::filter;
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AvailabilityZones {
    all_availability_zones: Option<bool>,
    exclude_names: Vec<String>,
    exclude_zone_ids: Vec<String>,
    filter: Vec<Filter>,
    group_names: Vec<String>,
    id: String,
    names: Vec<String>,
    state: Option<String>,
    timeouts: Option<WrittenTimeouts>,
    zone_ids: Vec<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Filter {
    name: String,
    values: Vec<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    read: Option<String>,
}

impl DataSource for AvailabilityZones {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_availability_zones";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let written = want.filter.iter().map(|written| filter(&written.name, written.values.iter().cloned()));
        let state = want.state.as_ref().map(|state| filter("state", [state.as_str()]));
        let filters: Vec<_> = written.chain(state).collect();
        let answer = aws
            .ec2()
            .describe_availability_zones()
            .set_all_availability_zones(want.all_availability_zones)
            .set_filters((!filters.is_empty()).then_some(filters))
            .send()
            .await
            .operation("ec2:DescribeAvailabilityZones")?;
        let is_wanted = |zone: &AvailabilityZone| {
            let is_in =
                |list: &[String], value: &Option<String>| value.as_ref().is_some_and(|value| list.contains(value));
            !is_in(&want.exclude_names, &zone.zone_name) && !is_in(&want.exclude_zone_ids, &zone.zone_id)
        };
        let mut zones: Vec<AvailabilityZone> =
            answer.availability_zones.unwrap_or_default().into_iter().filter(is_wanted).collect();
        zones.sort_by(|a, b| a.zone_name.cmp(&b.zone_name));
        let mut group_names: Vec<String> =
            zones.iter().map(|zone| zone.group_name.clone().unwrap_or_default()).collect();
        group_names.sort();
        group_names.dedup();
        Ok(AvailabilityZones {
            group_names,
            id: aws.region().to_string(),
            names: zones.iter().filter_map(|zone| zone.zone_name.clone()).collect(),
            zone_ids: zones.iter().filter_map(|zone| zone.zone_id.clone()).collect(),
            ..want.clone()
        })
    }
}
