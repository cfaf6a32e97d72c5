"""The corrections: each replaces one behaviour of moto that differs from AWS, by patching its classes at run time.

A correction belongs to the moto services whose code it patches, and is applied when the first request for one of them
arrives, so that services nobody asks for are never imported.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Callable, Optional

# Modules that hold corrections, in the order in which they are listed.
MODULES = [
    "accounts",
    "not_implemented",
    "cloudwatch",
    "ec2_gateways",
    "ec2_rules",
    "ecs_network",
    "ecs_service",
    "ecs_checks",
    "ecs_rollout",
    "elasticache",
    "elbv2",
    "in_use",
    "logs",
    "rds_instance",
    "rds_others",
    "route53",
    "s3",
    "scaling",
    "sqs",
]


@dataclass(frozen=True)
class Correction:
    name: str
    # What is true with it, in a sentence.
    effect: str
    # moto's service names; empty stands for all of them.
    services: tuple
    # Patches moto's classes.
    apply: Optional[Callable[[], None]] = None
    # Adjusts a service's Flask application.
    adjust: Optional[Callable[[object], None]] = None
    # Makes the WSGI application that stands in for a service moto does not have.
    unknown_service: Optional[Callable[[], Callable]] = None


@dataclass
class Settings:
    # How long a deployment of an ECS service takes; 0 is at once.
    rollout_seconds: float = 0.0


SETTINGS = Settings()


class UnknownCorrection(Exception):
    """The name of a correction to leave out is none of ours."""


def every():
    found = []
    for module in MODULES:
        found.extend(import_module(f"corrections.{module}").CORRECTIONS)
    return found


def choose(without, rollout_seconds=0.0):
    """The corrections to apply: all but those named in `without`, a list separated by commas."""
    left_out = {name.strip() for name in without.split(",") if name.strip()}
    known = every()
    unknown = left_out - {correction.name for correction in known}
    if unknown:
        names = ", ".join(sorted(correction.name for correction in known))
        raise UnknownCorrection(f"no correction is named `{sorted(unknown)[0]}`; there are {names}")
    SETTINGS.rollout_seconds = rollout_seconds
    return [correction for correction in known if correction.name not in left_out]


def application_maker(active):
    """What moto's dispatcher calls, under its lock, for a service it has no application for yet."""
    from moto.moto_server.werkzeug_app import create_backend_app

    waiting = list(active)

    def make(service):
        if service is None:
            stand_in = next((correction.unknown_service for correction in active if correction.unknown_service), None)
            if stand_in:
                return stand_in()
        # CloudFormation creates objects of every service through their classes, without asking the services' own pages.
        everything = service in ("cloudformation", "resourcegroupstaggingapi")
        for correction in list(waiting):
            if everything or not correction.services or service in correction.services:
                waiting.remove(correction)
                if correction.apply:
                    correction.apply()
        application = create_backend_app(service)
        for correction in active:
            if correction.adjust and (not correction.services or service in correction.services):
                correction.adjust(application)
        return application

    return make
