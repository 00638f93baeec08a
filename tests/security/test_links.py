"""No hostile link is fit for a mail, and harmless variants of the true one are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onhook.billing import upgrade_links
from onhook.billing.upgrade_links import Difference, ProblemCode

REFERENCE = "Q7RK2M9XA4"
HOSTS = frozenset({"secure.2checkout.com", "secure.avangate.com"})
TRUE = f"https://secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}"

BENIGN = [
    TRUE,
    f"https://secure.avangate.com/order/upgrade.php?LICENSE={REFERENCE}",
    f"https://Secure.2Checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    f"https://secure.2checkout.com:443/order/upgrade.php?LICENSE={REFERENCE}",
    f"{TRUE}&LANG=en",
    f"{TRUE}&LANG=pt-br&CURRENCY=EUR",
    f"https://secure.2checkout.com/order/upgrade.php?CURRENCY=USD&LICENSE={REFERENCE}",
    f"{TRUE}&DESIGN_TYPE=2",
    f"{TRUE}&UPGRADEPROD=47110815",
    f"{TRUE}&UPGRADEPROD=47110815&UPGRADEOPT=users_10",
]

HOSTILE = {
    # Another host, or a host made to look like the shop's.
    "other host": f"https://evil.example/order/upgrade.php?LICENSE={REFERENCE}",
    "shop as subdomain": f"https://secure.2checkout.com.evil.example/order/upgrade.php?LICENSE={REFERENCE}",
    "shop as suffix": f"https://evil-secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "subdomain of the shop": f"https://x.secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "parent of the shop": f"https://2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "digit for a letter": f"https://secure.2check0ut.com/order/upgrade.php?LICENSE={REFERENCE}",
    "cyrillic letter": f"https://secure.2\u0441heckout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "punycode": f"https://secure.xn--2heckout-5tc.com/order/upgrade.php?LICENSE={REFERENCE}",
    "full-width letter": f"https://secure.2\uff43heckout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "full-width dot": f"https://secure.2checkout\u3002com/order/upgrade.php?LICENSE={REFERENCE}",
    "final dot": f"https://secure.2checkout.com./order/upgrade.php?LICENSE={REFERENCE}",
    "empty host": f"https:///order/upgrade.php?LICENSE={REFERENCE}",
    "address as number": f"https://2130706433/order/upgrade.php?LICENSE={REFERENCE}",
    "loopback": f"https://127.0.0.1/order/upgrade.php?LICENSE={REFERENCE}",
    "address of version 6": f"https://[::1]/order/upgrade.php?LICENSE={REFERENCE}",
    "encoded dot in host": f"https://secure%2e2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    # User and password in front of the true host.
    "shop as user": f"https://secure.2checkout.com@evil.example/order/upgrade.php?LICENSE={REFERENCE}",
    "shop as user with password": f"https://secure.2checkout.com:443@evil.example/order/upgrade.php?LICENSE={REFERENCE}",
    "user at the shop": f"https://user@secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "empty user": f"https://@secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "encoded at": f"https://secure.2checkout.com%40evil.example/order/upgrade.php?LICENSE={REFERENCE}",
    # Ports.
    "other port": f"https://secure.2checkout.com:8443/order/upgrade.php?LICENSE={REFERENCE}",
    "port 80": f"https://secure.2checkout.com:80/order/upgrade.php?LICENSE={REFERENCE}",
    "empty port": f"https://secure.2checkout.com:/order/upgrade.php?LICENSE={REFERENCE}",
    "padded port": f"https://secure.2checkout.com:0443/order/upgrade.php?LICENSE={REFERENCE}",
    "two ports": f"https://secure.2checkout.com:443:443/order/upgrade.php?LICENSE={REFERENCE}",
    # Schemes.
    "http": f"http://secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "upper-case http": f"HTTP://secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "no scheme": f"//secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "bare host": f"secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "one slash": f"https:/secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "no slash": f"https:secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "three slashes": f"https:///secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "javascript": f"javascript:alert(1)//secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "data": "data:text/html,<script>location='https://evil.example'</script>",
    "view-source": f"view-source:{TRUE}",
    "ftp": f"ftp://secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    # Paths.
    "other page": f"https://secure.2checkout.com/order/cart.php?LICENSE={REFERENCE}",
    "no page": f"https://secure.2checkout.com/?LICENSE={REFERENCE}",
    "step up": f"https://secure.2checkout.com/x/../order/upgrade.php?LICENSE={REFERENCE}",
    "encoded step up": f"https://secure.2checkout.com/%2e%2e/order/upgrade.php?LICENSE={REFERENCE}",
    "doubled slash": f"https://secure.2checkout.com//order/upgrade.php?LICENSE={REFERENCE}",
    "path information": f"https://secure.2checkout.com/order/upgrade.php/x?LICENSE={REFERENCE}",
    "path parameter": f"https://secure.2checkout.com/order/upgrade.php;x?LICENSE={REFERENCE}",
    "upper-case path": f"https://secure.2checkout.com/ORDER/UPGRADE.PHP?LICENSE={REFERENCE}",
    "encoded slash": f"https://secure.2checkout.com/order%2Fupgrade.php?LICENSE={REFERENCE}",
    "prefix page": f"https://secure.2checkout.com/go/order/upgrade.php?LICENSE={REFERENCE}",
    "longer name": f"https://secure.2checkout.com/order/upgrade.php5?LICENSE={REFERENCE}",
    # Backslashes and other tricks between parsers.
    "backslash host": f"https://evil.example\\@secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "backslash path": f"https://secure.2checkout.com\\order\\upgrade.php?LICENSE={REFERENCE}",
    "backslashes for slashes": f"https:\\\\secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE}",
    "leading space": f" {TRUE}",
    "trailing newline": f"{TRUE}\n",
    "tab in scheme": TRUE.replace("https", "ht\ttps"),
    "line break for a header": f"{TRUE}\r\nBcc: someone@evil.example",
    "zero byte": f"{TRUE}\x00",
    "delete byte": f"{TRUE}\x7f",
    "right-to-left override": f"{TRUE}\u202e",
    "zero-width space": TRUE.replace("checkout", "check\u200bout"),
    "soft hyphen": TRUE.replace("checkout", "check\u00adout"),
    "quote and tag": f'{TRUE}"><script>alert(1)</script>',
    "apostrophe": f"{TRUE}'",
    # The subscription.
    "no reference": "https://secure.2checkout.com/order/upgrade.php",
    "empty query": "https://secure.2checkout.com/order/upgrade.php?",
    "empty reference": "https://secure.2checkout.com/order/upgrade.php?LICENSE=",
    "other reference": "https://secure.2checkout.com/order/upgrade.php?LICENSE=ZZZZZZZZZZ",
    "other case": f"https://secure.2checkout.com/order/upgrade.php?LICENSE={REFERENCE.lower()}",
    "cut reference": TRUE[:-1],
    "longer reference": f"{TRUE}5",
    "reference twice": f"{TRUE}&LICENSE={REFERENCE}",
    "other reference first": f"https://secure.2checkout.com/order/upgrade.php?LICENSE=ZZZZZZZZZZ&LICENSE={REFERENCE}",
    "other reference last": f"{TRUE}&LICENSE=ZZZZZZZZZZ",
    "other reference in small letters": f"{TRUE}&license=ZZZZZZZZZZ",
    "small letters only": f"https://secure.2checkout.com/order/upgrade.php?license={REFERENCE}",
    "reference as list": f"https://secure.2checkout.com/order/upgrade.php?LICENSE[]={REFERENCE}",
    "second as list": f"{TRUE}&LICENSE[]=ZZZZZZZZZZ",
    "second, name encoded": f"{TRUE}&LICENS%45=ZZZZZZZZZZ",
    "encoded reference": "https://secure.2checkout.com/order/upgrade.php?LICENSE=%517RK2M9XA4",
    "reference in the fragment": f"https://secure.2checkout.com/order/upgrade.php#?LICENSE={REFERENCE}",
    "fragment": f"{TRUE}#/evil",
    "empty fragment": f"{TRUE}#",
    "second after semicolon": f"{TRUE};LICENSE=ZZZZZZZZZZ",
    "second after encoded ampersand": f"{TRUE}%26LICENSE=ZZZZZZZZZZ",
    "second question mark": f"https://secure.2checkout.com/order/upgrade.php?x?LICENSE={REFERENCE}",
    "plus": f"{TRUE}+",
    # Parameters.
    "shop address": f"{TRUE}&SHOPURL=https://evil.example",
    "return address": f"{TRUE}&RETURN_URL=https:evil.example",
    "price": f"{TRUE}&PRICES47110815[USD]=0",
    "count": f"{TRUE}&QTY=99",
    "signature": f"{TRUE}&PHASH=ab12",
    "sign-on token": f"{TRUE}&TOKEN=abc",
    "small letters of a known name": f"{TRUE}&lang=en",
    "known name twice": f"{TRUE}&LANG=en&LANG=de",
    "known name, bad value": f"{TRUE}&LANG=https:evil.example",
    "empty parameter": f"{TRUE}&",
    "empty value": f"{TRUE}&LANG=",
    "two equal signs": f"{TRUE}&LANG=en=de",
    "tracking": f"{TRUE}&utm_source=mail",
    # Sizes.
    "empty": "",
    "too long": f"{TRUE}&UPGRADEOPT={'a' * 600}",
}


@pytest.mark.parametrize("url", BENIGN)
def test_link_that_is_harmless_may_be_mailed(url: str) -> None:
    assert upgrade_links.check(url, reference=REFERENCE, hosts=HOSTS) == []


@pytest.mark.parametrize("url", HOSTILE.values(), ids=HOSTILE.keys())
def test_link_that_is_hostile_is_never_mailed(url: str) -> None:
    assert upgrade_links.check(url, reference=REFERENCE, hosts=HOSTS) != []


def test_link_may_name_a_port_that_is_configured() -> None:
    url = f"https://127.0.0.1:8443/order/upgrade.php?LICENSE={REFERENCE}"

    assert upgrade_links.check(url, reference=REFERENCE, hosts={"127.0.0.1:8443"}) == []
    assert upgrade_links.check(url, reference=REFERENCE, hosts={"127.0.0.1"}) != []
    assert upgrade_links.check(url.replace(":8443", ""), reference=REFERENCE, hosts={"127.0.0.1:8443"}) != []
    assert upgrade_links.difference(url, url, hosts={"127.0.0.1:8443"}) == []


def test_hostile_links_are_many_and_all_different() -> None:
    assert len(set(HOSTILE.values())) == len(HOSTILE) >= 60


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        ("", [ProblemCode.LENGTH]),
        (f"{TRUE}#", [ProblemCode.CHARACTERS]),
        (TRUE.replace("https", "http"), [ProblemCode.SCHEME]),
        (TRUE.replace("2checkout", "example"), [ProblemCode.HOST]),
        (TRUE.replace(".com/", ".com:1/"), [ProblemCode.PORT]),
        (TRUE.replace("upgrade", "cart"), [ProblemCode.PATH]),
        (TRUE[:-1], [ProblemCode.REFERENCE]),
        (f"{TRUE}&LICENSE=X", [ProblemCode.REFERENCE_TWICE]),
        (f"{TRUE}&QTY=1", [ProblemCode.PARAMETER]),
    ],
)
def test_link_problem_says_what_is_wrong(url: str, codes: list[ProblemCode]) -> None:
    problems = upgrade_links.check(url, reference=REFERENCE, hosts=HOSTS)

    assert [problem.code for problem in problems] == codes
    assert all(problem.text for problem in problems)


@pytest.mark.parametrize("reference", ["", "A&LICENSE=B", "A B", "Ä", "A" * 65])
def test_link_is_refused_for_a_reference_that_is_none(reference: str) -> None:
    url = f"https://secure.2checkout.com/order/upgrade.php?LICENSE={reference}"

    assert upgrade_links.check(url, reference=reference, hosts=HOSTS) != []


@given(place=st.integers(0, len(TRUE)), inserted=st.text(min_size=1, max_size=6))
def test_link_with_anything_put_into_it_is_refused_or_leads_to_the_same_place(place: int, inserted: str) -> None:
    url = TRUE[:place] + inserted + TRUE[place:]

    if not upgrade_links.check(url, reference=REFERENCE, hosts=HOSTS):
        # Only upper and lower case of the host, a port and allowed parameters can be left.
        assert upgrade_links.difference(TRUE, url, hosts=HOSTS) == []


@pytest.mark.parametrize(
    "theirs",
    [
        TRUE,
        f" {TRUE}\n",
        f"{TRUE}&LANG=de&CURRENCY=EUR&SHOPURL=https://x.example&DESIGN_TYPE=1&utm_source=crm",
        f"https://SECURE.avangate.com:443/order/upgrade.php?LANG=en&LICENSE={REFERENCE}",
    ],
)
def test_links_of_one_offer_do_not_differ(theirs: str) -> None:
    assert upgrade_links.difference(TRUE, theirs, hosts=HOSTS) == []


@pytest.mark.parametrize(
    ("theirs", "difference"),
    [
        (TRUE[:-1], Difference("LICENSE", REFERENCE, REFERENCE[:-1])),
        (f"{TRUE}&QTY=3", Difference("QTY", "", "3")),
        (f"{TRUE}&UPGRADEPROD=7", Difference("UPGRADEPROD", "", "7")),
        (TRUE.replace("upgrade.php", "checkout.php"), Difference("path", upgrade_links.PATH, "/order/checkout.php")),
        (TRUE.replace("secure.2", "shop.2"), Difference("host", "its own", "shop.2checkout.com")),
        (f"{TRUE}&LICENSE=ZZ", Difference("LICENSE", REFERENCE, f"{REFERENCE}, ZZ")),
    ],
)
def test_links_of_two_offers_differ_in_one_part(theirs: str, difference: Difference) -> None:
    assert upgrade_links.difference(TRUE, theirs, hosts=HOSTS) == [difference]


@pytest.mark.parametrize("theirs", [TRUE.replace("https", "http"), "https://[", f"{TRUE}#x", "see mail"])
def test_link_that_is_another_kind_of_address_differs_as_a_whole(theirs: str) -> None:
    differences = upgrade_links.difference(TRUE, theirs, hosts=HOSTS)

    assert differences[0].part == "address"
