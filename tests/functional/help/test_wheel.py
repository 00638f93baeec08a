"""What is built carries all that it shows: articles, templates, styles, the demo's files."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import onhook

PROJECT = Path(__file__).resolve().parents[3]
ASK = """
import django, pathlib, sys
django.setup()
import onhook
from django.contrib.staticfiles import finders
from django.test import Client
from onhook.exchange import demo
from onhook.exchange.importing import Kind
here = pathlib.Path(onhook.__file__)
assert here.is_relative_to(sys.argv[1]), here
page = Client().get("/help/delete-a-phone-number/")
assert page.status_code == 200, page.status_code
assert b"Administration &gt; Devices" in page.content
assert finders.find("ui/onhook.css").startswith(sys.argv[1])
assert demo.path(Kind.DEVICES).is_file()
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_has_every_file_of_the_package_and_every_article(unpacked: Path) -> None:
    package = Path(onhook.__file__).parent
    wanted = {
        file.relative_to(package)
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc"
    }
    wanted |= {Path("help") / file.name for file in (PROJECT / "help").glob("*.md")}

    assert {file for file in wanted if not (unpacked / "onhook" / file).is_file()} == set()


def test_an_installed_product_shows_its_articles_without_the_project(unpacked: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONHOOK_")}
    environment |= {"PYTHONPATH": str(unpacked), "DJANGO_SETTINGS_MODULE": "onhook.config.settings"}

    done = subprocess.run(
        [sys.executable, "-c", ASK, str(unpacked)],
        cwd=tmp_path,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
