"""`onhook find`: the CSU search over live and deleted rows."""

from __future__ import annotations

from typing import Annotated

import typer
from django.db.models import QuerySet

from onhook.billing import rules as soc_rules
from onhook.devices import csu, numbers
from onhook.devices.models import Device
from onhook.operations import targets
from onhook.surfaces.cli import identity, output, views
from onhook.surfaces.cli.app import app
from onhook.surfaces.cli.exits import CommandError, Exit
from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Permission


@app.command()
def find(
    text: Annotated[
        str, typer.Argument(help="Number in any form, part of one, worker, device id, company name or COID.")
    ],
    coid: Annotated[int | None, typer.Option("--company", help="Look in this company only (COID).")] = None,
    most: Annotated[int, typer.Option("--most", help="Rows to show at the most.", min=1, max=1000)] = 50,
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Search lines, live and deleted. Several hits are listed, none is chosen."""
    actor = identity.reader(login, token_file)
    company = company_of(coid, actor=actor) if coid is not None else None
    rows = targets.find(text=text, actor=actor, company=company, most=most + 1)
    if company is None:
        # A COID can be part of a number, too: what it names as a company is listed as well.
        listed = {row.pk for row in rows}
        rows += _of_companies(csu.companies(text=text)).exclude(pk__in=listed)[: most + 1 - len(rows)]
    if not rows:
        raise CommandError(f"Nothing fits {text!r}, neither live nor deleted.", exit_code=Exit.NOT_FOUND)
    rules, shown = soc_rules.in_force(), rows[:most]
    data = {"rows": [views.device(row, rules) for row in shown], "more": len(rows) > most}
    output.emit(as_json=as_json, data=data, show=lambda: _show(shown, more=len(rows) > most))


def company_of(coid: int, *, actor: Actor) -> Company:
    """
    Return the company with this COID.

    :raises CommandError: there is none, or it is not this person's: both look the same.
    """
    company = Company.objects.filter(pk=coid).first()
    if company is None or not actor.may(Permission.VIEW_LINES, company_id=company.pk):
        raise CommandError(f"There is no company with COID {coid} that you may see.", exit_code=Exit.NOT_FOUND)
    return company


def _of_companies(companies: list[Company]) -> QuerySet[Device]:
    return (
        Device.objects.select_related("company").filter(company__in=companies).order_by("company", "-deleted_at", "id")
    )


def _show(rows: list[Device], *, more: bool) -> None:
    rules = soc_rules.in_force()
    companies = {f"{row.company.name} ({row.company_id})" for row in rows}
    output.table(
        [
            "Device",
            "Number",
            output.Column("Company", is_optional=len(companies) == 1),
            "Worker",
            "SOC code",
            "Channel",
            output.Column("Activated", is_optional=True),
            "Deleted Datetime",
            output.Column("Hold", is_prose=True),
        ],
        [
            [
                output.cell(row.pk),
                output.cell(numbers.display(row.number)),
                output.cell(f"{row.company.name} ({row.company_id})"),
                output.cell(row.worker),
                output.cell(row.soc_code),
                output.cell(rules.channel_of(row.soc_code).value),
                output.cell(f"{row.activated_at:%Y-%m-%d}" if row.activated_at else ""),
                output.cell(output.time(row.deleted_at)),
                f"[yellow]! {output.cell(row.hold_reason or 'held')}[/yellow]" if row.is_held else "",
            ]
            for row in rows
        ],
    )
    if more:
        output.say("There are more rows; name more of the number, or --company.")
