"""What is wrong with a query, in the vendor's codes."""

MALFORMED, NO_FIELD, NO_TYPE = "MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE"
# The codes are the vendor's; that these are the cases for them is inferred.
WRONG_OPERATOR, OUT_OF_RANGE = "INVALID_QUERY_FILTER_OPERATOR", "NUMBER_OUTSIDE_VALID_RANGE"

# How much of the query a message repeats before and after the place it points at (inferred).
SHOWN = 60


class SoqlError(Exception):
    """
    The query is refused.

    :param code: the vendor's error code.
    :param problem: what is wrong, in a line.
    :param position: where in the query, from 0; none when the place says nothing.
    """

    def __init__(self, *, code: str, problem: str, position: int | None = None) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem
        self.position = position

    def message(self, query: str) -> str:
        """Give the message as the vendor lays it out: the place, a caret under it, row and column, the problem."""
        if self.position is None:
            return self.problem
        before, after = query[: self.position], query[self.position :]
        row, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
        start = " ".join(before[-SHOWN:].splitlines())
        line = start + " ".join(after[:SHOWN].splitlines())
        return f"\n{line}\n{' ' * len(start)}^\nERROR at Row:{row}:Column:{column + 1}\n{self.problem}"


def malformed(problem: str, position: int | None = None) -> SoqlError:
    """Give the error for a query that cannot be read."""
    return SoqlError(code=MALFORMED, problem=problem, position=position)
