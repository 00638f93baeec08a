"""The search box takes account numbers and tickets in capitals or small letters."""

from django.db import migrations, models
from django.db.models.fields.json import KT
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("operations", "0007_account_numbers")]

    operations = [
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(Upper(KT("preview__account__account_number")), name="plan_account_number_any_case"),
        ),
        migrations.AddIndex(model_name="plan", index=models.Index(Upper("ticket_reference"), name="plan_ticket")),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(
                Upper(KT("evidence__account_number")),
                name="step_account_number_any_case",
                condition=models.Q(("name", "find_account")),
            ),
        ),
        migrations.RemoveIndex(model_name="plan", name="plan_account_number"),
        migrations.RemoveIndex(model_name="step", name="step_account_number"),
    ]
