"""Sign-in and STARTTLS of the mailbox."""

import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from emulators.control import launch, tls
from emulators.control.errors import StartError
from emulators.control.launch import RunningEmulator

pytestmark = pytest.mark.emulator

ACCOUNT = {"MAILBOX_SMTP_USER": "notices", "MAILBOX_SMTP_PASSWORD": "canary-password"}


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[RunningEmulator]:
    arguments = ["--tls-folder", str(tmp_path)]
    with launch.running("mailbox", arguments=arguments, environment=ACCOUNT) as mailbox:
        yield mailbox


def _connected(mailbox: RunningEmulator) -> smtplib.SMTP:
    host, _, port = mailbox.addresses["smtp"].partition(":")
    return smtplib.SMTP(host, int(port), timeout=10)


def _protected(mailbox: RunningEmulator, *, password: str = "canary-password") -> smtplib.SMTP:
    smtp = _connected(mailbox)
    assert mailbox.ca_file is not None
    smtp.starttls(context=tls.trusting(mailbox.ca_file))
    smtp.ehlo()
    smtp.user, smtp.password = "notices", password
    return smtp


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_sign_in_over_starttls_lets_mail_through(
    guarded: RunningEmulator, message: EmailMessage, mechanism: str
) -> None:
    with _protected(guarded) as smtp:
        smtp.auth(mechanism, smtp.auth_plain if mechanism == "PLAIN" else smtp.auth_login)
        smtp.send_message(message)

    lines = guarded.control.journal()
    assert [(line.method, line.auth, line.status) for line in lines if line.method == "AUTH"] == [
        ("AUTH", "passed", 235)
    ]
    assert [effect["what"] for line in lines for effect in line.effects] == ["message_stored"]


def test_wrong_password_is_refused_and_noted_without_it(guarded: RunningEmulator) -> None:
    with _protected(guarded, password="canary-wrong") as smtp, pytest.raises(smtplib.SMTPAuthenticationError):
        smtp.auth("PLAIN", smtp.auth_plain)

    assert [line.auth for line in guarded.control.journal()] == ["refused"]
    assert "canary" not in str(guarded.control.journal())


def test_mail_without_sign_in_is_refused(guarded: RunningEmulator, message: EmailMessage) -> None:
    with _protected(guarded) as smtp, pytest.raises(smtplib.SMTPSenderRefused, match="530"):
        smtp.send_message(message)


def test_sign_in_is_not_offered_in_the_clear(guarded: RunningEmulator) -> None:
    with _connected(guarded) as smtp:
        smtp.ehlo()

        assert "starttls" in smtp.esmtp_features
        assert "auth" not in smtp.esmtp_features


def test_bad_certificate_stops_a_checking_sender(tmp_path: Path) -> None:
    arguments = ["--tls-folder", str(tmp_path), "--tls-fault", "unknown_ca"]
    with launch.running("mailbox", arguments=arguments) as mailbox:
        smtp = _connected(mailbox)

        with pytest.raises(ssl.SSLCertVerificationError):
            smtp.starttls(context=tls.trusting(tmp_path / "ca.pem"))

        smtp.close()


def test_control_works_over_tls(guarded: RunningEmulator) -> None:
    assert guarded.ca_file is not None

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{guarded.http}/messages", trust_env=False)

    assert guarded.control.clock()["is_frozen"] is False


def test_half_an_account_is_said_plainly() -> None:
    with pytest.raises(StartError, match="or neither"):
        launch.start("mailbox", environment={"MAILBOX_SMTP_USER": "notices"})
