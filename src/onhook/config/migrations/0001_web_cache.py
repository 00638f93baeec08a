"""The cache that all web workers share: tries counted, visits seen. What is in it may be lost."""

from django.db import migrations

MAKE = """
CREATE UNLOGGED TABLE web_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX web_cache_expires ON web_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunSQL(MAKE, "DROP TABLE web_cache")]
