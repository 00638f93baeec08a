"""A company, and somebody who may import."""

import pytest

from onhook.tenancy.actor import Actor
from onhook.tenancy.models import Company
from onhook.tenancy.permissions import Role
from tests import factories


@pytest.fixture
def plumbing(db: None) -> Company:
    return factories.company()


@pytest.fixture
def lead(db: None) -> Actor:
    return factories.actor(factories.agent(username="lea", role=Role.LEAD))
