"""Sign-in: three fields, a second proof, limits on tries, sessions that end, and passwords after the standard."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client, override_settings

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.operations import confirming, planning
from onhook.operations.models import Operation
from onhook.tenancy.models import User
from onhook.tenancy.permissions import Role
from tests import factories

PASSWORD = "correct horse battery staple"
SECRET = base64.b32encode(b"twenty bytes of test").decode()


@pytest.fixture(autouse=True)
def _no_tries_yet(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ada() -> User:
    user = factories.user(factories.company())
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(
    client: Client,
    *,
    coid: str = "4711",
    username: str = "ada",
    password: str = PASSWORD,
    next: str = "",  # noqa: A002  # the field's name
    **more: Any,
) -> Any:
    said = {"coid": coid, "username": username, "password": password, "next": next}
    return client.post("/sign-in/", said, **more)


def is_in(client: Client) -> bool:
    return client.get("/security/").status_code == 200


def test_three_fields_sign_a_person_in(ada: User) -> None:
    client = Client()

    answer = sign_in(client)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/", follow=True).redirect_chain == [("/companies/4711/devices/", 302)]
    assert AuditEvent.objects.filter(tag="user:signed_in", actor=ada.login).count() == 1


def test_the_same_user_name_of_two_companies_is_two_people(ada: User) -> None:
    other = factories.user(factories.company(coid=4712, name="Sample Roofing"))
    client = Client()

    assert sign_in(client, coid=str(other.company_id)).status_code == 200
    assert not is_in(client)
    assert sign_in(client).status_code == 302


@pytest.mark.parametrize(
    "wrong", [{"coid": "9999"}, {"username": "nobody"}, {"password": "not the password"}], ids=list
)
def test_what_was_wrong_is_never_said(ada: User, wrong: dict[str, str]) -> None:
    answer = sign_in(Client(), **wrong)

    assert "COID, user name and password do not fit together." in answer.content.decode()


@pytest.mark.parametrize("coid", ["", "abc", "0", "-4", "99999999999", "4711 OR 1=1"])
def test_a_coid_that_is_none_is_a_clear_error(ada: User, coid: str) -> None:
    answer = sign_in(Client(), coid=coid)

    assert answer.status_code == 200
    assert 'class="errorlist"' in answer.content.decode()


def test_the_session_gets_a_new_id_when_somebody_signs_in(ada: User) -> None:
    client = Client()
    client.get("/security/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies["session"] = before

    sign_in(client)

    assert client.cookies["session"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_tries_are_limited_by_account_whatever_the_address(ada: User) -> None:
    for number in range(5):
        sign_in(Client(), password="wrong one here", REMOTE_ADDR=f"192.0.2.{number}")

    answer = sign_in(Client(), REMOTE_ADDR="192.0.2.77")

    assert "Too many tries" in answer.content.decode()
    assert AuditEvent.objects.filter(tag="user:sign_in_failed").count() == 5


def test_tries_are_limited_by_address_whatever_the_account(ada: User) -> None:
    for number in range(10):
        sign_in(Client(), username=f"guess{number}", password="wrong one here", REMOTE_ADDR="192.0.2.9")

    assert "Too many tries" in sign_in(Client(), REMOTE_ADDR="192.0.2.9").content.decode()
    assert sign_in(Client(), REMOTE_ADDR="192.0.2.10").status_code == 302


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_a_proxy_nobody_chooses_the_address_that_is_counted(ada: User) -> None:
    for number in range(10):
        headers = {"X-Forwarded-For": f"198.51.100.{number}, 192.0.2.9"}
        sign_in(Client(), username=f"guess{number}", password="wrong one here", headers=headers)

    there = sign_in(Client(), headers={"X-Forwarded-For": "198.51.100.77, 192.0.2.9"})
    elsewhere = sign_in(Client(), headers={"X-Forwarded-For": "198.51.100.0, 192.0.2.10"})

    assert "Too many tries" in there.content.decode()
    assert elsewhere.status_code == 302


def test_codes_are_limited_too(ada: User) -> None:
    TOTP.activate(ada, SECRET)
    client = Client()
    sign_in(client)
    for _ in range(5):
        client.post("/sign-in/code/", {"code": "000000"})

    answer = client.post("/sign-in/code/", {"code": code_of()})

    assert answer.status_code == 200
    assert "Too many tries" in answer.content.decode()
    assert not is_in(client)


def test_asking_for_passwords_too_often_is_told_in_our_own_words(ada: User) -> None:
    client = Client()
    for number in range(20):
        client.post("/password/reset/", {"coid": "4711", "username": f"guess{number}"})

    answer = client.post("/password/reset/", {"coid": "4711", "username": "ada"})

    assert answer.status_code == 429
    assert "Wait five minutes" in answer.content.decode()
    assert 'class="entrance"' in answer.content.decode()


def test_who_is_signed_out_by_a_limit_is_told_and_comes_back_to_the_page(ada: User) -> None:
    client = Client()
    sign_in(client)
    assert is_in(client)
    age(client, "used_at", seconds=3601)

    answer = client.get("/companies/4711/billing/", follow=True)

    assert answer.redirect_chain == [("/sign-in/?next=/companies/4711/billing/", 302)]
    assert "You were signed out because the session was too old" in answer.content.decode()
    assert sign_in(client, next="/companies/4711/billing/")["Location"] == "/companies/4711/billing/"


def test_a_session_ends_when_nobody_uses_it(ada: User) -> None:
    client = Client()
    sign_in(client)
    assert is_in(client)
    age(client, "used_at", seconds=3601)

    assert not is_in(client)


def test_a_session_ends_after_a_days_work_however_busy(ada: User) -> None:
    client = Client()
    sign_in(client)
    assert is_in(client)
    age(client, "began_at", seconds=12 * 3600 + 1)

    assert not is_in(client)


@pytest.mark.parametrize(("path", "lasts"), [("operations/{id}/", True), ("operations/{id}/live/?seen=", False)])
def test_a_session_lasts_as_long_as_a_person_uses_it_not_as_a_page_asks(ada: User, path: str, lasts: bool) -> None:
    operation = running_operation(ada)
    client = Client()
    sign_in(client)
    assert is_in(client)
    age(client, "used_at", seconds=3000)

    assert client.get(f"/companies/4711/{path.format(id=operation.pk)}").status_code == 200

    age(client, "used_at", seconds=1200)
    assert is_in(client) == lasts


def running_operation(person: User) -> Operation:
    actor = factories.actor(person)
    line = factories.device(person.company)
    plan = planning.plan(
        company=person.company,
        device_ids=[line.pk],
        request=factories.request(person),
        actor=actor,
        now=clock.now(),
    )
    return confirming.confirm(
        company=person.company, plan_id=plan.pk, plan_hash=plan.plan_hash, actor=actor, now=clock.now()
    )


def age(client: Client, key: str, *, seconds: int) -> None:
    session = client.session
    session[key] -= seconds
    session.save()


def test_a_new_password_ends_all_other_sessions(ada: User) -> None:
    client = Client()
    sign_in(client)
    ada.set_password("another horse battery staple")
    ada.save()

    assert not is_in(client)


def test_the_suspended_are_out_with_their_next_request(ada: User) -> None:
    client = Client()
    sign_in(client)
    User.objects.filter(pk=ada.pk).update(suspended_at=factories.ACTIVATED)

    assert not is_in(client)
    assert sign_in(Client()).status_code == 200


def code_of(secret: str = SECRET) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def test_a_second_proof_is_asked_and_stands_encrypted(ada: User) -> None:
    kept = TOTP.activate(ada, SECRET).instance
    client = Client()

    answer = sign_in(client)

    assert answer["Location"] == "/sign-in/code/"
    assert not is_in(client)
    assert SECRET not in str(Authenticator.objects.get(pk=kept.pk).data)
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 200
    assert not is_in(client)
    assert client.post("/sign-in/code/", {"code": code_of()}).status_code == 302
    assert is_in(client)


@pytest.mark.parametrize(
    ("coid", "way"),
    [
        ("4711", "An Admin of your company removes the second factor for you"),
        ("1", "<code>onhook remove-second-factor 1/sam</code>"),
    ],
)
def test_whoever_lost_the_second_proof_reads_of_a_way_that_is_theirs(ada: User, coid: str, way: str) -> None:
    person = ada if coid == "4711" else factories.agent()
    person.set_password(PASSWORD)
    person.save()
    TOTP.activate(person, SECRET)
    client = Client()
    sign_in(client, coid=coid, username=person.username)

    pages = [client.get("/sign-in/code/"), client.post("/sign-in/code/", {"code": "000000"})]

    assert [page.content.decode().count(way) for page in pages] == [1, 1]
    assert ["onhook remove" in page.content.decode() for page in pages] == [coid == "1"] * 2


def test_a_code_is_taken_once(ada: User) -> None:
    TOTP.activate(ada, SECRET)
    first, second = Client(), Client()
    sign_in(first)
    sign_in(second)
    code = code_of()

    assert first.post("/sign-in/code/", {"code": code}).status_code == 302
    assert second.post("/sign-in/code/", {"code": code}).status_code == 200


def test_the_app_is_set_up_with_recovery_codes(ada: User) -> None:
    client = Client()
    sign_in(client)
    page = client.get("/security/app/").content.decode()
    secret = re.search(r'id="secret">([A-Z2-7]+)<', page)
    assert secret
    assert "<svg" in page
    assert "data:" not in page

    answer = client.post("/security/app/", {"code": code_of(secret.group(1))})

    assert answer["Location"] == "/security/codes/"
    codes = re.findall(r"<li>([0-9a-z]+)</li>", client.get("/security/codes/").content.decode())
    assert len(codes) == 10
    fresh = Client()
    sign_in(fresh)
    assert fresh.post("/sign-in/code/", {"code": codes[0]}).status_code == 302
    assert is_in(fresh)


def test_asking_for_a_new_password_tells_nobody_who_exists(ada: User) -> None:
    known = Client().post("/password/reset/", {"coid": "4711", "username": "ada"})
    unknown = Client().post("/password/reset/", {"coid": "4711", "username": "nobody"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


@pytest.mark.parametrize(
    ("password", "is_fine"),
    [
        ("fourteen chars", False),
        ("fifteen letters", True),
        ("no rules but length, Ünïcode too", True),
        ("aaaaaaaaaaaaaaaaaaaa", False),
        ("ada example plumbing", False),
        ("onhook onhook onhook", False),
        ("x" * 5 + "yzabcdefgh" * 30, False),
        ("long enough for sixty-four characters and more, as the standard asks", True),
        ("4711471147114711", False),
        ("123456789012345", False),
        ("".join(chr(0xFF10 + digit % 10) for digit in range(15)), False),
        ("abcdefghijklmnop", False),
        ("qwertyuiopasdfghjkl", False),
        ("ada@plumbing.example", False),
    ],
)
def test_passwords_are_judged_by_length_and_what_is_known(ada: User, password: str, is_fine: bool) -> None:
    if is_fine:
        validate_password(password, ada)
        return
    with pytest.raises(ValidationError):
        validate_password(password, ada)


def test_a_password_is_the_same_however_the_keyboard_writes_its_letters(ada: User) -> None:
    composed, decomposed = "vier lange Wörter für Ada", "vier lange Wo\u0308rter fu\u0308r Ada"
    ada.set_password(composed)
    ada.save()

    assert composed != decomposed
    assert sign_in(Client(), password=decomposed).status_code == 302
    assert ada.password.startswith("argon2$argon2id$")


def test_nothing_keeps_a_password_store_from_filling_the_fields_in(ada: User) -> None:
    entrance = Client().get("/sign-in/").content.decode()
    client = Client()
    sign_in(client)
    chosen = client.get("/security/password/").content.decode()

    assert 'autocomplete="username"' in entrance
    assert 'autocomplete="current-password"' in entrance
    assert chosen.count('autocomplete="new-password"') == 2
    fields = re.findall(r'<input type="password"[^>]*>', entrance + chosen)
    assert len(fields) == 4
    assert [field for field in fields if "onpaste" in field or "maxlength" in field] == []


def test_private_pages_are_never_kept_and_carry_the_headers(ada: User) -> None:
    client = Client()
    sign_in(client)

    answer = client.get("/companies/4711/devices/")

    assert "no-store" in answer["Cache-Control"]
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")
    assert answer["Referrer-Policy"] == "same-origin"


@override_settings(SECURE_HSTS_SECONDS=31536000)
def test_over_tls_the_browser_is_told_to_stay_there(ada: User) -> None:
    assert "max-age=31536000" in Client().get("/sign-in/", secure=True)["Strict-Transport-Security"]


def test_a_post_without_the_token_changes_nothing(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    plain = client.post("/companies/4711/people/new/", {"full_name": "X", "username": "x"})
    partial = client.post("/companies/4711/people/new/", {"username": "x"}, headers={"HX-Request": "true"})

    assert (plain.status_code, partial.status_code) == (403, 403)
    assert "The form was too old" in plain.content.decode()


def test_an_admin_cannot_take_the_last_admins_rights_or_their_own(ada: User) -> None:
    client = Client()
    sign_in(client)

    client.post(f"/companies/4711/people/{ada.pk}/", {"role": "viewer"})

    ada.refresh_from_db()
    assert ada.role == Role.ADMIN


def test_a_partial_of_somebody_signed_out_sends_the_whole_page_to_the_sign_in(ada: User) -> None:
    answer = Client().get("/companies/4711/devices/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/sign-in/?next=/")


@pytest.mark.parametrize("then", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere_after_signing_in(ada: User, then: str) -> None:
    answer = Client().post("/sign-in/", {"coid": "4711", "username": "ada", "password": PASSWORD, "next": then})

    assert answer["Location"] == "/"
