"""Cases: a conversation with a person of support. Whoever acts, and for which company, is checked and recorded here."""

from __future__ import annotations

from datetime import datetime
from html import escape

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from onhook.assistant.menu import TREE, Code
from onhook.assistant.models import Case, CaseMessage, CaseState, Conversation, MailState
from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.devices.models import Device
from onhook.operations.errors import OutcomeUnknown, Rejected, Retryable
from onhook.operations.models import Operation
from onhook.operations.ports import Mail, MailPort
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import OPERATOR_COID, Permission

MOST_LETTERS = 5000


class UnableToHandle(Exception):
    """Nothing was changed; the message is fit to show."""


def open_case(*, conversation: Conversation, actor: Actor, now: datetime) -> Case:
    """Hand the conversation over to support and end it. Must run inside the transaction that locked it."""
    case = Case.objects.create(
        company_id=conversation.company_id,
        conversation=conversation,
        opened_by=actor.person(),
        topic=_topic(conversation),
        device=conversation.device or _only_line(conversation),
        plan=conversation.plan,
        opened_at=now,
        changed_at=now,
    )
    conversation.ended_at = now
    conversation.save(update_fields=["ended_at"])
    _record(case, actor, Tag.CASE_OPENED, topic=case.topic)
    return case


def _only_line(conversation: Conversation) -> Device | None:
    """Return the line of the plan that was made, which is what the case is about whatever was written after it."""
    if conversation.plan is None or conversation.plan.line_count != 1:
        return None
    return conversation.plan.items.select_related("device").get().device


def _topic(conversation: Conversation) -> str:
    # A conversation that made a plan is back at the start of the menu.
    code = Code.DELETE if conversation.plan_id else Code(conversation.node)
    return str(_("Question") if code is Code.ROOT else TREE[code].label)


def write(*, case: Case, actor: Actor, text: str, now: datetime) -> CaseMessage:
    """
    Add what the customer writes to their own case; a closed one is open again.

    :raises UnableToHandle: the case is not theirs, or nothing was written.
    """
    if actor.user is None or case.opened_by_id != actor.user.pk:
        raise UnableToHandle(_("Only who opened the case writes to it. Nothing was sent."))
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        made = _add(case, actor.user, text, is_from_support=False, mail_state=MailState.NONE, now=now)
        case.state, case.closed_at, case.waits_for_us, case.changed_at = CaseState.OPEN.value, None, True, now
        case.save(update_fields=["state", "closed_at", "waits_for_us", "changed_at"])
        _record(case, actor, Tag.CASE_WRITTEN)
    return made


def reply(*, case: Case, actor: Actor, text: str, now: datetime, closes: bool = False) -> CaseMessage:
    """
    Keep a reply of support, ready to be mailed; the caller hands it to `deliver` afterwards.

    :raises UnableToHandle: no right, or nothing was written.
    """
    agent = _agent(case, actor)
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        made = _add(case, agent, text, is_from_support=True, mail_state=MailState.READY, now=now)
        case.waits_for_us, case.changed_at = False, now
        case.assigned_to = case.assigned_to or agent
        if closes:
            case.state, case.closed_at = CaseState.CLOSED.value, now
        case.save(update_fields=["state", "closed_at", "waits_for_us", "changed_at", "assigned_to"])
        _record(case, actor, Tag.CASE_ANSWERED)
        if closes:
            _record(case, actor, Tag.CASE_CLOSED)
    return made


def assign(*, case: Case, actor: Actor, to: User | None, now: datetime) -> None:
    """
    Give the case to a person of support, or to nobody.

    :raises UnableToHandle: no right, or `to` may not answer.
    """
    _agent(case, actor)
    if to is not None and not to.may(Permission.ANSWER_QUESTION, company_id=case.company_id):
        raise UnableToHandle(_("%(login)s may not answer customers. Nothing was changed.") % {"login": to.login})
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(assigned_to=to, changed_at=now)
        _record(case, actor, Tag.CASE_ASSIGNED, to=to.login if to else "")


def close(*, case: Case, actor: Actor, now: datetime) -> None:
    """
    Close the case without another reply.

    :raises UnableToHandle: no right.
    """
    _agent(case, actor)
    with transaction.atomic():
        still_open = Case.objects.filter(pk=case.pk, state=CaseState.OPEN.value)
        if still_open.update(state=CaseState.CLOSED.value, closed_at=now, changed_at=now, waits_for_us=False):
            _record(case, actor, Tag.CASE_CLOSED)


def queue(*, actor: Actor) -> QuerySet[Case]:
    """Return the cases that this person of support may see: those that wait for us first, longest first."""
    if not actor.sees_platform:
        return Case.objects.none()
    every = Case.objects.select_related("company", "opened_by", "assigned_to", "device", "plan")
    return every.order_by("-waits_for_us", "changed_at", "pk")


def waiting_count(*, actor: Actor) -> int:
    """Return how many cases of `queue` wait for us: on every page, so it is asked in written SQL."""
    if not actor.sees_platform:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM assistant_case WHERE waits_for_us")
        return int(cursor.fetchone()[0])


def own(*, company: Company, actor: Actor) -> QuerySet[Case]:
    """Return the cases that this person opened, newest first."""
    return Case.objects.filter(company=company, opened_by=actor.user).order_by("-changed_at")


def operation_of(case: Case) -> Operation | None:
    """Return what became of the case's plan, if somebody confirmed it."""
    return Operation.objects.filter(plan=case.plan).first() if case.plan else None


def people_who_may_answer(case: Case) -> list[User]:
    """Return the people of support to whom the case may be given, by name."""
    staff = User.objects.filter(company_id=OPERATOR_COID, suspended_at=None).order_by("full_name", "pk")
    return [person for person in staff if person.may(Permission.ANSWER_QUESTION, company_id=case.company_id)]


def deliver(*, message: CaseMessage, mail: MailPort, address: str) -> MailState:
    """
    Mail a reply, with a link to the case. It is stored as `sending` first. What did not go can be sent again, always
    with the same Message-ID, so that a doubtful mail that did arrive is seen as the same one.
    """
    to = message.case.opened_by.email
    if not to:
        return _mailed(message, MailState.NO_ADDRESS, "there is no mail address on record")
    sendable = CaseMessage.objects.filter(pk=message.pk, is_from_support=True).exclude(mail_state=MailState.SENT.value)
    if not sendable.update(mail_state=MailState.SENDING.value):
        return MailState(message.mail_state)
    try:
        mail.send(_as_mail(message, to=to, address=address))
    except Retryable:
        return _mailed(message, MailState.READY, "the mail server did not take it")
    except Rejected as refusal:
        return _mailed(message, MailState.REFUSED, refusal.reason)
    except OutcomeUnknown as doubt:
        return _mailed(message, MailState.DOUBTFUL, doubt.problem)
    return _mailed(message, MailState.SENT, "")


def _as_mail(message: CaseMessage, *, to: str, address: str) -> Mail:
    subject = _("Answer to your case: ") + " ".join(message.case.topic.split())
    text = f"{message.text}\n\n{message.author_name}\n\n{_('Read and answer it here:')}\n{address}\n"
    html = f'<!doctype html><html lang="en"><body>{"<br>".join(escape(text).splitlines())}</body></html>'
    domain = settings.MAIL_FROM.rpartition("@")[2].rstrip("> ") or "onhook.example"
    return Mail(
        message_id=f"<case-{message.case_id}-{message.pk}@{domain}>",
        to_address=to,
        subject=subject,
        text=text,
        html=html,
        written_at=message.at,
    )


def _mailed(message: CaseMessage, state: MailState, problem: str) -> MailState:
    CaseMessage.objects.filter(pk=message.pk).update(mail_state=state.value, mail_problem=problem)
    return state


def _agent(case: Case, actor: Actor) -> User:
    if actor.user is None or not actor.user.is_staff_member:
        raise UnableToHandle(_("Only support answers cases. Nothing was changed."))
    if not actor.may(Permission.ANSWER_QUESTION, company_id=case.company_id):
        raise UnableToHandle(_("%(login)s may not answer customers. Nothing was changed.") % {"login": actor.login})
    return actor.user


def _add(
    case: Case, author: User, text: str, *, is_from_support: bool, mail_state: MailState, now: datetime
) -> CaseMessage:
    text = text.replace("\0", " ").replace("\r\n", "\n").strip()[:MOST_LETTERS]
    if not text:
        raise UnableToHandle(_("Nothing was written. Nothing was sent."))
    return CaseMessage.objects.create(
        case=case,
        company_id=case.company_id,
        author=author,
        author_name=author.full_name,
        is_from_support=is_from_support,
        text=text,
        at=now,
        mail_state=mail_state.value,
    )


def _record(case: Case, actor: Actor, tag: Tag, **after: str) -> None:
    entry = trail.Entry(tag=tag, subject=f"case:{case.pk}", after=dict(after))
    trail.record(company_id=case.company_id, actor=actor, entries=[entry])
