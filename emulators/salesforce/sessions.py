"""Sessions: access tokens, how long they last, and ending them."""

import secrets
from datetime import datetime, timedelta


class Sessions:
    """The access tokens in force. Use extends one; ending all is what an admin's revocation does."""

    def __init__(self) -> None:
        self._expires_at: dict[str, datetime] = {}

    def begin(self, *, organization_id: str, now: datetime, seconds: float) -> str:
        """Give a new access token: the org's id, an exclamation mark, the rest unguessable."""
        token = f"{organization_id[:15]}!AQ{secrets.token_urlsafe(48).replace('-', '.')}"
        self._expires_at[token] = now + timedelta(seconds=seconds)
        return token

    def use(self, token: str, *, now: datetime, seconds: float) -> bool:
        """Say whether a token is in force, and extend it if so."""
        expires_at = self._expires_at.get(token)
        if expires_at is None or expires_at <= now:
            self._expires_at.pop(token, None)
            return False
        self._expires_at[token] = now + timedelta(seconds=seconds)
        return True

    def end(self, token: str) -> None:
        """End one session; one that is gone already is fine."""
        self._expires_at.pop(token, None)

    def end_all(self) -> int:
        """End every session and say how many there were."""
        count = len(self._expires_at)
        self._expires_at.clear()
        return count
