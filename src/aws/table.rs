//! The types this provider knows: one line each.

use std::sync::LazyLock;

use provider::adapter::{DataEntry, Entry};

use crate::clients::Aws;
use crate::{
    acm, autoscaling, cloudwatch, ec2, ecr, ecs, elbv2, events, iam, kms, logs, rds, secretsmanager, sns, sqs, ssm, sts,
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
        resource!(rds::db_instance::DbInstance, "aws_db_instance"),
        resource!(rds::db_option_group::DbOptionGroup, "aws_db_option_group"),
        resource!(rds::db_parameter_group::DbParameterGroup, "aws_db_parameter_group"),
        resource!(rds::db_snapshot::DbSnapshot, "aws_db_snapshot"),
        resource!(rds::db_subnet_group::DbSubnetGroup, "aws_db_subnet_group"),
        resource!(ecr::lifecycle_policy::LifecyclePolicy, "aws_ecr_lifecycle_policy"),
        resource!(ecr::repository::Repository, "aws_ecr_repository"),
        resource!(ecr::repository_policy::RepositoryPolicy, "aws_ecr_repository_policy"),
        resource!(ecs::capacity_provider::CapacityProvider, "aws_ecs_capacity_provider"),
        resource!(ecs::cluster::EcsCluster, "aws_ecs_cluster"),
        resource!(ecs::cluster_capacity_providers::ClusterCapacityProviders, "aws_ecs_cluster_capacity_providers"),
        resource!(ecs::service::EcsService, "aws_ecs_service"),
        resource!(ecs::task_definition::TaskDefinition, "aws_ecs_task_definition"),
        resource!(ec2::eip::Eip, "aws_eip"),
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
        resource!(elbv2::target_group::TargetGroup, "aws_lb_target_group"),
        resource!(ec2::nat_gateway::NatGateway, "aws_nat_gateway"),
        resource!(rds::cluster_parameter_group::ClusterParameterGroup, "aws_rds_cluster_parameter_group"),
        resource!(ec2::route::Route, "aws_route"),
        resource!(ec2::route_table::RouteTable, "aws_route_table"),
        resource!(ec2::route_table_association::RouteTableAssociation, "aws_route_table_association"),
        resource!(secretsmanager::secret::Secret, "aws_secretsmanager_secret"),
        resource!(secretsmanager::secret_version::SecretVersion, "aws_secretsmanager_secret_version"),
        resource!(ec2::security_group::SecurityGroup, "aws_security_group"),
        resource!(sns::topic::Topic, "aws_sns_topic"),
        resource!(sns::topic_policy::TopicPolicy, "aws_sns_topic_policy"),
        resource!(sns::subscription::Subscription, "aws_sns_topic_subscription"),
        resource!(sqs::queue::Queue, "aws_sqs_queue"),
        resource!(sqs::queue_policy::QueuePolicy, "aws_sqs_queue_policy"),
        resource!(ssm::parameter::Parameter, "aws_ssm_parameter"),
        resource!(ec2::subnet::Subnet, "aws_subnet"),
        resource!(ec2::vpc::Vpc, "aws_vpc"),
    ]
});

/// Data sources, sorted by name.
#[rustfmt::skip]
pub static DATA_SOURCES: LazyLock<Vec<DataEntry<Aws>>> = LazyLock::new(|| {
    vec![
        data_source!(acm::certificate_data::Certificate, "aws_acm_certificate"),
        data_source!(ec2::availability_zones::AvailabilityZones, "aws_availability_zones"),
        data_source!(sts::caller_identity::CallerIdentity, "aws_caller_identity"),
        data_source!(logs::log_group_data::LogGroup, "aws_cloudwatch_log_group"),
        data_source!(rds::db_instance_data::DbInstanceData, "aws_db_instance"),
        data_source!(sts::default_tags::DefaultTags, "aws_default_tags"),
        data_source!(ecr::image_data::Image, "aws_ecr_image"),
        data_source!(ecr::repository_data::Repository, "aws_ecr_repository"),
        data_source!(ecs::cluster_data::Cluster, "aws_ecs_cluster"),
        data_source!(ecs::service_data::Service, "aws_ecs_service"),
        data_source!(ecs::task_definition_data::TaskDefinitionData, "aws_ecs_task_definition"),
        data_source!(elbv2::service_account::ServiceAccount, "aws_elb_service_account"),
        data_source!(iam::policy_data::Policy, "aws_iam_policy"),
        data_source!(iam::policy_document::PolicyDocument, "aws_iam_policy_document"),
        data_source!(iam::role_data::Role, "aws_iam_role"),
        data_source!(kms::alias_data::Alias, "aws_kms_alias"),
        data_source!(kms::key_data::Key, "aws_kms_key"),
        data_source!(sts::partition::Partition, "aws_partition"),
        data_source!(sts::region::Region, "aws_region"),
        data_source!(secretsmanager::secret_data::Secret, "aws_secretsmanager_secret"),
        data_source!(secretsmanager::secret_version_data::SecretVersion, "aws_secretsmanager_secret_version"),
        data_source!(ssm::parameter_data::Parameter, "aws_ssm_parameter"),
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
