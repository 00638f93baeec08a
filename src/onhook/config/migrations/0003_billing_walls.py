"""What customers see of the billing records: their own company's. Their locks need a right to change one column."""

from django.db import migrations

MINE = "(nullif(current_setting('onhook.company', true), ''))::integer"
TABLES = ("billing_companyfact", "billing_subscriptionreading", "billing_licencedecrease")


class Migration(migrations.Migration):
    dependencies = [("config", "0002_row_security"), ("billing", "0003_shop_channel")]
    operations = [
        *(
            migrations.RunSQL(
                f"GRANT SELECT ON {table} TO onhook_customer;"
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
                f"CREATE POLICY own_company ON {table} TO onhook_customer USING (company_id = {MINE});",
                f"DROP POLICY own_company ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
                f"REVOKE ALL ON {table} FROM onhook_customer;",
            )
            for table in TABLES
        ),
        # SELECT ... FOR UPDATE of the own company's row, which puts two requests for one link in order.
        migrations.RunSQL(
            "GRANT UPDATE (coid) ON tenancy_company TO onhook_customer",
            "REVOKE UPDATE (coid) ON tenancy_company FROM onhook_customer",
        ),
    ]
