"""The words and looks of every stored state. A test holds each table against its vocabulary."""

from __future__ import annotations

from onhook.billing.channels import Channel
from onhook.devices.models import Device
from onhook.devices.wanted import Line
from onhook.operations import choices
from onhook.operations.actions import authorise, billing_questions, verification
from onhook.operations.models import Notice, Operation
from onhook.operations.prechecks import Level
from onhook.operations.vocabulary import (
    STEP_LABELS,
    HowChecked,
    ItemState,
    NoticeState,
    Outcome,
    Reason,
    State,
    StepState,
)
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from onhook.ui.states import Look

ACTIVE = Look("Active", "ok", "circle-check")
HELD = Look("On hold", "warn", "lock")
GOING = Look("Being deleted", "info", "loader-circle")
DELETED = Look("Deleted", "idle", "phone-off")

OPERATIONS: dict[str, Look] = {
    State.RUNNING: Look("Running", "info", "loader-circle"),
    State.WAITING: Look("Waits for a person", "warn", "hourglass"),
    Outcome.VERIFIED: Look("Verified", "ok", "shield-check"),
    Outcome.DONE: Look("Done", "ok", "circle-check"),
    Outcome.MISMATCH: Look("Does not match", "bad", "octagon-alert"),
    Outcome.TIMED_OUT: Look("Not verified", "bad", "timer-off"),
    Outcome.VOID: Look("Void", "idle", "ban"),
    Outcome.REJECTED: Look("Rejected", "bad", "circle-x"),
    Outcome.CANCELLED: Look("Cancelled", "idle", "circle-slash"),
}
ITEMS: dict[str, Look] = {
    ItemState.PENDING: Look("To be deleted", "info", "clock"),
    ItemState.DELETED: Look("Deleted", "info", "phone-off"),
    ItemState.SKIPPED: Look("Left as it was", "warn", "skip-forward"),
    ItemState.VERIFIED: Look("Deleted, verified", "ok", "shield-check"),
    ItemState.MISMATCH: Look("Does not match", "bad", "octagon-alert"),
    ItemState.RELEASED: Look("Not deleted", "idle", "undo-2"),
}
STEPS: dict[str, Look] = {
    StepState.RUNNING: Look("Now", "info", "loader-circle"),
    StepState.WAITING: Look("Waits", "warn", "hourglass"),
    StepState.DONE: Look("Done", "ok", "check"),
    StepState.STOPPED: Look("Stopped", "bad", "circle-x"),
}
NOTICES: dict[str, Look] = {
    NoticeState.READY: Look("Written", "info", "mail"),
    NoticeState.SENDING: Look("Being sent", "info", "loader-circle"),
    NoticeState.SENT: Look("Sent", "ok", "mail-check"),
    NoticeState.DOUBTFUL: Look("Perhaps sent", "warn", "mail-question-mark"),
    NoticeState.BY_HAND: Look("Told by hand", "idle", "hand"),
}
REFUSED = Look("Refused", "warn", "mail-x")
# Answers to questions, by their code; what names a record, such as an account, is its own word.
ANSWERS: dict[str, str] = {
    choices.TRY_AGAIN: "look again",
    choices.CHECK_AGAIN: "read back again",
    choices.TOLD_BY_HAND: "told the customer themselves",
    choices.CLOSE_SILENTLY: "close without telling the customer",
    choices.WITHOUT_LINK: "tell the customer without a link",
    authorise.REJECT: "do not delete anything",
    Channel.DIRECT: "delete, billed directly",
    Channel.CONTRACT: "delete, part of a contract",
    Channel.EXCLUDED_PARTNER: "delete, the partner has been told",
    verification.TELL: "tell the customer and close",
    billing_questions.USE_SHOP_LINK: "send the shop's link",
    billing_questions.TAKE_OVER: "it is this company's now",
    billing_questions.TELL_COUNT: "the figures are right",
}
LEVELS: dict[str, Look] = {
    Level.OK: Look("Fine", "ok", "circle-check"),
    Level.WARN: Look("Look at this", "warn", "triangle-alert"),
    Level.BLOCK: Look("Stops the deletion", "bad", "octagon-x"),
}
CHANNELS: dict[str, str] = {
    Channel.SHOP: "Online shop",
    Channel.DIRECT: "Billed directly",
    Channel.CONTRACT: "Contract",
    Channel.EXCLUDED_PARTNER: "Partner",
    Channel.UNKNOWN: "Not known yet",
}
REASONS: dict[str, str] = {
    Reason.LOST: "Phone lost",
    Reason.STOLEN: "Phone stolen",
    Reason.LEFT_COMPANY: "Worker left the company",
    Reason.REPLACED: "Replaced by another line",
    Reason.NOT_NEEDED: "No longer needed",
    Reason.OTHER: "Another reason",
}
HOW_CHECKED: dict[str, str] = {
    HowChecked.SIGNED_IN: "Signed in themselves",
    HowChecked.TICKET_MAIL: "Mail in the ticket",
    HowChecked.CALLED_BACK: "Called back on the number on record",
    HowChecked.IN_PERSON: "In person",
}
ROLES: dict[str, str] = {
    Role.ADMIN: "Admin",
    Role.SUPER_USER: "Super User",
    Role.MANAGER: "Manager",
    Role.VIEWER: "Viewer",
    Role.AGENT: "Support agent",
    Role.LEAD: "Support lead",
    Role.AUDITOR: "Auditor",
}
FACTORS: dict[str, str] = {"totp": "code from an app", "recovery_codes": "recovery codes"}
STEP_NAMES: dict[str, str] = {name.value: label for name, label in STEP_LABELS.items()}


def device(row: Device | Line, *, is_going: bool = False) -> Look:
    """Return how a line stands; `is_going` while an operation that deletes it is open."""
    if row.deleted_at is not None:
        return DELETED
    if is_going:
        return GOING
    return HELD if row.is_held else ACTIVE


def notice(row: Notice) -> Look:
    """Return how far a mail is; one that was not taken is written, and has a problem."""
    return REFUSED if row.state == NoticeState.READY and row.problem else NOTICES[row.state]


def operation(row: Operation) -> Look:
    """Return how an operation stands or ended."""
    return OPERATIONS[row.outcome or row.state]


def person(user: User) -> Look:
    """Return whether a person can sign in."""
    if user.suspended_at is not None:
        return Look("Suspended", "bad", "user-x")
    return ACTIVE if user.password and user.has_usable_password() else Look("No password yet", "idle", "mail")
