//! `ecs_target`: the task that a target runs.

use aws_sdk_eventbridge::types::{
    self as api, AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, EcsParameters, LaunchType,
    PlacementConstraintType, PlacementStrategyType, PropagateTags,
};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::events::tags;
use crate::given;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EcsTarget {
    capacity_provider_strategy: Vec<Strategy>,
    enable_ecs_managed_tags: bool,
    enable_execute_command: bool,
    group: String,
    launch_type: String,
    network_configuration: Vec<Network>,
    ordered_placement_strategy: Vec<PlacementStrategy>,
    placement_constraint: Vec<PlacementConstraint>,
    platform_version: String,
    propagate_tags: String,
    tags: Tags,
    task_count: i32,
    task_definition_arn: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Strategy {
    base: i32,
    capacity_provider: String,
    weight: i32,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Network {
    assign_public_ip: bool,
    security_groups: Vec<String>,
    subnets: Vec<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct PlacementStrategy {
    field: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct PlacementConstraint {
    expression: String,
    #[serde(rename = "type")]
    kind: String,
}

impl EcsTarget {
    pub fn request(&self) -> EcsParameters {
        EcsParameters::builder()
            .set_capacity_provider_strategy(given::list(self.capacity_provider_strategy.iter().map(Strategy::request)))
            .enable_ecs_managed_tags(self.enable_ecs_managed_tags)
            .enable_execute_command(self.enable_execute_command)
            .set_group(given::text(&self.group))
            .set_launch_type(given::text(&self.launch_type).map(|kind| LaunchType::from(kind.as_str())))
            .set_network_configuration(self.network_configuration.first().map(Network::request))
            .set_placement_strategy(given::list(self.ordered_placement_strategy.iter().map(PlacementStrategy::request)))
            .set_placement_constraints(given::list(self.placement_constraint.iter().map(PlacementConstraint::request)))
            .set_platform_version(given::text(&self.platform_version))
            .set_propagate_tags(given::text(&self.propagate_tags).map(|from| PropagateTags::from(from.as_str())))
            .set_tags(tags::request(&self.tags))
            .set_task_count(given::number(self.task_count))
            .task_definition_arn(&self.task_definition_arn)
            .build()
            .expect("the task definition is given")
    }

    pub fn of(live: EcsParameters) -> EcsTarget {
        let network = live.network_configuration.and_then(|network| network.awsvpc_configuration);
        EcsTarget {
            capacity_provider_strategy: list(live.capacity_provider_strategy, Strategy::of),
            enable_ecs_managed_tags: live.enable_ecs_managed_tags,
            enable_execute_command: live.enable_execute_command,
            group: live.group.unwrap_or_default(),
            launch_type: live.launch_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            network_configuration: network.map(Network::of).into_iter().collect(),
            ordered_placement_strategy: list(live.placement_strategy, PlacementStrategy::of),
            placement_constraint: list(live.placement_constraints, PlacementConstraint::of),
            platform_version: live.platform_version.unwrap_or_default(),
            propagate_tags: live.propagate_tags.map(|from| from.as_str().to_string()).unwrap_or_default(),
            tags: tags::live(live.tags.unwrap_or_default()),
            task_count: live.task_count.unwrap_or(1),
            task_definition_arn: live.task_definition_arn,
        }
    }
}

fn list<L, T>(live: Option<Vec<L>>, of: impl Fn(L) -> T) -> Vec<T> {
    live.unwrap_or_default().into_iter().map(of).collect()
}

impl Strategy {
    fn request(&self) -> CapacityProviderStrategyItem {
        CapacityProviderStrategyItem::builder()
            .base(self.base)
            .capacity_provider(&self.capacity_provider)
            .weight(self.weight)
            .build()
            .expect("the provider is given")
    }

    fn of(live: CapacityProviderStrategyItem) -> Strategy {
        Strategy { base: live.base, capacity_provider: live.capacity_provider, weight: live.weight }
    }
}

impl Network {
    fn request(&self) -> api::NetworkConfiguration {
        let assign = if self.assign_public_ip { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
        let network = AwsVpcConfiguration::builder()
            .assign_public_ip(assign)
            .set_security_groups(given::list(self.security_groups.iter().cloned()))
            .set_subnets(Some(self.subnets.clone()))
            .build()
            .expect("the subnets are given");
        api::NetworkConfiguration::builder().awsvpc_configuration(network).build()
    }

    fn of(live: AwsVpcConfiguration) -> Network {
        Network {
            assign_public_ip: live.assign_public_ip == Some(AssignPublicIp::Enabled),
            security_groups: live.security_groups.unwrap_or_default(),
            subnets: live.subnets,
        }
    }
}

impl PlacementStrategy {
    fn request(&self) -> api::PlacementStrategy {
        api::PlacementStrategy::builder()
            .r#type(PlacementStrategyType::from(self.kind.as_str()))
            .set_field(given::text(&self.field))
            .build()
    }

    fn of(live: api::PlacementStrategy) -> PlacementStrategy {
        PlacementStrategy {
            field: live.field.unwrap_or_default(),
            kind: live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
        }
    }
}

impl PlacementConstraint {
    fn request(&self) -> api::PlacementConstraint {
        api::PlacementConstraint::builder()
            .r#type(PlacementConstraintType::from(self.kind.as_str()))
            .set_expression(given::text(&self.expression))
            .build()
    }

    fn of(live: api::PlacementConstraint) -> PlacementConstraint {
        PlacementConstraint {
            expression: live.expression.unwrap_or_default(),
            kind: live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
        }
    }
}
