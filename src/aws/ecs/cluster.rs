//! `aws_ecs_cluster`: a named group of ECS services and tasks.
//!
//! A deleted cluster stays visible as `INACTIVE` for some time, so `read` counts that status as gone. CreateCluster answers
//! with a cluster of the same name that is there already, so `create` looks first.

use aws_sdk_ecs::types::{
    self as ecs, ClusterField, ClusterServiceConnectDefaultsRequest, ClusterSetting, ClusterSettingName,
    ExecuteCommandLogging,
};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ecs::{names, tags};
use crate::failure::{Operation, taken};
use crate::tags::TagChange;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EcsCluster {
    arn: String,
    configuration: Vec<Configuration>,
    id: String,
    name: String,
    service_connect_defaults: Vec<ServiceConnectDefaults>,
    setting: Vec<Setting>,
    tags: Tags,
    tags_all: Tags,
    #[serde(skip)]
    status: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Configuration {
    execute_command_configuration: Vec<ExecuteCommandConfiguration>,
    managed_storage_configuration: Vec<ManagedStorageConfiguration>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct ExecuteCommandConfiguration {
    kms_key_id: Option<String>,
    log_configuration: Vec<LogConfiguration>,
    logging: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct LogConfiguration {
    cloud_watch_encryption_enabled: Option<bool>,
    cloud_watch_log_group_name: Option<String>,
    s3_bucket_encryption_enabled: Option<bool>,
    s3_bucket_name: Option<String>,
    s3_key_prefix: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct ManagedStorageConfiguration {
    fargate_ephemeral_storage_kms_key_id: Option<String>,
    kms_key_id: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct ServiceConnectDefaults {
    namespace: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Setting {
    name: String,
    value: String,
}

impl Resource for EcsCluster {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecs_cluster";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        if describe(aws, &[want.name.as_str()]).await?.iter().any(|cluster| cluster.status != "INACTIVE") {
            let message = format!("a cluster named `{}` exists already", want.name);
            return Err(taken("ecs:CreateCluster", message));
        }
        let created = aws
            .ecs()
            .create_cluster()
            .cluster_name(&want.name)
            .set_configuration(want.configuration())
            .set_service_connect_defaults(want.service_connect_defaults())
            .set_settings(Some(want.settings()).filter(|settings| !settings.is_empty()))
            .set_tags(tags::request(&want.tags_all))
            .send()
            .await
            .operation("ecs:CreateCluster")?;
        let arn = created.cluster.and_then(|cluster| cluster.cluster_arn).unwrap_or_default();
        Ok(EcsCluster { id: arn.clone(), arn, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids: Vec<&str> = have.iter().map(|cluster| cluster.id.as_str()).collect();
        let live = describe(aws, &ids).await?;
        let find = |have: &Self| {
            let found = live.iter().find(|cluster| cluster.arn == have.id || cluster.name == have.id)?;
            (found.status != "INACTIVE").then(|| found.clone())
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let is_same = have.configuration == want.configuration
            && have.service_connect_defaults == want.service_connect_defaults
            && have.setting == want.setting;
        if !is_same {
            aws.ecs()
                .update_cluster()
                .cluster(&have.id)
                .set_configuration(want.configuration())
                .set_service_connect_defaults(want.service_connect_defaults())
                .set_settings(Some(want.settings()).filter(|settings| !settings.is_empty()))
                .send()
                .await
                .operation("ecs:UpdateCluster")?;
        }
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        aws.ecs().delete_cluster().cluster(&have.id).send().await.operation("ecs:DeleteCluster")?;
        Ok(())
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.status.as_str() {
            "ACTIVE" => Readiness::Settled,
            "FAILED" => Readiness::Failed("the cluster's status is FAILED".into()),
            status => Readiness::Pending(format!("status {status}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // `create` refuses a name that is taken, so a cluster of this name can only be its own.
        let found = describe(aws, &[want.name.as_str()]).await?;
        Ok(found.into_iter().find(|cluster| cluster.status != "INACTIVE"))
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        names::check(config, "name").into_iter().collect()
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(EcsCluster { id: id.to_string(), ..EcsCluster::default() })
    }
}

/// Clusters by ARN or name, at most 100; those that are unknown are left out.
async fn describe(aws: &Aws, ids: &[&str]) -> Result<Vec<EcsCluster>, ProviderError> {
    let answer = aws
        .ecs()
        .describe_clusters()
        .set_clusters(Some(ids.iter().map(|id| (*id).to_string()).collect()))
        .include(ClusterField::Configurations)
        .include(ClusterField::Settings)
        .include(ClusterField::Tags)
        .send()
        .await
        .operation("ecs:DescribeClusters")?;
    Ok(answer.clusters.unwrap_or_default().into_iter().map(EcsCluster::from).collect())
}

impl EcsCluster {
    fn settings(&self) -> Vec<ClusterSetting> {
        self.setting
            .iter()
            .map(|setting| {
                let name = ClusterSettingName::from(setting.name.as_str());
                ClusterSetting::builder().name(name).value(&setting.value).build()
            })
            .collect()
    }

    fn service_connect_defaults(&self) -> Option<ClusterServiceConnectDefaultsRequest> {
        let defaults = self.service_connect_defaults.first()?;
        let request = ClusterServiceConnectDefaultsRequest::builder().namespace(&defaults.namespace).build();
        Some(request.expect("the namespace is given"))
    }

    fn configuration(&self) -> Option<ecs::ClusterConfiguration> {
        let configuration = self.configuration.first()?;
        let execute = configuration.execute_command_configuration.first().map(|execute| {
            let logs = execute.log_configuration.first().map(|logs| {
                ecs::ExecuteCommandLogConfiguration::builder()
                    .cloud_watch_encryption_enabled(logs.cloud_watch_encryption_enabled.unwrap_or(false))
                    .set_cloud_watch_log_group_name(logs.cloud_watch_log_group_name.clone())
                    .s3_encryption_enabled(logs.s3_bucket_encryption_enabled.unwrap_or(false))
                    .set_s3_bucket_name(logs.s3_bucket_name.clone())
                    .set_s3_key_prefix(logs.s3_key_prefix.clone())
                    .build()
            });
            ecs::ExecuteCommandConfiguration::builder()
                .set_kms_key_id(execute.kms_key_id.clone())
                .set_log_configuration(logs)
                .set_logging(execute.logging.as_deref().map(ExecuteCommandLogging::from))
                .build()
        });
        let storage = configuration.managed_storage_configuration.first().map(|storage| {
            ecs::ManagedStorageConfiguration::builder()
                .set_fargate_ephemeral_storage_kms_key_id(storage.fargate_ephemeral_storage_kms_key_id.clone())
                .set_kms_key_id(storage.kms_key_id.clone())
                .build()
        });
        Some(
            ecs::ClusterConfiguration::builder()
                .set_execute_command_configuration(execute)
                .set_managed_storage_configuration(storage)
                .build(),
        )
    }
}

impl From<ecs::Cluster> for EcsCluster {
    fn from(live: ecs::Cluster) -> EcsCluster {
        let arn = live.cluster_arn.unwrap_or_default();
        let settings = live.settings.unwrap_or_default().into_iter().map(|setting| Setting {
            name: setting.name.map(|name| name.as_str().to_string()).unwrap_or_default(),
            value: setting.value.unwrap_or_default(),
        });
        EcsCluster {
            id: arn.clone(),
            arn,
            configuration: live.configuration.into_iter().map(Configuration::from).collect(),
            name: live.cluster_name.unwrap_or_default(),
            service_connect_defaults: live
                .service_connect_defaults
                .and_then(|defaults| defaults.namespace)
                .map(|namespace| ServiceConnectDefaults { namespace })
                .into_iter()
                .collect(),
            setting: settings.collect(),
            tags: Tags::new(),
            tags_all: tags::live(live.tags),
            status: live.status.unwrap_or_default(),
        }
    }
}

impl From<ecs::ClusterConfiguration> for Configuration {
    fn from(live: ecs::ClusterConfiguration) -> Configuration {
        let execute = live.execute_command_configuration.map(|execute| ExecuteCommandConfiguration {
            kms_key_id: execute.kms_key_id,
            log_configuration: execute
                .log_configuration
                .map(|logs| LogConfiguration {
                    cloud_watch_encryption_enabled: Some(logs.cloud_watch_encryption_enabled),
                    cloud_watch_log_group_name: logs.cloud_watch_log_group_name,
                    s3_bucket_encryption_enabled: Some(logs.s3_encryption_enabled),
                    s3_bucket_name: logs.s3_bucket_name,
                    s3_key_prefix: logs.s3_key_prefix,
                })
                .into_iter()
                .collect(),
            logging: execute.logging.map(|logging| logging.as_str().to_string()),
        });
        let storage = live.managed_storage_configuration.map(|storage| ManagedStorageConfiguration {
            fargate_ephemeral_storage_kms_key_id: storage.fargate_ephemeral_storage_kms_key_id,
            kms_key_id: storage.kms_key_id,
        });
        Configuration {
            execute_command_configuration: execute.into_iter().collect(),
            managed_storage_configuration: storage.into_iter().collect(),
        }
    }
}
