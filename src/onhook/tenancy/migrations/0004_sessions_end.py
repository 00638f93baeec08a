"""When a person's sessions were ended, all at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_user_email")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="sessions_ended_at",
            field=models.DateTimeField(blank=True, help_text="sessions from before go on no longer", null=True),
        )
    ]
