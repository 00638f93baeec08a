"""What a run leaves in logs, in the engine and in error texts: ids and kinds, no numbers, names, mails or secrets."""

from __future__ import annotations

import pytest
from django.db import connection
from structlog.testing import capture_logs

from onhook.connectors.mail.connector import SmtpMail
from onhook.connectors.mail.server import MailServer, UnusableMailUrl
from onhook.operations import worker
from onhook.operations.errors import Retryable
from onhook.operations.models import Notice, Question, Step
from onhook.operations.ports import Ports, Secret
from tests import factories
from tests.world import World

SECRET = "hunter2-of-no-real-server"
PRIVATE = ("2025550101", "555-0101", "Grace", "Hopper", "ada@", "plumbing.example", "Plumbing", "MysteryPlan", SECRET)


def _run_with_everything_that_can_go_wrong(world: World) -> None:
    """Ask about a SOC code, fail in a step, be refused by the mail server, be told by hand."""
    world.start(world.line(1, worker="Grace Hopper", soc_code=factories.UNKNOWN_SOC))
    world.work()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_socrule RENAME COLUMN pattern TO lost")
        world.answer(world.open_question(), "direct")
        world.work()
        cursor.execute("ALTER TABLE billing_socrule RENAME COLUMN lost TO pattern")
        cursor.execute("UPDATE absurd.r_onhook SET available_at = clock_timestamp() WHERE state = 'sleeping'")
    world.mailbox.control.add_fault(
        "refuse", match={"method": "RCPT"}, code=550, text=f"<ada@plumbing.example> said {SECRET}"
    )
    world.work()
    worker.sweep()


def test_logs_of_a_run_hold_no_private_word(world: World) -> None:
    with capture_logs() as logs:
        _run_with_everything_that_can_go_wrong(world)

    said = repr(logs)
    assert [entry["event"] for entry in logs] == ["step failed"], "the run that should fail did not"
    assert [word for word in PRIVATE if word in said] == []


def test_the_mail_servers_words_are_kept_nowhere(world: World) -> None:
    _run_with_everything_that_can_go_wrong(world)

    question = Question.objects.get(kind="mail_refused")
    kept = repr([list(model.objects.values()) for model in (Step, Question, Notice)])
    assert "code 550" in question.text
    assert SECRET not in kept


def test_the_engine_keeps_no_private_word(world: World) -> None:
    _run_with_everything_that_can_go_wrong(world)

    with connection.cursor() as cursor:
        kept = ""
        for table in ("t", "r", "c", "w", "e"):
            cursor.execute(f"SELECT string_agg({table}_onhook::text, ' ') FROM absurd.{table}_onhook")
            kept += str(cursor.fetchone())
    assert [word for word in PRIVATE if word in kept] == []


def test_evidence_of_the_steps_holds_no_number_and_no_address(world: World) -> None:
    world.start(world.line(1, worker="Grace Hopper"))

    world.work()

    seen = repr(list(Step.objects.values_list("evidence", "problem")))
    assert [word for word in PRIVATE if word in seen] == []


def test_a_mail_servers_password_is_not_shown(world: World) -> None:
    server = MailServer.from_url(f"smtps://onhook:{SECRET}@mail.example.com")
    mail = SmtpMail(server=server, sender="onhook <no-reply@onhook.example>", deadline_seconds=1)

    shown = "".join(map(repr, (server, mail, Ports(mail=mail), Secret(user="onhook", value=SECRET))))

    assert SECRET not in shown


@pytest.mark.parametrize(
    "url",
    [
        f"smtp://onhook:{SECRET}@mail.example.com",
        f"http://onhook:{SECRET}@mail.example.com",
        f"smtps://onhook:{SECRET}@mail.example.com:port",
        f"smtps://onhook:{SECRET}@",
    ],
)
def test_a_mail_address_of_the_server_that_cannot_be_used_is_not_repeated(url: str) -> None:
    with pytest.raises(UnusableMailUrl) as refusal:
        MailServer.from_url(url)

    assert SECRET not in str(refusal.value)


def test_a_sign_in_that_the_mail_server_refuses_does_not_repeat_its_words() -> None:
    server = MailServer.from_url(f"smtps://onhook:{SECRET}@127.0.0.1:9")
    mail = SmtpMail(server=server, sender="onhook <no-reply@onhook.example>", deadline_seconds=1)

    with pytest.raises(Retryable) as problem:
        mail.check()

    assert problem.value.problem == "the mail server cannot be reached (ConnectionRefusedError)"
    assert problem.value.__suppress_context__
