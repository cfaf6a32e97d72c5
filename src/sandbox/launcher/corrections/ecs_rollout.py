"""ECS: requests about services begin deployments, and show them as far as they have come."""

import copy

from corrections import Correction, ecs_deployment
from corrections.ecs_network import with_defaults
from corrections.ecs_service import LOCK

# Changing one of these replaces the tasks (API reference of UpdateService: "triggers a new service deployment").
REPLACING = [
    "taskDefinition",
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
]


def shown(service):
    """The service as it is at this moment: the answer is written after the lock is released."""
    picture = copy.copy(service)
    picture.deployments = [dict(deployment) for deployment in service.deployments]
    return picture


def is_rolling(service):
    return service.deployment_controller["type"] == "ECS"


def apply():
    from moto.core.responses import ActionResult
    from moto.ecs.exceptions import ECSException, ServiceNotFoundException
    from moto.ecs.models import EC2ContainerServiceBackend as Backend
    from moto.ecs.models import Service
    from moto.ecs.responses import EC2ContainerServiceResponse as Responses

    create = Responses.create_service
    describe = Responses.describe_services
    delete = Responses.delete_service
    update = Responses.update_service
    list_services = Backend.list_services
    list_tasks = Backend.list_tasks
    describe_clusters = Backend.describe_clusters
    delete_cluster = Backend.delete_cluster

    # Services that ECS does not roll (CODE_DEPLOY, EXTERNAL) keep this and stay as moto has them.
    Service._courses = {}

    def create_service(self):
        with LOCK:
            answer = create(self)
            service = answer.result["service"]
            if is_rolling(service) and not service._courses:
                made = service.deployments[0] if service.deployments else {}
                service._courses = {}
                service.events = []
                service.deployments = []
                ecs_deployment.begin(service, ecs_deployment.now())
                keep_extra_fields(made, service.deployments[0])
                ecs_deployment.bring_up_to_date(service)
            return ActionResult({"service": shown(service)})

    def describe_services(self):
        with LOCK:
            settle(self.ecs_backend)
            answer = describe(self)
            answer.result["services"] = [shown(service) for service in answer.result["services"]]
            return answer

    def update_service(self):
        with LOCK:
            backend = self.ecs_backend
            settle(backend)
            name = self._get_param("service").split("/")[-1]
            service = backend._get_service(self._get_param("cluster", "default"), name)
            if service.status != "ACTIVE":
                raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
            if not is_rolling(service):
                return update(self)
            if self._get_param("taskDefinition"):
                # A family alone means its newest revision.
                definition = backend.describe_task_definition(self._get_param("taskDefinition"))
                self.params["taskDefinition"] = definition.arn
            replaced = self._get_param("forceNewDeployment", False) or any(changes(self, service, field) for field in REPLACING)
            rescaled = self._get_param("desiredCount") not in (None, service.desired_count)
            before = [dict(deployment) for deployment in service.deployments]
            # moto's own idea of a forced deployment is to rename the one that is there.
            self.params.pop("forceNewDeployment", None)
            update(self)
            moment = ecs_deployment.now()
            made = service.deployments[0]
            service.deployments = before
            if replaced:
                ecs_deployment.begin(service, moment)
                keep_extra_fields(made, service.deployments[0])
            elif rescaled:
                rescale(service, moment)
            ecs_deployment.bring_up_to_date(service, moment)
            return ActionResult({"service": shown(service)})

    def changes(self, service, field):
        from botocore import xform_name

        wanted = self._get_param(field)
        if wanted is None:
            return False
        if field == "networkConfiguration":
            wanted = with_defaults(wanted)
        if field in service.deployments[0] and field != "platformVersion":
            return service.deployments[0][field] != wanted
        return getattr(service, xform_name(field), None) != wanted

    def rescale(service, moment):
        primary = service.deployments[0]
        course = service._courses[primary["id"]]
        course.running_before = primary["runningCount"]
        course.began = moment
        course.steady = False
        primary["desiredCount"] = service.desired_count
        primary["updatedAt"] = moment

    def delete_service(self):
        with LOCK:
            backend = self.ecs_backend
            settle(backend)
            name = self._get_param("service").split("/")[-1]
            service = backend._get_service(self._get_param("cluster", "default"), name)
            if service.status == "INACTIVE":
                raise ServiceNotFoundException
            already_draining = service.status == "DRAINING"
            running = service.running_count
            answer = delete(self)
            if not is_rolling(service) or already_draining:
                service.status = "DRAINING" if already_draining else service.status
                return answer
            moment = ecs_deployment.now()
            service.desired_count = 0
            service.status = "DRAINING" if running else "INACTIVE"
            for deployment in service.deployments:
                course = service._courses[deployment["id"]]
                course.running_before = deployment["runningCount"]
                course.began = moment
                deployment.update(desiredCount=0, pendingCount=0)
            ecs_deployment.count(service)
            picture = shown(service)
            if service.status == "INACTIVE":
                service.deployments = []
                service._courses = {}
            return ActionResult({"service": picture})

    def settle(backend):
        moment = ecs_deployment.now()
        for service in list(backend.services.values()):
            ecs_deployment.bring_up_to_date(service, moment)

    def active_services(self, *arguments, **named):
        with LOCK:
            settle(self)
            active = {service.arn for service in self.services.values() if service.status == "ACTIVE"}
            return [arn for arn in list_services(self, *arguments, **named) if arn in active]

    def tasks_of_service(
        self,
        cluster_str=None,
        container_instance=None,
        family=None,
        started_by=None,
        service_name=None,
        desiredStatus=None,
    ):
        with LOCK:
            settle(self)
            status = desiredStatus or "RUNNING"
            found = list_tasks(self, cluster_str, container_instance, family, started_by, None, status)
            if service_name:
                found = [task for task in found if task.group == f"service:{service_name.split('/')[-1]}"]
            return found

    def counted_clusters(self, cluster_names):
        with LOCK:
            settle(self)
            clusters, failures = describe_clusters(self, cluster_names)
            for cluster in clusters:
                services = [service for service in self.services.values() if service.cluster_name == cluster.name]
                tasks = self.tasks.get(cluster.name, {}).values()
                cluster.active_services_count = sum(service.status == "ACTIVE" for service in services)
                cluster.pending_tasks_count = sum(service.pending_count for service in services)
                cluster.running_tasks_count = sum(task.desired_status == "RUNNING" for task in tasks)
            return clusters, failures

    def delete_settled_cluster(self, cluster_str):
        with LOCK:
            settle(self)
            return delete_cluster(self, cluster_str)

    Responses.create_service = create_service
    Responses.describe_services = describe_services
    Responses.update_service = update_service
    Responses.delete_service = delete_service
    Backend.list_services = active_services
    Backend.list_tasks = tasks_of_service
    Backend.describe_clusters = counted_clusters
    Backend.delete_cluster = delete_settled_cluster


def keep_extra_fields(made, deployment):
    """What other corrections have put on the deployment that moto made."""
    for field, value in made.items():
        if deployment.get(field) is None:
            deployment[field] = value
    for field in ("platformFamily", "platformVersion"):
        if field in made:
            deployment[field] = made[field]


CORRECTIONS = [
    Correction(
        "ecs-rollout",
        "ECS deployments move from IN_PROGRESS to COMPLETED or FAILED, with tasks, counts and events that agree",
        ("ecs",),
        apply,
    ),
]
