"""Join the ports of the domain to connectors. The only module that knows both."""

from django.conf import settings

from onhook.connectors.mail.connector import SmtpMail
from onhook.connectors.mail.server import MailServer
from onhook.operations.ports import Ports


def ports() -> Ports:
    """Return the connectors that the settings name."""
    return Ports(
        mail=SmtpMail(
            server=MailServer.from_url(settings.MAIL_URL) if settings.MAIL_URL else None,
            sender=settings.MAIL_FROM,
            deadline_seconds=settings.MAIL_DEADLINE_SECONDS,
        )
    )
