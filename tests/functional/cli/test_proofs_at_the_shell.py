"""`onhook audit`, `soc`, `doctor`, `migrate`: that all is as it should be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog.testing
from django.conf import LazySettings
from django.core import checks
from django.db import connection

from onhook.config import wiring
from onhook.operations import engine
from onhook.surfaces.cli.exits import Exit
from tests import factories
from tests.functional.cli import processes
from tests.functional.cli.conftest import Office
from tests.functional.cli.typing_person import TypingPerson
from tests.integration.shop.conftest import vendor_processes, vendors
from tests.shop import Vendors
from tests.world import World

__all__ = ["vendor_processes", "vendors"]

RULES = "match,pattern,channel,meaning\nprefix,CKSW,direct,billed directly\nexact,Odd1,contract,one contract\n"


@pytest.fixture
def trail(onhook: TypingPerson, office: Office) -> Office:
    """Some acts, so that there is something to verify."""
    for login in (office.admin.login, office.other_admin.login, office.admin.login):
        onhook("token", "issue", login)
    return office


def edit(sql: str) -> None:
    """Change the trail behind the product's back, as somebody with the database's own rights could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER USER")


def test_an_untouched_trail_is_intact(onhook: TypingPerson, trail: Office) -> None:
    ran = onhook("audit", "verify", "--json")
    words = onhook("audit", "verify")

    assert (ran.exit, ran.json["is_intact"], ran.json["events"], ran.json["companies"]) == (Exit.DONE, True, 3, 2)
    assert "every chain is intact" in words.out


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditevent SET actor = '1/lea' WHERE company_id = 4711 AND sequence = 1",
        "DELETE FROM audit_auditevent WHERE company_id = 4711 AND sequence = 1",
        "UPDATE audit_auditevent SET at = 'infinity' WHERE company_id = 4711 AND sequence = 1",
        "UPDATE audit_auditevent SET at = '-infinity' WHERE company_id = 4711 AND sequence = 1",
        "UPDATE audit_auditevent SET at = '20000-01-01' WHERE company_id = 4711 AND sequence = 1",
        "UPDATE audit_auditevent SET at = '0044-03-15 BC' WHERE company_id = 4711 AND sequence = 1",
        "UPDATE audit_auditevent SET after = to_jsonb(1e5000::numeric) WHERE company_id = 4711 AND sequence = 1",
        (
            "UPDATE audit_auditevent SET before = (repeat('[', 3000) || repeat(']', 3000))::jsonb "
            "WHERE company_id = 4711 AND sequence = 1"
        ),
    ],
    ids=["edited", "removed", "never", "always", "too late", "too early", "too large a number", "too deep"],
)
def test_what_was_done_to_the_trail_is_found_and_named(onhook: TypingPerson, trail: Office, sql: str) -> None:
    edit(sql)

    ran = onhook("audit", "verify", "--json")
    words = onhook("audit", "verify")

    assert (ran.exit, words.exit) == (Exit.NOT_SOUND, Exit.NOT_SOUND)
    assert not ran.json["is_intact"]
    assert "COID 4711, event" in words.out


@pytest.mark.parametrize(
    ("sql", "missing"),
    [
        ("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL", ["audit_event_no_change", "audit_event_no_truncate"]),
        ("ALTER TABLE audit_auditevent ENABLE REPLICA TRIGGER audit_event_no_change", ["audit_event_no_change"]),
        ("DROP TRIGGER audit_event_no_truncate ON audit_auditevent", ["audit_event_no_truncate"]),
    ],
    ids=["off", "for replicas only", "dropped"],
)
def test_a_trail_that_the_database_does_not_guard_any_more_is_told(
    onhook: TypingPerson, trail: Office, sql: str, missing: list[str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)

    ran = onhook("audit", "verify", "--json")
    words = onhook("audit", "verify")
    doctor = levels(onhook("doctor", "--json").json)

    assert (ran.exit, ran.json["is_intact"], ran.json["off_guard"]) == (Exit.NOT_SOUND, False, missing)
    assert f"does not refuse changes of the trail any more: {', '.join(missing)} missing" in words.out
    assert "intact" not in words.out
    assert doctor["audit"] == "fault"


def test_only_a_checkpoint_shows_that_the_end_was_cut_off(onhook: TypingPerson, trail: Office, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    written = onhook("audit", "checkpoint", file, "--json")
    edit("DELETE FROM audit_auditevent WHERE company_id = 4711 AND sequence = 2")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_audithead SET sequence = 1, hash = (SELECT hash FROM audit_auditevent "
            "WHERE company_id = 4711 AND sequence = 1) WHERE company_id = 4711"
        )

    without = onhook("audit", "verify")
    compared = onhook("audit", "verify", "--checkpoint", file, "--json")

    assert written.json["file"] == str(file)
    assert without.exit is Exit.DONE
    assert (compared.exit, compared.json["is_intact"]) == (Exit.NOT_SOUND, False)
    assert compared.json["checkpoint_at"] is not None


def test_a_company_with_operations_and_no_trail_is_found_without_a_checkpoint(
    onhook: TypingPerson, world: World
) -> None:
    world.start(world.line(1))
    edit("DELETE FROM audit_auditevent WHERE company_id = 4711")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_audithead WHERE company_id = 4711")

    ran = onhook("audit", "verify", "--json")

    assert ran.exit is Exit.NOT_SOUND
    assert [(found["coid"], found["problem"]) for found in ran.json["findings"]] == [
        (4711, "has operations and no trail: its events and their head are gone")
    ]


def test_a_verification_says_what_it_cannot_see(onhook: TypingPerson, office: Office, tmp_path: Path) -> None:
    onhook("token", "issue", office.admin.login)
    file = tmp_path / "checkpoint.json"
    onhook("audit", "checkpoint", file)

    without = onhook("audit", "verify")
    compared = onhook("audit", "verify", "--checkpoint", file)

    assert without.out.startswith("1 event of 1 company read.\n")
    assert without.out.endswith("A cut end cannot be seen without --checkpoint FILE.\n")
    assert "cannot be seen" not in compared.out


def test_a_checkpoint_goes_to_standard_output_whole(onhook: TypingPerson, trail: Office, tmp_path: Path) -> None:
    printed = onhook("audit", "checkpoint")
    file = tmp_path / "checkpoint.json"
    file.write_text(printed.out)

    ran = onhook("audit", "verify", "--checkpoint", file, "--json")

    assert json.loads(printed.out)
    assert ran.exit is Exit.DONE


def test_a_forged_checkpoint_is_refused(onhook: TypingPerson, trail: Office, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    onhook("audit", "checkpoint", file)
    file.write_text(file.read_text().replace("4711", "4713"))

    ran = onhook("audit", "verify", "--checkpoint", file, "--json")

    assert (ran.exit, ran.error[0]) == (Exit.REFUSED, "refused")


def test_a_checkpoint_that_cannot_be_read_or_written_is_named(
    onhook: TypingPerson, trail: Office, tmp_path: Path
) -> None:
    missing = onhook("audit", "verify", "--checkpoint", tmp_path / "no.json", "--json")
    nowhere = onhook("audit", "checkpoint", tmp_path / "no" / "checkpoint.json", "--json")

    assert (missing.exit, nowhere.exit) == (Exit.USAGE, Exit.USAGE)
    assert str(tmp_path / "no.json") in missing.error[1]


def test_the_rules_in_force_are_listed_in_order(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("soc", "list", "--json")
    words = onhook("soc", "list")

    assert ran.json["rules"]
    assert f"SOC rules, version {ran.json['version']}" in words.out


@pytest.mark.parametrize(
    ("code", "channel"),
    [("CKSWDirectAdv1515", "direct"), ("Ecom2Checkout1515", "shop"), ("MysteryPlan77", "unknown")],
)
def test_a_code_is_tried_against_the_rules(onhook: TypingPerson, office: Office, code: str, channel: str) -> None:
    ran = onhook("soc", "test", code, "--json")
    words = onhook("soc", "test", code)

    assert ran.json["channel"] == channel
    assert words.out.startswith(f"{code}: {channel}\n")
    assert ran.json["bill"] in words.out


def test_a_lead_publishes_a_new_version(onhook: TypingPerson, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "rules.csv"
    file.write_text(RULES)
    before = onhook("soc", "list", "--json").json["version"]

    ran = onhook("soc", "publish", file, "--note", "a contract came", "--json", by=office.lead)

    assert (ran.exit, ran.json["version"]) == (Exit.DONE, before + 1)
    assert onhook("soc", "test", "Odd1", "--json").json["channel"] == "contract"
    assert onhook("soc", "test", "Ecom2Checkout1515", "--json").json["channel"] == "unknown"


def test_agents_do_not_publish(onhook: TypingPerson, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "rules.csv"
    file.write_text(RULES)
    before = onhook("soc", "list", "--json").json

    ran = onhook("soc", "publish", file, "--note", "x", "--json", by=office.agent)

    assert ran.exit is Exit.NOT_PERMITTED
    assert onhook("soc", "list", "--json").json == before


@pytest.mark.parametrize(
    "text",
    ["", "match,pattern\nprefix,X\n", RULES.replace("direct", "nowhere"), RULES.replace("exact", "like"), "\x00"],
)
def test_a_file_that_holds_no_rules_changes_nothing(
    onhook: TypingPerson, office: Office, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "rules.csv"
    file.write_text(text)
    before = onhook("soc", "list", "--json").json

    ran = onhook("soc", "publish", file, "--note", "x", "--json", by=office.lead)

    assert ran.exit in {Exit.USAGE, Exit.REFUSED}
    assert onhook("soc", "list", "--json").json == before


def test_rules_that_are_not_there_are_named(onhook: TypingPerson, office: Office, tmp_path: Path) -> None:
    ran = onhook("soc", "publish", tmp_path / "no.csv", "--note", "x", "--json", by=office.lead)

    assert (ran.exit, ran.error[1]) == (
        Exit.USAGE,
        f"{tmp_path / 'no.csv'} cannot be read: No such file or directory. Nothing changed.",
    )


@pytest.fixture
def rewired() -> Iterator[None]:
    """Connectors are made once from the settings; a test that changes those wants its own."""
    wiring.forget()
    yield
    wiring.forget()


def levels(ran_json: list[dict[str, str]]) -> dict[str, str]:
    return {finding["part"]: finding["level"] for finding in ran_json}


def test_doctor_names_what_is_missing_and_what_to_do(onhook: TypingPerson, office: Office, rewired: None) -> None:
    ran = onhook("doctor", "--json")
    words = onhook("doctor")

    assert ran.exit is Exit.NOT_SOUND
    found = levels(ran.json)
    assert (found["schema"], found["audit"], found["workers"], found["mail"]) == ("ok", "ok", "fault", "fault")
    assert all(finding["what_to_do"] for finding in ran.json if finding["level"] != "ok")
    assert "Start one: onhook up, or onhook worker" in words.out


def test_doctor_is_content_when_all_parts_answer(
    onhook: TypingPerson, world: World, settings: LazySettings, rewired: None
) -> None:
    settings.MAIL_URL = f"smtp://{world.mailbox.addresses['smtp']}"

    with engine.alive_here():
        ran = onhook("doctor", "--json")

    assert ran.exit is Exit.DONE
    assert "fault" not in levels(ran.json).values()


@pytest.fixture
def vendors_set_up(
    committed: str, vendors: Vendors, settings: LazySettings, tmp_path: Path, rewired: None
) -> Iterator[Vendors]:
    """Give vendors that the settings name, as in an installation."""
    for name, value in vendors.settings(tmp_path).items():
        setattr(settings, name, value)
    with structlog.testing.capture_logs():  # a command by itself logs to its standard error
        yield vendors


def test_doctor_reads_each_credential_and_signs_in_at_each_billing_system(
    onhook: TypingPerson, vendors_set_up: Vendors
) -> None:
    found = levels(onhook("doctor", "--json").json)

    parts = ("secret Salesforce integration", "secret 2Checkout API", "Salesforce", "2Checkout")
    assert [found[part] for part in parts] == ["ok"] * 4
    assert [len(emulator.control.journal()) > 0 for emulator in (vendors_set_up.crm, vendors_set_up.shop)] == [True] * 2


def test_doctor_names_the_credential_that_cannot_be_read(onhook: TypingPerson, vendors_set_up: Vendors) -> None:
    vendors_set_up.vault.control.add_fault("status", match={"path_regex": "/passwords/2$"}, times=None, status=404)

    found = {finding["part"]: finding for finding in onhook("doctor", "--json").json}

    assert (found["secret Salesforce integration"]["level"], found["secret 2Checkout API"]["level"]) == ("ok", "fault")
    assert found["secret 2Checkout API"]["said"].startswith("Passwordstate has no record 2")
    assert "ONHOOK_TWOCHECKOUT_SECRET" in found["secret 2Checkout API"]["what_to_do"]


def test_doctor_points_to_the_vault_when_the_fault_is_the_vault_s(
    onhook: TypingPerson, vendors_set_up: Vendors
) -> None:
    vendors_set_up.vault.control.add_fault("status", times=None, status=503)

    found = {finding["part"]: finding for finding in onhook("doctor", "--json").json}

    for part, secret in (("Salesforce", "Salesforce integration"), ("2Checkout", "2Checkout API")):
        assert found[f"secret {secret}"]["what_to_do"].startswith("Check Passwordstate (ONHOOK_PASSWORDSTATE_URL")
        assert found[part]["level"] == "fault"
        assert found[part]["what_to_do"] == f"Its credential cannot be read: mend the secret {secret} first, see there."


def test_doctor_does_not_call_it_a_fault_that_others_signed_in_just_now(
    onhook: TypingPerson, vendors_set_up: Vendors
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vendor_sign_in SELECT vendor, clock_timestamp() "
            "FROM unnest(ARRAY['Salesforce', '2Checkout']) AS vendor, generate_series(1, 3)"
        )

    found = {finding["part"]: finding for finding in onhook("doctor", "--json").json}

    assert (found["Salesforce"]["level"], found["2Checkout"]["level"]) == ("warn", "warn")
    assert re.fullmatch(
        r"2Checkout is not asked to sign us in more often, for now: again in [1-9]\d? s", found["2Checkout"]["said"]
    )


def test_commands_in_a_row_leave_a_sign_in_to_the_workers(
    vendors_set_up: Vendors, committed: str, tmp_path: Path
) -> None:
    named = {f"ONHOOK_{name}": value for name, value in vendors_set_up.settings(tmp_path).items()}
    env = processes.environment(ONHOOK_STATE=str(tmp_path / "state"), DATABASE_URL=committed, **named)

    for _ in range(3):
        ran = processes.run("doctor", "--json", env=env)

    found = {finding["part"]: finding for finding in ran.json}
    assert [found[part]["level"] for part in ("Salesforce", "2Checkout")] == ["warn", "warn"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT vendor, count(*) FROM vendor_sign_in GROUP BY vendor ORDER BY vendor")
        assert cursor.fetchall() == [("2Checkout", 2), ("Salesforce", 2)]


@pytest.mark.parametrize(
    ("paid", "says"), [(1, "In use and not paid  2 more in use than paid"), (5, "Paid and not in use          2")]
)
def test_a_company_is_shown_with_the_difference_in_words(
    onhook: TypingPerson, world: World, vendors_set_up: Vendors, paid: int, says: str
) -> None:
    vendors_set_up.seed(quantity=paid)
    for line in range(3):
        world.line(line, soc_code=factories.SHOP_SOC)
    onhook.is_somebody(world.agent)

    ran = onhook("company", 4711)

    assert " ".join(says.split()) in " ".join(ran.out.split())
    assert "-2" not in ran.out


def test_a_shop_whose_links_could_not_be_mailed_is_a_fault(settings: LazySettings) -> None:
    settings.TWOCHECKOUT_URL = "https://api.2checkout.com/rest/6.0"
    assert checks.run_checks() == []

    settings.TWOCHECKOUT_SHOP_URL = "https://shop.merchant.example"

    assert [fault.id for fault in checks.run_checks()] == ["onhook.E009"]


@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        (
            "SALESFORCE_URL",
            "https://127.0.0.1:8443",
            "ONHOOK_SALESFORCE_URL is not an https address of another",
        ),
        ("TWOCHECKOUT_URL", "http://api.2checkout.com", "ONHOOK_TWOCHECKOUT_URL is not an https address of another"),
        ("SALESFORCE_URL", "https://example.my.salesforce.com", "ONHOOK_PASSWORDSTATE_URL is not set, but billing"),
    ],
)
def test_production_wants_real_vendors_and_a_vault(settings: LazySettings, name: str, url: str, said: str) -> None:
    settings.ENVIRONMENT = "production"
    setattr(settings, name, url)

    found = " ".join(fault.msg for fault in checks.run_checks())

    assert said in found


def test_doctor_finds_settings_that_production_refuses(
    onhook: TypingPerson, office: Office, settings: LazySettings, rewired: None
) -> None:
    settings.ENVIRONMENT = "production"

    found = {finding["part"]: finding for finding in onhook("doctor", "--json").json}

    assert found["settings"]["level"] == "fault"
    assert "ONHOOK_SECRET_KEY" in found["settings"]["said"]


def test_migrating_twice_is_migrating_once(onhook: TypingPerson, committed: str) -> None:
    assert onhook("migrate", "--json").json == {"migrated": True}
    assert onhook("migrate").out == "The database is up to date.\n"
