"""ECS: services and tasks with and without a network configuration, and tasks whose containers set no memory."""

import copy

from corrections import Correction


def with_defaults(network_configuration):
    """The configuration as AWS repeats it: no security groups is an empty list, no choice of public addresses is `DISABLED`."""
    if not network_configuration:
        return network_configuration
    complete = copy.deepcopy(network_configuration)
    configuration = complete.get("awsvpcConfiguration")
    if configuration is not None:
        configuration.setdefault("securityGroups", [])
        configuration.setdefault("assignPublicIp", "DISABLED")
    return complete


def leave_out_what_is_not_configured():
    from moto.ecs.models import EC2ContainerServiceBackend, Service

    initialize = Service.__init__
    validate = Service._validate_network
    update = EC2ContainerServiceBackend.update_service

    def __init__(self, *arguments, **named):
        named["network_configuration"] = with_defaults(named.get("network_configuration"))
        initialize(self, *arguments, **named)
        if not self.network_configuration:
            self.network_configuration = None

    def _validate_network(self, configuration):
        return validate(self, with_defaults(configuration))

    def update_service(self, properties):
        if properties.get("network_configuration"):
            properties["network_configuration"] = with_defaults(properties["network_configuration"])
        return update(self, properties)

    Service.__init__ = __init__
    Service._validate_network = _validate_network
    EC2ContainerServiceBackend.update_service = update_service


def let_tasks_run():
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface
    from moto.ecs.models import EC2ContainerServiceBackend, Task

    calculate = EC2ContainerServiceBackend._calculate_task_resource_requirements
    initialize = Task.__init__

    def _calculate_task_resource_requirements(task_definition):
        memories = ("memory", "memoryReservation", "Memory", "MemoryReservation")
        complete = copy.copy(task_definition)
        # Where the task as a whole has the memory, a container need not reserve any.
        complete.container_definitions = [
            definition if any(definition.get(name) is not None for name in memories) else {**definition, "memory": 0}
            for definition in task_definition.container_definitions
        ]
        return calculate(complete)

    def __init__(self, *arguments, **named):
        named["networking_configuration"] = with_defaults(named.get("networking_configuration"))
        initialize(self, *arguments, **named)
        for attachment in self.attachments:
            attachment["details"] = [detail for detail in attachment["details"] if detail["value"] is not None]

    EC2ContainerServiceBackend._calculate_task_resource_requirements = staticmethod(_calculate_task_resource_requirements)
    Task.__init__ = __init__
    # moto sets it only where the VPC gives host names, and reads it everywhere.
    NetworkInterface.private_dns_name = None


CORRECTIONS = [
    Correction(
        "ecs-network-configuration",
        "an ECS service without networkConfiguration has none, and securityGroups may be left out of one",
        ("ecs",),
        leave_out_what_is_not_configured,
    ),
    Correction(
        "ecs-run-task",
        "RunTask works for containers without memory of their own and in awsvpc networks",
        ("ecs",),
        let_tasks_run,
    ),
]
