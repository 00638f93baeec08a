"""Invented companies, people and lines. Numbers come from the ranges reserved for fiction."""

from datetime import UTC, datetime

from onhook.devices.models import Device
from onhook.operations.planning import Request
from onhook.operations.vocabulary import HowChecked, Reason
from onhook.tenancy import people
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import OPERATOR_COID, Role

DIRECT_SOC = "CKSWDirectAdv1515"
SHOP_SOC = "Ecom2Checkout1515"
UNKNOWN_SOC = "MysteryPlan77"
ACTIVATED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def operator() -> Company:
    """Return the operator, made when it is not there."""
    return Company.objects.get_or_create(coid=OPERATOR_COID, defaults={"name": "Example Operator"})[0]


def company(*, coid: int = 4711, name: str = "Example Plumbing", time_zone: str = "America/New_York") -> Company:
    return Company.objects.create(coid=coid, name=name, time_zone=time_zone, region="US")


def user(company: Company, *, username: str = "ada", role: Role = Role.ADMIN, email: str | None = None) -> User:
    address = f"{username}@plumbing.example" if email is None else email
    return people.create_user(
        company=company, username=username, full_name=f"{username.title()} Example", role=role, email=address
    )


def agent(*, username: str = "sam", role: Role = Role.AGENT) -> User:
    return user(operator(), username=username, role=role)


def actor(user: User, surface: Surface = Surface.CLI) -> Actor:
    return Actor(user=user, surface=surface)


def device(company: Company, *, line: int = 1, soc_code: str = DIRECT_SOC, worker: str = "") -> Device:
    """Make a live line; `line` 0 to 9999 picks its number out of +1 202 555 01xx and, beyond, of 200 exchanges."""
    return Device.objects.create(
        company=company,
        number=number(line),
        worker=worker or f"Worker {line}",
        model="Example Phone 3",
        soc_code=soc_code,
        activated_at=ACTIVATED,
    )


def number(line: int) -> str:
    """Return the `line`-th number of the fiction range 555-01xx over area codes from 202 on."""
    area = 202 + line // 100
    return f"+1{area}55501{line % 100:02d}"


def request(
    requester: User,
    *,
    how_checked: HowChecked = HowChecked.SIGNED_IN,
    reason: Reason = Reason.LOST,
    note: str = "",
) -> Request:
    return Request(
        requester=requester,
        how_checked=how_checked,
        reason=reason,
        ticket_reference="T-1001",
        note=note,
    )
