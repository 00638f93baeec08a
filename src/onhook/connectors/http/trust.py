"""Whose TLS certificates are believed."""

from __future__ import annotations

import ssl
from pathlib import Path


class UnusableAuthority(Exception):
    """The file of the private certificate authority cannot be used; the message says why."""


def context(*, ca_file: Path | None) -> ssl.SSLContext:
    """
    Return a context that verifies certificates and host names, always; there is no way to switch that off.

    `ca_file` (PEM) is believed beside the system's authorities, for servers with a certificate of an own authority.

    :raises UnusableAuthority: the file is missing or holds no certificate.
    """
    trusting = ssl.create_default_context()
    trusting.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            trusting.load_verify_locations(cafile=str(ca_file))
        except (OSError, ssl.SSLError) as fault:
            raise UnusableAuthority(
                f"The certificate authority {ca_file} cannot be used ({type(fault).__name__}). "
                "Give the path of a PEM file with the authority's certificate."
            ) from None
    return trusting
