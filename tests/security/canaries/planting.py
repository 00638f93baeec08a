"""
Companies with a word of their own in every text that belongs to them: where such a word turns up tells what leaked.

Which models and fields those are is read from the models, so that a new one is planted too, or the planting fails.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import connection, models
from django.db.models import ForeignKey, QuerySet
from django.test import Client

from onhook import clock
from onhook.assistant import dialogue
from onhook.assistant.menu import Code
from onhook.assistant.models import Case, CaseMessage
from onhook.billing.channels import FactKind
from onhook.billing.models import CompanyFact, LicenceDecrease, SubscriptionReading
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.operations.models import Notice, Operation, Plan, Question, Step
from onhook.operations.vocabulary import (
    ItemState,
    NoticeState,
    Outcome,
    QuestionKind,
    State,
    StepName,
    StepState,
)
from onhook.tenancy import people
from onhook.tenancy.models import AccessToken, Company, User
from onhook.tenancy.permissions import CUSTOMER_ROLES, Role
from tests import factories
from tests.security.walls.people_and_things import Things

COIDS = (4711, 4712, 4713)
SUSPENDED_COID = 4714
_STEM = "canary"
WORD = re.compile(rf"{_STEM}(\d+)x(\d+)", re.IGNORECASE)

# Texts that are codes: the product knows all their values, so they tell nothing of a company.
CODES = {
    "assistant.Case.state",
    "assistant.CaseMessage.mail_state",
    "assistant.Conversation.node",
    "assistant.Conversation.line_ids",
    "assistant.Message.speaker",
    "audit.AuditEvent.surface",
    "audit.AuditEvent.tag",
    "billing.CompanyFact.kind",
    "operations.Notice.state",
    "operations.Operation.action",
    "operations.Operation.outcome",
    "operations.Operation.state",
    "operations.Operation.surface",
    "operations.OperationItem.channel",
    "operations.OperationItem.state",
    "operations.Plan.action",
    "operations.Plan.how_checked",
    "operations.Plan.reason",
    "operations.Plan.state",
    "operations.Plan.surface",
    "operations.PlanItem.channel",
    "operations.Question.kind",
    "operations.Question.step",
    "operations.Step.name",
    "operations.Step.state",
    "tenancy.Company.region",
    "tenancy.Company.time_zone",
    "tenancy.User.role",
}
# Texts that are a company's own by nature, and are looked for as they are.
OWN_BY_NATURE = {
    "audit.AuditEvent.hash",
    "audit.AuditEvent.plan_hash",
    "audit.AuditEvent.previous_hash",
    "audit.AuditHead.hash",
    "billing.SubscriptionReading.reference",
    "devices.Device.number",
    "operations.Operation.plan_hash",
    "operations.OperationItem.number",
    "operations.Plan.plan_hash",
    "operations.PlanItem.number",
    "tenancy.AccessToken.token_hash",
    "tenancy.User.password",
}
# Texts that a constraint lets stand only beside something else.
ONLY_WHERE_SAID = {"devices.Device.hold_reason", "operations.Question.answer", "operations.Question.answer_reason"}
# Of values in JSON, those that the product acts on stay; the words go beside them.
_ACTED_ON = {"at", "code", "level", "kind", "url", "name", "icon", "tone", "number", "channel"}


@dataclass(repr=False)
class Canaries:
    """The companies, their people and things, and who has which word."""

    things: dict[int, Things] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    # Where a word was planted, and texts that are words by nature: whose they are.
    planted: dict[str, str] = field(default_factory=dict)
    natural: dict[str, int] = field(default_factory=dict)

    def foreign_words(self, text: str, *, coid: int | None) -> set[str]:
        """Return what in `text` belongs to another company than `coid`, as `company: field`."""
        found = {
            f"{match[1]}: {self.planted[match[0].lower()]}" for match in WORD.finditer(text) if int(match[1]) != coid
        }
        return found | {f"{owner}: {word}" for word, owner in self.natural.items() if owner != coid and word in text}

    def own_words(self, text: str, *, coid: int) -> set[str]:
        """Return the fields of the company whose words are in `text`."""
        return {self.planted[match[0].lower()] for match in WORD.finditer(text) if int(match[1]) == coid}

    @cached_property
    def ids(self) -> dict[str, dict[int, list[Any]]]:
        """Return the ids of each kind of thing, by company."""
        known: dict[str, dict[int, list[Any]]] = {}
        for coid, things in self.things.items():
            for name, value in things.arguments().items():
                known.setdefault(name, {}).setdefault(coid, []).append(value)
            # Beside the first of each kind, with which something can still be done.
            known["operation_id"][coid] += _keys(Operation.objects.filter(company=coid).order_by("confirmed_at"))
            known["plan_id"][coid] += _keys(Plan.objects.filter(company=coid).order_by("created_at"))
            known["device_id"][coid] += _keys(Device.objects.filter(company=coid).order_by("pk"))
            known["question_id"][coid] += _keys(Question.objects.filter(company=coid).order_by("pk"))
            known["person_id"][coid] += _keys(User.objects.filter(company=coid).order_by("pk"))
            known.setdefault("requester_id", {})[coid] = [things.admin.pk]
        return known


def _keys(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.values_list("pk", flat=True))


def plant() -> Canaries:
    """Fill the companies, put a word into every text, and give what was planted."""
    canaries = Canaries()
    for index, coid in enumerate((*COIDS, SUSPENDED_COID)):
        things = canaries.things[coid] = _filled(coid, first_line=10 + 100 * index)
        canaries.people |= {f"{coid}/admin": things.admin, f"{coid}/viewer": things.colleague}
        for role in sorted(CUSTOMER_ROLES - {Role.ADMIN, Role.VIEWER}):
            canaries.people[f"{coid}/{role.value}"] = factories.user(things.company, username=role.value, role=role)
        canaries.people[f"{coid}/suspended"] = factories.user(things.company, username="suspended")
        _give_passwords(coid)
    _Planting(canaries).everywhere()
    for name, person in canaries.people.items():
        person.refresh_from_db()
        if name.endswith("/suspended"):
            person.suspended_at = clock.now()
            person.save()
    Company.objects.filter(pk=SUSPENDED_COID).update(suspended_at=clock.now())
    for username in ("agent", "lead", "auditor"):
        canaries.people[f"1/{username}"] = factories.agent(username=username, role=Role(username))
    _give_passwords(1)
    for name, person in canaries.people.items():
        person.refresh_from_db()
        canaries.sessions[name] = _signed_in(person)
    return canaries


def _signed_in(person: User) -> str:
    """Return a session in which the person proved themselves: what asks for fresh proof would be out of reach else."""
    client = Client()
    client.force_login(person)
    session = client.session
    # Later than now: a long crawl must not outlive it.
    proof = {"method": "password", "at": time.time() + 3600, "username": person.login}
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [proof]
    session.save()
    return client.cookies["session"].value


def _give_passwords(coid: int) -> None:
    """Who is signed in has a password; one hash for a company, as making one takes its time."""
    User.objects.filter(company=coid).update(password=make_password("correct horse battery staple"))


def _filled(coid: int, *, first_line: int) -> Things:
    """Make one of everything that a company can have."""
    company, now = factories.company(coid=coid, name=f"Example {coid}"), clock.now()
    things = Things.of(company, first_line=first_line)
    AccessToken.objects.create(user=things.admin, token_hash=uuid4().hex * 2, label="of a script", expires_at=now)
    Authenticator.objects.create(user=things.colleague, type=Authenticator.Type.TOTP, data={"secret": "x"})
    CompanyFact.objects.create(
        company=company, kind=FactKind.ACCOUNT.value, value="ACC", decided_by="1/lead", decided_at=now
    )
    SubscriptionReading.objects.create(reference=f"SUB-OF-{coid}", company=company, quantity=9, read_at=now)
    LicenceDecrease.objects.create(
        operation_id=things.operation.pk, company=company, reference=f"SUB{coid}", lines=1, told_at=now
    )
    dialogue.press(company=company, actor=factories.actor(things.admin), code=Code.STATUS, now=now)
    case = Case.objects.get(company=company)
    CaseMessage.objects.create(
        case=case, company=company, author=things.colleague, author_name="x", is_from_support=False, text="x", at=now
    )
    held, deleted = (factories.device(company, line=first_line + number) for number in (4, 5))
    held.held_at, held.hold_reason = now, "x"
    held.save()
    deleted.deleted_at = now
    deleted.save()
    _closed_operation(things, deleted)
    return things


def _closed_operation(things: Things, line: Device) -> None:
    """An operation that ran to its end, with a step, an answered question and the mail."""
    plan = Things.planned(things.company, things.admin, things.device)
    now, company = clock.now(), things.company
    operation = Operation.objects.create(
        company=company,
        plan=plan,
        state=State.CLOSED.value,
        outcome=Outcome.VERIFIED.value,
        line_count=1,
        plan_hash=plan.plan_hash,
        confirmed_by=things.admin,
        surface="portal",
        confirm_key="x",
        confirmed_at=now,
        irreversible_at=now,
        closed_at=now,
    )
    operation.items.create(
        company=company,
        position=1,
        device=line,
        number=line.number,
        soc_code="x",
        channel="direct",
        state=ItemState.VERIFIED.value,
        is_open=False,
        deleted_at=now,
    )
    for running, name in ((things.operation, StepName.AUTHORISE), (operation, StepName.VERIFY_DELETED)):
        Step.objects.create(
            operation=running,
            company=company,
            name=name.value,
            position=1,
            state=StepState.DONE.value,
            problem="x",
            evidence={"read": "device rows", "at": now.isoformat(), "wrong": [{"device": 1, "problem": "x"}]},
            started_at=now,
            finished_at=now,
        )
    Question.objects.create(
        operation=operation,
        company=company,
        step=StepName.VERIFY_DELETED.value,
        kind=QuestionKind.VERIFICATION.value,
        text="x",
        choices=[{"code": "again", "label": "Read again"}],
        opened_at=now,
        answer="again",
        answer_reason="x",
        answered_by=things.admin,
        answered_at=now,
    )
    Notice.objects.create(
        operation=operation,
        company=company,
        state=NoticeState.SENT.value,
        recipient=things.admin,
        to_address="x",
        subject="x",
        text="x",
        html="x",
        message_id=f"<{operation.pk}@onhook.example>",
        sendings=1,
        written_at=now,
        sent_at=now,
    )


class _Planting:
    """One pass over all models of the product that belong to a company."""

    def __init__(self, canaries: Canaries) -> None:
        self._canaries = canaries
        self._numbers = count(1)

    def everywhere(self) -> None:
        with connection.cursor() as cursor:
            # Rows that are only ever added, and rows whose facts are frozen, are planted as well.
            cursor.execute("SET LOCAL session_replication_role = replica")
        for model, path in owned_models():
            fields = [one for one in texts_of(model) if label(one) not in CODES]
            for coid in self._canaries.things:
                rows = list(model._default_manager.filter(**{path: coid}))
                assert rows, f"no {model._meta.label} of {coid} to plant a word in: make one in `_filled`"
                for row in rows:
                    self._row(row, fields, coid)
                self._is_everywhere(fields, coid)
        self._leave_plans_as_they_were_made()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")

    def _leave_plans_as_they_were_made(self) -> None:
        """Give the lines of each company's first plan the code that they have now: else nobody could confirm it."""
        for things in self._canaries.things.values():
            for item in things.plan.items.select_related("device"):
                things.plan.items.filter(pk=item.pk).update(soc_code=item.device.soc_code)

    def _is_everywhere(self, fields: list[models.Field[Any, Any]], coid: int) -> None:
        planted = {where for word, where in self._canaries.planted.items() if word.startswith(f"{_STEM}{coid}x")}
        missing = {label(one) for one in fields} - planted - OWN_BY_NATURE - {"tenancy.User.login"}
        assert not missing, f"no row of {coid} has a text in {sorted(missing)}: make one in `_filled`"

    def _row(self, row: models.Model, fields: list[models.Field[Any, Any]], coid: int) -> None:
        changed: dict[str, Any] = {}
        for one in fields:
            value = getattr(row, one.attname)
            if label(one) in OWN_BY_NATURE:
                self._by_nature(value, coid)
            elif label(one) == "tenancy.User.login":
                continue
            elif isinstance(one, models.JSONField):
                changed[one.attname] = self._in_json(value, one, coid)
            elif label(one) in ONLY_WHERE_SAID and not value:
                continue
            elif label(one) == "audit.AuditEvent.subject":
                # Pages read the id out of it.
                changed[one.attname] = f"{value}:{self._word(one, coid)}"
            else:
                changed[one.attname] = self._word(one, coid)
        if isinstance(row, User):
            changed["login"] = people.login_of(coid=coid, username=changed["username"])
        # By the plain query of the model: its own `save` may refuse.
        type(row)._base_manager.filter(pk=row.pk).update(**changed)

    def _by_nature(self, value: str, coid: int) -> None:
        if not value or not value.strip("0"):
            return
        self._canaries.natural[value] = coid
        if value.startswith("+"):
            self._canaries.natural[numbers.display(value)] = coid

    def _word(self, one: models.Field[Any, Any], coid: int) -> str:
        word = f"{_STEM}{coid}x{next(self._numbers)}"
        self._canaries.planted[word] = label(one)
        return f"{word}@plumbing.example" if one.name in ("email", "to_address") else word

    def _in_json(self, value: Any, one: models.Field[Any, Any], coid: int) -> Any:
        """Return the value with a word in every text of it, and one under a name of its own in every object."""
        if isinstance(value, dict):
            inside = {
                name: kept if name in _ACTED_ON else self._in_json(kept, one, coid) for name, kept in value.items()
            }
            return {**inside, "further": self._word(one, coid)}
        if isinstance(value, list):
            return [self._in_json(kept, one, coid) for kept in value]
        if isinstance(value, str) and not _is_id(value):
            return f"{value} {self._word(one, coid)}".strip()
        return value


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return value.isdecimal()
    return True


def label(one: models.Field[Any, Any]) -> str:
    return f"{one.model._meta.label}.{one.name}"


def texts_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Return the fields that can hold a text."""
    return [
        one
        for one in model._meta.concrete_fields
        if isinstance(one, models.CharField | models.TextField | models.JSONField)
    ]


def owned_models() -> Iterator[tuple[type[models.Model], str]]:
    """Give each model of the product whose rows belong to a company, and the path to the company's key."""
    for model in sorted(apps.get_models(), key=lambda one: one._meta.label):
        if model.__module__.startswith("onhook."):
            path = _path_to_company(model)
            if path is not None:
                yield model, path


def _path_to_company(model: type[models.Model], *, deep: int = 2) -> str | None:
    if model is Company:
        return "pk"
    links = [one for one in model._meta.concrete_fields if isinstance(one, ForeignKey)]
    for link in links:
        if link.related_model is Company:
            return f"{link.name}__pk"
    for link in links:
        if deep and isinstance(link.related_model, type) and link.related_model is not model:
            rest = _path_to_company(link.related_model, deep=deep - 1)
            if rest is not None:
                return f"{link.name}__{rest}"
    return None
