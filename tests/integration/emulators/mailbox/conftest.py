"""One mailbox for the whole module, empty before each test."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from email.message import EmailMessage

import httpx
import pytest

from emulators.control import launch
from emulators.control.launch import RunningEmulator

Connect = Callable[[], AbstractContextManager[smtplib.SMTP]]


@pytest.fixture(scope="module")
def mailbox_process() -> Iterator[RunningEmulator]:
    with launch.running("mailbox") as emulator:
        yield emulator


@pytest.fixture
def mailbox(mailbox_process: RunningEmulator) -> RunningEmulator:
    mailbox_process.control.reset()
    return mailbox_process


@pytest.fixture
def http(mailbox: RunningEmulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=mailbox.http, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def connect(mailbox: RunningEmulator) -> Connect:
    host, _, port = mailbox.addresses["smtp"].partition(":")
    return lambda: smtplib.SMTP(host, int(port), timeout=10)


@pytest.fixture
def message() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Onhook <notices@example.com>"
    message["To"] = "Ada <ada@example.net>"
    message["Subject"] = "Gelöschte Leitung ☎"
    message["Message-ID"] = "<one@example.com>"
    message.set_content("Die Leitung ist gelöscht.\n")
    message.add_alternative("<p>Die Leitung ist <b>gelöscht</b>.</p>\n", subtype="html")
    return message
