//! The types this provider knows: one line each.

use std::sync::LazyLock;

use provider::adapter::{DataEntry, Entry};

use crate::clients::Aws;
use crate::{dynamodb, ec2, ecs, elasticache, elbv2, iam, logs, rds, route53, s3, service_discovery, sts};

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

/// Resource types, sorted by name.
#[rustfmt::skip]
pub static RESOURCES: LazyLock<Vec<Entry<Aws>>> = LazyLock::new(|| {
    vec![
        resource!(logs::log_group::LogGroup, "aws_cloudwatch_log_group"),
        resource!(rds::db_instance::DbInstance, "aws_db_instance"),
        resource!(rds::db_option_group::DbOptionGroup, "aws_db_option_group"),
        resource!(rds::db_parameter_group::DbParameterGroup, "aws_db_parameter_group"),
        resource!(rds::db_proxy::DbProxy, "aws_db_proxy"),
        resource!(rds::db_snapshot::DbSnapshot, "aws_db_snapshot"),
        resource!(rds::db_subnet_group::DbSubnetGroup, "aws_db_subnet_group"),
        resource!(dynamodb::table::Table, "aws_dynamodb_table"),
        resource!(ecs::capacity_provider::CapacityProvider, "aws_ecs_capacity_provider"),
        resource!(ecs::cluster::EcsCluster, "aws_ecs_cluster"),
        resource!(ecs::cluster_capacity_providers::ClusterCapacityProviders, "aws_ecs_cluster_capacity_providers"),
        resource!(ecs::service::EcsService, "aws_ecs_service"),
        resource!(ecs::task_definition::TaskDefinition, "aws_ecs_task_definition"),
        resource!(ec2::eip::Eip, "aws_eip"),
        resource!(elasticache::replication_group::ReplicationGroup, "aws_elasticache_replication_group"),
        resource!(elasticache::subnet_group::SubnetGroup, "aws_elasticache_subnet_group"),
        resource!(iam::instance_profile::IamInstanceProfile, "aws_iam_instance_profile"),
        resource!(iam::policy::IamPolicy, "aws_iam_policy"),
        resource!(iam::role::IamRole, "aws_iam_role"),
        resource!(iam::role_policy::IamRolePolicy, "aws_iam_role_policy"),
        resource!(iam::role_policy_attachment::IamRolePolicyAttachment, "aws_iam_role_policy_attachment"),
        resource!(ec2::internet_gateway::InternetGateway, "aws_internet_gateway"),
        resource!(elbv2::load_balancer::LoadBalancer, "aws_lb"),
        resource!(elbv2::listener::Listener, "aws_lb_listener"),
        resource!(elbv2::target_group::TargetGroup, "aws_lb_target_group"),
        resource!(ec2::nat_gateway::NatGateway, "aws_nat_gateway"),
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
        resource!(ec2::security_group::SecurityGroup, "aws_security_group"),
        resource!(service_discovery::http_namespace::HttpNamespace, "aws_service_discovery_http_namespace"),
        resource!(service_discovery::private_dns_namespace::PrivateDnsNamespace, "aws_service_discovery_private_dns_namespace"),
        resource!(service_discovery::service::Service, "aws_service_discovery_service"),
        resource!(ec2::subnet::Subnet, "aws_subnet"),
        resource!(ec2::vpc::Vpc, "aws_vpc"),
    ]
});

/// Data sources, sorted by name.
#[rustfmt::skip]
pub static DATA_SOURCES: LazyLock<Vec<DataEntry<Aws>>> = LazyLock::new(|| {
    vec![
        data_source!(ec2::availability_zones::AvailabilityZones, "aws_availability_zones"),
        data_source!(sts::caller_identity::CallerIdentity, "aws_caller_identity"),
        data_source!(logs::log_group_data::LogGroup, "aws_cloudwatch_log_group"),
        data_source!(rds::db_instance_data::DbInstanceData, "aws_db_instance"),
        data_source!(sts::default_tags::DefaultTags, "aws_default_tags"),
        data_source!(ecs::cluster_data::Cluster, "aws_ecs_cluster"),
        data_source!(ecs::service_data::Service, "aws_ecs_service"),
        data_source!(ecs::task_definition_data::TaskDefinitionData, "aws_ecs_task_definition"),
        data_source!(elbv2::service_account::ServiceAccount, "aws_elb_service_account"),
        data_source!(iam::policy_data::Policy, "aws_iam_policy"),
        data_source!(iam::policy_document::PolicyDocument, "aws_iam_policy_document"),
        data_source!(iam::role_data::Role, "aws_iam_role"),
        data_source!(sts::partition::Partition, "aws_partition"),
        data_source!(sts::region::Region, "aws_region"),
        data_source!(route53::zone_data::ZoneData, "aws_route53_zone"),
        data_source!(s3::bucket_data::BucketData, "aws_s3_bucket"),
    ]
});
