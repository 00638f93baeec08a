"""The page about the files says what the code does."""

from pathlib import Path

import pytest

from onhook import exchange
from onhook.exchange.sheets import SHEETS, Kind

PAGE = Path(exchange.__file__).with_name("README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", list(Kind))
def test_the_page_lists_the_columns_of_each_kind(kind: Kind) -> None:
    columns = SHEETS[kind].columns
    needed = ", ".join(column.name for column in columns if column.is_required)
    optional = ", ".join(column.name for column in columns if not column.is_required)

    assert f"| {kind.value} | {needed} | {optional} |" in PAGE
