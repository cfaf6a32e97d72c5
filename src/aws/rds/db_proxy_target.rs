//! `aws_db_proxy_target`: the instance or cluster that a proxy connects to.

use aws_sdk_rds::types::DbProxyTarget as Live;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::rds::given;

/// The kinds of targets that somebody registers; the instances of a cluster are targets as well, by themselves.
const INSTANCE: &str = "RDS_INSTANCE";
const CLUSTER: &str = "TRACKED_CLUSTER";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProxyTarget {
    db_cluster_identifier: Option<String>,
    db_instance_identifier: Option<String>,
    db_proxy_name: String,
    endpoint: String,
    id: String,
    port: i32,
    rds_resource_id: String,
    target_arn: String,
    target_group_name: String,
    tracked_cluster_id: String,
    r#type: String,
}

impl Resource for ProxyTarget {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_db_proxy_target";

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let register = aws
            .rds()
            .register_db_proxy_targets()
            .db_proxy_name(&want.db_proxy_name)
            .target_group_name(&want.target_group_name)
            .set_db_cluster_identifiers(want.db_cluster_identifier.clone().map(|name| vec![name]))
            .set_db_instance_identifiers(want.db_instance_identifier.clone().map(|name| vec![name]));
        let answer = register.send().await.operation("rds:RegisterDBProxyTargets")?;
        let targets = answer.db_proxy_targets.unwrap_or_default();
        let live = targets.into_iter().find(|live| want.is(live)).ok_or_else(|| {
            let message = "the answer does not hold the target";
            ProviderError::new(ErrorKind::Other, "rds:RegisterDBProxyTargets", message)
        })?;
        Ok(want.with_live(live))
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let deregister = aws
            .rds()
            .deregister_db_proxy_targets()
            .db_proxy_name(&have.db_proxy_name)
            .target_group_name(&have.target_group_name)
            .set_db_cluster_identifiers(have.db_cluster_identifier.clone().map(|name| vec![name]))
            .set_db_instance_identifiers(have.db_instance_identifier.clone().map(|name| vec![name]));
        deregister.send().await.operation("rds:DeregisterDBProxyTargets").map(drop)
    }

    /// A target is no more than its names, so that one that is there already is the wanted one.
    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        read_one(aws, want).await
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let parts: Vec<&str> = id.splitn(4, '/').collect();
        let [proxy, group, kind @ (INSTANCE | CLUSTER), resource] = parts.as_slice() else {
            let message = format!(
                "`{id}` must have the form `PROXY/GROUP/KIND/RESOURCE`, where the kind is {INSTANCE} or {CLUSTER}"
            );
            return Err(ProviderError::invalid(format!("import {}", Self::TYPE), message));
        };
        let name = Some(resource.to_string());
        let (cluster, instance) = if *kind == CLUSTER { (name, None) } else { (None, name) };
        Ok(ProxyTarget {
            id: id.to_string(),
            db_proxy_name: proxy.to_string(),
            target_group_name: group.to_string(),
            r#type: kind.to_string(),
            rds_resource_id: resource.to_string(),
            db_cluster_identifier: cluster,
            db_instance_identifier: instance,
            ..ProxyTarget::default()
        })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_given = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
        let (cluster, instance) = (is_given("db_cluster_identifier"), is_given("db_instance_identifier"));
        let refusal = || Refusal {
            attribute: Path::attribute("db_instance_identifier"),
            summary: "a target is an instance or a cluster".into(),
            detail: "Give one of `db_instance_identifier` and `db_cluster_identifier`.".into(),
        };
        if cluster == instance { vec![refusal()] } else { Vec::new() }
    }
}

impl ProxyTarget {
    /// Whether the live target is this one.
    fn is(&self, live: &Live) -> bool {
        let kind = if self.db_cluster_identifier.as_deref().and_then(given).is_some() { CLUSTER } else { INSTANCE };
        let name = self.db_cluster_identifier.as_ref().or(self.db_instance_identifier.as_ref());
        live.r#type.as_ref().is_some_and(|live| live.as_str() == kind) && live.rds_resource_id.as_ref() == name
    }

    fn with_live(&self, live: Live) -> ProxyTarget {
        let kind = live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default();
        let resource = live.rds_resource_id.unwrap_or_default();
        let name = Some(resource.clone());
        let (cluster, instance) = if kind == CLUSTER { (name, None) } else { (None, name) };
        ProxyTarget {
            db_cluster_identifier: cluster,
            db_instance_identifier: instance,
            endpoint: live.endpoint.unwrap_or_default(),
            id: format!("{}/{}/{kind}/{resource}", self.db_proxy_name, self.target_group_name),
            port: live.port.unwrap_or_default(),
            rds_resource_id: resource,
            target_arn: live.target_arn.unwrap_or_default(),
            tracked_cluster_id: live.tracked_cluster_id.unwrap_or_default(),
            r#type: kind,
            ..self.clone()
        }
    }
}

async fn read_one(aws: &Aws, have: &ProxyTarget) -> Result<Option<ProxyTarget>, ProviderError> {
    let describe = aws.rds().describe_db_proxy_targets().db_proxy_name(&have.db_proxy_name);
    let pages = describe.target_group_name(&have.target_group_name).into_paginator().items().send();
    match pages.collect::<Result<Vec<_>, _>>().await.operation("rds:DescribeDBProxyTargets") {
        Ok(targets) => Ok(targets.into_iter().find(|live| have.is(live)).map(|live| have.with_live(live))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
