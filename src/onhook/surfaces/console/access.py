"""Who may call the console's addresses."""

from onhook.surfaces.access import Access, Audience
from onhook.tenancy.actor import Surface
from onhook.tenancy.permissions import Permission

ROUTES: dict[str, Access] = {
    "console:search": Access(audience=Audience.STAFF, permission=Permission.VIEW_LINES, face=Surface.CONSOLE),
}
