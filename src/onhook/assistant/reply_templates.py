"""Replies that agents start from, by who bills and how the request stands. They read and change them before sending."""

from __future__ import annotations

from dataclasses import dataclass

from onhook.assistant.models import Case
from onhook.billing.channels import Channel
from onhook.devices import numbers
from onhook.operations.models import Operation
from onhook.operations.vocabulary import Outcome


@dataclass(frozen=True, kw_only=True)
class Template:
    """A reply. None fits every channel or outcome; `{name}` and `{number}` are filled in."""

    code: str
    label: str
    text: str
    channel: Channel | None = None
    outcome: Outcome | None = None


TEMPLATES: tuple[Template, ...] = (
    Template(
        code="done_shop",
        label="Done, billed by the shop",
        channel=Channel.SHOP,
        outcome=Outcome.VERIFIED,
        text="The line {number} is deleted, and we checked it. Your bill at the 2Checkout portal does not "
        "follow by itself: please open the link in our other mail and lower the count by the number of deleted lines.",
    ),
    Template(
        code="done_direct",
        label="Done, billed directly",
        channel=Channel.DIRECT,
        outcome=Outcome.VERIFIED,
        text="The line {number} is deleted, and we checked it. Your bill follows by itself; there is nothing "
        "to do for you.",
    ),
    Template(
        code="done_contract",
        label="Done, under a contract",
        channel=Channel.CONTRACT,
        outcome=Outcome.VERIFIED,
        text="The line {number} is deleted, and we checked it. What it means for the bill stands in your contract.",
    ),
    Template(
        code="not_verified",
        label="Deleted, the check does not fit yet",
        outcome=Outcome.MISMATCH,
        text="The line {number} was deleted, but our check does not show it as it should. We look "
        "into it and write again.",
    ),
    Template(
        code="not_confirmed",
        label="Planned, nobody confirmed it",
        text="The deletion of {number} is planned and nobody confirmed it yet. An Admin or a Super User of your "
        "company "
        "opens the plan under Operations and confirms it. Nothing is deleted before.",
    ),
    Template(
        code="new_phone",
        label="New phone, same worker",
        text="The line {number} stays as it is. Please write to us when the new phone is at hand; "
        "then we move the app.",
    ),
    Template(code="ask_more", label="Ask for more", text="Which line is it about, and what shall happen with it?"),
)


def fitting(case: Case) -> list[Template]:
    """Return the templates, those for this case's channel and outcome first."""
    channel, outcome = _facts(case)

    def distance(template: Template) -> int:
        fits = (template.channel in (None, channel)) + (template.outcome in (None, outcome))
        return -fits - (template.outcome is not None and template.outcome == outcome)

    return sorted(TEMPLATES, key=distance)


def filled(template: Template, case: Case) -> str:
    """Return the template's text for this case."""
    number = numbers.display(case.device.number) if case.device else "in question"
    return f"Hello {case.opened_by.full_name},\n\n" + template.text.format(name=case.opened_by.full_name, number=number)


def _facts(case: Case) -> tuple[str, str]:
    if case.plan is None:
        return "", ""
    item = case.plan.items.first()
    outcome = Operation.objects.filter(plan=case.plan).values_list("outcome", flat=True).first()
    return (item.channel if item else ""), outcome or ""
