"""The states, ends, steps, reasons and questions of an operation. Values are stored and never renamed."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What an operation does. Deleting a device cancels the number; resetting the app on a phone is another thing."""

    DELETE_DEVICE = "delete_device"
    SEND_BILLING_LINK = "send_billing_link"


class PlanState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    VOID = "void"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    """Where an operation is: a worker's turn, a person's turn, or over."""

    RUNNING = "running"
    WAITING = "waiting"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How an operation ended."""

    VERIFIED = "verified"
    DONE = "done"
    MISMATCH = "mismatch"
    TIMED_OUT = "timed_out"
    VOID = "void"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """One line of an operation."""

    PENDING = "pending"
    DELETED = "deleted"
    SKIPPED = "skipped"
    VERIFIED = "verified"
    MISMATCH = "mismatch"
    RELEASED = "released"


class StepName(StrEnum):
    """The steps of a run, in order."""

    AUTHORISE = "authorise"
    DELETE_DEVICES = "delete_devices"
    VERIFY_DELETED = "verify_deleted"
    RESOLVE_VERIFICATION = "resolve_verification"
    FIND_ACCOUNT = "find_account"
    FIND_SUBSCRIPTION = "find_subscription"
    NOTIFY_CUSTOMER = "notify_customer"
    CLOSE = "close"


class StepState(StrEnum):
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"


class NoticeState(StrEnum):
    """
    A mail to the customer. `sending` is stored before the mail leaves; a mail whose fate stays unknown after one
    repeat is `doubtful`.
    """

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    DOUBTFUL = "doubtful"
    BY_HAND = "by_hand"


class QuestionKind(StrEnum):
    """What a person is asked."""

    SOC_CODE = "soc_code"
    VERIFICATION = "verification"
    NO_ADDRESS = "no_address"
    MAIL_REFUSED = "mail_refused"
    STEP_FAILED = "step_failed"
    NO_ACCOUNT = "no_account"
    SEVERAL_ACCOUNTS = "several_accounts"
    NO_SUBSCRIPTION = "no_subscription"
    SEVERAL_SUBSCRIPTIONS = "several_subscriptions"
    UPGRADE_NOT_SET_UP = "upgrade_not_set_up"
    LINK_DIFFERS = "link_differs"
    LINK_NOT_ACCEPTABLE = "link_not_acceptable"
    COUNT_UNCLEAR = "count_unclear"
    VENDOR_SILENT = "vendor_silent"
    VENDOR_REFUSED = "vendor_refused"


class Reason(StrEnum):
    """Why the line goes."""

    LOST = "lost"
    STOLEN = "stolen"
    LEFT_COMPANY = "left_company"
    REPLACED = "replaced"
    NOT_NEEDED = "not_needed"
    OTHER = "other"


class HowChecked(StrEnum):
    """How it was made sure that the requester is who they say."""

    SIGNED_IN = "signed_in"
    TICKET_MAIL = "ticket_mail"
    CALLED_BACK = "called_back"
    IN_PERSON = "in_person"


STEP_LABELS: dict[StepName, str] = {
    StepName.AUTHORISE: "Check rights and lines again",
    StepName.DELETE_DEVICES: "Delete in the device portal",
    StepName.VERIFY_DELETED: "Read back in CSU",
    StepName.RESOLVE_VERIFICATION: "Decide on the read-back",
    StepName.FIND_ACCOUNT: "Find the account in Salesforce",
    StepName.FIND_SUBSCRIPTION: "Find the subscription at the shop",
    StepName.NOTIFY_CUSTOMER: "Tell the customer",
    StepName.CLOSE: "Close",
}
