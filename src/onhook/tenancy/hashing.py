"""How passwords are stored: Argon2, over one writing of the same characters."""

from __future__ import annotations

import unicodedata

from django.contrib.auth.hashers import Argon2PasswordHasher


def one_writing(password: str) -> str:
    """
    Return the password as it is judged and stored, after Unicode's NFKC.

    Keyboards differ in how they write the same character, such as ü as one sign or as u with two dots.
    """
    return unicodedata.normalize("NFKC", password)


class PasswordHasher(Argon2PasswordHasher):
    """Django's Argon2 with Django's cost."""

    def encode(self, password: str, salt: str) -> str:
        return super().encode(one_writing(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        return super().verify(one_writing(password), encoded)
