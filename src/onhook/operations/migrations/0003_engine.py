"""The durable execution engine's schema, as its own package bundles it for this version, and our queue."""

from typing import Any

import absurdctl
from django.db import migrations


def install(_apps: Any, schema_editor: Any) -> None:
    # params=None: the SQL holds percent signs that are its own.
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(absurdctl.BUNDLED_SCHEMA_SQL, None)
        cursor.execute("SELECT absurd.create_queue('onhook')", None)


def remove(_apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA absurd CASCADE", None)


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_company_walls")]
    operations = [migrations.RunPython(install, remove)]
