"""Build the message: text and HTML, with headers that no value can break out of."""

from __future__ import annotations

from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses

from onhook.operations.ports import Mail


class UnusableAddress(Exception):
    """An address cannot stand in a mail's header."""


def build(mail: Mail, *, sender: str) -> EmailMessage:
    """
    Return the message for `mail`.

    :raises UnusableAddress: an address is not of the form name@host.
    """
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = _address(sender)
    message["To"] = _address(mail.to_address)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(mail.written_at)
    message["Message-ID"] = mail.message_id
    # RFC 3834: no out-of-office answers to a machine.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _address(text: str) -> Address:
    parts = getaddresses([text])
    if any(character in text for character in "\r\n") or len(parts) != 1 or parts[0][1].count("@") != 1:
        raise UnusableAddress("not of the form name@host")
    name, address = parts[0]
    local, _, host = address.partition("@")
    try:
        # Host names travel as ASCII (RFC 5890). A local part beyond ASCII would need SMTPUTF8, which few servers speak.
        return Address(display_name=name, addr_spec=f"{local.encode('ascii').decode()}@{host.encode('idna').decode()}")
    except (ValueError, IndexError, MessageError):
        raise UnusableAddress("not of the form name@host") from None
