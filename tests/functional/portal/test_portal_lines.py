"""What the pages say of lines: in the list, and in the plan that deletes them."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client

from onhook import clock
from onhook.audit import trail
from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.devices import numbers
from onhook.devices.models import Device
from onhook.devices.wanted import Wanted
from onhook.operations import rights
from onhook.operations.models import Operation, Plan
from onhook.surfaces.web.line_lists import mark
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.portal.conftest import make_lines
from tests.world import World


def page(user: User, path: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/companies/4711/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def row_of(text: str, number: str) -> str:
    """Return the words of the row that begins with a number."""
    (row,) = [row for row in re.findall(r"<tr role=\"row\">.*?</tr>", text, re.DOTALL) if number in row]
    return " ".join(re.sub(r"<[^>]*>", " ", row).split())


def test_a_line_under_deletion_says_so_and_cannot_be_picked(world: World) -> None:
    lines = make_lines(world, 2)
    world.start(lines[0])

    listed = page(world.admin, "devices/")

    assert "Being deleted" in row_of(listed, "+1 202-555-0101")
    assert "Active" in row_of(listed, "+1 202-555-0102")
    assert re.findall(r'name="device" value="(\d+)"', listed) == [str(lines[1].pk)]


def test_a_pick_that_cannot_be_deleted_any_more_is_dropped_and_that_is_said(world: World) -> None:
    lines = make_lines(world, 6)
    world.start(lines[0])
    Device.objects.filter(pk=lines[1].pk).update(held_at=clock.now(), hold_reason="Under investigation.")
    Device.objects.filter(pk=lines[2].pk).update(deleted_at=clock.now())
    theirs = factories.device(factories.company(coid=4799), line=99)
    query = "&".join(f"device={line.pk}" for line in (*lines[:4], theirs))

    listed = page(world.admin, f"devices/?{query}")

    assert re.findall(r'name="device" value="(\d+)"[^>]* checked', listed) == [str(lines[3].pk)]
    assert "4 lines that you had selected cannot be selected any more" in listed
    assert "555-0199" not in listed


def test_more_picks_than_an_address_holds_are_left_out_and_that_is_said(world: World) -> None:
    lines = make_lines(world, 303)
    query = "&".join(f"device={line.pk}" for line in lines)

    listed = page(world.admin, f"devices/?q=Nobody&{query}")

    assert len(re.findall(r'name="device" value="\d+"[^>]* checked', listed)) == 300
    assert "3 lines beyond the first 300 are not selected" in listed


@pytest.mark.parametrize("face", ["portal", "console"])
def test_a_pasted_list_of_numbers_shows_their_lines_and_says_which_no_line_has(world: World, face: str) -> None:
    lines = make_lines(world, 40)
    written = [numbers.display(line.number) for line in lines[5:25]]
    client = Client()
    client.force_login(world.admin if face == "portal" else world.agent)
    home, name = ("/companies", "q") if face == "portal" else ("/csu/companies", "text")

    answer = client.get(f"{home}/4711/devices/", {name: ", ".join([*written, "+1 202-555-0199"])})

    shown = answer.content.decode()
    assert [number for number in written if number not in shown[shown.index("<tbody") :]] == []
    assert len(re.findall(r'<tr role="row">', shown)) == 21
    assert "deleted lines: +1 202-555-0199. In a list each" in re.sub(r"<[^>]*>", "", shown)


def test_whoever_may_not_plan_picks_nothing(world: World) -> None:
    viewer = factories.user(world.company, username="vic", role=Role.VIEWER)
    (line,) = make_lines(world, 1)

    assert 'name="device"' not in page(viewer, f"devices/?device={line.pk}")


def test_all_that_fits_leaves_out_what_is_being_deleted_already(world: World) -> None:
    lines = make_lines(world, 4)
    world.start(lines[0])

    assert "Delete 3 lines?" in page(world.admin, f"deletions/new/?all={mark(Wanted())}")


def test_all_that_fits_leaves_what_is_ticked_beside_it_as_it_is(world: World) -> None:
    lines = make_lines(world, 12)
    beside = f"device={lines[1].pk}&device={lines[2].pk}"
    all_of = mark(Wanted(text="5550111"))

    asked = page(world.admin, f"deletions/new/?q=5550111&all={all_of}&device={lines[10].pk}&{beside}")

    assert "Delete 1 line?" in asked
    assert "2 lines more that you had selected do not fit this search and stay as they are." in asked
    (back,) = re.findall(r'href="([^"]*)">Keep it', asked)
    assert html.unescape(back) == f"/companies/4711/devices/?q=5550111&{beside}"


def test_all_that_fits_are_the_lines_that_the_form_showed(world: World) -> None:
    make_lines(world, 3)
    client, address = Client(), f"/companies/4711/deletions/new/?all={mark(Wanted())}"
    client.force_login(world.admin)
    shown = marked(client.get(address).content.decode())
    added = world.line(50)
    said = {"reason": "lost", "note": "Box of old phones"}

    answers = [client.post(address, {**said, "lines": lines}) for lines in (shown, "", "zz")]

    for answer in answers:
        text = answer.content.decode()
        assert answer.status_code == 409
        assert "4 lines fit at this moment" in text
        assert "Nothing was planned." in text
        assert "Box of old phones</textarea>" in text
    assert not Plan.objects.exists()
    client.post(address, {**said, "lines": marked(text)})
    assert Plan.objects.get().items.filter(device=added).exists()


def marked(form: str) -> str:
    (said,) = re.findall(r'name="lines" value="(\w+)"', form)
    return said


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (f"q=Grace&all={mark(Wanted(text='Grac'))}", "The search was changed after its lines were shown."),
        ("all=1", "The search was changed after its lines were shown."),
        (f"q=Nobody&all={mark(Wanted(text='Nobody'))}", "No line that fits the search can go now."),
    ],
)
def test_what_cannot_be_planned_leads_back_to_the_same_list(world: World, query: str, words: str) -> None:
    (line,) = make_lines(world, 1)
    client = Client()
    client.force_login(world.admin)

    answer = client.get(f"/companies/4711/deletions/new/?{query}&device={line.pk}", follow=True)

    shown = answer.content.decode()
    assert words in shown
    assert "Nothing was planned." in shown
    ((address, _),) = answer.redirect_chain
    assert address.endswith(f"device={line.pk}")
    assert ("q=Grace" in address) is ("q=Grace" in query)


def test_no_form_is_about_fewer_lines_than_an_address_names(world: World) -> None:
    (line,) = make_lines(world, 1)
    client = Client()
    client.force_login(world.admin)

    answers = [
        client.get(f"/companies/4711/deletions/new/?device={line.pk}{others}").status_code
        for others in ("", "&device=99999999", "&device=x")
    ]

    assert answers == [200, 404, 404]


def test_an_empty_search_says_under_which_tab_it_finds_something(world: World) -> None:
    lines = make_lines(world, 3)
    Device.objects.filter(pk=lines[2].pk).update(deleted_at=factories.ACTIVATED)

    under_active = page(world.admin, "devices/?q=5550103")
    nowhere = page(world.admin, "devices/?q=5550199")

    assert "The same search finds 1 under Deleted." in under_active
    assert '?tab=deleted&amp;q=5550103">Look under Deleted' in under_active
    assert "No other tab has one either: write less of the number or name" in nowhere
    assert '/companies/4711/devices/">Show all lines' in nowhere


def test_a_page_of_another_search_begins_that_search(world: World) -> None:
    make_lines(world, 60)
    client = Client()
    client.force_login(world.admin)
    (after,) = re.findall(r'name="after" value="([^"]*)"', page(world.admin, "devices/"))

    of_this, of_another = (
        client.get("/companies/4711/devices/", {"after": after} | search) for search in ({}, {"q": "5550101"})
    )

    assert row_of(of_this.content.decode(), "+1 202-555-0151")
    assert (of_another.status_code, of_another.headers["Location"]) == (302, "/companies/4711/devices/?q=5550101")


def test_a_later_page_whose_lines_have_left_leads_to_the_first_one(world: World) -> None:
    lines = make_lines(world, 60)
    (after,) = re.findall(r'name="after" value="([^"]*)"', page(world.admin, "devices/"))
    Device.objects.filter(pk__in=[line.pk for line in lines[50:]]).update(held_at=clock.now(), hold_reason="Kept.")

    shown = page(world.admin, f"devices/?{urlencode({'after': after})}")

    assert "No more lines here" in shown
    assert "First</button>" in shown


@pytest.mark.parametrize(
    "path",
    [
        "devices/?after=1:%00",
        "devices/?after=99999999999999999999:x",
        "devices/?sort=seen&after=1:yesterday",
        "devices/?q=%00",
        "devices/?q=a%00bc",
        "devices/?tab=deleted&q=a%00bcd",
        f"deletions/new/?all={mark(Wanted(text='abc'))}&q=%00abc",
        "activity/?before=99999999999999999999",
        "operations/?before=2026-13-01",
        "operations/?before=2026-01-01",
    ],
)
def test_an_address_that_nobody_made_shows_the_list_from_its_beginning(world: World, path: str) -> None:
    client = Client()
    client.force_login(world.admin)

    assert client.get(f"/companies/4711/{path}", follow=True).status_code == 200


def test_a_line_on_hold_says_why(world: World) -> None:
    (line,) = make_lines(world, 1)
    Device.objects.filter(pk=line.pk).update(held_at=clock.now(), hold_reason="Number is being ported out")

    assert "Number is being ported out" in row_of(page(world.admin, "devices/?tab=held"), "+1 202-555-0101")


def test_a_deleted_line_says_when_by_whom_and_in_which_operation(world: World) -> None:
    lines = make_lines(world, 2)
    operation = world.start(lines[0])
    world.work()
    Device.objects.filter(pk=lines[1].pk).update(deleted_at=factories.ACTIVATED)

    listed = page(world.admin, "devices/?tab=deleted")

    assert "Ada Example" in row_of(listed, "+1 202-555-0101")
    assert f"/companies/4711/operations/{operation.pk}/" in listed
    assert "Not on record" in row_of(listed, "+1 202-555-0102")
    assert listed.count('data-label="Confirmed by"') == 1
    assert row_of(page(world.admin, f"devices/?tab=deleted&q={lines[0].number}"), "+1 202-555-0101")


@pytest.mark.parametrize(
    ("query", "head", "direction"),
    [("", "Line", "ascending"), ("sort=worker", "Worker", "ascending"), ("sort=seen", "Last used", "descending")],
)
def test_the_head_of_a_column_tells_the_order_and_leads_to_it(
    world: World, query: str, head: str, direction: str
) -> None:
    make_lines(world, 3)

    listed = page(world.admin, f"devices/?{query}")

    assert re.findall(r'aria-sort="(\w+)"><span>([\w ]+)', listed) == [(direction, head)]
    assert len(re.findall(r'role="columnheader"><a href', listed)) == 2


def test_a_plan_lowers_the_bill_of_each_channel_by_its_own_lines(world: World) -> None:
    lines = [world.line(number, soc_code=factories.SHOP_SOC) for number in (1, 2, 3)]
    lines += [world.line(number, soc_code=factories.DIRECT_SOC) for number in (4, 5)]
    plan = world.plan(lines)
    Plan.objects.filter(pk=plan.pk).update(
        preview={"state": "known", "lines": 14, "lines_in_use": 10, "paid_lines": 10}
    )

    shown = page(world.admin, f"plans/{plan.pk}/")

    assert "Delete 5 lines?" in shown
    assert "<dt>Afterwards</dt><dd>7</dd>" in shown
    assert "decrease by 3." in shown
    assert "The bill (2 lines, billed directly):" in shown


def test_a_form_that_is_sent_twice_makes_one_plan(world: World) -> None:
    (line,) = make_lines(world, 1)
    client = Client()
    client.force_login(world.admin)
    address = f"/companies/4711/deletions/new/?device={line.pk}"
    key = re.findall(r'name="key" value="(\w+)"', client.get(address).content.decode())[0]

    sent = [client.post(address, {"reason": "lost", "key": each}).headers["Location"] for each in (key, key, "a\0b")]

    assert sent[0] == sent[1] != sent[2]
    assert Plan.objects.count() == 2


def test_the_page_of_an_operation_counts_its_lines_in_its_words(world: World) -> None:
    lines = make_lines(world, 3)

    one, two = (page(world.admin, f"operations/{world.start(*some).pk}/") for some in (lines[:1], lines[1:]))

    assert "Rights and line are checked once more." in one
    assert "Rights and lines are checked once more." in two


def test_a_lines_page_says_once_who_bills_it(world: World) -> None:
    shown = page(world.admin, f"devices/{world.line(1).pk}/")

    assert shown.count("illed directly") == 2
    assert "The line is billed directly; the bill follows by itself" in shown


def test_staff_note_the_ticket_and_customers_are_not_asked_for_one(world: World) -> None:
    (line,) = make_lines(world, 1)
    address = f"/companies/4711/deletions/new/?device={line.pk}"
    asked = {"requester": world.admin.pk, "how_checked": "called_back", "reason": "lost"}
    agent, admin = Client(), Client()
    agent.force_login(world.agent)
    admin.force_login(world.admin)

    refused = agent.post(address, asked)

    assert "Note the ticket that asks for this." in refused.content.decode()
    assert not Plan.objects.exists()
    assert agent.post(address, {**asked, "ticket_reference": "T-2001"}).status_code == 302
    assert admin.post(address, {"reason": "lost"}).status_code == 302
    assert list(Plan.objects.order_by("created_at").values_list("ticket_reference", flat=True)) == ["T-2001", ""]


def test_the_activity_leads_from_a_deletion_to_its_operation(world: World) -> None:
    operation = world.start(*make_lines(world, 1))
    world.work()

    told = page(world.admin, "activity/?kind=deletions")

    assert told.count(f'href="/companies/4711/operations/{operation.pk}/"') == 2


def _told(world: World, kind: str = "sign-in") -> str:
    """Return the words of the activity of one kind."""
    return " ".join(re.sub(r"<[^>]*>", " ", page(world.admin, f"activity/?kind={kind}")).split())


def test_the_activity_names_the_line_of_an_operation_that_has_one(world: World) -> None:
    world.start(*make_lines(world, 1))
    world.work()

    told = _told(world, "deletions")

    assert told.count("Line deleted in the device portal") == 1
    assert told.count("+1 202-555-0101") == 1
    assert "Read back: deleted" in (whole := _told(world, ""))
    assert "CSU" not in whole


def test_the_activity_tells_the_lines_of_one_operation_once_and_leads_to_it(world: World) -> None:
    operations = [world.start(*lines) for lines in (make_lines(world, 63)[:60], Device.objects.order_by("-pk")[:3])]
    world.work()

    told, shown = _told(world, "deletions"), page(world.admin, "activity/?kind=deletions")

    assert re.findall(r"Deleted \d+ lines", told) == ["Deleted 3 lines", "Deleted 60 lines"]
    assert "555-01" not in told
    for operation in operations:
        assert shown.count(f'href="/companies/4711/operations/{operation.pk}/"') == 3


def test_pages_of_the_activity_lose_and_repeat_nothing_around_a_large_deletion(world: World) -> None:
    world.start(*make_lines(world, 120))
    world.work()
    entry = trail.Entry(tag=Tag.DATA_EXPORTED, subject="company:4711")
    with transaction.atomic():
        trail.record(company_id=4711, actor=factories.actor(world.admin), entries=[entry] * 70)
    client, address, pages = Client(), "/companies/4711/activity/", []
    client.force_login(world.admin)

    while address:
        answer = client.get(address)
        pages.append([entry.sentence for day in answer.context["days"] for entry in day.entries])
        address = answer.context["next_url"]

    every = [sentence for told in pages for sentence in told]
    assert [len(told) for told in pages[:-1]] == [50] * (len(pages) - 1)
    assert every.count("Deleted 120 lines") == 1
    events = AuditEvent.objects.filter(company=world.company)
    assert len(every) == events.exclude(subject__startswith="device:").count() + 1


@pytest.mark.parametrize(
    ("role", "is_suspended", "said"),
    [
        (Role.MANAGER, True, "by 4711/ada, 4711/mia, suspended "),
        (Role.MANAGER, False, "by 4711/ada, 4711/mia "),
        (Role.VIEWER, False, "by 4711/ada, 4711/mia, role Viewer "),
        (Role.VIEWER, True, "by 4711/ada, 4711/mia, role Viewer, suspended "),
    ],
)
def test_the_activity_says_what_of_somebodys_rights_changed(
    world: World, role: Role, is_suspended: bool, said: str
) -> None:
    mia = factories.user(world.company, username="mia", role=Role.MANAGER)

    rights.change(user=mia, actor=factories.actor(world.admin), role=role, is_suspended=is_suspended)

    assert said in _told(world)


def test_the_activity_says_who_may_sign_in_again_and_a_new_persons_role(world: World) -> None:
    actor = factories.actor(world.admin)
    mia = rights.add(
        company=world.company, actor=actor, username="mia", full_name="Mia Example", email="", role=Role.MANAGER
    )
    assert "4711/mia, role Manager " in _told(world)
    for is_suspended in (True, False):
        rights.change(user=mia, actor=actor, role=Role.MANAGER, is_suspended=is_suspended)

    assert "4711/mia, no longer suspended " in _told(world)


def test_a_customers_plan_says_what_an_unknown_code_means_for_them(world: World) -> None:
    plan = world.plan([world.line(1, soc_code=factories.UNKNOWN_SOC)])

    shown = page(world.admin, f"plans/{plan.pk}/")

    assert "It is not known yet who sends the bill." in shown
    assert factories.UNKNOWN_SOC not in shown
    assert "Nothing is deleted until support has decided who bills it; then the number is cancelled" in shown
    assert shown.count("within seconds") == 1


def test_a_plan_of_known_codes_says_that_the_numbers_go_within_seconds(world: World) -> None:
    shown = page(world.admin, f"plans/{world.plan(make_lines(world, 2)).pk}/")

    assert "The numbers are cancelled within seconds" in shown
    assert "until support has decided" not in shown


def test_a_plan_that_cannot_be_confirmed_says_nothing_of_what_happens(world: World) -> None:
    lines = make_lines(world, 2)
    Device.objects.filter(pk=lines[0].pk).update(held_at=clock.now(), hold_reason="Number is being ported out")

    blocked = page(world.admin, f"plans/{world.plan(lines).pk}/")
    fitting = page(world.admin, f"plans/{world.plan(lines[1:]).pk}/")

    assert "This plan cannot be confirmed." in blocked
    assert [("<strong>Stops:</strong>" in shown, "What happens" in shown) for shown in (blocked, fitting)] == [
        (False, False),
        (True, True),
    ]


@pytest.mark.parametrize("face", ["portal", "console"])
def test_a_plan_that_is_stopped_names_the_lines_in_the_way_and_leads_to_a_plan_of_the_others(
    world: World, face: str
) -> None:
    going, held, gone, *others = make_lines(world, 5)
    operation = world.start(going)
    Device.objects.filter(pk=held.pk).update(held_at=clock.now(), hold_reason="Under investigation.")
    Device.objects.filter(pk=gone.pk).update(deleted_at=clock.now())
    plan = world.plan([going, held, gone, *others])
    client = Client()
    client.force_login(world.admin if face == "portal" else world.agent)
    home = "/companies/4711" if face == "portal" else "/csu/companies/4711"

    shown = client.get(f"{home}/plans/{plan.pk}/").content.decode()

    in_the_way = shown[shown.index("<h2>In the way</h2>") : shown.index("<h2>Lines of this plan</h2>")]
    for word in ("0101", "Being deleted", "0102", "Under investigation.", "On hold", "0103", "Deleted"):
        assert word in in_the_way
    assert f'href="{home}/operations/{operation.pk}/"' in in_the_way
    assert "0104" not in in_the_way
    assert "Plan the other 2 lines" in shown
    (said,) = re.findall(r'name="lines" value="(\w+)"', shown)
    client.post(f"{home}/plans/{plan.pk}/again/", {"lines": said})
    anew = Plan.objects.exclude(pk__in=[plan.pk, operation.plan_id]).get()
    assert sorted(anew.items.values_list("device_id", flat=True)) == sorted(line.pk for line in others)
    assert (anew.requester, anew.reason, anew.blocks) == (plan.requester, plan.reason, [])


def test_a_stopped_plan_whose_obstacle_is_gone_is_made_again(world: World) -> None:
    lines = make_lines(world, 2)
    Device.objects.filter(pk=lines[0].pk).update(held_at=clock.now(), hold_reason="Under investigation.")
    plan = world.plan(lines)
    stopped = page(world.admin, f"plans/{plan.pk}/")
    Device.objects.filter(pk=lines[0].pk).update(held_at=None, hold_reason="")

    shown = page(world.admin, f"plans/{plan.pk}/")

    assert "Make the plan again" not in stopped
    assert "No line is in its way now." in shown
    assert "Make the plan again" in shown
    client = Client()
    client.force_login(world.admin)
    assert "Delete 2 lines?" in client.post(f"/companies/4711/plans/{plan.pk}/again/", follow=True).content.decode()


@pytest.mark.parametrize("face", ["portal", "console"])
def test_operations_of_one_moment_are_all_listed_page_by_page(world: World, face: str) -> None:
    now = clock.now()
    started = [world.start(line) for line in make_lines(world, 53)]
    Operation.objects.update(confirmed_at=now)
    client = Client()
    client.force_login(world.admin if face == "portal" else world.agent)
    address = "/companies/4711/operations/" if face == "portal" else "/csu/companies/4711/operations/"

    first = client.get(address)
    second = client.get(first.context["next_url"])

    listed = [row.pk for answer in (first, second) for row in answer.context["operations"]]
    assert len(listed) == 53
    assert set(listed) == {operation.pk for operation in started}


def test_a_plan_that_nobody_can_confirm_any_more_is_not_sent(world: World) -> None:
    mia = factories.user(world.company, username="mia", role=Role.MANAGER)
    plan = world.plan([world.line(1)])
    Plan.objects.filter(pk=plan.pk).update(state="void", void_reason="the line changed")
    client = Client()
    client.force_login(mia)

    with world.receiving_mail():
        answer = client.post(f"/companies/4711/plans/{plan.pk}/send/", follow=True)

    assert "This plan cannot be confirmed any more." in answer.content.decode()
    assert world.messages() == []
