"""
The embedded PostgreSQL: onhook's own server when `DATABASE_URL` names none.

Nothing here knows Django, whose settings are made from what this package gives.
"""

from onhook.config.postgres.addresses import connect_parameters
from onhook.config.postgres.errors import UnableToStartPostgres, UnableToStopPostgres
from onhook.config.postgres.folders import instance_id, state_folder
from onhook.config.postgres.record import Server
from onhook.config.postgres.server import ensure_running, remove, running, stop

__all__ = [
    "Server",
    "UnableToStartPostgres",
    "UnableToStopPostgres",
    "connect_parameters",
    "ensure_running",
    "instance_id",
    "remove",
    "running",
    "state_folder",
    "stop",
]
