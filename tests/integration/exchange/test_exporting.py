"""What leaves: to whom, in which form, and what the trail says of it."""

from io import StringIO

import pytest

from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.exchange.exporting import UnableToExport, export_rows
from onhook.exchange.importing import Kind
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import STAFF_ROLES, Role
from tests import factories
from tests.integration.exchange.files import NOW, put, taken


def test_companies_are_written_as_import_takes_them(lead: Actor, plumbing: Company) -> None:
    Company.objects.filter(coid=4711).update(suspended_at=NOW)

    assert taken(Kind.COMPANIES, lead) == (
        "coid,name,time_zone,region,suspended_at\r\n"
        "1,Example Operator,UTC,,\r\n"
        "4711,Example Plumbing,America/New_York,US,2026-11-01T12:00:00+00:00\r\n"
    )


def test_people_are_written_without_their_passwords(lead: Actor, plumbing: Company) -> None:
    ada = factories.user(plumbing)
    ada.set_password("correct horse battery staple")
    ada.save()

    assert taken(Kind.USERS, lead, coid=4711) == (
        "coid,username,full_name,email,role,suspended_at\r\n4711,ada,Ada Example,ada@plumbing.example,admin,\r\n"
    )


def test_lines_are_written_guarded_from_spreadsheets(lead: Actor, plumbing: Company) -> None:
    device = factories.device(plumbing, worker='=HYPERLINK("https://evil.example","Pay")')
    Device.objects.filter(pk=device.pk).update(held_at=NOW, hold_reason="-1\nsays 't Hooft")

    assert taken(Kind.DEVICES, lead) == (
        "coid,number,region,worker,model,soc_code,activated_at,last_seen_at,deleted_at,held_at,hold_reason\r\n"
        '4711,\'+12025550101,,"\'=HYPERLINK(""https://evil.example"",""Pay"")",Example Phone 3,CKSWDirectAdv1515,'
        "2026-01-05T09:00:00+00:00,,,2026-11-01T12:00:00+00:00,\"'-1\nsays 't Hooft\"\r\n"
    )


def test_the_rows_are_counted(lead: Actor, plumbing: Company) -> None:
    factories.device(plumbing, line=1)
    factories.device(plumbing, line=2)

    assert export_rows(kind=Kind.DEVICES, out=StringIO(), actor=lead, coid=None, now=NOW) == 2


@pytest.mark.parametrize("role", list(Role))
def test_who_may_export_their_own_companys_lines(role: Role, plumbing: Company) -> None:
    company = factories.operator() if role in STAFF_ROLES else plumbing
    factories.device(plumbing)
    actor = factories.actor(factories.user(company, username="someone", role=role))

    if role in {Role.ADMIN, Role.SUPER_USER, Role.LEAD, Role.AUDITOR}:
        assert taken(Kind.DEVICES, actor, coid=4711).count("\n") == 2
    else:
        with pytest.raises(UnableToExport, match="no right to export"):
            taken(Kind.DEVICES, actor, coid=4711)
        assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("coid", [None, 1, 4712, 4799])
def test_a_customer_gets_their_own_company_only(kind: Kind, coid: int | None, lead: Actor, plumbing: Company) -> None:
    bakery = factories.company(coid=4712, name="Invented Bakery")
    factories.device(bakery, line=2)
    admin = factories.actor(factories.user(plumbing))
    out = StringIO()

    with pytest.raises(UnableToExport) as refused:
        export_rows(kind=kind, out=out, actor=admin, coid=coid, now=NOW)

    # The same words whether the other company exists or not.
    assert str(refused.value) == (
        "4711/ada may export the data of COID 4711 at most: name that company. Nothing was exported."
    )
    assert out.getvalue() == ""
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("kind", list(Kind))
def test_a_customers_export_holds_nothing_of_others(kind: Kind, lead: Actor, plumbing: Company) -> None:
    bakery = factories.company(coid=4712, name="Invented Bakery")
    factories.user(bakery, username="bea")
    factories.device(bakery, line=2)
    factories.device(plumbing, line=1)

    rows = taken(kind, factories.actor(factories.user(plumbing)), coid=4711).splitlines()[1:]

    assert [row.split(",")[0] for row in rows] == ["4711"]


def test_the_system_exports_nothing(plumbing: Company) -> None:
    with pytest.raises(UnableToExport, match="Only a person"):
        taken(Kind.DEVICES, Actor.system(Surface.CLI))


def test_a_suspended_person_exports_nothing(lead: Actor, plumbing: Company) -> None:
    User.objects.update(suspended_at=NOW)

    with pytest.raises(UnableToExport, match="no right"):
        taken(Kind.DEVICES, factories.actor(User.objects.select_related("company").get(login="1/lea")))


def test_an_unknown_company_is_refused(lead: Actor) -> None:
    with pytest.raises(UnableToExport, match="no company with COID 4799"):
        taken(Kind.DEVICES, lead, coid=4799)


@pytest.mark.parametrize(("coid", "chain"), [(4711, 4711), (None, 1)])
def test_an_export_is_on_the_trail_of_whose_data_it_is(
    coid: int | None, chain: int, lead: Actor, plumbing: Company
) -> None:
    factories.device(plumbing)

    taken(Kind.DEVICES, lead, coid=coid)

    (event,) = AuditEvent.objects.all()
    assert (event.company_id, event.tag, event.actor, event.subject) == (
        chain,
        "data:exported",
        "1/lea",
        f"company:{chain}",
    )
    assert event.after == {"kind": "devices", "coid": coid, "rows": 1, "asked_at": "2026-11-01T12:00:00+00:00"}


def test_no_row_leaves_before_the_trail_has_it(lead: Actor, plumbing: Company) -> None:
    class Reader(StringIO):
        seen: list[int] = []

        def write(self, text: str) -> int:
            self.seen.append(AuditEvent.objects.count())
            return super().write(text)

    factories.device(plumbing)

    export_rows(kind=Kind.DEVICES, out=Reader(), actor=lead, coid=None, now=NOW)

    assert Reader.seen == [1, 1]


def test_an_export_has_the_columns_that_import_takes(lead: Actor, plumbing: Company) -> None:
    for kind in Kind:
        header = taken(kind, lead).splitlines()[0]
        assert put(kind, lead, f"{header}\r\n").is_applied
