"""A line of a plan never changes, and a line of an operation stays the device, company and operation it was made for."""

from django.db import migrations

STAY = """
CREATE FUNCTION operations_line_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a line of % is about never changes', TG_ARGV[0] USING ERRCODE = 'raise_exception';
END $$;
CREATE TRIGGER operationitem_stays BEFORE UPDATE OF operation_id, company_id, device_id, position, number, soc_code
    ON operations_operationitem FOR EACH ROW
    WHEN ((OLD.operation_id, OLD.company_id, OLD.device_id, OLD.position, OLD.number, OLD.soc_code)
          IS DISTINCT FROM (NEW.operation_id, NEW.company_id, NEW.device_id, NEW.position, NEW.number, NEW.soc_code))
    EXECUTE FUNCTION operations_line_stays('an operation');
CREATE TRIGGER planitem_stays BEFORE UPDATE ON operations_planitem FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION operations_line_stays('a plan');
"""
MOVE = "DROP FUNCTION operations_line_stays() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("operations", "0004_shop_channel")]
    operations = [migrations.RunSQL(STAY, MOVE)]
