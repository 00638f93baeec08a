"""What the emulators' pages say is there, is there, and the other way round."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import emulators
from emulators.control import http_faults
from emulators.control.clock import Clock
from emulators.mailbox import faults as mailbox_faults
from emulators.passwordstate.settings import Settings as PasswordstateSettings
from emulators.salesforce.settings import Settings as SalesforceSettings
from emulators.twocheckout.calls import REFUSED, Calls
from emulators.twocheckout.errors import REST_PREFIX
from emulators.twocheckout.settings import Settings
from emulators.twocheckout.state import State

FOLDER = Path(emulators.__file__).parent


def _table_rows(text: str, verdict: str) -> set[tuple[str, str]]:
    rows = re.findall(r"^\| `([A-Z]+) (/[^`]+)` \| (\w+)", text, flags=re.MULTILINE)
    return {(method, path) for method, path, said in rows if said == verdict}


def test_coverage_page_of_twocheckout_lists_exactly_the_covered_calls() -> None:
    state = State(starting_account=None, starting_settings=Settings())
    refused = {(method, path) for method, path, _ in REFUSED}
    there = {(route.method, route.path) for route in Calls(state, Clock()).routes()} - refused

    said = _table_rows((FOLDER / "twocheckout" / "COVERAGE.md").read_text(), "covered")

    covered = {(method, path.replace(REST_PREFIX, "/").replace(r"{number:\d+}", "{number}")) for method, path in there}
    assert {row for row in said if row[1] != "/order/upgrade.php"} == covered


@pytest.mark.parametrize("kind", sorted({*http_faults.KINDS, *mailbox_faults.KINDS}))
def test_readme_names_every_kind_of_fault(kind: str) -> None:
    assert f"`{kind}`" in (FOLDER / "README.md").read_text()


def test_every_http_fault_can_be_applied() -> None:
    assert set(http_faults.KINDS) == set(http_faults._APPLY)


@pytest.mark.parametrize(
    ("name", "switches"),
    [
        ("passwordstate", PasswordstateSettings),
        ("salesforce", SalesforceSettings),
        ("twocheckout", Settings),
    ],
)
def test_coverage_page_names_every_switch(name: str, switches: type) -> None:
    page = (FOLDER / name / "COVERAGE.md").read_text()

    assert [switch.name for switch in fields(switches) if f"`{switch.name}`" not in page] == []
