"""
Let an Admin take away the second factor of somebody who lost it.

The factors themselves stay closed to whoever is behind the wall: a function removes those of one person, and behind the
wall only of the company's own.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION remove_second_factors(person bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE removed integer;
BEGIN
    IF current_setting('role') = 'onhook_customer' AND NOT EXISTS (
        SELECT 1 FROM tenancy_user WHERE id = person AND company_id::text = current_setting('onhook.company', true)
    ) THEN
        RETURN 0;
    END IF;
    DELETE FROM mfa_authenticator WHERE user_id = person;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;
REVOKE ALL ON FUNCTION remove_second_factors(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_second_factors(bigint) TO onhook_customer;
"""


class Migration(migrations.Migration):
    dependencies = [("config", "0006_people_seen_are_not_changed")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION remove_second_factors(bigint)")]
