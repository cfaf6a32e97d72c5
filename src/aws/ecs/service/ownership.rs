//! Arguments of a service that somebody else decides once it exists: the autoscaler, or what controls its deployments.
//!
//! They stay as they are in AWS, whatever the configuration says, and the rest of the service is managed as ever.

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use model::value::Value;
use provider::world::{blocks, text};
use provider::{PlanAnswer, PlanRequest};

use crate::arn;
use crate::clients::Aws;
use crate::failure::Operation;

/// What `ecs:UpdateService` refuses to change for the deployment controllers `CODE_DEPLOY` and `EXTERNAL`.
const DEPLOYED: [&str; 4] = ["load_balancer", "network_configuration", "platform_version", "task_definition"];

/// Takes changes back that are not the configuration's to make, and notes each.
pub async fn keep(aws: &Aws, request: &PlanRequest<'_>, answer: &mut PlanAnswer) {
    let Some(prior) = request.prior else { return };
    if let Some(controller) = controller(prior).filter(|own| controller(&answer.planned).as_ref() == Some(own)) {
        for attribute in DEPLOYED {
            let note =
                || format!("`{attribute}` stays as it is: deployments of the service are controlled by {controller}.");
            carry(prior, answer, attribute, note);
        }
    }
    let (Some(name), Some(cluster)) = (text(prior, "name"), text(prior, "cluster")) else { return };
    if prior.get("desired_count") == answer.planned.get("desired_count") || !answer.replace.is_empty() {
        return;
    }
    let resource = format!("service/{}/{name}", arn::name(&cluster));
    if is_scaled(aws, &resource).await {
        let note = || format!("`desired_count` stays as it is: the scalable target {resource} decides it.");
        carry(prior, answer, "desired_count", note);
    }
}

/// The deployment controller, where it is not ECS itself.
fn controller(service: &Value) -> Option<String> {
    let kind = text(blocks(service, "deployment_controller").first()?, "type")?;
    matches!(&*kind, "CODE_DEPLOY" | "EXTERNAL").then(|| kind.to_string())
}

fn carry(prior: &Value, answer: &mut PlanAnswer, attribute: &str, note: impl FnOnce() -> String) {
    let Some(before) = prior.get(attribute) else { return };
    if answer.planned.get(attribute).as_ref() != Some(&before) {
        answer.planned = answer.planned.clone().with(attribute, before);
        answer.replace.retain(|path| path.names().split('.').next() != Some(attribute));
        answer.notes.push(note());
    }
}

/// Whether there is a scalable target for the service. Where that can't be read, the count is the configuration's.
async fn is_scaled(aws: &Aws, resource: &str) -> bool {
    let call = aws
        .application_auto_scaling()
        .describe_scalable_targets()
        .service_namespace(ServiceNamespace::Ecs)
        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
        .resource_ids(resource);
    let answer = call.send().await.operation("application-autoscaling:DescribeScalableTargets");
    answer.is_ok_and(|answer| !answer.scalable_targets().is_empty())
}
