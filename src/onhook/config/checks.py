"""System checks: what cannot be used, or in production only suits a development machine, stops the start."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@register(deploy=False)
def production_is_safe(**_: Any) -> list[CheckMessage]:
    """Refuse default keys, unprotected mail, emulators and credentials from variables in production."""
    if settings.ENVIRONMENT != "production":
        return []
    errors: list[CheckMessage] = []
    if settings.SECRET_KEY == settings.DEVELOPMENT_KEY:
        errors.append(
            Error("ONHOOK_SECRET_KEY is not set.", hint="Set it, or ONHOOK_SECRET_KEY_FILE.", id="onhook.E001")
        )
    if settings.AUDIT_KEY in ("", settings.DEVELOPMENT_KEY, settings.SECRET_KEY):
        errors.append(
            Error(
                "ONHOOK_AUDIT_KEY has no value of its own.",
                hint="Set it, or its _FILE form.",
                id="onhook.E002",
            )
        )
    if not settings.MAIL_URL:
        errors.append(Error("ONHOOK_MAIL_URL is not set.", hint="Name the mail server.", id="onhook.E003"))
    if not settings.ALLOWED_HOSTS:
        errors.append(Error("ONHOOK_HOSTS is not set.", hint="Name the host of the web address.", id="onhook.E004"))
    if not settings.WEB_URL.startswith("https://"):
        errors.append(
            Error(
                "ONHOOK_WEB_URL is not an https address.",
                hint="Set the address that people use, such as https://phones.example.",
                id="onhook.E005",
            )
        )
    return [*errors, *_outside_is_real()]


def _outside_is_real() -> Iterator[CheckMessage]:
    """Refuse emulators, and credentials that no vault hands out and no vault's audit shows."""
    vendors = {"ONHOOK_SALESFORCE_URL": settings.SALESFORCE_URL, "ONHOOK_TWOCHECKOUT_URL": settings.TWOCHECKOUT_URL}
    others = {
        "ONHOOK_PASSWORDSTATE_URL": settings.PASSWORDSTATE_URL,
        "ONHOOK_TWOCHECKOUT_SHOP_URL": settings.TWOCHECKOUT_SHOP_URL,
    }
    for name, url in {**vendors, **others}.items():
        if url and (not url.startswith("https://") or urlsplit(url).hostname in _THIS_MACHINE):
            yield Error(
                f"{name} is not an https address of another machine.",
                hint="Set the address of the real service, or nothing.",
                id="onhook.E006",
            )
    if any(vendors.values()) and not settings.PASSWORDSTATE_URL:
        yield Error(
            "ONHOOK_PASSWORDSTATE_URL is not set, but billing systems are.",
            hint="Credentials come from Passwordstate; variables are for development.",
            id="onhook.E007",
        )


@register(deploy=False)
def model_is_usable(**_: Any) -> list[CheckMessage]:
    """Refuse a language model whose packages are not installed, or that nobody knows by its name."""
    if not settings.ASSISTANT_MODEL:
        return []
    from onhook.assistant import understanding  # noqa: PLC0415  # too much for the start of every command

    try:
        understanding.configured()
    except understanding.UnusableModel as fault:
        return [
            Error(
                f"ONHOOK_ASSISTANT_MODEL cannot be used: {str(fault).rstrip('.')}.",
                hint="Install onhook[model] and the provider's own package, or leave it empty: the menu works without.",
                id="onhook.E008",
            )
        ]
    return []


@register(deploy=False)
def links_can_be_mailed(**_: Any) -> list[CheckMessage]:
    """Refuse a shop whose own links could never go into a mail."""
    shop = urlsplit(settings.TWOCHECKOUT_SHOP_URL)
    if not settings.TWOCHECKOUT_URL or {shop.netloc.lower(), shop.hostname}.intersection(settings.SHOP_HOSTS):
        return []
    return [
        Error(
            "ONHOOK_SHOP_HOSTS does not name the host of ONHOOK_TWOCHECKOUT_SHOP_URL: every mail would be held.",
            hint="Name that host, too.",
            id="onhook.E009",
        )
    ]
