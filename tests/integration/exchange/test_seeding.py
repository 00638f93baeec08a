"""Made-up worlds: the same again from the same number, in numbers that are nobody's."""

import pytest
from django.conf import LazySettings

from onhook.audit import verification
from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.exchange.importing import Kind
from onhook.exchange.seeding import FIRST_COID, SeedReport, UnableToSeed, seed
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.integration.exchange.files import NOW, counts, forget, put, taken


def _seed(actor: Actor, *, companies: int = 7, lines: int = 300, random_seed: int = 1) -> SeedReport:
    return seed(companies=companies, lines=lines, actor=actor, now=NOW, random_seed=random_seed)


def test_a_world_has_what_was_asked_for(lead: Actor) -> None:
    report = _seed(lead)

    assert report == SeedReport(
        companies=7,
        users=28,
        lines=300,
        deleted=Device.objects.exclude(deleted_at=None).count(),
        held=Device.objects.exclude(held_at=None).count(),
        random_seed=1,
    )
    assert 0 < report.deleted < 60
    assert 0 < report.held < 20
    assert Device.objects.count() == 300
    assert Company.objects.filter(coid__gte=FIRST_COID).count() == 7
    assert User.objects.filter(company_id__gte=FIRST_COID, role=Role.ADMIN).count() == 7
    assert Device.objects.values("number").distinct().count() == 300


def test_the_same_number_makes_the_same_world(lead: Actor) -> None:
    worlds = []
    for random_seed in (5, 5, 6):
        _seed(lead, random_seed=random_seed)
        worlds.append([taken(kind, lead) for kind in Kind])
        forget(from_coid=FIRST_COID)

    assert worlds[0] == worlds[1]
    assert worlds[0] != worlds[2]


def test_a_world_passes_the_import(lead: Actor) -> None:
    _seed(lead)
    files = {kind: taken(kind, lead) for kind in Kind}
    forget(from_coid=FIRST_COID)

    assert counts(put(Kind.COMPANIES, lead, files[Kind.COMPANIES])) == (7, 0, 1, 0)
    assert counts(put(Kind.USERS, lead, files[Kind.USERS])) == (28, 0, 1, 0)
    assert counts(put(Kind.DEVICES, lead, files[Kind.DEVICES])) == (300, 0, 0, 0)
    assert {kind: taken(kind, lead) for kind in Kind} == files


def test_no_moment_of_a_world_is_out_of_order(lead: Actor) -> None:
    _seed(lead)

    for line in Device.objects.all():
        assert line.activated_at is not None
        assert line.last_seen_at is not None
        assert line.activated_at <= line.last_seen_at <= NOW
        assert line.deleted_at is None or line.activated_at <= line.deleted_at <= NOW


def test_nobody_of_a_world_has_a_usable_password(lead: Actor) -> None:
    _seed(lead)

    people = User.objects.filter(company_id__gte=FIRST_COID)
    assert not any(person.has_usable_password() for person in people)
    assert len({person.password for person in people}) == 28


@pytest.mark.django_db
def test_an_empty_installation_gets_an_operator_with_staff() -> None:
    report = _seed(Actor.system(Surface.CLI, os_user="root"), lines=0)

    assert report.lines == 0
    assert sorted(User.objects.filter(company_id=1).values_list("login", "role")) == [
        ("1/lea", "lead"),
        ("1/otto", "auditor"),
        ("1/sam", "agent"),
    ]
    assert list(AuditEvent.objects.values_list("company_id", "tag", "actor", "os_user")) == [
        (1, "world:seeded", "system", "root")
    ]
    assert verification.verify().findings == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.LEAD])
def test_only_a_lead_seeds(role: Role, lead: Actor, plumbing: Company) -> None:
    company = factories.operator() if role in {Role.AGENT, Role.AUDITOR} else plumbing

    with pytest.raises(UnableToSeed, match="may not make records"):
        _seed(factories.actor(factories.user(company, username="someone", role=role)))

    assert not Device.objects.exists()


def test_the_system_seeds_nothing_once_there_is_a_person(lead: Actor) -> None:
    with pytest.raises(UnableToSeed, match="may not make records"):
        _seed(Actor.system(Surface.CLI))


def test_a_production_system_is_not_seeded(lead: Actor, settings: LazySettings) -> None:
    settings.ENVIRONMENT = "production"

    with pytest.raises(UnableToSeed, match="production system"):
        _seed(lead)


def test_a_second_world_is_refused(lead: Actor) -> None:
    _seed(lead)

    with pytest.raises(UnableToSeed, match="a world was made already"):
        _seed(lead)

    assert Device.objects.count() == 300


def test_a_world_leaves_the_demos_numbers_alone(lead: Actor, plumbing: Company) -> None:
    for line in range(100):
        factories.device(plumbing, line=line)

    assert _seed(lead, lines=300).lines == 300


def test_a_taken_number_undoes_the_whole_world(lead: Actor, plumbing: Company) -> None:
    _seed(lead)
    number = Device.objects.filter(deleted_at=None)[0].number
    forget(from_coid=FIRST_COID)
    Device.objects.create(company=plumbing, number=number, soc_code=factories.DIRECT_SOC)

    with pytest.raises(UnableToSeed, match="taken already"):
        _seed(lead)

    assert Company.objects.filter(coid__gte=FIRST_COID).count() == 0


@pytest.mark.parametrize(("companies", "lines"), [(0, 10), (-1, 10), (1, -1)])
def test_an_impossible_world_is_refused(companies: int, lines: int, lead: Actor) -> None:
    with pytest.raises(UnableToSeed, match="at least one company"):
        _seed(lead, companies=companies, lines=lines)
