"""`onhook soc`: show, try and publish the rules from SOC code to channel."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from onhook import clock
from onhook.billing import rules as soc_rules
from onhook.billing.channels import Channel, Match, Rule, bill_sentence
from onhook.surfaces.cli import identity, output
from onhook.surfaces.cli.app import soc_app
from onhook.surfaces.cli.exits import CommandError, Exit

_COLUMNS = ["match", "pattern", "channel", "meaning"]


@soc_app.command("list")
def list_rules(as_json: identity.AsJson = False) -> None:
    """Show the rules in force, in order: the first that fits decides."""
    rules = soc_rules.in_force()
    data = {"version": rules.version, "rules": [_as_json(rule) for rule in rules.rules]}
    output.emit(as_json=as_json, data=data, show=lambda: _show(rules.rules, f"SOC rules, version {rules.version}"))


@soc_app.command("test")
def try_code(code: Annotated[str, typer.Argument(help="A SOC code.")], as_json: identity.AsJson = False) -> None:
    """Say which rule a SOC code meets, its channel, and what a deletion does to the bill."""
    rules = soc_rules.in_force()
    rule, channel = rules.rule_for(code), rules.channel_of(code)
    data = {
        "soc_code": code,
        "channel": channel.value,
        "rules_version": rules.version,
        "rule": _as_json(rule) if rule else None,
        "bill": bill_sentence(channel, lines=1),
    }

    def show() -> None:
        output.say(f"{code}: {channel.value}")
        output.say(f"  rule: {rule.match.value} {rule.pattern} ({rule.meaning})" if rule else "  no rule fits")
        output.say(f"  {bill_sentence(channel, lines=1)}")

    output.emit(as_json=as_json, data=data, show=show)


@soc_app.command()
def publish(
    file: Annotated[
        Path, typer.Argument(help=f"CSV with the columns {', '.join(_COLUMNS)}, in the order to try them.")
    ],
    note: Annotated[str, typer.Option(help="What changed and why.")],
    login: identity.As = None,
    token_file: identity.TokenFile = None,
    as_json: identity.AsJson = False,
) -> None:
    """Put a new version of the rules in force."""
    actor = identity.person(login, token_file)
    rules = soc_rules.publish(actor=actor, rules=_read(file), note=note, now=clock.now())
    data = {"version": rules.version, "rules": [_as_json(rule) for rule in rules.rules]}
    output.emit(as_json=as_json, data=data, show=lambda: _show(rules.rules, f"In force: version {rules.version}"))


def _read(file: Path) -> list[Rule]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return [
            Rule(Match(row["match"]), row["pattern"], Channel(row["channel"]), row.get("meaning") or "") for row in rows
        ]
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}. Nothing changed.", exit_code=Exit.USAGE) from None
    except (UnicodeDecodeError, csv.Error, KeyError, ValueError):
        raise CommandError(
            f"{file} is not a CSV file with the columns {', '.join(_COLUMNS)} (match: prefix, exact; channel: "
            f"{', '.join(channel.value for channel in Channel if channel is not Channel.UNKNOWN)}). Nothing changed.",
            exit_code=Exit.USAGE,
        ) from None


def _as_json(rule: Rule) -> dict[str, str]:
    return {"match": rule.match.value, "pattern": rule.pattern, "channel": rule.channel.value, "meaning": rule.meaning}


def _show(rules: Sequence[Rule], title: str) -> None:
    output.table(
        ["Match", "Pattern", "Channel", output.prose("Meaning")],
        [[output.cell(value) for value in _as_json(rule).values()] for rule in rules],
        title=title,
    )
