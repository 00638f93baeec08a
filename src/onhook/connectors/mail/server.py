"""Where the mail server is and how to speak with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class UnusableMailUrl(Exception):
    """The mail URL cannot be used; the message says why and does not repeat it, since it may hold a password."""


@dataclass(frozen=True)
class MailServer:
    """A mail server. `security` is `smtp` (none), `smtp+starttls` or `smtps`; certificates are always verified."""

    host: str
    port: int
    security: str = "smtp"
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """
        Read `smtp://[user:password@]host[:port]`, `smtp+starttls://…` or `smtps://…`.

        :raises UnusableMailUrl: another scheme, no host, or a password that would go in the clear.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise UnusableMailUrl("ONHOOK_MAIL_URL cannot be read as a URL.") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise UnusableMailUrl("ONHOOK_MAIL_URL must be smtp://, smtp+starttls:// or smtps:// with a host.")
        if parts.password and parts.scheme == "smtp":
            raise UnusableMailUrl(
                "ONHOOK_MAIL_URL would send its password in the clear: use smtp+starttls:// or smtps://."
            )
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            security=parts.scheme,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )
