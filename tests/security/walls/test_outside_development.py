"""What protects people outside development: cookies by TLS alone, browsers that are told to stay there."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

PRINT = """
import json
from onhook.config import settings
print(json.dumps({name: getattr(settings, name) for name in dir(settings) if name.isupper() and isinstance(
    getattr(settings, name), (bool, int, str))}))
"""


@pytest.fixture(scope="module")
def settings() -> dict[str, object]:
    """Give the plain settings as a production process has them: they are read once, when it starts."""
    around = {**os.environ, "ONHOOK_ENVIRONMENT": "production", "ONHOOK_SECRET_KEY": "a key that signs nothing here"}
    told = subprocess.run([sys.executable, "-c", PRINT], env=around, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(told.stdout)
    return found


def test_cookies_travel_by_tls_alone_and_belong_to_this_host(settings: dict[str, object]) -> None:
    assert (settings["SESSION_COOKIE_SECURE"], settings["CSRF_COOKIE_SECURE"]) == (True, True)
    assert str(settings["SESSION_COOKIE_NAME"]).startswith("__Host-")
    assert str(settings["CSRF_COOKIE_NAME"]).startswith("__Host-")
    assert settings["CSRF_COOKIE_HTTPONLY"] is True
    # Without a domain and under the path /, or no browser takes a cookie of that name.
    assert "SESSION_COOKIE_DOMAIN" not in settings
    assert "SESSION_COOKIE_PATH" not in settings


def test_browsers_are_led_to_tls_and_told_to_stay_there(settings: dict[str, object]) -> None:
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SECURE_HSTS_SECONDS"] == 365 * 86400
    assert settings["DEBUG"] is False


def test_the_address_of_a_client_is_the_one_that_the_proxy_saw(settings: dict[str, object]) -> None:
    # Limits on tries by address would else count all people as one, or believe what a client says of itself.
    assert settings["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1
