//! What AWS has that a plan does not know of and would stumble over: names that are taken, keys that are disabled, users of
//! what is to go.
//!
//! Asked with reads alone, only about what the plan makes or deletes, in as few calls as the APIs allow. An object of the
//! stack itself is never in the way: what is deleted or replaced in the same plan makes room. What can't be read is not told.

mod balancing;
mod certificates;
mod deletions;
mod keys;
mod names;
mod tasks;

use provider::error::ProviderError;
use provider::world::{Finding, World};

use crate::clients::Aws;
use crate::provider::AwsProvider;

/// All that is found, in no particular order.
pub async fn survey(provider: &AwsProvider, aws: &Aws, world: &World) -> Vec<Finding> {
    let (mut found, balancing, certificates, deletions, keys, tasks) = futures::join!(
        names::taken(provider, aws, world),
        balancing::check(aws, world),
        certificates::check(aws, world),
        deletions::check(provider, aws, world),
        keys::check(aws, world),
        tasks::check(provider, aws, world),
    );
    found.extend([balancing, certificates, deletions, keys, tasks].into_iter().flatten());
    found
}

/// What could be read. A failure is none of the plan's: the apply may have permissions that a plan has not.
fn read<T: Default>(answer: Result<T, ProviderError>) -> T {
    answer.unwrap_or_default()
}
