"""The second factor's secrets: stored encrypted under the product's key."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.safestring import SafeString


def _box() -> Fernet:
    # A key of its own, so that what is signed and what is encrypted never share one.
    digest = hashlib.sha256(b"second-factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """The product's choices."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code does not fit. Each code works once; wait for the next one that the app shows.",
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: Any) -> str:
        return str(user.login)

    def build_totp_svg(self, url: str) -> SafeString:
        """Return the QR code to stand inline in the page: our policy allows no `data:` image."""
        drawn: str = super().build_totp_svg(url)
        return SafeString(drawn[drawn.index("<svg") :])
