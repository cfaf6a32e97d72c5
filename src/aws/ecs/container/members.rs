//! What a container definition consists of: every member of the API's `ContainerDefinition` (ECS API reference) that
//! `hashicorp/aws` 5.100 knows. It leaves out later ones, such as `sharingStrategy` of a resource requirement.

use std::collections::BTreeMap;

use aws_sdk_ecs::types as ecs;
use serde_json::Value as Json;

use super::shape::{Mismatch, Name, Shape, camel, is_named, object, optional, shapes};

shapes! {
    /// One container of a task.
    Container = ContainerDefinition always {
        command set_command optional Vec<String>,
        cpu set_cpu optional i32,
        credential_specs set_credential_specs optional Vec<String>,
        depends_on set_depends_on optional Vec<Dependency>,
        disable_networking set_disable_networking optional bool,
        dns_search_domains set_dns_search_domains optional Vec<String>,
        dns_servers set_dns_servers optional Vec<String>,
        docker_labels set_docker_labels optional BTreeMap<String, String>,
        docker_security_options set_docker_security_options optional Vec<String>,
        entry_point set_entry_point optional Vec<String>,
        environment set_environment optional Vec<Variable>,
        environment_files set_environment_files optional Vec<EnvironmentFile>,
        essential set_essential optional bool,
        extra_hosts set_extra_hosts optional Vec<Host>,
        firelens_configuration set_firelens_configuration optional Firelens,
        health_check set_health_check optional HealthCheck,
        hostname set_hostname optional String,
        image set_image optional String,
        interactive set_interactive optional bool,
        links set_links optional Vec<String>,
        linux_parameters set_linux_parameters optional LinuxParameters,
        log_configuration set_log_configuration optional LogConfiguration,
        memory set_memory optional i32,
        memory_reservation set_memory_reservation optional i32,
        mount_points set_mount_points optional Vec<MountPoint>,
        name set_name optional String,
        port_mappings set_port_mappings optional Vec<PortMapping>,
        privileged set_privileged optional bool,
        pseudo_terminal set_pseudo_terminal optional bool,
        readonly_root_filesystem set_readonly_root_filesystem optional bool,
        repository_credentials set_repository_credentials optional RepositoryCredentials,
        resource_requirements set_resource_requirements optional Vec<ResourceRequirement>,
        restart_policy set_restart_policy optional RestartPolicy,
        secrets set_secrets optional Vec<Secret>,
        start_timeout set_start_timeout optional i32,
        stop_timeout set_stop_timeout optional i32,
        system_controls set_system_controls optional Vec<SystemControl>,
        ulimits set_ulimits optional Vec<Ulimit>,
        user set_user optional String,
        version_consistency set_version_consistency optional Name<ecs::VersionConsistency>,
        volumes_from set_volumes_from optional Vec<VolumeFrom>,
        working_directory set_working_directory optional String,
    }

    /// Another container that has to have come so far.
    Dependency = ContainerDependency fallible {
        condition set_condition required Name<ecs::ContainerCondition>,
        container_name set_container_name required String,
    }

    Variable = KeyValuePair always {
        name set_name optional String,
        value set_value optional String,
    }

    EnvironmentFile = EnvironmentFile fallible {
        r#type set_type required Name<ecs::EnvironmentFileType>,
        value set_value required String,
    }

    /// A line of `/etc/hosts`.
    Host = HostEntry fallible {
        hostname set_hostname required String,
        ip_address set_ip_address required String,
    }

    Firelens = FirelensConfiguration fallible {
        options set_options optional BTreeMap<String, String>,
        r#type set_type required Name<ecs::FirelensConfigurationType>,
    }

    /// Times in seconds.
    HealthCheck = HealthCheck fallible {
        command set_command required Vec<String>,
        interval set_interval optional i32,
        retries set_retries optional i32,
        start_period set_start_period optional i32,
        timeout set_timeout optional i32,
    }

    /// Sizes in MiB.
    LinuxParameters = LinuxParameters always {
        capabilities set_capabilities optional Capabilities,
        devices set_devices optional Vec<Device>,
        init_process_enabled set_init_process_enabled optional bool,
        max_swap set_max_swap optional i32,
        shared_memory_size set_shared_memory_size optional i32,
        swappiness set_swappiness optional i32,
        tmpfs set_tmpfs optional Vec<Tmpfs>,
    }

    Capabilities = KernelCapabilities always {
        add set_add optional Vec<String>,
        drop set_drop optional Vec<String>,
    }

    Device = Device fallible {
        container_path set_container_path optional String,
        host_path set_host_path required String,
        permissions set_permissions optional Vec<Name<ecs::DeviceCgroupPermission>>,
    }

    /// The size is in MiB.
    Tmpfs = Tmpfs fallible {
        container_path set_container_path required String,
        mount_options set_mount_options optional Vec<String>,
        size set_size required i32,
    }

    LogConfiguration = LogConfiguration fallible {
        log_driver set_log_driver required Name<ecs::LogDriver>,
        options set_options optional BTreeMap<String, String>,
        secret_options set_secret_options optional Vec<Secret>,
    }

    MountPoint = MountPoint always {
        container_path set_container_path optional String,
        read_only set_read_only optional bool,
        source_volume set_source_volume optional String,
    }

    PortMapping = PortMapping always {
        app_protocol set_app_protocol optional Name<ecs::ApplicationProtocol>,
        container_port set_container_port optional i32,
        container_port_range set_container_port_range optional String,
        host_port set_host_port optional i32,
        name set_name optional String,
        protocol set_protocol optional Name<ecs::TransportProtocol>,
    }

    RepositoryCredentials = RepositoryCredentials fallible {
        credentials_parameter set_credentials_parameter required String,
    }

    ResourceRequirement = ResourceRequirement fallible {
        r#type set_type required Name<ecs::ResourceType>,
        value set_value required String,
    }

    /// The period is in seconds.
    RestartPolicy = ContainerRestartPolicy fallible {
        enabled set_enabled required bool,
        ignored_exit_codes set_ignored_exit_codes optional Vec<i32>,
        restart_attempt_period set_restart_attempt_period optional i32,
    }

    /// A name whose value is kept in Secrets Manager or Systems Manager; `value_from` is where.
    Secret = Secret fallible {
        name set_name required String,
        value_from set_value_from required String,
    }

    SystemControl = SystemControl always {
        namespace set_namespace optional String,
        value set_value optional String,
    }

    Ulimit = Ulimit fallible {
        hard_limit set_hard_limit required i32,
        name set_name required Name<ecs::UlimitName>,
        soft_limit set_soft_limit required i32,
    }

    VolumeFrom = VolumeFrom always {
        read_only set_read_only optional bool,
        source_container set_source_container optional String,
    }
}
