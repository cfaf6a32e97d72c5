//! AWS Key Management Service. Keys have no names and answers come from replicas: what was changed a moment ago may still be
//! answered as it was.

pub mod alias;
pub mod alias_data;
pub mod key;
pub mod key_data;

mod tags;

use aws_sdk_kms::types::AliasListEntry;
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;

/// Aliases: those of one key, or all of the account and region.
async fn aliases(aws: &Aws, key_id: Option<String>) -> Result<Vec<AliasListEntry>, ProviderError> {
    let pages = aws.kms().list_aliases().set_key_id(key_id).limit(100).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("kms:ListAliases")
}
