"""What was sent over SMTP is read over HTTP as it was."""

import smtplib
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import EmailMessage

import httpx
import pytest

from emulators.control.launch import RunningEmulator

pytestmark = pytest.mark.emulator

Connect = Callable[[], AbstractContextManager[smtplib.SMTP]]


def test_message_is_listed_with_its_envelope(http: httpx.Client, connect: Connect, message: EmailMessage) -> None:
    with connect() as smtp:
        smtp.send_message(message, from_addr="bounces@example.com", to_addrs=["ada@example.net", "b@example.org"])

    listed = http.get("/messages").json()

    assert listed["count"] == 1
    first = listed["messages"][0]
    assert (first["from"], first["to"]) == ("bounces@example.com", ["ada@example.net", "b@example.org"])
    assert (first["subject"], first["message_id"]) == ("Gelöschte Leitung ☎", "<one@example.com>")


def test_message_is_given_decoded(http: httpx.Client, connect: Connect, message: EmailMessage) -> None:
    with connect() as smtp:
        smtp.send_message(message)
    message_id = http.get("/messages").json()["messages"][0]["id"]

    read = http.get(f"/messages/{message_id}").json()

    assert read["text"].strip() == "Die Leitung ist gelöscht."
    assert read["html"].strip() == "<p>Die Leitung ist <b>gelöscht</b>.</p>"
    assert ["To", "Ada <ada@example.net>"] in read["headers"]


def test_raw_message_is_byte_for_byte_what_was_sent(http: httpx.Client, connect: Connect) -> None:
    raw = b"From: a@example.com\r\nSubject: dots\r\n\r\n.leading dot\r\n..two\r\nend\r\n"
    with connect() as smtp:
        smtp.sendmail("a@example.com", ["b@example.net"], raw)
    message_id = http.get("/messages").json()["messages"][0]["id"]

    answer = http.get(f"/messages/{message_id}/raw")

    assert answer.content == raw
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_html_part_is_shown_and_cannot_run_anything(
    http: httpx.Client, connect: Connect, message: EmailMessage
) -> None:
    with connect() as smtp:
        smtp.send_message(message)
    message_id = http.get("/messages").json()["messages"][0]["id"]

    answer = http.get(f"/messages/{message_id}/html")

    assert "<b>gelöscht</b>" in answer.text
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "form-action 'none'"} <= set(policy)
    assert not any(directive.startswith("script-src") for directive in policy)


def test_index_escapes_what_mails_say(http: httpx.Client, connect: Connect) -> None:
    hostile = EmailMessage()
    hostile["Subject"] = "<script>alert(1)</script>"
    hostile.set_content("x")
    with connect() as smtp:
        smtp.send_message(hostile, from_addr="a@example.com", to_addrs=["b@example.net"])

    page = http.get("/").text

    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no headers at all\r\n",
        b"Subject: =?utf-8?b?broken?=\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xff\xfe\r\n",
        b'Content-Type: multipart/alternative; boundary="x"\r\n\r\nno boundary\r\n',
        b"From: <<<>>>\r\nMessage-ID: not-one\r\nDate: never\r\n\r\nbody\r\n",
    ],
)
def test_broken_messages_are_kept_and_shown(http: httpx.Client, connect: Connect, raw: bytes) -> None:
    with connect() as smtp:
        smtp.sendmail("a@example.com", ["b@example.net"], raw)
    listed = http.get("/messages").json()["messages"]

    assert len(listed) == 1
    assert http.get(f"/messages/{listed[0]['id']}").status_code == 200
    assert http.get("/").status_code == 200


def test_message_without_html_says_so(http: httpx.Client, connect: Connect) -> None:
    with connect() as smtp:
        smtp.sendmail("a@example.com", ["b@example.net"], b"Subject: plain\r\n\r\nhello\r\n")
    message_id = http.get("/messages").json()["messages"][0]["id"]

    assert http.get(f"/messages/{message_id}").json()["html"] is None
    assert http.get(f"/messages/{message_id}/html").status_code == 404


def test_unknown_message_is_not_found(http: httpx.Client) -> None:
    assert http.get("/messages/99999").status_code == 404


def test_delete_empties_the_mailbox(http: httpx.Client, connect: Connect, message: EmailMessage) -> None:
    with connect() as smtp:
        smtp.send_message(message)

    assert http.delete("/messages").json() == {"deleted": 1}
    assert http.get("/messages").json()["count"] == 0


def test_list_waits_for_mail_that_is_still_to_come(http: httpx.Client, connect: Connect, message: EmailMessage) -> None:
    def send() -> None:
        with connect() as smtp:
            smtp.send_message(message)

    later = threading.Timer(0.1, send)
    later.start()

    listed = http.get("/messages", params={"at_least": 1, "wait_seconds": 10}).json()

    later.join()
    assert listed["count"] == 1


def test_list_gives_what_came_after_a_mark(http: httpx.Client, connect: Connect, message: EmailMessage) -> None:
    with connect() as smtp:
        smtp.send_message(message)
        mark = http.get("/messages").json()["messages"][-1]["id"]
        smtp.send_message(message)

    after = http.get("/messages", params={"since": mark}).json()["messages"]

    assert [entry["id"] for entry in after] == [mark + 1]


@pytest.mark.parametrize("query", [{"since": "x"}, {"at_least": "-1"}, {"wait_seconds": "long"}])
def test_list_refuses_a_query_it_cannot_read(http: httpx.Client, query: dict[str, str]) -> None:
    answer = http.get("/messages", params=query)

    assert answer.status_code == 400
    assert next(iter(query)) in answer.json()["error"]


def test_mails_sent_at_once_are_all_kept_whole(mailbox: RunningEmulator, http: httpx.Client, connect: Connect) -> None:
    count = 20
    barrier = threading.Barrier(count)

    def send(number: int) -> None:
        body = f"Subject: {number}\r\n\r\n{str(number) * 50_000}\r\n".encode()
        lines = b"\r\n".join(body[start : start + 900] for start in range(0, len(body), 900))
        with connect() as smtp:
            barrier.wait(30)
            smtp.sendmail(f"sender{number}@example.com", [f"reader{number}@example.net"], lines)

    threads = [threading.Thread(target=send, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    messages = http.get("/messages").json()["messages"]
    assert sorted(int(message["subject"]) for message in messages) == list(range(count))
    assert all(message["from"] == f"sender{message['subject']}@example.com" for message in messages)
    stored = [effect["id"] for line in mailbox.control.journal() for effect in line.effects]
    assert set(stored) == {message["id"] for message in messages}
    assert len(stored) == count


def test_two_mails_over_one_connection_are_two_messages(
    http: httpx.Client, connect: Connect, message: EmailMessage
) -> None:
    with connect() as smtp:
        smtp.send_message(message)
        smtp.send_message(message)

    assert http.get("/messages").json()["count"] == 2
