"""The signed header: the vectors of the protocol notes, and everything that must be refused."""

import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from emulators.twocheckout import authentication
from emulators.twocheckout.settings import Account, Settings

ACCOUNT = Account(merchant_code="TESTMERCH001", secret_key="s3cr3t-k3y-for-tests!")
DATE = "2026-01-15 09:30:00"
NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
VECTORS = {
    "sha256": "cb012fb6c4b6e13e989170ede3cda6e2f54ea6eaf30cc96eb4306039c25f8196",
    "sha3_256": "fef3d898a5216bd2482d5db90cd9e701ceec50eff1c716e8a7fff3b14403c504",
    "md5": "2d596b224f757c6c35265c6b3930c8d4",
}


def _header(*, hash_: str = VECTORS["sha256"], algo: str | None = "sha256", date: str = DATE, quote: str = '"') -> str:
    attributes = {"code": "TESTMERCH001", "date": date, "hash": hash_}
    if algo is not None:
        attributes["algo"] = algo
    return " ".join(f"{name}={quote}{value}{quote}" for name, value in attributes.items())


def _is_authentic(
    header: str | None,
    *,
    settings: Settings | None = None,
    account: Account | None = ACCOUNT,
    now: datetime = NOW,
) -> bool:
    return authentication.is_authentic(header, account=account, settings=settings or Settings(), now=now)


@pytest.mark.parametrize("digest", ["sha256", "sha3_256", "md5"])
def test_signature_gives_the_vectors_of_the_notes(digest: str) -> None:
    signature = authentication.signature(code="TESTMERCH001", key="s3cr3t-k3y-for-tests!", date=DATE, digest=digest)

    assert signature == VECTORS[digest]


def test_signature_gives_the_vector_of_the_documentation() -> None:
    # The page calls it SHA256; it is MD5.
    signature = authentication.signature(code="AVANGATE", key="SECRET_KEY", date="2010-05-13 12:12:12", digest="md5")

    assert signature == "bf763db7d333e9c3038698cf59ada3e6"


def test_signature_counts_bytes_not_characters() -> None:
    signature = authentication.signature(code="ZOË", key="k", date=DATE, digest="sha256")

    assert signature == hmac.new(b"k", f"4ZOË19{DATE}".encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize(
    ("algo", "digest"),
    [("sha256", "sha256"), ("SHA256", "sha256"), ("sha3-256", "sha3_256"), ("SHA3-256", "sha3_256")],
)
def test_header_is_accepted_in_each_documented_form(algo: str, digest: str, quote: str) -> None:
    assert _is_authentic(_header(hash_=VECTORS[digest], algo=algo, quote=quote))


@pytest.mark.parametrize("accept_md5", [True, False])
def test_md5_is_accepted_behind_its_switch_alone(accept_md5: bool) -> None:
    header = _header(hash_=VECTORS["md5"], algo=None, quote="'")

    assert _is_authentic(header, settings=Settings(accept_md5=accept_md5)) is accept_md5


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        _header(hash_="0" * 64),
        _header(hash_=VECTORS["sha256"].upper()),
        _header(hash_=VECTORS["sha3_256"]),
        _header(algo="sha512"),
        _header(algo=None),
        _header(algo="md5", hash_=VECTORS["md5"]),
        _header(date="2026-01-15T09:30:00Z"),
        _header(date="2026-01-15T09:30:00"),
        _header(date="2026-02-30 09:30:00"),
        _header() + ' code="OTHER"',
        _header() + " trailing",
        _header().replace("TESTMERCH001", "testmerch001"),
        _header().replace('hash="', 'hash="é'),
    ],
)
def test_header_is_refused(header: str | None) -> None:
    assert not _is_authentic(header)


def test_nothing_is_accepted_without_an_account() -> None:
    assert not _is_authentic(_header(), account=None)


@pytest.mark.parametrize(
    ("now", "accepted"),
    [
        (datetime(2026, 1, 15, 9, 35, 0, 999_999, tzinfo=UTC), True),
        (datetime(2026, 1, 15, 9, 35, 1, tzinfo=UTC), False),
        (datetime(2026, 1, 15, 9, 25, 0, tzinfo=UTC), True),
        (datetime(2026, 1, 15, 9, 24, 59, tzinfo=UTC), False),
    ],
)
def test_date_is_accepted_within_the_tolerance_either_way(now: datetime, accepted: bool) -> None:
    assert _is_authentic(_header(), now=now) is accepted


def test_tolerance_is_a_setting() -> None:
    late = datetime(2026, 1, 15, 9, 30, 11, tzinfo=UTC)

    assert not _is_authentic(_header(), settings=Settings(clock_tolerance_seconds=10), now=late)
    assert _is_authentic(_header(), settings=Settings(clock_tolerance_seconds=11), now=late)
