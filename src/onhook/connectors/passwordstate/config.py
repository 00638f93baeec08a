"""What the Passwordstate connector has to be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class PasswordstateConfig:
    """
    One Passwordstate server and the one key that opens our list.

    `base_url` ends in `/api`. `api_key` should be the key of one list made for this product, read-only and bound to our
    addresses. `list_id` narrows a look-up by title to that list. `user_field` and `address_field` name the fields that
    hold the user (or client id) and the address; a renamed generic field is still called `GenericField1` here.
    """

    base_url: str
    api_key: str = field(repr=False)
    list_id: int | None = None
    user_field: str = "UserName"
    address_field: str = "URL"
    lease_seconds: float = 300.0
    deadline_seconds: float = 8.0
    ca_file: Path | None = None
    allows_loopback_http: bool = False
