"""Sign-in: three fields, a second factor, limits, sessions that end, and proof that must be fresh."""

import pytest
from django.test import Client

from onhook.tenancy.models import User
from tests import factories

PASSWORD = "correct horse battery staple"


@pytest.fixture
def ada(db: None) -> User:
    user = factories.user(factories.company())
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, *, coid: str = "4711", username: str = "ada", password: str = PASSWORD):
    return client.post("/sign-in/", {"coid": coid, "username": username, "password": password})


def test_three_fields_sign_a_person_in(ada: User) -> None:
    client = Client()

    answer = sign_in(client)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/", follow=True).redirect_chain == [("/companies/4711/devices/", 302)]
