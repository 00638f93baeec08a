"""`onhook company` and `onhook billing-link`: the bill of a company."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from onhook import clock
from onhook.billing.models import CompanyFact
from onhook.config import wiring
from onhook.operations import billing_link, overview
from onhook.operations.planning import Request
from onhook.operations.vocabulary import Reason
from onhook.surfaces.cli import identity, output, requesters, views
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.lines import company_of
from onhook.surfaces.cli.watching import show_started, watch_until_over
from onhook.tenancy.models import Company

# A person at the command line waits longer than a page does.
_PATIENCE_SECONDS = 15.0


@app.command()
def company(
    coid: Annotated[int, typer.Argument(metavar="COID")],
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Show a company: account, subscription, lines paid beside lines in use, and what people decided about it."""
    actor = identity.reader(login, token_file)
    known = company_of(coid, actor=actor)
    seen = overview.bill(company=known, ports=wiring.ports(), seconds=_PATIENCE_SECONDS)
    facts = [
        {"kind": fact.kind, "value": fact.value, "decided_by": fact.decided_by, "decided_at": fact.decided_at}
        for fact in CompanyFact.objects.filter(company=known).order_by("kind")
    ]
    data = {"coid": known.pk, "name": known.name, "time_zone": known.time_zone, "bill": seen, "decided": facts}
    output.emit(as_json=as_json, data=data, show=lambda: _show(known, seen, facts))


def _show(known: Company, seen: dict[str, Any], facts: list[dict[str, Any]]) -> None:
    output.say(f"{known}, {known.time_zone}")
    show_preview(seen)
    for fact in facts:
        decided = f"{fact['decided_by']}, {output.time(fact['decided_at'])}"
        output.say(f"  decided {fact['kind'].replace('_', ' ')}: {fact['value']} ({decided})")


def show_preview(seen: dict[str, Any]) -> None:
    """Print what the billing systems said, as far as it is known."""
    account = seen.get("account")
    rows = [
        ("Account", f"{account['name']}, {account['account_number']}" if account else ""),
        ("Salesforce Classic", account["classic"] if account else ""),
        ("Salesforce Lightning", account["lightning"] if account else ""),
        ("Subscription", seen.get("subscription", "")),
        ("Status", seen.get("status", "")),
        ("Renews on", seen.get("renews_on", "")),
        ("Lines paid", seen.get("paid_lines", "")),
        ("Lines in use", seen["lines_in_use"]),
        _difference(seen.get("difference")),
        ("Told to lower, not yet seen", seen.get("to_lower", "")),
        ("Upgrade link", _LINK_WORDS.get(seen.get("link", ""), "")),
        ("Note", seen.get("problem", "")),
    ]
    output.heading(f"The bill: {_STATE_WORDS[seen['state']]}")
    output.facts([(name, output.cell(value)) for name, value in rows])


def _difference(lines: int | None) -> tuple[str, str]:
    if lines is not None and lines < 0:
        return "In use and not paid", f"{-lines} more in use than paid"
    return "Paid and not in use", "" if lines is None else str(lines)


_STATE_WORDS = {
    "known": "known",
    "not_known_yet": "not known yet: a billing system is slow or silent",
    "needs_person": "a person will have to decide",
    "not_set_up": "the billing systems are not set up here",
}
_LINK_WORDS = {
    "fits": "fits",
    "differs": "differs from the copy in Salesforce: the mail will be held",
    "not_acceptable": "not acceptable: the mail will be held",
}


@app.command("billing-link")
def send_billing_link(
    coid: Annotated[int, typer.Option("--company", help="COID of the company.")],
    requester: Annotated[str, typer.Option(help="User name of the company's Admin or Super User who asks.")],
    ticket: Annotated[str, typer.Option(help="Ticket reference.")] = "",
    how_checked: requesters.Checked = None,
    wait: Annotated[bool, typer.Option("--wait", help="Watch until it is over or a person must answer.")] = False,
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Mail the billing link again, without deleting anything."""
    actor = identity.person(login, token_file)
    whose = company_of(coid, actor=actor)
    asks = requesters.named(requester, coid=coid, actor=actor)
    request = Request(
        requester=asks,
        how_checked=requesters.how_checked(how_checked, requester=asks, actor=actor),
        reason=Reason.OTHER,
        ticket_reference=ticket,
    )
    operation = billing_link.request_link(company=whose, request=request, actor=actor, now=clock.now())
    if wait:
        watch_until_over(operation.pk, actor=actor, as_json=as_json)
        return
    output.emit(
        as_json=as_json,
        data=views.operation(operation),
        show=lambda: show_started(operation),
    )
