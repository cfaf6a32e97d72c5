//! `data.aws_ami`: a machine image by filters; of several the newest one, where that is asked for.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{BlockDeviceMapping, Image, ProductCode};
use model::path::Path;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{query, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeImages";
/// What the reason of a state says where there is none.
const UNSET: &str = "UNSET";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ami {
    architecture: String,
    arn: String,
    block_device_mappings: Vec<Device>,
    boot_mode: String,
    creation_date: String,
    deprecation_time: String,
    description: String,
    ena_support: bool,
    executable_users: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    hypervisor: String,
    id: String,
    image_id: String,
    image_location: String,
    image_owner_alias: String,
    image_type: String,
    imds_support: String,
    include_deprecated: Option<bool>,
    kernel_id: String,
    last_launched_time: String,
    most_recent: Option<bool>,
    name: String,
    name_regex: Option<String>,
    owner_id: String,
    owners: Option<Vec<String>>,
    platform: String,
    platform_details: String,
    product_codes: Vec<Product>,
    public: bool,
    ramdisk_id: String,
    root_device_name: String,
    root_device_type: String,
    root_snapshot_id: String,
    sriov_net_support: String,
    state: String,
    state_reason: BTreeMap<String, String>,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    tpm_support: String,
    uefi_data: Option<String>,
    usage_operation: String,
    virtualization_type: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Device {
    device_name: String,
    /// Numbers and switches as texts.
    ebs: BTreeMap<String, String>,
    no_device: String,
    virtual_name: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Product {
    product_code_id: String,
    product_code_type: String,
}

impl DataSource for Ami {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ami";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let name = want.name_regex.as_deref().map(Regex::new).transpose().map_err(|error| {
            ProviderError::invalid("read aws_ami", error.to_string()).attribute(Path::attribute("name_regex"))
        })?;
        let not_empty = |list: &Option<Vec<String>>| list.clone().filter(|list| !list.is_empty());
        let call = aws
            .ec2()
            .describe_images()
            .set_filters(query::filters([], &want.tags, &want.filter))
            .set_owners(not_empty(&want.owners))
            .set_executable_users(not_empty(&want.executable_users))
            .include_deprecated(want.include_deprecated.unwrap_or(false));
        let found = call.into_paginator().items().send().collect::<Result<Vec<Image>, _>>().await;
        let mut found = found.operation(OPERATION)?;
        if let Some(name) = &name {
            found.retain(|image| name.is_match(image.name.as_deref().unwrap_or_default()));
        }
        if want.most_recent == Some(true) {
            // Dates are written in one form and one zone, so they sort as texts.
            found.sort_by(|a, b| a.creation_date.cmp(&b.creation_date));
            let Some(newest) = found.pop() else {
                let message = "there is not an image that is as the data source asks";
                return Err(ProviderError::new(ErrorKind::NotFound, OPERATION, message));
            };
            found = vec![newest];
        }
        let several = found.len() > 1;
        let image = found::only_one(found, OPERATION, "an image").map_err(|error| match several {
            true => error.hint("ask for more, or for the newest one by `most_recent = true`"),
            false => error,
        })?;
        Ok(want.with_live(aws, image))
    }
}

/// The text of an enumeration's value; empty where there is none.
macro_rules! text {
    ($value:expr) => {
        $value.map(|value| value.as_str().to_string()).unwrap_or_default()
    };
}

impl Ami {
    fn with_live(&self, aws: &Aws, live: Image) -> Ami {
        let id = live.image_id.unwrap_or_default();
        let devices = live.block_device_mappings.unwrap_or_default();
        let root = devices.iter().find(|device| device.device_name == live.root_device_name);
        let root_snapshot_id = root.and_then(|root| root.ebs.as_ref()?.snapshot_id.clone());
        let (code, message) = match live.state_reason {
            Some(reason) => (reason.code.unwrap_or_default(), reason.message.unwrap_or_default()),
            None => (UNSET.to_string(), UNSET.to_string()),
        };
        Ami {
            architecture: text!(live.architecture),
            arn: format!("arn:{}:ec2:{}::image/{id}", aws.partition(), aws.region()),
            block_device_mappings: devices.into_iter().map(Device::from).collect(),
            boot_mode: text!(live.boot_mode),
            creation_date: live.creation_date.unwrap_or_default(),
            deprecation_time: live.deprecation_time.unwrap_or_default(),
            description: live.description.unwrap_or_default(),
            ena_support: live.ena_support.unwrap_or(false),
            hypervisor: text!(live.hypervisor),
            image_id: id.clone(),
            image_location: live.image_location.unwrap_or_default(),
            image_owner_alias: live.image_owner_alias.unwrap_or_default(),
            image_type: text!(live.image_type),
            imds_support: text!(live.imds_support),
            include_deprecated: Some(self.include_deprecated.unwrap_or(false)),
            kernel_id: live.kernel_id.unwrap_or_default(),
            last_launched_time: live.last_launched_time.unwrap_or_default(),
            most_recent: Some(self.most_recent.unwrap_or(false)),
            name: live.name.unwrap_or_default(),
            owner_id: live.owner_id.unwrap_or_default(),
            platform: text!(live.platform),
            platform_details: live.platform_details.unwrap_or_default(),
            product_codes: live.product_codes.unwrap_or_default().into_iter().map(Product::from).collect(),
            public: live.public.unwrap_or(false),
            ramdisk_id: live.ramdisk_id.unwrap_or_default(),
            root_device_name: live.root_device_name.unwrap_or_default(),
            root_device_type: text!(live.root_device_type),
            root_snapshot_id: root_snapshot_id.unwrap_or_default(),
            sriov_net_support: live.sriov_net_support.unwrap_or_default(),
            state: text!(live.state),
            state_reason: BTreeMap::from([("code".to_string(), code), ("message".to_string(), message)]),
            tags: shown(aws, tags::live(live.tags)),
            tpm_support: text!(live.tpm_support),
            usage_operation: live.usage_operation.unwrap_or_default(),
            virtualization_type: text!(live.virtualization_type),
            id,
            ..self.clone()
        }
    }
}

impl From<BlockDeviceMapping> for Device {
    fn from(live: BlockDeviceMapping) -> Device {
        let ebs = live.ebs.map(|ebs| {
            let flag = |flag: Option<bool>| flag.unwrap_or(false).to_string();
            let number = |number: Option<i32>| number.unwrap_or(0).to_string();
            let pairs = [
                ("delete_on_termination", flag(ebs.delete_on_termination)),
                ("encrypted", flag(ebs.encrypted)),
                ("iops", number(ebs.iops)),
                ("snapshot_id", ebs.snapshot_id.unwrap_or_default()),
                ("throughput", number(ebs.throughput)),
                ("volume_initialization_rate", number(ebs.volume_initialization_rate)),
                ("volume_size", number(ebs.volume_size)),
                ("volume_type", text!(ebs.volume_type)),
            ];
            pairs.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
        });
        Device {
            device_name: live.device_name.unwrap_or_default(),
            ebs: ebs.unwrap_or_default(),
            no_device: live.no_device.unwrap_or_default(),
            virtual_name: live.virtual_name.unwrap_or_default(),
        }
    }
}

impl From<ProductCode> for Product {
    fn from(live: ProductCode) -> Product {
        Product {
            product_code_id: live.product_code_id.unwrap_or_default(),
            product_code_type: text!(live.product_code_type),
        }
    }
}
