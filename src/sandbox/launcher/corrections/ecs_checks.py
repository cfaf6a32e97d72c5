"""ECS: what CreateService and UpdateService refuse."""

import sys

from corrections import Correction


def check_what_a_service_refers_to():
    from moto.ecs.exceptions import EcsClientException, InvalidParameterException
    from moto.ecs.responses import EC2ContainerServiceResponse as Responses

    create = Responses.create_service
    update = Responses.update_service

    def check(self, task_definition, load_balancers):
        if task_definition is None:
            return
        definition = self.ecs_backend.describe_task_definition(task_definition)
        if definition.status != "ACTIVE":
            raise EcsClientException("TaskDefinition is inactive")
        for load_balancer in load_balancers or []:
            check_target_group(self, load_balancer.get("targetGroupArn"))
            check_container(definition, load_balancer.get("containerName"), load_balancer.get("containerPort"))

    def check_target_group(self, arn):
        if arn is None:
            return
        # Where no request for load balancing has come yet, there is no target group.
        module = sys.modules.get("moto.elbv2.models")
        backend = module.elbv2_backends[self.current_account][self.region] if module else None
        if backend is None or arn not in backend.target_groups:
            raise InvalidParameterException(f"The target group with targetGroupArn {arn} does not exist.")
        if not backend._any_listener_using(arn):
            raise InvalidParameterException(
                f"The target group with targetGroupArn {arn} does not have an associated load balancer."
            )

    def check_container(definition, name, port):
        for container in definition.container_definitions:
            if container["name"] == name:
                ports = [mapping.get("containerPort") for mapping in container.get("portMappings") or []]
                if port not in ports:
                    raise InvalidParameterException(f"The container {name} did not have a container port {port} defined.")
                return
        raise InvalidParameterException(f"The container {name} does not exist in the task definition.")

    def create_service(self):
        check(self, self._get_param("taskDefinition"), self._get_param("loadBalancers"))
        return create(self)

    def update_service(self):
        name = self._get_param("service").split("/")[-1]
        known = self.ecs_backend._get_service(self._get_param("cluster", "default"), name)
        load_balancers = self._get_param("loadBalancers")
        if self._get_param("taskDefinition") or load_balancers is not None:
            wanted = known.load_balancers if load_balancers is None else load_balancers
            check(self, self._get_param("taskDefinition") or known.task_definition, wanted)
        return update(self)

    Responses.create_service = create_service
    Responses.update_service = update_service


CORRECTIONS = [
    Correction(
        "ecs-service-checks",
        "an ECS service needs an active task definition, its containers and ports, and target groups of a load balancer",
        ("ecs",),
        check_what_a_service_refers_to,
    ),
]
