"""One of each role, two companies with the same things in them, and the addresses that lead to those things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from onhook import clock
from onhook.assistant import dialogue
from onhook.assistant.menu import Code
from onhook.assistant.models import Case
from onhook.devices.models import Device
from onhook.operations import confirming, planning
from onhook.operations.models import Operation, Plan, Question
from onhook.operations.vocabulary import QuestionKind, StepName
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Role
from tests import factories


@cache
def _password() -> str:
    """Return one hash for everybody: making it takes as long as it is meant to."""
    return make_password("correct horse battery staple")


# POST comes last: it may sign somebody out, or use up what the others ask about.
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST")


def routes() -> list[str]:
    """Return the name of every address of the product, as the resolver has it; one without a name is an error."""

    def walk(patterns: list[Any], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                yield from walk(pattern.url_patterns, space)
            else:
                assert isinstance(pattern, URLPattern)
                assert pattern.name, f"{pattern} has no name, so nobody can say who may call it"
                yield prefix + pattern.name

    return sorted(set(walk(get_resolver().url_patterns, "")))


@dataclass
class Things:
    """A company with lines, a plan, an operation under way, and an Admin."""

    company: Company
    admin: User
    device: Device
    plan: Plan
    operation: Operation
    colleague: User

    @classmethod
    def of(cls, company: Company, *, first_line: int) -> Things:
        admin = factories.user(company)
        lines = [factories.device(company, line=first_line + number) for number in range(3)]
        plans = [cls.planned(company, admin, line) for line in lines[:2]]
        operation = confirming.confirm(
            company=company,
            plan_id=plans[1].pk,
            plan_hash=plans[1].plan_hash,
            actor=factories.actor(admin),
            now=clock.now(),
        )
        Question.objects.create(
            operation=operation,
            company=company,
            step=StepName.AUTHORISE.value,
            kind=QuestionKind.SOC_CODE.value,
            text="Who bills this code?",
            choices=[{"code": "direct", "label": "Billed directly"}],
            opened_at=clock.now(),
        )
        colleague = factories.user(company, username="colleague", role=Role.VIEWER)
        dialogue.press(company=company, actor=factories.actor(colleague), code=Code.PERSON, now=clock.now())
        return cls(company, admin, lines[2], plans[0], operation, colleague)

    @staticmethod
    def planned(company: Company, admin: User, line: Device) -> Plan:
        return planning.plan(
            company=company,
            device_ids=[line.pk],
            request=factories.request(admin),
            actor=factories.actor(admin),
            now=clock.now(),
        )

    def arguments(self) -> dict[str, Any]:
        """Return what the names in a path stand for."""
        question = self.operation.questions.first()
        return {
            "coid": self.company.pk,
            "device_id": self.device.pk,
            "plan_id": self.plan.pk,
            "operation_id": self.operation.pk,
            "person_id": self.colleague.pk,
            "question_id": question.pk if question else 1,
            "case_id": Case.objects.get(company=self.company).pk,
            "slug": "lost-phone",
            "uidb36": "1",
            "key": "nothing",
        }


@dataclass
class Cast:
    """Everybody who may try an address of `things`, by the name that the cells use."""

    things: Things
    people: dict[str, User | None] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def gather(cls) -> Cast:
        things = Things.of(factories.company(), first_line=10)
        company = things.company
        out = factories.company(coid=4713, name="Sample Suspended")
        people: dict[str, User | None] = {
            "nobody": None,
            "admin": things.admin,
            **{
                role.value: factories.user(company, username=role.value, role=role)
                for role in (Role.SUPER_USER, Role.MANAGER, Role.VIEWER)
            },
            **{
                role.value: factories.agent(username=role.value, role=role)
                for role in (Role.AGENT, Role.LEAD, Role.AUDITOR)
            },
            "suspended": factories.user(company, username="suspended"),
            "company_suspended": factories.user(out),
        }
        made = cls(things, people)
        made._suspend(out)
        User.objects.update(password=_password())
        for person in people.values():
            if person is not None:
                person.refresh_from_db()
        return made

    def _suspend(self, company: Company) -> None:
        now = clock.now()
        suspended = self.people["suspended"]
        assert suspended
        suspended.suspended_at = now
        suspended.save()
        company.suspended_at = now
        company.save()

    def client(self, name: str) -> Client:
        """Return a browser in which this person is signed in, as far as a session still means that."""
        client, person = Client(raise_request_exception=False), self.people[name]
        if person is not None:
            if name not in self.sessions:
                client.force_login(person)
                self.sessions[name] = client.cookies["session"].value
            client.cookies["session"] = self.sessions[name]
        return client


def address(route: str, things: Things) -> str:
    """Return the address of a route, about these things."""
    known = things.arguments()
    for names in (
        (),
        ("coid",),
        *((name,) for name in known),
        *(("coid", name) for name in known if name != "coid"),
        ("uidb36", "key"),
    ):
        try:
            return reverse(route, kwargs={name: known[name] for name in names})
        except NoReverseMatch:
            continue
    raise AssertionError(f"{route} has a path that this test cannot fill: teach it in `Things.arguments`")
