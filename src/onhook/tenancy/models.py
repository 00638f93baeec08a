"""Company, User and AccessToken. A company's primary key is its COID."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now

from onhook.tenancy.permissions import (
    MATRIX,
    OPERATOR_COID,
    REQUESTER_ROLES,
    STAFF_ROLES,
    Permission,
    Role,
)


class Company(models.Model):
    """A customer, or the operator itself (COID 1)."""

    coid = models.PositiveIntegerField(primary_key=True)
    name = models.TextField()
    time_zone = models.TextField(default="UTC", help_text="IANA name; mails give times in it beside UTC")
    region = models.CharField(
        max_length=2,
        blank=True,
        default="",
        help_text="ISO 3166 code for numbers written without a country; empty: none",
    )
    suspended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "companies"
        indexes = [
            models.Index(models.functions.Upper("name"), name="company_name_upper"),
            GinIndex(OpClass(models.functions.Upper("name"), "gin_trgm_ops"), name="company_name_contains"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(coid__gte=1), name="company_coid_positive"),
            models.CheckConstraint(condition=~models.Q(name=""), name="company_has_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (COID {self.coid})"


class UserManager(BaseUserManager["User"]):
    """Makes users whose login always follows from the company and the user name."""

    def get_by_natural_key(self, login: str | None) -> User:
        return self.get(login=login)


class User(AbstractBaseUser):
    """A person. Signs in as `COID/user name`; acts for one company, or, as staff of COID 1, for every company."""

    login = models.TextField(unique=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="users")
    username = models.TextField()
    full_name = models.TextField()
    email = models.TextField(blank=True, default="")
    role = models.TextField(choices=[(role.value, role.value) for role in Role])
    suspended_at = models.DateTimeField(null=True, blank=True)
    sessions_ended_at = models.DateTimeField(null=True, blank=True, help_text="sessions from before go on no longer")
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"

    class Meta:
        indexes = [models.Index(models.functions.Upper("email"), name="user_email")]
        constraints = [
            models.UniqueConstraint(fields=["company", "username"], name="user_name_once_per_company"),
            # The target of composite foreign keys: a row of one company cannot name another company's person.
            models.UniqueConstraint(fields=["id", "company"], name="user_id_company"),
            models.CheckConstraint(condition=~models.Q(username=""), name="user_has_name"),
            models.CheckConstraint(condition=models.Q(role__in=[role.value for role in Role]), name="user_role_known"),
            models.CheckConstraint(
                condition=models.Q(company_id=OPERATOR_COID, role__in=sorted(STAFF_ROLES))
                | ~models.Q(company_id=OPERATOR_COID) & ~models.Q(role__in=sorted(STAFF_ROLES)),
                name="user_staff_role_only_at_operator",
            ),
        ]

    def __str__(self) -> str:
        return self.login

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's is a column; ours follows from suspended_at
        return self.suspended_at is None

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry to go on: a new password ends them all, and so does `sessions_ended_at`."""
        return self._since_last_end(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same under keys that were in use before."""
        return map(self._since_last_end, super().get_session_auth_fallback_hash())

    def _since_last_end(self, known: str) -> str:
        return f"{known}:{self.sessions_ended_at.timestamp()}" if self.sessions_ended_at else known

    @property
    def is_staff_member(self) -> bool:
        """True for people of the operator (COID 1)."""
        return self.company_id == OPERATOR_COID

    def may(self, permission: Permission, *, company_id: int) -> bool:
        """Whether this person may do `permission` to the lines of `company_id`; the suspended may nothing."""
        if self.suspended_at is not None or self.company.suspended_at is not None:
            return False
        if not self.is_staff_member and company_id != self.company_id:
            return False
        return permission in MATRIX[Role(self.role)]

    def may_request_for(self, *, company_id: int) -> bool:
        """Whether this person may ask for a deletion: an Admin or Super User of that very company."""
        return self.suspended_at is None and self.company_id == company_id and self.role in REQUESTER_ROLES


class AccessToken(models.Model):
    """A person's proof for the command line and scripts. Only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token of {self.user_id} until {self.expires_at:%Y-%m-%d}"

    def is_usable(self, *, at: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > at
