"""Access tokens: a person's proof where there is no sign-in page."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from onhook.tenancy.models import AccessToken, User

PREFIX = "onhook_"


class UnableToAuthenticate(Exception):
    """The token does not prove the person; the message is fit to show and does not say which part was wrong."""


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def issue(*, user: User, now: datetime, lifetime: timedelta, label: str = "") -> str:
    """Make a token for `user` and return it: it is shown once, only its SHA-256 is stored."""
    token = PREFIX + secrets.token_urlsafe(32)
    AccessToken.objects.create(user=user, token_hash=_hashed(token), label=label, expires_at=now + lifetime)
    return token


def authenticate(*, login: str, token: str, now: datetime) -> User:
    """
    Return the person `login` when `token` is theirs, unexpired and not revoked.

    :raises UnableToAuthenticate: in every other case, with the same words.
    """
    row = (
        AccessToken.objects.select_related("user__company").filter(token_hash=_hashed(token), user__login=login).first()
    )
    if row is None or not row.is_usable(at=now) or not row.user.is_active or row.user.company.suspended_at:
        raise UnableToAuthenticate(
            f"The token does not prove that you are {login}. Nothing was done. "
            "Ask for a new one with: onhook token issue COID/USER"
        )
    AccessToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row.user


def revoke_all(*, user: User, now: datetime) -> int:
    """Revoke every usable token of `user`; return how many there were."""
    return AccessToken.objects.filter(user=user, revoked_at=None, expires_at__gt=now).update(revoked_at=now)
