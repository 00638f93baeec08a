"""`onhook plan`: which lines are meant, who asks, and what is refused."""

from pathlib import Path

import pytest

from onhook import clock
from onhook.devices.models import Device
from onhook.operations.models import Plan
from onhook.surfaces.cli.exits import Exit
from tests import factories
from tests.functional.cli.conftest import Office
from tests.functional.cli.typing_person import Ran, TypingPerson

ASKED = ["--requester", "ada", "--reason", "lost", "--how-checked", "called_back", "--ticket", "T-1001"]


@pytest.fixture
def plan(onhook: TypingPerson, office: Office) -> "Planning":
    onhook.is_somebody(office.agent)
    return Planning(onhook, office)


class Planning:
    """Types `onhook plan` for the first company, as its admin's agent."""

    def __init__(self, onhook: TypingPerson, office: Office) -> None:
        self._onhook, self._office = onhook, office

    def __call__(self, *more: object, stdin: str | bytes = b"") -> Ran:
        return self._onhook("plan", "--company", self._office.company.pk, *ASKED, *more, stdin=stdin)


def devices_of(ran: Ran) -> list[int]:
    assert ran.exit is Exit.DONE
    return list(Plan.objects.get(pk=ran.json["plan"]).items.values_list("device_id", flat=True))


def refused(ran: Ran) -> tuple[Exit, str]:
    """Return how it ended and what it said, after making sure that no plan was made."""
    assert not Plan.objects.exists()
    return ran.exit, ran.error[1]


def test_a_plan_says_what_goes_what_stands_against_it_and_what_to_confirm(plan: Planning, office: Office) -> None:
    ran = plan("--line", "(202) 555-0101", "--json")
    made = Plan.objects.get(pk=ran.json["plan"])

    assert devices_of(ran) == [office.line.pk]
    assert (ran.json["plan_hash"], ran.json["is_confirmable"]) == (made.plan_hash, True)
    assert (made.requester, made.how_checked, made.reason, made.ticket_reference) == (
        office.admin,
        "called_back",
        "lost",
        "T-1001",
    )


def test_the_way_on_names_the_person_who_planned(
    plan: Planning, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = plan("--line", "(202) 555-0101")
    monkeypatch.delenv("ONHOOK_AS")
    named = plan("--line", "(202) 555-0102", "--as", office.agent.login)

    first, second = Plan.objects.order_by("created_at")
    assert f"onhook confirm {first.pk} (in a script with --hash)" in known.out
    assert f"onhook confirm {second.pk} --as 1/sam (in a script with --hash)" in named.out


def test_people_read_the_same(plan: Planning, office: Office) -> None:
    ran = plan("--line", "(202) 555-0101")
    made = Plan.objects.get()

    assert ran.exit is Exit.DONE
    for said in (str(made.pk), made.plan_hash, "+1 202-555-0101", "CKSWDirectAdv1515", "4711/ada may ask for this."):
        assert said in ran.out


def test_lines_come_from_options_and_devices_together(plan: Planning, office: Office) -> None:
    ran = plan("--line", "202-555-0101", "--device", office.second.pk, "--json")

    assert devices_of(ran) == [office.line.pk, office.second.pk]


def test_the_same_line_named_twice_goes_once(plan: Planning, office: Office) -> None:
    ran = plan("--line", "202-555-0101", "--device", office.line.pk, "--json")

    assert devices_of(ran) == [office.line.pk]


def test_lines_come_from_standard_input(plan: Planning, office: Office) -> None:
    ran = plan("--lines-file", "-", "--json", stdin="\ufeff(202) 555-0101\r\n\r\n  +1 202 555 0102\n")

    assert devices_of(ran) == [office.line.pk, office.second.pk]


def test_lines_come_from_a_file(plan: Planning, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("2025550101\n2025550102\n")

    ran = plan("--lines-file", file, "--json")

    assert devices_of(ran) == [office.line.pk, office.second.pk]


def test_many_lines_of_a_file_are_looked_up_at_once(
    plan: Planning, office: Office, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    numbers = [factories.device(office.company, line=line).number for line in range(10, 60)]

    with django_assert_max_num_queries(40):  # type: ignore[operator]
        ran = plan("--lines-file", "-", "--json", stdin="\n".join(numbers))

    assert len(devices_of(ran)) == 50


@pytest.mark.parametrize("data", [b"\xff\xfe1\x002\x00", b"202555\x000101\n"])
def test_a_file_that_is_not_text_is_refused(plan: Planning, data: bytes) -> None:
    ran = plan("--lines-file", "-", "--json", stdin=data)

    assert refused(ran) == (Exit.USAGE, "- is not text in UTF-8. No plan was made.")


def test_a_file_that_is_not_there_is_named(plan: Planning, tmp_path: Path) -> None:
    ran = plan("--lines-file", tmp_path / "no.txt", "--json")

    assert refused(ran) == (
        Exit.USAGE,
        f"{tmp_path / 'no.txt'} cannot be read: No such file or directory. No plan was made.",
    )


def test_no_line_at_all_is_refused(plan: Planning) -> None:
    ran = plan("--json")

    assert refused(ran) == (Exit.REFUSED, "No line was chosen. No plan was made.")


def test_part_of_a_number_that_fits_several_lists_them_and_chooses_none(plan: Planning, office: Office) -> None:
    ran = plan("--line", "555-010", "--json")

    assert refused(ran) == (
        Exit.NOT_FOUND,
        (
            "'555-010' is no whole number of Example Plumbing (COID 4711). It may mean "
            f"device {office.line.pk} (+1 202-555-0101), device {office.second.pk} (+1 202-555-0102). "
            "None was chosen and no plan was made; name one with --device."
        ),
    )


def test_what_is_no_whole_number_is_not_chosen_even_when_it_fits_one_line(plan: Planning) -> None:
    ran = plan("--line", "0101", "--json")

    assert refused(ran)[0] is Exit.NOT_FOUND
    assert "is no whole number" in refused(ran)[1]


def test_a_number_of_another_company_fits_no_line(plan: Planning, office: Office) -> None:
    theirs = plan("--line", office.others_line.number, "--json")
    nobodys = plan("--line", "+12025550199", "--json")

    assert refused(theirs) == (
        Exit.NOT_FOUND,
        "'+12025550103' fits no line of Example Plumbing (COID 4711). No plan was made.",
    )
    assert refused(nobodys)[1] == refused(theirs)[1].replace("0103", "0199")


def test_a_device_of_another_company_cannot_be_found(plan: Planning, office: Office) -> None:
    theirs = plan("--device", office.others_line.pk, "--json")
    nobodys = plan("--device", "99999999999999999999", "--json")

    assert refused(theirs) == (
        Exit.REFUSED,
        "1 of the chosen lines cannot be found in this company. No plan was made.",
    )
    assert refused(nobodys) == refused(theirs)


def test_a_deleted_number_is_not_taken_for_a_line_that_contains_its_digits(plan: Planning, office: Office) -> None:
    Device.objects.filter(pk=office.line.pk).update(deleted_at=clock.now())
    longer = factories.device(office.company, line=9)
    Device.objects.filter(pk=longer.pk).update(number="+442025550101")

    ran = plan("--line", "2025550101", "--json")

    assert devices_of(ran) == [office.line.pk]
    assert not ran.json["is_confirmable"]
    assert [found["code"] for found in ran.json["prechecks"] if found["level"] == "block"] == ["already_deleted"]


def test_a_number_that_lives_again_means_the_live_line(plan: Planning, office: Office) -> None:
    Device.objects.filter(pk=office.line.pk).update(deleted_at=clock.now())
    again = factories.device(office.company, line=1)

    ran = plan("--line", "2025550101", "--json")

    assert devices_of(ran) == [again.pk]


def test_a_national_number_is_not_read_where_the_company_states_no_region(plan: Planning, office: Office) -> None:
    office.company.region = ""
    office.company.save()
    Device.objects.filter(pk=office.second.pk).update(number="+442025550101")

    national = plan("--line", "(202) 555-0101", "--json")

    assert refused(national)[0] is Exit.NOT_FOUND
    assert "None was chosen" in refused(national)[1]


@pytest.mark.parametrize(
    ("requester", "code", "said"),
    [
        ("nobody", Exit.NOT_FOUND, "Nobody signs in as '4711/nobody'."),
        ("bea", Exit.NOT_FOUND, "Nobody signs in as '4711/bea'."),
    ],
)
def test_the_requester_is_a_person_of_the_company(
    onhook: TypingPerson, office: Office, requester: str, code: Exit, said: str
) -> None:
    asked = ["plan", "--company", 4711, "--line", "2025550101", "--requester", requester]
    ran = onhook(*asked, "--how-checked", "in_person", "--json", by=office.agent)

    assert refused(ran)[0] is code
    assert said in refused(ran)[1]


@pytest.mark.parametrize("said", [[], ["--how-checked", "signed_in"]])
def test_staff_say_how_they_made_sure_of_who_asks(onhook: TypingPerson, office: Office, said: list[str]) -> None:
    asked = ["plan", "--company", 4711, "--line", "2025550101", "--requester", "ada"]

    ran = onhook(*asked, *said, "--json", by=office.agent)

    assert refused(ran)[0] is Exit.USAGE
    assert "--how-checked with one of ticket_mail, called_back, in_person" in refused(ran)[1]
    assert not Plan.objects.exists()


def test_a_customer_who_signed_in_need_not_say_how_that_was_checked(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("plan", "--company", 4711, "--line", "2025550101", "--json", by=office.admin)

    assert ran.json["how_checked"] == "signed_in"


def test_staff_cannot_be_the_requester(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("plan", "--company", 4711, "--line", "2025550101", "--json", by=office.agent)

    assert refused(ran) == (Exit.REFUSED, "The requester is not a person of this company. No plan was made.")


def test_a_requester_without_the_role_makes_a_plan_that_cannot_be_confirmed(
    onhook: TypingPerson, office: Office
) -> None:
    asked = ["plan", "--company", 4711, "--line", "2025550101", "--requester", "vic", "--how-checked", "in_person"]
    ran = onhook(*asked, "--json", by=office.agent)
    words = onhook(*asked)

    assert not ran.json["is_confirmable"]
    assert "4711/vic is not an active Admin or Super User of this company." in words.out
    assert "This plan cannot be confirmed." in words.out


def test_an_admin_who_names_nobody_asks_for_themselves(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("plan", "--company", 4711, "--line", "2025550101", "--json", by=office.admin)

    assert (ran.exit, ran.json["requester"]) == (Exit.DONE, "4711/ada")


def test_a_viewer_may_not_plan(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("plan", "--company", 4711, "--line", "2025550101", "--requester", "ada", "--json", by=office.viewer)

    assert refused(ran) == (Exit.NOT_PERMITTED, "4711/vic may not plan deletions for this company. No plan was made.")


def test_a_company_of_somebody_else_looks_like_none(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("plan", "--company", 4711, "--line", "2025550101", "--json", by=office.other_admin)

    assert refused(ran) == (Exit.NOT_FOUND, "There is no company with COID 4711 that you may see.")


def test_the_same_key_gives_the_same_plan(plan: Planning) -> None:
    first = plan("--line", "2025550101", "--key", "one", "--json")
    second = plan("--line", "2025550101", "--key", "one", "--json")
    other = plan("--line", "2025550102", "--key", "one", "--json")

    assert first.json["plan"] == second.json["plan"]
    assert other.exit is Exit.REFUSED
    assert "already used for another request" in other.error[1]


@pytest.mark.parametrize(
    ("option", "value"), [("--reason", "bored"), ("--how-checked", "felt_right"), ("--device", "one")]
)
def test_values_outside_the_vocabulary_are_usage_errors(plan: Planning, option: str, value: str) -> None:
    ran = plan("--line", "2025550101", option, value, "--json")

    code, said = refused(ran)
    assert code is Exit.USAGE
    assert option in said


def test_a_long_plan_shows_its_beginning_and_counts_the_rest(plan: Planning, office: Office) -> None:
    numbers = [factories.device(office.company, line=line).number for line in range(10, 40)]

    ran = plan("--lines-file", "-", stdin="\n".join(numbers))

    assert "Delete 30 lines" in ran.out
    assert "and 10 more lines" in ran.out
