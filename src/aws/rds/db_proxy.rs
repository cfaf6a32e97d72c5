//! `aws_db_proxy`: keeps connections to databases open and shares them among clients.
//!
//! A proxy is renamed in place: its name is its identifier, and its ARN stays. The API tells when it was made.

use aws_sdk_rds::types::{
    AuthScheme, ClientPasswordAuthType, DbProxy as Live, EngineFamily, IamAuthMode, UserAuthConfig, UserAuthConfigInfo,
};
use futures::{StreamExt, TryStreamExt};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::rds::cluster::rules::{number, refusal, too_long};
use crate::rds::db_instance::rules::{identifier, refusals};
use crate::rds::{given, tags};
use crate::tags::TagChange;

const OPERATION: &str = "rds:DescribeDBProxies";

/// What the token's time and the service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

/// How many calls for tags are under way at a time.
const CALLS_MAX: usize = 8;

/// Seconds that a connection of a client may idle, zero for the default (Amazon RDS API Reference, `CreateDBProxy`).
const IDLE_S: std::ops::RangeInclusive<i64> = 0..=28_800;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DbProxy {
    arn: String,
    auth: Vec<Auth>,
    debug_logging: bool,
    endpoint: String,
    engine_family: String,
    id: String,
    idle_client_timeout: i32,
    name: String,
    require_tls: bool,
    role_arn: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc_security_group_ids: Vec<String>,
    vpc_subnet_ids: Vec<String>,
    #[serde(skip)]
    status: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Auth {
    auth_scheme: String,
    client_password_auth_type: String,
    description: String,
    iam_auth: String,
    secret_arn: String,
    username: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for DbProxy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_db_proxy";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(30, 30, 60);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let create = aws
            .rds()
            .create_db_proxy()
            .db_proxy_name(&want.name)
            .engine_family(EngineFamily::from(want.engine_family.as_str()))
            .role_arn(&want.role_arn)
            .debug_logging(want.debug_logging)
            .require_tls(want.require_tls)
            .set_auth(Some(want.auth.iter().map(Auth::request).collect()))
            .set_idle_client_timeout((want.idle_client_timeout > 0).then_some(want.idle_client_timeout))
            .set_tags(tags::request(&want.tags_all))
            .set_vpc_security_group_ids(some(&want.vpc_security_group_ids))
            .set_vpc_subnet_ids(Some(want.vpc_subnet_ids.clone()));
        let created = create.send().await.operation("rds:CreateDBProxy").map_err(advise_where_taken)?;
        let arn = created.db_proxy.and_then(|proxy| proxy.db_proxy_arn).unwrap_or_default();
        Ok(DbProxy { arn, id: want.name.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = match have {
            [one] => named(aws, one.known_name()).await?.into_iter().collect(),
            _ => {
                let pages = aws.rds().describe_db_proxies().into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION)?
            }
        };
        let find = |have: &Self| {
            let is_this = |live: &&Live| live.db_proxy_name.as_deref() == Some(have.known_name());
            live.iter().find(is_this).map(|live| have.with_live(live.clone()))
        };
        let found: Vec<Option<Self>> = have.iter().map(find).collect();
        with_tags(aws, found).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let is_same = have.auth == want.auth
            && have.debug_logging == want.debug_logging
            && have.idle_client_timeout == want.idle_client_timeout
            && have.name == want.name
            && have.require_tls == want.require_tls
            && have.role_arn == want.role_arn
            && have.vpc_security_group_ids == want.vpc_security_group_ids;
        if !is_same {
            let modify = aws
                .rds()
                .modify_db_proxy()
                .db_proxy_name(&have.id)
                .debug_logging(want.debug_logging)
                .require_tls(want.require_tls)
                .role_arn(&want.role_arn)
                .set_auth(Some(want.auth.iter().map(Auth::request).collect()))
                .set_idle_client_timeout((want.idle_client_timeout > 0).then_some(want.idle_client_timeout))
                .set_new_db_proxy_name((have.name != want.name).then(|| want.name.clone()))
                .set_security_groups(some(&want.vpc_security_group_ids));
            modify.send().await.operation("rds:ModifyDBProxy")?;
        }
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        aws.rds().delete_db_proxy().db_proxy_name(&have.id).send().await.operation("rds:DeleteDBProxy").map(drop)
    }

    /// Statuses are those of `DBProxy` in the Amazon RDS API Reference.
    fn readiness(&self, _want: &Self) -> Readiness {
        match self.status.as_str() {
            "available" => Readiness::Settled,
            "incompatible-network" | "insufficient-resource-limits" | "suspended" => {
                Readiness::Failed(format!("the proxy's status is {}", self.status))
            }
            status => Readiness::Pending(format!("status {status}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = named(aws, &want.name).await? else { return Ok(None) };
        let made_at = live.created_date.map(|time| time.secs());
        if made_at.is_some_and(|made_at| made_at < token.at.as_second() - CLOCK_SKEW_S) {
            let message = format!("a proxy named `{}` was there before this create", want.name);
            return Err(taken("rds:CreateDBProxy", message));
        }
        Ok(with_tags(aws, vec![Some(want.with_live(live))]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DbProxy { id: id.to_string(), ..DbProxy::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut found = refusals(config, "name", |name| identifier(name).or_else(|| too_long(name)));
        if let Some(role) = config.get("role_arn") {
            arn::check(Path::attribute("role_arn"), &role, &mut found);
        }
        if let Some(blocks) = config.get("auth") {
            blocks.each_child(|step, auth| {
                if let Some(secret) = auth.get("secret_arn") {
                    arn::check(Path::attribute("auth").child(step), &secret, &mut found);
                }
            });
        }
        if let Some(seconds) = number(config, "idle_client_timeout").filter(|seconds| !IDLE_S.contains(seconds)) {
            let detail = format!("It is {seconds} seconds, and goes from {} to {}.", IDLE_S.start(), IDLE_S.end());
            found.push(refusal(Path::attribute("idle_client_timeout"), detail));
        }
        found
    }
}

impl DbProxy {
    /// The name as it is known: one that is new already where the proxy was renamed.
    fn known_name(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    fn with_live(&self, live: Live) -> DbProxy {
        let name = live.db_proxy_name.unwrap_or_default();
        DbProxy {
            arn: live.db_proxy_arn.unwrap_or_default(),
            auth: live.auth.unwrap_or_default().into_iter().map(Auth::live).collect(),
            debug_logging: live.debug_logging.unwrap_or_default(),
            endpoint: live.endpoint.unwrap_or_default(),
            engine_family: live.engine_family.unwrap_or_default(),
            id: name.clone(),
            idle_client_timeout: live.idle_client_timeout.unwrap_or_default(),
            name,
            require_tls: live.require_tls.unwrap_or_default(),
            role_arn: live.role_arn.unwrap_or_default(),
            status: live.status.map(|status| status.as_str().to_string()).unwrap_or_default(),
            vpc_security_group_ids: live.vpc_security_group_ids.unwrap_or_default(),
            vpc_subnet_ids: live.vpc_subnet_ids.unwrap_or_default(),
            ..self.clone()
        }
    }
}

impl Auth {
    fn live(live: UserAuthConfigInfo) -> Auth {
        Auth {
            auth_scheme: live.auth_scheme.map(|scheme| scheme.as_str().to_string()).unwrap_or_default(),
            client_password_auth_type: live
                .client_password_auth_type
                .map(|kind| kind.as_str().to_string())
                .unwrap_or_default(),
            description: live.description.unwrap_or_default(),
            iam_auth: live.iam_auth.map(|mode| mode.as_str().to_string()).unwrap_or_default(),
            secret_arn: live.secret_arn.unwrap_or_default(),
            username: live.user_name.unwrap_or_default(),
        }
    }

    fn request(&self) -> UserAuthConfig {
        let kind = given(&self.client_password_auth_type);
        UserAuthConfig::builder()
            .set_auth_scheme(given(&self.auth_scheme).map(|scheme| AuthScheme::from(scheme.as_str())))
            .set_client_password_auth_type(kind.map(|kind| ClientPasswordAuthType::from(kind.as_str())))
            .set_description(given(&self.description))
            .set_iam_auth(given(&self.iam_auth).map(|mode| IamAuthMode::from(mode.as_str())))
            .set_secret_arn(given(&self.secret_arn))
            .set_user_name(given(&self.username))
            .build()
    }
}

async fn named(aws: &Aws, name: &str) -> Result<Option<Live>, ProviderError> {
    match aws.rds().describe_db_proxies().db_proxy_name(name).send().await.operation(OPERATION) {
        Ok(answer) => Ok(answer.db_proxies.unwrap_or_default().pop()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The proxies with their tags, without those that went away in between.
async fn with_tags(aws: &Aws, proxies: Vec<Option<DbProxy>>) -> Result<Vec<Option<DbProxy>>, ProviderError> {
    let proxies = futures::stream::iter(proxies).map(|proxy| async move {
        let Some(proxy) = proxy else { return Ok(None) };
        let tags = tags::list(aws, &proxy.arn).await?;
        Ok(tags.map(|tags_all| DbProxy { tags_all, ..proxy }))
    });
    proxies.buffered(CALLS_MAX).try_collect().await
}

fn some(list: &[String]) -> Option<Vec<String>> {
    (!list.is_empty()).then(|| list.to_vec())
}
