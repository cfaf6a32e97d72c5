//! `aws_db_proxy_default_target_group`: how a proxy shares its connections. Every proxy has this group; it is only set.

use std::time::Duration;

use aws_sdk_rds::types::{ConnectionPoolConfiguration, ConnectionPoolConfigurationInfo, DbProxyTargetGroup as Live};
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::rds::given;
use crate::rds::retry::retry;

/// The name that the group of every proxy has.
const DEFAULT: &str = "default";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultTargetGroup {
    arn: String,
    connection_pool_config: Vec<Pool>,
    db_proxy_name: String,
    id: String,
    name: String,
    timeouts: Option<WrittenTimeouts>,
    #[serde(skip)]
    status: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Pool {
    connection_borrow_timeout: i32,
    init_query: String,
    max_connections_percent: i32,
    max_idle_connections_percent: i32,
    session_pinning_filters: Vec<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    update: Option<String>,
}

impl Resource for DefaultTargetGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_db_proxy_default_target_group";
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(30, 30, 30);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        set(aws, want).await?;
        Ok(DefaultTargetGroup { id: want.db_proxy_name.clone(), name: DEFAULT.into(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.connection_pool_config == want.connection_pool_config { Ok(()) } else { set(aws, want).await }
    }

    /// The group goes with its proxy.
    async fn delete(_aws: &Aws, _have: &Self) -> Result<(), ProviderError> {
        Ok(())
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.status.as_str() {
            "available" | "" => Readiness::Settled,
            status => Readiness::Pending(format!("status {status}")),
        }
    }

    /// Setting the group once more changes nothing, so that an interrupted create may be repeated.
    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DefaultTargetGroup { id: id.to_string(), db_proxy_name: id.to_string(), ..DefaultTargetGroup::default() })
    }
}

impl DefaultTargetGroup {
    fn with_live(&self, live: Live) -> DefaultTargetGroup {
        let proxy = live.db_proxy_name.unwrap_or_default();
        DefaultTargetGroup {
            arn: live.target_group_arn.unwrap_or_default(),
            connection_pool_config: live.connection_pool_config.map(Pool::live).into_iter().collect(),
            id: proxy.clone(),
            db_proxy_name: proxy,
            name: live.target_group_name.unwrap_or_default(),
            status: live.status.unwrap_or_default(),
            ..self.clone()
        }
    }
}

impl Pool {
    fn live(live: ConnectionPoolConfigurationInfo) -> Pool {
        Pool {
            connection_borrow_timeout: live.connection_borrow_timeout.unwrap_or_default(),
            init_query: live.init_query.unwrap_or_default(),
            max_connections_percent: live.max_connections_percent.unwrap_or_default(),
            max_idle_connections_percent: live.max_idle_connections_percent.unwrap_or_default(),
            session_pinning_filters: live.session_pinning_filters.unwrap_or_default(),
        }
    }

    fn request(&self) -> ConnectionPoolConfiguration {
        ConnectionPoolConfiguration::builder()
            .connection_borrow_timeout(self.connection_borrow_timeout)
            .max_connections_percent(self.max_connections_percent)
            .max_idle_connections_percent(self.max_idle_connections_percent)
            .set_init_query(given(&self.init_query))
            .set_session_pinning_filters(Some(self.session_pinning_filters.clone()))
            .build()
    }
}

async fn read_one(aws: &Aws, have: &DefaultTargetGroup) -> Result<Option<DefaultTargetGroup>, ProviderError> {
    let describe = aws.rds().describe_db_proxy_target_groups().db_proxy_name(&have.id);
    match describe.send().await.operation("rds:DescribeDBProxyTargetGroups") {
        Ok(answer) => {
            let groups = answer.target_groups.unwrap_or_default();
            let group = groups.into_iter().find(|group| group.target_group_name.as_deref() == Some(DEFAULT));
            Ok(group.map(|live| have.with_live(live)))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn set(aws: &Aws, want: &DefaultTargetGroup) -> Result<(), ProviderError> {
    let Some(pool) = want.connection_pool_config.first() else { return Ok(()) };
    let timeouts = want.timeouts.as_ref();
    let written = timeouts.and_then(|written| written.update.as_deref().or(written.create.as_deref()));
    let patience: Duration =
        written.and_then(provider::adapter::parse_duration).unwrap_or(DefaultTargetGroup::TIMEOUTS.update);
    retry(patience, || async {
        let modify = aws.rds().modify_db_proxy_target_group().db_proxy_name(&want.db_proxy_name);
        let modify = modify.target_group_name(DEFAULT).connection_pool_config(pool.request());
        modify.send().await.operation("rds:ModifyDBProxyTargetGroup").map(drop)
    })
    .await
}
