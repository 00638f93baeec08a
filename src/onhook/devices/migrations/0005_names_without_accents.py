"""Workers and models are found without the accents of their names."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations

import onhook.devices.folding

# The extension's own function may read another dictionary tomorrow, so no index takes it. This one names the dictionary
# that comes with it; should its rules ever change with a new PostgreSQL, the two indexes are made anew (REINDEX).
FOLDED = """
CREATE FUNCTION search_folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT upper(public.unaccent('public.unaccent'::regdictionary, $1)) $$;
"""


def _index(field: str) -> django.contrib.postgres.indexes.GinIndex:
    return django.contrib.postgres.indexes.GinIndex(
        django.contrib.postgres.indexes.OpClass(onhook.devices.folding.Folded(field), name="gin_trgm_ops"),
        name=f"device_{field}_contains",
    )


class Migration(migrations.Migration):
    dependencies = [("devices", "0004_number_ends"), ("tenancy", "0002_company_name_contains")]
    operations = [
        UnaccentExtension(),
        migrations.RunSQL(FOLDED, "DROP FUNCTION search_folded(text)"),
        migrations.RemoveIndex(model_name="device", name="device_worker_contains"),
        migrations.RemoveIndex(model_name="device", name="device_model_contains"),
        migrations.AddIndex(model_name="device", index=_index("worker")),
        migrations.AddIndex(model_name="device", index=_index("model")),
    ]
