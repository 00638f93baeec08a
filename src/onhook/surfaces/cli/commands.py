"""All commands, gathered: importing a module adds its commands to the tree."""

import typer

from onhook.surfaces.cli import (
    companies,
    data,
    demo,
    doctor,
    lines,
    passwords,
    rules,
    runs,
    runs_questions,
    second_factors,
    serving,
    trust,
)
from onhook.surfaces.cli.app import app

__all__ = [
    "app",
    "companies",
    "data",
    "demo",
    "doctor",
    "lines",
    "names",
    "passwords",
    "rules",
    "runs",
    "runs_questions",
    "second_factors",
    "serving",
    "trust",
]


def names() -> set[str]:
    """Return the names of the commands and groups, as they are typed."""
    return set(typer.main.get_group(app).commands)
