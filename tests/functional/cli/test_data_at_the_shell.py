"""`onhook import`, `export`, `seed`: files, standard input and output, reports."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from onhook.audit.models import AuditEvent
from onhook.devices.models import Device
from onhook.surfaces.cli import identity
from onhook.surfaces.cli.exits import Exit
from onhook.tenancy.models import Company, User
from tests.functional.cli.conftest import Office
from tests.functional.cli.typing_person import TypingPerson

COMPANIES = "coid,name,time_zone,region\n1,Example Operator,UTC,US\n4711,Example Plumbing,America/New_York,US\n"
USERS = "coid,username,full_name,email,role\n1,lea,Lea Example,lea@operator.example,lead\n"
LINE = "coid,number,worker,model,soc_code\n4711,(202) 555-0150,Jo Example,Example Phone 3,CKSWDirectAdv1515\n"
BAD = LINE + "4711,nonsense,Jo Example,Example Phone 3,CKSWDirectAdv1515\n"


def test_a_new_installation_takes_its_first_companies_and_people_from_the_shell(onhook: TypingPerson, db: None) -> None:
    companies = onhook("import", "companies", "-", "--json", stdin=COMPANIES)
    users = onhook("import", "users", "-", "--json", stdin=USERS)
    then = onhook("import", "companies", "-", "--json", stdin=COMPANIES)

    assert (companies.json["added"], users.json["added"]) == (2, 1)
    assert User.objects.get().login == "1/lea"
    assert then.exit is Exit.NOT_PERMITTED
    assert set(AuditEvent.objects.values_list("actor", "os_user")) == {("system", identity.os_user())}


def test_a_file_is_reported_and_applied(onhook: TypingPerson, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_text(LINE)

    first = onhook("import", "devices", file, by=office.lead)
    again = onhook("import", "devices", file)

    assert first.out == "Devices: 1 read, 1 added, 0 changed, 0 unchanged, 0 bad.\n"
    assert again.out == "Devices: 1 read, 0 added, 0 changed, 1 unchanged, 0 bad.\n"
    assert Device.objects.filter(number="+12025550150").exists()


def test_a_dry_run_reports_and_keeps_nothing(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("import", "devices", "-", "--dry-run", stdin=LINE, by=office.lead)

    assert ran.exit is Exit.DONE
    assert "1 would be added" in ran.out
    assert "nothing was kept" in ran.out
    assert not Device.objects.filter(number="+12025550150").exists()


def test_a_bad_row_is_named_and_stops_the_file(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("import", "devices", "-", "--json", stdin=BAD, by=office.lead)
    words = onhook("import", "devices", "-", stdin=BAD)

    assert (ran.exit, words.exit) == (Exit.NOT_SOUND, Exit.NOT_SOUND)
    assert [(bad["line"], bad["column"]) for bad in ran.json["bad"]] == [(3, "number")]
    assert words.out.startswith("Devices: 2 read, 1 would be added, 0 would be changed, 0 unchanged, 1 bad.")
    assert "Nothing was imported" in words.out
    assert not Device.objects.filter(number="+12025550150").exists()


def test_good_rows_can_go_in_beside_bad_ones(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("import", "devices", "-", "--keep-going", "--json", stdin=BAD, by=office.lead)

    assert ran.exit is Exit.NOT_SOUND
    assert (ran.json["added"], ran.json["bad_count"], ran.json["is_applied"]) == (1, 1, True)
    assert Device.objects.filter(number="+12025550150").exists()


def test_standard_input_is_read_as_a_file_is(onhook: TypingPerson, office: Office) -> None:
    data = "\ufeffcoid,number,worker,model,soc_code\r\n" + '4711,(202) 555-0150,"Exämple, Jo",P,CKSWDirectAdv1515\r\n'

    ran = onhook("import", "devices", "-", "--json", stdin=data.encode(), by=office.lead)

    assert (ran.exit, ran.json["added"]) == (Exit.DONE, 1)
    assert Device.objects.get(number="+12025550150").worker == "Exämple, Jo"


@pytest.mark.parametrize(
    ("stdin", "code"),
    [(b"", Exit.REFUSED), (b"\xff\xfe\x00", Exit.REFUSED), (b"nothing,known\n1,2\n", Exit.REFUSED)],
)
def test_what_is_no_such_file_is_refused(onhook: TypingPerson, office: Office, stdin: bytes, code: Exit) -> None:
    ran = onhook("import", "devices", "-", "--json", stdin=stdin, by=office.lead)

    assert ran.exit is code
    assert "Nothing was imported" in ran.error[1]


@pytest.mark.parametrize("kind", ["phones", ""])
def test_an_unknown_kind_is_a_usage_error(onhook: TypingPerson, office: Office, kind: str) -> None:
    ran = onhook("import", kind, "-", "--json", by=office.lead)

    assert ran.exit is Exit.USAGE


def test_a_file_that_is_not_there_is_named(onhook: TypingPerson, office: Office, tmp_path: Path) -> None:
    ran = onhook("import", "devices", tmp_path / "no.csv", "--json", by=office.lead)

    assert ran.exit is Exit.USAGE
    assert ran.error[1] == (f"{tmp_path / 'no.csv'} cannot be read: No such file or directory. Nothing was imported.")


def test_agents_do_not_import(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("import", "devices", "-", "--json", stdin=LINE, by=office.agent)

    assert ran.exit is Exit.NOT_PERMITTED
    assert not Device.objects.filter(number="+12025550150").exists()


@pytest.mark.parametrize("kind", ["companies", "users", "devices"])
def test_what_is_exported_can_be_imported_and_changes_nothing(
    onhook: TypingPerson, office: Office, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / f"{kind}.csv"

    taken = onhook("export", kind, file, "--json", by=office.lead)
    back = onhook("import", kind, file, "--json")

    assert taken.json == {"kind": kind, "rows": back.json["read"], "file": str(file)}
    assert (back.json["unchanged"], back.json["bad_count"]) == (back.json["read"], 0)


def test_rows_go_to_standard_output_and_words_beside_it(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("export", "devices", by=office.lead)

    assert ran.out.splitlines()[0].startswith("coid,number,")
    assert len(ran.out.splitlines()) == 1 + 3
    assert ran.err == "3 rows written\n"


def test_rows_and_json_do_not_share_standard_output(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("export", "devices", "--json", by=office.lead)

    assert (ran.exit, ran.error[0]) == (Exit.USAGE, "usage")
    assert "Nothing was exported" in ran.error[1]


def test_a_customer_exports_their_own_company_only(onhook: TypingPerson, office: Office) -> None:
    own = onhook("export", "devices", "--company", office.company.pk, by=office.admin)
    others = onhook("export", "devices", "--company", office.other.pk)
    everything = onhook("export", "devices")

    assert [line.split(",")[0] for line in own.out.splitlines()[1:]] == ["4711", "4711"]
    assert (others.exit, everything.exit) == (Exit.NOT_PERMITTED, Exit.NOT_PERMITTED)
    assert others.out + everything.out == ""


def test_a_file_that_cannot_be_written_leaves_nothing(onhook: TypingPerson, office: Office, tmp_path: Path) -> None:
    ran = onhook("export", "devices", tmp_path / "no" / "lines.csv", "--json", by=office.lead)

    assert ran.exit is Exit.USAGE
    assert "No file was made" in ran.error[1]
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_to_and_stays_a_pipe(onhook: TypingPerson, office: Office, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Opened for both, so that neither end waits for the other; three rows fit the pipe.
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)

    ran = onhook("export", "devices", pipe, by=office.lead)

    rows = os.read(reader, 65536).splitlines()
    os.close(reader)
    assert ran.exit is Exit.DONE
    assert pipe.is_fifo()
    assert len(rows) == 1 + 3


def test_an_export_through_a_link_replaces_what_the_link_leads_to(
    onhook: TypingPerson, office: Office, tmp_path: Path
) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("of yesterday")
    link.symlink_to(real)

    ran = onhook("export", "devices", link, by=office.lead)

    assert ran.exit is Exit.DONE
    assert link.is_symlink()
    assert real.read_text().startswith("coid,number,")


def test_an_export_is_its_owners_alone_and_writes_through_no_planted_draft(
    onhook: TypingPerson, office: Office, tmp_path: Path
) -> None:
    victim, file = tmp_path / "victim", tmp_path / "users.csv"
    victim.write_text("precious")
    (tmp_path / ".users.csv.part").symlink_to(victim)

    ran = onhook("export", "users", file, by=office.lead)

    assert ran.exit is Exit.DONE
    assert victim.read_text() == "precious"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [".users.csv.part", "users.csv", "victim"]


def test_a_world_is_made_up_once(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("seed", "--companies", "3", "--lines", "20", "--json", by=office.lead)
    again = onhook("seed", "--companies", "3", "--lines", "20", "--json")

    assert (ran.exit, ran.json["companies"], ran.json["lines"]) == (Exit.DONE, 3, 20)
    assert Company.objects.count() == 3 + 3
    assert again.exit is Exit.REFUSED
    assert Company.objects.count() == 3 + 3


def test_agents_do_not_seed(onhook: TypingPerson, office: Office) -> None:
    ran = onhook("seed", "--json", by=office.agent)

    assert ran.exit is Exit.NOT_PERMITTED
    assert Device.objects.count() == 3


@pytest.mark.parametrize("option", [["--companies", "0"], ["--lines", "-1"], ["--companies", "many"]])
def test_a_world_has_a_size(onhook: TypingPerson, office: Office, option: list[str]) -> None:
    ran = onhook("seed", *option, "--json", by=office.lead)

    assert ran.exit is Exit.USAGE


def test_a_made_up_world_is_of_fiction(onhook: TypingPerson, office: Office) -> None:
    onhook("seed", "--companies", "2", "--lines", "10", by=office.lead)

    people = User.objects.filter(company_id__gte=100_000)
    assert people.exists()
    assert all(user.email.endswith((".example", "example.com", "example.net")) for user in people)
