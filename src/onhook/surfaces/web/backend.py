"""Sign-in with `COID/user name` and a password; the suspended stay out, and are out with their next request."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from onhook.tenancy import people
from onhook.tenancy.models import User


class LoginBackend(ModelBackend):
    """Django's own check of the password, over our own people."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """Return the person when the password is theirs. An unknown login costs as much time as a known one."""
        user = super().authenticate(request, username=username, password=password)
        return user if isinstance(user, User) else None

    def user_can_authenticate(self, user: User | None) -> bool:  # type: ignore[override]
        return user is not None and user.is_active and user.company.suspended_at is None

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, with their company, or nobody when either is suspended."""
        user = people.by_id(user_id)
        return user if self.user_can_authenticate(user) else None
