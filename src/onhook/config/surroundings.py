"""The emulated systems around a development installation: mailbox, vault, CRM and shop, each a process of its own."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.conf import settings

from onhook.config import processes, wiring
from onhook.config.processes import Child
from onhook.exchange.demo import vendors

_SEED_SECONDS = 10


@dataclass
class Surroundings:
    """The running systems, where they are, and the environment that points the product's processes at them."""

    folder: Path
    children: list[Child] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def mailbox(self) -> str:
        return self.addresses["mailbox"]

    def start(self) -> None:
        """
        Start all four, let them speak TLS under their own authorities, fill them, and point this process at them.

        :raises UnableToStart: one did not start; those before it are stopped.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._mailbox()
            for name in ("passwordstate", "salesforce", "twocheckout"):
                self._vendor(name)
        except processes.UnableToStart:
            self.stop()
            raise
        self._believe_authorities()
        self._fill()
        self._point()

    def stop(self) -> None:
        """Stop all, last started first."""
        for child in reversed(self.children):
            child.stop()

    def _mailbox(self) -> None:
        child = processes.mailbox(log_file=self.folder / "mailbox.log")
        child.start()
        self.children.append(child)
        self.addresses["mailbox"] = str(child.ready["http"])
        self.environment["ONHOOK_MAIL_URL"] = f"smtp://{child.ready['smtp']}"

    def _vendor(self, name: str) -> None:
        command = [sys.executable, "-m", f"emulators.{name}", "--tls-folder", str(self.folder / name)]
        child = Child(name, command, {}, self.folder / f"{name}.log")
        child.start()
        self.children.append(child)
        self.addresses[name] = str(child.ready["http"])

    def _believe_authorities(self) -> None:
        bundle = self.folder / "authorities.pem"
        files = [self.folder / name / "ca.pem" for name in self.addresses if name != "mailbox"]
        bundle.write_text("".join(file.read_text() for file in files))
        self.environment["ONHOOK_CA_FILE"] = str(bundle)

    def _fill(self) -> None:
        shop_url = self.addresses["twocheckout"]
        documents = {
            "passwordstate": vendors.vault(),
            "salesforce": vendors.crm(shop_url=shop_url),
            "twocheckout": vendors.shop(),
        }
        context = ssl.create_default_context(cafile=self.environment["ONHOOK_CA_FILE"])
        with httpx.Client(verify=context, trust_env=False, timeout=_SEED_SECONDS) as http:
            for name, document in documents.items():
                http.post(f"{self.addresses[name]}/_control/seed", json=document).raise_for_status()

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
