//! `data.aws_kms_key`: a key by its identifier, ARN or alias.

use aws_sdk_kms::types::{MultiRegionConfiguration as LiveRegions, MultiRegionKey};
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::{given, times};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Key {
    arn: String,
    aws_account_id: String,
    cloud_hsm_cluster_id: String,
    creation_date: String,
    custom_key_store_id: String,
    customer_master_key_spec: String,
    deletion_date: Option<String>,
    description: String,
    enabled: bool,
    expiration_model: String,
    grant_tokens: Vec<String>,
    id: String,
    key_id: String,
    key_manager: String,
    key_spec: String,
    key_state: String,
    key_usage: String,
    multi_region: bool,
    multi_region_configuration: Vec<Regions>,
    origin: String,
    pending_deletion_window_in_days: i32,
    valid_to: Option<String>,
    xks_key_configuration: Vec<External>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Regions {
    multi_region_key_type: String,
    primary_key: Vec<RegionKey>,
    replica_keys: Vec<RegionKey>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct RegionKey {
    arn: String,
    region: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct External {
    id: String,
}

impl DataSource for Key {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_kms_key";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let call = aws.kms().describe_key().key_id(&want.key_id);
        let call = call.set_grant_tokens(given::list(want.grant_tokens.iter().cloned()));
        let Some(live) = call.send().await.operation("kms:DescribeKey")?.key_metadata else {
            return Err(ProviderError::new(ErrorKind::NotFound, "kms:DescribeKey", "the answer holds no key"));
        };
        let time = |at: Option<aws_smithy_types::DateTime>| at.map(|at| times::stored(Some(&at)));
        let spec = live.key_spec.map(|spec| spec.as_str().to_string()).unwrap_or_default();
        Ok(Key {
            arn: live.arn.unwrap_or_default(),
            aws_account_id: live.aws_account_id.unwrap_or_default(),
            cloud_hsm_cluster_id: live.cloud_hsm_cluster_id.unwrap_or_default(),
            creation_date: times::stored(live.creation_date.as_ref()),
            custom_key_store_id: live.custom_key_store_id.unwrap_or_default(),
            customer_master_key_spec: spec.clone(),
            deletion_date: time(live.deletion_date),
            description: live.description.unwrap_or_default(),
            enabled: live.enabled,
            expiration_model: live.expiration_model.map(|model| model.as_str().to_string()).unwrap_or_default(),
            grant_tokens: want.grant_tokens.clone(),
            id: live.key_id,
            key_id: want.key_id.clone(),
            key_manager: live.key_manager.map(|manager| manager.as_str().to_string()).unwrap_or_default(),
            key_spec: spec,
            key_state: live.key_state.map(|state| state.as_str().to_string()).unwrap_or_default(),
            key_usage: live.key_usage.map(|usage| usage.as_str().to_string()).unwrap_or_default(),
            multi_region: live.multi_region.unwrap_or_default(),
            multi_region_configuration: live.multi_region_configuration.map(Regions::of).into_iter().collect(),
            origin: live.origin.map(|origin| origin.as_str().to_string()).unwrap_or_default(),
            pending_deletion_window_in_days: live.pending_deletion_window_in_days.unwrap_or_default(),
            valid_to: time(live.valid_to),
            xks_key_configuration: live
                .xks_key_configuration
                .map(|external| External { id: external.id.unwrap_or_default() })
                .into_iter()
                .collect(),
        })
    }
}

impl Regions {
    fn of(live: LiveRegions) -> Regions {
        Regions {
            multi_region_key_type: live.multi_region_key_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            primary_key: live.primary_key.map(RegionKey::of).into_iter().collect(),
            replica_keys: live.replica_keys.unwrap_or_default().into_iter().map(RegionKey::of).collect(),
        }
    }
}

impl RegionKey {
    fn of(live: MultiRegionKey) -> RegionKey {
        RegionKey { arn: live.arn.unwrap_or_default(), region: live.region.unwrap_or_default() }
    }
}
