"""What an import does to the records: new, different and known rows; whole files or good rows; dry runs."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.exchange.importing import BadRow, Kind, import_rows
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from tests import factories
from tests.integration.exchange.files import COMPANY, GOOD, LINE, NOW, PERSON, counts, put, text_of

OTHER = LINE | {"number": "202-555-0102", "worker": "Alan"}
WRONG = LINE | {"number": "12", "worker": "Nobody"}


@pytest.mark.parametrize("kind", list(Kind))
def test_a_file_imported_twice_changes_nothing_the_second_time(kind: Kind, lead: Actor) -> None:
    if kind is not Kind.COMPANIES:
        factories.company()

    first, second = put(kind, lead, GOOD[kind]), put(kind, lead, GOOD[kind])

    assert counts(first) == (1, 0, 0, 0)
    assert counts(second) == (0, 0, 1, 0)


def test_a_company_is_stored_as_the_file_says(lead: Actor) -> None:
    put(Kind.COMPANIES, lead, COMPANY | {"suspended_at": "2026-10-01T02:00:00+02:00"})

    company = Company.objects.get(coid=4711)
    assert (company.name, company.time_zone, company.region) == ("Example Plumbing", "America/New_York", "US")
    assert company.suspended_at == datetime(2026, 10, 1, tzinfo=UTC)


def test_a_person_is_stored_with_a_login_and_without_a_password(lead: Actor, plumbing: Company) -> None:
    put(Kind.USERS, lead, PERSON, PERSON | {"username": "ben", "role": "super_user"})

    ada, ben = User.objects.filter(company=plumbing).order_by("login")
    assert (ada.login, ada.full_name, ada.email, ada.role) == (
        "4711/ada",
        "Ada Invented",
        "ada@plumbing.example",
        "admin",
    )
    assert not ada.has_usable_password()
    assert ada.password != ben.password


def test_a_changed_person_keeps_their_password(lead: Actor, plumbing: Company) -> None:
    ada = factories.user(plumbing)
    ada.set_password("correct horse battery staple")
    ada.save()

    report = put(Kind.USERS, lead, PERSON | {"role": "viewer"})

    ada.refresh_from_db()
    assert counts(report) == (0, 1, 0, 0)
    assert ada.role == "viewer"
    assert ada.check_password("correct horse battery staple")


def test_a_line_is_stored_as_the_file_says(lead: Actor, plumbing: Company) -> None:
    held = {"held_at": "2026-09-15T13:00:00Z", "hold_reason": "Number is being ported out,\nsays legal"}

    put(Kind.DEVICES, lead, LINE | held | {"last_seen_at": "2026-10-30T23:00:00.250+01:00"})

    line = Device.objects.get()
    assert (line.company_id, line.number, line.worker, line.model, line.soc_code) == (
        4711,
        "+12025550101",
        "Grace",
        "Example Phone 3",
        factories.DIRECT_SOC,
    )
    assert line.activated_at == factories.ACTIVATED
    assert line.last_seen_at == datetime(2026, 10, 30, 22, 0, 0, 250_000, tzinfo=UTC)
    assert (line.deleted_at, line.held_at) == (None, datetime(2026, 9, 15, 13, tzinfo=UTC))
    assert line.hold_reason == "Number is being ported out,\nsays legal"


def test_columns_that_a_file_lacks_stay_as_they_are(lead: Actor, plumbing: Company) -> None:
    device = factories.device(plumbing, worker="Grace")

    report = put(Kind.DEVICES, lead, {"coid": "4711", "number": device.number, "soc_code": factories.SHOP_SOC})

    device.refresh_from_db()
    assert counts(report) == (0, 1, 0, 0)
    assert (device.soc_code, device.worker, device.activated_at) == (
        factories.SHOP_SOC,
        "Grace",
        factories.ACTIVATED,
    )


def test_an_empty_cell_empties_what_is_stored(lead: Actor, plumbing: Company) -> None:
    device = factories.device(plumbing, worker="Grace")

    put(Kind.DEVICES, lead, LINE | {"worker": "", "activated_at": ""})

    device.refresh_from_db()
    assert (device.worker, device.activated_at) == ("", None)


def test_the_rows_region_reads_the_number_before_the_companys(lead: Actor, plumbing: Company) -> None:
    put(Kind.DEVICES, lead, LINE | {"number": "07700 900123", "region": "gb"})

    assert Device.objects.get().number == "+447700900123"


@pytest.mark.parametrize("written", ["202-555-0101", "+1 202 555 0101", "1 (202) 555.0101", "\u202d+12025550101\u202c"])
def test_a_line_is_the_same_in_any_written_form(written: str, lead: Actor, plumbing: Company) -> None:
    factories.device(plumbing, line=1)

    report = put(Kind.DEVICES, lead, LINE | {"number": written, "worker": "Worker 1"})

    assert counts(report) == (0, 0, 1, 0)


def test_a_line_deleted_long_ago_comes_in_as_history(lead: Actor, plumbing: Company) -> None:
    old = LINE | {"deleted_at": "2026-03-01T00:00:00+00:00", "worker": "Before"}
    older = old | {"deleted_at": "2025-03-01T00:00:00+00:00"}

    report = put(Kind.DEVICES, lead, old, LINE | {"deleted_at": ""}, older)

    assert counts(report) == (3, 0, 0, 0)
    assert [line.deleted_at is None for line in Device.objects.order_by("id")] == [False, True, False]
    assert counts(put(Kind.DEVICES, lead, old, LINE | {"deleted_at": ""}, older)) == (0, 0, 3, 0)


def test_a_bad_row_keeps_the_whole_file_out(lead: Actor, plumbing: Company) -> None:
    report = put(Kind.DEVICES, lead, LINE, WRONG, OTHER)

    assert (report.read, counts(report), report.is_applied) == (3, (2, 0, 0, 1), False)
    assert [(row.line, row.column) for row in report.bad] == [(3, "number")]
    assert not Device.objects.exists()
    assert not AuditEvent.objects.exists()


def test_keep_going_takes_the_good_rows(lead: Actor, plumbing: Company) -> None:
    report = put(Kind.DEVICES, lead, LINE, WRONG, OTHER, keep_going=True)

    assert (counts(report), report.is_applied) == ((2, 0, 0, 1), True)
    assert [(row.line, row.column) for row in report.bad] == [(3, "number")]
    assert sorted(Device.objects.values_list("worker", flat=True)) == ["Alan", "Grace"]


@pytest.mark.parametrize("keep_going", [True, False])
def test_a_dry_run_says_what_a_run_would_and_stores_nothing(keep_going: bool, lead: Actor, plumbing: Company) -> None:
    factories.device(plumbing, line=1)
    rows = [LINE, OTHER, WRONG][: 3 if keep_going else 2]

    dry = put(Kind.DEVICES, lead, *rows, keep_going=keep_going, dry_run=True)

    assert list(Device.objects.values_list("worker", flat=True)) == ["Worker 1"]
    assert not AuditEvent.objects.exists()
    real = put(Kind.DEVICES, lead, *rows, keep_going=keep_going)
    assert (dry.is_dry_run, dry.is_applied, real.is_dry_run, real.is_applied) == (True, False, False, True)
    assert (counts(dry), dry.bad, dry.read) == (counts(real), real.bad, real.read)
    assert counts(real)[:2] == (1, 1)


def test_bad_rows_are_told_in_the_order_of_the_file(lead: Actor, plumbing: Company) -> None:
    factories.device(factories.company(coid=4712, name="Invented Bakery"), line=1)

    report = put(Kind.DEVICES, lead, LINE, WRONG, OTHER, OTHER, WRONG)

    assert [row.line for row in report.bad] == [2, 3, 5, 6]


def test_a_row_over_several_lines_is_named_by_its_first(lead: Actor, plumbing: Company) -> None:
    long = OTHER | {"held_at": "2026-09-15T13:00:00Z", "hold_reason": "one\ntwo\nthree"}

    report = put(Kind.DEVICES, lead, long, WRONG | {"held_at": "", "hold_reason": ""})

    assert [row.line for row in report.bad] == [5]


def test_only_the_first_bad_rows_are_listed_and_all_are_counted(
    lead: Actor, plumbing: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onhook.exchange.importing.LISTED_BAD_ROWS", 3)

    report = put(Kind.DEVICES, lead, LINE, LINE, WRONG, LINE, WRONG, WRONG)

    assert report.bad_count == 5
    assert [(row.line, row.column) for row in report.bad] == [(3, "number"), (4, "number"), (5, "number")]
    assert "line 2" in report.bad[0].reason
    assert "line 2" in report.bad[2].reason


def test_a_file_is_read_as_a_stream(lead: Actor, plumbing: Company) -> None:
    given = 0
    ahead = []

    def lines() -> Iterator[str]:
        nonlocal given
        yield "coid,number,soc_code\n"
        for line in range(2500):
            given += 1
            yield f"4711,{factories.number(line)},{factories.DIRECT_SOC}\n"

    def on_progress(read: int) -> None:
        ahead.append((read, given - read))

    report = import_rows(
        kind=Kind.DEVICES,
        stream=lines(),
        actor=lead,
        dry_run=False,
        keep_going=False,
        now=NOW,
        on_progress=on_progress,
    )

    assert counts(report) == (2500, 0, 0, 0)
    assert ahead == [(1000, 0), (2000, 0), (2500, 0)]


def test_the_operators_trail_keeps_one_entry_for_a_file(lead: Actor, plumbing: Company) -> None:
    put(Kind.DEVICES, lead, LINE, WRONG, keep_going=True)

    (event,) = AuditEvent.objects.all()
    assert (event.company_id, event.tag, event.actor) == (1, "devices:imported", "1/lea")
    assert event.subject == f"file:{event.after['sha256']}"
    assert {name: event.after[name] for name in ("read", "added", "changed", "unchanged", "bad", "keep_going")} == {
        "read": 2,
        "added": 1,
        "changed": 0,
        "unchanged": 0,
        "bad": 1,
        "keep_going": True,
    }


def test_an_empty_list_of_rows_is_no_fault(lead: Actor, plumbing: Company) -> None:
    report = put(Kind.DEVICES, lead, text_of(LINE).splitlines(keepends=True)[0] + "\n ,,,,,\n\n")

    assert (report.read, counts(report), report.is_applied) == (0, (0, 0, 0, 0), True)


def test_a_row_with_too_many_or_too_few_cells_is_bad(lead: Actor, plumbing: Company) -> None:
    header = "coid,number,soc_code\n"

    report = put(Kind.DEVICES, lead, f"{header}4711,2025550101\n4711,2025550102,a,b\n")

    assert report.bad == [
        BadRow(2, "", "the row has 2 cells, the header has 3"),
        BadRow(3, "", "the row has 4 cells, the header has 3"),
    ]


def test_many_companies_are_looked_up_in_sets(lead: Actor, django_assert_max_num_queries: object) -> None:
    Company.objects.bulk_create(Company(coid=coid, name="Example", region="US") for coid in range(5000, 5050))
    rows = [LINE | {"coid": str(5000 + line), "number": factories.number(line)} for line in range(50)]

    with django_assert_max_num_queries(30):  # type: ignore[operator]  # a fixture without types
        report = put(Kind.DEVICES, lead, *rows)

    assert counts(report) == (50, 0, 0, 0)
