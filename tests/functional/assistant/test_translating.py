"""Every text of the menu can be translated: with a catalogue of all that is marked, no English is left on its pages."""

from __future__ import annotations

import ast
import html
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

import onhook
from onhook.assistant.menu import TREE, Code
from tests.functional.assistant.test_menu_over_http import Visitor
from tests.world import World

SOURCE = Path(onhook.__file__).parent
PYTHON = [
    *(SOURCE / "assistant").glob("*.py"),
    SOURCE / "surfaces/portal/assistant.py",
    # The menu says in its words why there is no link.
    SOURCE / "operations/billing_link.py",
]
TEMPLATES = [
    SOURCE / "surfaces/portal/templates/portal" / name
    for name in ("contact.html", "case.html", "parts/said.html", "parts/choices.html", "parts/write.html")
]
MARKS = {"_", "gettext", "gettext_lazy"}
HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
# What of a page is no text of the menu: names, times, and the way to the page, which belongs to the frame.
DATA = r"Ada Example|Grace Marsh|Example Plumbing|\d[-\w ,:]* UTC|just now|You are here"


def marked() -> dict[str, str]:
    """Extract what is marked for translation, as `makemessages` does; its translation are brackets around it."""
    found: dict[str, str] = {}
    for file in PYTHON:
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            words = [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if call.func.id in MARKS and words:
                found[words[0]] = f"⟦{words[0]}⟧"
            elif call.func.id == "ngettext":
                found["\0".join(words)] = "\0".join(f"⟦{word}⟧" for word in words)
    for template in TEMPLATES:
        for _, text in re.findall(r"gettext\(u?('|\")(.+?)\1\)", templatize(template.read_text(encoding="utf-8"))):
            found[text] = f"⟦{text}⟧"
    return found


def catalogue(texts: dict[str, str]) -> bytes:
    """Return the texts as a compiled catalogue (.mo)."""
    pairs = sorted({"": HEADER, **texts}.items())
    ids, strings = b"", b""
    places: list[tuple[int, int, int, int]] = []
    for text, translated in pairs:
        one, two = text.encode(), translated.encode()
        places.append((len(one), len(ids), len(two), len(strings)))
        ids, strings = ids + one + b"\0", strings + two + b"\0"
    first = 28 + 16 * len(pairs)
    tables = [number for size, at, _, _ in places for number in (size, at + first)]
    tables += [number for _, _, size, at in places for number in (size, at + first + len(ids))]
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + struct.pack(f"<{len(tables)}I", *tables) + ids + strings


@pytest.fixture
def in_another_language(tmp_path: Path, settings: Any) -> Iterator[None]:
    folder = tmp_path / "eo" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(catalogue(marked()))
    settings.LANGUAGES = [("en-gb", "English"), ("eo", "Esperanto")]
    settings.LOCALE_PATHS = [str(tmp_path)]
    with translation.override("eo"):
        yield


def english_left(page: str) -> list[str]:
    """Return the words between tags that no brackets are around."""
    main = page.split("<main")[1].split(">", maxsplit=1)[1].split("</main>", maxsplit=1)[0]
    # What people wrote themselves stays as it is.
    main = re.sub(r"<li data-mine.*?</li>", "", main, flags=re.DOTALL)
    articles = "".join(re.findall(r'<a href="/help/[a-z-]+/">([^<⟦]+)</a>', main))
    text = html.unescape(re.sub(r"<[^>]*>", "\n", main))
    attributes = re.findall(r'(?:aria-label|placeholder|title)="([^"]*)"', main)
    left = []
    for piece in [*text.splitlines(), *map(html.unescape, attributes)]:
        rest = re.sub(rf"⟦.*⟧|{DATA}", "", piece).strip()
        if re.search(r"[A-Za-z]{2}", rest) and rest not in articles:
            left.append(rest)
    return left


def test_what_is_marked_is_found() -> None:
    texts = marked()

    assert {str(node.label) for node in TREE.values()} <= set(texts)
    assert {str(node.says) for node in TREE.values() if node.says} <= set(texts)
    assert "Or write it in your own words" in texts


def test_no_english_is_left_in_the_menu_and_the_customers_case(world: World, in_another_language: None) -> None:
    world.line(42, worker="Grace Marsh")
    visitor = Visitor(world.admin)
    pages = [visitor.client.get("/companies/4711/contact/").content.decode()]

    pages += [visitor.press(code) for code in (Code.BILL, Code.CHARGED, Code.LINK, Code.LINK_NOW, Code.STATUS)]
    pages += [visitor.say(text) for text in ("asdf", "lost or the bill link, Grace", "555 9999")]
    pages += [visitor.press(code) for code in ("nonsense", Code.ROOT, Code.ADMIN_ACTIONS, Code.LOST, Code.LOST_GONE)]
    pages += [visitor.say(text) for text in ("0199", "0142")]
    line = re.findall(r'value="(line:\d+)"', pages[-1])[0]
    pages += [visitor.press(line), visitor.press(Code.PERSON)]

    assert "⟦" in pages[0]
    for page in pages:
        assert english_left(page) == []


def test_a_reply_begins_in_the_same_language(world: World, in_another_language: None) -> None:
    Visitor(world.admin).press(Code.PERSON)
    agent = Client()
    agent.force_login(world.agent)
    case = re.findall(r"/csu/companies/4711/cases/[-0-9a-f]+/", agent.get("/csu/cases/").content.decode())[0]

    page = html.unescape(agent.get(f"{case}?template=ask_more").content.decode())

    assert "⟦Hello Ada Example,⟧\n\n⟦Which line is it about, and what shall happen with it?⟧" in page
