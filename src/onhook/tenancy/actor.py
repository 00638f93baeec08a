"""Who does something, and through which surface. Every write names an actor; the audit keeps it as text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onhook.tenancy.models import User
from onhook.tenancy.permissions import SHELL_PERMISSIONS, Permission


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

    def person(self) -> User:
        """Return the person who acts; what only a person may do is refused to the system before it comes to this."""
        if self.user is None:
            raise PermissionError("this act needs a person")
        return self.user

    @property
    def is_shell(self) -> bool:
        """True for somebody at the product's own command line who named no person."""
        return self.user is None and self.surface is Surface.CLI

    @property
    def sees_platform(self) -> bool:
        """Whether this actor may look beyond one company: staff, and the product's own command line."""
        return self.is_shell or (self.user is not None and self.user.is_staff_member and self.user.is_active)

    def may(self, permission: Permission, *, company_id: int) -> bool:
        """Whether this actor may do `permission` to the lines of `company_id`."""
        if self.is_shell:
            return permission in SHELL_PERMISSIONS
        return self.user is not None and self.user.may(permission, company_id=company_id)
