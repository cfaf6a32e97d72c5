"""ECS: what a service keeps of its configuration, and how services and clusters that exist are treated."""

import copy
import threading

from corrections import Correction

# Requests run in threads of their own; everything that reads and then writes ECS objects holds this.
LOCK = threading.RLock()

CREATED_WITH = [
    "deploymentConfiguration",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "healthCheckGracePeriodSeconds",
    "capacityProviderStrategy",
    "placementConstraints",
    "placementStrategy",
    "availabilityZoneRebalancing",
]

# AWS shows these on the deployments, not on the service.
OF_DEPLOYMENTS = ["serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"]

# Of services whose tasks ECS itself replaces.
ROLLING = {
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}


def strategy_with_defaults(strategy):
    return [{"weight": 0, "base": 0, **item} for item in strategy]


def is_fargate(service):
    strategy = getattr(service, "capacity_provider_strategy", None) or []
    if strategy:
        return any(item["capacityProvider"].startswith("FARGATE") for item in strategy)
    return service.launch_type == "FARGATE"


def complete_service(service):
    """Fills in what AWS decides where the request does not say, and repeats it on the newest deployment."""
    if service.capacity_provider_strategy:
        service.capacity_provider_strategy = strategy_with_defaults(service.capacity_provider_strategy)
        service.launch_type = None
    if is_fargate(service):
        service.platform_version = service.platform_version or "LATEST"
        service.platform_family = "Linux"
    if service.load_balancers and service.health_check_grace_period_seconds is None:
        service.health_check_grace_period_seconds = 0
    for deployment in service.deployments[:1]:
        deployment["launchType"] = service.launch_type
        deployment["capacityProviderStrategy"] = service.capacity_provider_strategy or None
        deployment["platformFamily"] = "Linux" if is_fargate(service) else None
        deployment["platformVersion"] = "1.4.0" if service.platform_version == "LATEST" else service.platform_version
        for field in OF_DEPLOYMENTS:
            if field in service.of_deployments:
                deployment[field] = service.of_deployments[field]


def keep_configuration():
    from botocore import xform_name
    from moto.core.utils import utcnow
    from moto.ecs.responses import EC2ContainerServiceResponse as Responses

    create = Responses.create_service
    update = Responses.update_service

    def create_service(self):
        with LOCK:
            answer = create(self)
            service = answer.result["service"]
            defaults = {
                "enableExecuteCommand": False,
                "enableECSManagedTags": False,
                "placementConstraints": [],
                "placementStrategy": [],
                "availabilityZoneRebalancing": "DISABLED" if service.scheduling_strategy == "DAEMON" else "ENABLED",
            }
            for field in CREATED_WITH:
                value = self._get_param(field)
                setattr(service, xform_name(field), defaults.get(field) if value is None else value)
            if not service.capacity_provider_strategy and self._get_param("launchType") is None:
                cluster = self.ecs_backend._get_cluster(self._get_param("cluster", "default"))
                service.capacity_provider_strategy = cluster.default_capacity_provider_strategy
            service.deployment_configuration = complete_deployment_configuration(
                service, {}, self._get_param("deploymentConfiguration")
            )
            service.created_at = utcnow()
            service.created_by = f"arn:{self.partition}:iam::{self.current_account}:root"
            if not service.role_arn:
                service.role_arn = (
                    f"arn:{self.partition}:iam::{self.current_account}"
                    ":role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
                )
            service.of_deployments = {
                field: self._get_param(field) for field in OF_DEPLOYMENTS if self._get_param(field) is not None
            }
            complete_service(service)
            return answer

    def update_service(self):
        with LOCK:
            name = self._get_param("service").split("/")[-1]
            known = self.ecs_backend._get_service(self._get_param("cluster", "default"), name)
            before = getattr(known, "deployment_configuration", None) or {}
            answer = update(self)
            service = answer.result["service"]
            service.deployment_configuration = complete_deployment_configuration(
                service, before, self._get_param("deploymentConfiguration")
            )
            for field in OF_DEPLOYMENTS:
                if self._get_param(field) is not None:
                    service.of_deployments[field] = self._get_param(field)
            complete_service(service)
            return answer

    Responses.create_service = create_service
    Responses.update_service = update_service


def complete_deployment_configuration(service, before, given):
    """What was given over what was there over the defaults."""
    controller = service.deployment_controller["type"]
    defaults = ROLLING if controller == "ECS" else {"maximumPercent": 200, "minimumHealthyPercent": 100}
    if service.scheduling_strategy == "DAEMON":
        defaults = {**defaults, "maximumPercent": 100, "minimumHealthyPercent": 0}
    return {**copy.deepcopy(defaults), **before, **(given or {})}


def refuse_to_create_again():
    """A name is taken as long as its service is not inactive; the same client token means the same request."""
    from moto.ecs.exceptions import InvalidParameterException
    from moto.core.responses import ActionResult
    from moto.ecs.models import Service
    from moto.ecs.responses import EC2ContainerServiceResponse as Responses

    create = Responses.create_service
    Service._client_token = None

    def create_service(self):
        with LOCK:
            backend = self.ecs_backend
            cluster = backend._get_cluster(self._get_param("cluster", "default"))
            name = self._get_param("serviceName")
            token = self._get_param("clientToken")
            known = backend.services.get(f"{cluster.name}:{name}")
            if known and known.status == "ACTIVE":
                if token and known._client_token == token:
                    return ActionResult({"service": known})
                raise InvalidParameterException("Creation of service was not idempotent.")
            if known and known.status == "DRAINING":
                raise InvalidParameterException("Unable to Start a service that is still Draining.")
            answer = create(self)
            answer.result["service"]._client_token = token
            return answer

    Responses.create_service = create_service


def let_clusters_live_and_end():
    from moto.ecs.exceptions import ClusterNotFoundException, ECSException, InvalidParameterException
    from moto.ecs.models import Cluster
    from moto.ecs.models import EC2ContainerServiceBackend as Backend

    get_cluster = Backend._get_cluster
    create = Backend.create_cluster
    delete = Backend.delete_cluster
    Cluster._created_with = None

    def _get_cluster(self, name):
        cluster = get_cluster(self, name)
        if cluster.status == "INACTIVE":
            raise ClusterNotFoundException
        return cluster

    def create_cluster(self, cluster_name, *arguments, **named):
        with LOCK:
            known = self.clusters.get(cluster_name)
            if known and known.status == "ACTIVE":
                if known._created_with == (arguments, named):
                    return known
                raise InvalidParameterException(
                    "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
                )
            cluster = create(self, cluster_name, *arguments, **named)
            cluster._created_with = copy.deepcopy((arguments, named))
            return cluster

    def delete_cluster(self, cluster_str):
        with LOCK:
            cluster = _get_cluster(self, cluster_str)
            if any(service.cluster_name == cluster.name and service.status == "ACTIVE" for service in self.services.values()):
                raise ECSException(
                    "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."
                )
            if any(task.desired_status == "RUNNING" for task in self.tasks.get(cluster.name, {}).values()):
                raise ECSException("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
            return delete(self, cluster_str)

    def list_clusters(self):
        return [cluster.arn for cluster in self.clusters.values() if cluster.status != "INACTIVE"]

    Backend._get_cluster = _get_cluster
    Backend.create_cluster = create_cluster
    Backend.delete_cluster = delete_cluster
    Backend.list_clusters = list_clusters


CORRECTIONS = [
    Correction(
        "ecs-service-fields",
        "an ECS service keeps deployment configuration, strategies, placement and flags from its creation on",
        ("ecs",),
        keep_configuration,
    ),
    Correction(
        "ecs-service-exists",
        "creating an ECS service whose name is taken is refused, unless the client token is the same",
        ("ecs",),
        refuse_to_create_again,
    ),
    Correction(
        "ecs-cluster-life",
        "creating an ECS cluster again returns it, one with services is not deleted, a deleted one is not found",
        ("ecs",),
        let_clusters_live_and_end,
    ),
]
