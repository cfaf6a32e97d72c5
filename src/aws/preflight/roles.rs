//! Roles that ECS tasks run under: tasks must be allowed to assume them.

use provider::world::{Finding, Planned, World};
use serde_json::Value as Json;

/// The service that assumes the roles of tasks.
const TASKS: &str = "ecs-tasks.amazonaws.com";

/// The attributes of a task definition that name a role.
pub const ROLES: [&str; 2] = ["execution_role_arn", "task_role_arn"];

/// `ecs:RunTask`, `CreateService`: the trust of roles that are in the plan.
pub fn check(world: &World) -> Vec<Finding> {
    let mut found = Vec::new();
    for definition in world.asked("aws_ecs_task_definition") {
        for attribute in ROLES {
            let role = definition.text(attribute).and_then(|arn| world.by("aws_iam_role", &["arn"], &arn));
            let Some(role) = role else { continue };
            let trust = role.known("assume_role_policy");
            if trust.is_some_and(|trust| !trusts_tasks(&trust)) {
                found.push(mistrusted(definition, attribute, &role.addr.to_string()));
            }
        }
    }
    found
}

pub fn mistrusted(definition: &Planned, attribute: &str, role: &str) -> Finding {
    let detail = format!("Tasks can't assume the role {role}: its `assume_role_policy` does not allow {TASKS}.");
    definition.finding(attribute, "ClientException", detail)
}

/// Whether a statement of a trust policy lets tasks assume the role. What can't be read is not judged.
pub fn trusts_tasks(policy: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Json>(policy) else { return true };
    let allows = |statement: &Json| {
        let is_tasks = |principal: &Json| matches!(principal.as_str(), Some(TASKS | "*"));
        let service = &statement["Principal"]["Service"];
        let names_them = is_tasks(service)
            || service.as_array().is_some_and(|names| names.iter().any(is_tasks))
            || is_tasks(&statement["Principal"])
            || statement.get("NotPrincipal").is_some();
        statement["Effect"] == "Allow" && names_them
    };
    match &policy["Statement"] {
        Json::Array(statements) => statements.iter().any(allows),
        statement @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => {
            allows(statement)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_found_in_any_form_of_a_policy() {
        for trusting in [
            r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#,
            r#"{"Statement":{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","ecs-tasks.amazonaws.com"]}}}"#,
        ] {
            assert!(trusts_tasks(trusting), "{trusting}");
        }
        for other in [
            r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}]}"#,
            r#"{"Statement":[{"Effect":"Deny","Principal":{"Service":"ecs-tasks.amazonaws.com"}}]}"#,
        ] {
            assert!(!trusts_tasks(other), "{other}");
        }
    }
}
