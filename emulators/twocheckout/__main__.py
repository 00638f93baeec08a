"""`python -m emulators.twocheckout`: serve the 2Checkout emulator."""

import argparse
import os
import sys

from emulators.control import server
from emulators.control.errors import StartError
from emulators.twocheckout.app import TwoCheckout
from emulators.twocheckout.settings import LOWERING, Account, Settings

CODE, KEY = "TWOCHECKOUT_MERCHANT_CODE", "TWOCHECKOUT_SECRET_KEY"


def build(arguments: argparse.Namespace) -> TwoCheckout:
    """Build the emulator; the account comes from the environment or later with a seed."""
    code, key = os.environ.get(CODE), os.environ.get(KEY)
    if bool(code) != bool(key):
        raise StartError(f"set both {CODE} and {KEY}, or neither and seed an account.")
    settings = Settings(
        strict_filters=arguments.strict_filters,
        accept_md5=arguments.accept_md5,
        clock_tolerance_seconds=arguments.clock_tolerance_seconds,
        lowering=arguments.lowering,
    )
    account = Account(merchant_code=code, secret_key=key) if code and key else None
    return TwoCheckout(account=account, settings=settings)


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments and serve until told to stop."""
    defaults = Settings()
    parser = server.new_parser("twocheckout", "2Checkout REST 6.0 and its hosted upgrade page.")
    parser.add_argument("--strict-filters", action="store_true", help="refuse unknown search filters")
    parser.add_argument("--accept-md5", action="store_true", help="accept signatures without algo (MD5)")
    parser.add_argument(
        "--clock-tolerance-seconds",
        type=float,
        default=defaults.clock_tolerance_seconds,
        help="how old or early a signature may be (default: %(default)g)",
    )
    parser.add_argument(
        "--lowering",
        choices=LOWERING,
        default=defaults.lowering,
        help="what the hosted page does with a lower count (default: %(default)s)",
    )
    return server.run(arguments, parser=parser, build=build)


if __name__ == "__main__":
    sys.exit(main())
