"""TLS for emulators: an own authority per folder, server certificates for loopback, and wrong ones."""

import fcntl
import os
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FAULTS = ("expired", "wrong_host", "unknown_ca")
LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def server_context(*, folder: Path, fault: str | None = None) -> ssl.SSLContext:
    """
    Give a server context with a certificate of the folder's authority.

    Emulators that share a folder share its authority, so a client trusts all of them through `ca.pem` there.

    :param fault: `expired`, `wrong_host` or `unknown_ca` (an authority that `ca.pem` does not hold).
    """
    authority = shared_authority(folder)
    if fault == "unknown_ca":
        authority = _new_authority()
    certificate, key = _server_certificate(authority, fault=fault)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The ssl module loads only from files; this one lives for an instant, in a folder only we can enter.
    with tempfile.TemporaryDirectory() as private:
        path = Path(private) / "server.pem"
        path.write_bytes(_key_bytes(key) + _certificate_bytes(certificate))
        context.load_cert_chain(path)
    return context


def shared_authority(folder: Path) -> Authority:
    """Give the folder's authority, making it the first time; safe when several emulators start at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "ca.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        certificate_path, key_path = folder / "ca.pem", folder / "ca.key"
        if not (certificate_path.exists() and key_path.exists()):
            _store(_new_authority(), certificate_path, key_path)
        key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_path} is not a key made here; remove the folder and start again.")
        return Authority(certificate=x509.load_pem_x509_certificate(certificate_path.read_bytes()), key=key)


def _store(authority: Authority, certificate_path: Path, key_path: Path) -> None:
    descriptor = os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_key_bytes(authority.key))
    certificate_path.write_bytes(_certificate_bytes(authority.certificate))


def _new_authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Emulators' own authority")
    certificate = (
        _builder(subject=name, issuer=name, key=key.public_key(), starts_at=datetime.now(UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_signing_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def _server_certificate(
    authority: Authority, *, fault: str | None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    if fault == "wrong_host":
        names = [x509.DNSName("elsewhere.example")]
    starts_at = datetime.now(UTC) - (2 * LIFETIME if fault == "expired" else timedelta())
    issuer_key = authority.key.public_key()
    certificate = (
        _builder(
            subject=_name("emulator"),
            issuer=authority.certificate.subject,
            key=key.public_key(),
            starts_at=starts_at,
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return certificate, key


def _builder(
    *, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, starts_at: datetime
) -> x509.CertificateBuilder:
    # Begins an hour early, so that a clock a little behind accepts it too.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts_at - timedelta(hours=1))
        .not_valid_after(starts_at + LIFETIME)
    )


def _signing_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate_bytes(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def trusting(ca_file: Path) -> ssl.SSLContext:
    """Give a client context that trusts exactly the authority in that file."""
    return ssl.create_default_context(cafile=str(ca_file))
