"""The permission matrix as data: which role may do what, and to whose lines."""

from enum import StrEnum

OPERATOR_COID = 1


class Role(StrEnum):
    """A person's one role. The first four are customers', the last three the operator's staff (COID 1)."""

    ADMIN = "admin"
    SUPER_USER = "super_user"
    MANAGER = "manager"
    VIEWER = "viewer"
    AGENT = "agent"
    LEAD = "lead"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """One thing a person may do. Customers hold it for their own company, staff for every company."""

    VIEW_LINES = "view_lines"
    VIEW_AUDIT = "view_audit"
    PLAN_DELETION = "plan_deletion"
    CONFIRM_DELETION = "confirm_deletion"
    CANCEL_OPERATION = "cancel_operation"
    REQUEST_BILLING_LINK = "request_billing_link"
    ANSWER_QUESTION = "answer_question"
    IMPORT_DATA = "import_data"
    EXPORT_DATA = "export_data"
    MANAGE_USERS = "manage_users"
    PUBLISH_RULES = "publish_rules"


class LacksRight(Exception):
    """Mixed into the refusal of an act: it was refused because this person has no right to it, whatever was asked."""


STAFF_ROLES = frozenset({Role.AGENT, Role.LEAD, Role.AUDITOR})
CUSTOMER_ROLES = frozenset(Role) - STAFF_ROLES
# The article's prerequisite: an Admin or a Super User asks.
REQUESTER_ROLES = frozenset({Role.ADMIN, Role.SUPER_USER})

_DELETES = frozenset(
    {
        Permission.PLAN_DELETION,
        Permission.CONFIRM_DELETION,
        Permission.CANCEL_OPERATION,
        Permission.REQUEST_BILLING_LINK,
    }
)

MATRIX: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: _DELETES
    | {Permission.VIEW_LINES, Permission.VIEW_AUDIT, Permission.EXPORT_DATA, Permission.MANAGE_USERS},
    Role.SUPER_USER: _DELETES | {Permission.VIEW_LINES, Permission.VIEW_AUDIT, Permission.EXPORT_DATA},
    Role.MANAGER: frozenset({Permission.VIEW_LINES, Permission.PLAN_DELETION}),
    Role.VIEWER: frozenset({Permission.VIEW_LINES}),
    Role.AGENT: _DELETES | {Permission.VIEW_LINES, Permission.ANSWER_QUESTION, Permission.VIEW_AUDIT},
    Role.LEAD: frozenset(Permission),
    Role.AUDITOR: frozenset({Permission.VIEW_LINES, Permission.VIEW_AUDIT, Permission.EXPORT_DATA}),
}

# A shell on the product's machine is not a person: without a name it may look, and never act.
SHELL_PERMISSIONS = frozenset({Permission.VIEW_LINES, Permission.VIEW_AUDIT})
