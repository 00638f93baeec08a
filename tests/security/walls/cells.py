"""
Who may call what, said a second time and by hand: each address, each method, each person.

The product's own table is not read here, so that a slip in it shows. A person who is not named is refused.
"""

from __future__ import annotations

EVERYBODY = "nobody admin super_user manager viewer agent lead auditor suspended company_suspended"
SIGNED_IN = "admin super_user manager viewer agent lead auditor"
STAFF = "agent lead auditor"
CONFIRMERS = "admin super_user agent lead"
PLANNERS = f"{CONFIRMERS} manager"
AUDIT_READERS = "admin super_user agent lead auditor"
EXPORTERS = "admin super_user lead auditor"
USER_MANAGERS = "admin lead"

Cells = dict[str, dict[str, str]]

WEB: Cells = {
    "home": {"GET": EVERYBODY},
    "theme": {"POST": EVERYBODY},
    "healthy": {"GET": EVERYBODY},
    "account_login": {"GET": EVERYBODY, "POST": EVERYBODY},
    "account_logout": {"GET": EVERYBODY, "POST": EVERYBODY},
    "account_reset_password": {"GET": EVERYBODY, "POST": EVERYBODY},
    "account_reset_password_done": {"GET": EVERYBODY},
    "account_reset_password_from_key": {"GET": EVERYBODY, "POST": EVERYBODY},
    "account_reset_password_from_key_done": {"GET": EVERYBODY},
    "mfa_authenticate": {"GET": EVERYBODY, "POST": EVERYBODY},
    "account_reauthenticate": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account_change_password": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_index": {"GET": SIGNED_IN},
    "mfa_reauthenticate": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_activate_totp": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    # Without a second proof there is none to remove and no code to show: 404, but for these people alone.
    "mfa_deactivate_totp": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_view_recovery_codes": {"GET": SIGNED_IN},
    "mfa_generate_recovery_codes": {"GET": SIGNED_IN, "POST": SIGNED_IN},
}
# Asked for by somebody who has no second proof, these have nothing to show.
NOTHING_THERE = {"mfa_deactivate_totp", "mfa_view_recovery_codes"}
# A case is read by the person who opened it, and nobody here did.
NOTHING_THERE |= {"portal:case"}
# An article has no steps where nobody says of which operation.
NOTHING_THERE |= {"help:steps"}

PORTAL: Cells = {
    "portal:companies": {"GET": STAFF},
    "portal:devices": {"GET": SIGNED_IN},
    "portal:devices-export": {"POST": EXPORTERS},
    "portal:device": {"GET": SIGNED_IN},
    "portal:deletion": {"GET": PLANNERS, "POST": PLANNERS},
    "portal:plan": {"GET": SIGNED_IN},
    "portal:plan-confirm": {"POST": CONFIRMERS},
    "portal:plan-again": {"POST": PLANNERS},
    "portal:plan-send": {"POST": PLANNERS},
    "portal:plan-decline": {"POST": CONFIRMERS},
    "portal:plan-withdraw": {"POST": PLANNERS},
    "portal:operations": {"GET": SIGNED_IN},
    "portal:operation": {"GET": SIGNED_IN},
    "portal:operation-live": {"GET": SIGNED_IN},
    "portal:operation-cancel": {"POST": CONFIRMERS},
    "portal:people": {"GET": SIGNED_IN},
    "portal:person-new": {"GET": USER_MANAGERS, "POST": USER_MANAGERS},
    "portal:person": {"GET": USER_MANAGERS, "POST": USER_MANAGERS},
    "portal:person-factor": {"POST": USER_MANAGERS},
    "portal:person-invite": {"POST": USER_MANAGERS},
    "portal:billing": {"GET": SIGNED_IN},
    "portal:billing-now": {"GET": SIGNED_IN},
    "portal:billing-link": {"POST": CONFIRMERS},
    "portal:contact": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "portal:case": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "portal:activity": {"GET": AUDIT_READERS},
}

STAFF_DELETERS = "agent lead"

CONSOLE: Cells = {
    "console:search": {"GET": STAFF},
    "console:questions": {"GET": STAFF},
    "console:rules": {"GET": STAFF},
    "console:audit": {"GET": STAFF},
    "console:company": {"GET": STAFF},
    "console:company-bill": {"GET": STAFF},
    "console:device-bill": {"GET": STAFF},
    "console:devices": {"GET": STAFF},
    "console:device": {"GET": STAFF},
    "console:people": {"GET": STAFF},
    "console:operations": {"GET": STAFF},
    "console:company-audit": {"GET": STAFF},
    "console:billing-link": {"GET": STAFF_DELETERS, "POST": STAFF_DELETERS},
    "console:deletion": {"GET": STAFF_DELETERS, "POST": STAFF_DELETERS},
    "console:plan": {"GET": STAFF},
    "console:plan-confirm": {"POST": STAFF_DELETERS},
    "console:plan-again": {"POST": STAFF_DELETERS},
    "console:plan-withdraw": {"POST": STAFF_DELETERS},
    "console:operation": {"GET": STAFF},
    "console:operation-live": {"GET": STAFF},
    "console:operation-cancel": {"POST": STAFF_DELETERS},
    "console:operation-check": {"POST": STAFF_DELETERS},
    "console:cases": {"GET": STAFF},
    "console:case": {"GET": STAFF},
    "console:case-act": {"POST": STAFF_DELETERS},
    "console:question-answer": {"POST": STAFF_DELETERS},
    "console:question-assign": {"POST": STAFF_DELETERS},
}

# What of an article somebody gets is another matter: see tests/functional/help.
HELP: Cells = {
    "help:index": {"GET": EVERYBODY},
    "help:article": {"GET": EVERYBODY},
    "help:steps": {"GET": STAFF},
    "help:feed": {"GET": EVERYBODY},
    "help:articles": {"GET": EVERYBODY},
}

CELLS: Cells = {**WEB, **PORTAL, **CONSOLE, **HELP}
