"""Where a vendor's service is: checked once, when it is configured."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}


class UnusableAddress(Exception):
    """The address of a service cannot be used; the message says why and does not repeat it."""


@dataclass(frozen=True)
class BaseUrl:
    """A service's address: scheme, host, port, and the path that all its calls begin with (no slash at the end)."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @classmethod
    def parse(cls, text: str, *, allows_loopback_http: bool = False) -> BaseUrl:
        """
        Read `https://host[:port][/path]`.

        `http://` is only for a service on this machine, and only where the caller says so (never in production).

        :raises UnusableAddress: another form, `http` elsewhere, or credentials, a query or a fragment in it.
        """
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise UnusableAddress("It cannot be read as a URL.") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise UnusableAddress("It must be https:// with a host.")
        if parts.username is not None or parts.password is not None or "?" in text or "#" in text:
            raise UnusableAddress("It must hold no user, password, query or fragment.")
        if parts.scheme == "http" and not (allows_loopback_http and _is_loopback(parts.hostname)):
            raise UnusableAddress("It must be https://; http:// is only for emulators on this machine.")
        path = parts.path.rstrip("/")
        return cls(scheme=parts.scheme, host=parts.hostname, port=port or _PORTS[parts.scheme], path=path)

    @property
    def origin(self) -> str:
        """Return scheme, host and port as they stand in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    def is_same_origin(self, other: BaseUrl) -> bool:
        """Say whether both name the same server."""
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
