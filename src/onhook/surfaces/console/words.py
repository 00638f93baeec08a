"""The console's own words: what a question is about, and what is safe to do about it."""

from __future__ import annotations

from onhook.audit.vocabulary import Tag
from onhook.operations import choices
from onhook.operations.vocabulary import QuestionKind, StepName
from onhook.surfaces.web import stories

QUESTION_KINDS: dict[str, str] = {
    QuestionKind.SOC_CODE: "SOC code",
    QuestionKind.VERIFICATION: "Read-back",
    QuestionKind.NO_ADDRESS: "No mail address",
    QuestionKind.MAIL_REFUSED: "Mail refused",
    QuestionKind.STEP_FAILED: "Step failed",
    QuestionKind.NO_ACCOUNT: "No account",
    QuestionKind.SEVERAL_ACCOUNTS: "Several accounts",
    QuestionKind.NO_SUBSCRIPTION: "No subscription",
    QuestionKind.SEVERAL_SUBSCRIPTIONS: "Several subscriptions",
    QuestionKind.UPGRADE_NOT_SET_UP: "No upgrade page",
    QuestionKind.LINK_DIFFERS: "Links differ",
    QuestionKind.LINK_NOT_ACCEPTABLE: "Link not acceptable",
    QuestionKind.COUNT_UNCLEAR: "Count unclear",
    QuestionKind.VENDOR_SILENT: "Billing system silent",
    QuestionKind.VENDOR_REFUSED: "Billing system refuses",
}

# Asked because something failed; the others because something is in doubt.
FAULTS = frozenset(
    {
        QuestionKind.VERIFICATION,
        QuestionKind.MAIL_REFUSED,
        QuestionKind.STEP_FAILED,
        QuestionKind.VENDOR_SILENT,
        QuestionKind.VENDOR_REFUSED,
    }
)

_MAIL_WAITS = "Only the mail waits. Looking again changes nothing and is safe as often as you like."
SAFE: dict[str, str] = {
    QuestionKind.SOC_CODE: "Leaving it costs nothing; the operation can still be cancelled.",
    QuestionKind.VERIFICATION: "Reading back again changes nothing and is safe as often as you like.",
    QuestionKind.STEP_FAILED: "Trying again is safe: what was done is not done a second time.",
    QuestionKind.NO_ADDRESS: "Put the address on record first, then send. No mail has left.",
    QuestionKind.MAIL_REFUSED: "Mend the address first, then send. The server took no mail.",
}


def what_is_safe(kind: str) -> str:
    """Return what may be done about a question of this kind without harm."""
    return SAFE.get(kind, _MAIL_WAITS)


def choice_look(code: str) -> tuple[str, str]:
    """Return the icon of an answer and what it asks of whoever picks it; a plain decision has neither."""
    if code in choices.REPEATING:
        return "refresh-cw", "Changes nothing by itself; needs no reason."
    if code in choices.BY_HAND:
        return "hand", "Done by hand: say what you did, and where it can be seen."
    return "", ""


# What the labels of evidence say to people; another key is shown as it is, without its underscores.
EVIDENCE: dict[str, str] = {
    "account_id": "Salesforce id",
    "coid": "COID",
    "classic": "Salesforce Classic",
    "lightning": "Salesforce Lightning",
    "paid": "Paid lines",
    "soc_code": "SOC code",
    "to": "To",
    "at": "Read at",
    "read": "Read in",
    "written": "Written in",
    "subject": "Subject",
    "message_id": "Message-ID",
    "shop_link": "The shop's link",
    "salesforce_link": "Salesforce's copy",
}

# Short names of the steps for sentences.
STEP_DOES: dict[str, str] = {
    StepName.AUTHORISE: "Rights and lines are checked again.",
    StepName.DELETE_DEVICES: "The lines are being deleted in the device portal.",
    StepName.VERIFY_DELETED: "The lines are read back in CSU.",
    StepName.RESOLVE_VERIFICATION: "A decision on the read-back is carried out.",
    StepName.FIND_ACCOUNT: "The account is looked up in Salesforce.",
    StepName.FIND_SUBSCRIPTION: "The subscription is looked up at the shop.",
    StepName.NOTIFY_CUSTOMER: "The message to the customer goes out.",
    StepName.CLOSE: "The operation is being closed.",
}


def tag_words() -> list[tuple[str, str]]:
    """Return every tag of the trail with its words, in the order of the words."""
    told = [(tag.value, stories.STORIES[tag].sentence if tag in stories.STORIES else tag.value) for tag in Tag]
    return sorted(told, key=lambda pair: pair[1])
