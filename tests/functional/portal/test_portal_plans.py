"""What the pages say of a plan: the lines it has, how it stands, and what may be done with it then."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.test import Client

from onhook import clock
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.operations import handing_over
from onhook.operations.models import Plan
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.portal.conftest import make_lines
from tests.functional.portal.test_portal_people import fresh
from tests.world import World

FACES = pytest.mark.parametrize("face", ["portal", "console"])
HOMES = {"portal": "/companies/4711", "console": "/csu/companies/4711"}


def shown_to(user: User, address: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def shown_on(world: World, face: str, plan: Plan, query: str = "") -> str:
    """Return the plan's page as the company's Admin, or as support, sees it."""
    return shown_to(world.admin if face == "portal" else world.agent, f"{HOMES[face]}/plans/{plan.pk}/{query}")


def delete(*lines: Device) -> None:
    Device.objects.filter(pk__in=[line.pk for line in lines]).update(deleted_at=clock.now())


def heading(text: str) -> str:
    return re.findall(r"<h1>(.*?)</h1>", text)[0]


def filled_buttons(text: str) -> list[str]:
    return re.findall(r'data-kind="(?:primary|danger)"', text)


@FACES
@pytest.mark.parametrize(("count", "said"), [(1, "This line is gone already"), (3, "These lines are gone already")])
def test_a_plan_whose_lines_are_gone_says_so_and_offers_nothing(world: World, face: str, count: int, said: str) -> None:
    lines = make_lines(world, count)
    plan = world.plan(lines)
    delete(*lines)

    shown = shown_on(world, face, plan)

    assert heading(shown) == said
    assert "There is nothing left to confirm." in shown
    assert filled_buttons(shown) == []
    assert "Confirm until" not in shown


@FACES
def test_a_plan_that_lost_some_of_its_lines_names_them_and_can_be_made_again(world: World, face: str) -> None:
    gone, *others = make_lines(world, 3)
    plan = world.plan([gone, *others])
    delete(gone)

    shown = shown_on(world, face, plan)

    assert heading(shown) == "1 of these lines is gone already"
    assert obstacles(shown) == ["555-0101"]
    assert len(filled_buttons(shown)) == 1
    assert "Make the plan again" in shown


def test_a_plan_that_nothing_can_come_of_is_not_listed_and_not_counted(world: World) -> None:
    lines = make_lines(world, 2)
    for line in lines:
        world.plan([line], by=world.agent)
    world.plan(lines[1:])
    address = "/companies/4711/operations/"
    before = shown_to(world.admin, address)

    delete(lines[1])

    after = shown_to(world.admin, address)
    assert [len(re.findall(">Read the plan<", shown)) for shown in (before, after)] == [3, 1]
    assert [re.findall(r'class="count"[^>]*>(\d+)', shown) for shown in (before, after)] == [["2"], ["1"]]


@FACES
def test_a_plan_that_is_stopped_is_headed_so_and_has_no_time_to_confirm_it(world: World, face: str) -> None:
    lines = make_lines(world, 3)
    Device.objects.filter(pk=lines[0].pk).update(held_at=clock.now(), hold_reason="Number is being ported out")

    stopped, open_one = (shown_on(world, face, world.plan(some)) for some in (lines, lines[1:]))

    assert heading(stopped) == "This plan is stopped"
    assert heading(open_one).startswith("Delete 2 lines")
    assert ["Confirm until" in shown for shown in (stopped, open_one)] == [False, True]


@FACES
def test_a_plan_with_a_line_put_on_hold_since_says_so_and_can_be_made_again(world: World, face: str) -> None:
    lines = make_lines(world, 3)
    plan = world.plan(lines)
    Device.objects.filter(pk=lines[0].pk).update(held_at=clock.now(), hold_reason="Number is being ported out")

    shown = shown_on(world, face, plan)

    assert heading(shown) == "Facts changed since this plan was made"
    assert "1 line was put on hold. Nothing was deleted." in shown
    assert obstacles(shown) == ["555-0101"]
    assert "Make the plan again" in shown
    assert "to confirm</label>" not in shown


@FACES
@pytest.mark.parametrize(
    ("count", "said"), [(1, "This line is being deleted already"), (3, "1 of these lines is being deleted already")]
)
def test_a_plan_with_a_line_that_another_operation_deletes_says_so(
    world: World, face: str, count: int, said: str
) -> None:
    lines = make_lines(world, count)
    plan = world.plan(lines)
    operation = world.start(lines[0])

    shown = shown_on(world, face, plan)

    assert heading(shown) == said
    assert obstacles(shown) == ["555-0101"]
    assert f'href="{HOMES[face]}/operations/{operation.pk}/"' in shown
    assert len(filled_buttons(shown)) == (count > 1)
    assert ("Plan the other 2 lines" in shown) == (count > 1)


def obstacles(shown: str) -> list[str]:
    """Return the numbers of the lines in the way."""
    section = shown[shown.index("<h2>In the way</h2>") : shown.index("<h2>Lines of this plan</h2>")]
    return re.findall(r"555-01\d\d", section)


@FACES
def test_a_plan_that_expired_is_headed_so(world: World, face: str) -> None:
    plan = world.plan(make_lines(world, 2))
    Plan.objects.filter(pk=plan.pk).update(expires_at=plan.created_at)

    shown = shown_on(world, face, plan)

    assert heading(shown) == "This plan is too old"
    assert "Make the plan again" in shown


@FACES
def test_each_page_of_a_large_plan_says_which_of_its_lines_it_shows(world: World, face: str) -> None:
    plan = world.plan(make_lines(world, 230))

    said = [
        re.findall(r"<span>(\d+ to \d+ of 230 lines)</span>", shown_on(world, face, plan, f"?after={after}"))
        for after in (0, 100, 200, 230)
    ]

    assert said == [[f"{pages} of 230 lines"] for pages in ("1 to 100", "101 to 200", "201 to 230", "1 to 100")]


def test_every_line_of_a_large_plan_can_be_read_before_it_is_confirmed(world: World) -> None:
    lines = make_lines(world, 230)
    plan = world.plan(lines)
    seen: list[tuple[str, str, str]] = []
    query = ""

    while True:
        shown = shown_on(world, "portal", plan, query)
        every = shown[shown.index('<ol class="list"') : shown.index("</ol>", shown.index('<ol class="list"'))]
        seen += re.findall(r'href="([^"]+)">([^<]+)</a><small>(.*?) · .*?</small>.*?Billed directly</span>', every)
        following = re.search(r'href="(\?after=\d+)#lines" rel="next"', shown)
        if not following:
            break
        query = following.group(1)

    assert seen == [
        (f"/companies/4711/devices/{line.pk}/", numbers.display(line.number), line.worker)
        for line in sorted(lines, key=lambda line: line.pk)
    ]


@pytest.mark.parametrize("after", ["-1", "x", "230", "99999999999999", "²"])
def test_a_page_of_a_plan_that_is_none_is_harmless(world: World, after: str) -> None:
    plan = world.plan(make_lines(world, 7))

    assert "Delete 7 lines?" in shown_on(world, "portal", plan, f"?after={after}")


def finding_of(text: str, words: str) -> str:
    """Return the words of the finding that begins so."""
    told = [
        " ".join(re.sub(r"<[^>]*>", " ", one).split()) for one in re.findall(r"<li data-tone.*?</li>", text, re.DOTALL)
    ]
    (one,) = [one for one in told if words in one]
    return one


@FACES
def test_a_warning_names_the_lines_it_is_about(world: World, face: str) -> None:
    lines = make_lines(world, 4)
    Device.objects.filter(pk__in=[line.pk for line in lines[:2]]).update(last_seen_at=None)
    Device.objects.filter(pk=lines[2].pk).update(last_seen_at=clock.now(), worker="")
    Device.objects.filter(pk=lines[3].pk).update(last_seen_at=clock.now())

    shown = shown_on(world, face, world.plan(lines))

    said = finding_of(shown, "2 lines were used in the last day.")
    assert f"+1 202-555-0103 , +1 202-555-0104 ({lines[3].worker})" in said
    assert f'<a class="nowrap" href="{HOMES[face]}/devices/{lines[2].pk}/">+1 202-555-0103</a>' in shown


def test_a_warning_about_many_lines_names_the_first_and_counts_the_others(world: World) -> None:
    plan = world.plan([world.line(line, soc_code=factories.UNKNOWN_SOC) for line in range(1, 8)])

    said = finding_of(shown_on(world, "portal", plan), "It is not known yet who sends the bill.")

    assert re.findall(r"555-01\d\d", said) == [f"555-010{line}" for line in range(1, 6)]
    assert "and 2 lines more" in said


def test_a_warning_of_a_plan_of_one_line_names_none(world: World) -> None:
    plan = world.plan([world.line(1, soc_code=factories.UNKNOWN_SOC)])

    assert "555" not in finding_of(shown_on(world, "portal", plan), "It is not known yet")


def test_a_plan_of_an_earlier_version_warns_without_names(world: World) -> None:
    plan = world.plan([world.line(line, soc_code=factories.UNKNOWN_SOC) for line in (1, 2)])
    for check in plan.prechecks:
        del check["devices"], check["count"]
    plan.save(update_fields=["prechecks"])

    assert "555" not in finding_of(shown_on(world, "portal", plan), "It is not known yet")


def acting(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_plan_that_is_declined_tells_its_maker_on_its_page_and_by_mail(world: World) -> None:
    manager = factories.user(world.company, username="mia", role=Role.MANAGER)
    plan = world.plan(make_lines(world, 2), by=manager)
    address = f"/companies/4711/plans/{plan.pk}/"
    assert "Decline the plan" in shown_to(world.admin, address)
    assert "Decline the plan" not in shown_to(manager, address)

    with world.receiving_mail():
        answer = acting(world.admin).post(f"{address}decline/", {"words": "Both are needed."}, follow=True)
        (message,) = mails(world)

    assert f"{manager.full_name} is told by mail." in answer.content.decode()
    told = shown_to(manager, address)
    assert heading(told) == "This plan was declined"
    assert f"{world.admin.full_name} declined it." in told
    assert "“Both are needed”. Nothing was deleted." in told
    assert filled_buttons(told) == []
    assert message["to"] == [manager.email]
    assert "declined your plan to delete 2 phone lines: Both are needed." in message["text"]
    assert address in message["text"]


def test_support_whose_plan_is_declined_is_led_to_the_console(world: World) -> None:
    plan = world.plan([world.line(1)], by=world.agent)

    with world.receiving_mail():
        acting(world.admin).post(f"/companies/4711/plans/{plan.pk}/decline/", {"words": "It is needed."})
        (message,) = mails(world)

    assert message["to"] == [world.agent.email]
    assert f"http://testserver/csu/companies/4711/plans/{plan.pk}/" in message["text"].split()
    assert heading(shown_to(world.agent, f"/csu/companies/4711/plans/{plan.pk}/")) == "This plan was declined"


def mails(world: World) -> list[dict[str, Any]]:
    """Return the mails, once the one that goes beside the request is there."""
    for thread in threading.enumerate():
        if thread.name == "letter":
            thread.join()
    return world.messages()


@pytest.mark.parametrize("words", [" ", "...", "They keep it \u202e"])
def test_a_plan_is_not_declined_without_a_word_and_what_was_written_stays(world: World, words: str) -> None:
    plan = world.plan(make_lines(world, 1), by=factories.user(world.company, username="mia", role=Role.MANAGER))
    address = f"/companies/4711/plans/{plan.pk}/"

    answer = acting(world.admin).post(f"{address}decline/", {"words": words})

    assert answer.status_code == 422
    field = re.findall(r'<input id="words".*?</p>', answer.content.decode())[0]
    assert 'aria-invalid="true"' in field
    assert f'value="{words}"' in field
    assert "Nothing was changed." in field
    assert heading(shown_to(world.admin, address)) == "Delete 1 line?"


@FACES
@pytest.mark.parametrize("end", ["declined", "withdrawn"])
def test_a_plan_that_a_person_ended_says_nothing_of_what_stopped_it_and_leads_nowhere(
    world: World, face: str, end: str
) -> None:
    lines = make_lines(world, 3)
    Device.objects.filter(pk=lines[0].pk).update(held_at=clock.now(), hold_reason="Number is being ported out")
    plan = world.plan(lines)
    assert "In the way" in shown_on(world, face, plan)

    Plan.objects.filter(pk=plan.pk).update(state=end, void_reason="They keep them" if end == "declined" else "")
    shown = shown_on(world, face, plan)

    assert heading(shown) == f"This plan was {end}"
    assert filled_buttons(shown) == []
    for gone in ("In the way", "Look at this first", "Plan the other", "Make the plan again"):
        assert gone not in shown
    maker = world.admin if face == "portal" else world.agent
    answer = acting(maker).post(f"{HOMES[face]}/plans/{plan.pk}/again/", {"lines": "able"}, follow=True)
    assert "No plan was made; tick the lines anew" in answer.content.decode()
    assert Plan.objects.count() == 1


@FACES
def test_whoever_made_a_plan_withdraws_it(world: World, face: str) -> None:
    maker = world.agent if face == "console" else factories.user(world.company, username="mia", role=Role.MANAGER)
    plan = world.plan(make_lines(world, 1), by=maker)
    address = f"{HOMES[face]}/plans/{plan.pk}/"
    assert "Withdraw the plan" in shown_to(maker, address)
    assert "Withdraw the plan" not in shown_to(world.admin, f"/companies/4711/plans/{plan.pk}/")

    answer = acting(maker).post(f"{address}withdraw/", follow=True)

    assert "The plan is withdrawn. Nothing was deleted." in answer.content.decode()
    assert heading(answer.content.decode()) == "This plan was withdrawn"
    assert "told by mail" not in answer.content.decode()
    assert "Read the plan" not in shown_to(world.admin, "/companies/4711/operations/")


@FACES
def test_whoever_was_sent_a_plan_is_told_that_it_was_withdrawn(world: World, face: str) -> None:
    maker = world.agent if face == "console" else factories.user(world.company, username="mia", role=Role.MANAGER)
    plan = world.plan(make_lines(world, 2), by=maker)
    handing_over.send(plan=plan, actor=factories.actor(maker), now=clock.now())

    with world.receiving_mail(WEB_URL="https://phones.example"):
        answer = acting(maker).post(f"{HOMES[face]}/plans/{plan.pk}/withdraw/", follow=True)
        (message,) = mails(world)

    assert f"{world.admin.full_name} is told by mail." in answer.content.decode()
    assert message["to"] == [world.admin.email]
    assert f"{maker.full_name} withdrew the plan to delete 2 phone lines" in message["text"]
    assert f"https://phones.example/companies/4711/plans/{plan.pk}/" in message["text"]


@pytest.mark.parametrize(("act", "said"), [("confirm", {"typed": "9"}), ("decline", {"words": " "})])
def test_a_form_of_a_plan_that_was_confirmed_meanwhile_leads_to_its_operation(
    world: World, act: str, said: dict[str, str]
) -> None:
    plan = world.plan(make_lines(world, 2), by=factories.user(world.company, username="mia", role=Role.MANAGER))
    operation = world.confirm(plan)
    client = fresh(world.admin)

    answer = client.post(f"/companies/4711/plans/{plan.pk}/{act}/", said)

    assert answer.status_code == 302
    assert answer["Location"] == f"/companies/4711/operations/{operation.pk}/"
