"""The bill as pages of support show it: account, subscription and link, read beside the page of a company or a line."""

from __future__ import annotations

from tests import factories
from tests.functional.console.conftest import client_of
from tests.shop import ACCOUNT_NUMBER
from tests.world import World

OWN = "/csu/companies/4711/"
_PART = {"HX-Request": "true"}


def test_the_page_of_a_line_of_the_shop_shows_account_subscription_and_link(shop_world: World) -> None:
    line = shop_world.line(1, soc_code=factories.SHOP_SOC)
    agent, address = client_of(shop_world.agent), f"{OWN}devices/{line.pk}/"

    page = agent.get(address).content.decode()
    part = agent.get(f"{address}bill/", headers=_PART).content.decode()
    whole = agent.get(f"{address}bill/").content.decode()

    assert f'hx-get="{address}bill/" hx-trigger="load"' in page
    assert "<html" not in part
    assert "<h1>+1 202-555-0101</h1>" in whole
    for shown in (part, whole):
        assert f'account number <span class="mono">{ACCOUNT_NUMBER}</span>' in shown
        assert "<dt>Subscription</dt>" in shown
        assert "<dt>Renews on</dt>" in shown
        assert "<dt>Upgrade link</dt><dd>fits</dd>" in shown
        assert f'hx-get="{address}bill/" hx-target="#bill"' in shown


def test_the_line_shows_the_same_bill_as_its_company(shop_world: World) -> None:
    line = shop_world.line(1, soc_code=factories.SHOP_SOC)
    agent = client_of(shop_world.agent)

    of_line, of_company = (
        agent.get(f"{OWN}{path}bill/", headers=_PART).content.decode().replace(f"{OWN}{path}", "")
        for path in (f"devices/{line.pk}/", "")
    )

    assert of_line == of_company


def test_a_line_that_the_shop_does_not_bill_asks_no_vendor_until_somebody_wants_it(world: World) -> None:
    line = world.line(1, soc_code=factories.DIRECT_SOC)
    agent, address = client_of(world.agent), f"{OWN}devices/{line.pk}/"

    page = agent.get(address).content.decode()
    asked = agent.get(f"{address}bill/").content.decode()

    assert 'hx-trigger="load"' not in page
    assert f'<a class="btn" href="{address}bill/"' in page
    assert "The billing systems are not set up here" in asked
