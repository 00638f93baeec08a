"""From SOC code to billing channel: the pure policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """Who bills a line, and so what a deletion does to the bill."""

    SHOP = "shop"
    DIRECT = "direct"
    CONTRACT = "contract"
    EXCLUDED_PARTNER = "excluded_partner"
    UNKNOWN = "unknown"


class Match(StrEnum):
    """How a rule's pattern is compared with a SOC code; both mind upper and lower case."""

    PREFIX = "prefix"
    EXACT = "exact"


class FactKind(StrEnum):
    """What is remembered of a company, because a person decided it."""

    ACCOUNT = "account"
    SUBSCRIPTION = "subscription"
    STORED_LINK = "stored_link"


# What a deletion means for the bill, in one sentence that the customer may read: of one line, and of several.
_BILL_SENTENCES: dict[Channel, tuple[str, str]] = {
    Channel.SHOP: (
        "The online shop bills this line: lower the number of lines there, or you go on paying for it.",
        "The online shop bills these lines: lower the number of lines there, or you go on paying for them.",
    ),
    Channel.DIRECT: (
        "The line is billed directly; the bill follows by itself and there is nothing for you to do.",
        "The lines are billed directly; the bill follows by itself and there is nothing for you to do.",
    ),
    Channel.CONTRACT: (
        "The line is part of your contract; your account manager adjusts the bill.",
        "The lines are part of your contract; your account manager adjusts the bill.",
    ),
    Channel.EXCLUDED_PARTNER: (
        "The line is billed by a partner, who has to be told separately.",
        "The lines are billed by a partner, who has to be told separately.",
    ),
    Channel.UNKNOWN: (
        "It is not yet known who bills this line; a person looks into it.",
        "It is not yet known who bills these lines; a person looks into it.",
    ),
}


def bill_sentence(channel: Channel, *, lines: int) -> str:
    """Return what a deletion does to the bill of so many lines, in one sentence."""
    one, several = _BILL_SENTENCES[channel]
    return one if lines == 1 else several


# Channels for which a person must decide before anything is deleted.
NEEDS_DECISION = frozenset({Channel.UNKNOWN, Channel.EXCLUDED_PARTNER})


@dataclass(frozen=True)
class Rule:
    """One rule as a value."""

    match: Match
    pattern: str
    channel: Channel
    meaning: str = ""

    def fits(self, soc_code: str) -> bool:
        return soc_code == self.pattern if self.match is Match.EXACT else soc_code.startswith(self.pattern)


@dataclass(frozen=True)
class Rules:
    """A version of the rules, in order."""

    version: int
    rules: Sequence[Rule]

    def rule_for(self, soc_code: str) -> Rule | None:
        """Return the first rule that fits, or None."""
        return next((rule for rule in self.rules if rule.fits(soc_code)), None)

    def channel_of(self, soc_code: str) -> Channel:
        """Return the channel of a SOC code; `unknown` when no rule fits: a person decides then, nothing is guessed."""
        rule = self.rule_for(soc_code)
        return rule.channel if rule else Channel.UNKNOWN
