"""ECS: the tasks of a service, which moto's services don't have."""

from functools import cache


def start_task(service, deployment, moment):
    """A task of the service, as ListTasks and DescribeTasks show it, but without a network interface."""
    backend = service._backend
    task = service_task_class()(service, deployment, backend, moment)
    backend.tasks.setdefault(service.cluster_name, {})[task.task_arn] = task
    return task


def stop_task(task, code, reason, moment):
    task.desired_status = task.last_status = "STOPPED"
    task.stop_code = code
    task.stopped_reason = reason
    task.stopping_at = task.stopped_at = moment
    for container in task.containers:
        container.last_status = "STOPPED"


@cache
def service_task_class():
    """Defined on first use, as moto's classes are only imported when a request for ECS arrives."""
    from moto.ecs.models import Container, Task
    from moto.moto_api._internal import mock_random

    class ServiceTask(Task):
        # Unlike moto's own tasks it does not move on when it is looked at.
        status = None

        def __init__(self, service, deployment, backend, moment):
            task_definition = backend.describe_task_definition(deployment["taskDefinition"])
            self.id = mock_random.uuid4().hex
            self.cluster_name = service.cluster_name
            self.cluster_arn = service.cluster_arn
            self.container_instance_arn = None
            self.region_name = service.region_name
            self._account_id = backend.account_id
            self._backend = backend
            self.status = self.desired_status = "RUNNING"
            self.task_definition_arn = task_definition.arn
            self.cpu = task_definition.cpu
            self.memory = task_definition.memory
            self.overrides = {"containerOverrides": []}
            self.group = f"service:{service.name}"
            self.started_by = deployment["id"]
            self.launch_type = service.launch_type or ""
            strategy = getattr(service, "capacity_provider_strategy", None)
            self.capacity_provider_name = strategy[0]["capacityProvider"] if strategy else None
            self.platform_version = deployment.get("platformVersion")
            self.tags = self.propagated_tags(service, task_definition)
            self.attachments = []
            self.resource_requirements = None
            self.stopped_reason = ""
            self.created_at = self.started_at = moment
            self.health_status = "UNKNOWN"
            self.connectivity = "CONNECTED"
            self.containers = [Container(task_definition)]
            for container in self.containers:
                container.last_status = "RUNNING"
                container.task_arn = self.task_arn
                container.exitCode = None
                container.health_status = "UNKNOWN"

        @staticmethod
        def propagated_tags(service, task_definition):
            sources = {"SERVICE": service.tags, "TASK_DEFINITION": task_definition.tags}
            return list(sources.get(service.propagate_tags) or [])

        def advance(self):
            pass

    return ServiceTask
