"""Who may call the portal's addresses."""

from onhook.surfaces.access import FORM, WRITES, Access, Audience
from onhook.tenancy.permissions import Permission

_SEE = Access(audience=Audience.COMPANY, permission=Permission.VIEW_LINES)
_PLAN = Permission.PLAN_DELETION
_MANAGE = Permission.MANAGE_USERS

ROUTES: dict[str, Access] = {
    "portal:companies": Access(audience=Audience.STAFF, permission=Permission.VIEW_LINES),
    "portal:devices": _SEE,
    "portal:devices-export": Access(audience=Audience.COMPANY, permission=Permission.EXPORT_DATA, methods=WRITES),
    "portal:device": _SEE,
    "portal:deletion": Access(audience=Audience.COMPANY, permission=_PLAN, methods=FORM),
    "portal:plan": _SEE,
    "portal:plan-confirm": Access(audience=Audience.COMPANY, permission=Permission.CONFIRM_DELETION, methods=WRITES),
    "portal:plan-again": Access(audience=Audience.COMPANY, permission=_PLAN, methods=WRITES),
    "portal:plan-send": Access(audience=Audience.COMPANY, permission=_PLAN, methods=WRITES),
    "portal:plan-decline": Access(audience=Audience.COMPANY, permission=Permission.CONFIRM_DELETION, methods=WRITES),
    "portal:plan-withdraw": Access(audience=Audience.COMPANY, permission=_PLAN, methods=WRITES),
    "portal:operations": _SEE,
    "portal:operation": _SEE,
    "portal:operation-live": Access(
        audience=Audience.COMPANY, permission=Permission.VIEW_LINES, is_poll=True, part_of="portal:operation"
    ),
    "portal:operation-cancel": Access(
        audience=Audience.COMPANY, permission=Permission.CANCEL_OPERATION, methods=WRITES
    ),
    "portal:people": _SEE,
    "portal:person-new": Access(audience=Audience.COMPANY, permission=_MANAGE, methods=FORM),
    "portal:person": Access(audience=Audience.COMPANY, permission=_MANAGE, methods=FORM),
    "portal:person-factor": Access(audience=Audience.COMPANY, permission=_MANAGE, methods=WRITES),
    "portal:person-invite": Access(audience=Audience.COMPANY, permission=_MANAGE, methods=WRITES),
    "portal:contact": Access(audience=Audience.COMPANY, permission=Permission.VIEW_LINES, methods=FORM),
    "portal:case": Access(audience=Audience.COMPANY, permission=Permission.VIEW_LINES, methods=FORM),
    "portal:billing": _SEE,
    "portal:billing-now": Access(audience=Audience.COMPANY, permission=Permission.VIEW_LINES, part_of="portal:billing"),
    "portal:billing-link": Access(
        audience=Audience.COMPANY, permission=Permission.REQUEST_BILLING_LINK, methods=WRITES
    ),
    "portal:activity": Access(audience=Audience.COMPANY, permission=Permission.VIEW_AUDIT),
}
