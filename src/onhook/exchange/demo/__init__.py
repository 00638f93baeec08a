"""The small invented world of the demo, as the files that a customer would import."""

from importlib import resources
from pathlib import Path

from onhook.exchange.sheets import Kind

# The line of company 4711 whose SOC code no rule knows, as its file writes the number.
UNKNOWN_LINE = "202 555 0111"


def path(kind: Kind) -> Path:
    """Return where the demo's file of this kind lies."""
    return Path(str(resources.files(__package__).joinpath(f"{kind.value}.csv")))
