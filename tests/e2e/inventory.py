"""Prints what an account holds in the sandbox, a line of counts a kind: `vpc 1`. Objects that AWS makes by itself don't count."""

import boto3


def pages(client, operation, key, **arguments):
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[key]


def main():
    ec2, ecs, elb = boto3.client("ec2"), boto3.client("ecs"), boto3.client("elbv2")
    iam, logs, rds = boto3.client("iam"), boto3.client("logs"), boto3.client("rds")
    vpcs = [vpc["VpcId"] for vpc in pages(ec2, "describe_vpcs", "Vpcs") if not vpc["IsDefault"]]
    inside = [{"Name": "vpc-id", "Values": vpcs or ["none"]}]
    tables = list(pages(ec2, "describe_route_tables", "RouteTables", Filters=inside))
    made = [table for table in tables if not any(a.get("Main") for a in table["Associations"])]
    clusters = [c for c in ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"] if c["status"] != "INACTIVE"]
    services = [s for c in clusters for s in ecs.list_services(cluster=c["clusterArn"])["serviceArns"]]
    roles = [role["RoleName"] for role in pages(iam, "list_roles", "Roles") if not role["Path"].startswith("/aws-service-role/")]
    balancers = list(pages(elb, "describe_load_balancers", "LoadBalancers"))
    groups = pages(ec2, "describe_security_groups", "SecurityGroups", Filters=inside)
    tagged = [tag for tag in pages(ec2, "describe_tags", "Tags") if tag["Key"].startswith("infra:")]
    counts = {
        "address": len(ec2.describe_addresses()["Addresses"]),
        "association": sum(len(table["Associations"]) for table in made),
        "attachment": sum(len(iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]) for role in roles),
        "cluster": len(clusters),
        "database": len(list(pages(rds, "describe_db_instances", "DBInstances"))),
        "gateway": len(list(pages(ec2, "describe_internet_gateways", "InternetGateways"))),
        "listener": sum(len(list(pages(elb, "describe_listeners", "Listeners", LoadBalancerArn=b["LoadBalancerArn"]))) for b in balancers),
        "load balancer": len(balancers),
        "log group": len(list(pages(logs, "describe_log_groups", "logGroups"))),
        "nat gateway": len([g for g in pages(ec2, "describe_nat_gateways", "NatGateways") if g["State"] != "deleted"]),
        "policy": sum(len(iam.list_role_policies(RoleName=role)["PolicyNames"]) for role in roles),
        "role": len(roles),
        "route": sum(1 for table in made for route in table["Routes"] if route["Origin"] == "CreateRoute"),
        "route table": len(made),
        "security group": len([group for group in groups if group["GroupName"] != "default"]),
        "service": len(services),
        "subnet": len(list(pages(ec2, "describe_subnets", "Subnets", Filters=inside))),
        "subnet group": len(list(pages(rds, "describe_db_subnet_groups", "DBSubnetGroups"))),
        "target group": len(list(pages(elb, "describe_target_groups", "TargetGroups"))),
        "task definition": len(ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]),
        "token tag": len(tagged),
        "vpc": len(vpcs),
    }
    for kind, count in counts.items():
        print(kind, count)


if __name__ == "__main__":
    main()
