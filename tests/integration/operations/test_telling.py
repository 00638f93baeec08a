"""The mail to the customer: sent once, tried again when refused for now, handed to a person when refused for good."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pytest_django import Settings

from onhook.devices.models import Device
from onhook.operations.models import Notice, Operation, Question
from onhook.tenancy.models import Company, User
from tests.integration.operations.looking import ended, let_time_pass, step, tags
from tests.world import World


def _fault(world: World, kind: str, command: str, **how: Any) -> None:
    world.mailbox.control.add_fault(kind, match={"method": command}, **how)


def _ids(world: World) -> list[str]:
    return [message["message_id"] for message in world.messages()]


def _notice() -> tuple[str, int, str]:
    notice = Notice.objects.get()
    return notice.state, notice.sendings, notice.problem


def _run(world: World) -> Operation:
    operation = world.start(world.line(1))
    world.work()
    return operation


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_mail_refused_for_now_is_tried_again_until_it_is_taken(world: World, command: str) -> None:
    _fault(world, "refuse", command, code=451, times=2)
    operation = _run(world)
    for _ in range(2):
        assert ended(operation) == "running"
        assert _notice() == ("ready", 0, "")
        assert step(operation, "notify_customer").problem == "the mail server refused it for now (code 451)"
        let_time_pass()
        world.work()

    assert ended(operation) == "verified"
    assert _notice() == ("sent", 1, "")
    assert _ids(world) == [Notice.objects.get().message_id]
    assert step(operation, "notify_customer").tries == 2


def test_the_lines_are_gone_while_the_mail_waits(world: World) -> None:
    _fault(world, "refuse", "MAIL", code=451)

    operation = _run(world)

    assert ended(operation) == "running"
    assert not Device.objects.filter(deleted_at=None).exists()


def test_a_mail_server_that_cannot_be_reached_is_tried_again(world: World) -> None:
    _fault(world, "cut_before", "MAIL")
    operation = _run(world)
    assert (ended(operation), _notice()) == ("running", ("ready", 0, ""))

    let_time_pass()
    world.work()

    assert (ended(operation), _notice()) == ("verified", ("sent", 1, ""))


def test_a_mail_refused_for_now_too_often_is_handed_to_a_person(world: World, settings: Settings) -> None:
    settings.RETRY_TRIES = 2
    _fault(world, "refuse", "RCPT", code=451, times=2)
    operation = _run(world)
    let_time_pass()
    world.work()
    question = world.open_question()
    assert (question.kind, question.evidence) == (
        "step_failed",
        {"problem": "the mail server refused it for now (code 451)", "tries": 2},
    )

    world.answer(question, "try_again")
    world.work()

    assert (ended(operation), _notice()) == ("verified", ("sent", 1, ""))


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_mail_refused_for_good_asks_and_is_sent_when_the_cause_is_mended(world: World, command: str) -> None:
    _fault(world, "refuse", command, code=550)
    operation = _run(world)
    question = world.open_question()
    assert question.kind == "mail_refused"
    assert question.text.endswith("to 4711/ada is refused: the mail server refused it for good (code 550)")
    assert _notice() == ("ready", 0, "the mail server refused it for good (code 550)")
    User.objects.filter(pk=world.admin.pk).update(email="ada.new@plumbing.example")

    world.answer(question, "try_again")
    world.work()

    (message,) = world.messages()
    assert (ended(operation), _notice()) == ("verified", ("sent", 1, ""))
    assert message["to"] == ["ada.new@plumbing.example"]


def test_a_mail_refused_for_good_may_be_told_by_hand(world: World) -> None:
    _fault(world, "refuse", "RCPT", code=550)
    operation = _run(world)

    world.answer(world.open_question(), "told_by_hand")
    world.work()

    assert ended(operation) == "verified"
    assert _notice()[:2] == ("by_hand", 0)
    assert world.messages() == []
    assert tags(operation)[-5:] == [
        "notice:sending",
        "question:opened",
        "question:answered",
        "notice:by_hand",
        "operation:closed",
    ]


def test_a_mail_refused_for_good_twice_asks_twice(world: World) -> None:
    _fault(world, "refuse", "RCPT", code=550, times=2)
    operation = _run(world)
    world.answer(world.open_question(), "try_again")
    world.work()
    assert world.open_question().subject == "refusal 2"

    world.answer(world.open_question(), "try_again")
    world.work()

    assert (ended(operation), _notice()) == ("verified", ("sent", 1, ""))
    assert Question.objects.count() == 2


def test_a_mail_that_was_taken_without_an_answer_is_sent_once_more_under_the_same_id(world: World) -> None:
    _fault(world, "accept_then_cut", "DATA")
    operation = _run(world)
    assert (ended(operation), _notice()[:2]) == ("running", ("sending", 1))
    assert "the server's answer did not arrive" in step(operation, "notify_customer").problem

    let_time_pass()
    world.work()

    notice = Notice.objects.get()
    assert (ended(operation), _notice()) == ("verified", ("sent", 2, ""))
    assert _ids(world) == [notice.message_id] * 2
    assert step(operation, "notify_customer").evidence["sendings"] == 2


def test_a_mail_is_sent_at_most_twice_and_its_doubt_is_shown(world: World) -> None:
    _fault(world, "accept_then_cut", "DATA", times=None)
    operation = _run(world)

    let_time_pass()
    world.work()

    state, sendings, problem = _notice()
    assert ended(operation) == "verified"
    assert (state, sendings) == ("doubtful", 2)
    assert problem == "the mail was handed over, but the server's answer did not arrive (SMTPServerDisconnected)"
    assert _ids(world) == [Notice.objects.get().message_id] * 2
    assert step(operation, "notify_customer").evidence["problem"] == problem
    assert tags(operation)[-4:] == ["notice:sending", "notice:sending", "notice:doubtful", "operation:closed"]


def test_a_mail_cut_while_its_text_is_on_the_way_counts_as_in_doubt(world: World) -> None:
    _fault(world, "cut_in_data", "DATA")
    operation = _run(world)
    assert _notice()[:2] == ("sending", 1)

    let_time_pass()
    world.work()

    assert (ended(operation), _notice()) == ("verified", ("sent", 2, ""))
    assert len(_ids(world)) == 1


def test_a_mail_in_doubt_that_is_then_refused_for_now_is_not_sent_a_third_time(world: World) -> None:
    _fault(world, "accept_then_cut", "DATA", times=2)
    operation = _run(world)
    _fault(world, "refuse", "MAIL", code=451)
    for _ in range(3):
        let_time_pass()
        world.work()

    assert (ended(operation), _notice()[:2]) == ("verified", ("doubtful", 2))
    assert len(_ids(world)) == 2


def _without_address(world: World) -> Operation:
    User.objects.filter(pk=world.admin.pk).update(email="")
    return _run(world)


def test_a_requester_without_an_address_is_asked_about_and_told_by_hand(world: World) -> None:
    operation = _without_address(world)
    assert (ended(operation), world.open_question().kind) == ("waiting", "no_address")

    world.answer(world.open_question(), "told_by_hand")
    world.work()

    assert ended(operation) == "verified"
    assert step(operation, "notify_customer").evidence == {"to": "4711/ada", "result": "by_hand"}
    assert (Notice.objects.count(), world.messages()) == (0, [])


def test_an_address_that_was_added_meanwhile_gets_the_mail(world: World) -> None:
    operation = _without_address(world)
    User.objects.filter(pk=world.admin.pk).update(email="ada@plumbing.example")

    world.answer(world.open_question(), "try_again")
    world.work()

    (message,) = world.messages()
    assert (ended(operation), message["to"]) == ("verified", ["ada@plumbing.example"])


def test_an_address_that_is_still_missing_is_asked_about_again(world: World) -> None:
    _without_address(world)

    world.answer(world.open_question(), "try_again")
    world.work()

    assert world.open_question().subject == "time 2"


@pytest.mark.parametrize(
    "address",
    [
        "no address",
        "ada@",
        "@plumbing.example",
        "ada@plumbing.example\r\nBcc: eve@example.com",
        "ada@plumbing.example, eve@example.com",
        "ädä@plumbing.example",
    ],
)
def test_an_address_that_cannot_be_used_asks_a_person_and_nothing_leaves(world: World, address: str) -> None:
    User.objects.filter(pk=world.admin.pk).update(email=address)

    operation = _run(world)

    assert (ended(operation), world.open_question().kind) == ("waiting", "mail_refused")
    assert world.messages() == []


def test_a_host_beyond_ascii_is_written_as_mail_servers_know_it(world: World) -> None:
    User.objects.filter(pk=world.admin.pk).update(email="ada@plümbing.example")

    _run(world)

    (message,) = world.messages()
    assert message["to"] == ["ada@xn--plmbing-o2a.example"]


def test_words_that_look_like_headers_stay_words(world: World) -> None:
    device = world.line(1, worker="Grace\r\nBcc: eve@example.com")
    plan = world.plan([device])
    type(plan).objects.filter(pk=plan.pk).update(ticket_reference="T-1\r\nBcc: eve@example.com")
    world.confirm(plan)

    world.work()

    (message,) = world.messages()
    assert message["to"] == ["ada@plumbing.example"]
    assert message["subject"] == "1 phone line removed [T-1 Bcc: eve@example.com]"
    assert "bcc" not in {name.lower() for name, _ in message["headers"]}


def test_names_cannot_add_markup_to_the_mail(world: World) -> None:
    type(world.company).objects.update(name="<b>Plumbing</b> & Co")
    world.start(world.line(1, worker="<script>alert(1)</script>"))

    world.work()

    (message,) = world.messages()
    assert "<script" not in message["html"]
    assert "&lt;b&gt;Plumbing&lt;/b&gt; &amp; Co" in message["html"]
    assert "<b>Plumbing</b> & Co" in message["text"]


def test_the_mail_says_that_a_machine_sent_it(world: World) -> None:
    _run(world)

    (message,) = world.messages()

    headers = {name.lower(): value for name, value in message["headers"]}
    assert headers["auto-submitted"] == "auto-generated"
    assert message["from"] == "no-reply@onhook.example"


@pytest.mark.parametrize(("lines", "subject"), [(1, "1 phone line removed"), (3, "3 phone lines removed")])
def test_however_many_lines_go_there_is_one_mail(world: World, lines: int, subject: str) -> None:
    world.start(*(world.line(line) for line in range(1, lines + 1)))

    world.work()

    (message,) = world.messages()
    assert message["subject"] == f"{subject} [T-1001]"


@pytest.mark.parametrize(
    ("zone", "times"), [("UTC", 1), ("Etc/GMT", 1), ("Africa/Abidjan", 1), ("America/New_York", 2)]
)
def test_the_mail_says_a_moment_once_where_both_clocks_tell_the_same(world: World, zone: str, times: int) -> None:
    Company.objects.filter(pk=world.company.pk).update(time_zone=zone)

    _run(world)

    (message,) = world.messages()
    assert len(re.findall(r"\d\d:\d\d:\d\d", message["text"])) == times
    assert len(re.findall(r"\d\d:\d\d:\d\d", message["html"])) == times


@pytest.mark.parametrize(("count", "said"), [(1, "The number is no longer in"), (2, "The numbers are no longer in")])
def test_the_mail_counts_its_numbers(world: World, count: int, said: str) -> None:
    world.start(*(world.line(line) for line in range(1, count + 1)))

    world.work()

    (message,) = world.messages()
    assert said in message["text"]
    assert said in message["html"]
