"""The audit trail on the database: nothing can be changed, and whoever changes it with force is found out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onhook import clock
from onhook.audit import chain, checkpoint, trail, verification
from onhook.audit.checkpoint import Checkpoint, UnusableCheckpoint
from onhook.audit.models import AuditEvent, AuditHead
from onhook.audit.vocabulary import Tag
from onhook.tenancy.actor import Actor
from tests import factories
from tests.world import World

KEY = "a key of the tests"
EVENTS = 5

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53), max_value=2**53)
    # PostgreSQL keeps no NUL in text, and half a surrogate pair is no text.
    | st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('abcÄ"\\ ', max_size=4), inner, max_size=3),
    max_leaves=8,
)


def _write(company_id: int, count: int = EVENTS, **after: Any) -> None:
    entries = [
        trail.Entry(tag=Tag.DEVICE_DELETED, subject=f"device:{number}", after={"number": number, **after})
        for number in range(count)
    ]
    with transaction.atomic():
        trail.record(company_id=company_id, actor=Actor.system(), entries=entries)


def _known() -> Checkpoint:
    return checkpoint.load(checkpoint.export(now=clock.now(), key=KEY), key=KEY)


def _problems(known: Checkpoint | None = None) -> list[tuple[int, int, str]]:
    report = verification.verify(checkpoint=known)
    return [(finding.coid, finding.sequence, finding.problem) for finding in report.findings]


def _force(statement: str, parameters: list[Any] | None = None) -> None:
    """Do what only the server's superuser can: with every trigger switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = 'replica'")
        cursor.execute(statement, parameters)
        cursor.execute("RESET session_replication_role")


@pytest.fixture
def two_chains(world: World) -> list[int]:
    """Give the COIDs of two companies whose chains hold `EVENTS` events each."""
    other = factories.company(coid=4712, name="Example Roofing")
    for company in (world.company, other):
        _write(company.pk)
    return [world.company.pk, other.pk]


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor = 'somebody else'",
        "UPDATE audit_auditevent SET actor = actor WHERE false",
        "DELETE FROM audit_auditevent",
        "DELETE FROM audit_auditevent WHERE sequence = 5",
        "TRUNCATE audit_auditevent",
        "TRUNCATE audit_auditevent CASCADE",
    ],
)
def test_the_database_refuses_to_change_events(two_chains: list[int], statement: str) -> None:
    with pytest.raises(ProgrammingError, match="audit events are only added"), connection.cursor() as cursor:
        cursor.execute(statement)

    assert (AuditEvent.objects.count(), _problems()) == (2 * EVENTS, [])


def test_the_orm_is_refused_too(two_chains: list[int]) -> None:
    event = AuditEvent.objects.first()
    assert event is not None

    for act in (event.delete, event.save, AuditEvent.objects.all().delete):
        with pytest.raises(ProgrammingError, match="audit events are only added"):
            act()


def test_an_event_outside_a_transaction_is_refused(world: World) -> None:
    entry = trail.Entry(tag=Tag.PLAN_MADE, subject="plan:1")

    with pytest.raises(transaction.TransactionManagementError):
        trail.record(company_id=world.company.pk, actor=Actor.system(), entries=[entry])

    assert not AuditEvent.objects.exists()


def test_an_event_is_rolled_back_with_its_act(world: World) -> None:
    with transaction.atomic():
        _write(world.company.pk)
        transaction.set_rollback(True)

    assert (AuditEvent.objects.count(), AuditHead.objects.count(), _problems()) == (0, 0, [])


# --- found out --------------------------------------------------------------------------------------------------------

EDITS = {
    "tag": "plan:made",
    "at": "2020-01-01T00:00:00Z",
    "actor": "4711/eve",
    "on_behalf_of": "4711/eve",
    "surface": "cli",
    "os_user": "eve",
    "subject": "device:99",
    "operation_id": "7f4df2a5-52a0-4a1e-8f60-6cf6b2a2f7a1",
    "plan_hash": "f" * 64,
    "before": json.dumps({"a": 1}),
    "after": json.dumps({"number": "2"}),
    "previous_hash": "f" * 64,
    "hash": "f" * 64,
}


def test_every_column_takes_part() -> None:
    assert set(EDITS) | {"company_id", "sequence"} == {*chain.FIELDS, "hash"}
    columns = {field.attname for field in AuditEvent._meta.concrete_fields}
    assert columns - {"id"} == {*chain.FIELDS, "hash"}


@pytest.mark.parametrize("column", EDITS)
def test_an_edit_of_any_column_is_found(two_chains: list[int], column: str) -> None:
    _force(f"UPDATE audit_auditevent SET {column} = %s WHERE company_id = 4711 AND sequence = 3", [EDITS[column]])

    problems = _problems()

    assert problems
    assert {coid for coid, _, _ in problems} == {4711}
    assert problems[0][1] == 3


def test_an_event_that_was_taken_out_is_found(two_chains: list[int]) -> None:
    _force("DELETE FROM audit_auditevent WHERE company_id = 4711 AND sequence IN (2, 3)")

    assert _problems() == [(4711, 4, "events 2 to 3 are missing")]


def test_the_first_event_taken_out_is_found(two_chains: list[int]) -> None:
    _force("DELETE FROM audit_auditevent WHERE company_id = 4711 AND sequence = 1")

    assert _problems() == [(4711, 2, "events 1 to 1 are missing")]


def test_an_end_that_was_cut_is_found_by_the_head(two_chains: list[int]) -> None:
    _force("DELETE FROM audit_auditevent WHERE company_id = 4711 AND sequence > 3")

    assert _problems() == [(4711, 3, "the chain's end does not fit its head: events were cut or added")]


def _cut_with_its_head() -> None:
    _force("DELETE FROM audit_auditevent WHERE company_id = 4711 AND sequence > 3")
    last = AuditEvent.objects.get(company_id=4711, sequence=3)
    AuditHead.objects.filter(company_id=4711).update(sequence=3, hash=last.hash)


def test_an_end_that_was_cut_with_its_head_is_found_by_the_checkpoint(two_chains: list[int]) -> None:
    known = _known()
    _cut_with_its_head()

    assert _problems() == [], "inside the database this cannot be seen; it is what checkpoints are for"
    assert _problems(known) == [(4711, 3, "the checkpoint knew event 5: the end of the chain was cut")]


def test_a_chain_that_is_gone_with_its_head_is_found_by_the_checkpoint(two_chains: list[int]) -> None:
    known = _known()
    _force("DELETE FROM audit_auditevent WHERE company_id = 4711")
    AuditHead.objects.filter(company_id=4711).delete()

    assert _problems(known) == [(4711, 5, "every event of this company is missing")]


def test_a_chain_that_is_gone_without_its_head_is_found(two_chains: list[int]) -> None:
    _force("DELETE FROM audit_auditevent WHERE company_id = 4711")

    assert _problems() == [(4711, 5, "every event of this company is missing")]


def test_a_chain_written_anew_from_the_start_is_found_by_the_checkpoint(two_chains: list[int]) -> None:
    known = _known()
    _force("DELETE FROM audit_auditevent WHERE company_id = 4711")
    AuditHead.objects.filter(company_id=4711).delete()
    _write(4711, EVENTS + 1, forged=True)

    assert _problems() == []
    assert _problems(known) == [(4711, 5, "differs from the checkpoint: the chain was written anew")]


def test_events_put_in_another_order_are_found(two_chains: list[int]) -> None:
    _force(
        """
        UPDATE audit_auditevent SET sequence = 100 WHERE company_id = 4711 AND sequence = 2;
        UPDATE audit_auditevent SET sequence = 2 WHERE company_id = 4711 AND sequence = 3;
        UPDATE audit_auditevent SET sequence = 3 WHERE company_id = 4711 AND sequence = 100;
        """
    )

    assert {sequence for _, sequence, _ in _problems()} == {2, 3, 4}


def test_a_forged_event_at_the_end_is_found(two_chains: list[int]) -> None:
    _force(
        """
        INSERT INTO audit_auditevent (company_id, sequence, tag, at, actor, on_behalf_of, surface, os_user, subject,
                                      operation_id, plan_hash, before, after, previous_hash, hash)
        SELECT company_id, 6, tag, at, actor, on_behalf_of, surface, os_user, subject,
               operation_id, plan_hash, before, after, hash, repeat('a', 64)
        FROM audit_auditevent WHERE company_id = 4711 AND sequence = 5
        """
    )

    assert [sequence for _, sequence, _ in _problems()] == [6, 6]


def test_an_event_moved_to_another_company_is_found_in_both(two_chains: list[int]) -> None:
    _force("UPDATE audit_auditevent SET company_id = 4712, sequence = 6 WHERE company_id = 4711 AND sequence = 5")

    assert {coid for coid, _, _ in _problems()} == {4711, 4712}


@pytest.fixture
def checked(two_chains: list[int]) -> Checkpoint:
    return _known()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_edit_gap_cut_or_reorder_is_found(checked: Checkpoint, data: st.DataObject) -> None:
    tamper = data.draw(st.sampled_from([_edit, _gap, _cut, _swap]))
    with transaction.atomic():
        tamper(data)

        found = _problems(checked)

        transaction.set_rollback(True)
    assert found
    assert _problems(checked) == []


def _edit(data: st.DataObject) -> None:
    column = data.draw(st.sampled_from(sorted(EDITS)))
    sequence = data.draw(st.integers(1, EVENTS))
    _force(
        f"UPDATE audit_auditevent SET {column} = %s WHERE company_id = 4711 AND sequence = %s",
        [EDITS[column], sequence],
    )


def _gap(data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(1, EVENTS), min_size=1))
    _force("DELETE FROM audit_auditevent WHERE company_id = 4711 AND sequence = ANY(%s)", [sorted(gone)])


def _cut(data: st.DataObject) -> None:
    first = data.draw(st.integers(2, EVENTS))
    _force("DELETE FROM audit_auditevent WHERE company_id = 4711 AND sequence >= %s", [first])
    last = AuditEvent.objects.get(company_id=4711, sequence=first - 1)
    AuditHead.objects.filter(company_id=4711).update(sequence=last.sequence, hash=last.hash)


def _swap(data: st.DataObject) -> None:
    one, other = data.draw(st.lists(st.integers(1, EVENTS), min_size=2, max_size=2, unique=True))
    move = "UPDATE audit_auditevent SET sequence = %s WHERE company_id = 4711 AND sequence = %s"
    for target, source in ((100, one), (one, other), (other, 100)):
        _force(move, [target, source])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.dictionaries(st.text("ab", max_size=3), JSON_VALUES, max_size=3), after=JSON_VALUES)
def test_whatever_is_recorded_is_read_back_with_the_same_hash(
    checked: Checkpoint, before: dict[str, Any], after: Any
) -> None:
    with transaction.atomic():
        entry = trail.Entry(tag=Tag.PLAN_MADE, subject="plan:1", before=before, after={"value": after})
        trail.record(company_id=4711, actor=Actor.system(os_user="Ä"), entries=[entry])

        found = _problems()

        transaction.set_rollback(True)
    assert found == []


# --- checkpoints ------------------------------------------------------------------------------------------------------


def _with_a_change(change: Callable[[dict[str, Any]], object]) -> str:
    document = json.loads(checkpoint.export(now=clock.now(), key=KEY))
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["heads"].update({"4711": [3, "f" * 64]}),
        lambda document: document["heads"].pop("4711"),
        lambda document: document.update(at="2020-01-01T00:00:00+00:00"),
        lambda document: document.update(signature="0" * 64),
        lambda document: document.update(signature="ä"),
        lambda document: document.update(signature=7),
        lambda document: document.update(signature=None),
    ],
)
def test_a_checkpoint_that_was_changed_is_refused(
    two_chains: list[int], change: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(UnusableCheckpoint, match="Nothing was compared"):
        checkpoint.load(_with_a_change(change), key=KEY)


def test_a_checkpoint_of_another_key_is_refused(two_chains: list[int]) -> None:
    with pytest.raises(UnusableCheckpoint, match="signed with another ONHOOK_AUDIT_KEY"):
        checkpoint.load(checkpoint.export(now=clock.now(), key=KEY), key="another key")


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", "null", '"a"', '{"signature": 1, "heads": []}', "\x00"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(UnusableCheckpoint, match="Nothing was compared"):
        checkpoint.load(text, key=KEY)


def test_a_trail_that_only_grew_fits_its_old_checkpoint(checked: Checkpoint) -> None:
    _write(4711)

    assert _problems(checked) == []


# --- order ------------------------------------------------------------------------------------------------------------


def test_writers_of_one_company_line_up(world: World) -> None:
    _write(world.company.pk, 1)
    with psycopg.connect(world.url) as other:
        with transaction.atomic():
            _write(world.company.pk, 1)
            other.execute("SET lock_timeout = '100ms'")

            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("UPDATE audit_audithead SET sequence = 9")

        other.rollback()
    assert _problems() == []


def test_times_never_go_back_along_a_chain(world: World) -> None:
    for _ in range(20):
        _write(world.company.pk, 2)

    moments = list(AuditEvent.objects.order_by("sequence").values_list("at", flat=True))

    assert moments == sorted(moments)
