"""What the console's pages say and do, by Django's own client."""

from __future__ import annotations

import re
from contextlib import nullcontext

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.billing import ledger
from onhook.devices.models import Device
from onhook.operations import engine, overview
from onhook.operations.models import Operation, Plan, Question, Step
from onhook.operations.vocabulary import Action, HowChecked, Outcome, Reason
from onhook.tenancy.permissions import Role
from tests import factories
from tests.functional.console.conftest import client_of, make_company_busy, staff
from tests.world import World

OWN = "/csu/companies/4711/"


def request_of(world: World, **more: str) -> dict[str, str]:
    return {
        "requester": str(world.admin.pk),
        "how_checked": HowChecked.CALLED_BACK.value,
        "ticket_reference": "T-2044",
        "reason": Reason.STOLEN.value,
        "note": "on the train",
        "key": "one-key",
        **more,
    }


def test_the_plan_keeps_who_asked_how_it_was_checked_and_the_ticket(world: World) -> None:
    agent, line = client_of(world.agent), world.line(1)

    response = agent.post(f"{OWN}deletion/?device={line.pk}", request_of(world))
    again = agent.post(f"{OWN}deletion/?device={line.pk}", request_of(world))

    plan = Plan.objects.get()
    assert response["Location"] == again["Location"] == f"{OWN}plans/{plan.pk}/"
    assert (plan.requester, plan.created_by, plan.surface) == (world.admin, world.agent, "console")
    assert (plan.how_checked, plan.ticket_reference, plan.reason) == ("called_back", "T-2044", "stolen")


@pytest.mark.parametrize("missing", ["requester", "how_checked", "ticket_reference", "reason"])
def test_nothing_is_planned_while_the_request_is_not_whole(world: World, missing: str) -> None:
    response = client_of(world.agent).post(
        f"{OWN}deletion/?device={world.line(1).pk}", request_of(world, **{missing: ""})
    )

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [missing]
    assert not Plan.objects.exists()


def test_only_admins_and_super_users_of_the_company_are_offered(world: World) -> None:
    factories.user(world.company, username="max", role=Role.MANAGER)
    root = factories.user(world.company, username="root", role=Role.SUPER_USER)
    other = factories.user(factories.company(coid=4712, name="Invented Bakery"), username="eve")
    agent, line = client_of(world.agent), world.line(1)

    offered = agent.get(f"{OWN}deletion/?device={line.pk}").context["form"].fields["requester"].queryset
    refused = agent.post(f"{OWN}deletion/?device={line.pk}", request_of(world, requester=str(other.pk)))

    assert set(offered) == {world.admin, root}
    assert list(refused.context["form"].errors) == ["requester"]


def plan_of(world: World, *lines: Device) -> Plan:
    return world.plan(lines, by=world.agent)


def confirm(world: World, plan: Plan, *, typed: str, is_fresh: bool = True, plan_hash: str = "") -> object:
    data = {"typed": typed, "plan_hash": plan_hash or plan.plan_hash}
    return client_of(world.agent, is_fresh=is_fresh).post(f"{OWN}plans/{plan.pk}/confirm/", data)


def test_the_last_four_digits_start_the_operation(world: World) -> None:
    plan = plan_of(world, world.line(1))

    response = confirm(world, plan, typed="0101")

    operation = Operation.objects.get()
    assert response["Location"] == f"{OWN}operations/{operation.pk}/"  # type: ignore[index]  # a response
    assert (operation.confirmed_by, operation.surface) == (world.agent, "console")


@pytest.mark.parametrize(("typed", "plan_hash", "status"), [("0102", "", 422), ("", "", 422), ("0101", "0" * 64, 409)])
def test_what_does_not_fit_the_plan_starts_nothing(world: World, typed: str, plan_hash: str, status: int) -> None:
    plan = plan_of(world, world.line(1))

    response = confirm(world, plan, typed=typed, plan_hash=plan_hash)

    assert response.status_code == status  # type: ignore[attr-defined]
    assert "Nothing was started" in response.content.decode()  # type: ignore[attr-defined]
    assert not Operation.objects.exists()


def test_a_plan_that_only_a_manager_says_the_admin_asks_for_waits_for_the_admin(world: World) -> None:
    plan = world.plan([world.line(1)], by=factories.user(world.company, username="mia", role=Role.MANAGER))

    shown = client_of(world.agent).get(f"{OWN}plans/{plan.pk}/").content.decode()
    refused = confirm(world, plan, typed="0101")

    assert "Mia Example named Ada Example as who asks" in shown
    assert "Signed in themselves" not in shown
    assert f"/plans/{plan.pk}/confirm/" not in shown
    assert refused.status_code == 409  # type: ignore[attr-defined]
    assert not Operation.objects.exists()


def test_many_lines_are_confirmed_by_their_count(world: World) -> None:
    plan = plan_of(world, *[world.line(line) for line in range(1, 4)])

    assert confirm(world, plan, typed="0101").status_code == 422  # type: ignore[attr-defined]
    assert confirm(world, plan, typed="3").status_code == 302  # type: ignore[attr-defined]


def test_an_old_proof_of_who_it_is_starts_nothing(world: World) -> None:
    plan = plan_of(world, world.line(1))

    response = confirm(world, plan, typed="0101", is_fresh=False)

    assert response["Location"].startswith("/security/again/")  # type: ignore[index]
    assert not Operation.objects.exists()


def test_changed_facts_lead_to_a_new_plan(world: World) -> None:
    kept, held = world.line(1), world.line(2)
    plan = plan_of(world, kept, held)
    Device.objects.filter(pk=held.pk).update(soc_code=factories.SHOP_SOC)

    response = confirm(world, plan, typed="2")

    replacement = Plan.objects.exclude(pk=plan.pk).get()
    assert response["Location"] == f"{OWN}plans/{replacement.pk}/"  # type: ignore[index]
    assert not Operation.objects.exists()


def test_the_operation_tells_its_end_with_read_back_and_summary(world: World) -> None:
    lines, operation = make_company_busy(world)

    response = client_of(world.agent).get(f"{OWN}operations/{operation.pk}/")

    summary = response.context["summary"]
    lines[0].refresh_from_db()
    assert lines[0].deleted_at
    assert response.context["read_back"].endswith("1 of 1 line with a Deleted Datetime and no live row of the company.")
    assert "Delete 1 line: verified" in summary
    assert f"+1 202-555-0101 (device {lines[0].pk}): deleted, verified, Deleted Datetime " in summary
    assert f"{lines[0].deleted_at:%Y-%m-%d %H:%M:%S} UTC" in summary
    assert "ticket T-1001" in summary
    assert operation.plan_hash in summary
    assert [row.word for row in response.context["rows"]][:3] == [
        "Check rights and lines again",
        "Delete in the device portal",
        "Read back in CSU",
    ]
    assert "http-equiv" not in response.content.decode()


def test_a_poll_draws_what_changed_and_ends_with_the_operation(world: World) -> None:
    agent, operation = client_of(world.agent), world.start(world.line(1))
    first = agent.get(f"{OWN}operations/{operation.pk}/")
    live = f"{OWN}operations/{operation.pk}/live/"

    with CaptureQueriesContext(connection) as asked:
        unchanged = agent.get(live, {"seen": first.context["version"], "every": "1"})
        queries = len(asked)
    slower = agent.get(live, {"seen": first.context["version"], "every": "5"})
    world.work()
    changed = agent.get(live, {"seen": first.context["version"], "every": "1"})

    assert (unchanged.status_code, slower.status_code, changed.status_code) == (204, 200, 286)
    # Who asks, for which company, and the mark.
    # The session, the person, whether the look is in the trail, the company, the operation.
    assert queries == 5
    assert 'id="live"' not in slower.content.decode()
    assert 'hx-trigger="every 1s"' in slower.content.decode()
    assert 'id="live" hx-swap-oob="true"' in changed.content.decode()
    assert "hx-trigger" not in changed.content.decode()


def test_a_silent_worker_is_told_with_what_is_safe(world: World) -> None:
    agent, operation = client_of(world.agent), world.start(world.line(1))
    Operation.objects.filter(pk=operation.pk).update(confirmed_at=clock.now() - _minutes(1))

    text = agent.get(f"{OWN}operations/{operation.pk}/").content.decode()

    assert "No worker has taken it." in text
    assert "No line was deleted yet. Nothing is lost" in text


@pytest.mark.parametrize("lives", [True, False], ids=["a worker lives", "none does"])
def test_a_step_that_takes_its_time_is_no_silent_worker(world: World, lives: bool) -> None:
    agent, operation = client_of(world.agent), world.start(world.line(1))
    Operation.objects.filter(pk=operation.pk).update(confirmed_at=clock.now() - _minutes(2))
    Step.objects.create(
        operation=operation,
        company=world.company,
        name="find_account",
        position=5,
        started_at=clock.now() - _minutes(1),
    )

    with engine.alive_here() if lives else nullcontext():
        text = agent.get(f"{OWN}operations/{operation.pk}/").content.decode()

    assert ("No worker has taken it." in text) == (not lives)


def _minutes(count: int) -> object:
    from datetime import timedelta

    return timedelta(minutes=count)


def test_a_person_cancels_before_the_first_line_is_gone_and_plans_again(world: World) -> None:
    agent, operation = client_of(world.agent), world.start(world.line(1))

    agent.post(f"{OWN}operations/{operation.pk}/cancel/")
    page = agent.get(f"{OWN}operations/{operation.pk}/")
    again = agent.post(f"{OWN}plans/{operation.plan_id}/again/")

    operation.refresh_from_db()
    assert operation.outcome == Outcome.CANCELLED
    assert "The operation was cancelled." in page.content.decode()
    assert "Cancelled. No line was deleted." in page.content.decode()
    assert "Cancelled by Sam Example in the console. 1 line not deleted." in page.content.decode()
    assert "<h2>Steps</h2>" not in page.content.decode()
    assert "Plan it again" in page.content.decode()
    assert Plan.objects.filter(pk=again["Location"].split("/")[-2]).exists()


def test_an_answer_needs_a_reason_and_is_taken_once(world: World) -> None:
    agent = client_of(world.agent)
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    question = world.open_question()
    address = f"{OWN}questions/{question.pk}/answer/"

    agent.post(address, {"choice": "direct", "reason": "  "})
    question.refresh_from_db()
    assert question.is_open
    agent.post(address, {"choice": "nonsense", "reason": "because"})
    question.refresh_from_db()
    assert question.is_open
    response = agent.post(address, {"choice": "direct", "reason": "finance says so", "from": "queue"})
    question.refresh_from_db()
    world.work()

    assert response["Location"] == "/csu/questions/"
    assert (question.answer, question.answer_reason, question.answered_by) == ("direct", "finance says so", world.agent)
    operation.refresh_from_db()
    assert operation.outcome == Outcome.VERIFIED
    page = agent.get(f"{OWN}operations/{operation.pk}/")
    assert "Decided by Sam Example, " in page.context["summary"]
    assert "Delete; the operator bills directly (finance says so)" in page.context["summary"]


def test_trying_again_needs_no_reason_and_what_was_chosen_stays_when_one_is_missing(world: World) -> None:
    agent = client_of(world.agent)
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    question = world.open_question()
    Question.objects.filter(pk=question.pk).update(choices=[*question.choices, {"code": "try_again", "label": "Again"}])
    address = f"{OWN}questions/{question.pk}/answer/"

    refused = agent.post(address, {"choice": "direct", "reason": ""})
    page = agent.get(refused["Location"]).content.decode()
    agent.post(address, {"choice": "try_again", "reason": ""})

    question.refresh_from_db()
    assert refused["Location"] == (
        f"{OWN}operations/{operation.pk}/?choice=direct&lacks={question.pk}#reason-{question.pk}"
    )
    assert 'aria-invalid="true"' in page
    assert "Say why, or what you saw. Nothing was decided yet." in page
    assert 'value="direct" id="choice-1-1" required checked' in page.replace(f"choice-{question.pk}-", "choice-1-")
    assert question.answer == "try_again"


def test_a_page_that_watches_hears_who_took_the_question(world: World) -> None:
    agent, lea = client_of(world.agent), staff(Role.LEAD, "lea")
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    seen = agent.get(f"{OWN}operations/{operation.pk}/").context["version"]

    client_of(lea).post(f"{OWN}questions/{world.open_question().pk}/assign/", {"to": str(lea.pk)})
    told = agent.get(f"{OWN}operations/{operation.pk}/live/", {"seen": seen, "every": "1"})

    assert told.status_code == 200
    assert "Lea Example" in told.content.decode()


def test_a_question_is_taken_and_handed_over(world: World) -> None:
    agent, lea = client_of(world.agent), staff(Role.LEAD, "lea")
    operation = world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    question = world.open_question()
    address = f"{OWN}questions/{question.pk}/assign/"

    taken = agent.post(address, {"to": str(world.agent.pk), "from": "queue"})
    mine = agent.get("/csu/questions/?whose=mine").content.decode()
    agent.post(address, {"to": str(lea.pk), "note": "finance must say"})
    page = agent.get(f"{OWN}operations/{operation.pk}/").content.decode()
    nobodys = agent.get("/csu/questions/?whose=unassigned").context["asked"]
    agent.post(address, {"to": str(world.admin.pk)})

    question.refresh_from_db()
    assert taken["Location"] == "/csu/questions/"
    assert question.text[:30] in mine
    assert "Lea Example" in page
    assert "finance must say" in page
    assert nobodys == []
    assert question.assigned_to == lea


def test_a_step_that_comes_again_is_tried_now(world: World) -> None:
    agent = client_of(world.agent)
    world.mailbox.control.add_fault("refuse", match={"method": "MAIL"}, code=451, times=1)
    operation = world.start(world.line(1))
    world.work()
    page = agent.get(f"{OWN}operations/{operation.pk}/").content.decode()

    agent.post(f"{OWN}operations/{operation.pk}/check/")
    world.work()
    again = agent.post(f"{OWN}operations/{operation.pk}/check/", follow=True).content.decode()

    operation.refresh_from_db()
    assert "Try now" in page
    assert "1 line deleted and read back." in page
    assert "what is done is not done a second time" in page
    assert "Next try" in page
    assert operation.outcome == Outcome.VERIFIED
    assert "No step waits for its next try" in again


def test_a_refused_mail_is_called_refused_and_not_in_doubt(world: World) -> None:
    world.mailbox.control.add_fault("refuse", match={"method": "RCPT"}, code=550, times=1)
    operation = world.start(world.line(1))
    world.work()

    page = client_of(world.agent).get(f"{OWN}operations/{operation.pk}/").content.decode()

    message = page[page.index("<h2>Customer message</h2>") :]
    assert "Refused" in message
    assert "<dt>Problem</dt>" in message
    assert "handed over" not in message


def test_the_summary_of_a_sent_link_names_no_reason_that_nobody_gave(world: World) -> None:
    _, operation = make_company_busy(world)
    Operation.objects.filter(pk=operation.pk).update(action=Action.SEND_BILLING_LINK.value)
    agent = client_of(world.agent)

    link = agent.get(f"{OWN}operations/{operation.pk}/").context["summary"]
    Operation.objects.filter(pk=operation.pk).update(action=Action.DELETE_DEVICE.value)
    deletion = agent.get(f"{OWN}operations/{operation.pk}/").context["summary"]

    assert "Reason:" not in link
    assert "Reason:" in deletion


def test_the_audit_search_says_it_where_no_company_has_the_coid(world: World) -> None:
    agent = client_of(world.agent)

    page = agent.get("/csu/audit/?coid=99999")

    assert page.status_code == 200
    assert "No company has this COID" in page.content.decode()
    assert agent.get("/csu/audit/?coid=4711")["Location"] == f"{OWN}audit/"


def test_the_timeline_says_an_answer_in_words(world: World) -> None:
    line = world.line(1, soc_code=factories.UNKNOWN_SOC)
    world.start(line)
    world.work()
    agent = client_of(world.agent)
    agent.post(f"{OWN}questions/{world.open_question().pk}/answer/", {"choice": "direct", "reason": "finance says so"})
    world.work()

    page = agent.get(f"{OWN}devices/{line.pk}/").content.decode()

    assert "answer: delete, billed directly" in page


def test_a_zero_byte_in_a_reason_or_a_note_is_left_out(world: World) -> None:
    agent = client_of(world.agent)
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()
    question = world.open_question()
    address = f"{OWN}questions/{question.pk}/"

    agent.post(f"{address}assign/", {"to": str(world.agent.pk), "note": "look\0here"})
    agent.post(f"{address}answer/", {"choice": "direct", "reason": "finance\0says so"})

    question.refresh_from_db()
    assert (question.assigned_note, question.answer_reason) == ("lookhere", "financesays so")


def test_questions_are_listed_by_kind_and_company(world: World) -> None:
    agent = client_of(world.agent)
    world.start(world.line(1, soc_code=factories.UNKNOWN_SOC))
    world.work()

    def shown(**asked: str) -> int:
        return len(agent.get("/csu/questions/", asked).context["asked"])

    assert [shown(), shown(kind="soc_code"), shown(coid="4711")] == [1, 1, 1]
    assert [shown(kind="link_differs"), shown(coid="4712")] == [0, 0]


def test_a_companys_lines_are_narrowed_by_their_use(world: World) -> None:
    used, unused = world.line(1), world.line(2)
    Device.objects.filter(pk=used.pk).update(last_seen_at=clock.now())
    agent = client_of(world.agent)

    listed = {use: agent.get(f"{OWN}devices/?use={use}").content.decode() for use in ("", "day", "quiet", "never")}

    shown = {use: [line.pk for line in (used, unused) if f"devices/{line.pk}/" in text] for use, text in listed.items()}
    assert shown == {"": [used.pk, unused.pk], "day": [used.pk], "quiet": [], "never": [unused.pk]}
    assert "No line fits" in listed["quiet"]


def test_the_device_page_shows_the_code_in_words_and_the_rule(world: World) -> None:
    agent = client_of(world.agent)
    known, unknown = world.line(1), world.line(2, soc_code=factories.UNKNOWN_SOC)

    text = agent.get(f"{OWN}devices/{known.pk}/").content.decode()
    other = agent.get(f"{OWN}devices/{unknown.pk}/").content.decode()

    assert "Billed directly by the operator" in text
    assert "CKSWDirectAdv</span>" in text
    assert "blank: the line is live" in text
    assert "No rule knows it." in other


def test_a_held_line_is_not_offered_for_deletion(world: World) -> None:
    line = world.line(1)
    Device.objects.filter(pk=line.pk).update(held_at=clock.now(), hold_reason="Under investigation.")

    text = client_of(world.agent).get(f"{OWN}devices/{line.pk}/").content.decode()

    assert "Under investigation." in text
    assert "Delete device" not in text


def test_a_line_under_deletion_says_so_wherever_it_stands_and_cannot_be_picked(world: World) -> None:
    agent, line, other = client_of(world.agent), world.line(1), world.line(2)
    world.start(line)

    listed = agent.get(f"{OWN}devices/").content.decode()
    found = agent.get("/csu/", {"q": "202555", "list": "1"}).content.decode()
    own = agent.get(f"{OWN}devices/{line.pk}/").content.decode()

    assert [text.count("Being deleted") for text in (listed, found, own)] == [1, 1, 1]
    assert f'name="device" value="{line.pk}"' not in listed
    assert f'name="device" value="{other.pk}"' in listed
    world.work()
    assert "Being deleted" not in agent.get(f"{OWN}devices/{line.pk}/").content.decode()


def test_the_bill_is_a_part_or_a_page(world: World) -> None:
    agent = client_of(world.agent)

    page = agent.get(OWN).content.decode()
    part = agent.get(f"{OWN}bill/", headers={"HX-Request": "true"}).content.decode()
    whole = agent.get(f"{OWN}bill/").content.decode()

    assert f'hx-get="{OWN}bill/" hx-trigger="load"' in page
    assert "The billing systems are not set up here" in part
    assert "<html" not in part
    assert "<html" in whole
    assert "The billing systems are not set up here" in whole


def test_a_plan_adds_its_lines_to_what_was_told_and_is_not_yet_lowered(shop_world: World) -> None:
    world = shop_world
    lines = [world.line(number, soc_code=factories.SHOP_SOC) for number in (1, 2, 3)]
    lines.append(world.line(4, soc_code=factories.DIRECT_SOC))
    world.start(lines[0])
    world.work()
    agent = client_of(world.agent)

    plan = agent.get(f"{OWN}plans/{world.plan(lines[1:], ports=world.ports).pk}/").content.decode()
    company = agent.get(f"{OWN}bill/").content.decode()

    assert "The mail says: decrease by 2." in plan
    assert "<dt>Told, not yet lowered</dt><dd>1</dd></div><div><dt>To lower with this plan</dt><dd>3</dd>" in plan
    assert company.count("<dt>Told, not yet lowered</dt><dd>1") == 2  # on record, and as the shop says now
    assert "with this plan" not in company


@pytest.mark.parametrize(("paid", "says"), [(1, ("In use, not paid", "2")), (5, ("Paid, not in use", "2"))])
def test_the_bill_says_which_way_paid_and_used_lines_differ(world: World, paid: int, says: tuple[str, str]) -> None:
    for line in range(3):
        world.line(line, soc_code=factories.SHOP_SOC)
    seen = {"state": "known", "lines": 3, "lines_in_use": 3, "subscription": "Q7RK2M9XA4", "paid_lines": paid}

    shown = overview.with_difference(seen, company=world.company)
    part = render_to_string("console/parts/bill.html", {"bill": shown})

    assert f"<dt>{says[0]}</dt><dd>{says[1]}</dd>" in part
    assert "-2" not in part


def test_what_was_recorded_is_not_taken_for_what_is_read_now(world: World) -> None:
    now = clock.now()
    ledger.record_reading(company_id=4711, reference="Q7RK2M9XA4", quantity=1, asked_at=now, now=now)

    page = client_of(world.agent).get(OWN).content.decode()

    assert "<dt>Paid, as last recorded</dt><dd>1<small>by a run" in page


def test_the_billing_link_is_sent_again_without_touching_a_line(world: World) -> None:
    world.line(1, soc_code=factories.SHOP_SOC)

    response = client_of(world.agent).post(f"{OWN}billing-link/", request_of(world))

    operation = Operation.objects.get()
    assert operation.action == Action.SEND_BILLING_LINK
    assert response["Location"] == f"{OWN}operations/{operation.pk}/"
    assert operation.plan.ticket_reference == "T-2044"


def test_the_trail_is_searched_by_tag_subject_person_and_time(world: World) -> None:
    agent = client_of(world.agent)
    lines, _ = make_company_busy(world)

    def tags(**asked: str) -> set[str]:
        return {event.tag for event, _ in agent.get(f"{OWN}audit/", asked).context["events"]}

    assert tags(tag="device:deleted") == {"device:deleted"}
    assert tags(subject=f"device:{lines[0].pk}") == {"device:deleted"}
    assert tags(subject="notice") == {"notice:written", "notice:sending", "notice:sent"}
    assert tags(person="1/sam") == {"company:viewed"}
    assert tags(since="2999-01-01") == set()
    assert tags(until="2000-01-01") == set()
    assert len(tags(since="2000-01-01")) > 5


def test_a_search_that_names_a_company_goes_to_its_own_page(world: World) -> None:
    agent = client_of(world.agent)

    named = agent.get("/csu/audit/", {"coid": "4711", "tag": "device:deleted"})
    misspelt = agent.get("/csu/audit/", {"coid": "47x"})

    assert named["Location"] == f"{OWN}audit/?tag=device%3Adeleted"
    assert "COID" in misspelt.content.decode()


def test_the_list_of_operations_keeps_the_facts_of_a_row_apart(world: World) -> None:
    lines = [world.line(1), world.line(2, soc_code=factories.SHOP_SOC)]
    plan = world.plan(lines[:1], by=world.agent)
    world.confirm(plan, by=world.agent)
    client_of(world.agent).post(f"{OWN}billing-link/", request_of(world))

    page = client_of(world.agent).get(f"{OWN}operations/").content.decode()

    found = re.findall(r'<td role="cell"[^>]*>(.*?)</td>', page, flags=re.DOTALL)
    cells = [" ".join(strip_tags(cell.replace("<small>", " ")).split()) for cell in found]
    assert [cells[0], cells[5]] == ["Billing link ticket T-2044", "Delete 1 line Phone lost · ticket T-1001"]
    assert [cells[2], cells[7]] == ["Sam Example, support"] * 2


def test_the_trail_pages_by_key_without_gap_or_repeat(world: World) -> None:
    agent = client_of(world.agent)
    for line in range(1, 9):
        world.start(world.line(line))
    world.work()
    agent.get(f"{OWN}audit/")  # the look itself is written down once the page is made
    address, seen = f"{OWN}audit/", list[int]()
    while address:
        response = agent.get(address)
        seen += [event.sequence for event, _ in response.context["events"]]
        address = response.context["next_url"]

    newest = AuditEvent.objects.filter(company_id=4711).order_by("-sequence").values_list("sequence", flat=True)[0]
    assert seen == list(range(newest, 0, -1))


def test_the_check_of_the_chain_finds_an_edit(world: World) -> None:
    agent = client_of(world.agent)
    make_company_busy(world)
    intact = agent.get(f"{OWN}audit/?check=1").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditevent SET actor = '4711/eve' WHERE company_id = 4711 AND sequence = 2")

    broken = agent.get(f"{OWN}audit/?check=1").content.decode()

    assert "The chain is intact." in intact
    assert "The chain is broken." in broken
    assert "Event 2: its content does not fit its hash: edited" in broken


@pytest.mark.parametrize(
    ("code", "said"),
    [("Ecom2Checkout77", "Online shop"), ("MysteryPlan", "No rule fits."), ("ecom2checkout", "No rule fits.")],
)
def test_a_code_is_tried(world: World, code: str, said: str) -> None:
    text = client_of(world.agent).get("/csu/rules/", {"code": code}).content.decode()

    assert said in text.split('id="result"')[1]


@pytest.mark.parametrize(
    "path",
    [
        "devices/?after=y:x",
        "devices/?after=1:%00",
        "devices/?text=a%00bc",
        "devices/?after=99999999999999999999999999:x",
        "devices/?tab=nonsense&sort=nonsense",
        "operations/?before=yesterday",
        "operations/?before=2026-01-01",
        "audit/?before=99999999999999999999999999&tag=x&since=x",
        "deletion/?device=99999999999999999999999999",
    ],
)
def test_a_mistyped_address_is_no_fault(world: World, path: str) -> None:
    assert client_of(world.agent).get(f"{OWN}{path}", follow=True).status_code == 200


@pytest.mark.parametrize(
    "path", ["questions/?coid=99999999999999&kind=x", "questions/?after=2026-01-01&id=1", "?q=%00", "?q=%00Marsh"]
)
def test_a_mistyped_search_is_no_fault(world: World, path: str) -> None:
    assert client_of(world.agent).get(f"/csu/{path}").status_code in (200, 400)
