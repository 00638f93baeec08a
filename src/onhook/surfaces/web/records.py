"""What the audit keeps of sign-ins: who came in and went, who failed, who changed their proof."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver

from onhook.audit import trail
from onhook.audit.vocabulary import Tag
from onhook.tenancy.actor import Actor, Surface
from onhook.tenancy.models import User


def record(user: User, tag: Tag, *, actor: Actor | None = None, **after: Any) -> None:
    """Add one event about a person's sign-in to their company's trail."""
    entry = trail.Entry(tag=tag, subject=f"user:{user.login}", after=after)
    with transaction.atomic():
        trail.record(
            company_id=user.company_id, actor=actor or Actor(user=user, surface=Surface.PORTAL), entries=[entry]
        )


@receiver(user_logged_in)
def _signed_in(user: User, **_: Any) -> None:
    record(user, Tag.SIGNED_IN)


@receiver(user_logged_out)
def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        record(user, Tag.SIGNED_OUT)


@receiver(user_login_failed)
def _failed(credentials: dict[str, Any], **_: Any) -> None:
    user = User.objects.filter(login=credentials.get("username")).first()
    if user is not None:
        record(user, Tag.SIGN_IN_FAILED, actor=Actor.system(Surface.PORTAL))


@receiver([password_changed, password_set, password_reset])
def _password_changed(user: User, **_: Any) -> None:
    record(user, Tag.PASSWORD_CHANGED)


@receiver(authenticator_added)
def _factor_added(user: User, authenticator: Any, **_: Any) -> None:
    record(user, Tag.FACTOR_ADDED, kind=authenticator.type)


@receiver(authenticator_removed)
def _factor_removed(user: User, authenticator: Any, **_: Any) -> None:
    record(user, Tag.FACTOR_REMOVED, kind=authenticator.type)


@receiver(authenticator_reset)
def _factor_reset(user: User, authenticator: Any, **_: Any) -> None:
    record(user, Tag.FACTOR_ADDED, kind=authenticator.type)
