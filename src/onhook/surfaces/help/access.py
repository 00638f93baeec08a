"""Who may call the help centre: anybody. What they get of an article is decided before it is rendered."""

from onhook.surfaces.access import Access, Audience
from onhook.tenancy.actor import Surface

_OPEN = Access(audience=Audience.ANYONE)

ROUTES: dict[str, Access] = {
    "help:index": _OPEN,
    "help:article": _OPEN,
    "help:steps": Access(audience=Audience.STAFF, face=Surface.CONSOLE, is_poll=True),
    "help:feed": _OPEN,
    "help:articles": _OPEN,
}
