//! `data.aws_lb`: a load balancer by its ARN, its name, or as the only one that has some tags.

use aws_sdk_elasticloadbalancingv2::types::LoadBalancer as Live;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Resource, Tags};
use serde::{Deserialize, Serialize};

use super::{IpamPools, LoadBalancer, Logs, SubnetMapping};
use crate::clients::Aws;
use crate::elbv2::{given, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "elasticloadbalancing:DescribeLoadBalancers";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadBalancerData {
    access_logs: Vec<Logs>,
    arn: String,
    arn_suffix: String,
    client_keep_alive: Option<i32>,
    connection_logs: Vec<Logs>,
    customer_owned_ipv4_pool: String,
    desync_mitigation_mode: Option<String>,
    dns_name: String,
    dns_record_client_routing_policy: Option<String>,
    drop_invalid_header_fields: Option<bool>,
    enable_cross_zone_load_balancing: Option<bool>,
    enable_deletion_protection: Option<bool>,
    enable_http2: Option<bool>,
    enable_tls_version_and_cipher_suite_headers: Option<bool>,
    enable_waf_fail_open: Option<bool>,
    enable_xff_client_port: Option<bool>,
    enable_zonal_shift: Option<bool>,
    enforce_security_group_inbound_rules_on_private_link_traffic: String,
    id: String,
    idle_timeout: Option<i32>,
    internal: bool,
    ip_address_type: String,
    ipam_pools: Vec<IpamPools>,
    load_balancer_type: String,
    name: String,
    preserve_host_header: Option<bool>,
    security_groups: Vec<String>,
    subnet_mapping: Vec<SubnetMapping>,
    subnets: Vec<String>,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    vpc_id: String,
    xff_header_processing_mode: Option<String>,
    zone_id: String,
}

impl DataSource for LoadBalancerData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_lb";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let arns = given(&want.arn).map(|arn| vec![arn]);
        let names = given(&want.name).filter(|_| arns.is_none()).map(|name| vec![name]);
        let call = aws.elbv2().describe_load_balancers().set_load_balancer_arns(arns).set_names(names);
        let pages = call.into_paginator().items().send().collect::<Result<Vec<Live>, _>>().await;
        let arns = pages.operation(OPERATION)?.into_iter().filter_map(|live| live.load_balancer_arn).collect();
        let arn = found::only_one(tags::having(aws, arns, &want.tags).await?, OPERATION, "a load balancer")?;
        let named = LoadBalancer { id: arn, ..LoadBalancer::default() };
        let Some(live) = LoadBalancer::read(aws, &[named]).await?.pop().flatten() else {
            return Err(ProviderError::new(ErrorKind::NotFound, OPERATION, "the load balancer has just gone"));
        };
        Ok(want.with_live(aws, live))
    }
}

impl LoadBalancerData {
    fn with_live(&self, aws: &Aws, mut live: LoadBalancer) -> LoadBalancerData {
        // There is always one, also where the kind of load balancer has no such logs.
        for logs in [&mut live.access_logs, &mut live.connection_logs] {
            logs.resize_with(1, Logs::default);
        }
        LoadBalancerData {
            access_logs: live.access_logs,
            arn: live.arn,
            arn_suffix: live.arn_suffix,
            client_keep_alive: live.client_keep_alive,
            connection_logs: live.connection_logs,
            customer_owned_ipv4_pool: live.customer_owned_ipv4_pool,
            desync_mitigation_mode: live.desync_mitigation_mode,
            dns_name: live.dns_name,
            dns_record_client_routing_policy: live.dns_record_client_routing_policy,
            drop_invalid_header_fields: live.drop_invalid_header_fields,
            enable_cross_zone_load_balancing: live.enable_cross_zone_load_balancing,
            enable_deletion_protection: live.enable_deletion_protection,
            enable_http2: live.enable_http2,
            enable_tls_version_and_cipher_suite_headers: live.enable_tls_version_and_cipher_suite_headers,
            enable_waf_fail_open: live.enable_waf_fail_open,
            enable_xff_client_port: live.enable_xff_client_port,
            enable_zonal_shift: live.enable_zonal_shift,
            enforce_security_group_inbound_rules_on_private_link_traffic: live
                .enforce_security_group_inbound_rules_on_private_link_traffic,
            id: live.id,
            idle_timeout: live.idle_timeout,
            internal: live.internal,
            ip_address_type: live.ip_address_type,
            ipam_pools: live.ipam_pools,
            load_balancer_type: live.load_balancer_type,
            name: live.name,
            preserve_host_header: live.preserve_host_header,
            security_groups: live.security_groups,
            subnet_mapping: live.subnet_mapping,
            subnets: live.subnets,
            tags: shown(aws, live.tags_all),
            vpc_id: live.vpc_id,
            xff_header_processing_mode: live.xff_header_processing_mode,
            zone_id: live.zone_id,
            ..self.clone()
        }
    }
}
