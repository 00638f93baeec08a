"""How well the menu understands free text offline: every utterance of the tests, held against what it means."""

from __future__ import annotations

from benchmarks import world


def rows() -> list[tuple[str, str, str]]:
    """Return the rows of the table; needs a migrated database, and leaves it as it was."""
    from django.db import transaction

    from tests.unit.assistant import scoring

    with transaction.atomic():
        score = scoring.score(scoring.world(coid=90_001))
        transaction.set_rollback(True)
    elsewhere = score.total - score.right_branch - score.asked_back
    return [
        ("free text at the menu, offline", f"{score.total} utterances", "at least 300"),
        ("right branch", f"{score.right_branch / score.total:.1%}", "at least 97 %"),
        ("asked back instead", f"{score.asked_back}", ""),
        ("another branch", f"{elsewhere}", ""),
        ("right line, or rightly none", f"{score.right_line / score.total:.1%}", "at least 97 %"),
        ("wrong line", f"{len(score.wrong_line)}", "0"),
    ]


if __name__ == "__main__":
    with world.database():
        for what, figure, wanted in rows():
            print(f"{what:40} {figure:>16}  {wanted}")
