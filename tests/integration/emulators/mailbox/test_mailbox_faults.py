"""The ways a mail can fail, above all the one where the sender cannot know."""

import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import EmailMessage

import httpx
import pytest

from emulators.control.client import ControlError
from emulators.control.launch import RunningEmulator

pytestmark = pytest.mark.emulator

Connect = Callable[[], AbstractContextManager[smtplib.SMTP]]


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("MAIL", smtplib.SMTPSenderRefused),
        ("RCPT", smtplib.SMTPRecipientsRefused),
        ("DATA", smtplib.SMTPDataError),
    ],
)
def test_refusal_reaches_the_sender_and_nothing_is_stored(
    *,
    mailbox: RunningEmulator,
    http: httpx.Client,
    connect: Connect,
    message: EmailMessage,
    command: str,
    error: type[Exception],
) -> None:
    mailbox.control.add_fault("refuse", match={"method": command}, code=550, text="No such reader")

    with connect() as smtp, pytest.raises(error, match="550"):
        smtp.send_message(message)

    assert http.get("/messages").json()["count"] == 0
    last = mailbox.control.journal()[-1]
    assert (last.method, last.status, last.faults) == (command, 550, ("refuse",))


def test_refusal_can_strike_one_recipient_alone(
    mailbox: RunningEmulator, http: httpx.Client, connect: Connect, message: EmailMessage
) -> None:
    mailbox.control.add_fault("refuse", match={"method": "RCPT", "path": "gone@example.net"}, code=550)

    with connect() as smtp:
        refused = smtp.send_message(message, to_addrs=["gone@example.net", "here@example.net"])

    assert list(refused) == ["gone@example.net"]
    assert http.get("/messages").json()["messages"][0]["to"] == ["here@example.net"]


@pytest.mark.parametrize(("kind", "stored"), [("cut_before", 0), ("cut_in_data", 0), ("accept_then_cut", 1)])
def test_cut_at_data_leaves_the_sender_without_an_answer(
    *,
    mailbox: RunningEmulator,
    http: httpx.Client,
    connect: Connect,
    message: EmailMessage,
    kind: str,
    stored: int,
) -> None:
    mailbox.control.add_fault(kind, match={"method": "DATA"})

    with pytest.raises(smtplib.SMTPServerDisconnected), connect() as smtp:
        smtp.send_message(message)

    assert http.get("/messages").json()["count"] == stored
    data = mailbox.control.journal(at_least=3, wait_seconds=10)[-1]
    assert (data.method, data.status, data.faults, len(data.effects)) == ("DATA", None, (kind,), stored)


def test_mailbox_goes_on_after_a_cut(
    mailbox: RunningEmulator, http: httpx.Client, connect: Connect, message: EmailMessage
) -> None:
    mailbox.control.add_fault("accept_then_cut", match={"method": "DATA"})
    with pytest.raises(smtplib.SMTPServerDisconnected), connect() as smtp:
        smtp.send_message(message)

    with connect() as smtp:
        smtp.send_message(message)

    identities = [entry["message_id"] for entry in http.get("/messages").json()["messages"]]
    assert identities == ["<one@example.com>", "<one@example.com>"]


def test_delay_ends_in_the_senders_timeout(
    mailbox: RunningEmulator, http: httpx.Client, connect: Connect, message: EmailMessage
) -> None:
    mailbox.control.add_fault("delay", match={"method": "DATA"}, seconds=600)

    with connect() as smtp:
        assert smtp.sock is not None
        smtp.sock.settimeout(0.2)
        with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
            smtp.send_message(message)
        smtp.close()

    assert http.get("/messages").json()["count"] == 0


SENDER = """
import smtplib, sys
sys.stdin.readline()
host, port = sys.argv[1].split(":")
with smtplib.SMTP(host, int(port)) as smtp:
    smtp.sendmail("a@example.com", ["b@example.net"], "Subject: x\\r\\n\\r\\ny\\r\\n")
"""


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after_effect", 1)])
def test_sender_is_killed_around_the_effect(
    mailbox: RunningEmulator, http: httpx.Client, when: str, stored: int
) -> None:
    command = [sys.executable, "-c", SENDER, mailbox.addresses["smtp"]]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as sender:
        mailbox.control.add_fault("kill_client", match={"method": "DATA"}, pid=sender.pid, when=when)

        sender.communicate(b"go\n", timeout=30)

    assert sender.returncode == -signal.SIGKILL
    assert http.get("/messages").json()["count"] == stored


@pytest.mark.parametrize(
    ("kind", "match", "reason"),
    [
        ("accept_then_cut", {"method": "RCPT"}, "only for DATA"),
        ("cut_in_data", {}, "only for DATA"),
        ("refuse", {"method": "GET"}, "not GET"),
        ("drip", {}, "No fault of kind"),
    ],
)
def test_fault_that_could_not_strike_is_refused(
    mailbox: RunningEmulator, kind: str, match: dict[str, object], reason: str
) -> None:
    with pytest.raises(ControlError, match=reason):
        mailbox.control.add_fault(kind, match=match)


def test_refusal_needs_a_refusing_code(mailbox: RunningEmulator) -> None:
    with pytest.raises(ControlError, match="400 to 599"):
        mailbox.control.add_fault("refuse", code=250)
