"""
How the product's forms are filled in so that they are taken: without that, every form sent would end at its faults.

What a form says of ids is right for the company that it is about; the crawl mixes other companies' ids in itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from onhook.assistant.menu import Code
from onhook.operations import handing_over
from onhook.operations.models import Plan
from onhook.operations.vocabulary import HowChecked, Reason
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests.security.walls.people_and_things import Things

Said = dict[str, Any]


@dataclass(frozen=True)
class About:
    """What a form is filled in about: a company's things, the ids in the path, and who of support there is."""

    things: Things
    gaps: dict[str, Any]
    agent: User


def _nothing(_: About) -> Said:
    return {}


def _asks(about: About) -> Said:
    """Who asks; whoever may ask for themselves has no such fields, and what they say there is not read."""
    return {
        "requester": about.things.admin.pk,
        "how_checked": HowChecked.CALLED_BACK.value,
        "ticket_reference": "T-1001",
    }


def _why(about: About) -> Said:
    return {**_asks(about), "reason": Reason.LOST.value, "note": "Left in a train", "key": "once"}


def _read_the_plan(about: About) -> Said:
    plan = Plan.objects.filter(pk=about.gaps["plan_id"], line_count__gt=0).first()
    return {"typed": handing_over.proof_of_reading(plan), "plan_hash": plan.plan_hash} if plan else {}


def _newcomer(_: About) -> Said:
    return {
        "full_name": "Nora Example",
        "username": "nora",
        "email": "nora@plumbing.example",
        "role": Role.VIEWER.value,
    }


# What the form of each address says, for every address of the portal and the console that takes one.
BODIES: dict[str, Callable[[About], Said]] = {
    "portal:devices-export": _nothing,
    "portal:deletion": _why,
    "portal:plan-confirm": _read_the_plan,
    "portal:plan-again": _nothing,
    "portal:plan-send": _nothing,
    "portal:plan-decline": lambda _: {"words": "They still need it"},
    "portal:plan-withdraw": _nothing,
    "portal:operation-cancel": _nothing,
    "portal:person-new": _newcomer,
    "portal:person": lambda _: {"role": Role.MANAGER.value},
    "portal:person-factor": lambda _: {"is_sure": "on"},
    "portal:person-invite": _nothing,
    "portal:billing-link": _asks,
    "portal:contact": lambda _: {"choice": Code.BILL.value},
    "portal:case": lambda _: {"text": "Is it gone?"},
    "console:billing-link": _asks,
    "console:deletion": _why,
    "console:plan-confirm": _read_the_plan,
    "console:plan-again": _nothing,
    "console:plan-withdraw": _nothing,
    "console:operation-cancel": _nothing,
    "console:operation-check": _nothing,
    "console:case-act": lambda _: {"do": "reply", "text": "It is gone."},
    "console:question-answer": lambda _: {"choice": "direct", "reason": "The contract says so"},
    "console:question-assign": lambda about: {"to": about.agent.pk, "note": "Yours"},
}
# What the address of a form says besides.
QUERIES: dict[str, Callable[[About], Said]] = {
    "portal:deletion": lambda about: {"device": about.things.device.pk},
    "console:deletion": lambda about: {"device": about.things.device.pk},
}
