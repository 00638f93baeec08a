"""Every icon that a template or a table names exists: a missing one would be a fault in the middle of a page."""

import re
from pathlib import Path

import pytest

from onhook.surfaces.web import words
from onhook.ui import icons
from onhook.ui.states import TONE_ICONS, Look

SOURCE = Path(__file__).resolve().parents[3] / "src" / "onhook"
TEMPLATE_NAME = re.compile(r"""\{% (?:icon|turning) "([a-z0-9-]+)"|icon(?:_name)?="([a-z0-9-]+)\"""")
PYTHON_NAME = re.compile(r"""icon(?:_name)?["']?\s*[:=]\s*["']([a-z0-9-]+)["']""")


def named() -> set[str]:
    found = set(TONE_ICONS.values())
    for file in [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.py")]:
        pattern = TEMPLATE_NAME if file.suffix == ".html" else PYTHON_NAME
        for match in pattern.finditer(file.read_text()):
            found.add(next(group for group in match.groups() if group))
    for table in vars(words).values():
        looks = table.values() if isinstance(table, dict) else [table]
        found.update(look.icon for look in looks if isinstance(look, Look))
    return found


@pytest.mark.parametrize("name", sorted(named()))
def test_icon_exists(name: str) -> None:
    assert "<svg" in icons.svg(name)
