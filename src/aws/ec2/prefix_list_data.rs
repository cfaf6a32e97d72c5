//! `data.aws_ec2_managed_prefix_list` and `data.aws_prefix_list`: lists of networks, of AWS's services or of somebody's own.

use aws_sdk_ec2::types::{ManagedPrefixList as Live, PrefixListEntry};
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{query, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ManagedPrefixList {
    address_family: String,
    arn: String,
    entries: Vec<Entry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    max_entries: i32,
    name: String,
    owner_id: String,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    version: i64,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Entry {
    cidr: String,
    description: String,
}

impl DataSource for ManagedPrefixList {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ec2_managed_prefix_list";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let attributes = [("prefix-list-id", want.id.as_str()), ("prefix-list-name", want.name.as_str())];
        let filters = query::filters(attributes, &want.tags, &want.filter);
        let pages = aws.ec2().describe_managed_prefix_lists().set_filters(filters).into_paginator().items().send();
        let found = pages.collect::<Result<Vec<Live>, _>>().await.operation("ec2:DescribeManagedPrefixLists")?;
        let live = found::only_one(found, "ec2:DescribeManagedPrefixLists", "a prefix list")?;
        let id = live.prefix_list_id.unwrap_or_default();
        let entries = aws.ec2().get_managed_prefix_list_entries().prefix_list_id(&id).into_paginator().items().send();
        let entries = entries.collect::<Result<Vec<PrefixListEntry>, _>>().await;
        let entries = entries.operation("ec2:GetManagedPrefixListEntries")?.into_iter().map(|entry| Entry {
            cidr: entry.cidr.unwrap_or_default(),
            description: entry.description.unwrap_or_default(),
        });
        Ok(ManagedPrefixList {
            address_family: live.address_family.unwrap_or_default(),
            arn: live.prefix_list_arn.unwrap_or_default(),
            entries: entries.collect(),
            id,
            max_entries: live.max_entries.unwrap_or(0),
            name: live.prefix_list_name.unwrap_or_default(),
            owner_id: live.owner_id.unwrap_or_default(),
            tags: shown(aws, tags::live(live.tags)),
            version: live.version.unwrap_or(0),
            ..want.clone()
        })
    }
}

/// The networks of one of AWS's services.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PrefixList {
    cidr_blocks: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    name: String,
    prefix_list_id: Option<String>,
    timeouts: Option<found::Timeouts>,
}

impl DataSource for PrefixList {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_prefix_list";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let filters = query::filters([("prefix-list-name", want.name.as_str())], &Tags::new(), &want.filter);
        let ids = query::ids(want.prefix_list_id.as_deref().unwrap_or_default());
        let call = aws.ec2().describe_prefix_lists().set_prefix_list_ids(ids).set_filters(filters);
        let pages = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let found = pages.operation("ec2:DescribePrefixLists")?;
        let live = found::only_one(found, "ec2:DescribePrefixLists", "a prefix list")?;
        Ok(PrefixList {
            cidr_blocks: live.cidrs.unwrap_or_default(),
            id: live.prefix_list_id.unwrap_or_default(),
            name: live.prefix_list_name.unwrap_or_default(),
            ..want.clone()
        })
    }
}
