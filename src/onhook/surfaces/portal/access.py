"""Who may call the portal's addresses."""

from onhook.surfaces.access import Access, Audience
from onhook.tenancy.permissions import Permission

_SEE = Access(audience=Audience.COMPANY, permission=Permission.VIEW_LINES)

ROUTES: dict[str, Access] = {
    "portal:companies": Access(audience=Audience.STAFF, permission=Permission.VIEW_LINES),
    "portal:devices": _SEE,
}
