//! The volumes of a task definition, and what the SDK has of them.

use std::collections::BTreeMap;

use aws_sdk_ecs::types as ecs;
use serde::{Deserialize, Serialize};

use crate::ecs::given;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Volume {
    configure_at_launch: bool,
    docker_volume_configuration: Vec<DockerVolume>,
    efs_volume_configuration: Vec<EfsVolume>,
    fsx_windows_file_server_volume_configuration: Vec<FsxVolume>,
    host_path: String,
    pub name: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct DockerVolume {
    autoprovision: bool,
    driver: String,
    driver_opts: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    scope: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct EfsVolume {
    authorization_config: Vec<EfsAuthorization>,
    file_system_id: String,
    root_directory: String,
    transit_encryption: String,
    transit_encryption_port: i32,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct EfsAuthorization {
    access_point_id: String,
    iam: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct FsxVolume {
    authorization_config: Vec<FsxAuthorization>,
    file_system_id: String,
    root_directory: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct FsxAuthorization {
    credentials_parameter: String,
    domain: String,
}

impl Volume {
    pub fn request(&self) -> ecs::Volume {
        // A volume that is neither of the others is a directory of the host; its path may be left to Docker.
        let is_host = self.docker_volume_configuration.is_empty()
            && self.efs_volume_configuration.is_empty()
            && self.fsx_windows_file_server_volume_configuration.is_empty()
            && !self.configure_at_launch;
        let host =
            is_host.then(|| ecs::HostVolumeProperties::builder().set_source_path(given(&self.host_path)).build());
        ecs::Volume::builder()
            .name(&self.name)
            .set_host(host)
            .set_configured_at_launch(self.configure_at_launch.then_some(true))
            .set_docker_volume_configuration(self.docker_volume_configuration.first().map(DockerVolume::request))
            .set_efs_volume_configuration(self.efs_volume_configuration.first().map(EfsVolume::request))
            .set_fsx_windows_file_server_volume_configuration(
                self.fsx_windows_file_server_volume_configuration.first().map(FsxVolume::request),
            )
            .build()
    }

    /// Whether the service makes `self` of `want`: what `want` leaves to it may be anything.
    pub fn is_made_of(&self, want: &Volume) -> bool {
        let mut want = want.clone();
        want.configure_at_launch |= self.configure_at_launch;
        for (want, live) in want.docker_volume_configuration.iter_mut().zip(&self.docker_volume_configuration) {
            if want.driver.is_empty() {
                want.driver.clone_from(&live.driver);
            }
            if want.scope.is_empty() {
                want.scope.clone_from(&live.scope);
            }
        }
        *self == want
    }
}

impl DockerVolume {
    fn request(&self) -> ecs::DockerVolumeConfiguration {
        let map = |map: &BTreeMap<String, String>| (!map.is_empty()).then(|| map.clone().into_iter().collect());
        ecs::DockerVolumeConfiguration::builder()
            // Only volumes that are shared between tasks can be provisioned by ECS.
            .set_autoprovision((self.scope == "shared").then_some(self.autoprovision))
            .set_driver(given(&self.driver))
            .set_driver_opts(map(&self.driver_opts))
            .set_labels(map(&self.labels))
            .set_scope(given(&self.scope).as_deref().map(ecs::Scope::from))
            .build()
    }
}

impl EfsVolume {
    fn request(&self) -> ecs::EfsVolumeConfiguration {
        let authorization = self.authorization_config.first().map(|authorization| {
            ecs::EfsAuthorizationConfig::builder()
                .set_access_point_id(given(&authorization.access_point_id))
                .set_iam(given(&authorization.iam).as_deref().map(ecs::EfsAuthorizationConfigIam::from))
                .build()
        });
        ecs::EfsVolumeConfiguration::builder()
            .file_system_id(&self.file_system_id)
            .set_root_directory(given(&self.root_directory))
            .set_transit_encryption(given(&self.transit_encryption).as_deref().map(ecs::EfsTransitEncryption::from))
            .set_transit_encryption_port((self.transit_encryption_port != 0).then_some(self.transit_encryption_port))
            .set_authorization_config(authorization)
            .build()
            .expect("the file system is given")
    }
}

impl FsxVolume {
    fn request(&self) -> ecs::FSxWindowsFileServerVolumeConfiguration {
        let authorization = self.authorization_config.first().map(|authorization| {
            ecs::FSxWindowsFileServerAuthorizationConfig::builder()
                .credentials_parameter(&authorization.credentials_parameter)
                .domain(&authorization.domain)
                .build()
                .expect("parameter and domain are given")
        });
        ecs::FSxWindowsFileServerVolumeConfiguration::builder()
            .file_system_id(&self.file_system_id)
            .root_directory(&self.root_directory)
            .set_authorization_config(authorization)
            .build()
            .expect("file system and directory are given; the schema requires the authorization")
    }
}

impl From<ecs::Volume> for Volume {
    fn from(live: ecs::Volume) -> Volume {
        Volume {
            configure_at_launch: live.configured_at_launch.unwrap_or(false),
            docker_volume_configuration: live.docker_volume_configuration.into_iter().map(DockerVolume::from).collect(),
            efs_volume_configuration: live.efs_volume_configuration.into_iter().map(EfsVolume::from).collect(),
            fsx_windows_file_server_volume_configuration: live
                .fsx_windows_file_server_volume_configuration
                .into_iter()
                .map(FsxVolume::from)
                .collect(),
            host_path: live.host.and_then(|host| host.source_path).unwrap_or_default(),
            name: live.name.unwrap_or_default(),
        }
    }
}

impl From<ecs::DockerVolumeConfiguration> for DockerVolume {
    fn from(live: ecs::DockerVolumeConfiguration) -> DockerVolume {
        DockerVolume {
            autoprovision: live.autoprovision.unwrap_or(false),
            driver: live.driver.unwrap_or_default(),
            driver_opts: live.driver_opts.unwrap_or_default().into_iter().collect(),
            labels: live.labels.unwrap_or_default().into_iter().collect(),
            scope: live.scope.map(|scope| scope.as_str().to_string()).unwrap_or_default(),
        }
    }
}

impl From<ecs::EfsVolumeConfiguration> for EfsVolume {
    fn from(live: ecs::EfsVolumeConfiguration) -> EfsVolume {
        let authorization = live.authorization_config.map(|authorization| EfsAuthorization {
            access_point_id: authorization.access_point_id.unwrap_or_default(),
            iam: authorization.iam.map(|iam| iam.as_str().to_string()).unwrap_or_default(),
        });
        EfsVolume {
            authorization_config: authorization.into_iter().collect(),
            file_system_id: live.file_system_id,
            root_directory: live.root_directory.unwrap_or_default(),
            transit_encryption: live.transit_encryption.map(|text| text.as_str().to_string()).unwrap_or_default(),
            transit_encryption_port: live.transit_encryption_port.unwrap_or(0),
        }
    }
}

impl From<ecs::FSxWindowsFileServerVolumeConfiguration> for FsxVolume {
    fn from(live: ecs::FSxWindowsFileServerVolumeConfiguration) -> FsxVolume {
        let authorization = live.authorization_config.map(|authorization| FsxAuthorization {
            credentials_parameter: authorization.credentials_parameter,
            domain: authorization.domain,
        });
        FsxVolume {
            authorization_config: authorization.into_iter().collect(),
            file_system_id: live.file_system_id,
            root_directory: live.root_directory,
        }
    }
}
