//! `data.aws_ecs_cluster`: a cluster by its name.

use aws_sdk_ecs::types::ClusterField;
use model::path::Path;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ecs::tags;
use crate::failure::Operation;
use crate::tags::shown;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cluster {
    arn: String,
    cluster_name: String,
    id: String,
    pending_tasks_count: i32,
    registered_container_instances_count: i32,
    running_tasks_count: i32,
    service_connect_defaults: Vec<ServiceConnectDefaults>,
    setting: Vec<Setting>,
    status: String,
    tags: Tags,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct ServiceConnectDefaults {
    namespace: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Setting {
    name: String,
    value: String,
}

impl DataSource for Cluster {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecs_cluster";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let describe = aws.ecs().describe_clusters().clusters(&want.cluster_name);
        let describe = describe.include(ClusterField::Settings).include(ClusterField::Tags);
        let answer = describe.send().await.operation("ecs:DescribeClusters")?;
        let is_there = |live: &aws_sdk_ecs::types::Cluster| live.status.as_deref() != Some("INACTIVE");
        let Some(live) = answer.clusters.unwrap_or_default().into_iter().find(is_there) else {
            let message = format!("there is no cluster named `{}`", want.cluster_name);
            return Err(ProviderError::new(ErrorKind::NotFound, "ecs:DescribeClusters", message)
                .attribute(Path::attribute("cluster_name")));
        };
        let arn = live.cluster_arn.unwrap_or_default();
        let namespace = live.service_connect_defaults.and_then(|defaults| defaults.namespace);
        let settings = live.settings.unwrap_or_default().into_iter().map(|setting| Setting {
            name: setting.name.map(|name| name.as_str().to_string()).unwrap_or_default(),
            value: setting.value.unwrap_or_default(),
        });
        Ok(Cluster {
            id: arn.clone(),
            arn,
            cluster_name: live.cluster_name.unwrap_or_default(),
            pending_tasks_count: live.pending_tasks_count,
            registered_container_instances_count: live.registered_container_instances_count,
            running_tasks_count: live.running_tasks_count,
            service_connect_defaults: namespace
                .map(|namespace| ServiceConnectDefaults { namespace })
                .into_iter()
                .collect(),
            setting: settings.collect(),
            status: live.status.unwrap_or_default(),
            tags: shown(aws, tags::live(live.tags)),
        })
    }
}
