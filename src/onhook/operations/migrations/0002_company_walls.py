"""No row of one company points to another company's: composite foreign keys, and a check where a line joins an operation."""

from django.db import migrations


def _same_company(table: str, column: str, target: str) -> tuple[str, str]:
    name = f"{table}_{column}_same_company"
    add = (
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, company_id) "
        f"REFERENCES {target} (id, company_id) DEFERRABLE INITIALLY IMMEDIATE;"
    )
    return add, f"ALTER TABLE {table} DROP CONSTRAINT {name};"


WALLS = [
    _same_company("operations_plan", "requester_id", "tenancy_user"),
    _same_company("operations_operation", "plan_id", "operations_plan"),
    _same_company("operations_operationitem", "operation_id", "operations_operation"),
    _same_company("operations_step", "operation_id", "operations_operation"),
    _same_company("operations_question", "operation_id", "operations_operation"),
    _same_company("operations_notice", "operation_id", "operations_operation"),
    _same_company("operations_notice", "recipient_id", "tenancy_user"),
]

# A device may move to another company later, and the history stays: so this is checked when the row is made.
LINES = """
CREATE FUNCTION operations_line_of_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN devices_device AS device ON device.id = added.device_id
               WHERE device.company_id <> added.company_id) THEN
        RAISE EXCEPTION 'a line of another company cannot join this operation' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER operationitem_device_same_company AFTER INSERT ON operations_operationitem
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION operations_line_of_company();
CREATE FUNCTION operations_line_of_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN operations_plan AS plan ON plan.id = added.plan_id
               JOIN devices_device AS device ON device.id = added.device_id
               WHERE device.company_id <> plan.company_id) THEN
        RAISE EXCEPTION 'a line of another company cannot join this plan' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER planitem_device_same_company AFTER INSERT ON operations_planitem
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION operations_line_of_plan();
"""
NO_LINES = "DROP FUNCTION operations_line_of_company() CASCADE; DROP FUNCTION operations_line_of_plan() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]
    operations = [*(migrations.RunSQL(add, drop) for add, drop in WALLS), migrations.RunSQL(LINES, NO_LINES)]
