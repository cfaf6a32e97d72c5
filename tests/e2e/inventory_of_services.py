"""Prints what an account holds of services beside its network, a line of counts a kind: `queue 1`."""

import boto3


def pages(client, operation, key, **arguments):
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[key]


def main():
    acm, ecr, events, iam = boto3.client("acm"), boto3.client("ecr"), boto3.client("events"), boto3.client("iam")
    kms, secrets, sns = boto3.client("kms"), boto3.client("secretsmanager"), boto3.client("sns")
    sqs, ssm, scaling = boto3.client("sqs"), boto3.client("ssm"), boto3.client("application-autoscaling")
    keys = [key["KeyId"] for key in pages(kms, "list_keys", "Keys")]
    keys = [key for key in keys if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "PendingDeletion"]
    aliases = [alias for alias in pages(kms, "list_aliases", "Aliases") if not alias["AliasName"].startswith("alias/aws/")]
    topics = [topic["TopicArn"] for topic in pages(sns, "list_topics", "Topics")]
    rules = events.list_rules()["Rules"]
    certificates = [certificate["CertificateArn"] for certificate in pages(acm, "list_certificates", "CertificateSummaryList")]
    held = list(pages(secrets, "list_secrets", "SecretList"))
    tags = [tag["TagKey"] for key in keys for tag in kms.list_resource_tags(KeyId=key)["Tags"]]
    tags += [tag["Key"] for topic in topics for tag in sns.list_tags_for_resource(ResourceArn=topic)["Tags"]]
    tags += [tag["Key"] for rule in rules for tag in events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]]
    tags += [tag["Key"] for arn in certificates for tag in acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]]
    counts = {
        "alias": len(aliases),
        "certificate": len(certificates),
        "group": len(list(pages(iam, "list_groups", "Groups"))),
        "key": len(keys),
        "parameter": len(list(pages(ssm, "describe_parameters", "Parameters"))),
        "provider": len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]),
        "queue": len(sqs.list_queues().get("QueueUrls", [])),
        "repository": len(list(pages(ecr, "describe_repositories", "repositories"))),
        "rule": len(rules),
        "scalable target": len(list(pages(scaling, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs"))),
        "scaling policy": len(list(pages(scaling, "describe_scaling_policies", "ScalingPolicies", ServiceNamespace="ecs"))),
        "scheduled action": len(scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]),
        "secret": len(held),
        "subscription": len(list(pages(sns, "list_subscriptions", "Subscriptions"))),
        "target": sum(len(events.list_targets_by_rule(Rule=rule["Name"])["Targets"]) for rule in rules),
        "token tag": len([tag for tag in tags if tag.startswith("infra:")]),
        "topic": len(topics),
        "user": len(list(pages(iam, "list_users", "Users"))),
        "version": sum(len(secrets.list_secret_version_ids(SecretId=secret["ARN"])["Versions"]) for secret in held),
    }
    for kind, count in counts.items():
        print(kind, count)


if __name__ == "__main__":
    main()
