"""The mailbox for people: a list, and a mail as its reader would see it, with nothing in it able to run."""

from collections.abc import Sequence
from html import escape

from aiohttp import web

from emulators.mailbox.messages import Message

# A mail may style itself and hold pictures of its own; it runs nothing, sends nothing and fetches nothing.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; sandbox"
PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"


def index(messages: Sequence[Message]) -> web.Response:
    """Give the list of messages, newest first."""
    rows = "".join(_row(message) for message in reversed(messages))
    table = f"<table><tr><th>Received</th><th>To</th><th>Subject</th><th></th></tr>{rows}</table>"
    body = table if messages else "<p>No mail yet.</p>"
    return _page(
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Mailbox</title></head>"
        f"<body><h1>Mailbox</h1>{body}</body></html>",
        policy=PAGE_POLICY,
    )


def mail(html: str) -> web.Response:
    """Give the HTML part of a mail."""
    return _page(html, policy=MAIL_POLICY)


def _row(message: Message) -> str:
    received = message.received_at.isoformat(sep=" ", timespec="seconds")
    path = f"/messages/{message.id}"
    shown = f"<a href='{path}/html'>as shown</a> " if message.part("html") is not None else ""
    return (
        f"<tr><td>{escape(received)}</td><td>{escape(', '.join(message.recipients))}</td>"
        f"<td>{escape(message.subject)}</td>"
        f"<td>{shown}<a href='{path}'>fields</a> <a href='{path}/raw'>raw</a></td></tr>"
    )


def _page(html: str, *, policy: str) -> web.Response:
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    # An unpaired surrogate of a broken mail must not break the page.
    body = html.encode("utf-8", errors="replace")
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)
