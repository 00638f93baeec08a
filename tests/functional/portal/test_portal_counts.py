"""Pages ask the database as often for three rows as for thirty."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from onhook.tenancy.models import Company, User
from tests import factories


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture
def admin(company: Company) -> User:
    return factories.user(company)


def queries_of(user: User, path: str) -> int:
    client = Client()
    client.force_login(user)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    "path",
    ["devices/", "devices/?q=Worker", "devices/?tab=deleted", "operations/", "people/", "activity/", "billing/"],
)
def test_query_count_does_not_grow_with_rows(company: Company, admin: User, path: str, monkeypatch: Any) -> None:
    cache.clear()
    counted = []

    for first, count in ((0, 3), (3, 30)):
        for line in range(first, first + count):
            device = factories.device(company, line=line)
            if line % 3 == 0:
                device.deleted_at = factories.ACTIVATED
                device.save()
            factories.user(company, username=f"person{line}")
        counted.append(queries_of(admin, f"/companies/4711/{path}"))

    assert counted[0] == counted[1]
    assert counted[0] <= 20
