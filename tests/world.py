"""A small world for tests that commit: a company, its people, a mailbox, and a worker in the test's own thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.test import override_settings

from emulators.control.launch import RunningEmulator
from onhook import clock
from onhook.config import wiring
from onhook.connectors.mail.connector import SmtpMail
from onhook.connectors.mail.server import MailServer
from onhook.devices.models import Device
from onhook.operations import confirming, planning, questions, worker
from onhook.operations.models import Operation, Plan, Question
from onhook.operations.ports import Ports
from onhook.operations.vocabulary import HowChecked
from onhook.tenancy.models import Company, User
from tests import factories


@dataclass
class World:
    """What most tests of a run need, and short words for what they do."""

    url: str = field(repr=False)
    mailbox: RunningEmulator = field(repr=False)
    company: Company
    admin: User
    agent: User
    ports: Ports

    def line(self, line: int = 1, **how: Any) -> Device:
        return factories.device(self.company, line=line, **how)

    def plan(self, devices: Sequence[Device], *, by: User | None = None, **how: Any) -> Plan:
        """Plan as `by` would: for themselves, or for the admin; staff called them back."""
        planner = by or self.admin
        requester = planner if planner.may_request_for(company_id=self.company.pk) else self.admin
        checked = HowChecked.CALLED_BACK if planner.is_staff_member else HowChecked.SIGNED_IN
        return planning.plan(
            company=self.company,
            device_ids=[device.pk for device in devices],
            request=factories.request(requester, how_checked=checked),
            actor=factories.actor(planner),
            now=clock.now(),
            **how,
        )

    def confirm(self, plan: Plan, *, by: User | None = None, **how: Any) -> Operation:
        return confirming.confirm(
            company=self.company,
            plan_id=plan.pk,
            plan_hash=how.pop("plan_hash", plan.plan_hash),
            actor=factories.actor(by or self.admin),
            now=how.pop("now", clock.now()),
            **how,
        )

    def start(self, *devices: Device) -> Operation:
        """Plan and confirm the deletion of `devices`; nothing runs yet."""
        return self.confirm(self.plan(devices))

    def work(self) -> int:
        """Run all that is due, in this thread."""
        return worker.run_until_idle(ports=self.ports)

    def answer(self, question: Question, choice: str, *, by: User | None = None) -> Question:
        return questions.answer(
            question_id=question.pk,
            choice=choice,
            reason="because the test says so",
            actor=factories.actor(by or self.agent),
            now=clock.now(),
        )

    def open_question(self) -> Question:
        return Question.objects.get(answered_at=None, withdrawn_at=None)

    @contextmanager
    def receiving_mail(self, **settings: Any) -> Iterator[None]:
        """Let the pages of the product send their mail to the mailbox, whatever they were set up for before."""
        with override_settings(MAIL_URL=f"smtp://{self.mailbox.addresses['smtp']}", **settings):
            wiring.forget()
            yield
        wiring.forget()

    def messages(self) -> list[dict[str, Any]]:
        """Return the mails that the mailbox received, whole."""
        with httpx.Client(base_url=self.mailbox.http, trust_env=False) as http:
            listed = http.get("/messages").json()
            return [http.get(f"/messages/{message['id']}").json() for message in listed["messages"]]


def smtp(mailbox: RunningEmulator) -> SmtpMail:
    """Return the product's own mail connector, pointed at the mailbox."""
    server = MailServer.from_url(f"smtp://{mailbox.addresses['smtp']}")
    return SmtpMail(server=server, sender="onhook <no-reply@onhook.example>", deadline_seconds=5)


def build(*, url: str, mailbox: RunningEmulator) -> World:
    company = factories.company()
    return World(
        url=url,
        mailbox=mailbox,
        company=company,
        admin=factories.user(company),
        agent=factories.agent(),
        ports=Ports(mail=smtp(mailbox)),
    )
