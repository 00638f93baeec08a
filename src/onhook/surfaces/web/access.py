"""Who may call the shared addresses, and the one table of all of them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from onhook.surfaces.access import FORM, READS, WRITES, Access, Audience

_OPEN = Access(audience=Audience.ANYONE, methods=FORM)
_OWN = Access(audience=Audience.SIGNED_IN, methods=FORM)

ROUTES: dict[str, Access] = {
    "home": Access(audience=Audience.ANYONE),
    "theme": Access(audience=Audience.ANYONE, methods=WRITES),
    "healthy": Access(audience=Audience.ANYONE),
    "account_login": _OPEN,
    "account_logout": _OPEN,
    "account_reset_password": _OPEN,
    "account_reset_password_done": Access(audience=Audience.ANYONE),
    "account_reset_password_from_key": _OPEN,
    "account_reset_password_from_key_done": Access(audience=Audience.ANYONE),
    "mfa_authenticate": _OPEN,
    "account_reauthenticate": _OWN,
    "account_change_password": _OWN,
    "mfa_index": Access(audience=Audience.SIGNED_IN),
    "mfa_reauthenticate": _OWN,
    "mfa_activate_totp": _OWN,
    "mfa_deactivate_totp": _OWN,
    "mfa_view_recovery_codes": Access(audience=Audience.SIGNED_IN, methods=READS),
    "mfa_generate_recovery_codes": _OWN,
}

# Each surface brings its own rows as `ROUTES`.
TABLES = (
    "onhook.surfaces.web.access",
    "onhook.surfaces.portal.access",
    "onhook.surfaces.console.access",
    "onhook.surfaces.help.access",
)


@cache
def all_routes() -> dict[str, Access]:
    """
    Return the rows of all surfaces by route name.

    :raises ValueError: two surfaces claim one name.
    """
    rows: dict[str, Access] = {}
    for name in TABLES:
        table: dict[str, Access] = import_module(name).ROUTES
        if twice := rows.keys() & table.keys():
            raise ValueError(f"Two surfaces claim the routes {sorted(twice)}.")
        rows |= table
    return rows
