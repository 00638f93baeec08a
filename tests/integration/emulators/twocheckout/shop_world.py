"""Three subscriptions of two customers, and a client that signs."""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import httpx

from emulators.twocheckout import authentication

CODE, KEY = "TESTMERCH001", "s3cr3t-k3y-for-tests!"
FIRST, SECOND, THIRD = "Q7RK2M9XA4", "8AF9A9DC95", "XRILXB9ZI3"


def signed_header(*, code: str = CODE, key: str = KEY, at: datetime | None = None) -> str:
    date = (at or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M:%S")
    digest = authentication.signature(code=code, key=key, date=date, digest="sha256")
    return f'code="{code}" date="{date}" hash="{digest}" algo="sha256"'


class Signing(httpx.Auth):
    """Signs every call anew."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers[authentication.HEADER] = signed_header()
        yield request


def seed(**settings: Any) -> dict[str, Any]:
    """Three subscriptions of two customers."""
    return {
        "settings": settings,
        "subscriptions": [
            subscription(FIRST, "ACC-1001", 12, CustomerNumber="612345678"),
            subscription(SECOND, "ACC-1002", 3, CustomerNumber="612345679"),
            {**subscription(THIRD, "ACC-1002", 5, CustomerNumber="612345679"), "SubscriptionEnabled": False},
        ],
    }


def subscription(reference: str, account: str, quantity: int, *, CustomerNumber: str) -> dict[str, Any]:  # noqa: N803
    return {
        "SubscriptionReference": reference,
        "StartDate": "2025-03-01T10:15:00+02:00",
        "ExpirationDate": "2027-03-01T10:15:00+02:00",
        "Product": {"ProductCode": "DEVICE_PLAN", "ProductName": "Device plan", "ProductQuantity": quantity},
        "EndUser": {
            "Company": "Example Plumbing",
            "Email": f"{account.lower()}@example.com",
            "CountryCode": "ro",
        },
        "AvangateCustomerReference": CustomerNumber,
        "ExternalCustomerReference": account,
        "DeliveryInfo": {"Description": "", "Codes": [{"Code": f"ACT-{quantity}"}]},
    }
