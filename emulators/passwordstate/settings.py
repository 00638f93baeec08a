"""The switches for what differs between builds and servers, or is not established."""

from dataclasses import dataclass, replace

from emulators.control import documents
from emulators.control.errors import DocumentError

# How ids and booleans are written: as documented, the list's id as text, or everything as text.
TYPES = ("documented", "list_id_as_text", "all_as_text")
DENIED = (401, 403)


@dataclass(frozen=True, slots=True)
class Settings:
    """The switches; the defaults are the better attested behaviour."""

    # Answers to a wrong key: 403 in one client's test data, 401 handled everywhere.
    denied_status: int = 403
    types: str = "documented"
    # No hit in a search: `[]`, or an error, which clients prepare for too.
    empty_search_is_error: bool = False
    # Older builds write `error` instead of `errors` with message and phrase.
    errors_in_older_shape: bool = False
    # Whether a list with ProvideAccessReason refuses calls without `Reason` is not established.
    enforces_reason: bool = False
    # Every API call ends as 302 to an HTML page, as a server fault does.
    redirects_to_error_page: bool = False

    def changed_by(self, document: object, *, where: str) -> "Settings":
        """
        Give these settings with the document's own laid over.

        :raises DocumentError: an unknown switch, or a value it does not have.
        """
        fields = documents.require_object(document, where=where)
        documents.refuse_unknown(fields, Settings.__slots__, where=where)
        values = {name: documents.take(fields, name, type(getattr(self, name)), where=where) for name in fields}
        changed = replace(self, **values)
        if changed.types not in TYPES:
            raise DocumentError(f"{where}: 'types' is one of {', '.join(TYPES)}.")
        if changed.denied_status not in DENIED:
            raise DocumentError(f"{where}: 'denied_status' is 401 or 403.")
        return changed

    def described(self) -> dict[str, object]:
        """Give the switches for the control API."""
        return {name: getattr(self, name) for name in Settings.__slots__}
