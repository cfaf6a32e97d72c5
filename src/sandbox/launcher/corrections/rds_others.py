"""RDS: subnet groups, parameter groups, proxies and clusters."""

from corrections import Correction


def tell_who_set_a_parameter():
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import DBClusterParameterGroupNotFoundError, DBParameterGroupNotFoundError
    from moto.rds.models import DBClusterParameterGroup, DBParameterGroup
    from moto.rds.responses import RDSResponse

    update = DBParameterGroup.update_parameters
    update_cluster = DBClusterParameterGroup.update_cluster_parameters
    describe = RDSResponse.describe_db_parameters
    describe_cluster = RDSResponse.describe_db_cluster_parameters

    def by_user(parameters):
        return [{**parameter, "Source": "user"} for parameter in parameters]

    def update_parameters(self, new_parameters):
        update(self, by_user(new_parameters))

    def update_cluster_parameters(self, new_parameters):
        update_cluster(self, by_user(new_parameters))

    def filtered(self, answer):
        source = self.params.get("Source")
        if source:
            answer.result["Parameters"] = [
                parameter for parameter in answer.result["Parameters"] if parameter.get("Source") == source
            ]
        return answer

    def describe_db_parameters(self):
        return filtered(self, describe(self))

    def describe_db_cluster_parameters(self):
        return filtered(self, describe_cluster(self))

    def reset(self, group):
        # Without engine defaults in moto, a parameter that is reset is one that nobody has set.
        if self.params.get("ResetAllParameters"):
            group.parameters.clear()
        for parameter in self.params.get("Parameters", []):
            group.parameters.pop(parameter["ParameterName"], None)

    def reset_db_parameter_group(self):
        name = self.params["DBParameterGroupName"]
        if name not in self.backend.db_parameter_groups:
            raise DBParameterGroupNotFoundError(name)
        reset(self, self.backend.db_parameter_groups[name])
        return ActionResult({"DBParameterGroupName": name})

    def reset_db_cluster_parameter_group(self):
        name = self.params["DBClusterParameterGroupName"]
        if name not in self.backend.db_cluster_parameter_groups:
            raise DBClusterParameterGroupNotFoundError(name)
        reset(self, self.backend.db_cluster_parameter_groups[name])
        return ActionResult({"DBClusterParameterGroupName": name})

    DBParameterGroup.update_parameters = update_parameters
    DBClusterParameterGroup.update_cluster_parameters = update_cluster_parameters
    RDSResponse.describe_db_parameters = describe_db_parameters
    RDSResponse.describe_db_cluster_parameters = describe_db_cluster_parameters
    RDSResponse.reset_db_parameter_group = reset_db_parameter_group
    RDSResponse.reset_db_cluster_parameter_group = reset_db_cluster_parameter_group


def let_proxies_change():
    from moto.core.responses import ActionResult
    from moto.core.utils import utcnow
    from moto.rds.exceptions import DBProxyAlreadyExistsFault, DBProxyNotFoundFault
    from moto.rds.responses import RDSResponse

    attributes = {
        "Auth": "auth",
        "RequireTLS": "require_tls",
        "IdleClientTimeout": "idle_client_timeout",
        "DebugLogging": "debug_logging",
        "RoleArn": "role_arn",
        "SecurityGroups": "vpc_security_group_ids",
    }

    def modify_db_proxy(self):
        name = self.params["DBProxyName"]
        proxies = self.backend.db_proxies
        if name not in proxies:
            raise DBProxyNotFoundFault(name)
        proxy = proxies[name]
        new_name = self.params.get("NewDBProxyName")
        if new_name and new_name != name:
            if new_name in proxies:
                raise DBProxyAlreadyExistsFault(new_name)
            proxies[new_name] = proxies.pop(name)
            proxy.db_proxy_name = new_name
            for group in proxy.proxy_target_groups.values():
                group.db_proxy_name = new_name
        for parameter, attribute in attributes.items():
            value = self.params.get(parameter)
            if value is not None:
                setattr(proxy, attribute, value)
        proxy.updated_date = utcnow()
        return ActionResult({"DBProxy": proxy})

    RDSResponse.modify_db_proxy = modify_db_proxy


def keep_scaling_to_serverless_clusters():
    from moto.rds.models import DBCluster

    info = DBCluster.scaling_configuration_info.fget

    def scaling_configuration_info(self):
        return info(self) if self.engine_mode == "serverless" else None

    DBCluster.scaling_configuration_info = property(scaling_configuration_info)


def refuse_to_replace_subnet_groups():
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import RDSBackend

    create = RDSBackend.create_subnet_group

    def create_subnet_group(self, subnet_name, *arguments, **named):
        if subnet_name in self.subnet_groups:
            raise RDSClientError("DBSubnetGroupAlreadyExists", f"The DB subnet group '{subnet_name}' already exists.")
        return create(self, subnet_name, *arguments, **named)

    RDSBackend.create_subnet_group = create_subnet_group


def keep_changed_subnet_groups():
    from moto.rds.models import RDSBackend

    modify = RDSBackend.modify_db_subnet_group

    def modify_db_subnet_group(self, subnet_name, *arguments, **named):
        group = modify(self, subnet_name, *arguments, **named)
        self.subnet_groups[subnet_name] = group
        return group

    RDSBackend.modify_db_subnet_group = modify_db_subnet_group


CORRECTIONS = [
    Correction(
        "rds-subnet-group-stays",
        "a subnet group is still there after it was changed",
        ("rds",),
        keep_changed_subnet_groups,
    ),
    Correction(
        "rds-subnet-group-exists",
        "creating a subnet group does not replace another of its name",
        ("rds",),
        refuse_to_replace_subnet_groups,
    ),
    Correction(
        "rds-parameter-source",
        "parameters that the user has set say so, can be asked for alone, and can be reset",
        ("rds",),
        tell_who_set_a_parameter,
    ),
    Correction("rds-modify-proxy", "ModifyDBProxy changes an RDS proxy", ("rds",), let_proxies_change),
    Correction(
        "rds-cluster-scaling",
        "an RDS cluster that is not serverless has no scaling configuration",
        ("rds",),
        keep_scaling_to_serverless_clusters,
    ),
]
