"""Inline icons out of the lucide package, cached: a template names one, the page carries its SVG."""

from functools import lru_cache

import lucide
from django.utils.safestring import SafeString, mark_safe


@lru_cache(maxsize=512)
def svg(name: str, size: int = 18) -> SafeString:
    """
    Return the icon as SVG that readers skip; the word beside it carries the meaning.

    :raises lucide.IconDoesNotExist: there is no such icon.
    """
    drawn = lucide._render_icon(name, size, **{"aria-hidden": "true", "focusable": "false"})  # noqa: SLF001  # its public tag adds nothing but Django
    return mark_safe(drawn)  # noqa: S308  # the package's own file


@lru_cache(maxsize=8)
def turning(size: int = 16) -> SafeString:
    """Return the icon of something under way; it turns, unless the person asked for no motion."""
    return mark_safe(svg("loader-circle", size).replace("<svg", '<svg class="turn"', 1))  # noqa: S308
