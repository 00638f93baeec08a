"""The switches: what an org decides for itself, and the troubles a client must bear."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from emulators.control import documents
from emulators.control.errors import DocumentError

LIMITS = ("", "daily", "concurrent")


@dataclass(frozen=True, slots=True)
class Settings:
    """The switches; the defaults are an org where everything works."""

    # Where clients are told to call; empty: where they called for the token.
    instance_url: str = ""
    session_seconds: float = 7200.0
    # Every session is refused, fresh ones too: wrong instance, locked address, blocked client.
    refuses_sessions: bool = False
    # The error the token endpoint gives whatever it is sent, without a description.
    sign_in_error: str = ""
    has_run_as_user: bool = True
    daily_requests: int = 5000
    limit_exceeded: str = ""
    shows_bursts: bool = False
    shows_per_app_usage: bool = False
    # Field-level security of the user signed in.
    hidden_fields: tuple[str, ...] = ()
    read_only_fields: tuple[str, ...] = ()
    user_locale: str = "en_US"
    # Rows a page at the most; the vendor gives fewer than 2,000 for wide rows.
    rows_per_page: int = 2000
    # What updates meet.
    has_locked_rows: bool = False
    validation_error: str = ""

    def changed_by(self, document: object, *, where: str) -> "Settings":
        """
        Give these settings with the document's own laid over.

        :raises DocumentError: an unknown switch, or a value it does not have.
        """
        fields = documents.require_object(document, where=where)
        documents.refuse_unknown(fields, Settings.__slots__, where=where)
        values = {name: _value(self, fields, name, where) for name in fields}
        changed = replace(self, **values)  # type: ignore[arg-type]  # each was checked against its default's type
        if changed.limit_exceeded not in LIMITS:
            raise DocumentError(f"{where}: 'limit_exceeded' is empty, daily or concurrent.")
        if changed.rows_per_page < 1:
            raise DocumentError(f"{where}: 'rows_per_page' is at least 1.")
        return changed

    def described(self) -> dict[str, object]:
        """Give the switches for the control API."""
        return {name: getattr(self, name) for name in Settings.__slots__}


def _value(settings: Settings, fields: Mapping[str, object], name: str, where: str) -> object:
    default = getattr(settings, name)
    if not isinstance(default, tuple):
        return documents.take(fields, name, type(default), where=where)
    names = documents.require_list(fields[name], where=f"{where}: {name!r}")
    if any(not isinstance(each, str) for each in names):
        raise DocumentError(f"{where}: {name!r} holds names of fields.")
    return tuple(str(each) for each in names)
