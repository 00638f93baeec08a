"""
The menu as data. It is complete without any model: every branch ends with a plan, an answer, or a person.

A node shows what it says and its choices. "Talk to a person" and "Start over" stand under every one of them, and are
not repeated here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onhook.operations.vocabulary import Reason

Words = str | Promise


class Code(StrEnum):
    """The nodes and acts. They are stored with conversations and never renamed."""

    ROOT = "root"
    ADMIN_ACTIONS = "admin_actions"
    DELETE = "delete"
    LEFT = "delete_left"
    UNUSED = "delete_unused"
    LOST = "lost"
    LOST_GONE = "delete_lost"
    STOLEN_GONE = "delete_stolen"
    NEW_PHONE = "new_phone"
    OTHER_WORKER = "other_worker"
    BILL = "bill"
    CHARGED = "still_charged"
    LINK = "send_link"
    LINK_NOW = "send_link_now"
    STATUS = "status"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True)
class Node:
    """
    One place of the menu.

    `label` is on the button that leads here. A node with a `reason` asks which line goes, and plans its deletion.
    """

    label: Words
    says: Words = ""
    choices: tuple[Code, ...] = ()
    reason: Reason | None = None
    article: str = ""


_WHICH = _("Which line is it? Write the number, its last digits or the worker's name.")

TREE: dict[Code, Node] = {
    Code.ROOT: Node(
        label=_("Start over"),
        says=_("What can we do for you? Choose, or write it in your own words."),
        choices=(Code.ADMIN_ACTIONS, Code.BILL, Code.STATUS),
    ),
    Code.ADMIN_ACTIONS: Node(
        label=_("Admin Actions"),
        says=_("What shall happen with the line?"),
        choices=(Code.DELETE, Code.LOST, Code.NEW_PHONE, Code.OTHER_WORKER),
    ),
    Code.DELETE: Node(
        label=_("Delete the Device"),
        says=_("Will someone use this number again? A deleted number is cancelled and cannot be brought back."),
        choices=(Code.UNUSED, Code.LEFT, Code.NEW_PHONE, Code.OTHER_WORKER),
        article="delete-a-phone-number",
    ),
    Code.UNUSED: Node(label=_("No, it is not needed any more"), says=_WHICH, reason=Reason.NOT_NEEDED),
    Code.LEFT: Node(label=_("No, the worker left"), says=_WHICH, reason=Reason.LEFT_COMPANY),
    Code.LOST: Node(
        label=_("Lost or stolen"),
        says=_("I am sorry to hear that. Will someone use this number again, on another phone?"),
        choices=(Code.LOST_GONE, Code.STOLEN_GONE, Code.NEW_PHONE),
        article="lost-phone",
    ),
    Code.LOST_GONE: Node(label=_("No: lost, delete the line"), says=_WHICH, reason=Reason.LOST),
    Code.STOLEN_GONE: Node(label=_("No: stolen, delete the line"), says=_WHICH, reason=Reason.STOLEN),
    Code.NEW_PHONE: Node(
        label=_("New phone for the same worker"),
        says=_("Do not delete the line: number and licence stay. A person of support moves the app to the new phone."),
        choices=(Code.PERSON, Code.DELETE),
        article="lost-phone",
    ),
    Code.OTHER_WORKER: Node(
        label=_("Somebody else takes the number"),
        says=_("Do not delete the line: number and licence stay. A person of support changes the worker's name."),
        choices=(Code.PERSON, Code.DELETE),
    ),
    Code.BILL: Node(label=_("My bill"), says=_("What about the bill?"), choices=(Code.CHARGED, Code.LINK)),
    Code.CHARGED: Node(
        label=_("Why am I still charged?"),
        says=_(
            "The bill counts licences. If you bought in the 2Checkout portal, a deletion does not lower the count by "
            "itself: open the link of our mail and lower it by the number of deleted lines. Otherwise the bill follows."
        ),
        choices=(Code.LINK, Code.STATUS),
        article="reading-your-bill",
    ),
    Code.LINK: Node(
        label=_("Send my billing link again"),
        says=_("The link goes to the mail address of your own sign-in, after it was checked. Nothing is deleted."),
        choices=(Code.LINK_NOW,),
        article="reading-your-bill",
    ),
    Code.LINK_NOW: Node(label=_("Send the link")),
    Code.STATUS: Node(label=_("Status of my request")),
    Code.PERSON: Node(label=_("Talk to a person")),
}

# What free text may lead to. Acts are not among them: text never does anything by itself.
Branch = Literal[
    Code.ADMIN_ACTIONS,
    Code.DELETE,
    Code.LOST,
    Code.NEW_PHONE,
    Code.OTHER_WORKER,
    Code.BILL,
    Code.CHARGED,
    Code.LINK,
    Code.STATUS,
    Code.PERSON,
]
BRANCHES: tuple[Branch, ...] = get_args(Branch)
