from django.db import connection


def test_x(committed):
    with connection.cursor() as c:
        c.execute("select count(*) from billing_socrule")
        assert c.fetchone() == (2,)
