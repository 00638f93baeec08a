"""Who does something, and through which surface. Every write names an actor; the audit keeps it as text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onhook.tenancy.models import User
from onhook.tenancy.permissions import Permission


class Surface(StrEnum):
    """Where an act came from."""

    CLI = "cli"
    PORTAL = "portal"
    CONSOLE = "console"
    ASSISTANT = "assistant"
    API = "api"
    WORKER = "worker"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A signed-in person, or the system itself (`user` is None), with what the audit keeps of them."""

    user: User | None
    surface: Surface
    os_user: str = ""

    @classmethod
    def system(cls, surface: Surface = Surface.WORKER, *, os_user: str = "") -> Actor:
        """The product acting by itself, on what a person confirmed."""
        return cls(user=None, surface=surface, os_user=os_user)

    @property
    def login(self) -> str:
        return self.user.login if self.user else "system"

    def may(self, permission: Permission, *, company_id: int) -> bool:
        return self.user is not None and self.user.may(permission, company_id=company_id)
