"""A small office to type commands in."""

from dataclasses import dataclass

import pytest

from onhook.devices.models import Device
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.cli.typing_person import TypingPerson


@dataclass
class Office:
    """Two companies with people and lines, and the operator's staff."""

    company: Company
    other: Company
    admin: User
    viewer: User
    other_admin: User
    agent: User
    lead: User
    line: Device
    second: Device
    others_line: Device


@pytest.fixture
def onhook(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> TypingPerson:
    return TypingPerson(capsys, monkeypatch)


@pytest.fixture
def office(db: None) -> Office:
    company = factories.company()
    other = factories.company(coid=4712, name="Invented Bakery")
    return Office(
        company=company,
        other=other,
        admin=factories.user(company),
        viewer=factories.user(company, username="vic", role=Role.VIEWER),
        other_admin=factories.user(other, username="bea"),
        agent=factories.agent(),
        lead=factories.agent(username="lea", role=Role.LEAD),
        line=factories.device(company, line=1, worker="Grace Example"),
        second=factories.device(company, line=2, worker="Alan Example"),
        others_line=factories.device(other, line=3, worker="Grace Pretend"),
    )
