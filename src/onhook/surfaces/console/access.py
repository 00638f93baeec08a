"""Who may call the console's addresses: people of the operator. Auditors see everything here and change nothing."""

from onhook.surfaces.access import FORM, READS, WRITES, Access, Audience
from onhook.tenancy.actor import Surface
from onhook.tenancy.permissions import Permission


def _platform(permission: Permission) -> Access:
    """A page over the whole platform."""
    return Access(audience=Audience.STAFF, permission=permission, face=Surface.CONSOLE)


def _company(
    permission: Permission, methods: frozenset[str] = READS, *, is_poll: bool = False, part_of: str = ""
) -> Access:
    """A page of one company; a look at it is in that company's trail."""
    return Access(
        audience=Audience.COMPANY_FOR_STAFF,
        methods=methods,
        permission=permission,
        face=Surface.CONSOLE,
        is_poll=is_poll,
        part_of=part_of,
    )


_LOOK = Permission.VIEW_LINES

ROUTES: dict[str, Access] = {
    "console:search": _platform(_LOOK),
    "console:questions": _platform(_LOOK),
    "console:rules": _platform(_LOOK),
    "console:audit": _platform(Permission.VIEW_AUDIT),
    "console:company": _company(_LOOK),
    "console:company-bill": _company(_LOOK, part_of="console:company"),
    "console:devices": _company(_LOOK),
    "console:device": _company(_LOOK),
    "console:device-bill": _company(_LOOK, part_of="console:device"),
    "console:people": _company(_LOOK),
    "console:operations": _company(_LOOK),
    "console:company-audit": _company(Permission.VIEW_AUDIT),
    "console:billing-link": _company(Permission.REQUEST_BILLING_LINK, FORM),
    "console:deletion": _company(Permission.PLAN_DELETION, FORM),
    "console:plan": _company(_LOOK),
    "console:plan-confirm": _company(Permission.CONFIRM_DELETION, WRITES),
    "console:plan-again": _company(Permission.PLAN_DELETION, WRITES),
    "console:plan-withdraw": _company(Permission.PLAN_DELETION, WRITES),
    "console:operation": _company(_LOOK),
    "console:operation-live": _company(_LOOK, is_poll=True, part_of="console:operation"),
    "console:operation-cancel": _company(Permission.CANCEL_OPERATION, WRITES),
    "console:operation-check": _company(Permission.ANSWER_QUESTION, WRITES),
    "console:cases": _platform(_LOOK),
    "console:case": _company(_LOOK),
    "console:case-act": _company(Permission.ANSWER_QUESTION, WRITES),
    "console:question-answer": _company(Permission.ANSWER_QUESTION, WRITES),
    "console:question-assign": _company(Permission.ANSWER_QUESTION, WRITES),
}
