"""`python -m emulators.salesforce`: serve one org."""

import argparse
import sys

from emulators.control import server
from emulators.salesforce.emulator import Salesforce


def build(_: argparse.Namespace) -> Salesforce:
    """Build an empty org; clients, fields and accounts come with the seed."""
    return Salesforce()


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments and serve until told to stop."""
    parser = server.new_parser("salesforce", "The REST API of one Salesforce org.")
    return server.run(arguments, parser=parser, build=build)


if __name__ == "__main__":
    sys.exit(main())
