//! How far a service's newest deployment is, and why it does not get on.

use aws_sdk_ecs::types as ecs;
use provider::resource::Readiness;

use super::blocks::LoadBalancer;
use crate::arn;
use crate::clients::Aws;

/// How many stopped tasks are looked at, and how many different reasons, events and targets are told.
const TASKS_MAX: i32 = 20;
const TOLD_MAX: usize = 3;

/// A service as it runs.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Rollout {
    pub status: String,
    pub desired: i32,
    pub running: i32,
    pending: i32,
    /// Whether ECS itself replaces tasks; others say nothing of how far they are.
    is_rolling: bool,
    deployments: Vec<Deployment>,
    /// The newest first.
    events: Vec<String>,
}

#[derive(Clone, Default, PartialEq, Debug)]
struct Deployment {
    is_primary: bool,
    task_definition: String,
    desired: i32,
    running: i32,
    failed_tasks: i32,
    state: State,
    reason: String,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
enum State {
    #[default]
    InProgress,
    Completed,
    Failed,
}

impl From<&ecs::Service> for Rollout {
    fn from(live: &ecs::Service) -> Rollout {
        let controller = live.deployment_controller.as_ref().map(|controller| &controller.r#type);
        Rollout {
            status: live.status.clone().unwrap_or_default(),
            desired: live.desired_count,
            running: live.running_count,
            pending: live.pending_count,
            is_rolling: controller.is_none_or(|controller| *controller == ecs::DeploymentControllerType::Ecs),
            deployments: live.deployments().iter().map(Deployment::from).collect(),
            events: live.events().iter().take(TOLD_MAX).filter_map(|event| event.message.clone()).collect(),
        }
    }
}

impl From<&ecs::Deployment> for Deployment {
    fn from(live: &ecs::Deployment) -> Deployment {
        let state = match live.rollout_state.as_ref().map(ecs::DeploymentRolloutState::as_str) {
            Some("COMPLETED") => State::Completed,
            Some("FAILED") => State::Failed,
            Some(_) | None => State::InProgress,
        };
        Deployment {
            is_primary: live.status.as_deref() == Some("PRIMARY"),
            task_definition: live.task_definition.clone().unwrap_or_default(),
            desired: live.desired_count,
            running: live.running_count,
            failed_tasks: live.failed_tasks,
            state,
            reason: live.rollout_state_reason.clone().unwrap_or_default(),
        }
    }
}

impl Rollout {
    /// Whether the service has reached a steady state with the task definition that was asked for: by ARN, by family and
    /// revision, by family, or empty where another controller chooses it.
    pub fn readiness(&self, task_definition: &str) -> Readiness {
        if !self.is_rolling {
            return if self.running == self.desired && self.pending == 0 {
                Readiness::Settled
            } else {
                Readiness::Pending(format!("{} of {} tasks running", self.running, self.desired))
            };
        }
        let Some(primary) = self.deployments.iter().find(|deployment| deployment.is_primary) else {
            return Readiness::Pending("a deployment".into());
        };
        if let Some(failed) = self.failure(primary, task_definition) {
            return Readiness::Failed(failed);
        }
        match primary.state {
            State::Completed if primary.running >= primary.desired => Readiness::Settled,
            State::Completed | State::InProgress | State::Failed => {
                let failed = match primary.failed_tasks {
                    0 => String::new(),
                    failed => format!(", {failed} failed"),
                };
                Readiness::Pending(format!("{} of {} tasks running{failed}", primary.running, primary.desired))
            }
        }
    }

    /// A deployment that was given up, or another one than the wanted in its place.
    fn failure(&self, primary: &Deployment, task_definition: &str) -> Option<String> {
        if primary.state == State::Failed {
            return Some(format!("the deployment failed: {}", told(&primary.reason)));
        }
        let failed = self.deployments.iter().find(|deployment| deployment.state == State::Failed);
        let is_rolled_back =
            primary.reason.contains("rolling back") || !is_of(&primary.task_definition, task_definition);
        if is_rolled_back {
            let back = format!("the deployment failed and was rolled back to {}", arn::name(&primary.task_definition));
            let reason = failed.map_or(primary.reason.as_str(), |failed| failed.reason.as_str());
            return Some(format!("{back}: {}", told(reason)));
        }
        None
    }

    /// What stopped tasks, events and targets tell. What can't be asked for is left out: it only adds to an error.
    pub async fn explain(&self, aws: &Aws, cluster: &str, service: &str, targets: &[LoadBalancer]) -> Option<String> {
        let mut parts = Vec::new();
        let stopped = stopped_tasks(aws, cluster, service).await;
        if !stopped.is_empty() {
            parts.push(format!("tasks stopped: {}", stopped.join(", ")));
        }
        for target in targets.iter().filter(|target| !target.target_group_arn.is_empty()) {
            parts.extend(unhealthy_targets(aws, &target.target_group_arn).await);
        }
        if !self.events.is_empty() {
            parts.push(format!("last events: {}", self.events.join(" ")));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

fn told(reason: &str) -> &str {
    if reason.is_empty() { "the service gives no reason" } else { reason.trim_end_matches('.') }
}

/// Whether an ARN is that of the task definition that `wanted` names. A family alone may stand for any of its revisions.
fn is_of(arn: &str, wanted: &str) -> bool {
    let (live, wanted) = (arn::name(arn), arn::name(wanted));
    wanted.is_empty() || live == wanted || live.rsplit_once(':').is_some_and(|(family, _)| family == wanted)
}

/// Why tasks of the service stopped of late, each reason once with the number of tasks.
async fn stopped_tasks(aws: &Aws, cluster: &str, service: &str) -> Vec<String> {
    let stopped = aws
        .ecs()
        .list_tasks()
        .cluster(cluster)
        .service_name(service)
        .desired_status(ecs::DesiredStatus::Stopped)
        .max_results(TASKS_MAX);
    let Ok(stopped) = stopped.send().await else { return Vec::new() };
    let arns = stopped.task_arns.unwrap_or_default();
    if arns.is_empty() {
        return Vec::new();
    }
    let Ok(tasks) = aws.ecs().describe_tasks().cluster(cluster).set_tasks(Some(arns)).send().await else {
        return Vec::new();
    };
    let mut reasons: Vec<(String, usize)> = Vec::new();
    for reason in tasks.tasks().iter().filter_map(stop_reason) {
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason, 1)),
        }
    }
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let text = |(reason, count)| if count == 1 { reason } else { format!("{reason} ({count} tasks)") };
    reasons.into_iter().take(TOLD_MAX).map(text).collect()
}

/// Why a task stopped, unless it was told to.
fn stop_reason(task: &ecs::Task) -> Option<String> {
    if task.stop_code == Some(ecs::TaskStopCode::ServiceSchedulerInitiated)
        && !task.stopped_reason().is_some_and(|reason| reason.contains("health check"))
    {
        return None;
    }
    let mut reason = task.stopped_reason.clone()?;
    for container in task.containers() {
        let name = container.name().unwrap_or_default();
        if let Some(why) = container.reason().filter(|why| !reason.contains(why)) {
            reason.push_str(&format!(" [container {name}: {why}]"));
        }
        if let Some(code) = container.exit_code.filter(|code| *code != 0) {
            reason.push_str(&format!(" [container {name}: exit code {code}]"));
        }
    }
    Some(reason)
}

/// `target group api: 2 of 2 targets unhealthy (Target.ResponseCodeMismatch)`
async fn unhealthy_targets(aws: &Aws, target_group: &str) -> Option<String> {
    let health = aws.elbv2().describe_target_health().target_group_arn(target_group).send().await.ok()?;
    let targets = health.target_health_descriptions();
    let unhealthy: Vec<_> = targets
        .iter()
        .filter_map(|target| target.target_health.as_ref())
        .filter(|health| health.state().is_some_and(|state| state.as_str() == "unhealthy"))
        .collect();
    if unhealthy.is_empty() {
        return None;
    }
    let mut reasons: Vec<&str> = unhealthy.iter().filter_map(|health| health.description()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let name = target_group.split('/').nth(1).unwrap_or(target_group);
    let (count, all) = (unhealthy.len(), targets.len());
    Some(format!("target group {name}: {count} of {all} targets unhealthy ({})", reasons.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(is_primary: bool, revision: u32, state: State, reason: &str) -> Deployment {
        Deployment {
            is_primary,
            task_definition: format!("arn:aws:ecs:us-east-1:123456789012:task-definition/api:{revision}"),
            desired: 2,
            running: if state == State::Completed { 2 } else { 1 },
            failed_tasks: 0,
            state,
            reason: reason.into(),
        }
    }

    fn readiness(deployments: Vec<Deployment>, wanted: &str) -> Readiness {
        let rollout = Rollout { is_rolling: true, desired: 2, running: 2, deployments, ..Rollout::default() };
        rollout.readiness(wanted)
    }

    #[test]
    fn a_rollout_is_done_when_the_newest_deployment_is_completed() {
        let old = deployment(false, 1, State::Completed, "");
        let pending = readiness(vec![deployment(true, 2, State::InProgress, ""), old], "api:2");
        assert_eq!(pending, Readiness::Pending("1 of 2 tasks running".into()));
        for wanted in ["api:2", "api", "arn:aws:ecs:us-east-1:123456789012:task-definition/api:2"] {
            assert_eq!(
                readiness(vec![deployment(true, 2, State::Completed, "")], wanted),
                Readiness::Settled,
                "{wanted}"
            );
        }
    }

    #[test]
    fn a_completed_deployment_that_is_scaled_out_is_not_done_yet() {
        let scaling = Deployment { desired: 3, ..deployment(true, 1, State::Completed, "") };
        assert_eq!(readiness(vec![scaling], "api:1"), Readiness::Pending("2 of 3 tasks running".into()));
    }

    #[test]
    fn a_failed_deployment_ends_the_wait_with_its_reason() {
        let failed = deployment(true, 2, State::Failed, "tasks failed to start.");
        let expected = "the deployment failed: tasks failed to start";
        assert_eq!(readiness(vec![failed], "api:2"), Readiness::Failed(expected.into()));
    }

    #[test]
    fn a_rollback_is_no_success() {
        let failed = deployment(false, 2, State::Failed, "tasks failed to start.");
        let back = deployment(true, 1, State::InProgress, "rolling back to deploymentId ecs-svc/1.");
        let expected = "the deployment failed and was rolled back to api:1: tasks failed to start";
        assert_eq!(readiness(vec![back, failed], "api:2"), Readiness::Failed(expected.into()));
        let done = deployment(true, 1, State::Completed, "deployment completed.");
        let expected = "the deployment failed and was rolled back to api:1: deployment completed";
        assert_eq!(readiness(vec![done], "api:2"), Readiness::Failed(expected.into()));
    }

    #[test]
    fn other_controllers_are_done_when_all_tasks_run() {
        let mut rollout = Rollout { desired: 2, running: 1, ..Rollout::default() };
        assert_eq!(rollout.readiness(""), Readiness::Pending("1 of 2 tasks running".into()));
        rollout.running = 2;
        assert_eq!(rollout.readiness(""), Readiness::Settled);
    }
}
