"""The external client apps that may sign in."""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from emulators.control import documents
from emulators.control.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Client:
    """One app: its consumer key and secret, and the key of its uploaded certificate if it has one."""

    consumer_key: str
    consumer_secret: str
    public_key: RSAPublicKey | None


def read_clients(document: object) -> Mapping[str, Client]:
    """
    Read a seed document's clients, by consumer key.

    :raises DocumentError: an unknown field, an empty key or secret, a key twice, a certificate without an RSA key.
    """
    clients: dict[str, Client] = {}
    for position, item in enumerate(documents.require_list(document, where="The seed's 'clients'")):
        where = f"The seed's clients[{position}]"
        client = _read_client(documents.require_object(item, where=where), where=where)
        if client.consumer_key in clients:
            raise DocumentError(f"{where}: the consumer key comes twice.")
        clients[client.consumer_key] = client
    return clients


def _read_client(fields: Mapping[str, object], *, where: str) -> Client:
    documents.refuse_unknown(fields, {"consumer_key", "consumer_secret", "certificate"}, where=where)
    client = Client(
        consumer_key=documents.take(fields, "consumer_key", str, where=where),
        consumer_secret=documents.take(fields, "consumer_secret", str, where=where),
        public_key=_read_certificate(documents.take(fields, "certificate", str, where=where, default=""), where),
    )
    if not (client.consumer_key and client.consumer_secret):
        raise DocumentError(f"{where}: neither consumer key nor secret may be empty.")
    return client


def _read_certificate(text: str, where: str) -> RSAPublicKey | None:
    if not text:
        return None
    try:
        key = x509.load_pem_x509_certificate(text.encode()).public_key()
    except ValueError as error:
        raise DocumentError(f"{where}: 'certificate' is no certificate in PEM.") from error
    if not isinstance(key, RSAPublicKey):
        raise DocumentError(f"{where}: 'certificate' has no RSA key.")
    return key
