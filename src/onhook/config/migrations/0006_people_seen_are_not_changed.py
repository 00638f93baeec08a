"""
People of the operator whom a company may see are not its own to change: the one policy for everything becomes one each.

Before, who was seen could be written to as long as the row became the company's own: staff could be taken over. People
are never deleted behind the wall, so there is no policy for that.
"""

from importlib import import_module

from django.db import migrations

before = import_module("onhook.config.migrations.0002_row_security")
SEEN, WRITTEN = before.POLICIES["tenancy_user"]

APART = f"""
DROP POLICY own_company ON tenancy_user;
CREATE POLICY own_company_seen ON tenancy_user FOR SELECT TO onhook_customer USING ({SEEN});
CREATE POLICY own_company_added ON tenancy_user FOR INSERT TO onhook_customer WITH CHECK ({WRITTEN});
CREATE POLICY own_company_changed ON tenancy_user FOR UPDATE TO onhook_customer
    USING ({WRITTEN}) WITH CHECK ({WRITTEN});
"""
TOGETHER = f"""
DROP POLICY own_company_seen ON tenancy_user;
DROP POLICY own_company_added ON tenancy_user;
DROP POLICY own_company_changed ON tenancy_user;
CREATE POLICY own_company ON tenancy_user TO onhook_customer USING ({SEEN}) WITH CHECK ({WRITTEN});
"""


class Migration(migrations.Migration):
    dependencies = [("config", "0005_search_whole_numbers")]
    operations = [migrations.RunSQL(APART, TOGETHER)]
