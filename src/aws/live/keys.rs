//! KMS keys that are to encrypt something: there, and enabled.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_kms::types::KeyState;
use futures::future::join_all;
use provider::world::{Finding, Planned, World};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::preflight::keys::{USERS, key_of};

/// The keys that the plan does not hold itself.
pub async fn check(aws: &Aws, world: &World) -> Vec<Finding> {
    let mut users: BTreeMap<Arc<str>, Vec<(&Planned, &str, &'static str)>> = BTreeMap::new();
    for (kind, attribute, code) in USERS {
        for object in world.made(kind) {
            // Keys that AWS has for a service come to be at their first use.
            let key = object.known(attribute).filter(|key| !key.contains("alias/aws/"));
            if let Some(key) = key.filter(|key| key_of(world, key).is_none() && !is_alias_of_plan(world, key)) {
                users.entry(key).or_default().push((object, attribute, code));
            }
        }
    }
    let looks = users.into_iter().map(async |(key, users)| {
        let fault = fault(aws, &key).await;
        let refuse = |(object, attribute, code): &(&Planned, &str, &'static str)| {
            fault.clone().map(|why| object.finding(attribute, code, why))
        };
        users.iter().filter_map(refuse).collect::<Vec<_>>()
    });
    join_all(looks).await.into_iter().flatten().collect()
}

fn is_alias_of_plan(world: &World, key: &str) -> bool {
    world.by("aws_kms_alias", &["arn", "name", "id"], key).is_some()
}

async fn fault(aws: &Aws, key: &str) -> Option<String> {
    match aws.kms().describe_key().key_id(key).send().await.operation("kms:DescribeKey") {
        Ok(answer) => {
            let state = answer.key_metadata?.key_state?;
            let is_usable = matches!(state, KeyState::Enabled | KeyState::Creating | KeyState::Updating);
            (!is_usable).then(|| format!("The key {key} has the state {state}, in which it encrypts nothing."))
        }
        Err(error) if error.is_not_found() => Some(format!("There is no key {key}.")),
        Err(_) => None,
    }
}
