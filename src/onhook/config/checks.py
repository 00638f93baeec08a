"""System checks: what cannot be used, or in production only suits a development machine, stops the start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register(deploy=False)
def production_is_safe(**_: Any) -> list[CheckMessage]:
    """Refuse default keys and unprotected mail in production."""
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
    return errors


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
                id="onhook.E006",
            )
        ]
    return []
