//! What tasks need that is not in the plan: secrets and parameters, log groups, roles.
//!
//! ECS registers a task definition without a look at them; the tasks then fail one after the other.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::ParameterStringFilter;
use futures::future::join_all;
use provider::Provider;
use provider::world::{Finding, Planned, World, is_pending};
use serde_json::Value as Json;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::iam::decode_document;
use crate::preflight::roles::{ROLES, mistrusted, trusts_tasks};
use crate::preflight::services::{containers, items};
use crate::provider::AwsProvider;

/// With it tasks stop before their containers start.
const CODE: &str = "ResourceInitializationError";

/// How many names a filter of DescribeParameters takes.
const PARAMETERS_MAX: usize = 50;

/// What the containers of new revisions name, and who does.
type Users<'a> = BTreeMap<String, Vec<&'a Planned>>;

pub async fn check(provider: &AwsProvider, aws: &Aws, world: &World) -> Vec<Finding> {
    let (mut secrets, mut parameters, mut logs) = (Users::new(), Users::new(), Users::new());
    for definition in world.made("aws_ecs_task_definition") {
        for container in containers(definition).unwrap_or_default() {
            let logging = &container["logConfiguration"];
            let named = items(&container, "secrets").iter().chain(items(logging, "secretOptions"));
            for source in named.filter_map(|secret| secret["valueFrom"].as_str()) {
                match Source::of(source, aws.region(), world) {
                    Some(Source::Secret(arn)) => secrets.entry(arn).or_default().push(definition),
                    Some(Source::Parameter(name)) => parameters.entry(name).or_default().push(definition),
                    None => {}
                }
            }
            if let Some(group) = log_group(logging, aws.region(), world) {
                logs.entry(group).or_default().push(definition);
            }
        }
    }
    let (mut found, parameters, logs, roles) = futures::join!(
        missing_secrets(aws, secrets),
        missing_parameters(aws, parameters),
        missing_logs(provider, logs),
        unfit_roles(aws, world),
    );
    found.extend([parameters, logs, roles].into_iter().flatten());
    found
}

/// Where a secret of a container comes from.
enum Source {
    /// The ARN, without the key and version behind it.
    Secret(String),
    Parameter(String),
}

impl Source {
    /// `None` for what the plan holds, is still unknown, or is in another region.
    fn of(source: &str, region: &str, world: &World) -> Option<Source> {
        if is_pending(source) {
            return None;
        }
        let parts: Vec<&str> = source.split(':').collect();
        match parts.as_slice() {
            ["arn", _, "secretsmanager", own, _, "secret", name, ..] if *own == region => {
                let arn = parts[..7].join(":");
                let is_named = world.all("aws_secretsmanager_secret").any(|secret| {
                    secret.text("arn").as_deref() == Some(&arn) || secret.text("name").as_deref() == Some(*name)
                });
                (!is_named).then_some(Source::Secret(arn))
            }
            ["arn", _, "ssm", own, _, path] if *own == region => {
                Source::parameter(path.strip_prefix("parameter")?, world)
            }
            ["arn", ..] => None,
            [name] => Source::parameter(name, world),
            _ => None,
        }
    }

    /// A name by itself begins with a slash only where it has a hierarchy; in an ARN a slash precedes each name.
    fn parameter(name: &str, world: &World) -> Option<Source> {
        let plain = name.strip_prefix('/').filter(|plain| !plain.contains('/')).unwrap_or(name);
        let is_named = world
            .all("aws_ssm_parameter")
            .filter_map(|parameter| parameter.text("name"))
            .any(|own| own.trim_start_matches('/') == plain.trim_start_matches('/'));
        (!is_named).then(|| Source::Parameter(plain.to_string()))
    }
}

/// The log group that must be there before a container starts.
fn log_group(logging: &Json, region: &str, world: &World) -> Option<String> {
    let options = &logging["options"];
    let group = options["awslogs-group"].as_str().filter(|group| !is_pending(group))?;
    let is_made_by_driver = options["awslogs-create-group"].as_str() == Some("true");
    let is_here = options["awslogs-region"].as_str().is_none_or(|own| own == region);
    let is_asked = logging["logDriver"] == "awslogs" && is_here && !is_made_by_driver;
    // A name that is still to be made up may turn out to be this one.
    let mut planned = world.all("aws_cloudwatch_log_group").filter_map(|group| group.text("name"));
    let is_named = planned.any(|name| *name == *group || is_pending(&name));
    (is_asked && !is_named).then(|| group.to_string())
}

fn refusals(users: &[&Planned], why: &str) -> Vec<Finding> {
    // Several containers of a definition may need the same.
    let users: BTreeMap<_, _> = users.iter().map(|user| (&user.addr, user)).collect();
    users.into_values().map(|user| user.finding("container_definitions", CODE, why).as_warning()).collect()
}

async fn missing_secrets(aws: &Aws, secrets: Users<'_>) -> Vec<Finding> {
    let looks = secrets.into_iter().map(async |(arn, users)| {
        let call = aws.secretsmanager().describe_secret().secret_id(&arn);
        let why = match call.send().await.operation("secretsmanager:DescribeSecret") {
            Ok(live) if live.deleted_date.is_some() => format!("The secret {arn} is scheduled for deletion."),
            Err(error) if error.is_not_found() => format!("There is no secret {arn}."),
            Ok(_) | Err(_) => return Vec::new(),
        };
        refusals(&users, &why)
    });
    join_all(looks).await.into_iter().flatten().collect()
}

async fn missing_parameters(aws: &Aws, parameters: Users<'_>) -> Vec<Finding> {
    let names: Vec<&String> = parameters.keys().collect();
    let mut found = Vec::new();
    for part in names.chunks(PARAMETERS_MAX) {
        let values = part.iter().map(|name| (*name).clone()).collect();
        let filter = ParameterStringFilter::builder().key("Name").option("Equals").set_values(Some(values));
        let filter = filter.build().expect("the key is given");
        let pages = aws.ssm().describe_parameters().parameter_filters(filter).into_paginator().send();
        let answer = pages.collect::<Result<Vec<_>, _>>().await.operation("ssm:DescribeParameters");
        let Ok(pages) = answer else { continue };
        let live = pages.iter().flat_map(|page| page.parameters());
        let live: BTreeSet<&str> = live.filter_map(|live| live.name.as_deref()).collect();
        for name in part.iter().filter(|name| !live.contains(name.as_str())) {
            found.extend(refusals(&parameters[*name], &format!("There is no parameter {name}.")));
        }
    }
    found
}

async fn missing_logs(provider: &AwsProvider, logs: Users<'_>) -> Vec<Finding> {
    let looks = logs.into_iter().map(async |(group, users)| {
        let answer = provider.import("aws_cloudwatch_log_group", &group).await;
        let is_missing = answer.is_err_and(|error| error.is_not_found());
        let why = || format!("There is no log group {group:?}, and `awslogs-create-group` is not set.");
        if is_missing { refusals(&users, &why()) } else { Vec::new() }
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// Roles of this account, by their ARNs: there, and to be assumed by tasks.
async fn unfit_roles(aws: &Aws, world: &World) -> Vec<Finding> {
    let mut users: BTreeMap<String, Vec<(&Planned, &str)>> = BTreeMap::new();
    for definition in world.made("aws_ecs_task_definition") {
        for attribute in ROLES {
            let Some(arn) = definition.known(attribute) else { continue };
            let name = arn.rsplit('/').next().unwrap_or_default().to_string();
            if arn.contains(":role/")
                && !world.all("aws_iam_role").any(|role| role.text("name").as_deref() == Some(&name))
            {
                users.entry(arn.to_string()).or_default().push((definition, attribute));
            }
        }
    }
    let Some(account) = (if users.is_empty() { None } else { aws.caller().await.ok() }) else { return Vec::new() };
    let own = users.into_iter().filter(|(arn, _)| arn.split(':').nth(4) == Some(&account.account));
    let looks = own.map(async |(arn, users)| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        match aws.iam().get_role().role_name(name).send().await.operation("iam:GetRole") {
            Ok(answer) => {
                let trust = answer.role.and_then(|role| role.assume_role_policy_document);
                let is_fit = trust.is_none_or(|trust| trusts_tasks(&decode_document(&trust)));
                let users = users.iter().filter(|_| !is_fit);
                users.map(|(definition, attribute)| mistrusted(definition, attribute, &arn)).collect::<Vec<_>>()
            }
            Err(error) if error.is_not_found() => {
                let why = format!("There is no role {arn}.");
                users.iter().map(|(user, attribute)| user.finding(attribute, "ClientException", &*why)).collect()
            }
            Err(_) => Vec::new(),
        }
    });
    join_all(looks).await.into_iter().flatten().collect()
}
