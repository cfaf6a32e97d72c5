"""RDS: an instance's identity, windows, fields, replicas and end."""

import base64
import hashlib
import re

from corrections import Correction

MINUTES_A_DAY = 24 * 60
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def new_resource_id(backend):
    """A DbiResourceId: `db-` and 26 characters of base 32, from moto's seeded source of randomness."""
    from moto.moto_api._internal import mock_random

    digest = hashlib.sha256(f"{backend.account_id}{mock_random.uuid4()}".encode()).digest()
    return "db-" + base64.b32encode(digest).decode()[:26]


def give_each_instance_its_own_id():
    from moto.rds.models import DBInstance

    initialize = DBInstance.__init__

    def __init__(self, backend, *arguments, **named):
        initialize(self, backend, *arguments, **named)
        self.dbi_resource_id = new_resource_id(backend)

    DBInstance.__init__ = __init__


WEEK = len(DAYS) * MINUTES_A_DAY
WEEKLY = re.compile(r"([a-z]{3}):([0-9]{2}):([0-9]{2})-([a-z]{3}):([0-9]{2}):([0-9]{2})")
DAILY = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")


def minute_of_day(hours, minutes):
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("no such time of day")
    return int(hours) * 60 + int(minutes)


def weekly_window(text):
    """Start and end in minutes since Monday, the end after the start, of `sun:04:00-sun:05:00`."""
    fields = WEEKLY.fullmatch(text)
    if fields is None or fields[1] not in DAYS or fields[4] not in DAYS:
        raise ValueError("no weekly window")
    start, end = (
        DAYS.index(day) * MINUTES_A_DAY + minute_of_day(hours, minutes)
        for day, hours, minutes in (fields.groups()[:3], fields.groups()[3:])
    )
    return start, end if end >= start else end + WEEK


def daily_window(text):
    """Start and end in minutes since midnight, the end after the start, of `03:00-04:00`."""
    fields = DAILY.fullmatch(text)
    if fields is None:
        raise ValueError("no daily window")
    start, end = minute_of_day(fields[1], fields[2]), minute_of_day(fields[3], fields[4])
    return start, end if end >= start else end + MINUTES_A_DAY


def refusal_of_windows(maintenance, backup):
    """What AWS says against a maintenance window beside a backup window, which may be None; None if nothing."""
    try:
        start, end = weekly_window(maintenance)
    except ValueError:
        return (
            f"Invalid maintenance window format: {maintenance}. Should be specified as a range"
            " ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC). Example: Sun:23:45-Mon:00:15"
        )
    if end - start < 30:
        return "The maintenance window must be at least 30 minutes."
    if end - start >= MINUTES_A_DAY:
        return "Maintenance window must be less than 24 hours."
    if not backup:
        return None
    try:
        daily_start, daily_end = daily_window(backup)
    except ValueError:
        return f"Invalid backup window format: {backup}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC)."
    # From the day before, whose window may reach past midnight, to the day after the week's end.
    for day in range(-1, len(DAYS) + 2):
        offset = day * MINUTES_A_DAY
        if daily_start + offset < end and start < daily_end + offset:
            return "The backup window and maintenance window must not overlap."
    return None


def accept_adjacent_windows():
    from moto.rds import models

    models.valid_preferred_maintenance_window = refusal_of_windows


# Asked for on creation, dropped by moto, and shown by AWS: request name, name in the answer, AWS's default.
KEPT_FIELDS = [
    ("NetworkType", "network_type", "IPV4"),
    ("DatabaseInsightsMode", "database_insights_mode", "standard"),
    ("DedicatedLogVolume", "dedicated_log_volume", False),
    ("EnableCustomerOwnedIp", "customer_owned_ip_enabled", False),
    ("BackupTarget", "backup_target", "region"),
    ("Timezone", "timezone", None),
    ("NcharCharacterSetName", "nchar_character_set_name", None),
    ("ProcessorFeatures", "processor_features", None),
    ("CustomIamInstanceProfile", "custom_iam_instance_profile", None),
    ("MultiTenant", "multi_tenant", None),
    ("EngineLifecycleSupport", "engine_lifecycle_support", "open-source-rds-extended-support"),
]
# An answer's name is set by UpdateDBInstance under the request's one.
RENAMED = {"enable_customer_owned_ip": "customer_owned_ip_enabled"}
WITH_LIFECYCLE_SUPPORT = {"mysql", "postgres", "aurora-mysql", "aurora-postgresql"}
MOTO_LICENSE = "general-public-license"
POSTGRES_LICENSE = "postgresql-license"
DEFAULT_AUTHORITY = "rds-ca-rsa2048-g1"
HOSTED_ZONE = "Z2R2ITUGPM61AM"


def default_key(backend):
    """The ARN of the account's `aws/rds` key, which encrypts where no key is named."""
    from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS

    identity = RESERVED_ALIASE_TARGET_KEY_IDS["alias/aws/rds"]
    return f"arn:{backend.partition}:kms:{backend.region_name}:{backend.account_id}:key/{identity}"


def keep_fields():
    from botocore import xform_name
    from moto.rds.models import DBInstance

    initialize = DBInstance.__init__
    update = DBInstance.update
    endpoint = DBInstance.endpoint.fget

    def __init__(self, backend, *arguments, **named):
        initialize(self, backend, *arguments, **named)
        for request, answer, default in KEPT_FIELDS:
            if request == "EngineLifecycleSupport" and self.engine not in WITH_LIFECYCLE_SUPPORT:
                default = None
            # A restored instance is given the answer's names.
            value = named.get(xform_name(request), named.get(answer))
            setattr(self, answer, default if value is None else value)
        if self.ca_certificate_identifier in (None, "rds-ca-default"):
            self.ca_certificate_identifier = DEFAULT_AUTHORITY
        if self.db_cluster_identifier is None:
            if self.engine == "postgres":
                self.license_model = POSTGRES_LICENSE if self.license_model == MOTO_LICENSE else self.license_model
                if not self.option_group_supplied:
                    self.option_group_name = f"default:postgres-{self.engine_version.split('.')[0]}"
            if self.kms_key_id == "default_kms_key_id":
                self.kms_key_id = default_key(backend)
            give_baseline_performance(self, named)

    def give_baseline_performance(self, named):
        # gp3 volumes of less than 400 GiB (RDS user guide, storage types).
        if self.storage_type == "gp3":
            self.iops = self.iops or 3000
            self._storage_throughput = named.get("storage_throughput") or self._storage_throughput or 125

    def renamed_update(self, *arguments, **changes):
        for request, answer in RENAMED.items():
            if request in changes:
                changes[answer] = changes.pop(request)
        return update(self, *arguments, **changes)

    def zoned_endpoint(self):
        return {**endpoint(self), "HostedZoneId": HOSTED_ZONE}

    DBInstance.__init__ = __init__
    DBInstance.update = renamed_update
    DBInstance.endpoint = property(zoned_endpoint)


def show_performance_insights():
    from moto.rds.models import DBInstance

    initialize = DBInstance.__init__
    update = DBInstance.update
    names = ("enable_performance_insights", "performance_insights_kms_key_id", "performance_insights_retention_period")

    def settle(self):
        if self.enable_performance_insights:
            self.performance_insights_kms_key_id = self.performance_insights_kms_key_id or default_key(self.backend)
            self.performance_insights_retention_period = int(self.performance_insights_retention_period or 7)
        else:
            self.performance_insights_kms_key_id = self.performance_insights_retention_period = None

    def __init__(self, backend, *arguments, **named):
        initialize(self, backend, *arguments, **named)
        for name in names:
            setattr(self, name, named.get(name))
        settle(self)

    def settled_update(self, *arguments, **changes):
        update(self, *arguments, **changes)
        settle(self)

    def performance_insights_enabled(self):
        return bool(self.enable_performance_insights)

    DBInstance.__init__ = __init__
    DBInstance.update = settled_update
    DBInstance.performance_insights_enabled = property(performance_insights_enabled)


# Of the source, unless the request says otherwise.
INHERITED = [
    "engine",
    "engine_version",
    "allocated_storage",
    "storage_type",
    "storage_encrypted",
    "kms_key_id",
    "master_username",
    "license_model",
    "port",
    "db_instance_class",
    "db_parameter_group_name",
    "auto_minor_version_upgrade",
    "character_set_name",
    "db_name",
]


def make_replicas_of_their_own():
    from moto.rds.exceptions import DBInstanceAlreadyExists
    from moto.rds.models import DBInstance, RDSBackend

    promote = RDSBackend.promote_read_replica
    delete = RDSBackend.delete_db_instance

    def create_db_instance_read_replica(self, db_kwargs):
        identifier = db_kwargs["db_instance_identifier"].lower()
        if identifier in self.databases:
            raise DBInstanceAlreadyExists()
        primary = self.find_db_from_id(db_kwargs["source_db_instance_identifier"])
        wanted = {name: getattr(primary, name) for name in INHERITED}
        same_region = primary.region == self.region_name
        if same_region:
            wanted["db_subnet_group_name"] = primary._db_subnet_group_name
            wanted["vpc_security_group_ids"] = list(primary.vpc_security_group_ids)
        else:
            wanted["db_parameter_group_name"] = None
        # Replicas take no backups of their own until they are told to.
        wanted["backup_retention_period"] = 0
        wanted.update({name: value for name, value in db_kwargs.items() if value is not None})
        wanted.pop("backend", None)
        replica = DBInstance(self, **wanted)
        replica.set_as_replica()
        self.databases[replica.db_instance_identifier] = replica
        primary.add_replica(replica)
        return replica

    def promote_read_replica(self, db_kwargs):
        database = self.databases[db_kwargs["db_instance_identifier"]]
        if database.is_replica:
            self.find_db_from_id(database.source_db_instance_identifier).remove_replica(database)
        promoted = promote(self, db_kwargs)
        promoted.source_db_instance_identifier = None
        return promoted

    def remove_replica(self, replica):
        for name in (replica.db_instance_identifier, replica.db_instance_arn):
            if name in self.replicas:
                self.replicas.remove(name)

    def delete_db_instance(self, db_instance_identifier, *arguments, **named):
        deleted = delete(self, db_instance_identifier, *arguments, **named)
        # The replicas of a deleted instance stand alone.
        for name in deleted.replicas:
            try:
                replica = self.find_db_from_id(name)
            except Exception:
                continue
            replica.is_replica = False
            replica.source_db_instance_identifier = None
        return deleted

    RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica
    RDSBackend.promote_read_replica = promote_read_replica
    RDSBackend.delete_db_instance = delete_db_instance
    DBInstance.remove_replica = remove_replica


def ask_for_final_snapshot():
    from moto.rds.exceptions import DBSnapshotAlreadyExistsError, InvalidParameterCombination
    from moto.rds.models import RDSBackend

    delete = RDSBackend.delete_db_instance

    def delete_db_instance(self, db_instance_identifier, final_db_snapshot_identifier=None, skip_final_snapshot=False, **named):
        database = self.databases.get(db_instance_identifier)
        if database and not database.deletion_protection and not database.is_replica and not database.db_cluster_identifier:
            if skip_final_snapshot and final_db_snapshot_identifier:
                raise InvalidParameterCombination("FinalDBSnapshotIdentifier cannot be specified when deleting with SkipFinalSnapshot.")
            if not skip_final_snapshot and not final_db_snapshot_identifier:
                raise InvalidParameterCombination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
            if final_db_snapshot_identifier and final_db_snapshot_identifier in self.database_snapshots:
                raise DBSnapshotAlreadyExistsError(final_db_snapshot_identifier)
        return delete(self, db_instance_identifier, final_db_snapshot_identifier, skip_final_snapshot, **named)

    RDSBackend.delete_db_instance = delete_db_instance


CORRECTIONS = [
    Correction("rds-resource-id", "every RDS instance has a DbiResourceId of its own", ("rds",), give_each_instance_its_own_id),
    Correction("rds-windows", "an RDS maintenance window may begin when the backup window ends", ("rds",), accept_adjacent_windows),
    Correction(
        "rds-instance-fields",
        "an RDS instance keeps network type, insights mode, support plan and the like, with AWS's defaults",
        ("rds",),
        keep_fields,
    ),
    Correction(
        "rds-performance-insights",
        "an RDS instance shows its Performance Insights settings",
        ("rds",),
        show_performance_insights,
    ),
    Correction(
        "rds-read-replica",
        "an RDS read replica is an instance of its own, and promotion or its source's deletion detach it",
        ("rds",),
        make_replicas_of_their_own,
    ),
    Correction(
        "rds-final-snapshot",
        "deleting an RDS instance needs a final snapshot's name or the choice to skip it",
        ("rds",),
        ask_for_final_snapshot,
    ),
]
