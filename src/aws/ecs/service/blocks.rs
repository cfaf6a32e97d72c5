//! The smaller blocks of a service, and what the SDK has of them.

use aws_sdk_ecs::types as ecs;
use serde::{Deserialize, Serialize};

use crate::ecs::given;
use crate::ecs::service::name_of;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alarms {
    alarm_names: Vec<String>,
    enable: bool,
    rollback: bool,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CapacityProvider {
    base: i32,
    capacity_provider: String,
    weight: i32,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CircuitBreaker {
    enable: bool,
    rollback: bool,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Controller {
    pub r#type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadBalancer {
    container_name: String,
    container_port: i32,
    elb_name: String,
    pub target_group_arn: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    assign_public_ip: bool,
    security_groups: Vec<String>,
    subnets: Vec<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlacementStrategy {
    field: String,
    r#type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlacementConstraint {
    expression: String,
    r#type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registry {
    container_name: String,
    container_port: i32,
    port: i32,
    registry_arn: String,
}

/// A number, unless it is 0.
fn counting(number: i32) -> Option<i32> {
    (number != 0).then_some(number)
}

impl Alarms {
    pub fn request(&self) -> ecs::DeploymentAlarms {
        ecs::DeploymentAlarms::builder()
            .set_alarm_names(Some(self.alarm_names.clone()))
            .enable(self.enable)
            .rollback(self.rollback)
            .build()
            .expect("the names are given, if only as an empty list")
    }
}

impl From<&ecs::DeploymentAlarms> for Alarms {
    fn from(live: &ecs::DeploymentAlarms) -> Alarms {
        Alarms { alarm_names: live.alarm_names.clone(), enable: live.enable, rollback: live.rollback }
    }
}

impl CapacityProvider {
    pub fn request(&self) -> ecs::CapacityProviderStrategyItem {
        ecs::CapacityProviderStrategyItem::builder()
            .capacity_provider(&self.capacity_provider)
            .base(self.base)
            .weight(self.weight)
            .build()
            .expect("the capacity provider is given")
    }
}

impl From<&ecs::CapacityProviderStrategyItem> for CapacityProvider {
    fn from(live: &ecs::CapacityProviderStrategyItem) -> CapacityProvider {
        CapacityProvider { base: live.base, capacity_provider: live.capacity_provider.clone(), weight: live.weight }
    }
}

impl CircuitBreaker {
    pub fn request(&self) -> ecs::DeploymentCircuitBreaker {
        ecs::DeploymentCircuitBreaker::builder().enable(self.enable).rollback(self.rollback).build()
    }
}

impl From<&ecs::DeploymentCircuitBreaker> for CircuitBreaker {
    fn from(live: &ecs::DeploymentCircuitBreaker) -> CircuitBreaker {
        CircuitBreaker { enable: live.enable, rollback: live.rollback }
    }
}

impl Controller {
    /// ECS itself, where the service names none.
    pub fn of(live: Option<&ecs::DeploymentController>) -> Controller {
        Controller { r#type: live.map_or("ECS", |controller| controller.r#type.as_str()).to_string() }
    }

    pub fn request(&self) -> ecs::DeploymentController {
        let controller = ecs::DeploymentController::builder().r#type(self.r#type.as_str().into()).build();
        controller.expect("the type is given")
    }
}

impl LoadBalancer {
    pub fn request(&self) -> ecs::LoadBalancer {
        ecs::LoadBalancer::builder()
            .container_name(&self.container_name)
            .container_port(self.container_port)
            .set_load_balancer_name(given(&self.elb_name))
            .set_target_group_arn(given(&self.target_group_arn))
            .build()
    }
}

impl From<&ecs::LoadBalancer> for LoadBalancer {
    fn from(live: &ecs::LoadBalancer) -> LoadBalancer {
        LoadBalancer {
            container_name: live.container_name.clone().unwrap_or_default(),
            container_port: live.container_port.unwrap_or(0),
            elb_name: live.load_balancer_name.clone().unwrap_or_default(),
            target_group_arn: live.target_group_arn.clone().unwrap_or_default(),
        }
    }
}

impl Network {
    pub fn request(&self) -> ecs::NetworkConfiguration {
        let public = if self.assign_public_ip { ecs::AssignPublicIp::Enabled } else { ecs::AssignPublicIp::Disabled };
        let network = ecs::AwsVpcConfiguration::builder()
            .assign_public_ip(public)
            .set_security_groups((!self.security_groups.is_empty()).then(|| self.security_groups.clone()))
            .set_subnets(Some(self.subnets.clone()))
            .build()
            .expect("the subnets are given");
        ecs::NetworkConfiguration::builder().awsvpc_configuration(network).build()
    }
}

impl From<&ecs::AwsVpcConfiguration> for Network {
    fn from(live: &ecs::AwsVpcConfiguration) -> Network {
        Network {
            assign_public_ip: live.assign_public_ip == Some(ecs::AssignPublicIp::Enabled),
            security_groups: live.security_groups().to_vec(),
            subnets: live.subnets.clone(),
        }
    }
}

impl PlacementStrategy {
    pub fn request(&self) -> ecs::PlacementStrategy {
        // Tasks are placed at random by nothing; a field is refused there.
        let field = given(&self.field).filter(|_| self.r#type != "random");
        ecs::PlacementStrategy::builder().set_field(field).r#type(self.r#type.as_str().into()).build()
    }
}

impl From<&ecs::PlacementStrategy> for PlacementStrategy {
    fn from(live: &ecs::PlacementStrategy) -> PlacementStrategy {
        PlacementStrategy { field: live.field.clone().unwrap_or_default(), r#type: name_of(live.r#type.as_ref()) }
    }
}

impl PlacementConstraint {
    pub fn request(&self) -> ecs::PlacementConstraint {
        ecs::PlacementConstraint::builder()
            .set_expression(given(&self.expression))
            .r#type(self.r#type.as_str().into())
            .build()
    }
}

impl From<&ecs::PlacementConstraint> for PlacementConstraint {
    fn from(live: &ecs::PlacementConstraint) -> PlacementConstraint {
        PlacementConstraint {
            expression: live.expression.clone().unwrap_or_default(),
            r#type: name_of(live.r#type.as_ref()),
        }
    }
}

impl Registry {
    pub fn request(&self) -> ecs::ServiceRegistry {
        ecs::ServiceRegistry::builder()
            .set_container_name(given(&self.container_name))
            .set_container_port(counting(self.container_port))
            .set_port(counting(self.port))
            .registry_arn(&self.registry_arn)
            .build()
    }
}

impl From<&ecs::ServiceRegistry> for Registry {
    fn from(live: &ecs::ServiceRegistry) -> Registry {
        Registry {
            container_name: live.container_name.clone().unwrap_or_default(),
            container_port: live.container_port.unwrap_or(0),
            port: live.port.unwrap_or(0),
            registry_arn: live.registry_arn.clone().unwrap_or_default(),
        }
    }
}
