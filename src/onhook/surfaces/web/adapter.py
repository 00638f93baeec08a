"""How the sign-in library sees our product: nobody signs up, mail goes out by the product's own connector."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.http import HttpRequest
from django.urls import reverse

from onhook.surfaces.web import freshness, letters
from onhook.tenancy.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """The product's choices."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "COID, user name and password do not fit together.",
        "incorrect_password": "That is not your password. Nothing was changed.",
        "enter_current_password": "That is not your password. Nothing was changed.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, or ask for a new password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:  # noqa: ARG002
        return not freshness.is_fresh(context.request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link for mail; the key is `uid-token`."""
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return letters.address(context.request, path)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002
        """Send to the address on record, after the answer: its time must not tell whether somebody exists."""
        user = context.get("user")
        letters.tell(to=user.email if user else "", template=template_prefix, context=context)

    def send_notification_mail(self, template_prefix: str, user: User, *_: Any, **__: Any) -> None:
        """Tell a person that their sign-in changed."""
        letters.tell(to=user.email, template=template_prefix, context={"user": user})
