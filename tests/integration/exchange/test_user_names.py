"""A person made without a file gets the same names as one who is imported."""

import pytest

from onhook.tenancy import people
from onhook.tenancy.models import Company, User
from onhook.tenancy.permissions import Role
from tests import factories


@pytest.mark.parametrize("username", ["", "..", "a\u200bda", "\u0430da", "<b>", "ada l", "ada/x", "ada\n"])
def test_a_user_name_that_could_be_mistaken_is_refused(plumbing: Company, username: str) -> None:
    with pytest.raises(people.UnusableName, match="is not a user name"):
        people.create_user(company=plumbing, username=username, full_name="Ada Example", role=Role.VIEWER)

    assert not User.objects.filter(company=plumbing).exists()


def test_a_user_name_of_the_company_is_taken_in_whatever_case(plumbing: Company) -> None:
    factories.user(plumbing)

    with pytest.raises(people.UnusableName, match="is taken"):
        factories.user(plumbing, username="Ada")

    assert factories.user(factories.company(coid=4712, name="Invented Bakery"), username="Ada").login == "4712/Ada"
