//! Volumes that a service makes for its tasks, and the VPC Lattice target groups it registers them with.

use aws_sdk_ecs::types as ecs;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::ecs::service::name_of;
use crate::ecs::{given, tags};

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeConfiguration {
    managed_ebs_volume: Vec<EbsVolume>,
    name: String,
}

/// An EBS volume for each task; sizes in GiB, throughput in MiB/s.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct EbsVolume {
    encrypted: bool,
    file_system_type: String,
    iops: i32,
    kms_key_id: String,
    role_arn: String,
    size_in_gb: i32,
    snapshot_id: String,
    tag_specifications: Vec<TagSpecification>,
    throughput: i32,
    volume_initialization_rate: i32,
    volume_type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct TagSpecification {
    propagate_tags: String,
    resource_type: String,
    tags: Tags,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lattice {
    port_name: String,
    role_arn: String,
    target_group_arn: String,
}

impl VolumeConfiguration {
    pub fn request(&self) -> ecs::ServiceVolumeConfiguration {
        ecs::ServiceVolumeConfiguration::builder()
            .name(&self.name)
            .set_managed_ebs_volume(self.managed_ebs_volume.first().map(EbsVolume::request))
            .build()
            .expect("the name is given")
    }
}

impl From<&ecs::ServiceVolumeConfiguration> for VolumeConfiguration {
    fn from(live: &ecs::ServiceVolumeConfiguration) -> VolumeConfiguration {
        VolumeConfiguration {
            managed_ebs_volume: live.managed_ebs_volume.iter().map(EbsVolume::from).collect(),
            name: live.name.clone(),
        }
    }
}

impl EbsVolume {
    fn request(&self) -> ecs::ServiceManagedEbsVolumeConfiguration {
        let counting = |number: i32| Some(number).filter(|number| *number != 0);
        let specifications: Vec<_> = self.tag_specifications.iter().map(TagSpecification::request).collect();
        ecs::ServiceManagedEbsVolumeConfiguration::builder()
            .encrypted(self.encrypted)
            .set_filesystem_type(given(&self.file_system_type).as_deref().map(ecs::TaskFilesystemType::from))
            .set_iops(counting(self.iops))
            .set_kms_key_id(given(&self.kms_key_id))
            .role_arn(&self.role_arn)
            .set_size_in_gib(counting(self.size_in_gb))
            .set_snapshot_id(given(&self.snapshot_id))
            .set_tag_specifications((!specifications.is_empty()).then_some(specifications))
            .set_throughput(counting(self.throughput))
            .set_volume_initialization_rate(counting(self.volume_initialization_rate))
            .set_volume_type(given(&self.volume_type))
            .build()
            .expect("the role is given")
    }
}

impl From<&ecs::ServiceManagedEbsVolumeConfiguration> for EbsVolume {
    fn from(live: &ecs::ServiceManagedEbsVolumeConfiguration) -> EbsVolume {
        EbsVolume {
            encrypted: live.encrypted.unwrap_or(false),
            file_system_type: name_of(live.filesystem_type.as_ref()),
            iops: live.iops.unwrap_or(0),
            kms_key_id: live.kms_key_id.clone().unwrap_or_default(),
            role_arn: live.role_arn.clone(),
            size_in_gb: live.size_in_gib.unwrap_or(0),
            snapshot_id: live.snapshot_id.clone().unwrap_or_default(),
            tag_specifications: live.tag_specifications().iter().map(TagSpecification::from).collect(),
            throughput: live.throughput.unwrap_or(0),
            volume_initialization_rate: live.volume_initialization_rate.unwrap_or(0),
            volume_type: live.volume_type.clone().unwrap_or_default(),
        }
    }
}

impl TagSpecification {
    fn request(&self) -> ecs::EbsTagSpecification {
        ecs::EbsTagSpecification::builder()
            .set_propagate_tags(given(&self.propagate_tags).as_deref().map(ecs::PropagateTags::from))
            .resource_type(self.resource_type.as_str().into())
            .set_tags(tags::request(&self.tags))
            .build()
            .expect("the resource type is given")
    }
}

impl From<&ecs::EbsTagSpecification> for TagSpecification {
    fn from(live: &ecs::EbsTagSpecification) -> TagSpecification {
        TagSpecification {
            propagate_tags: name_of(live.propagate_tags.as_ref()),
            resource_type: live.resource_type.as_str().to_string(),
            tags: tags::live(live.tags.clone()),
        }
    }
}

impl Lattice {
    pub fn request(&self) -> ecs::VpcLatticeConfiguration {
        ecs::VpcLatticeConfiguration::builder()
            .port_name(&self.port_name)
            .role_arn(&self.role_arn)
            .target_group_arn(&self.target_group_arn)
            .build()
            .expect("port, role and target group are given")
    }
}

impl From<&ecs::VpcLatticeConfiguration> for Lattice {
    fn from(live: &ecs::VpcLatticeConfiguration) -> Lattice {
        Lattice {
            port_name: live.port_name.clone(),
            role_arn: live.role_arn.clone(),
            target_group_arn: live.target_group_arn.clone(),
        }
    }
}
