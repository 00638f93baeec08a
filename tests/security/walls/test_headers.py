"""What every answer says to the browser, whatever the address and whoever asks; and the cookies of production."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import Morsel

import pytest
from django.http.response import HttpResponseBase
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from tests.security.canaries.crawling import undone
from tests.security.walls import people_and_things
from tests.security.walls.people_and_things import Cast

ROUTES = people_and_things.routes()
PEOPLE = ("nobody", "admin", "viewer", "agent", "suspended")


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    with django_db_blocker.unblock(), undone():
        yield Cast.gather()


def answers(cast: Cast, route: str) -> Iterator[tuple[str, HttpResponseBase]]:
    """Give what each kind of person gets from an address, as a page, as a form and as a partial."""
    where = people_and_things.address(route, cast.things)
    for name in PEOPLE:
        for method, headers in (("GET", {}), ("POST", {}), ("GET", {"HX-Request": "true"})):
            with undone():
                yield f"{method} {where} by {name}", cast.client(name).generic(method, where, headers=headers)


def policy_of(answer: HttpResponseBase) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts) if name}


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_lets_the_browser_run_frame_and_keep_nothing_else(cast: Cast, route: str) -> None:
    for what, answer in answers(cast, route):
        policy = policy_of(answer)

        assert policy["default-src"] == "'none'", what
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'", what
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'", what
        assert policy["form-action"] == "'self'", what
        assert not {"unsafe", "data:", "blob:", "*", "http:", "https:"} & set(" ".join(policy.values()).split()), what
        assert "unsafe" not in answer.headers["Content-Security-Policy"], what
        assert answer.headers["X-Content-Type-Options"] == "nosniff", what
        assert answer.headers["X-Frame-Options"] == "DENY", what
        assert answer.headers["Referrer-Policy"] == "same-origin", what
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", what
        assert "no-store" in answer.headers["Cache-Control"], what


def test_over_tls_every_answer_tells_the_browser_to_stay_there(cast: Cast) -> None:
    with override_settings(SECURE_HSTS_SECONDS=production("SECURE_HSTS_SECONDS")["SECURE_HSTS_SECONDS"]):
        client = cast.client("admin")
        for route in ROUTES:
            with undone():
                answer = client.get(people_and_things.address(route, cast.things), secure=True)

            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", route


def production(*names: str) -> dict[str, object]:
    """Return settings as a process has them that starts in production."""
    script = (
        "import json, sys\nfrom django.conf import settings\n"
        "print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "onhook.config.settings",
        "ONHOOK_ENVIRONMENT": "production",
        "ONHOOK_HOSTS": "phones.example",
        "ONHOOK_WEB_URL": "https://phones.example",
    }
    said = subprocess.run(
        [sys.executable, "-c", script, *names], env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(said.stdout)
    return found


def test_cookies_of_production_are_for_this_host_over_tls_and_not_for_scripts(cast: Cast) -> None:
    names = ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_NAME")
    with override_settings(**production(*names)):
        client = Client()
        client.get("/sign-in/", secure=True)
        client.force_login(cast.people["admin"])  # type: ignore[arg-type]  # the admin is somebody
        client.post("/theme/", {"theme": "dark"}, secure=True)
        cookies: dict[str, Morsel[str]] = dict(client.cookies)

    assert set(cookies) == {"__Host-session", "__Host-csrf", "theme"}
    for name, cookie in cookies.items():
        assert cookie["secure"], name
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name


def test_production_answers_over_tls_only() -> None:
    assert production("SECURE_SSL_REDIRECT", "SECURE_PROXY_SSL_HEADER", "DEBUG") == {
        "SECURE_SSL_REDIRECT": True,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "DEBUG": False,
    }
