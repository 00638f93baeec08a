"""When this installation signed in at outside systems: the last few moments, no credential and no session."""

from django.db import migrations

MAKE = """
CREATE TABLE vendor_sign_in (
    vendor text NOT NULL,
    counted_at timestamp with time zone NOT NULL
);
CREATE INDEX vendor_sign_in_latest ON vendor_sign_in (vendor, counted_at);
"""


class Migration(migrations.Migration):
    dependencies = [("config", "0003_billing_walls")]
    operations = [migrations.RunSQL(MAKE, "DROP TABLE vendor_sign_in")]
