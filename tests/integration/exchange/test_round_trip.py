"""Export gives back what import takes: the same records again are no change, an empty installation gets all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onhook.devices.models import Device
from onhook.exchange.importing import Kind
from onhook.tenancy import people
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import CUSTOMER_ROLES
from tests import factories
from tests.integration.exchange.files import counts, forget, put, taken

property_test = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"], exclude_characters=TURNS)
lines = st.one_of(
    st.text(letters, max_size=30),
    st.text(alphabet="'=+-@,;\"\\ a0", max_size=6),
    st.sampled_from(["\\N", "NULL", "\\."]),
).map(lambda text: text.rstrip())
named = lines.filter(lambda text: bool(text.strip()))
paragraphs = st.tuples(st.sampled_from(["\n", "\r\n", "\r", "\t"]), st.lists(lines, max_size=3)).map(
    lambda parts: parts[0].join(parts[1]).strip()
)
moments = st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001  # the zone comes from the next line
    max_value=datetime(2026, 10, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
zones = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kathmandu"])


@contextmanager
def _undone() -> Iterator[None]:
    """Undo what an example stored."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


def _stripped(values: dict[str, Any]) -> bool:
    """Whether no text has blanks in front that nothing guards: those do not count in a file."""
    return all(text == text.strip() or text[0] == " " for text in values.values() if isinstance(text, str) and text)


def _forget(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE company_id = 4711")


@property_test
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": named,
                "time_zone": zones,
                "region": st.sampled_from(["", "US", "GB"]),
                "suspended_at": st.none() | moments,
            }
        ).filter(_stripped),
        max_size=4,
    )
)
def test_companies(lead: Actor, records: list[dict[str, Any]]) -> None:
    with _undone():
        for coid, values in enumerate(records, start=5000):
            Company.objects.create(coid=coid, **values)
        text = taken(Kind.COMPANIES, lead)

        again = put(Kind.COMPANIES, lead, text)
        before = _rows(Company, "coid", *(records[0] if records else {}))
        forget(from_coid=5000)
        anew = put(Kind.COMPANIES, lead, text)

        assert counts(again) == (0, 0, len(records) + 1, 0)
        assert counts(anew) == (len(records), 0, 1, 0)
        assert _rows(Company, "coid", *(records[0] if records else {})) == before


usernames = st.from_regex(r"[A-Za-z0-9._@+-]{0,9}[A-Za-z0-9]", fullmatch=True)


def _are_apart(records: dict[str, Any]) -> bool:
    return len({username.upper() for username in records}) == len(records)


@property_test
@given(
    st.dictionaries(
        usernames,
        st.fixed_dictionaries(
            {
                "full_name": named,
                "email": st.sampled_from(["", "-dash@plumbing.example", "+plus@plumbing.example", "a.b@c.example"]),
                "role": st.sampled_from(sorted(CUSTOMER_ROLES)),
            }
        ).filter(_stripped),
        max_size=4,
    ).filter(_are_apart),
    st.none() | moments,
)
def test_people(
    lead: Actor, plumbing: Company, records: dict[str, dict[str, Any]], suspended_at: datetime | None
) -> None:
    with _undone():
        for username, values in records.items():
            people.create_user(company=plumbing, username=username, **values)
        User.objects.filter(company=plumbing).update(suspended_at=suspended_at)
        fields = ("login", "username", "full_name", "email", "role", "suspended_at")
        text, before = taken(Kind.USERS, lead), _rows(User, *fields)

        again = put(Kind.USERS, lead, text)
        _forget("tenancy_user")
        anew = put(Kind.USERS, lead, text)

        assert counts(again) == (0, 0, len(records) + 1, 0)
        assert counts(anew) == (len(records), 0, 1, 0)
        assert _rows(User, *fields) == before


@st.composite
def devices(draw: st.DrawFn) -> dict[str, Any]:
    held_at = draw(st.none() | moments)
    return {
        "number": draw(
            st.integers(0, 20).map(factories.number)
            | st.sampled_from(["+447700900123", "+61255501234", "+353209100000"])
        ),
        "worker": draw(lines),
        "model": draw(lines),
        "soc_code": draw(named),
        "activated_at": draw(st.none() | moments),
        "last_seen_at": draw(st.none() | moments),
        "deleted_at": draw(st.none() | moments),
        "held_at": held_at,
        "hold_reason": draw(paragraphs) if held_at else "",
    }


def _key(values: dict[str, Any]) -> tuple[Any, ...]:
    return values["number"], values["deleted_at"]


@property_test
@given(st.lists(devices().filter(_stripped), max_size=8, unique_by=_key), st.sampled_from(["", "US", "GB"]))
def test_lines(lead: Actor, plumbing: Company, records: list[dict[str, Any]], region: str) -> None:
    with _undone():
        Company.objects.filter(coid=plumbing.coid).update(region=region)
        Device.objects.bulk_create(Device(company=plumbing, **values) for values in records)
        fields = ("company_id", *devices_fields())
        text, before = taken(Kind.DEVICES, lead), _rows(Device, *fields)

        again = put(Kind.DEVICES, lead, text)
        _forget("devices_device")
        anew = put(Kind.DEVICES, lead, text)

        assert counts(again) == (0, 0, len(records), 0)
        assert counts(anew) == (len(records), 0, 0, 0)
        assert _rows(Device, *fields) == before
        assert taken(Kind.DEVICES, lead) == text


def devices_fields() -> tuple[str, ...]:
    return (
        "number",
        "worker",
        "model",
        "soc_code",
        "activated_at",
        "last_seen_at",
        "deleted_at",
        "held_at",
        "hold_reason",
    )


def _rows(model: type[Company | User | Device], *fields: str) -> list[tuple[Any, ...]]:
    return sorted(model.objects.values_list(*fields), key=repr)


@pytest.mark.parametrize("kind", list(Kind))
def test_an_export_of_one_company_comes_in_again(kind: Kind, lead: Actor, plumbing: Company) -> None:
    factories.user(plumbing)
    factories.device(plumbing)

    assert counts(put(kind, lead, taken(kind, lead, coid=4711))) == (0, 0, 1, 0)
