"""What the customer reads about the bill, in text and HTML."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from onhook.operations.models import Operation
from tests.factories import SHOP_SOC
from tests.integration.operations.looking import ended
from tests.shop import Vendors
from tests.world import World


def _run(world: World, *soc_codes: str, first: int = 1) -> Operation:
    operation = world.start(*(world.line(line, soc_code=code) for line, code in enumerate(soc_codes, first)))
    world.work()
    assert ended(operation) == "verified"
    return operation


def _parts(world: World) -> tuple[str, str]:
    message = world.messages()[-1]
    return " ".join(message["text"].split()), " ".join(message["html"].split())


def test_the_mail_about_one_line_is_whole(shop_world: World, vendors: Vendors) -> None:
    operation = _run(shop_world, SHOP_SOC)

    (message,) = shop_world.messages()

    assert message["subject"] == "1 phone line removed [T-1001]"
    assert message["to"] == ["ada@plumbing.example"]
    lines = message["text"].replace("\r\n", "\n").split("\n")
    start = lines.index("  Lower your lines from 12 to 11.")
    assert lines[start : start + 5] == [
        "  Lower your lines from 12 to 11.",
        f"  {vendors.link}",
        "",
        "  On that page change only the number of lines, nothing else.",
        "",
    ]
    assert f"Our reference: {operation.pk}" in message["text"]
    html = message["html"]
    assert f'href="{vendors.link}"' in html
    assert "Now lower your lines from 12 to 11</strong>, or you go on paying." in html
    assert "On that page change only the number of lines, nothing else." in html


@pytest.mark.parametrize(
    ("lowering", "sentence"),
    [
        ("now", "The lower count takes effect at once."),
        ("at_renewal", "The lower count takes effect at the next renewal, on 01 March 2027."),
    ],
)
def test_the_mail_says_when_the_lower_count_takes_effect_where_that_is_known(
    shop_world: World, vendors: Vendors, settings: Settings, lowering: str, sentence: str
) -> None:
    settings.SHOP_LOWERING = lowering

    _run(shop_world, SHOP_SOC)

    for part in _parts(shop_world):
        assert f"nothing else. {sentence}" in part


def test_the_mail_says_nothing_about_an_effect_that_is_not_known(
    shop_world: World, vendors: Vendors, settings: Settings
) -> None:
    settings.SHOP_LOWERING = "unknown"

    _run(shop_world, SHOP_SOC)

    for part in _parts(shop_world):
        assert "takes effect" not in part


def test_the_mail_about_the_last_paid_line_says_to_cancel(shop_world: World, vendors: Vendors) -> None:
    vendors.seed(quantity=1)

    _run(shop_world, SHOP_SOC)

    for part in _parts(shop_world):
        assert "The shop still bills 1 line, and you have none left. Cancel the subscription at the shop" in part
        assert vendors.link in part
        assert "from 1 to 0" not in part


def test_the_mail_about_lines_of_both_channels_says_what_follows_for_each(shop_world: World, vendors: Vendors) -> None:
    _run(shop_world, SHOP_SOC, SHOP_SOC, "CKSWDirectAdv1515")

    for part in _parts(shop_world):
        assert "3 phone lines" in part
        assert "ower your lines from 12 to 10" in part
        assert "+1 202-555-0103" in part
        assert "1 line: The line is billed directly; the bill follows by itself" in part


def test_a_later_mail_counts_what_the_shop_does_not_show_yet(shop_world: World, vendors: Vendors) -> None:
    _run(shop_world, SHOP_SOC, SHOP_SOC)

    _run(shop_world, SHOP_SOC, first=3)

    for part in _parts(shop_world):
        assert "ower your lines from 12 to 9" in part
        assert "(1 for this request, and 2 from before that the shop does not show yet" in part


def test_a_company_name_with_markup_is_shown_as_text(shop_world: World, vendors: Vendors) -> None:
    type(shop_world.company).objects.filter(pk=4711).update(name='Example <b onload="x">Plumbing</b> & Sons')

    _run(shop_world, SHOP_SOC)

    text, html = _parts(shop_world)
    assert 'Example <b onload="x">Plumbing</b> & Sons' in text
    assert "<b onload" not in html
    assert "Example &lt;b onload=" in html
