"""`onhook find`: what agents know as the CSU search."""

import pytest

from onhook import clock
from onhook.devices.models import Device
from onhook.surfaces.cli.exits import Exit
from tests import factories
from tests.functional.cli.conftest import Office
from tests.functional.cli.typing_person import Ran, TypingPerson


def found(ran: Ran) -> list[int]:
    assert ran.exit is Exit.DONE
    return [row["device"] for row in ran.json["rows"]]


@pytest.mark.parametrize(
    "written",
    ["+12025550101", "+1 202 555 0101", "(202) 555-0101", "202-555-0101", "202.555.0101", "12025550101", "5550101"],
)
def test_a_number_is_found_however_it_is_written(onhook: TypingPerson, office: Office, written: str) -> None:
    ran = onhook("find", written, "--json")

    assert found(ran) == [office.line.pk]


def test_part_of_a_number_lists_every_line_that_has_it_and_chooses_none(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("find", "555-010", "--json")

    assert found(ran) == [office.line.pk, office.second.pk, office.others_line.pk]


def test_part_of_a_number_within_a_company_leaves_out_the_others(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("find", "555-010", "--company", office.company.pk, "--json")

    assert found(ran) == [office.line.pk, office.second.pk]


def test_a_worker_is_found_by_part_of_the_name(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("find", "grace", "--json")

    assert found(ran) == [office.line.pk, office.others_line.pk]


def test_a_device_id_finds_its_row(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("find", office.second.pk, "--json")

    assert office.second.pk in found(ran)


@pytest.mark.parametrize("text", ["4712", "Invented Bakery", "invented"])
def test_a_company_by_coid_or_name_lists_its_lines(onhook: TypingPerson, office: Office, text: str) -> None:
    ran = onhook("find", text, "--json")

    assert found(ran) == [office.others_line.pk]


def test_a_coid_that_is_also_part_of_a_number_lists_both(onhook: TypingPerson, office: Office) -> None:
    with_the_digits = factories.device(office.company, line=4)
    Device.objects.filter(pk=with_the_digits.pk).update(number="+12025554712")

    ran = onhook("find", "4712", "--json")

    assert found(ran) == [with_the_digits.pk, office.others_line.pk]


def test_live_and_deleted_rows_of_one_number_are_told_apart(onhook: TypingPerson, office: Office) -> None:
    now = clock.now()
    Device.objects.filter(pk=office.line.pk).update(deleted_at=now)
    again = factories.device(office.company, line=1, worker="New Worker")

    ran = onhook("find", "+12025550101", "--json")
    words = onhook("find", "+12025550101")

    assert [(row["device"], row["deleted_at"]) for row in ran.json["rows"]] == [
        (again.pk, None),
        (office.line.pk, now.isoformat()),
    ]
    assert f"{now:%Y-%m-%d %H:%M:%S} UTC" in words.out


def test_the_rows_say_who_bills(onhook: TypingPerson, office: Office) -> None:
    Device.objects.filter(pk=office.second.pk).update(soc_code=factories.SHOP_SOC)

    ran = onhook("find", "example", "--company", office.company.pk, "--json")

    assert {row["device"]: row["channel"] for row in ran.json["rows"]} == {
        office.line.pk: "direct",
        office.second.pk: "shop",
    }


def test_more_rows_than_asked_for_are_announced(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("find", "555-010", "--most", "1", "--json")
    words = onhook("find", "555-010", "--most", "1")

    assert (len(ran.json["rows"]), ran.json["more"]) == (1, True)
    assert "There are more rows" in words.out


def test_nothing_found_is_not_an_empty_success(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("find", "nobody at all", "--json")

    assert ran.exit is Exit.NOT_FOUND
    assert ran.error == ("not_found", "Nothing fits 'nobody at all', neither live nor deleted.")


def test_a_customer_searches_their_own_company_only(onhook: TypingPerson, office: Office) -> None:
    everywhere = onhook("find", "555-010", by=office.admin)
    theirs = onhook("find", "555-010", "--company", office.company.pk, "--json")

    assert everywhere.exit is Exit.NOT_PERMITTED
    assert found(theirs) == [office.line.pk, office.second.pk]


def test_another_company_looks_like_one_that_is_not_there(onhook: TypingPerson, office: Office) -> None:
    existing = onhook("find", "555-010", "--company", office.other.pk, by=office.admin)
    missing = onhook("find", "555-010", "--company", 999, by=office.admin)

    assert (existing.exit, missing.exit) == (Exit.NOT_FOUND, Exit.NOT_FOUND)
    assert existing.err.replace(str(office.other.pk), "999") == missing.err


@pytest.mark.parametrize("text", ["99999999999999999999", "%", "_", "'; DROP TABLE devices_device; --", "+", "[bold]x"])
def test_odd_texts_find_nothing_and_break_nothing(onhook: TypingPerson, office: Office, text: str) -> None:
    ran = onhook("find", text, "--json")

    assert ran.exit is Exit.NOT_FOUND


def test_a_coid_beyond_all_coids_is_not_found(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("find", "x", "--company", "99999999999999999999")

    assert ran.exit is Exit.NOT_FOUND
