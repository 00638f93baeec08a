"""
One step of a conversation: a button is pressed or something is written, and the menu answers.

The menu makes plans, and asks for the billing link to be sent; it deletes nothing. Confirming a plan is a matter of the
plan's own page. Only what the last message offered can be pressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onhook.assistant import acts, cases
from onhook.assistant.lines import MOST_SHOWN, Found
from onhook.assistant.menu import TREE, Code
from onhook.assistant.models import Conversation, Message, Speaker
from onhook.assistant.understanding import MOST_LETTERS, Understanding
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.operations.models import Plan
from onhook.operations.ports import Ports
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company

LINE, REQUESTER = "line:", "requester:"


class UnableToGoOn(Exception):
    """Nothing was done; the message is fit to show."""


@dataclass
class Answer:
    """What the menu says next. `sent_plan` went to somebody who may confirm it; the surface mails them its address."""

    text: str
    choices: list[dict[str, str]] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    sent_plan: Plan | None = None
    is_handed_over: bool = False


def open_of(*, company: Company, actor: Actor) -> Conversation | None:
    """Return this person's conversation that is not over."""
    return Conversation.objects.filter(company=company, user=actor.user, ended_at=None).first()


def greeting() -> Answer:
    """Return what stands there before anything was said."""
    return _node(Code.ROOT)


def press(*, company: Company, actor: Actor, code: str, now: datetime, ports: Ports | None = None) -> Answer:
    """
    Go where a button leads.

    :raises UnableToGoOn: the last message did not offer it.
    """
    with transaction.atomic():
        conversation = _locked(company, actor, now)
        label = _offered(conversation).get(code)
        if label is None:
            raise UnableToGoOn(_("That choice is not offered any more. Nothing was done; choose again."))
        _keep(conversation, Speaker.PERSON, label, at=now)
        answer = _follow(conversation, code, actor=actor, now=now)
        _finish(conversation, answer, at=now)
    if ports is not None and any(link["kind"] == "plan" for link in answer.links):
        acts.preview_later(conversation, ports=ports)
    return answer


def say(*, company: Company, actor: Actor, text: str, understanding: Understanding, now: datetime) -> Answer:
    """
    Answer free text. It leads to a branch and to candidates, and never further: each act has its own button.

    :raises UnableToGoOn: nothing was written.
    """
    text = " ".join(text.replace("\0", " ").split())[:MOST_LETTERS]
    if not text:
        raise UnableToGoOn(_("Nothing was written. Choose a button, or write what you need."))
    # A model may take its time: it is asked before anything is locked.
    understood = understanding.understand(text=text, company=company)
    with transaction.atomic():
        conversation = _locked(company, actor, now)
        _keep(conversation, Speaker.PERSON, text, at=now)
        is_asked_for_a_line = TREE[Code(conversation.node)].reason is not None
        if understood.lines.device_ids or understood.lines.says_number or not is_asked_for_a_line:
            conversation.line_ids = list(understood.lines.device_ids)
            conversation.device_id = understood.lines.device_ids[0] if understood.lines.is_named else None
        if is_asked_for_a_line and (understood.lines.device_ids or not understood.branches):
            answer = _ask_which(conversation, understood.lines)
        elif len(understood.branches) == 1:
            answer = _enter(conversation, understood.branches[0], actor=actor, now=now)
        else:
            answer = _ask_back(conversation, understood.branches, understood.lines)
        _finish(conversation, answer, at=now)
    return answer


def _locked(company: Company, actor: Actor, now: datetime) -> Conversation:
    person = actor.person()
    made, is_new = Conversation.objects.select_for_update(of=("self",)).get_or_create(
        company=company, user=person, ended_at=None, defaults={"node": Code.ROOT.value, "started_at": now}
    )
    if is_new:
        first = greeting()
        _keep(made, Speaker.ASSISTANT, first.text, choices=first.choices, links=first.links, at=now)
    return made


def _offered(conversation: Conversation) -> dict[str, str]:
    last = conversation.messages.filter(speaker=Speaker.ASSISTANT.value).last()
    offered = {choice["code"]: choice["label"] for choice in (last.choices if last else [])}
    always = {code.value: str(TREE[code].label) for code in (Code.ROOT, Code.PERSON)}
    return always | offered


def _keep(
    conversation: Conversation,
    speaker: Speaker,
    text: str,
    *,
    at: datetime,
    choices: Sequence[dict[str, str]] = (),
    links: Sequence[dict[str, str]] = (),
) -> None:
    Message.objects.create(
        conversation=conversation,
        company_id=conversation.company_id,
        position=conversation.messages.count() + 1,
        speaker=speaker.value,
        text=text,
        choices=list(choices),
        links=list(links),
        at=at,
    )


def _finish(conversation: Conversation, answer: Answer, *, at: datetime) -> None:
    if not answer.is_handed_over:
        _keep(conversation, Speaker.ASSISTANT, answer.text, choices=answer.choices, links=answer.links, at=at)
    conversation.save(update_fields=["node", "line_ids", "device", "plan"])


def _follow(conversation: Conversation, code: str, *, actor: Actor, now: datetime) -> Answer:
    """Do what an offered button stands for."""
    if code.startswith(LINE):
        conversation.device_id = int(code.removeprefix(LINE))
        return _plan(conversation, actor=actor, now=now)
    if code.startswith(REQUESTER):
        return _plan(conversation, actor=actor, now=now, requester_id=int(code.removeprefix(REQUESTER)))
    return _enter(conversation, Code(code), actor=actor, now=now, is_pressed=True)


def _enter(  # noqa: PLR0911  # one line for each kind of node
    conversation: Conversation, code: Code, *, actor: Actor, now: datetime, is_pressed: bool = False
) -> Answer:
    if code is Code.PERSON:
        if not is_pressed:
            return _offer(
                _("I hand you over to a person of support, with everything that was said here."), [Code.PERSON]
            )
        return _hand_over(conversation, actor=actor, now=now)
    if code is Code.ROOT:
        conversation.line_ids, conversation.device = [], None
    if code is Code.STATUS:
        return Answer(**acts.status(company=conversation.company, actor=actor, now=now), choices=_choices([Code.ROOT]))
    if code is Code.LINK_NOW:
        said = acts.send_link(company=conversation.company, actor=actor, now=now)
        return Answer(**said, choices=_choices([Code.STATUS]))
    conversation.node = code.value
    if TREE[code].reason is None:
        return _node(code, about=_about(conversation))
    if conversation.device_id is not None:
        return _plan(conversation, actor=actor, now=now)
    if conversation.line_ids:
        device_ids = tuple(conversation.line_ids)
        return _ask_which(conversation, Found(device_ids, is_more=len(device_ids) == MOST_SHOWN))
    return _node(code)


def _hand_over(conversation: Conversation, *, actor: Actor, now: datetime) -> Answer:
    case = cases.open_case(conversation=conversation, actor=actor, now=now)
    return Answer("", links=[{"kind": "case", "id": str(case.pk), "label": ""}], is_handed_over=True)


def _node(code: Code, *, about: str = "") -> Answer:
    node = TREE[code]
    links = [{"kind": "article", "id": node.article, "label": _("Read the article")}] if node.article else []
    return Answer(f"{about}{node.says}", _choices(node.choices), links)


def _offer(text: str, codes: Iterable[Code]) -> Answer:
    return Answer(text, _choices(codes))


def _choices(codes: Iterable[Code]) -> list[dict[str, str]]:
    return [{"code": code.value, "label": str(TREE[code].label)} for code in codes]


def _about(conversation: Conversation) -> str:
    """Say which line a person is taken to mean, so that a wrong reading is seen before the plan."""
    if conversation.device is not None:
        return _("This is about %(line)s.") % {"line": _line(conversation.device)} + " "
    if len(conversation.line_ids) == 1:
        (device,) = _own(conversation, conversation.line_ids) or (None,)
        return _("You may mean %(line)s.") % {"line": _line(device)} + " " if device else ""
    if conversation.line_ids:
        return _("Several lines fit; you pick one before anything is planned.") + " "
    return ""


def _own(conversation: Conversation, device_ids: Sequence[int]) -> list[Device]:
    """Return those of these lines that are the company's and live, in this order."""
    rows = Device.objects.filter(company_id=conversation.company_id, deleted_at=None).in_bulk(device_ids)
    return [rows[pk] for pk in device_ids if pk in rows]


def _line(device: Device) -> str:
    number = numbers.display(device.number)
    return f"{number}, {device.worker}" if device.worker else number


def _ask_back(conversation: Conversation, branches: Sequence[Code], found: Found) -> Answer:
    if branches:
        return _offer(_("I understand more than one thing. What is first?"), branches)
    if found.device_ids:
        text = _("What shall happen with the line?")
        return _offer(f"{_about(conversation)}{text}", TREE[Code.ADMIN_ACTIONS].choices)
    if found.says_number:
        return _offer(
            _("I find no active line of your company with this number. What do you need?"), TREE[Code.ROOT].choices
        )
    return _offer(
        _("I did not understand that. Choose what comes closest, or write it in other words."), TREE[Code.ROOT].choices
    )


def _ask_which(conversation: Conversation, found: Found) -> Answer:
    rows = _own(conversation, found.device_ids)
    buttons = [{"code": f"{LINE}{row.pk}", "label": _line(row)} for row in rows]
    if not buttons:
        return Answer(_("I find no active line of your company that fits. Write the whole number, or choose below."))
    text = _("Is it this line?") if len(buttons) == 1 else _("Which of these lines is it?")
    more = " " + _("More lines fit; where it is none of these, write more of the number.") if found.is_more else ""
    return Answer(text + more, buttons)


def _plan(conversation: Conversation, *, actor: Actor, now: datetime, requester_id: int | None = None) -> Answer:
    reason = TREE[Code(conversation.node)].reason
    if reason is None or conversation.device_id is None:
        raise UnableToGoOn(_("That choice is not offered any more. Nothing was done; choose again."))
    made: dict[str, Any] = acts.plan(
        conversation=conversation, reason=reason, actor=actor, now=now, requester_id=requester_id
    )
    if people := made.pop("requesters", None):
        made["choices"] = [{"code": f"{REQUESTER}{pk}", "label": name} for pk, name in people]
    answer = Answer(**made)
    if conversation.plan_id is not None and answer.links:
        conversation.node, conversation.line_ids = Code.ROOT.value, []
        answer.choices = _choices([Code.STATUS])
    return answer
