"""What more than one question says or offers. The codes are stored and never renamed."""

from __future__ import annotations

from onhook.operations.errors import Choice
from onhook.operations.vocabulary import StepName

# Look or try once more: nothing is decided by it, so it needs no grounds.
TRY_AGAIN = "try_again"
CHECK_AGAIN = "check_again"
REPEATING = frozenset({TRY_AGAIN, CHECK_AGAIN})

# A person has done, or takes over, what the run was to do; what they write down with it is the evidence.
TOLD_BY_HAND = "told_by_hand"
CLOSE_SILENTLY = "close_silently"
BY_HAND = frozenset({TOLD_BY_HAND, CLOSE_SILENTLY})

WITHOUT_LINK = "without_link"

_WITHOUT_LINK = Choice(
    code=WITHOUT_LINK, label="Tell the customer without a link; they use the one the shop mailed them"
)
_TOLD_BY_HAND = Choice(code=TOLD_BY_HAND, label="Do not send a mail; I told the customer myself")
# What may take a step's place. What is deleted and read back is never taken on somebody's word.
INSTEAD_OF: dict[StepName, tuple[Choice, ...]] = {
    StepName.FIND_ACCOUNT: (_WITHOUT_LINK,),
    StepName.FIND_SUBSCRIPTION: (_WITHOUT_LINK,),
    StepName.NOTIFY_CUSTOMER: (_TOLD_BY_HAND,),
}


def what_is_done(lines: int) -> str:
    """Return what a question says first, to whoever reads only the question; `lines` is none where none was to go."""
    if not lines:
        return "This is only about the billing link"
    return f"The {'line is' if lines == 1 else 'lines are'} removed and checked"


def needs_grounds(choice: str) -> bool:
    """Whether this answer decides something, so that whoever gives it must say on what grounds."""
    return choice not in REPEATING
