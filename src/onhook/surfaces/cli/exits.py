"""Exit codes, and which error leads to which. The reference page is tested against this module."""

from __future__ import annotations

from enum import IntEnum

from django.db import DatabaseError, InterfaceError

from onhook.audit.checkpoint import UnusableCheckpoint
from onhook.billing.rules import UnableToPublish
from onhook.config.env import UnusableSetting
from onhook.config.postgres import UnableToStartPostgres, UnableToStopPostgres
from onhook.config.processes import UnableToStart
from onhook.exchange.exporting import UnableToExport
from onhook.exchange.importing import UnableToImport
from onhook.operations.billing_link import UnableToSendLink
from onhook.operations.cancelling import UnableToCancel
from onhook.operations.confirming import UnableToConfirm
from onhook.operations.planning import UnableToPlan
from onhook.operations.questions import UnableToAnswer, UnableToAssign
from onhook.operations.status import NoSuchOperation
from onhook.operations.targets import NotPermitted
from onhook.surfaces.cli import database_faults
from onhook.tenancy.people import NoSuchPerson
from onhook.tenancy.permissions import LacksRight
from onhook.tenancy.tokens import UnableToAuthenticate


class Exit(IntEnum):
    """What a script can tell from the end of a command."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    NOT_PERMITTED = 3
    NOT_FOUND = 4
    REFUSED = 5
    NOT_VERIFIED = 6
    UNAVAILABLE = 7
    NOT_SOUND = 8
    NEEDS_ANSWER = 9
    STOPPED = 130
    READER_GONE = 141


MEANINGS: dict[Exit, str] = {
    Exit.DONE: "Done; with --wait or --watch: the operation ended as verified.",
    Exit.FAULT: "An unexpected fault of onhook itself.",
    Exit.USAGE: "The command was written wrongly. Nothing was done.",
    Exit.NOT_PERMITTED: "No person was named, the token does not fit, or the person may not. Nothing was done.",
    Exit.NOT_FOUND: "Nothing fits, or several things do and none was chosen. Nothing was done.",
    Exit.REFUSED: "The request was understood and refused; the message says why. Nothing was done.",
    Exit.NOT_VERIFIED: "The operation ended, but not as verified (mismatch, void, rejected, cancelled, timed out).",
    Exit.UNAVAILABLE: "The database or another part does not answer.",
    Exit.NOT_SOUND: "A check found something: the audit trail is not intact, a row is bad, or doctor found a fault.",
    Exit.NEEDS_ANSWER: "The operation waits for a person's answer.",
    Exit.STOPPED: "Stopped with Ctrl-C. What was confirmed before goes on; what was not finished was not kept.",
    Exit.READER_GONE: "Whatever read the output (head, less) ended before everything was printed.",
}


class CommandError(Exception):
    """An end that the command itself decides on."""

    def __init__(self, message: str, *, exit_code: Exit) -> None:
        super().__init__(message)
        self.exit_code = exit_code


# The first that fits counts: a lack of a right is also the refusal of its act.
ERRORS: dict[type[Exception], Exit] = {
    LacksRight: Exit.NOT_PERMITTED,
    UnableToAuthenticate: Exit.NOT_PERMITTED,
    NotPermitted: Exit.NOT_PERMITTED,
    NoSuchPerson: Exit.NOT_FOUND,
    NoSuchOperation: Exit.NOT_FOUND,
    UnableToPlan: Exit.REFUSED,
    UnableToConfirm: Exit.REFUSED,
    UnableToAnswer: Exit.REFUSED,
    UnableToAssign: Exit.REFUSED,
    UnableToCancel: Exit.REFUSED,
    UnableToSendLink: Exit.REFUSED,
    UnableToPublish: Exit.REFUSED,
    UnableToImport: Exit.REFUSED,
    UnableToExport: Exit.REFUSED,
    UnusableCheckpoint: Exit.REFUSED,
    UnusableSetting: Exit.USAGE,
    UnableToStartPostgres: Exit.UNAVAILABLE,
    UnableToStopPostgres: Exit.UNAVAILABLE,
    UnableToStart: Exit.UNAVAILABLE,
}


def exit_of(error: Exception) -> Exit | None:
    """Return the exit code of a known error, or None for one that nobody expected."""
    if isinstance(error, CommandError):
        return error.exit_code
    if isinstance(error, DatabaseError | InterfaceError):
        return Exit.UNAVAILABLE if database_faults.is_known(error) else None
    return next((code for kind, code in ERRORS.items() if isinstance(error, kind)), None)
