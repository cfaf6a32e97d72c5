//! Finds instances by their identifiers or resource ids, many in one call.

use aws_sdk_rds::types::{DbInstance as Live, Filter};
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;

/// An instance that is in a subnet group.
pub struct Holder {
    pub identifier: String,
    pub status: String,
}

/// The instances that have one of these identifiers or resource ids; those that don't exist are left out.
pub async fn named(aws: &Aws, names: &[&str]) -> Result<Vec<Live>, ProviderError> {
    let (ids, identifiers): (Vec<&str>, Vec<&str>) = names.iter().copied().partition(|name| is_resource_id(name));
    let mut found = Vec::new();
    for (filter, values) in [("dbi-resource-id", ids), ("db-instance-id", identifiers)] {
        if values.is_empty() {
            continue;
        }
        let several = values.len() > 1;
        let filter = Filter::builder().name(filter).set_values(Some(values.iter().map(ToString::to_string).collect()));
        match list(aws, Some(filter.build())).await {
            Ok(live) => found.extend(live),
            // A filter may fail as a whole for one name that is unknown.
            Err(error) if error.is_not_found() && several => {
                let all = list(aws, None).await?;
                found.extend(all.into_iter().filter(|live| values.iter().any(|name| is_named(live, name))));
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

pub fn is_named(live: &Live, name: &str) -> bool {
    if is_resource_id(name) {
        live.dbi_resource_id.as_deref() == Some(name)
    } else {
        live.db_instance_identifier.as_deref().is_some_and(|identifier| identifier.eq_ignore_ascii_case(name))
    }
}

/// The instances in a subnet group.
pub async fn in_subnet_group(aws: &Aws, group: &str) -> Result<Vec<Holder>, ProviderError> {
    let is_in = |live: &Live| {
        let name = live.db_subnet_group.as_ref().and_then(|group| group.db_subnet_group_name.as_deref());
        name.is_some_and(|name| name.eq_ignore_ascii_case(group))
    };
    let holder = |live: Live| Holder {
        identifier: live.db_instance_identifier.unwrap_or_default(),
        status: live.db_instance_status.unwrap_or_default(),
    };
    Ok(list(aws, None).await?.into_iter().filter(is_in).map(holder).collect())
}

async fn list(aws: &Aws, filter: Option<Filter>) -> Result<Vec<Live>, ProviderError> {
    let call = aws.rds().describe_db_instances().set_filters(filter.map(|filter| vec![filter]));
    let pages = call.into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("rds:DescribeDBInstances")
}

/// `db-` and upper-case letters and digits; identifiers are lower case.
fn is_resource_id(name: &str) -> bool {
    name.strip_prefix("db-").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_ids_and_identifiers_are_told_apart() {
        assert!(is_resource_id("db-OC2464EK7ZKPXHW3SWK2PFKTOL"));
        for identifier in ["db-main", "main", "db-", "fastapi-dev-db"] {
            assert!(!is_resource_id(identifier), "{identifier}");
        }
    }
}
