"""`python -m emulators.mailbox`: serve the mailbox."""

import argparse
import os
import sys

from emulators.control import server
from emulators.control.errors import StartError
from emulators.mailbox.emulator import Mailbox
from emulators.mailbox.smtp import Login

USER, PASSWORD = "MAILBOX_SMTP_USER", "MAILBOX_SMTP_PASSWORD"


def build(arguments: argparse.Namespace) -> Mailbox:
    """Build the mailbox; it asks for a sign-in when the environment names one."""
    user, password = os.environ.get(USER), os.environ.get(PASSWORD)
    if bool(user) != bool(password):
        raise StartError(f"set both {USER} and {PASSWORD}, or neither.")
    login = Login(user=user, password=password) if user and password else None
    return Mailbox(smtp_port=arguments.smtp_port, login=login)


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments and serve until told to stop."""
    parser = server.new_parser("mailbox", "An SMTP server whose messages are read over HTTP.")
    parser.add_argument("--smtp-port", type=int, default=0, help="0 picks a free port (default)")
    return server.run(arguments, parser=parser, build=build)


if __name__ == "__main__":
    sys.exit(main())
