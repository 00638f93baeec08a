"""An index by the end of a number, for whole numbers that are looked for with or without their country code."""

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Reverse


class Migration(migrations.Migration):
    dependencies = [("devices", "0003_orders_behind_the_wall")]

    operations = [
        migrations.AddIndex(
            model_name="device",
            index=models.Index(OpClass(Reverse("number"), "text_pattern_ops"), name="device_number_ends"),
        ),
    ]
