"""`python -m emulators.passwordstate`: serve the vault."""

import argparse
import sys

from emulators.control import server
from emulators.passwordstate.emulator import Passwordstate


def build(_: argparse.Namespace) -> Passwordstate:
    """Build an empty vault; keys, lists and records come with the seed."""
    return Passwordstate()


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments and serve until told to stop."""
    parser = server.new_parser("passwordstate", "The standard API of a Passwordstate vault.")
    return server.run(arguments, parser=parser, build=build)


if __name__ == "__main__":
    sys.exit(main())
