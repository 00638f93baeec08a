"""The questions about the bill. They hold only the mail: lines that were to go are gone before any of them is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from onhook.billing.ledger import Count
from onhook.billing.upgrade_links import Difference, Problem
from onhook.operations.choices import INSTEAD_OF, TRY_AGAIN
from onhook.operations.errors import Ask, Choice
from onhook.operations.ports import Account, Subscription
from onhook.operations.vocabulary import QuestionKind, StepName

USE_SHOP_LINK = "use_shop_link"
TAKE_OVER = "take_over"
TELL_COUNT = "tell_count"

_TRY_AGAIN = Choice(code=TRY_AGAIN, label="Look again; it is mended")


def no_account(*, coid: int, name: str, time: int) -> Ask:
    return _ask(
        QuestionKind.NO_ACCOUNT,
        f"Salesforce has no account with COID {coid}, and none named {name!r}, that carries an account number. "
        "One of that name that carries another COID is another company's.",
        time=time,
        evidence={"coid": coid, "name": name},
    )


def several_accounts(accounts: Sequence[Account], *, time: int) -> Ask:
    return _ask(
        QuestionKind.SEVERAL_ACCOUNTS,
        f"Salesforce has {len(accounts)} accounts that may be this company's. Which one is it?",
        time=time,
        choices=[
            Choice(code=account.account_id, label=f"{account.name}, account number {account.account_number or 'blank'}")
            for account in accounts[:20]
        ],
        evidence={"accounts": [account_evidence(account) for account in accounts[:20]]},
    )


def no_subscription(*, account_number: str, time: int) -> Ask:
    return _ask(
        QuestionKind.NO_SUBSCRIPTION,
        f"The shop has no active subscription for account number {account_number}.",
        time=time,
        evidence={"account_number": account_number},
    )


def several_subscriptions(subscriptions: Sequence[Subscription], *, time: int) -> Ask:
    return _ask(
        QuestionKind.SEVERAL_SUBSCRIPTIONS,
        f"The shop has {len(subscriptions)} active subscriptions for this account. Which one pays for the lines?",
        time=time,
        choices=[
            Choice(
                code=found.reference,
                label=f"{found.product_name}, {found.quantity} lines, renews {found.renews_on or '-'}",
            )
            for found in subscriptions[:20]
        ],
        evidence={"subscriptions": [subscription_evidence(found) for found in subscriptions[:20]]},
    )


def upgrade_not_set_up(subscription: Subscription, *, time: int) -> Ask:
    why = "offers no upgrade for this subscription"
    if not subscription.is_recurring:
        why = "does not renew this subscription by itself (recurring billing is off), and needs that for an upgrade"
    return _ask(
        QuestionKind.UPGRADE_NOT_SET_UP,
        f"The shop {why}, so its page would let nobody change the count.",
        time=time,
        evidence=subscription_evidence(subscription),
    )


def link_differs(*, ours: str, theirs: str, differences: Sequence[Difference], time: int) -> Ask:
    return _ask(
        QuestionKind.LINK_DIFFERS,
        "The upgrade link stored in Salesforce differs from the shop's. The mail is held until somebody decides.",
        time=time,
        choices=[Choice(code=USE_SHOP_LINK, label="Send the shop's link, and do not ask about this stored one again")],
        evidence={
            "shop_link": ours,
            "salesforce_link": theirs,
            "differences": [difference.text for difference in differences],
        },
    )


def link_not_acceptable(*, link: str, problems: Sequence[Problem], time: int) -> Ask:
    return _ask(
        QuestionKind.LINK_NOT_ACCEPTABLE,
        "The upgrade link must not be mailed: " + "; ".join(problem.text for problem in problems) + ".",
        time=time,
        evidence={"link": link, "problems": [problem.text for problem in problems]},
    )


def count_unclear(count: Count, *, time: int) -> Ask:
    return _ask(
        QuestionKind.COUNT_UNCLEAR,
        f"The shop bills {count.quantity} lines, but {count.unseen} deleted lines are to be lowered there.",
        time=time,
        evidence={"paid": count.quantity, "to_lower": count.unseen},
    )


def fewer_paid_than_used(count: Count, *, in_use: int, elsewhere: int, time: int) -> Ask:
    """Ask whether to tell a count below the lines in use: the customer may have lowered it already."""
    figures = figures_of(count, in_use=in_use, elsewhere=elsewhere)
    tell = Choice(
        code=TELL_COUNT, label=f"The figures are right: tell them to lower from {count.quantity} to {count.target}"
    )
    return _ask(
        QuestionKind.COUNT_UNCLEAR,
        f"The shop's count and the lines in use do not fit together: {figures}. Perhaps they lowered it already.",
        time=time,
        choices=[tell] if count.target > 0 and count.unseen else [],
        evidence={
            "paid": count.quantity,
            "paid_elsewhere": elsewhere,
            "to_lower": count.unseen,
            "in_use": in_use,
            "figures": figures,
        },
    )


def figures_of(count: Count, *, in_use: int, elsewhere: int) -> str:
    """Return the figures in words; a person who stands by them stands by exactly these."""
    other = f", {elsewhere} paid by other subscriptions" if elsewhere else ""
    return f"{count.quantity} paid{other}, {count.unseen} deleted and to be lowered, {in_use} in use"


def counted_for_another(found: Subscription, *, other: int, time: int) -> Ask:
    return _ask(
        QuestionKind.COUNT_UNCLEAR,
        f"The subscription {found.reference} was counted for another company until now, COID {other}. Its link "
        "must not go to the wrong customer: is it this company's?",
        time=time,
        choices=[Choice(code=TAKE_OVER, label="It is this company's now; count it here and send its link")],
        evidence={**subscription_evidence(found), "counted_for": other},
    )


def vendor_silent(*, problem: str, time: int) -> Ask:
    return _ask(QuestionKind.VENDOR_SILENT, f"A billing system does not answer: {problem}.", time=time)


def vendor_refused(*, reason: str, time: int) -> Ask:
    return _ask(QuestionKind.VENDOR_REFUSED, f"A billing system refuses: {reason}.", time=time)


def _ask(
    kind: QuestionKind,
    text: str,
    *,
    time: int,
    choices: Sequence[Choice] = (),
    evidence: dict[str, Any] | None = None,
) -> Ask:
    return Ask(
        kind=kind,
        subject=f"time {time}",
        text=text,
        choices=(*choices, _TRY_AGAIN, *INSTEAD_OF[StepName.FIND_SUBSCRIPTION]),
        evidence=evidence or {},
    )


def account_evidence(account: Account) -> dict[str, Any]:
    """Return what people may see of an account."""
    return {
        "account_id": account.account_id,
        "name": account.name,
        "account_number": account.account_number,
        "classic": account.classic_url,
        "lightning": account.lightning_url,
    }


def subscription_evidence(found: Subscription) -> dict[str, Any]:
    """Return what people may see of a subscription."""
    return {
        "subscription": found.reference,
        "product": found.product_name,
        "paid_lines": found.quantity,
        "status": found.status,
        "renews_on": found.renews_on.isoformat() if found.renews_on else None,
    }
