"""A plan may be declined by whoever was asked to confirm it, and withdrawn by whoever made it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0008_search_by_reference")]

    operations = [
        migrations.RemoveConstraint(model_name="plan", name="plan_state_known"),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "confirmed", "void", "declined", "withdrawn"])),
                name="plan_state_known",
            ),
        ),
    ]
