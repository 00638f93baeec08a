"""The command tree. Each module below adds its commands."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Annotated

import typer

app = typer.Typer(
    name="onhook",
    help="Delete a phone line everywhere it lives, prove it, and follow the bill.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
token_app = typer.Typer(help="Issue and revoke the tokens that prove a person.", no_args_is_help=True)
audit_app = typer.Typer(help="Export checkpoints of the audit trail, and verify it.", no_args_is_help=True)
soc_app = typer.Typer(help="The rules from SOC code to billing channel.", no_args_is_help=True)
app.add_typer(token_app, name="token")
app.add_typer(audit_app, name="audit")
app.add_typer(soc_app, name="soc")


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"onhook {version_of('onhook')}")
        raise typer.Exit


@app.callback()
def onhook(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Delete a phone line everywhere it lives, prove it, and follow the bill."""
