//! `aws_cloudwatch_dashboard`: metrics to look at.

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::{policy, refusals};

/// The longest name, in characters; PutDashboard, `DashboardName`.
const NAME_LENGTH_MAX: usize = 255;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Dashboard {
    dashboard_arn: String,
    dashboard_body: String,
    dashboard_name: String,
    id: String,
}

impl Resource for Dashboard {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_cloudwatch_dashboard";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    /// PutDashboard replaces a dashboard of that name without a word, so `create` looks first.
    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        if read_one(aws, &want.dashboard_name, &want.dashboard_body).await?.is_some() {
            let message = format!("there is a dashboard named `{}` already", want.dashboard_name);
            return Err(taken("cloudwatch:PutDashboard", message));
        }
        put(aws, want).await?;
        Ok(Dashboard { id: want.dashboard_name.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut dashboards = Vec::with_capacity(have.len());
        for dashboard in have {
            dashboards.push(read_one(aws, &dashboard.id, &dashboard.dashboard_body).await?);
        }
        Ok(dashboards)
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.cloudwatch().delete_dashboards().dashboard_names(&have.id);
        call.send().await.operation("cloudwatch:DeleteDashboards")?;
        Ok(())
    }

    /// Reading does not tell when a dashboard was put; one that shows the same is this create's.
    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(found) = read_one(aws, &want.dashboard_name, &want.dashboard_body).await? else { return Ok(None) };
        if !policy::is_same_json(&found.dashboard_body, &want.dashboard_body) {
            let message = format!("there is another dashboard named `{}`", want.dashboard_name);
            return Err(taken("cloudwatch:PutDashboard", message));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Dashboard { id: id.to_string(), ..Dashboard::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        match (attribute, prior.reveal().as_str(), config.reveal().as_str()) {
            ("dashboard_body", Some(prior), Some(config)) => policy::is_same_json(prior, config),
            (_, Some(_) | None, Some(_) | None) => false,
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let characters = "letters, digits, hyphens and underscores";
        let name = refusals::characters(config, "dashboard_name", 1..=NAME_LENGTH_MAX, is_allowed, characters);
        name.into_iter().chain(refusals::document(config, "dashboard_body")).collect()
    }
}

async fn put(aws: &Aws, want: &Dashboard) -> Result<(), ProviderError> {
    let call = aws.cloudwatch().put_dashboard().dashboard_name(&want.dashboard_name);
    call.dashboard_body(&want.dashboard_body).send().await.operation("cloudwatch:PutDashboard")?;
    Ok(())
}

async fn read_one(aws: &Aws, name: &str, written: &str) -> Result<Option<Dashboard>, ProviderError> {
    match aws.cloudwatch().get_dashboard().dashboard_name(name).send().await.operation("cloudwatch:GetDashboard") {
        Ok(live) => {
            let name = live.dashboard_name.unwrap_or_else(|| name.to_string());
            Ok(Some(Dashboard {
                dashboard_arn: live.dashboard_arn.unwrap_or_default(),
                dashboard_body: policy::json_as_written(written, live.dashboard_body.unwrap_or_default()),
                id: name.clone(),
                dashboard_name: name,
            }))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
