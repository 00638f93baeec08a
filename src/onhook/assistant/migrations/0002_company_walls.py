"""Nothing of one company points to another's, and a customer's request sees its own company's rows only."""

from django.db import migrations

MINE = "(nullif(current_setting('onhook.company', true), ''))::integer"
GRANTS = {
    "assistant_conversation": "SELECT, INSERT, UPDATE",
    "assistant_message": "SELECT, INSERT",
    "assistant_case": "SELECT, INSERT, UPDATE",
    "assistant_casemessage": "SELECT, INSERT",
}
SAME_COMPANY = (
    ("assistant_conversation", "user_id", "tenancy_user"),
    ("assistant_conversation", "plan_id", "operations_plan"),
    ("assistant_message", "conversation_id", "assistant_conversation"),
    ("assistant_case", "conversation_id", "assistant_conversation"),
    ("assistant_case", "opened_by_id", "tenancy_user"),
    ("assistant_case", "plan_id", "operations_plan"),
    ("assistant_casemessage", "case_id", "assistant_case"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("assistant", "0001_initial"),
        ("config", "0003_billing_walls"),
        ("operations", "0002_company_walls"),
        ("tenancy", "0001_initial"),
    ]
    operations = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_company FOREIGN KEY ({column}, company_id) "
                f"REFERENCES {target} (id, company_id) DEFERRABLE INITIALLY IMMEDIATE;",
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_same_company;",
            )
            for table, column, target in SAME_COMPANY
        ),
        *(
            migrations.RunSQL(
                f"GRANT {rights} ON {table} TO onhook_customer;"
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
                f"CREATE POLICY own_company ON {table} TO onhook_customer "
                f"USING (company_id = {MINE}) WITH CHECK (company_id = {MINE});",
                f"DROP POLICY own_company ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
                f"REVOKE ALL ON {table} FROM onhook_customer;",
            )
            for table, rights in GRANTS.items()
        ),
    ]
