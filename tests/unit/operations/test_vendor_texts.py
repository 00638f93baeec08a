"""What a billing system says is kept and shown without what steers a terminal or turns the direction of writing."""

import pytest

from onhook.operations.actions import vendor_texts
from onhook.operations.ports import Account, Subscription


@pytest.mark.parametrize(
    "sign",
    [
        "\x00",
        "\x1b",
        "\x07",
        "\x7f",
        "\x9b",
        "\r",
        "\n",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\ud800",
        "\U000e0041",
    ],
)
def test_a_sign_that_is_no_character_is_marked_in_every_text(sign: str) -> None:
    said = f"Example{sign}[31m Ltd"
    account = vendor_texts.account(Account(account_id="1", name=said, account_number=said, stored_link=said))
    subscription = vendor_texts.subscription(
        Subscription(
            reference="R1",
            account_number="A",
            product_name=said,
            quantity=1,
            status=said,
            is_active=True,
            renews_on=None,
        )
    )

    texts = {account.name, account.account_number, account.stored_link, subscription.product_name, subscription.status}
    assert texts == {"Example\ufffd[31m Ltd"}


@pytest.mark.parametrize("said", ["Bowden & O'Neil", "Ελληνικά", "例え株式会社", "مثال", "Café \u0301", ""])
def test_text_of_any_script_stays_as_it_is(said: str) -> None:
    assert vendor_texts.keepable(said) == said
