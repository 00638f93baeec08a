"""Queries over HTTP: the answer's shape, pages, deleted records, refusals."""

import httpx
import pytest

from emulators.control.launch import RunningEmulator
from tests.integration.emulators.salesforce.conftest import BOWDEN, GONE, LINK, PLUMBING, SEED, V, problem

pytestmark = pytest.mark.emulator

EVERYONE = "SELECT Name FROM Account ORDER BY Name"


def query(http: httpx.Client, soql: str, **headers: str) -> httpx.Response:
    return http.get(f"{V}/query", params={"q": soql}, headers=headers)


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return [record["Name"] for record in answer.json()["records"]]


@pytest.mark.parametrize("path", [f"{V}/query", f"{V}/query/"])
def test_answer_has_the_documented_shape(http: httpx.Client, path: str) -> None:
    soql = f"SELECT Id, name, AccountNumber, {LINK} FROM Account WHERE Name = 'Bowden & O\\'Neil Example Ltd'"

    answer = http.get(path, params={"q": soql})

    assert answer.json() == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {"type": "Account", "url": f"{V}/sobjects/Account/{BOWDEN}"},
                "Id": BOWDEN,
                "Name": "Bowden & O'Neil Example Ltd",
                "AccountNumber": "CN-100482",
                LINK: "https://secure.example/order/upgrade.php?LICENSE=A1",
            }
        ],
    }
    assert list(answer.json()["records"][0]) == ["attributes", "Id", "Name", "AccountNumber", LINK]


def test_no_rows_are_an_answer_not_an_error(http: httpx.Client) -> None:
    answer = query(http, "SELECT Id FROM Account WHERE Name = 'nobody'")

    assert (answer.status_code, answer.json()) == (200, {"totalSize": 0, "done": True, "records": []})


def test_deleted_accounts_are_found_by_query_all_alone(http: httpx.Client) -> None:
    soql = {"q": f"SELECT Id, IsDeleted FROM Account WHERE Id = '{GONE}'"}

    assert http.get(f"{V}/query", params=soql).json()["totalSize"] == 0
    assert http.get(f"{V}/queryAll", params=soql).json()["records"][0]["IsDeleted"] is True


@pytest.mark.parametrize("method", ["query", "queryAll"])
def test_pages_go_on_until_done(org: RunningEmulator, http: httpx.Client, method: str) -> None:
    accounts = [{"Name": f"Example {number:03d}"} for number in range(5)]
    org.control.seed({**SEED, "accounts": accounts, "settings": {"rows_per_page": 2}})
    sign_in_again(http)

    page = http.get(f"{V}/{method}/", params={"q": EVERYONE})
    seen, sizes = names(page), [page.json()["totalSize"]]
    while not page.json()["done"]:
        assert page.json()["nextRecordsUrl"].startswith(f"{V}/{method}/01g")
        page = http.get(page.json()["nextRecordsUrl"])
        seen += names(page)
        sizes.append(page.json()["totalSize"])

    assert seen == [account["Name"] for account in accounts]
    assert sizes == [5, 5, 5]
    assert "nextRecordsUrl" not in page.json()


@pytest.mark.parametrize(
    ("hint", "first_page"),
    [("", 2000), ("batchSize=300", 300), ("batchSize=1", 200), ("batchSize=9999", 2000), ("nonsense", 2000)],
)
def test_batch_size_is_a_hint_within_limits(
    org: RunningEmulator, http: httpx.Client, hint: str, first_page: int
) -> None:
    org.control.seed({**SEED, "accounts": [{"Name": f"Example {number}"} for number in range(2001)]})
    sign_in_again(http)

    page = query(http, "SELECT Id FROM Account", **{"Sforce-Query-Options": hint}).json()

    assert (len(page["records"]), page["totalSize"], page["done"]) == (first_page, 2001, False)


@pytest.mark.parametrize("locator", ["01gxx0000000001AAA-2", "01gxx0000000001AAA", "x-2", "01gRO0000016PIAYA2-500"])
def test_unknown_cursor_is_refused(http: httpx.Client, locator: str) -> None:
    assert problem(http.get(f"{V}/query/{locator}")) == (400, "INVALID_QUERY_LOCATOR")


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("", "MALFORMED_QUERY"),
        ('SELECT Id FROM Account WHERE Name = "x"', "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a\\q'", "MALFORMED_QUERY"),
        ("SELECT Nam FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Contact", "INVALID_TYPE"),
    ],
)
def test_refused_query_names_its_code(http: httpx.Client, soql: str, code: str) -> None:
    assert problem(query(http, soql)) == (400, code)


def test_hidden_field_cannot_be_selected_filtered_or_sorted_by(org: RunningEmulator, http: httpx.Client) -> None:
    org.control.call("POST", "settings", {"hidden_fields": [LINK]})

    for soql in (
        f"SELECT {LINK} FROM Account",
        f"SELECT Id FROM Account WHERE {LINK} != null",
        f"SELECT Id FROM Account ORDER BY {LINK}",
    ):
        assert problem(query(http, soql)) == (400, "INVALID_FIELD")
    assert query(http, "SELECT Id FROM Account").status_code == 200


def test_journal_keeps_the_query_and_no_token(org: RunningEmulator, http: httpx.Client) -> None:
    query(http, EVERYONE)

    last = org.control.journal()[-1]
    assert (last.query, last.auth, last.status, last.effects) == ((("q", EVERYONE),), "passed", 200, ())
    assert http.headers["Authorization"].removeprefix("Bearer ") not in str(org.control.journal())


def test_made_up_ids_are_the_orgs(http: httpx.Client) -> None:
    (record,) = query(http, "SELECT Id FROM Account WHERE AccountNumber = 'cn-100483'").json()["records"]

    assert record["Id"] == PLUMBING


def sign_in_again(http: httpx.Client) -> None:
    client = SEED["clients"][0]
    form = {
        "grant_type": "client_credentials",
        "client_id": client["consumer_key"],
        "client_secret": client["consumer_secret"],
    }
    token = http.post("/services/oauth2/token", data=form).json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"
