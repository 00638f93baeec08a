"""How well the menu understands free text offline: the utterances of the tests, held against what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import world

if TYPE_CHECKING:
    from tests.unit.assistant.scoring import Score


def rows() -> list[tuple[str, str, str]]:
    """Return the rows of the table; needs a migrated database, and leaves it as it was."""
    from django.db import transaction

    from tests.unit.assistant import scoring, utterances

    with transaction.atomic():
        company = scoring.world(coid=90_001)
        known = scoring.score(company, utterances.all_utterances())
        unseen = scoring.score(company, utterances.unseen_utterances())
        transaction.set_rollback(True)
    return [
        *_rows("free text, offline", known, wanted="at least 97 %"),
        *_rows("free text that no phrase was made for", unseen, wanted=""),
    ]


def _rows(what: str, score: Score, *, wanted: str) -> list[tuple[str, str, str]]:
    return [
        (f"{what}: utterances", f"{score.total}", ""),
        (f"{what}: right branch", f"{score.right_branch / score.total:.1%}", wanted),
        (f"{what}: asked back instead", f"{score.asked_back}", ""),
        (f"{what}: another branch", f"{score.elsewhere}", ""),
        (f"{what}: right device, or rightly none", f"{score.right_line / score.total:.1%}", wanted),
        (f"{what}: wrong device", f"{len(score.wrong_line)}", "0"),
    ]


if __name__ == "__main__":
    with world.database():
        for what, figure, wanted in rows():
            print(f"{what:70} {figure:>6}  {wanted}")
