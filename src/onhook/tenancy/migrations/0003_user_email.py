"""The search box finds a person by the mail address."""

from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_company_name_contains")]

    operations = [migrations.AddIndex(model_name="user", index=models.Index(Upper("email"), name="user_email"))]
