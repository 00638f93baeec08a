"""The emulated systems around a development installation: mailbox, vault, CRM and shop, each a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from onhook.config import processes, wiring
from onhook.config.processes import Child
from onhook.exchange.demo import vendors


def are_installed() -> bool:
    """Whether this installation has emulators: a project's folder does, a built package does not."""
    return importlib.util.find_spec("emulators") is not None


@dataclass
class Surroundings:
    """The running systems, where they are, and the environment that points the product's processes at them."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def mailbox(self) -> str:
        return self.addresses["mailbox"]

    def start(self, start: Callable[[Child], Child]) -> None:
        """
        Start all four, filled and speaking TLS under their own authorities, and point this process at them.

        :param start: starts a child, and sees to it that it is stopped.
        :raises UnableToStart: one did not start.
        """
        # Authorities and contents of an earlier start are of no use: they expire, and they name other ports.
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        mailbox = start(processes.mailbox(log_file=self.folder / "mailbox.log"))
        self.addresses["mailbox"] = str(mailbox.ready["http"])
        self.environment["ONHOOK_MAIL_URL"] = f"smtp://{mailbox.ready['smtp']}"
        self._vendor(start, "passwordstate", vendors.vault())
        self._vendor(start, "twocheckout", vendors.shop())
        self._vendor(start, "salesforce", vendors.crm(shop_url=self.addresses["twocheckout"]))
        self._believe_authorities()
        self._point()

    def _vendor(self, start: Callable[[Child], Child], name: str, contents: dict[str, Any]) -> None:
        seed = self.folder / f"{name}.json"
        seed.write_text(json.dumps(contents), encoding="utf-8")
        child = start(processes.emulator(name, folder=self.folder / name, seed_file=seed))
        self.addresses[name] = str(child.ready["http"])

    def _believe_authorities(self) -> None:
        bundle = self.folder / "authorities.pem"
        files = [self.folder / name / "ca.pem" for name in self.addresses if name != "mailbox"]
        bundle.write_text("".join(file.read_text() for file in files))
        self.environment["ONHOOK_CA_FILE"] = str(bundle)

    def _point(self) -> None:
        shop_url = self.addresses["twocheckout"]
        self.environment |= {
            "ONHOOK_PASSWORDSTATE_URL": f"{self.addresses['passwordstate']}/api",
            "ONHOOK_PASSWORDSTATE_KEY": vendors.VAULT_KEY,
            "ONHOOK_SALESFORCE_URL": self.addresses["salesforce"],
            "ONHOOK_SALESFORCE_SECRET": vendors.CRM_SECRET,
            "ONHOOK_TWOCHECKOUT_URL": f"{shop_url}/rest/6.0",
            "ONHOOK_TWOCHECKOUT_SHOP_URL": shop_url,
            "ONHOOK_TWOCHECKOUT_SECRET": vendors.SHOP_SECRET,
            "ONHOOK_SHOP_HOSTS": shop_url.removeprefix("https://"),
        }
        use(self.environment)


def use(environment: Mapping[str, str]) -> None:
    """Point this process, whose settings were read before, at the same systems as the processes it starts."""
    os.environ.update(environment)
    for name, value in environment.items():
        setattr(settings, name.removeprefix("ONHOOK_"), value)
    settings.SHOP_HOSTS = frozenset({environment["ONHOOK_SHOP_HOSTS"]})
    wiring.forget()
