"""The demo's files go in as a customer's would: by a system on its first day, then by a lead."""

import pytest

from onhook import clock
from onhook.audit import verification
from onhook.audit.models import AuditEvent
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.exchange import demo
from onhook.exchange.importing import Kind, Report, import_rows
from onhook.tenancy import people
from onhook.tenancy.actor import Actor, Surface


def _import(kind: Kind, actor: Actor) -> Report:
    with demo.path(kind).open(encoding="utf-8", newline="") as stream:
        return import_rows(kind=kind, stream=stream, actor=actor, dry_run=False, keep_going=False, now=clock.now())


def _import_all() -> list[Report]:
    first = Actor.system(Surface.CLI, os_user="root")
    reports = [_import(Kind.COMPANIES, first), _import(Kind.USERS, first)]
    lead = Actor(user=people.by_login("1/lea"), surface=Surface.CLI)
    return [*reports, _import(Kind.DEVICES, lead)]


@pytest.mark.django_db
def test_the_demo_set_goes_in_without_a_bad_row() -> None:
    reports = _import_all()

    assert [(report.read, report.added, report.bad, report.is_applied) for report in reports] == [
        (4, 4, [], True),
        (10, 10, [], True),
        (25, 25, [], True),
    ]
    assert verification.verify().findings == []
    assert list(AuditEvent.objects.order_by("sequence").values_list("company_id", "tag", "actor", "os_user")) == [
        (1, "companies:imported", "system", "root"),
        (1, "users:imported", "system", "root"),
        (1, "devices:imported", "1/lea", ""),
    ]


@pytest.mark.django_db
def test_the_demo_set_reads_every_written_form_of_a_number() -> None:
    _import_all()

    assert sorted(Device.objects.values_list("company_id", "number")) == [
        *((4711, f"+120255501{line:02d}") for line in range(1, 13)),
        *((4712, f"+447700900{line}") for line in range(101, 109)),
        *((4713, f"+120255501{line}") for line in range(51, 56)),
    ]


@pytest.mark.django_db
def test_the_demo_set_holds_the_lines_that_the_demo_tells_of() -> None:
    _import_all()

    plumbing = Device.objects.filter(company_id=4711)
    assert plumbing.get(soc_code="LegacyPartner2009").number == numbers.parse(demo.UNKNOWN_LINE, region="US")
    assert plumbing.get(held_at__isnull=False).hold_reason == "Number is being ported out"
    assert plumbing.filter(deleted_at=None).count() == 11
    assert set(Device.objects.filter(company_id=4712).values_list("soc_code", flat=True)) == {"Ecom2Checkout1515"}
    assert set(Device.objects.filter(company_id=4713).values_list("soc_code", flat=True)) == {
        "Ecom2Checkout1515",
        "CKSWDirectAdv1515",
    }
