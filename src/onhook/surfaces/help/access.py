"""Who may call the help centre: anybody. What they get of an article is decided before it is rendered."""

from onhook.surfaces.access import Access, Audience

_OPEN = Access(audience=Audience.ANYONE)

ROUTES: dict[str, Access] = {
    "help:index": _OPEN,
    "help:article": _OPEN,
    "help:feed": _OPEN,
    "help:articles": _OPEN,
}
