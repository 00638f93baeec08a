"""The mails about somebody's own sign-in: reset links, invitations, word of a change."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import css_inline
import structlog
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string

from onhook import clock
from onhook.config import wiring
from onhook.operations.errors import OutcomeUnknown, Rejected, Retryable
from onhook.operations.ports import Mail

log = structlog.get_logger()

# What the button of a mail with a link says.
_BUTTONS = {
    "account/email/password_reset_key": "Choose a new password",
    "web/mail/invitation": "Choose your password",
    "web/mail/factor_removed": "Sign in",
    "web/mail/plan_sent": "Read the plan",
    "web/mail/plan_declined": "Read the plan",
    "web/mail/plan_withdrawn": "Read the plan",
}


@dataclass(frozen=True)
class _Part:
    """One paragraph of a mail."""

    text: str

    @property
    def is_link(self) -> bool:
        return self.text.startswith(("https://", "http://")) and len(self.text.split()) == 1


def write(*, to: str, template: str, context: Mapping[str, Any]) -> Mail | None:
    """Return the mail that `<template>_subject.txt` and `<template>_message.txt` make; None without an address."""
    if not to:
        return None
    text = render_to_string(f"{template}_message.txt", dict(context)).strip() + "\n"
    subject = " ".join(render_to_string(f"{template}_subject.txt", dict(context)).split())
    parts = [_Part(part.strip()) for part in text.split("\n\n")]
    html = render_to_string(
        "web/mail/letter.html", {"subject": subject, "parts": parts, "button": _BUTTONS.get(template, "Open the page")}
    )
    return Mail(
        to_address=to,
        subject=subject,
        text=text,
        html=css_inline.inline(html),
        message_id=f"<{uuid4()}@onhook.invalid>",
        written_at=clock.now(),
    )


def tell(*, to: str, template: str, context: Mapping[str, Any]) -> bool:
    """Write the mail and hand it over beside the request; whether there is an address to write to."""
    mail = write(to=to, template=template, context=context)
    if mail:
        post(mail)
    return mail is not None


def address(request: HttpRequest, path: str) -> str:
    """Return a path of ours as a link for mail: under the address that people use, where one is set."""
    return settings.WEB_URL.rstrip("/") + path if settings.WEB_URL else request.build_absolute_uri(path)


def send(mail: Mail) -> None:
    """
    Hand the mail over now.

    :raises RunOutcome: it was not taken; see `MailPort.send`.
    """
    wiring.ports().mail.send(mail)


def post(mail: Mail) -> threading.Thread:
    """Hand the mail over beside the request. A mail that does not go is logged; the person asks again."""

    def hand_over() -> None:
        try:
            send(mail)
        except (Retryable, Rejected, OutcomeUnknown) as fault:
            log.warning("a mail about a sign-in was not sent", kind=type(fault).__name__)

    thread = threading.Thread(target=hand_over, name="letter", daemon=True)
    thread.start()
    return thread
