//! Deleting what others still use: retried while the users may be on their way out, then told who they are.

use std::time::Duration;

use provider::error::{ErrorKind, ProviderError};

use crate::clients::Aws;
use crate::ec2::filter;
use crate::failure::Operation;

/// Network interfaces of deleted load balancers and tasks go away some minutes after their owners.
const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Deletes, and tries again while the object is in use by network interfaces that are being released.
///
/// `name` and `id` are the filter that finds those interfaces: `subnet-id`, `group-id`.
pub async fn retry<F: Future<Output = Result<(), ProviderError>> + Send>(
    aws: &Aws,
    name: &str,
    id: &str,
    delete: impl Fn() -> F + Send + Sync,
) -> Result<(), ProviderError> {
    let start = tokio::time::Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        let error = match delete().await {
            Err(error) if error.kind == ErrorKind::Conflict => error,
            ended => return ended,
        };
        let holders = holders(aws, name, id).await;
        if holders.iter().all(|holder| !holder.is_leaving) || start.elapsed() >= PATIENCE {
            return Err(explained(error, &holders));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// A network interface that holds the object.
struct Holder {
    id: String,
    description: String,
    /// AWS manages it for a service and takes it away by itself.
    is_leaving: bool,
}

/// Who holds the object; nobody where that can't be read: the first error is the one that counts.
async fn holders(aws: &Aws, name: &str, id: &str) -> Vec<Holder> {
    let answer = aws.ec2().describe_network_interfaces().filters(filter(name, [id])).send().await;
    let interfaces =
        answer.operation("ec2:DescribeNetworkInterfaces").ok().and_then(|answer| answer.network_interfaces);
    let holder = |interface: aws_sdk_ec2::types::NetworkInterface| Holder {
        id: interface.network_interface_id.unwrap_or_default(),
        description: interface.description.unwrap_or_default(),
        is_leaving: interface.requester_managed.unwrap_or(false),
    };
    interfaces.unwrap_or_default().into_iter().map(holder).collect()
}

fn explained(error: ProviderError, holders: &[Holder]) -> ProviderError {
    if holders.is_empty() {
        return error;
    }
    let names: Vec<String> = holders.iter().map(|holder| format!("{} ({})", holder.id, holder.description)).collect();
    error.hint(format!("it is held by {}", names.join(", ")))
}
