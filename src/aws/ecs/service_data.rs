//! `data.aws_ecs_service`: a service by its cluster and its name.

use aws_sdk_ecs::types::ServiceField;
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
pub struct Service {
    arn: String,
    availability_zone_rebalancing: String,
    cluster_arn: String,
    desired_count: i32,
    id: String,
    launch_type: String,
    scheduling_strategy: String,
    service_name: String,
    tags: Tags,
    task_definition: String,
}

impl DataSource for Service {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecs_service";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let describe = aws.ecs().describe_services().cluster(&want.cluster_arn).services(&want.service_name);
        let answer = describe.include(ServiceField::Tags).send().await.operation("ecs:DescribeServices")?;
        let is_there = |live: &aws_sdk_ecs::types::Service| live.status.as_deref() != Some("INACTIVE");
        let Some(live) = answer.services.unwrap_or_default().into_iter().find(is_there) else {
            let message = format!("the cluster `{}` has no service named `{}`", want.cluster_arn, want.service_name);
            return Err(ProviderError::new(ErrorKind::NotFound, "ecs:DescribeServices", message)
                .attribute(Path::attribute("service_name")));
        };
        let arn = live.service_arn.unwrap_or_default();
        Ok(Service {
            id: arn.clone(),
            arn,
            availability_zone_rebalancing: live
                .availability_zone_rebalancing
                .map(|rebalancing| rebalancing.as_str().to_string())
                .unwrap_or_default(),
            cluster_arn: live.cluster_arn.unwrap_or_default(),
            desired_count: live.desired_count,
            launch_type: live.launch_type.map(|launch_type| launch_type.as_str().to_string()).unwrap_or_default(),
            scheduling_strategy: live
                .scheduling_strategy
                .map(|strategy| strategy.as_str().to_string())
                .unwrap_or_default(),
            service_name: live.service_name.unwrap_or_default(),
            tags: shown(aws, tags::live(live.tags)),
            task_definition: live.task_definition.unwrap_or_default(),
        })
    }
}
