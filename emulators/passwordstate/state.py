"""What one server is at a moment: its vault and its switches, replaced together by a seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from emulators.control import documents
from emulators.passwordstate.settings import Settings
from emulators.passwordstate.vault import SEED_FIELDS, Vault, read_vault


@dataclass(slots=True)
class State:
    """The vault and the switches."""

    vault: Vault = field(default_factory=Vault)
    settings: Settings = field(default_factory=Settings)

    def seed(self, document: object) -> Mapping[str, object]:
        """
        Replace everything by a seed document and say what was read.

        :raises DocumentError: the document is wrong; everything stays as it was.
        """
        fields = documents.require_object(document, where="The seed")
        documents.refuse_unknown(fields, SEED_FIELDS, where="The seed")
        vault = read_vault(fields)
        settings = Settings().changed_by(fields.get("settings", {}), where="The seed's settings")
        self.vault, self.settings = vault, settings
        return {"lists": len(vault.lists), "passwords": len(vault.records), "keys": len(vault.keys)}

    def reset(self) -> None:
        """Empty the vault and put every switch back."""
        self.vault, self.settings = Vault(), Settings()

    def change_settings(self, document: object) -> None:
        """
        Change the switches the document names; the vault stays.

        :raises DocumentError: an unknown switch, or a value it does not have.
        """
        self.settings = self.settings.changed_by(document, where="The settings")
