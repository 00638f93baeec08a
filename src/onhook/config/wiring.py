"""Join the ports of the domain to connectors. The only module that knows both."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import structlog
from django.conf import settings

from onhook.config.env import UnusableSetting
from onhook.config.sign_ins import CounterOfInstallation
from onhook.connectors.environment_secrets.connector import EnvironmentSecrets
from onhook.connectors.http.addresses import UnusableAddress
from onhook.connectors.http.trust import UnusableAuthority
from onhook.connectors.mail.connector import SmtpMail
from onhook.connectors.mail.server import MailServer, UnusableMailUrl
from onhook.connectors.passwordstate.config import PasswordstateConfig
from onhook.connectors.passwordstate.connector import PasswordstateSecrets
from onhook.connectors.salesforce.config import SalesforceConfig
from onhook.connectors.salesforce.connector import SalesforceAccounts
from onhook.connectors.twocheckout.config import TwoCheckoutConfig
from onhook.connectors.twocheckout.connector import TwoCheckoutShop
from onhook.operations.ports import AccountsPort, MailPort, Ports, SecretStore, ShopPort

# Where a process lives for one command, so many sign-ins of each minute are left to those that work.
_LEFT_BY_A_COMMAND = 1


class _Process:
    """What this process is."""

    spare_sign_ins = 0


def live_for_one_command() -> None:
    """Say that this process ends with the command that a person typed: its sign-in serves nobody else."""
    _Process.spare_sign_ins = _LEFT_BY_A_COMMAND


def _sign_ins() -> CounterOfInstallation:
    return CounterOfInstallation(spare=_Process.spare_sign_ins)


@cache
def ports() -> Ports:
    """
    Return the connectors that the settings name: one set per process, so that its threads share their sign-ins.

    :raises UnusableSetting: one of those settings cannot be used.
    """
    try:
        return Ports(mail=mail(), accounts=accounts(), shop=shop())
    except (UnusableMailUrl, UnusableAddress, UnusableAuthority) as fault:
        raise UnusableSetting(str(fault)) from None


@cache
def mail() -> MailPort:
    """Return the way to the mail server."""
    return SmtpMail(
        server=MailServer.from_url(settings.MAIL_URL) if settings.MAIL_URL else None,
        sender=settings.MAIL_FROM,
        deadline_seconds=settings.MAIL_DEADLINE_SECONDS,
    )


@cache
def secrets() -> SecretStore:
    """Return where credentials are leased: Passwordstate, or the environment where no Passwordstate is named."""
    if not settings.PASSWORDSTATE_URL:
        return EnvironmentSecrets(environment=os.environ)
    return PasswordstateSecrets(
        config=PasswordstateConfig(
            base_url=settings.PASSWORDSTATE_URL,
            api_key=settings.PASSWORDSTATE_KEY,
            list_id=settings.PASSWORDSTATE_LIST or None,
            ca_file=_ca_file(),
            allows_loopback_http=_allows_loopback_http(),
        ),
        reason=_reason,
        sign_ins=_sign_ins(),
    )


@cache
def accounts() -> AccountsPort | None:
    """Return the CRM, or None where it is not set up."""
    if not settings.SALESFORCE_URL:
        return None
    config = SalesforceConfig(
        base_url=settings.SALESFORCE_URL,
        secret_reference=settings.SALESFORCE_SECRET,
        coid_field=settings.SALESFORCE_COID_FIELD,
        link_field=settings.SALESFORCE_LINK_FIELD,
        api_version=settings.SALESFORCE_API_VERSION,
        instance_hosts=settings.SALESFORCE_INSTANCE_HOSTS,
        lightning_url=settings.SALESFORCE_LIGHTNING_URL,
        ca_file=_ca_file(),
        allows_loopback_http=_allows_loopback_http(),
    )
    return SalesforceAccounts(config=config, secrets=secrets(), sign_ins=_sign_ins())


@cache
def shop() -> ShopPort | None:
    """Return the shop, or None where it is not set up."""
    if not settings.TWOCHECKOUT_URL:
        return None
    config = TwoCheckoutConfig(
        base_url=settings.TWOCHECKOUT_URL,
        shop_url=settings.TWOCHECKOUT_SHOP_URL,
        secret_reference=settings.TWOCHECKOUT_SECRET,
        product_codes=settings.TWOCHECKOUT_PRODUCTS,
        ca_file=_ca_file(),
        allows_loopback_http=_allows_loopback_http(),
    )
    return TwoCheckoutShop(config=config, secrets=secrets(), sign_ins=_sign_ins())


def forget() -> None:
    """Make the connectors anew at their next use, because settings changed; for the demo and tests."""
    for made in (ports, mail, secrets, accounts, shop):
        made.cache_clear()


def _ca_file() -> Path | None:
    return Path(settings.CA_FILE) if settings.CA_FILE else None


def _allows_loopback_http() -> bool:
    return settings.ENVIRONMENT != "production"


def _reason() -> str:
    """Say in the vault's own audit for which operation a secret was read."""
    operation = structlog.contextvars.get_contextvars().get("operation")
    return f"onhook operation {operation}" if operation else "onhook"
