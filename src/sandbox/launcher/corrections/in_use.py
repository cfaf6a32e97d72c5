"""What is in use is not deleted: the refusals by which AWS tells a wrong order of deletions."""

import sys

from corrections import Correction


def backend_of(service, ec2_backend):
    """The same account's and region's objects of another service; None if nobody has asked for that service yet."""
    module = sys.modules.get(f"moto.{service}.models")
    if module is None:
        return None
    return getattr(module, f"{service}_backends")[ec2_backend.account_id][ec2_backend.region_name]


def ecs_networks(ec2_backend):
    """The network configurations of services that may have tasks."""
    ecs = backend_of("ecs", ec2_backend)
    for service in list(ecs.services.values()) if ecs else []:
        if getattr(service, "_courses", None):
            from corrections.ecs_deployment import bring_up_to_date
            from corrections.ecs_service import LOCK

            with LOCK:
                bring_up_to_date(service)
        if service.status != "INACTIVE":
            yield (service.network_configuration or {}).get("awsvpcConfiguration", {})


def interfaces(ec2_backend):
    """Network interfaces apart from those that moto keeps after the end of what they belong to: gateway, task, instance."""
    of_gateways = {gateway._eni.id for gateway in ec2_backend.nat_gateways.values()}
    for interface in ec2_backend.enis.values():
        terminated = interface.instance is not None and interface.instance.state == "terminated"
        if interface.id not in of_gateways and interface.description != "moto ECS" and not terminated:
            yield interface


def endpoints(ec2_backend):
    return [endpoint for endpoint in ec2_backend.vpc_end_points.values() if endpoint.state != "deleted"]


def users_of_group(ec2_backend, identity):
    for groups in ec2_backend.groups.values():
        for group in groups.values():
            for rule in (*group.ingress_rules, *group.egress_rules):
                if group.id != identity and rule.source_group.get("GroupId") == identity:
                    yield group.id
    for interface in interfaces(ec2_backend):
        if identity in [group.id for group in interface.group_set]:
            yield interface.id
    for endpoint in endpoints(ec2_backend):
        if identity in endpoint.security_group_ids:
            yield endpoint.id
    balancing = backend_of("elbv2", ec2_backend)
    for balancer in balancing.load_balancers.values() if balancing else []:
        if identity in (balancer.security_groups or []):
            yield balancer.arn
    databases = backend_of("rds", ec2_backend)
    for database in databases.databases.values() if databases else []:
        if identity in database.vpc_security_group_ids:
            yield database.arn
    for network in ecs_networks(ec2_backend):
        if identity in network.get("securityGroups", []):
            yield "a service of ECS"


def users_of_subnet(ec2_backend, identity):
    for interface in interfaces(ec2_backend):
        if interface.subnet.id == identity:
            yield interface.id
    for gateway in ec2_backend.nat_gateways.values():
        if gateway.subnet_id == identity and gateway.state != "deleted":
            yield gateway.id
    for endpoint in endpoints(ec2_backend):
        if identity in (endpoint.subnet_ids or []):
            yield endpoint.id
    balancing = backend_of("elbv2", ec2_backend)
    for balancer in balancing.load_balancers.values() if balancing else []:
        if identity in [subnet if isinstance(subnet, str) else subnet.id for subnet in balancer.subnets]:
            yield balancer.arn
    databases = backend_of("rds", ec2_backend)
    for database in databases.databases.values() if databases else []:
        group = getattr(database, "db_subnet_group", None)
        if group and identity in [subnet.id for subnet in group._subnets]:
            yield database.arn
    for network in ecs_networks(ec2_backend):
        if identity in network.get("subnets", []):
            yield "a service of ECS"


def keep_network_in_use():
    from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
    from moto.ec2.models import EC2Backend

    delete_group = EC2Backend.delete_security_group
    delete_subnet = EC2Backend.delete_subnet
    delete_vpc = EC2Backend.delete_vpc
    detach = EC2Backend.detach_internet_gateway
    delete_gateway = EC2Backend.delete_nat_gateway
    release = EC2Backend.release_address

    def refuse_if_used(users, message):
        if next(iter(users), None) is not None:
            raise DependencyViolationError(message)

    def delete_security_group(self, name=None, group_id=None):
        if group_id:
            refuse_if_used(users_of_group(self, group_id), f"resource {group_id} has a dependent object")
        return delete_group(self, name, group_id)

    def delete_unused_subnet(self, subnet_id):
        message = f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
        refuse_if_used(users_of_subnet(self, subnet_id), message)
        return delete_subnet(self, subnet_id)

    def delete_empty_vpc(self, vpc_id):
        message = f"The vpc '{vpc_id}' has dependencies and cannot be deleted."
        attached = [gateway.id for gateway in self.internet_gateways.values() if gateway.vpc and gateway.vpc.id == vpc_id]
        groups = [group.id for group in self.groups.get(vpc_id, {}).values() if group.name != "default"]
        refuse_if_used([*attached, *groups], message)
        return delete_vpc(self, vpc_id)

    def detach_internet_gateway(self, internet_gateway_id, vpc_id):
        public = [
            gateway.id
            for gateway in self.nat_gateways.values()
            if gateway.vpc_id == vpc_id and gateway.state != "deleted" and gateway.connectivity_type != "private"
        ]
        balancing = backend_of("elbv2", self)
        public += [
            balancer.arn
            for balancer in (balancing.load_balancers.values() if balancing else [])
            if balancer.vpc_id == vpc_id and balancer.scheme == "internet-facing"
        ]
        message = (
            f"Network {vpc_id} has some mapped public address(es)."
            " Please unmap those public address(es) before detaching the gateway."
        )
        refuse_if_used(public, message)
        return detach(self, internet_gateway_id, vpc_id)

    def delete_nat_gateway(self, nat_gateway_id):
        gateway = delete_gateway(self, nat_gateway_id)
        for address in self.addresses:
            if address.eni is gateway._eni:
                self.disassociate_address(association_id=address.association_id)
        return gateway

    def release_address(self, address=None, allocation_id=None):
        for known in self.addresses:
            if allocation_id and known.allocation_id == allocation_id and known.association_id:
                # The code that says this is not about a client's own address only.
                raise EC2ClientError(
                    "InvalidIPAddress.InUse", f"The address {known.public_ip} with allocation id {allocation_id} is in use."
                )
        return release(self, address, allocation_id)

    EC2Backend.delete_security_group = delete_security_group
    EC2Backend.delete_subnet = delete_unused_subnet
    EC2Backend.delete_vpc = delete_empty_vpc
    EC2Backend.detach_internet_gateway = detach_internet_gateway
    EC2Backend.delete_nat_gateway = delete_nat_gateway
    EC2Backend.release_address = release_address


def keep_subnet_groups_of_databases():
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import RDSBackend

    delete = RDSBackend.delete_subnet_group

    def delete_subnet_group(self, subnet_name):
        names = [database._db_subnet_group_name for database in self.databases.values()]
        names += [cluster.db_subnet_group_name for cluster in self.clusters.values()]
        if subnet_name in names:
            raise RDSClientError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{subnet_name}' because at least one database instance is still using it.",
            )
        return delete(self, subnet_name)

    RDSBackend.delete_subnet_group = delete_subnet_group


CORRECTIONS = [
    Correction(
        "ec2-in-use",
        "groups, subnets, gateways, addresses and VPCs in use are not deleted, and a deleted NAT gateway frees its address",
        ("ec2",),
        keep_network_in_use,
    ),
    Correction(
        "rds-subnet-group-in-use",
        "the subnet group of an RDS instance is not deleted",
        ("rds",),
        keep_subnet_groups_of_databases,
    ),
]
