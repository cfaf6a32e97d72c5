//! The types this provider knows: one line each.

use std::sync::LazyLock;

use provider::adapter::{DataEntry, Entry};

use crate::clients::Aws;
use crate::{
    acm, autoscaling, cloudwatch, dynamodb, ec2, ecr, ecs, elasticache, elbv2, events, iam, kms, logs, rds, route53,
    s3, secretsmanager, service_discovery, sns, sqs, ssm, sts,
};

/// An entry with its embedded facts.
macro_rules! resource {
    ($behaviour:ty, $facts:literal) => {
        Entry::of::<$behaviour>(include_str!(concat!("schema/", $facts, ".json")))
    };
}

macro_rules! data_source {
    ($behaviour:ty, $facts:literal) => {
        DataEntry::of::<$behaviour>(include_str!(concat!("schema/data/", $facts, ".json")))
    };
}

macro_rules! ephemeral {
    ($behaviour:ty, $facts:literal) => {
        DataEntry::of::<$behaviour>(include_str!(concat!("schema/ephemeral/", $facts, ".json")))
    };
}

/// Resource types, sorted by name.
#[rustfmt::skip]
pub static RESOURCES: LazyLock<Vec<Entry<Aws>>> = LazyLock::new(|| {
    vec![
        resource!(acm::certificate::Certificate, "aws_acm_certificate"),
        resource!(acm::certificate_validation::CertificateValidation, "aws_acm_certificate_validation"),
        resource!(autoscaling::policy::Policy, "aws_appautoscaling_policy"),
        resource!(autoscaling::scheduled_action::ScheduledAction, "aws_appautoscaling_scheduled_action"),
        resource!(autoscaling::target::Target, "aws_appautoscaling_target"),
        resource!(cloudwatch::dashboard::Dashboard, "aws_cloudwatch_dashboard"),
        resource!(events::rule::Rule, "aws_cloudwatch_event_rule"),
        resource!(events::target::Target, "aws_cloudwatch_event_target"),
        resource!(logs::log_group::LogGroup, "aws_cloudwatch_log_group"),
        resource!(logs::metric_filter::MetricFilter, "aws_cloudwatch_log_metric_filter"),
        resource!(logs::log_stream::LogStream, "aws_cloudwatch_log_stream"),
        resource!(cloudwatch::metric_alarm::MetricAlarm, "aws_cloudwatch_metric_alarm"),
        resource!(ec2::customer_gateway::CustomerGateway, "aws_customer_gateway"),
        resource!(rds::db_instance::DbInstance, "aws_db_instance"),
        resource!(rds::db_option_group::DbOptionGroup, "aws_db_option_group"),
        resource!(rds::db_parameter_group::DbParameterGroup, "aws_db_parameter_group"),
        resource!(rds::db_proxy::DbProxy, "aws_db_proxy"),
        resource!(rds::db_proxy_default_target_group::DefaultTargetGroup, "aws_db_proxy_default_target_group"),
        resource!(rds::db_proxy_target::ProxyTarget, "aws_db_proxy_target"),
        resource!(rds::db_snapshot::DbSnapshot, "aws_db_snapshot"),
        resource!(rds::db_subnet_group::DbSubnetGroup, "aws_db_subnet_group"),
        resource!(ec2::network_acl::default::DefaultNetworkAcl, "aws_default_network_acl"),
        resource!(ec2::route_table::default::DefaultRouteTable, "aws_default_route_table"),
        resource!(ec2::security_group::default::DefaultSecurityGroup, "aws_default_security_group"),
        resource!(ec2::subnet::default::DefaultSubnet, "aws_default_subnet"),
        resource!(ec2::vpc::default::DefaultVpc, "aws_default_vpc"),
        resource!(dynamodb::table::Table, "aws_dynamodb_table"),
        resource!(ec2::tag::Tag, "aws_ec2_tag"),
        resource!(ecr::lifecycle_policy::LifecyclePolicy, "aws_ecr_lifecycle_policy"),
        resource!(ecr::repository::Repository, "aws_ecr_repository"),
        resource!(ecr::repository_policy::RepositoryPolicy, "aws_ecr_repository_policy"),
        resource!(ecs::capacity_provider::CapacityProvider, "aws_ecs_capacity_provider"),
        resource!(ecs::cluster::EcsCluster, "aws_ecs_cluster"),
        resource!(ecs::cluster_capacity_providers::ClusterCapacityProviders, "aws_ecs_cluster_capacity_providers"),
        resource!(ecs::service::EcsService, "aws_ecs_service"),
        resource!(ecs::task_definition::TaskDefinition, "aws_ecs_task_definition"),
        resource!(ecs::task_set::TaskSet, "aws_ecs_task_set"),
        resource!(ec2::egress_only_internet_gateway::EgressOnlyInternetGateway, "aws_egress_only_internet_gateway"),
        resource!(ec2::eip::Eip, "aws_eip"),
        resource!(elasticache::replication_group::ReplicationGroup, "aws_elasticache_replication_group"),
        resource!(elasticache::subnet_group::SubnetGroup, "aws_elasticache_subnet_group"),
        resource!(ec2::flow_log::FlowLog, "aws_flow_log"),
        resource!(iam::group::IamGroup, "aws_iam_group"),
        resource!(iam::instance_profile::IamInstanceProfile, "aws_iam_instance_profile"),
        resource!(iam::openid_connect_provider::OpenIdConnectProvider, "aws_iam_openid_connect_provider"),
        resource!(iam::policy::IamPolicy, "aws_iam_policy"),
        resource!(iam::role::IamRole, "aws_iam_role"),
        resource!(iam::role_policies_exclusive::RolePoliciesExclusive, "aws_iam_role_policies_exclusive"),
        resource!(iam::role_policy::IamRolePolicy, "aws_iam_role_policy"),
        resource!(iam::role_policy_attachment::IamRolePolicyAttachment, "aws_iam_role_policy_attachment"),
        resource!(iam::service_linked_role::ServiceLinkedRole, "aws_iam_service_linked_role"),
        resource!(iam::user::IamUser, "aws_iam_user"),
        resource!(ec2::internet_gateway::InternetGateway, "aws_internet_gateway"),
        resource!(kms::alias::Alias, "aws_kms_alias"),
        resource!(kms::key::Key, "aws_kms_key"),
        resource!(elbv2::load_balancer::LoadBalancer, "aws_lb"),
        resource!(elbv2::listener::Listener, "aws_lb_listener"),
        resource!(elbv2::listener_certificate::ListenerCertificate, "aws_lb_listener_certificate"),
        resource!(elbv2::listener_rule::ListenerRule, "aws_lb_listener_rule"),
        resource!(elbv2::target_group::TargetGroup, "aws_lb_target_group"),
        resource!(elbv2::target_group_attachment::TargetGroupAttachment, "aws_lb_target_group_attachment"),
        resource!(ec2::main_route_table_association::MainRouteTableAssociation, "aws_main_route_table_association"),
        resource!(ec2::nat_gateway::NatGateway, "aws_nat_gateway"),
        resource!(ec2::network_acl::NetworkAcl, "aws_network_acl"),
        resource!(ec2::network_acl_rule::NetworkAclRule, "aws_network_acl_rule"),
        resource!(rds::cluster::Cluster, "aws_rds_cluster"),
        resource!(rds::cluster_instance::ClusterInstance, "aws_rds_cluster_instance"),
        resource!(rds::cluster_parameter_group::ClusterParameterGroup, "aws_rds_cluster_parameter_group"),
        resource!(ec2::route::Route, "aws_route"),
        resource!(route53::record::Record, "aws_route53_record"),
        resource!(route53::zone::Zone, "aws_route53_zone"),
        resource!(ec2::route_table::RouteTable, "aws_route_table"),
        resource!(ec2::route_table_association::RouteTableAssociation, "aws_route_table_association"),
        resource!(s3::bucket::Bucket, "aws_s3_bucket"),
        resource!(s3::lifecycle_configuration::LifecycleConfiguration, "aws_s3_bucket_lifecycle_configuration"),
        resource!(s3::ownership_controls::OwnershipControls, "aws_s3_bucket_ownership_controls"),
        resource!(s3::bucket_policy::BucketPolicy, "aws_s3_bucket_policy"),
        resource!(s3::public_access_block::PublicAccessBlock, "aws_s3_bucket_public_access_block"),
        resource!(s3::encryption_configuration::EncryptionConfiguration, "aws_s3_bucket_server_side_encryption_configuration"),
        resource!(s3::bucket_versioning::BucketVersioning, "aws_s3_bucket_versioning"),
        resource!(secretsmanager::secret::Secret, "aws_secretsmanager_secret"),
        resource!(secretsmanager::secret_version::SecretVersion, "aws_secretsmanager_secret_version"),
        resource!(ec2::security_group::SecurityGroup, "aws_security_group"),
        resource!(ec2::security_group_rule::SecurityGroupRule, "aws_security_group_rule"),
        resource!(service_discovery::http_namespace::HttpNamespace, "aws_service_discovery_http_namespace"),
        resource!(service_discovery::private_dns_namespace::PrivateDnsNamespace, "aws_service_discovery_private_dns_namespace"),
        resource!(service_discovery::service::Service, "aws_service_discovery_service"),
        resource!(sns::topic::Topic, "aws_sns_topic"),
        resource!(sns::topic_policy::TopicPolicy, "aws_sns_topic_policy"),
        resource!(sns::subscription::Subscription, "aws_sns_topic_subscription"),
        resource!(sqs::queue::Queue, "aws_sqs_queue"),
        resource!(sqs::queue_policy::QueuePolicy, "aws_sqs_queue_policy"),
        resource!(ssm::parameter::Parameter, "aws_ssm_parameter"),
        resource!(ec2::subnet::Subnet, "aws_subnet"),
        resource!(ec2::vpc::Vpc, "aws_vpc"),
        resource!(ec2::dhcp_options::DhcpOptions, "aws_vpc_dhcp_options"),
        resource!(ec2::dhcp_options_association::DhcpOptionsAssociation, "aws_vpc_dhcp_options_association"),
        resource!(ec2::vpc_endpoint::VpcEndpoint, "aws_vpc_endpoint"),
        resource!(ec2::vpc_ipv4_cidr_block_association::VpcIpv4CidrBlockAssociation, "aws_vpc_ipv4_cidr_block_association"),
        resource!(ec2::vpc_peering_connection::VpcPeeringConnection, "aws_vpc_peering_connection"),
        resource!(ec2::vpc_peering_connection::accepter::VpcPeeringConnectionAccepter, "aws_vpc_peering_connection_accepter"),
        resource!(ec2::vpc_peering_connection::options::VpcPeeringConnectionOptions, "aws_vpc_peering_connection_options"),
        resource!(ec2::vpc_security_group_rule::EgressRule, "aws_vpc_security_group_egress_rule"),
        resource!(ec2::vpc_security_group_rule::IngressRule, "aws_vpc_security_group_ingress_rule"),
        resource!(ec2::vpn_gateway::VpnGateway, "aws_vpn_gateway"),
        resource!(ec2::vpn_gateway::attachment::VpnGatewayAttachment, "aws_vpn_gateway_attachment"),
        resource!(ec2::vpn_gateway::route_propagation::VpnGatewayRoutePropagation, "aws_vpn_gateway_route_propagation"),
    ]
});

/// Data sources, sorted by name.
#[rustfmt::skip]
pub static DATA_SOURCES: LazyLock<Vec<DataEntry<Aws>>> = LazyLock::new(|| {
    vec![
        data_source!(acm::certificate_data::Certificate, "aws_acm_certificate"),
        data_source!(ec2::ami_data::Ami, "aws_ami"),
        data_source!(ec2::availability_zones::AvailabilityZones, "aws_availability_zones"),
        data_source!(sts::caller_identity::CallerIdentity, "aws_caller_identity"),
        data_source!(logs::log_group_data::LogGroup, "aws_cloudwatch_log_group"),
        data_source!(rds::db_instance_data::DbInstanceData, "aws_db_instance"),
        data_source!(sts::default_tags::DefaultTags, "aws_default_tags"),
        data_source!(ec2::prefix_list_data::ManagedPrefixList, "aws_ec2_managed_prefix_list"),
        data_source!(ecr::image_data::Image, "aws_ecr_image"),
        data_source!(ecr::repository_data::Repository, "aws_ecr_repository"),
        data_source!(ecs::cluster_data::Cluster, "aws_ecs_cluster"),
        data_source!(ecs::service_data::Service, "aws_ecs_service"),
        data_source!(ecs::task_definition_data::TaskDefinitionData, "aws_ecs_task_definition"),
        data_source!(ec2::eip::data::EipData, "aws_eip"),
        data_source!(ec2::eip::data::EipsData, "aws_eips"),
        data_source!(elbv2::service_account::ServiceAccount, "aws_elb_service_account"),
        data_source!(iam::policy_data::Policy, "aws_iam_policy"),
        data_source!(iam::policy_document::PolicyDocument, "aws_iam_policy_document"),
        data_source!(iam::role_data::Role, "aws_iam_role"),
        data_source!(ec2::internet_gateway::data::InternetGatewayData, "aws_internet_gateway"),
        data_source!(kms::alias_data::Alias, "aws_kms_alias"),
        data_source!(kms::key_data::Key, "aws_kms_key"),
        data_source!(elbv2::load_balancer::data::LoadBalancerData, "aws_lb"),
        data_source!(elbv2::listener::data::ListenerData, "aws_lb_listener"),
        data_source!(elbv2::target_group::data::TargetGroupData, "aws_lb_target_group"),
        data_source!(ec2::nat_gateway::data::NatGatewayData, "aws_nat_gateway"),
        data_source!(ec2::nat_gateway::data::NatGatewaysData, "aws_nat_gateways"),
        data_source!(ec2::network_interface_data::NetworkInterface, "aws_network_interface"),
        data_source!(ec2::network_interface_data::NetworkInterfaces, "aws_network_interfaces"),
        data_source!(sts::partition::Partition, "aws_partition"),
        data_source!(ec2::prefix_list_data::PrefixList, "aws_prefix_list"),
        data_source!(sts::region::Region, "aws_region"),
        data_source!(route53::zone_data::ZoneData, "aws_route53_zone"),
        data_source!(ec2::route_table::data::RouteTableData, "aws_route_table"),
        data_source!(ec2::route_table::data::RouteTablesData, "aws_route_tables"),
        data_source!(s3::bucket_data::BucketData, "aws_s3_bucket"),
        data_source!(secretsmanager::secret_data::Secret, "aws_secretsmanager_secret"),
        data_source!(secretsmanager::secret_version_data::SecretVersion, "aws_secretsmanager_secret_version"),
        data_source!(ec2::security_group::data::SecurityGroupData, "aws_security_group"),
        data_source!(ec2::security_group::data::SecurityGroupsData, "aws_security_groups"),
        data_source!(ssm::parameter_data::Parameter, "aws_ssm_parameter"),
        data_source!(ec2::subnet::data::SubnetData, "aws_subnet"),
        data_source!(ec2::subnet::data::SubnetsData, "aws_subnets"),
        data_source!(ec2::vpc::data::VpcData, "aws_vpc"),
        data_source!(ec2::vpc_endpoint::data::VpcEndpointData, "aws_vpc_endpoint"),
        data_source!(ec2::vpc_endpoint_service_data::VpcEndpointService, "aws_vpc_endpoint_service"),
        data_source!(ec2::vpc::data::VpcsData, "aws_vpcs"),
    ]
});

/// Ephemeral resources, sorted by name. They are looked up as data sources are, and nothing has to be renewed or closed.
#[rustfmt::skip]
pub static EPHEMERALS: LazyLock<Vec<DataEntry<Aws>>> = LazyLock::new(|| {
    vec![
        ephemeral!(secretsmanager::secret_version_ephemeral::SecretVersion, "aws_secretsmanager_secret_version"),
        ephemeral!(ssm::parameter_ephemeral::Parameter, "aws_ssm_parameter"),
    ]
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_types_names_them_all() {
        let page = include_str!("../../docs/types.md");
        let listed = |heading: &str| -> Vec<&str> {
            let section =
                page.split("\n## ").find(|section| section.starts_with(heading)).expect("the heading is there");
            section.lines().filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`')).collect()
        };
        let resources: Vec<&str> = RESOURCES.iter().map(|entry| entry.type_name).collect();
        assert_eq!(listed("Resource types"), resources);
        let data: Vec<&str> = DATA_SOURCES.iter().map(|entry| entry.type_name).collect();
        assert_eq!(listed("Data sources"), data);
        let ephemerals: Vec<&str> = EPHEMERALS.iter().map(|entry| entry.type_name).collect();
        assert_eq!(listed("Ephemeral resources"), ephemerals);
    }
}
