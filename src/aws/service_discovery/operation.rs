//! The wait for what goes on after a call.

use std::time::Duration;

use aws_sdk_servicediscovery::types::{Operation as Live, OperationStatus, OperationTargetType};
use provider::error::{ErrorKind, ProviderError};
use tokio::time::Instant;

use crate::clients::Aws;
use crate::failure::Operation;

const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits until an operation names the object it works on; gives its id.
pub async fn target(aws: &Aws, id: &str, kind: OperationTargetType) -> Result<String, ProviderError> {
    let named = |operation: &Live| operation.targets.as_ref().is_some_and(|targets| targets.contains_key(&kind));
    let operation = until(aws, id, named).await?;
    operation.targets.and_then(|targets| targets.get(&kind).cloned()).ok_or_else(|| {
        ProviderError::new(ErrorKind::Other, "servicediscovery:GetOperation", "the operation names no object")
    })
}

/// Waits until an operation succeeded.
///
/// # Errors
/// It failed, with what the service says of it; or it took too long.
pub async fn until_done(aws: &Aws, id: Option<&str>) -> Result<(), ProviderError> {
    let Some(id) = id else { return Ok(()) };
    until(aws, id, |_| false).await.map(drop)
}

async fn until(aws: &Aws, id: &str, is_enough: impl Fn(&Live) -> bool) -> Result<Live, ProviderError> {
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        let get = aws.service_discovery().get_operation().operation_id(id);
        let answer = get.send().await.operation("servicediscovery:GetOperation")?;
        let operation = answer.operation.unwrap_or_else(|| Live::builder().build());
        match &operation.status {
            Some(OperationStatus::Success) => return Ok(operation),
            Some(OperationStatus::Fail) => return Err(failed(operation)),
            _ if is_enough(&operation) => return Ok(operation),
            _ if start.elapsed() >= PATIENCE => {
                let message = format!("the operation {id} did not end in time");
                return Err(ProviderError::new(ErrorKind::NotReady, "servicediscovery:GetOperation", message));
            }
            _ => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSE_MAX);
    }
}

fn failed(operation: Live) -> ProviderError {
    let name = operation.r#type.map_or("the operation".to_string(), |kind| kind.as_str().to_string());
    let why = operation.error_message.unwrap_or_default();
    ProviderError {
        code: operation.error_code,
        ..ProviderError::new(ErrorKind::NotReady, "servicediscovery:GetOperation", format!("{name} failed: {why}"))
    }
}
