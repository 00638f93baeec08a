"""The small invented world of the demo, as the files that a customer would import."""

from importlib import resources
from pathlib import Path

from onhook.exchange.sheets import Kind


def path(kind: Kind) -> Path:
    """Return where the demo's file of this kind lies."""
    return Path(str(resources.files(__package__).joinpath(f"{kind.value}.csv")))
