"""A world on the shop channel whose worker is a process that gets killed, and what is known of its run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from emulators.control.launch import RunningEmulator
from tests import shop as shops
from tests.crash.conftest import Scene
from tests.crash.points import INSIDE, OUTSIDE
from tests.crash.processes import Process
from tests.shop import Vendors


def _of(checkpoint: str, moments: tuple[str, ...]) -> list[str]:
    return [f"{checkpoint}:{moment}" for moment in moments]


FIND_ACCOUNT = _of("find_account", OUTSIDE)
FIND_SUBSCRIPTION = _of("find_subscription", OUTSIDE)
# All that a run of one line passes whose bill is beyond doubt.
SHOP_RUN = [
    *_of("authorise", INSIDE),
    *_of("delete_devices:1", INSIDE),
    *_of("verify_deleted:1", INSIDE),
    *FIND_ACCOUNT,
    *FIND_SUBSCRIPTION,
    *_of("notify_customer:write", INSIDE),
    *_of("notify_customer:send", OUTSIDE),
    *_of("close", INSIDE),
    "run:before_complete",
]
TAGS = [
    "plan:confirmed",
    "operation:authorised",
    "device:deleted",
    "deletion:verified",
    "notice:written",
    "notice:sending",
    "notice:sent",
    "operation:closed",
]
# Calls of a run whose worker has signed in nowhere yet: with fewer, a kill at the n-th call would never come.
CALLS = {"vault": 4, "crm": 3, "shop": 4}


@dataclass
class ShopScene(Scene):
    """A scene whose worker processes reach the vendors as the product does: by its settings."""

    vendors: Vendors

    def emulator(self, name: str) -> RunningEmulator:
        found: RunningEmulator = getattr(self.vendors, name)
        return found

    def calls(self, name: str) -> int:
        """Return how many calls the vendor has seen since it was put in order."""
        return len(self.emulator(name).control.journal())

    def _fork(self, what: str, environment: dict[str, str], **more: str) -> Process:
        return self.nursery.fork(
            what,
            database=connection.settings_dict["NAME"],
            environment={"ONHOOK_CRASH_RECORD": str(self.record), **environment},
            settings={**settings_of(self.vendors, folder=self.record.parent), **self._mail()},
            **more,
        )

    def _mail(self) -> dict[str, Any]:
        return {"CHUNK_LINES": 1, "MAIL_URL": f"smtp://{self.world.mailbox.addresses['smtp']}"}


def settings_of(vendors: Vendors, *, folder: Path) -> dict[str, Any]:
    """Return the product's settings for these vendors; their authorities are put into one file below `folder`."""
    authorities = folder / "authorities.pem"
    if not authorities.exists():
        files = [emulator.ca_file for emulator in (vendors.vault, vendors.crm, vendors.shop)]
        authorities.write_bytes(b"".join(file.read_bytes() for file in files if file is not None))
    return {
        "PASSWORDSTATE_URL": f"{vendors.vault.http}/api",
        "PASSWORDSTATE_KEY": shops.VAULT_KEY,
        "SALESFORCE_URL": vendors.crm.http,
        "SALESFORCE_SECRET": "Salesforce integration",
        "TWOCHECKOUT_URL": f"{vendors.shop.http}/rest/6.0",
        "TWOCHECKOUT_SHOP_URL": vendors.shop.http,
        "TWOCHECKOUT_SECRET": "2Checkout API",
        "SHOP_HOSTS": [vendors.shop_host],
        "CA_FILE": str(authorities),
    }
