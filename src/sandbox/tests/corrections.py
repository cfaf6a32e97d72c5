"""Observes moto with and without each correction, and prints what was seen as one JSON object.

    python corrections.py FOLDER_OF_THE_LAUNCHER

For every correction there are three observations by the same function: `alone` (no other correction is active), `all`
(every correction is) and `without` (all others are). Each is made in a forked process that serves moto on a port of its
own, so nothing that one of them patches or creates reaches another; what takes long, importing moto and loading the
services' models, is done once before.
"""

import gc
import json
import os
import re
import sys
import threading
import urllib.error
import urllib.request

sys.path.insert(0, sys.argv[1])

import corrections

OBSERVERS = {}
SERVICES = [
    "application-autoscaling",
    "cloudcontrol",
    "cloudwatch",
    "ec2",
    "ecs",
    "elasticache",
    "elbv2",
    "iam",
    "logs",
    "rds",
    "route53",
    "s3",
    "sqs",
    "sts",
]
REGION = "eu-west-1"
ACCOUNT = "111122223333"


def observes(name):
    def register(function):
        assert name not in OBSERVERS, name
        OBSERVERS[name] = function
        return function

    return register


class Client:
    """boto3 clients of one server, for one account each."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.made = {}

    def __getattr__(self, service):
        return self.of(service.replace("_", "-"), ACCOUNT)

    def of(self, service, access_key):
        import boto3
        from botocore.config import Config

        if (service, access_key) not in self.made:
            self.made[service, access_key] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=self.endpoint,
                aws_access_key_id=access_key,
                aws_secret_access_key="secret",
                config=Config(retries={"total_max_attempts": 1}),
            )
        return self.made[service, access_key]


def error_of(function, **arguments):
    """The code of the error that a call ends with, or `none`."""
    from botocore.exceptions import ClientError

    try:
        function(**arguments)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return f"{status} {error.response['Error']['Code']}"
    except Exception as error:
        return type(error).__name__
    return "none"


@observes("account-by-access-key")
def _(aws):
    first, second = (aws.of("ecs", account) for account in ("111111111111", "222222222222"))
    first.create_cluster(clusterName="one")
    return [aws.of("sts", "333333333333").get_caller_identity()["Account"], len(second.list_clusters()["clusterArns"])]


@observes("not-implemented")
def _(aws):
    return [
        error_of(aws.ecs.list_service_deployments, service="s"),
        error_of(aws.iam.simulate_principal_policy, PolicySourceArn="arn:aws:iam::1:user/u", ActionNames=["s3:*"]),
        error_of(aws.cloudcontrol.list_resources, TypeName="AWS::ECS::Cluster"),
        error_of(aws.route53.list_cidr_collections),
        # Fails within moto, whose own mistakes look the same as operations it lacks.
        error_of(aws.ecs.run_task, cluster=cluster(aws), taskDefinition=bridge_task(aws)),
    ]


# ---------------------------------------------------------------------------------------------------------------- EC2


def two_groups(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return [
        aws.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("from", "to")
    ]


def from_group(source, port, **more):
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": source, **more}]}


def ingress(aws, group):
    rules = aws.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return [rule for rule in rules if not rule["IsEgress"]]


@observes("ec2-rule-description")
def _(aws):
    source, group = two_groups(aws)
    described = from_group(source, 5432, Description="the database")
    aws.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[described])
    shown = [rule.get("Description") for rule in ingress(aws, group)]
    again = error_of(aws.ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[from_group(source, 5432)])
    gone = error_of(aws.ec2.revoke_security_group_ingress, GroupId=group, IpPermissions=[from_group(source, 5432)])
    return [shown, again, gone]


@observes("ec2-authorize-answer")
def _(aws):
    source, group = two_groups(aws)
    both = [from_group(source, 1), from_group(source, 2)]
    made = aws.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=both)["SecurityGroupRules"]
    partly = [from_group(source, 3), from_group(source, 2)]
    refused = error_of(aws.ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=partly)
    return [len(made), refused, len(ingress(aws, group))]


@observes("ec2-modify-rules")
def _(aws):
    source, group = two_groups(aws)
    aws.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[from_group(source, 1)])
    change = {"IpProtocol": "-1", "ReferencedGroupId": source, "Description": "all"}
    identity = ingress(aws, group)[0]["SecurityGroupRuleId"]
    rules = [{"SecurityGroupRuleId": identity, "SecurityGroupRule": change}]
    refused = error_of(aws.ec2.modify_security_group_rules, GroupId=group, SecurityGroupRules=rules)
    return [refused, ingress(aws, group)[0]["IpProtocol"]]


@observes("ec2-in-use")
def _(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    address = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = aws.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    source = aws.ec2.create_security_group(GroupName="from", Description="from", VpcId=vpc)["GroupId"]
    group = aws.ec2.create_security_group(GroupName="to", Description="to", VpcId=vpc)["GroupId"]
    aws.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[from_group(source, 1)])
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group]}}
    service(aws, networkConfiguration=network)

    delete = {
        "group referred to": lambda: error_of(aws.ec2.delete_security_group, GroupId=source),
        "group of a service": lambda: error_of(aws.ec2.delete_security_group, GroupId=group),
        "address": lambda: error_of(aws.ec2.release_address, AllocationId=address),
        "attachment": lambda: error_of(aws.ec2.detach_internet_gateway, VpcId=vpc, InternetGatewayId=gateway),
        "subnet": lambda: error_of(aws.ec2.delete_subnet, SubnetId=subnet),
        "gateway": lambda: error_of(aws.ec2.delete_internet_gateway, InternetGatewayId=gateway),
        "vpc": lambda: error_of(aws.ec2.delete_vpc, VpcId=vpc),
    }
    used = {name: attempt() for name, attempt in delete.items() if name != "gateway"}
    aws.ecs.delete_service(cluster="c", service="app", force=True)
    aws.ec2.delete_nat_gateway(NatGatewayId=nat)
    order = ["group of a service", "group referred to", "address", "attachment", "gateway", "subnet", "vpc"]
    return [used, {name: delete[name]() for name in order}]


@observes("ec2-nat-gateways")
def _(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    address = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    wanted = {"SubnetId": subnet, "AllocationId": address, "ClientToken": "once"}
    made = [error_of(aws.ec2.create_nat_gateway, **wanted) for _ in range(2)]
    unknown = "nat-0123456789abcdef0"
    shown = aws.ec2.describe_nat_gateways()["NatGateways"][0]
    return [
        made,
        shown.get("ConnectivityType"),
        error_of(aws.ec2.describe_nat_gateways, NatGatewayIds=[unknown]),
        error_of(aws.ec2.delete_nat_gateway, NatGatewayId=unknown),
    ]


# ------------------------------------------------------------------------------------------------------- load balancing


def balancer(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for number, zone in enumerate("ab")
    ]
    subnets = [made["Subnet"]["SubnetId"] for made in subnets]
    made = aws.elbv2.create_load_balancer(Name="lb", Subnets=subnets)["LoadBalancers"][0]
    return made["LoadBalancerArn"], vpc, subnets


FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


@observes("elbv2-protection")
def _(aws):
    arn, _, _ = balancer(aws)
    protection = {"Key": "deletion_protection.enabled", "Value": "true"}
    aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protection])
    refused = error_of(aws.elbv2.delete_load_balancer, LoadBalancerArn=arn)
    return [refused, len(aws.elbv2.describe_load_balancers()["LoadBalancers"])]


@observes("elbv2-reordered-rules")
def _(aws):
    arn, _, _ = balancer(aws)
    made = aws.elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[FIXED])
    listener = made["Listeners"][0]["ListenerArn"]

    def rule(priority):
        path = {"Field": "path-pattern", "Values": [f"/{priority}"]}
        made = aws.elbv2.create_rule(ListenerArn=listener, Priority=priority, Conditions=[path], Actions=[FIXED])
        return made["Rules"][0]["RuleArn"]

    first, second, _ = rule(1), rule(2), rule(3)

    def order(*priorities):
        pairs = [{"RuleArn": arn, "Priority": priority} for arn, priority in zip((first, second), priorities)]
        return error_of(aws.elbv2.set_rule_priorities, RulePriorities=pairs)

    swapped, taken = order(2, 1), order(3, 1)
    rules = aws.elbv2.describe_rules(RuleArns=[first, second])["Rules"]
    return [swapped, taken, sorted(rule["Priority"] for rule in rules if rule["RuleArn"] == first)]


@observes("elbv2-created-again")
def _(aws):
    arn, vpc, subnets = balancer(aws)
    group = {"Name": "group", "Protocol": "HTTP", "VpcId": vpc}
    listener = {"LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 80}
    other = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    aws.elbv2.create_target_group(Port=80, **group)
    aws.elbv2.create_listener(DefaultActions=[FIXED], **listener)
    second = aws.elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=81, DefaultActions=[FIXED])
    moved = {"ListenerArn": second["Listeners"][0]["ListenerArn"], "Port": 80, "DefaultActions": [FIXED]}
    return [
        error_of(aws.elbv2.create_load_balancer, Name="lb", Subnets=list(reversed(subnets))),
        error_of(aws.elbv2.create_load_balancer, Name="lb", Subnets=subnets, Scheme="internal"),
        len(aws.elbv2.describe_load_balancers()["LoadBalancers"]),
        error_of(aws.elbv2.create_target_group, Port=80, **group),
        error_of(aws.elbv2.create_target_group, Port=81, **group),
        error_of(aws.elbv2.create_listener, DefaultActions=[FIXED], **listener),
        error_of(aws.elbv2.create_listener, DefaultActions=[other], **listener),
        len(aws.elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"]),
        error_of(aws.elbv2.modify_listener, Protocol="HTTP", **moved),
    ]


# ---------------------------------------------------------------------------------------------------------------- ECS


def cluster(aws):
    aws.ecs.create_cluster(clusterName="c")
    return "c"


def bridge_task(aws):
    container = {"name": "app", "image": "app:1", "memory": 128}
    answer = aws.ecs.register_task_definition(family="bridge", containerDefinitions=[container])
    return answer["taskDefinition"]["taskDefinitionArn"]


def fargate_task(aws, tag="1", family="app"):
    answer = aws.ecs.register_task_definition(
        family=family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": f"app:{tag}"}],
    )
    return answer["taskDefinition"]["taskDefinitionArn"]


def network(aws, **more):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = aws.ec2.create_security_group(GroupName="app", Description="app", VpcId=vpc)["GroupId"]
    return {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group], **more}}


def service(aws, **more):
    arguments = {
        "cluster": cluster(aws),
        "serviceName": "app",
        "taskDefinition": fargate_task(aws),
        "desiredCount": 2,
        "launchType": "FARGATE",
        "networkConfiguration": network(aws),
    }
    return aws.ecs.create_service(**(arguments | more))["service"]


def described(aws):
    return aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]


@observes("ecs-network-configuration")
def _(aws):
    bridge = aws.ecs.create_service(
        cluster=cluster(aws), serviceName="bridge", taskDefinition=bridge_task(aws), desiredCount=0
    )["service"]
    without_groups = network(aws)
    del without_groups["awsvpcConfiguration"]["securityGroups"]
    refused = error_of(
        aws.ecs.create_service,
        cluster="c",
        serviceName="app",
        taskDefinition=fargate_task(aws),
        launchType="FARGATE",
        networkConfiguration=without_groups,
    )
    shown = described(aws)["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] if refused == "none" else None
    return ["networkConfiguration" in bridge, refused, shown]


@observes("ecs-run-task")
def _(aws):
    return error_of(
        aws.ecs.run_task,
        cluster=cluster(aws),
        taskDefinition=fargate_task(aws),
        launchType="FARGATE",
        networkConfiguration=network(aws),
    )


@observes("ecs-service-checks")
def _(aws):
    arn, vpc, _ = balancer(aws)
    group = aws.elbv2.create_target_group(Name="group", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    group = group["TargetGroups"][0]["TargetGroupArn"]
    container = {"name": "app", "image": "app:1", "memory": 64, "portMappings": [{"containerPort": 8000}]}
    cluster(aws)
    definition = aws.ecs.register_task_definition(family="ported", containerDefinitions=[container])
    definition = definition["taskDefinition"]["taskDefinitionArn"]

    def attempt(name, port=8000, container="app", target=group):
        balancing = {"targetGroupArn": target, "containerName": container, "containerPort": port}
        service = {"cluster": "c", "serviceName": name, "taskDefinition": definition, "desiredCount": 0}
        return error_of(aws.ecs.create_service, loadBalancers=[balancing], **service)

    seen = [attempt("unlistened"), attempt("unknown", target=group + "0")]
    forward = {"Type": "forward", "TargetGroupArn": group}
    aws.elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[forward])
    seen += [attempt("good"), attempt("port", port=80), attempt("container", container="other")]
    aws.ecs.deregister_task_definition(taskDefinition=definition)
    return [*seen, attempt("inactive")]


@observes("ecs-service-fields")
def _(aws):
    made = service(
        aws,
        deploymentConfiguration={"maximumPercent": 150},
        enableExecuteCommand=True,
        enableECSManagedTags=True,
        healthCheckGracePeriodSeconds=30,
        availabilityZoneRebalancing="DISABLED",
    )
    configuration = made.get("deploymentConfiguration", {})
    names = ("enableExecuteCommand", "enableECSManagedTags", "healthCheckGracePeriodSeconds", "availabilityZoneRebalancing")
    percents = [configuration.get("maximumPercent"), configuration.get("minimumHealthyPercent")]
    return [percents, configuration.get("deploymentCircuitBreaker"), [made.get(name) for name in names]]


@observes("ecs-service-exists")
def _(aws):
    service(aws, clientToken="first", desiredCount=1)
    again = {"cluster": "c", "serviceName": "app", "taskDefinition": "app", "desiredCount": 5}
    same = error_of(aws.ecs.create_service, clientToken="first", **again)
    other = error_of(aws.ecs.create_service, clientToken="second", **again)
    return [same, other, described(aws)["desiredCount"]]


@observes("ecs-cluster-life")
def _(aws):
    aws.ecs.create_cluster(clusterName="c", tags=[{"key": "a", "value": "b"}])
    other = error_of(aws.ecs.create_cluster, clusterName="c", tags=[{"key": "a", "value": "other"}])
    aws.ecs.create_service(cluster="c", serviceName="app", taskDefinition=bridge_task(aws), desiredCount=0)
    used = error_of(aws.ecs.delete_cluster, cluster="c")
    aws.ecs.create_cluster(clusterName="empty")
    aws.ecs.delete_cluster(cluster="empty")
    gone = error_of(aws.ecs.list_services, cluster="empty")
    return [other, used, gone, len(aws.ecs.list_clusters()["clusterArns"])]


def rollout_of(shown):
    return [
        [deployment["status"], deployment["rolloutState"], deployment["runningCount"], deployment["failedTasks"]]
        for deployment in shown["deployments"]
    ]


@observes("ecs-rollout")
def _(aws):
    service(aws)
    first = rollout_of(described(aws))
    before = described(aws)["deployments"][0]["id"]
    aws.ecs.update_service(cluster="c", service="app", taskDefinition=fargate_task(aws, "2"))
    shown = described(aws)
    second = [rollout_of(shown), before == shown["deployments"][0]["id"], len(aws.ecs.list_tasks(cluster="c", serviceName="app")["taskArns"])]
    messages = [event["message"] for event in shown["events"]]
    steady = any(message.endswith("has reached a steady state.") for message in messages)
    aws.ecs.delete_service(cluster="c", service="app", force=True)
    shown = described(aws)
    last = [shown["status"], shown["runningCount"], len(aws.ecs.list_services(cluster="c")["serviceArns"])]
    return [first, second, steady, last]


# ------------------------------------------------------------------------------------------------------ other services


@observes("logs-group-class")
def _(aws):
    aws.logs.create_log_group(logGroupName="default")
    aws.logs.create_log_group(logGroupName="rare", logGroupClass="INFREQUENT_ACCESS")
    return [group.get("logGroupClass") for group in aws.logs.describe_log_groups()["logGroups"]]


@observes("route53-private-zone")
def _(aws):
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    private = aws.route53.create_hosted_zone(
        Name="internal", CallerReference="1", VPC={"VPCRegion": REGION, "VPCId": vpc}
    )["HostedZone"]
    public = aws.route53.create_hosted_zone(Name="example.com", CallerReference="2")["HostedZone"]
    zone = aws.route53.get_hosted_zone(Id=private["Id"])
    return [private["Config"]["PrivateZone"], public["Config"]["PrivateZone"], len(zone.get("VPCs", []))]


def part_of_bucket(aws, part):
    """The answer to a question for a part of a bucket as it is on the wire: boto3 reads them whatever they are called."""
    aws.s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    signature = f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=x"
    request = urllib.request.Request(f"{aws.endpoint}/bucket?{part}", headers={"Authorization": signature})
    with urllib.request.urlopen(request) as answer:
        return re.search(r"<(\w+) xmlns", answer.read().decode()).group(1)


@observes("s3-answer-names")
def _(aws):
    return part_of_bucket(aws, "versioning")


@observes("s3-request-payment")
def _(aws):
    return part_of_bucket(aws, "requestPayment")


@observes("autoscaling-tags")
def _(aws):
    service(aws)
    scaling = aws.application_autoscaling
    target = scaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/c/app",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=4,
        Tags={"a": "1", "b": "2"},
    )["ScalableTargetARN"]
    changed = [
        error_of(scaling.tag_resource, ResourceARN=target, Tags={"c": "3"}),
        error_of(scaling.untag_resource, ResourceARN=target, TagKeys=["a"]),
    ]
    listed = error_of(scaling.list_tags_for_resource, ResourceARN=target)
    tags = scaling.list_tags_for_resource(ResourceARN=target)["Tags"] if listed == "none" else None
    return [changed, tags]


@observes("cloudwatch-cbor")
def _(aws):
    alarm = {"AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1}
    metric = {"MetricName": "m", "Namespace": "n", "Period": 60, "Statistic": "Sum", "Threshold": 1.5}
    aws.cloudwatch.put_metric_alarm(**alarm, **metric)
    request = urllib.request.Request(
        f"{aws.endpoint}/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
        b"\xa0",
        {
            "Content-Type": "application/cbor",
            "smithy-protocol": "rpc-v2-cbor",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20240101/{REGION}/monitoring/aws4_request",
        },
    )
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        return error.code < 400
    # A threshold of 1.5 as a double, a period of 60 as a number of one byte.
    body = answer.read()
    return b"Threshold\xfb\x3f\xf8" in body and b"Period\x18\x3c" in body


@observes("sqs-redrive-policy")
def _(aws):
    letters = aws.sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = aws.sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = f'{{"maxReceiveCount":"4","deadLetterTargetArn":"{arn}"}}'
    queue = aws.sqs.create_queue(QueueName="live", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    shown = aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    return shown == policy


@observes("elasticache-members")
def _(aws):
    cache = aws.elasticache
    cache.create_replication_group(
        ReplicationGroupId="g",
        ReplicationGroupDescription="g",
        NumCacheClusters=2,
        CacheNodeType="cache.t4g.micro",
        Engine="redis",
        EngineVersion="7.1",
    )
    clusters = lambda: sorted(cluster["CacheClusterId"] for cluster in cache.describe_cache_clusters()["CacheClusters"])
    seen = [cache.describe_replication_groups()["ReplicationGroups"][0]["MemberClusters"], clusters()]
    more = error_of(cache.increase_replica_count, ReplicationGroupId="g", NewReplicaCount=2, ApplyImmediately=True)
    seen += [more, clusters()]
    fewer = error_of(cache.decrease_replica_count, ReplicationGroupId="g", NewReplicaCount=0, ApplyImmediately=True)
    return [*seen, fewer, clusters()]


@observes("elasticache-deletion")
def _(aws):
    cache = aws.elasticache
    cache.create_replication_group(ReplicationGroupId="g", ReplicationGroupDescription="g", CacheNodeType="cache.t4g.micro")
    cache.create_cache_cluster(CacheClusterId="c", CacheNodeType="cache.t4g.micro", Engine="redis")
    subnets = network(aws)["awsvpcConfiguration"]["subnets"]
    cache.create_cache_subnet_group(CacheSubnetGroupName="s", CacheSubnetGroupDescription="s", SubnetIds=subnets)
    cache.delete_replication_group(ReplicationGroupId="g")
    cache.delete_cache_cluster(CacheClusterId="c")
    return [
        len(cache.describe_replication_groups()["ReplicationGroups"]),
        len(cache.describe_cache_clusters()["CacheClusters"]),
        error_of(cache.delete_cache_subnet_group, CacheSubnetGroupName="s"),
    ]


# ---------------------------------------------------------------------------------------------------------------- RDS


def instance(aws, name, **more):
    arguments = {
        "DBInstanceIdentifier": name,
        "Engine": "postgres",
        "EngineVersion": "15.4",
        "DBInstanceClass": "db.t3.micro",
        "AllocatedStorage": 20,
        "MasterUsername": "owner",
        "MasterUserPassword": "not-a-secret",
    }
    return aws.rds.create_db_instance(**(arguments | more))["DBInstance"]


@observes("rds-resource-id")
def _(aws):
    first, second = instance(aws, "first"), instance(aws, "second")
    return first["DbiResourceId"] == second["DbiResourceId"]


@observes("rds-windows")
def _(aws):
    windows = [
        ("03:00-04:00", "sun:04:00-sun:05:00"),
        ("05:00-06:00", "sun:04:00-sun:05:00"),
        ("03:00-04:01", "sun:04:00-sun:05:00"),
        ("23:30-00:30", "mon:00:00-mon:01:00"),
        ("00:30-01:00", "sun:23:45-mon:00:30"),
    ]
    return [
        error_of(
            instance, aws=aws, name=f"w{number}", PreferredBackupWindow=backup, PreferredMaintenanceWindow=maintenance
        )
        for number, (backup, maintenance) in enumerate(windows)
    ]


@observes("rds-instance-fields")
def _(aws):
    made = instance(aws, "db", StorageType="gp3", StorageEncrypted=True, NetworkType="DUAL")
    names = ("NetworkType", "BackupTarget", "DatabaseInsightsMode", "CACertificateIdentifier", "LicenseModel", "Iops")
    return [[made.get(name) for name in names], made["KmsKeyId"].split(":")[0], "HostedZoneId" in made["Endpoint"]]


@observes("rds-performance-insights")
def _(aws):
    names = ("PerformanceInsightsEnabled", "PerformanceInsightsRetentionPeriod")
    made = instance(aws, "db", EnablePerformanceInsights=True)
    changed = aws.rds.modify_db_instance(DBInstanceIdentifier="db", EnablePerformanceInsights=False)["DBInstance"]
    return [[shown.get(name) for name in names] for shown in (made, changed)]


@observes("rds-read-replica")
def _(aws):
    source = instance(aws, "source", BackupRetentionPeriod=7, Tags=[{"Key": "a", "Value": "b"}])
    replica = aws.rds.create_db_instance_read_replica(
        DBInstanceIdentifier="replica", SourceDBInstanceIdentifier="source"
    )["DBInstance"]
    promoted = aws.rds.promote_read_replica(DBInstanceIdentifier="replica")["DBInstance"]
    return [
        replica["BackupRetentionPeriod"],
        replica["TagList"],
        replica["InstanceCreateTime"] == source["InstanceCreateTime"],
        promoted.get("ReadReplicaSourceDBInstanceIdentifier"),
    ]


@observes("rds-final-snapshot")
def _(aws):
    instance(aws, "db")
    instance(aws, "other")
    refused = error_of(aws.rds.delete_db_instance, DBInstanceIdentifier="db")
    deleted = error_of(aws.rds.delete_db_instance, DBInstanceIdentifier="db", FinalDBSnapshotIdentifier="last")
    taken = error_of(aws.rds.delete_db_instance, DBInstanceIdentifier="other", FinalDBSnapshotIdentifier="last")
    skipped = error_of(aws.rds.delete_db_instance, DBInstanceIdentifier="other", SkipFinalSnapshot=True)
    return [refused, deleted, taken, skipped]


@observes("rds-subnet-group-exists")
def _(aws):
    subnets = network(aws)["awsvpcConfiguration"]["subnets"]
    wanted = {"DBSubnetGroupName": "s", "SubnetIds": subnets}
    aws.rds.create_db_subnet_group(DBSubnetGroupDescription="first", **wanted)
    again = error_of(aws.rds.create_db_subnet_group, DBSubnetGroupDescription="second", **wanted)
    return [again, aws.rds.describe_db_subnet_groups()["DBSubnetGroups"][0]["DBSubnetGroupDescription"]]


@observes("rds-subnet-group-stays")
def _(aws):
    subnets = network(aws)["awsvpcConfiguration"]["subnets"]
    aws.rds.create_db_subnet_group(DBSubnetGroupName="s", DBSubnetGroupDescription="first", SubnetIds=subnets)
    aws.rds.modify_db_subnet_group(DBSubnetGroupName="s", DBSubnetGroupDescription="second", SubnetIds=subnets)
    return [group["DBSubnetGroupDescription"] for group in aws.rds.describe_db_subnet_groups()["DBSubnetGroups"]]


@observes("rds-subnet-group-in-use")
def _(aws):
    subnets = network(aws)["awsvpcConfiguration"]["subnets"]
    aws.rds.create_db_subnet_group(DBSubnetGroupName="s", DBSubnetGroupDescription="s", SubnetIds=subnets)
    instance(aws, "db", DBSubnetGroupName="s")
    used = error_of(aws.rds.delete_db_subnet_group, DBSubnetGroupName="s")
    aws.rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)
    return [used, error_of(aws.rds.delete_db_subnet_group, DBSubnetGroupName="s")]


@observes("rds-parameter-source")
def _(aws):
    aws.rds.create_db_parameter_group(DBParameterGroupName="g", DBParameterGroupFamily="postgres15", Description="g")
    parameter = {"ParameterName": "log_statement", "ParameterValue": "ddl", "ApplyMethod": "immediate"}
    aws.rds.modify_db_parameter_group(DBParameterGroupName="g", Parameters=[parameter])
    listed = [
        [shown.get("Source") for shown in aws.rds.describe_db_parameters(DBParameterGroupName="g", Source=source)["Parameters"]]
        for source in ("user", "system")
    ]
    reset = error_of(aws.rds.reset_db_parameter_group, DBParameterGroupName="g", Parameters=[parameter])
    return [listed, reset, len(aws.rds.describe_db_parameters(DBParameterGroupName="g")["Parameters"])]


@observes("rds-modify-proxy")
def _(aws):
    subnets = network(aws)["awsvpcConfiguration"]["subnets"]
    aws.rds.create_db_proxy(
        DBProxyName="p",
        EngineFamily="POSTGRESQL",
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": "arn:aws:secretsmanager:eu-west-1:1:secret:s"}],
        RoleArn="arn:aws:iam::1:role/r",
        VpcSubnetIds=subnets,
    )
    changed = error_of(aws.rds.modify_db_proxy, DBProxyName="p", IdleClientTimeout=60)
    return [changed, aws.rds.describe_db_proxies(DBProxyName="p")["DBProxies"][0]["IdleClientTimeout"]]


@observes("rds-cluster-scaling")
def _(aws):
    made = aws.rds.create_db_cluster(
        DBClusterIdentifier="c", Engine="aurora-postgresql", MasterUsername="owner", MasterUserPassword="not-a-secret"
    )["DBCluster"]
    return "ScalingConfigurationInfo" in made


# ------------------------------------------------------------------------------------------------------------ rollouts

SCENARIOS = {}


def scenario(function):
    """Something seen with every correction active, and nothing to compare it with."""
    SCENARIOS[function.__name__] = function
    return function


class Clock:
    """Stands in for the time, in the process that serves, so that a rollout of ten seconds takes none."""

    def __init__(self):
        from corrections import ecs_deployment

        self.now = ecs_deployment.now()
        ecs_deployment.now = lambda: self.now
        corrections.SETTINGS.rollout_seconds = 10.0

    def advance(self, seconds):
        from datetime import timedelta

        self.now += timedelta(seconds=seconds)


def breaker(**more):
    return {"deploymentCircuitBreaker": {"enable": True, "rollback": False, **more}}


@scenario
def first_deployment(aws):
    clock = Clock()
    steps = [rollout_of(service(aws, desiredCount=4))]
    for _ in range(6):
        clock.advance(2)
        shown = described(aws)
        steps.append([*rollout_of(shown), shown["pendingCount"]])
    return [steps, [re.sub("ecs-svc/[0-9]+|: .*", "", event["message"]) for event in reversed(shown["events"])]]


@scenario
def new_task_definition(aws):
    clock = Clock()
    service(aws)
    clock.advance(10)
    steps = [rollout_of(aws.ecs.update_service(cluster="c", service="app", taskDefinition=fargate_task(aws, "2"))["service"])]
    for _ in range(3):
        clock.advance(4)
        steps.append(rollout_of(described(aws)))
    return steps


@scenario
def updates_that_replace_nothing(aws):
    Clock().advance(10)
    made = service(aws)
    update = lambda **more: aws.ecs.update_service(cluster="c", service="app", **more)["service"]["deployments"]
    same_network = {"awsvpcConfiguration": dict(made["networkConfiguration"]["awsvpcConfiguration"])}
    del same_network["awsvpcConfiguration"]["assignPublicIp"]
    return [
        len(update(taskDefinition="app")),
        len(update(networkConfiguration=same_network)),
        len(update(desiredCount=3)),
        len(update(enableExecuteCommand=True)),
        len(update(forceNewDeployment=True)),
    ]


@scenario
def scaling(aws):
    clock = Clock()
    service(aws)
    clock.advance(10)
    described(aws)
    steps = [rollout_of(aws.ecs.update_service(cluster="c", service="app", desiredCount=6)["service"])]
    for _ in range(2):
        clock.advance(5)
        steps.append(rollout_of(described(aws)))
    return steps


@scenario
def failing_without_breaker(aws):
    clock = Clock()
    service(aws, taskDefinition=fargate_task(aws, "fails-to-start"))
    steps = []
    for _ in range(3):
        clock.advance(10)
        steps.append(rollout_of(described(aws)))
    stopped = aws.ecs.list_tasks(cluster="c", serviceName="app", desiredStatus="STOPPED")["taskArns"]
    task = aws.ecs.describe_tasks(cluster="c", tasks=stopped[:1])["tasks"][0]
    return [steps, len(stopped), task["stopCode"], task["stoppedReason"].split(":")[0]]


@scenario
def failing_with_breaker(aws):
    clock = Clock()
    service(aws, taskDefinition=fargate_task(aws, "fails-to-start"), deploymentConfiguration=breaker())
    clock.advance(100)
    shown = described(aws)
    reason = shown["deployments"][0]["rolloutStateReason"]
    return [rollout_of(shown), reason, shown["events"][0]["message"].split(") ")[-1]]


@scenario
def rolled_back(aws):
    clock = Clock()
    good = service(aws, deploymentConfiguration=breaker(rollback=True))
    clock.advance(10)
    aws.ecs.update_service(cluster="c", service="app", taskDefinition=fargate_task(aws, "fails-to-start"))
    steps = []
    for seconds in (5, 5, 10):
        clock.advance(seconds)
        shown = described(aws)
        steps.append(rollout_of(shown))
    return [steps, shown["taskDefinition"] == good["taskDefinition"]]


@scenario
def deletion(aws):
    clock = Clock()
    service(aws)
    clock.advance(10)
    refused = error_of(aws.ecs.delete_service, cluster="c", service="app")
    steps = [aws.ecs.delete_service(cluster="c", service="app", force=True)["service"]["status"]]
    again = error_of(aws.ecs.create_service, cluster="c", serviceName="app", taskDefinition="app")
    for _ in range(2):
        clock.advance(5)
        shown = described(aws)
        steps.append([shown["status"], shown["runningCount"]])
    updated = error_of(aws.ecs.update_service, cluster="c", service="app", desiredCount=1)
    cluster_gone = error_of(aws.ecs.delete_cluster, cluster="c")
    return [refused, steps, again, updated, cluster_gone]


# ------------------------------------------------------------------------------------------------------------- running


def serve(active):
    """moto with these corrections on a free port, served by a thread of this process."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
    from werkzeug.serving import make_server

    class Quiet(MotoRequestHandler):
        def log(self, *_):
            pass

    application = DomainDispatcherApplication(corrections.application_maker(active))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.port}"


def observe(observer, active):
    """What an observer sees, from a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            # moto says what it misses and what fails within it; here that is expected.
            for descriptor in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
            seen = json.dumps(observer(Client(serve(active))))
            status = 0
        except BaseException as error:
            seen = json.dumps({"failed": f"{type(error).__name__}: {error}"})
        with os.fdopen(writing, "w") as pipe:
            pipe.write(seen)
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        seen = pipe.read()
    os.waitpid(child, 0)
    return json.loads(seen)


def warm_up():
    """Imports moto's services and loads the models of boto3, so that the forked processes need not."""
    from launcher import set_moto_up

    set_moto_up()
    # Making AWS's policies and machine images for every account is most of the work otherwise.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "false"
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    import moto.backends
    from moto.core.utils import get_service_model

    for service in SERVICES:
        Client("http://127.0.0.1:1").of(service, ACCOUNT)
        if service == "cloudcontrol":
            continue
        get_service_model(service)
        backends = moto.backends.get_backend(service.replace("-", ""))
        for account in (ACCOUNT, "123456789012"):
            # With what every account has from the beginning, such as a default VPC.
            backends[account]["aws" if service in ("iam", "route53", "s3", "sts") else REGION]
    # The forked processes share this memory as long as nothing writes to it, as collecting garbage would.
    gc.freeze()


def main():
    known = corrections.every()
    missing = {correction.name for correction in known} ^ set(OBSERVERS)
    assert not missing, f"corrections without an observer, or the other way round: {sorted(missing)}"
    warm_up()
    seen = {}
    for correction in known:
        observer = OBSERVERS[correction.name]
        seen[correction.name] = {
            "alone": observe(observer, [correction]),
            "all": observe(observer, known),
            "without": observe(observer, [other for other in known if other is not correction]),
        }
    scenarios = {name: observe(observer, known) for name, observer in SCENARIOS.items()}
    json.dump({"corrections": seen, "scenarios": scenarios}, sys.stdout)


main()
