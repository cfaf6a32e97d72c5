#!/usr/bin/env python3
"""Changes two things of the stack by hand, as somebody at a console would: for the demo, in the sandbox only.

usage: tamper.py PROJECT
"""

import json
import os
import sys
import urllib.parse
import urllib.request


def call(service, headers, body):
    """Makes one call of the AWS API; the sandbox looks at the service and the account of a signature, not at its value."""
    region, account = os.environ["AWS_REGION"], os.environ["AWS_ACCESS_KEY_ID"]
    scope = f"{account}/20260101/{region}/{service}/aws4_request"
    headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], data=body.encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def main():
    if not os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1:"):
        sys.exit("tamper: AWS_ENDPOINT_URL is not the sandbox's")
    project = sys.argv[1]
    print(f"ecs:UpdateService   {project}-api: desired count 7")
    call(
        "ecs",
        {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.UpdateService",
        },
        json.dumps({"cluster": f"{project}-cluster", "service": f"{project}-api", "desiredCount": 7}),
    )
    print(f"rds:ModifyDBInstance {project}-db: backups kept for 1 day")
    call(
        "rds",
        {"Content-Type": "application/x-www-form-urlencoded"},
        urllib.parse.urlencode(
            {
                "Action": "ModifyDBInstance",
                "Version": "2014-10-31",
                "DBInstanceIdentifier": f"{project}-db",
                "BackupRetentionPeriod": 1,
                "ApplyImmediately": "true",
            }
        ),
    )


if __name__ == "__main__":
    main()
