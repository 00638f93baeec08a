"""Every reason for which a row is not taken: the column it names, its words, and what it must not tell."""

from datetime import UTC, datetime, timedelta

import pytest

from onhook.devices.models import Device
from onhook.exchange.importing import BadRow, Kind
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from tests import factories
from tests.integration.exchange.files import COMPANY, GOOD, LINE, PERSON, counts, put

NOT_A_TIME = "is not an ISO 8601 time such as 2026-01-05T09:00:00+00:00"
NO_OFFSET = "has no offset from UTC; write the time as 2026-01-05T09:00:00+00:00, a zone is never guessed"
CONTROL = "holds a control character, such as NUL or a line break"
TURNED = "holds an invisible sign that turns the direction of writing"
NOT_A_COID = "is not a COID: a whole number from 1 to 2147483647"
NOT_A_REGION = "is not an ISO 3166 country code of two letters such as US or GB (the United Kingdom is GB)"

NOT_A_ZONE = "is not an IANA time zone such as Europe/London; upper and lower case count"

NOT_A_USERNAME = "is not a user name: letters a to z, digits and . _ @ + - only, at least one letter or digit"

REASONS = [
    (Kind.COMPANIES, "coid", "", "is missing"),
    (Kind.COMPANIES, "coid", "0", NOT_A_COID),
    (Kind.COMPANIES, "coid", "-5", NOT_A_COID),
    (Kind.COMPANIES, "coid", "4711.0", NOT_A_COID),
    (Kind.COMPANIES, "coid", "2147483648", NOT_A_COID),
    (Kind.COMPANIES, "coid", "４７１１", NOT_A_COID),  # noqa: RUF001  # full-width digits
    (Kind.COMPANIES, "name", "  ", "is missing"),
    (Kind.COMPANIES, "name", "a" * 201, "has 201 characters; at most 200 are taken"),
    (Kind.COMPANIES, "name", "Example\nBcc: all@plumbing.example", CONTROL),
    (Kind.COMPANIES, "name", "Exam\0ple", CONTROL),
    (Kind.COMPANIES, "name", "Exam\u2028ple", CONTROL),
    (
        Kind.COMPANIES,
        "time_zone",
        "Europe/Atlantis",
        NOT_A_ZONE,
    ),
    (
        Kind.COMPANIES,
        "time_zone",
        "../../etc/passwd",
        NOT_A_ZONE,
    ),
    (Kind.COMPANIES, "region", "UK", NOT_A_REGION),
    (Kind.COMPANIES, "region", "USA", NOT_A_REGION),
    (Kind.COMPANIES, "suspended_at", "yesterday", NOT_A_TIME),
    (Kind.USERS, "coid", "4799", "there is no company with COID 4799; import it first"),
    (Kind.USERS, "username", "", "is missing"),
    (Kind.USERS, "username", "ada/admin", NOT_A_USERNAME),
    (Kind.USERS, "username", "ada l", NOT_A_USERNAME),
    (Kind.USERS, "username", "ad\u200ba", NOT_A_USERNAME),
    (Kind.USERS, "username", "\u0430da", NOT_A_USERNAME),
    (Kind.USERS, "username", "..", NOT_A_USERNAME),
    (Kind.USERS, "username", "<b>", NOT_A_USERNAME),
    (Kind.USERS, "full_name", "", "is missing"),
    (Kind.USERS, "email", "ada at plumbing", "is not a mail address"),
    (Kind.USERS, "email", "a@plumbing.example,b@plumbing.example", "is not a mail address"),
    (
        Kind.USERS,
        "role",
        "boss",
        "is not a role; the roles are admin, super_user, manager, viewer, agent, lead, auditor",
    ),
    (Kind.USERS, "role", "lead", "is a role of the operator's staff (COID 1), not of a customer"),
    (Kind.USERS, "suspended_at", "2026-01-05", NO_OFFSET),
    (Kind.DEVICES, "coid", "4799", "there is no company with COID 4799; import it first"),
    (Kind.DEVICES, "number", "", "is missing"),
    (Kind.DEVICES, "number", "2025550101 / 2025550102", "'…0102' cannot be read as a phone number."),
    (Kind.DEVICES, "number", "1.2025550101E+10", "'…0110' cannot be read as a phone number."),
    (Kind.DEVICES, "number", "a\0b", CONTROL),
    (Kind.DEVICES, "region", "XX", NOT_A_REGION),
    (Kind.DEVICES, "worker", "x" * 201, "has 201 characters; at most 200 are taken"),
    (Kind.DEVICES, "worker", "Grace \u202elpmaxE", TURNED),
    (Kind.DEVICES, "worker", "Grace \u2066Example\u2069", TURNED),
    (Kind.DEVICES, "soc_code", "", "is missing"),
    (Kind.DEVICES, "soc_code", "CKSW\tDirect", CONTROL),
    (Kind.DEVICES, "activated_at", "2026-01-05T09:00:00", NO_OFFSET),
    (Kind.DEVICES, "activated_at", "05.01.2026 09:00", NOT_A_TIME),
    (Kind.DEVICES, "last_seen_at", "2026-02-30T09:00:00+00:00", NOT_A_TIME),
    (Kind.DEVICES, "last_seen_at", "0001-01-01T00:00:00+14:00", NOT_A_TIME),
    (
        Kind.DEVICES,
        "deleted_at",
        "2026-11-01T12:00:01+00:00",
        "lies in the future; a line is deleted by an operation, not by an import",
    ),
]


@pytest.mark.parametrize("case", REASONS, ids=lambda case: f"{case[0].value}-{case[1]}-{case[2][:12]!a}")
def test_a_row_is_bad_for_its_reason_only(case: tuple[Kind, str, str, str], lead: Actor, plumbing: Company) -> None:
    kind, column, text, reason = case

    report = put(kind, lead, GOOD[kind] | {column: text})

    assert report.bad == [BadRow(2, column, reason)]
    assert (report.bad_count, report.is_applied) == (1, False)


def test_a_customers_role_is_none_for_the_operators_people(lead: Actor) -> None:
    report = put(Kind.USERS, lead, PERSON | {"coid": "1"})

    assert [(row.column, row.reason) for row in report.bad] == [
        ("role", "is a customer's role; people of the operator are agent, lead or auditor")
    ]


def test_the_operator_cannot_be_suspended(lead: Actor) -> None:
    report = put(Kind.COMPANIES, lead, COMPANY | {"coid": "1", "suspended_at": "2026-10-01T00:00:00Z"})

    assert [row.column for row in report.bad] == ["suspended_at"]


def test_a_number_without_country_code_needs_a_stated_region(lead: Actor, plumbing: Company) -> None:
    Company.objects.filter(coid=plumbing.coid).update(region="")

    report = put(Kind.DEVICES, lead, LINE)

    (row,) = report.bad
    assert (row.column, row.reason) == (
        "number",
        (
            "'…0101' has no country code and the company has no region on record. "
            "Write the number with + and its country code."
        ),
    )


def test_a_hold_reason_needs_a_hold(lead: Actor, plumbing: Company) -> None:
    report = put(Kind.DEVICES, lead, LINE | {"held_at": "", "hold_reason": "legal"})

    assert report.bad == [BadRow(2, "hold_reason", "is given, but held_at is empty: say since when the line is held")]


@pytest.mark.parametrize(
    ("kind", "again", "column", "shown"),
    [
        (Kind.COMPANIES, COMPANY | {"name": "Other"}, "coid", "4711"),
        (Kind.USERS, PERSON | {"role": "viewer"}, "username", "ada"),
        (Kind.USERS, PERSON | {"username": "Ada"}, "username", "Ada"),
        (Kind.DEVICES, LINE | {"number": "+12025550101"}, "number", "…0101"),
    ],
)
def test_the_second_row_with_one_key_is_bad(
    kind: Kind, again: dict[str, str], column: str, shown: str, lead: Actor
) -> None:
    if kind is not Kind.COMPANIES:
        factories.company()

    report = put(kind, lead, GOOD[kind], again, keep_going=True)

    assert report.bad == [BadRow(3, column, f"{shown} stands in line 2 of the file already")]
    assert counts(report) == (1, 0, 0, 1)


def test_a_user_name_that_differs_from_one_on_record_by_its_case_is_bad(lead: Actor, plumbing: Company) -> None:
    factories.user(plumbing)

    report = put(Kind.USERS, lead, PERSON | {"username": "ADA"})

    assert report.bad == [
        BadRow(2, "username", "ADA is on record at this company already, with other upper and lower case")
    ]


def test_one_number_live_at_two_companies_of_a_file_is_bad(lead: Actor, plumbing: Company) -> None:
    factories.company(coid=4712, name="Invented Bakery")

    report = put(Kind.DEVICES, lead, LINE, LINE | {"coid": "4712"}, keep_going=True)

    assert [(row.line, row.column) for row in report.bad] == [(3, "number")]
    assert list(Device.objects.values_list("company_id", flat=True)) == [4711]


def test_a_number_live_at_another_company_is_bad(lead: Actor, plumbing: Company) -> None:
    bakery = factories.company(coid=4712, name="Invented Bakery")
    factories.device(bakery, line=1)

    report = put(Kind.DEVICES, lead, LINE)

    assert report.bad == [
        BadRow(
            2,
            "number",
            "…0101 is live at the company with COID 4712; a number is live at one company at a time",
        )
    ]


def _deleted(company: Company, at: datetime) -> Device:
    device = factories.device(company, line=1)
    Device.objects.filter(pk=device.pk).update(deleted_at=at)
    return device


def test_an_old_file_does_not_bring_a_deleted_line_back(lead: Actor, plumbing: Company) -> None:
    _deleted(plumbing, datetime(2026, 10, 1, 8, 30, tzinfo=UTC))

    report = put(Kind.DEVICES, lead, LINE, keep_going=True)

    assert report.bad == [
        BadRow(
            2,
            "number",
            "…0101 was deleted at 2026-10-01T08:30:00Z; an import never brings a deleted line back. "
            "If the number was given out again, state an activated_at after that time",
        )
    ]
    assert not Device.objects.filter(deleted_at=None).exists()


def test_a_file_without_activation_does_not_bring_a_deleted_line_back(lead: Actor, plumbing: Company) -> None:
    _deleted(plumbing, datetime(2026, 10, 1, tzinfo=UTC))

    report = put(Kind.DEVICES, lead, {name: LINE[name] for name in ("coid", "number", "soc_code")})

    assert [row.column for row in report.bad] == ["number"]


def test_a_number_that_was_given_out_again_comes_in(lead: Actor, plumbing: Company) -> None:
    _deleted(plumbing, datetime(2026, 10, 1, tzinfo=UTC))

    report = put(Kind.DEVICES, lead, LINE | {"activated_at": "2026-10-02T00:00:00Z"})

    assert counts(report) == (1, 0, 0, 0)


def test_a_file_that_knows_of_the_deletion_may_hold_a_newer_line(lead: Actor, plumbing: Company) -> None:
    _deleted(plumbing, datetime(2026, 10, 1, tzinfo=UTC))
    gone = LINE | {"worker": "Worker 1", "deleted_at": "2026-10-01T00:00:00Z"}

    report = put(Kind.DEVICES, lead, gone, LINE | {"activated_at": ""})

    assert counts(report) == (1, 0, 1, 0)


def test_a_number_deleted_at_another_company_may_come_in(lead: Actor, plumbing: Company) -> None:
    _deleted(factories.company(coid=4712, name="Invented Bakery"), datetime(2026, 10, 1, tzinfo=UTC))

    assert counts(put(Kind.DEVICES, lead, LINE)) == (1, 0, 0, 0)


def test_an_import_does_not_delete_a_live_line(lead: Actor, plumbing: Company) -> None:
    device = factories.device(plumbing, line=1)

    report = put(Kind.DEVICES, lead, LINE | {"deleted_at": "2026-10-01T00:00:00Z"}, keep_going=True)

    assert report.bad == [
        BadRow(
            2,
            "deleted_at",
            "…0101 is live; an import never deletes a line. Delete it with an operation (onhook plan)",
        )
    ]
    assert list(Device.objects.all()) == [device]


def test_a_deletion_from_before_the_live_line_is_history(lead: Actor, plumbing: Company) -> None:
    factories.device(plumbing, line=1)
    before = (factories.ACTIVATED - timedelta(days=1)).isoformat()

    report = put(Kind.DEVICES, lead, LINE | {"activated_at": "", "deleted_at": before})

    assert counts(report) == (1, 0, 0, 0)
    assert Device.objects.filter(deleted_at=None).count() == 1


@pytest.mark.parametrize("column", ["number", "worker", "activated_at", "soc_code", "coid", "region"])
def test_no_reason_shows_a_whole_number(column: str, lead: Actor, plumbing: Company) -> None:
    factories.device(plumbing, line=1)
    slipped = "+1 202 555 0101" + "1" * 300

    report = put(Kind.DEVICES, lead, LINE | {column: slipped}, LINE | {"deleted_at": "2026-10-01T00:00:00Z"})

    assert report.bad_count >= 1
    for row in report.bad:
        assert "555" not in row.reason
        assert "2025550101" not in row.reason
