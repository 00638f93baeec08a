"""The search box finds a company by the account number that its plans and runs have seen."""

from django.db import migrations, models
from django.db.models.fields.json import KT


class Migration(migrations.Migration):
    dependencies = [("operations", "0006_question_assignment")]

    operations = [
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(KT("preview__account__account_number"), name="plan_account_number"),
        ),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(
                KT("evidence__account_number"),
                name="step_account_number",
                condition=models.Q(("name", "find_account")),
            ),
        ),
    ]
