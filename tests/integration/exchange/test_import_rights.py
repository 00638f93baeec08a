"""Who may import, and how the first people come in."""

from collections.abc import Iterator

import pytest

from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.exchange.importing import Kind, UnableToImport, import_rows
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import OPERATOR_COID, STAFF_ROLES, Role
from tests import factories
from tests.integration.exchange.files import COMPANY, GOOD, LINE, NOW, PERSON, counts, put

OPERATOR = COMPANY | {"coid": "1", "name": "Example Operator"}
LEA = PERSON | {"coid": "1", "username": "lea", "role": "lead"}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.LEAD])
def test_only_a_lead_imports(role: Role, kind: Kind, lead: Actor, plumbing: Company) -> None:
    company = factories.operator() if role in STAFF_ROLES else plumbing
    actor = factories.actor(factories.user(company, username="someone", role=role))

    with pytest.raises(UnableToImport, match="may not import data"):
        put(kind, actor, GOOD[kind])

    assert (Company.objects.count(), User.objects.count(), Device.objects.count()) == (2, 2, 0)


def test_a_suspended_lead_imports_nothing(lead: Actor, plumbing: Company) -> None:
    User.objects.update(suspended_at=NOW)

    with pytest.raises(UnableToImport, match="may not import data"):
        put(Kind.DEVICES, lead, LINE)


def test_a_lead_who_is_suspended_while_the_file_is_read_imports_nothing(lead: Actor, plumbing: Company) -> None:
    def lines() -> Iterator[str]:
        yield "coid,number,soc_code\n"
        User.objects.update(suspended_at=NOW)
        yield f"4711,2025550101,{factories.DIRECT_SOC}\n"

    with pytest.raises(UnableToImport, match="may not import data"):
        import_rows(kind=Kind.DEVICES, stream=lines(), actor=lead, dry_run=False, keep_going=False, now=NOW)

    assert not Device.objects.exists()


@pytest.mark.django_db
def test_the_first_companies_and_people_come_in_without_a_person() -> None:
    first = Actor.system(Surface.CLI, os_user="root")

    put(Kind.COMPANIES, first, OPERATOR, COMPANY)
    put(Kind.USERS, first, LEA, PERSON)

    assert sorted(User.objects.values_list("login", flat=True)) == ["1/lea", "4711/ada"]
    assert list(AuditEvent.objects.order_by("sequence").values_list("actor", "os_user", "tag")) == [
        ("system", "root", "companies:imported"),
        ("system", "root", "users:imported"),
    ]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_system_imports_nothing_once_there_is_a_person(kind: Kind, lead: Actor, plumbing: Company) -> None:
    with pytest.raises(UnableToImport, match="Only a person may import"):
        put(kind, Actor.system(Surface.CLI), GOOD[kind])


def test_the_system_never_imports_lines(plumbing: Company) -> None:
    factories.operator()

    with pytest.raises(UnableToImport, match="Only a person may import devices"):
        put(Kind.DEVICES, Actor.system(Surface.CLI), LINE)


@pytest.mark.django_db
@pytest.mark.parametrize("surface", [surface for surface in Surface if surface is not Surface.CLI])
def test_the_system_imports_from_the_command_line_only(surface: Surface) -> None:
    with pytest.raises(UnableToImport, match="Only a person may import companies"):
        put(Kind.COMPANIES, Actor.system(surface), OPERATOR)


@pytest.mark.django_db
@pytest.mark.parametrize("dry_run", [True, False])
def test_the_first_companies_must_have_the_operator_among_them(dry_run: bool) -> None:
    with pytest.raises(UnableToImport, match=r"no operator company \(COID 1\)"):
        put(Kind.COMPANIES, Actor.system(Surface.CLI), COMPANY, dry_run=dry_run)

    assert not Company.objects.exists()


@pytest.mark.parametrize("row", [PERSON, LEA | {"role": "agent"}, LEA | {"suspended_at": "2026-10-01T00:00:00Z"}])
def test_the_first_people_must_have_a_lead_among_them(row: dict[str, str], plumbing: Company) -> None:
    factories.operator()

    with pytest.raises(UnableToImport, match="nobody could import anything any more"):
        put(Kind.USERS, Actor.system(Surface.CLI), row)

    assert not User.objects.exists()


def test_the_last_lead_cannot_be_taken_away(lead: Actor) -> None:
    with pytest.raises(UnableToImport, match="nobody could import anything any more"):
        put(Kind.USERS, lead, LEA | {"role": "agent"})

    assert User.objects.get(login="1/lea").role == "lead"


def test_the_operator_may_be_renamed(lead: Actor) -> None:
    assert counts(put(Kind.COMPANIES, lead, OPERATOR | {"name": "Invented Operator"})) == (0, 1, 0, 0)
    assert Company.objects.get(coid=OPERATOR_COID).name == "Invented Operator"
