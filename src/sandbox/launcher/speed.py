"""Spares moto work that it repeats for every request. Nothing a client sees depends on it."""

from functools import lru_cache


def remember_what_does_not_change():
    """moto looks through its folder for the names of services, and through a class for the names of operations."""
    from moto import backends
    from moto.core import responses

    modules = list(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: iter(modules)
    # A service's class is complete, corrections included, before its first request is answered.
    responses.method_names_from_class = lru_cache(maxsize=None)(responses.method_names_from_class)
