"""Who may type what: a shell is no person, and a token is the only proof."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator

from onhook import clock
from onhook.audit.models import AuditEvent
from onhook.audit.vocabulary import Tag
from onhook.surfaces.cli.exits import Exit
from onhook.tenancy import tokens
from onhook.tenancy.models import AccessToken, Company
from tests.functional.cli.conftest import Office
from tests.functional.cli.typing_person import Ran, TypingPerson, token_of

WRITING = [
    ["plan", "--company", "4711", "--line", "2025550101"],
    ["confirm", "00000000-0000-4000-8000-000000000000", "--hash", "0"],
    ["answer", "1", "direct", "--reason", "x"],
    ["cancel", "00000000-0000-4000-8000-000000000000", "--reason", "x"],
    ["import", "devices", "-"],
    ["export", "devices", "out.csv"],
    ["seed"],
    ["soc", "publish", "rules.csv", "--note", "x"],
]


@pytest.mark.parametrize("command", WRITING, ids=lambda command: " ".join(command[:2]))
def test_what_writes_or_takes_data_out_needs_a_person(onhook: TypingPerson, office: Office, command: list[str]) -> None:
    ran = onhook(*command, "--json")

    assert ran.exit is Exit.NOT_PERMITTED
    assert ran.error[0] == "not_permitted"
    assert "--as COID/USER" in ran.error[1]


@pytest.mark.parametrize("command", WRITING, ids=lambda command: " ".join(command[:2]))
def test_a_name_without_a_token_proves_nothing(onhook: TypingPerson, office: Office, command: list[str]) -> None:
    ran = onhook(*command, "--as", office.agent.login, "--json")

    assert ran.exit is Exit.NOT_PERMITTED
    assert ran.error[1] == "There is no token: set ONHOOK_TOKEN or give --token-file. Nothing was done."


@pytest.mark.parametrize(
    "command", [["find", "2025550101"], ["questions"], ["soc", "list"], ["soc", "test", "x"], ["audit", "verify"]]
)
def test_looking_needs_nobody(onhook: TypingPerson, office: Office, command: list[str]) -> None:
    ran = onhook(*command, "--json")

    assert ran.exit is Exit.DONE
    assert ran.json is not None


def take_out(onhook: TypingPerson, *more: object) -> Ran:
    """Try something that a lead may do and that ends soon after the question of who it is."""
    return onhook("export", "companies", "-", *more)


def test_a_token_in_the_environment_proves_the_person(onhook: TypingPerson, office: Office) -> None:
    onhook.is_somebody(office.lead)

    ran = take_out(onhook)

    assert ran.exit is Exit.DONE


def test_a_token_in_a_file_proves_the_person(onhook: TypingPerson, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(token_of(office.lead) + "\n")

    ran = take_out(onhook, "--as", office.lead.login, "--token-file", file)

    assert ran.exit is Exit.DONE


def test_a_token_in_a_file_that_the_environment_names_proves_the_person(
    onhook: TypingPerson, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text(token_of(office.lead) + "\n")
    monkeypatch.setenv("ONHOOK_TOKEN_FILE", str(file))

    ran = take_out(onhook, "--as", office.lead.login)

    assert ran.exit is Exit.DONE


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (None, "The token file cannot be read: No such file or directory. Nothing was done."),
        (b"\xff\xfe\x00", "The token file cannot be read: it is not text. Nothing was done."),
        (b" \n", "There is no token: set ONHOOK_TOKEN or give --token-file. Nothing was done."),
    ],
)
def test_a_token_file_without_a_token_is_named(
    onhook: TypingPerson, office: Office, tmp_path: Path, contents: bytes | None, said: str
) -> None:
    file = tmp_path / "token"
    if contents is not None:
        file.write_bytes(contents)

    ran = take_out(onhook, "--as", office.lead.login, "--token-file", file)

    assert (ran.exit, ran.err) == (Exit.NOT_PERMITTED, said + "\n")


def not_proven(onhook: TypingPerson, office: Office, token: str) -> None:
    onhook.is_somebody(office.lead, token=token)

    ran = take_out(onhook)

    assert ran.exit is Exit.NOT_PERMITTED
    assert ran.err.startswith(f"The token does not prove that you are {office.lead.login}. Nothing was done.")
    assert token not in ran.err + ran.out


def test_a_wrong_token_proves_nobody(onhook: TypingPerson, office: Office) -> None:
    not_proven(onhook, office, "onhook_" + "x" * 43)


def test_somebody_else_s_token_proves_nobody(onhook: TypingPerson, office: Office) -> None:
    not_proven(onhook, office, token_of(office.agent))


def test_an_expired_token_proves_nobody(onhook: TypingPerson, office: Office) -> None:
    not_proven(onhook, office, token_of(office.lead, lifetime=timedelta(seconds=-1)))


def test_a_revoked_token_proves_nobody(onhook: TypingPerson, office: Office) -> None:
    token = token_of(office.lead)
    revoked = onhook("token", "revoke", office.lead.login, "--json")

    assert revoked.json == {"login": office.lead.login, "revoked": 1}
    not_proven(onhook, office, token)


def test_the_token_of_somebody_suspended_proves_nobody(onhook: TypingPerson, office: Office) -> None:
    token = token_of(office.lead)
    Company.objects.filter(pk=office.lead.company_id).update(suspended_at=clock.now())

    not_proven(onhook, office, token)


def test_no_command_takes_a_token_as_an_argument(onhook: TypingPerson, office: Office) -> None:
    token = token_of(office.lead)

    ran = take_out(onhook, "--as", office.lead.login, "--token", token)

    assert ran.exit is Exit.USAGE
    assert token not in ran.err + ran.out


def test_issuing_a_token_shows_it_once_and_keeps_only_its_hash(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("token", "issue", office.lead.login, "--days", "1", "--label", "trial")
    token = ran.out.strip()

    assert ran.exit is Exit.DONE
    assert tokens.authenticate(login=office.lead.login, token=token, now=clock.now()) == office.lead
    assert token not in str(list(AccessToken.objects.values()))
    assert token not in str(list(AuditEvent.objects.values()))


def test_issuing_and_revoking_are_audited_as_acts_of_the_shell(onhook: TypingPerson, office: Office) -> None:
    onhook("token", "issue", office.lead.login)
    onhook("token", "revoke", office.lead.login)

    kept = list(AuditEvent.objects.filter(subject=f"user:{office.lead.login}").values_list("actor", "surface"))
    assert kept == [("system", "cli")] * 2


@pytest.mark.parametrize("login", ["9/nobody", "nobody", "1/", "/sam", ""])
def test_nobody_gets_no_token(onhook: TypingPerson, office: Office, login: str) -> None:
    ran = onhook("token", "issue", login, "--json")

    assert (ran.exit, ran.error[0]) == (Exit.NOT_FOUND, "not_found")
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("days", ["0", "367", "soon"])
def test_a_token_lasts_from_a_day_to_a_year(onhook: TypingPerson, office: Office, days: str) -> None:
    ran = onhook("token", "issue", office.lead.login, "--days", days, "--json")

    assert ran.exit is Exit.USAGE
    assert not AccessToken.objects.exists()


def test_a_password_is_typed_in_a_terminal_only(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("password", office.admin.login, "--json", stdin="a password of many words\n" * 2)

    assert ran.exit is Exit.USAGE
    assert "needs a terminal. Nothing was changed." in ran.error[1]
    assert not AuditEvent.objects.filter(tag=Tag.PASSWORD_CHANGED.value).exists()


def test_the_shell_lets_somebody_of_the_operator_in_who_lost_their_second_factor(
    onhook: TypingPerson, office: Office
) -> None:
    Authenticator.objects.create(user=office.agent, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=office.lead, type=Authenticator.Type.TOTP, data={"secret": "x"})
    before = office.agent.get_session_auth_hash()

    ran = onhook("remove-second-factor", office.agent.login, "--json")

    assert (ran.exit, ran.json) == (Exit.DONE, {"login": office.agent.login, "removed": True})
    assert [one.user for one in Authenticator.objects.all()] == [office.lead]
    office.agent.refresh_from_db()
    assert office.agent.get_session_auth_hash() != before
    event = AuditEvent.objects.get(tag=Tag.FACTOR_REMOVED.value)
    assert (event.company_id, event.actor, event.surface, event.subject) == (1, "system", "cli", "user:1/sam")


def test_a_second_factor_that_is_not_there_is_not_removed(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("remove-second-factor", office.agent.login, "--json")

    assert (ran.exit, ran.error[1]) == (Exit.REFUSED, "1/sam has no second factor. Nothing was changed.")
    office.agent.refresh_from_db()
    assert office.agent.sessions_ended_at is None
    assert not AuditEvent.objects.filter(tag=Tag.FACTOR_REMOVED.value).exists()


@pytest.mark.parametrize("login", ["9/nobody", "nobody"])
def test_nobody_loses_no_second_factor(onhook: TypingPerson, office: Office, login: str) -> None:
    assert onhook("remove-second-factor", login).exit is Exit.NOT_FOUND
