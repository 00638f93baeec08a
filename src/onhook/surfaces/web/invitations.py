"""Invite a person: a link by mail with which they choose their own password. It works once, for an hour."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from onhook.audit.vocabulary import Tag
from onhook.surfaces.web import letters, records
from onhook.surfaces.web.requests import WebRequest
from onhook.tenancy.models import User


class NoAddress(Exception):
    """The person has no mail address on record."""


def send(request: WebRequest, user: User) -> None:
    """
    Record the invitation and send it now.

    :raises NoAddress: nothing was sent.
    :raises RunOutcome: the mail server did not take it.
    """
    if not user.email:
        raise NoAddress
    key = f"{user_pk_to_url_str(user)}-{PasswordResetTokenGenerator().make_token(user)}"
    mail = letters.write(
        to=user.email,
        template="web/mail/invitation",
        context={
            "user": user,
            "by": request.user,
            "company": request.company,
            "address": get_adapter().get_reset_password_from_key_url(key),
        },
    )
    records.record(user, Tag.USER_INVITED, actor=request.actor)
    if mail:
        letters.send(mail)
