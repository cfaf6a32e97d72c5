//! Finds clusters by their identifiers, many in one call.

use aws_sdk_rds::types::DbCluster as Live;
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;

const OPERATION: &str = "rds:DescribeDBClusters";

/// The clusters that have one of these identifiers; those that don't exist are left out.
pub async fn named(aws: &Aws, names: &[&str]) -> Result<Vec<Live>, ProviderError> {
    match names {
        [name] => {
            let describe = aws.rds().describe_db_clusters().db_cluster_identifier(*name);
            match describe.send().await.operation(OPERATION) {
                Ok(answer) => Ok(answer.db_clusters.unwrap_or_default()),
                Err(error) if error.is_not_found() => Ok(Vec::new()),
                Err(error) => Err(error),
            }
        }
        // One unknown identifier would make the answer of a filter depend on the service: all are listed.
        _ => {
            let pages = aws.rds().describe_db_clusters().into_paginator().items().send();
            let all = pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION)?;
            Ok(all.into_iter().filter(|live| names.iter().any(|name| is_named(live, name))).collect())
        }
    }
}

/// Whether a cluster has this identifier or ARN; identifiers are not case-sensitive.
pub fn is_named(live: &Live, name: &str) -> bool {
    live.db_cluster_identifier.as_deref().is_some_and(|identifier| identifier.eq_ignore_ascii_case(name))
        || live.db_cluster_arn.as_deref() == Some(name)
}
