"""A client others wrote, as it is, against the emulator: the independent check."""

from typing import Any

import pytest

from emulators.control.launch import RunningEmulator
from tests.integration.emulators.twocheckout.shop_world import CODE, FIRST, KEY, seed

pytestmark = pytest.mark.emulator

avangate = pytest.importorskip("avangate_rest_api_client")


@pytest.fixture
def client(shop: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    # It signs with MD5 and names no algorithm, in single quotes.
    shop.control.seed(seed(accept_md5=True))
    # requests would otherwise ask a proxy of the environment.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    client = avangate.Client(CODE, KEY)
    client.set_base_url(f"{shop.http}/rest/6.0")
    return client


def test_foreign_client_finds_by_account_number(client: Any) -> None:
    answer = client.get("/subscriptions/?ExternalCustomerReference=ACC-1001")

    assert answer.status_code == 200
    assert [item["SubscriptionReference"] for item in answer.json()["Items"]] == [FIRST]


def test_foreign_client_reads_one_subscription_and_its_parts(client: Any) -> None:
    for part in ("", "upgrade/", "renewal/", "history/", "customer/"):
        assert client.get(f"/subscriptions/{FIRST}/{part}").status_code == 200


def test_foreign_client_disables_and_enables(client: Any) -> None:
    assert client.delete(f"/subscriptions/{FIRST}/").json() is True
    assert client.post(f"/subscriptions/{FIRST}/").json() is True
    assert client.put(f"/subscriptions/{FIRST}/history/?Days=1").json() is True


def test_foreign_client_is_refused_without_the_switch(shop: RunningEmulator, client: Any) -> None:
    shop.control.seed(seed())

    answer = client.get("/subscriptions/")

    assert (answer.status_code, answer.json()["error_code"]) == (401, "AUTHENTICATION_ERROR")


def test_foreign_client_goes_stale_because_it_dates_itself_once(shop: RunningEmulator, client: Any) -> None:
    shop.control.offset_clock(400)

    assert client.get("/subscriptions/").status_code == 401
