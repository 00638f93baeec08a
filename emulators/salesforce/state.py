"""What one org is at a moment: its clients, fields, accounts, switches, sessions and open queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from emulators.control import documents
from emulators.control.clock import Clock
from emulators.control.errors import DocumentError
from emulators.salesforce import ids
from emulators.salesforce.accounts import Account, read_accounts
from emulators.salesforce.clients import Client, read_clients
from emulators.salesforce.fields import UPGRADE_LINK, Schema, read_schema
from emulators.salesforce.paging import Cursors
from emulators.salesforce.sessions import Sessions
from emulators.salesforce.settings import Settings
from emulators.salesforce.soql.evaluation import View

SEED_FIELDS = {"org", "clients", "fields", "accounts", "settings"}


@dataclass(frozen=True, slots=True)
class Org:
    """Who the org is, and the user that calls run as."""

    organization_id: str = "00Dxx0000000001EAA"
    user_id: str = "005xx000001SvQkAAK"
    username: str = "integration@org.example"


@dataclass(slots=True)
class State:
    """One org."""

    clock: Clock
    org: Org = field(default_factory=Org)
    clients: Mapping[str, Client] = field(default_factory=dict)
    schema: Schema = field(default_factory=lambda: Schema([UPGRADE_LINK]))
    accounts: dict[str, Account] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    sessions: Sessions = field(default_factory=Sessions)
    cursors: Cursors = field(default_factory=Cursors)
    requests_used: int = 0

    def seed(self, document: object) -> Mapping[str, object]:
        """
        Replace the org by a seed document and say what was read; sessions end.

        :raises DocumentError: the document is wrong; everything stays as it was.
        """
        fields = documents.require_object(document, where="The seed")
        documents.refuse_unknown(fields, SEED_FIELDS, where="The seed")
        org = _read_org(fields.get("org", {}))
        clients = read_clients(fields.get("clients", []))
        schema = read_schema(fields["fields"]) if "fields" in fields else Schema([UPGRADE_LINK])
        accounts = read_accounts(fields.get("accounts", []), schema=schema, user_id=org.user_id, now=self.clock.now())
        settings = Settings().changed_by(fields.get("settings", {}), where="The seed's settings")
        _check_names(settings, schema)
        self.reset()
        self.org, self.clients, self.schema = org, clients, schema
        self.accounts, self.settings = accounts, settings
        return {"clients": len(clients), "fields": len(schema.fields), "accounts": len(accounts)}

    def reset(self) -> None:
        """Go back to an org without clients or accounts."""
        self.org, self.clients, self.schema = Org(), {}, Schema([UPGRADE_LINK])
        self.accounts, self.settings = {}, Settings()
        self.sessions, self.cursors, self.requests_used = Sessions(), Cursors(), 0

    def change_settings(self, document: object) -> None:
        """
        Change the switches the document names; accounts and sessions stay.

        :raises DocumentError: an unknown switch, or a value it does not have.
        """
        settings = self.settings.changed_by(document, where="The settings")
        _check_names(settings, self.schema)
        self.settings = settings

    def view(self) -> View:
        """Give what the user that calls run as may see."""
        hidden = frozenset(self.settings.hidden_fields)
        return View(schema=self.schema, hidden=hidden, locale=self.settings.user_locale)


def _read_org(document: object) -> Org:
    where = "The seed's 'org'"
    fields = documents.require_object(document, where=where)
    documents.refuse_unknown(fields, Org.__slots__, where=where)
    standard = Org()
    return Org(
        organization_id=_read_id(fields, "organization_id", standard.organization_id, "00D", where),
        user_id=_read_id(fields, "user_id", standard.user_id, "005", where),
        username=documents.take(fields, "username", str, where=where, default=standard.username),
    )


def _read_id(fields: Mapping[str, object], name: str, default: str, prefix: str, where: str) -> str:
    normal = ids.normalised(documents.take(fields, name, str, where=where, default=default))
    if normal is None or not normal.startswith(prefix):
        raise DocumentError(f"{where}: {name!r} is an id beginning with {prefix}.")
    return normal


def _check_names(settings: Settings, schema: Schema) -> None:
    known = {each.name for each in schema.fields}
    unknown = sorted({*settings.hidden_fields, *settings.read_only_fields} - known)
    if unknown:
        raise DocumentError(f"The settings name fields that are not there: {', '.join(unknown)}.")
    if "Id" in settings.hidden_fields:
        raise DocumentError("The settings cannot hide Id: every user sees it.")
