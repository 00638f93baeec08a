"""Verifying the trail while others write, and tricks that keep every hash right."""

import threading

import psycopg
import pytest
from django.db import connections, transaction

from onhook import clock
from onhook.audit import checkpoint, trail, verification
from onhook.audit.models import AuditHead
from onhook.audit.vocabulary import Tag
from onhook.tenancy.actor import Actor
from tests.world import World


def _write(world: World) -> None:
    entry = trail.Entry(tag=Tag.DATA_EXPORTED, subject="company:4711")
    with transaction.atomic():
        trail.record(company_id=world.company.pk, actor=Actor.system(), entries=[entry])


def test_a_writer_between_the_two_reads_is_no_forger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(world)
    read_events = verification._events

    def events_after_another_write(**how: int) -> object:
        def write() -> None:
            _write(world)
            connections.close_all()

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        return read_events(**how)

    # The seam stands for the moment between the two reads; what is read is real.
    monkeypatch.setattr(verification, "_events", events_after_another_write)

    assert verification.verify().findings == []
    assert AuditHead.objects.get(company=world.company).sequence == 2


def test_rows_that_change_places_by_their_number_are_found(world: World) -> None:
    for _ in range(3):
        _write(world)
    with psycopg.connect(world.url, autocommit=True) as forger:
        forger.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        forger.execute("UPDATE audit_auditevent SET id = id + 1000 WHERE sequence = 2")

    findings = verification.verify().findings

    assert [(finding.sequence, finding.problem) for finding in findings] == [
        (3, "its row number is out of order: put in another order")
    ]


@pytest.mark.parametrize("signature", ["5", '"é"', "null", "[]"])
def test_a_signature_of_another_kind_is_refused_in_words(world: World, signature: str) -> None:
    text = checkpoint.export(now=clock.now(), key="key")
    head, _, _ = text.rpartition('"signature": ')

    with pytest.raises(checkpoint.UnusableCheckpoint, match="signature does not fit"):
        checkpoint.load(f'{head}"signature": {signature}}}', key="key")
