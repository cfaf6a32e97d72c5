//! `aws_vpc_dhcp_options`: what the instances of networks are told of names and time.
//!
//! Options are made once and never changed; networks are given other ones.

use aws_sdk_ec2::types::{DhcpOptions as Live, Filter, NewDhcpConfiguration, ResourceType};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::dhcp_options_association::associate;
use crate::ec2::{filter, tags};
use crate::failure::Operation;

/// What networks without options of their own have.
pub(super) const DEFAULT: &str = "default";
/// The arguments that are options: at least one.
const OPTIONS: [&str; 6] = [
    "domain_name",
    "domain_name_servers",
    "ipv6_address_preferred_lease_time",
    "netbios_name_servers",
    "netbios_node_type",
    "ntp_servers",
];

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DhcpOptions {
    arn: String,
    domain_name: String,
    domain_name_servers: Vec<String>,
    id: String,
    /// In seconds.
    ipv6_address_preferred_lease_time: String,
    netbios_name_servers: Vec<String>,
    netbios_node_type: String,
    ntp_servers: Vec<String>,
    owner_id: String,
    tags: Tags,
    tags_all: Tags,
}

impl Resource for DhcpOptions {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc_dhcp_options";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .create_dhcp_options()
            .set_dhcp_configurations(Some(want.request()))
            .tag_specifications(tags::of_new(ResourceType::DhcpOptions, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateDhcpOptions")?;
        let id = created.dhcp_options.and_then(|options| options.dhcp_options_id).unwrap_or_default();
        let options = DhcpOptions { id, ..want.clone() };
        tags::settle_new(aws, creation, &options, &options.id).await?;
        Ok(options)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, filter("dhcp-options-id", have.iter().map(|options| options.id.clone()))).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.dhcp_options_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(aws, live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        // Options that a network uses can't be deleted, and a network can't be without options.
        let users = aws.ec2().describe_vpcs().filters(filter("dhcp-options-id", [have.id.as_str()]));
        let users = users.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        for vpc in users.operation("ec2:DescribeVpcs")?.into_iter().filter_map(|vpc| vpc.vpc_id) {
            associate(aws, &vpc, DEFAULT).await?;
        }
        let call = aws.ec2().delete_dhcp_options().dhcp_options_id(&have.id);
        call.send().await.operation("ec2:DeleteDhcpOptions").map(drop)
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let options = want.with_live(aws, live);
        tags::unmark(aws, &options.id).await?;
        Ok(Some(options))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DhcpOptions { id: id.to_string(), ..DhcpOptions::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_left_out = |name: &&str| config.get(name).is_none_or(|value| value.is_null());
        let missing = OPTIONS.iter().all(is_left_out).then(|| Refusal {
            attribute: Path::root(),
            summary: "Missing required argument".into(),
            detail: format!("At least one of these must be given: `{}`.", OPTIONS.join("`, `")),
        });
        missing.into_iter().collect()
    }
}

impl DhcpOptions {
    /// The options by the names that AWS has for them; only those given.
    fn request(&self) -> Vec<NewDhcpConfiguration> {
        let one = |text: &String| if text.is_empty() { Vec::new() } else { vec![text.clone()] };
        let options = [
            ("domain-name", one(&self.domain_name)),
            ("domain-name-servers", self.domain_name_servers.clone()),
            ("ipv6-address-preferred-lease-time", one(&self.ipv6_address_preferred_lease_time)),
            ("netbios-name-servers", self.netbios_name_servers.clone()),
            ("netbios-node-type", one(&self.netbios_node_type)),
            ("ntp-servers", self.ntp_servers.clone()),
        ];
        let given = options.into_iter().filter(|(_, values)| !values.is_empty());
        given.map(|(key, values)| NewDhcpConfiguration::builder().key(key).set_values(Some(values)).build()).collect()
    }

    fn with_live(&self, aws: &Aws, live: Live) -> DhcpOptions {
        let id = live.dhcp_options_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let configurations = live.dhcp_configurations.unwrap_or_default();
        let values = |key: &str| -> Vec<String> {
            let of_key = configurations.iter().filter(|option| option.key.as_deref() == Some(key));
            of_key.flat_map(|option| option.values().iter().filter_map(|value| value.value.clone())).collect()
        };
        let one = |key: &str| values(key).into_iter().next().unwrap_or_default();
        DhcpOptions {
            arn: aws.ec2_arn("dhcp-options", &owner_id, &id),
            domain_name: one("domain-name"),
            domain_name_servers: values("domain-name-servers"),
            id,
            ipv6_address_preferred_lease_time: one("ipv6-address-preferred-lease-time"),
            netbios_name_servers: values("netbios-name-servers"),
            netbios_node_type: one("netbios-node-type"),
            ntp_servers: values("ntp-servers"),
            owner_id,
            tags_all: tags::live(live.tags),
            ..self.clone()
        }
    }
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_dhcp_options().filters(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeDhcpOptions")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_options_that_are_given_are_asked_for() {
        let options = DhcpOptions { domain_name: "a.example.com".into(), ..DhcpOptions::default() };
        let keys: Vec<_> = options.request().into_iter().filter_map(|option| option.key).collect();
        assert_eq!(keys, ["domain-name"]);
    }
}
