"""Accounts: told apart by the access key, as any client can choose one, unlike moto's own request header."""

import json
import re

from corrections import Correction

ACCOUNT_AS_KEY = re.compile(r"Credential=(?P<account>[0-9]{12})/")


def choose_account_by_access_key():
    from moto.core.responses import BaseResponse
    from moto.iam import models

    get_access_key = BaseResponse.get_access_key

    def key_or_account(self):
        match = ACCOUNT_AS_KEY.search(self.headers.get("Authorization", ""))
        return match["account"] if match else get_access_key(self)

    def get_account_id_from(access_key):
        if len(access_key) == 12 and access_key.isdecimal():
            return access_key
        for account_id, account in list(models.iam_backends.items()):
            # Only partitions that exist: looking one up would create it, with all of AWS's managed policies.
            if any(access_key in backend.access_keys for backend in list(account.values())):
                return account_id
        return models.DEFAULT_ACCOUNT_ID

    BaseResponse.get_access_key = key_or_account
    models.get_account_id_from = get_account_id_from


def parse_managed_policies_once():
    """Not a matter of behaviour: every new account would parse the same 3 MB of JSON again."""
    from moto.iam import models

    parsed = {}

    def _init_aws_policies(self):
        if not parsed:
            parsed.update(json.loads(models.aws_managed_policies_data))
        return [
            models.AWSManagedPolicy.from_data(name, self.account_id, self.region_name, data)
            for name, data in parsed.items()
        ]

    models.IAMBackend._init_aws_policies = _init_aws_policies


def apply():
    choose_account_by_access_key()
    parse_managed_policies_once()


CORRECTIONS = [
    Correction("account-by-access-key", "an access key of twelve digits is the number of the account to work in", (), apply),
]
