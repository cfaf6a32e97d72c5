"""RDS: an instance's identity and its windows."""

import base64
import hashlib

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


def minutes(clock):
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


def windows_overlap(maintenance, backup):
    """Whether a weekly window (`sun:04:00-sun:05:00`) shares a minute with a daily one (`03:00-04:00`)."""
    start, end = (DAYS.index(text[:3]) * MINUTES_A_DAY + minutes(text[4:]) for text in maintenance.split("-"))
    week = len(DAYS) * MINUTES_A_DAY
    end += week if end < start else 0
    daily_start, daily_end = (minutes(text) for text in backup.split("-"))
    daily_end += MINUTES_A_DAY if daily_end < daily_start else 0
    # From the day before, whose window may reach past midnight, to the day after the week's end.
    for day in range(-1, 2 * len(DAYS)):
        offset = day * MINUTES_A_DAY
        if daily_start + offset < end and start < daily_end + offset:
            return True
    return False


def accept_adjacent_windows():
    from moto.rds import models

    check = models.valid_preferred_maintenance_window

    def valid_preferred_maintenance_window(maintenance_window, backup_window):
        refusal = check(maintenance_window, None)
        if refusal or not backup_window:
            return refusal
        try:
            overlap = windows_overlap(maintenance_window, backup_window)
        except ValueError:
            return f"Invalid backup window format: {backup_window}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC)"
        return "The backup window and maintenance window must not overlap." if overlap else None

    models.valid_preferred_maintenance_window = valid_preferred_maintenance_window


CORRECTIONS = [
    Correction("rds-resource-id", "every RDS instance has a DbiResourceId of its own", ("rds",), give_each_instance_its_own_id),
    Correction("rds-windows", "an RDS maintenance window may begin when the backup window ends", ("rds",), accept_adjacent_windows),
]
