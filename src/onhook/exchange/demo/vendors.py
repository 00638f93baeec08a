"""What the emulated systems around the demo's companies know: vault, CRM and shop. Nothing here is real."""

from __future__ import annotations

from typing import Any

VAULT_KEY = "demo-vault-key-of-no-real-vault"
CRM_SECRET, SHOP_SECRET = "Salesforce integration", "2Checkout API"  # titles of records, not secrets
_CONSUMER = ("demo-consumer-key", "demo-consumer-secret-of-no-real-org")
_MERCHANT = ("EXAMPLESHOP", "demo-secret-key-of-no-real-shop")
_LINK_FIELD = "X2Checkout_upgrade_link__c"


def vault() -> dict[str, Any]:
    """Return the vault: one list, two credentials, one key that opens the list."""
    titles = [(1, CRM_SECRET, _CONSUMER), (2, SHOP_SECRET, _MERCHANT)]
    return {
        "lists": [{"PasswordListID": 88, "PasswordList": "Automation"}],
        "passwords": [
            {"PasswordID": number, "PasswordListID": 88, "Title": title, "UserName": user, "Password": password}
            for number, title, (user, password) in titles
        ],
        "keys": [{"name": "onhook", "value": VAULT_KEY, "lists": [88], "calls": ["read"]}],
    }


def crm(*, shop_url: str) -> dict[str, Any]:
    """Return the CRM: an account for each company. The bakery's stored link is that of an older subscription."""
    link = f"{shop_url}/order/upgrade.php?LICENSE="
    accounts = [
        ("Invented Bakery", "ACC-4712", "4712", f"{link}OLDBAKERY9"),
        ("Fictional Florists", "ACC-4713", "4713", f"{link}FLORIST3X7"),
        ("Example Plumbing", "ACC-4711", "4711", ""),
    ]
    return {
        "clients": [{"consumer_key": _CONSUMER[0], "consumer_secret": _CONSUMER[1], "certificate": ""}],
        "fields": [
            {"name": "COID__c", "label": "COID", "type": "string", "length": 20},
            {"name": _LINK_FIELD, "label": "2Checkout upgrade link", "type": "url", "length": 255},
        ],
        "accounts": [
            {"Name": name, "AccountNumber": number, "COID__c": coid, _LINK_FIELD: stored}
            for name, number, coid, stored in accounts
        ],
    }


def shop() -> dict[str, Any]:
    """Return the shop: a subscription for each company that it bills."""
    return {
        "account": {"merchant_code": _MERCHANT[0], "secret_key": _MERCHANT[1]},
        "subscriptions": [
            _subscription("BAKERY2K9X", "ACC-4712", 8, "2027-04-07"),
            _subscription("FLORIST3X7", "ACC-4713", 4, "2027-07-01"),
        ],
    }


def _subscription(reference: str, account_number: str, lines: int, renews_on: str) -> dict[str, Any]:
    return {
        "SubscriptionReference": reference,
        "ExternalCustomerReference": account_number,
        "ExpirationDate": renews_on,
        "Status": "ACTIVE",
        "Product": {"ProductCode": "DEVICE_PLAN", "ProductName": "Device plan", "ProductQuantity": lines},
    }
