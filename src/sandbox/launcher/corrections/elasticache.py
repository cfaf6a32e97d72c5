"""ElastiCache: replication groups made of clusters, which change in number, and deletions that end."""

import copy

from corrections import Correction

# Of the group, shown on each of its clusters.
OF_MEMBERS = [
    "engine",
    "engine_version",
    "cache_node_type",
    "cache_parameter_group_name",
    "cache_subnet_group_name",
    "cache_security_group_names",
    "security_group_ids",
    "preferred_maintenance_window",
    "port",
    "notification_topic_arn",
    "auto_minor_version_upgrade",
    "snapshot_retention_limit",
    "snapshot_window",
    "transit_encryption_enabled",
    "network_type",
    "ip_discovery",
    "snapshot_arns",
    "snapshot_name",
]
# Of ModifyReplicationGroup, ignored by moto: parameter and attribute.
CHANGEABLE = {
    "EngineVersion": "engine_version",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "SecurityGroupIds": "security_group_ids",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "NotificationTopicArn": "notification_topic_arn",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "SnapshotWindow": "snapshot_window",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
    "IpDiscovery": "ip_discovery",
}


def members_of(group):
    return [member["cache_cluster_id"] for node_group in group.node_groups for member in node_group["node_group_members"]]


def make_members(backend, group):
    """A cache cluster for each member that has none, and none for those that are members no longer."""
    from moto.elasticache.models import CacheCluster

    wanted = members_of(group)
    group.member_clusters = wanted
    for identity, cluster in list(backend.cache_clusters.items()):
        if getattr(cluster, "replication_group_id", None) == group.replication_group_id and identity not in wanted:
            del backend.cache_clusters[identity]
    for identity in wanted:
        if identity in backend.cache_clusters:
            continue
        arguments = dict.fromkeys(CacheCluster.__init__.__annotations__)
        arguments.pop("return", None)
        arguments |= {name: getattr(group, name) for name in OF_MEMBERS}
        arguments |= {
            "account_id": backend.account_id,
            "region_name": backend.region_name,
            "cache_cluster_id": identity,
            "replication_group_id": group.replication_group_id,
            "log_delivery_configurations": [],
        }
        cluster = CacheCluster(**arguments)
        cluster.replication_group_id = group.replication_group_id
        cluster.num_cache_nodes = 1
        cluster.at_rest_encryption_enabled = group.at_rest_encryption_enabled
        cluster.auth_token_enabled = group.auth_token_enabled
        backend.cache_clusters[identity] = cluster


def show(backend, cluster):
    """The parts of a cluster that AWS shows and moto keeps under other names."""
    cluster.security_groups = [{"SecurityGroupId": group, "Status": "active"} for group in cluster.security_group_ids or []]
    name = cluster.cache_parameter_group_name
    cluster.cache_parameter_group = {"CacheParameterGroupName": name, "ParameterApplyStatus": "in-sync"} if name else None
    address = f"{cluster.cache_cluster_id}.{backend.region_name}.cache.amazonaws.com"
    cluster.cache_nodes = [
        {
            "CacheNodeId": f"{number + 1:0>4}",
            "CacheNodeStatus": "available",
            "CacheNodeCreateTime": cluster.cache_cluster_create_time,
            "Endpoint": {"Address": address, "Port": cluster.port},
            "ParameterGroupStatus": "in-sync",
            "CustomerAvailabilityZone": cluster.preferred_availability_zone or f"{backend.region_name}a",
        }
        for number in range(getattr(cluster, "num_cache_nodes", 1))
    ]


def make_groups_of_clusters():
    from moto.core.responses import ActionResult
    from moto.elasticache.exceptions import InvalidParameterValueException, ReplicationGroupNotFound
    from moto.elasticache.models import ElastiCacheBackend as Backend
    from moto.elasticache.responses import ElastiCacheResponse as Responses

    create = Backend.create_replication_group
    modify = Responses.modify_replication_group
    describe_clusters = Backend.describe_cache_clusters

    def create_replication_group(self, **named):
        if not named.get("replicas_per_node_group") and (named.get("num_cache_clusters") or 0) > 1:
            named["replicas_per_node_group"] = named["num_cache_clusters"] - 1
        # Several shards make a group whose cluster mode is enabled, whether or not that is asked for.
        if (named.get("num_node_groups") or 1) > 1 or named.get("node_group_configuration"):
            named["cluster_mode"] = "enabled"
        group = create(self, **named)
        for node_group in group.node_groups:
            zones = [f"{self.region_name}{letter}" for letter in "ab"]
            for number, member in enumerate(node_group["node_group_members"]):
                if member["preferred_availability_zone"] in ("us-east-1a", "us-east-1b"):
                    member["preferred_availability_zone"] = zones[min(number, 1)]
        make_members(self, group)
        return group

    def modify_replication_group(self):
        answer = modify(self)
        group = answer.result["ReplicationGroup"]
        for parameter, attribute in CHANGEABLE.items():
            value = self._get_param(parameter)
            if value is not None:
                setattr(group, attribute, value)
        for identity in members_of(group):
            for name in OF_MEMBERS:
                setattr(self.elasticache_backend.cache_clusters[identity], name, getattr(group, name))
        return answer

    def describe_cache_clusters(self, cache_cluster_id=None):
        clusters = describe_clusters(self, cache_cluster_id)
        for cluster in clusters:
            show(self, cluster)
        return clusters

    def count_replicas(self, larger):
        backend = self.elasticache_backend
        identity = self._get_param("ReplicationGroupId")
        if identity not in backend.replication_groups:
            raise ReplicationGroupNotFound(identity)
        group = backend.replication_groups[identity]
        single = self._get_int_param("NewReplicaCount")
        each = {item["NodeGroupId"]: int(item["NewReplicaCount"]) for item in self._get_param("ReplicaConfiguration") or []}
        for node_group in group.node_groups:
            wanted = each.get(node_group["node_group_id"], single)
            members = node_group["node_group_members"]
            if wanted is None:
                continue
            if (wanted + 1 <= len(members)) == larger:
                word = "more" if larger else "less"
                raise InvalidParameterValueException(f"NewReplicaCount must be {word} than the current number of replicas.")
            resize(node_group, members, wanted + 1)
        make_members(backend, group)
        return ActionResult({"ReplicationGroup": group})

    def resize(node_group, members, count):
        prefix = members[0]["cache_cluster_id"].rsplit("-", 1)[0]
        del members[count:]
        while len(members) < count:
            member = copy.deepcopy(members[-1])
            member["cache_cluster_id"] = f"{prefix}-{len(members) + 1:0>3}"
            if "current_role" in member:
                member["current_role"] = "replica"
            if "read_endpoint" in member:
                domain = member["read_endpoint"]["address"].split(".", 1)[1]
                member["read_endpoint"]["address"] = f"{member['cache_cluster_id']}.{domain}"
            members.append(member)

    Backend.create_replication_group = create_replication_group
    Responses.modify_replication_group = modify_replication_group
    Backend.describe_cache_clusters = describe_cache_clusters
    Responses.increase_replica_count = lambda self: count_replicas(self, True)
    Responses.decrease_replica_count = lambda self: count_replicas(self, False)


def let_deletions_end():
    from moto.core.responses import ActionResult, EmptyResult
    from moto.elasticache.exceptions import CacheSubnetGroupNotFound
    from moto.elasticache.models import ElastiCacheBackend as Backend
    from moto.elasticache.responses import ElastiCacheResponse as Responses

    delete_group = Backend.delete_replication_group
    delete_cluster = Backend.delete_cache_cluster

    def delete_replication_group(self, replication_group_id, retain_primary_cluster):
        group = delete_group(self, replication_group_id, retain_primary_cluster)
        del self.replication_groups[replication_group_id]
        members = [
            identity
            for identity, cluster in self.cache_clusters.items()
            if getattr(cluster, "replication_group_id", None) == replication_group_id
        ]
        for identity in members[1:] if retain_primary_cluster else members:
            del self.cache_clusters[identity]
        return group

    def delete_cache_cluster(self, cache_cluster_id):
        cluster = delete_cluster(self, cache_cluster_id)
        del self.cache_clusters[cache_cluster_id]
        return cluster

    def subnet_group(self):
        name = self._get_param("CacheSubnetGroupName")
        groups = self.elasticache_backend.cache_subnet_groups
        if name not in groups:
            raise CacheSubnetGroupNotFound(name)
        return groups, name

    def delete_cache_subnet_group(self):
        groups, name = subnet_group(self)
        del groups[name]
        return EmptyResult()

    def modify_cache_subnet_group(self):
        from moto.elasticache.models import CacheSubnetGroup

        groups, name = subnet_group(self)
        known = groups[name]
        description = self._get_param("CacheSubnetGroupDescription")
        groups[name] = CacheSubnetGroup(
            self.current_account,
            self.region,
            name,
            known.cache_subnet_group_description if description is None else description,
            self._get_param("SubnetIds") or known.subnet_ids,
            None,
        )
        return ActionResult({"CacheSubnetGroup": groups[name]})

    Backend.delete_replication_group = delete_replication_group
    Backend.delete_cache_cluster = delete_cache_cluster
    Responses.delete_cache_subnet_group = delete_cache_subnet_group
    Responses.modify_cache_subnet_group = modify_cache_subnet_group


CORRECTIONS = [
    Correction(
        "elasticache-members",
        "an ElastiCache replication group has clusters, as many as asked for, whose number can change",
        ("elasticache",),
        make_groups_of_clusters,
    ),
    Correction(
        "elasticache-deletion",
        "deleted ElastiCache groups and clusters are gone, and subnet groups can be changed and deleted",
        ("elasticache",),
        let_deletions_end,
    ),
]
