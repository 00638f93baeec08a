"""One index for each order of the portal's list, and the search in phone models."""

from datetime import UTC, datetime

import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models.functions import Coalesce, Upper

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial")]
    operations = [
        migrations.AddIndex(
            model_name="device",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(Upper("model"), name="gin_trgm_ops"),
                name="device_model_contains",
            ),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(
                "company", "number", "id", condition=models.Q(("deleted_at", None)), name="device_list_number"
            ),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(
                "company", "worker", "id", condition=models.Q(("deleted_at", None)), name="device_list_worker"
            ),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(
                "company",
                Coalesce("last_seen_at", models.Value(LONG_AGO)).desc(),
                models.F("id").desc(),
                condition=models.Q(("deleted_at", None)),
                name="device_list_seen",
            ),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(
                "company",
                Coalesce("deleted_at", models.Value(LONG_AGO)).desc(),
                models.F("id").desc(),
                condition=models.Q(("deleted_at__isnull", False)),
                name="device_list_deleted",
            ),
        ),
    ]
