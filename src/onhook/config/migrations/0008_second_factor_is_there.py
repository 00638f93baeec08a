"""
Let an Admin know whether somebody has a second factor that could be taken away; of whoever is not the company's, nothing.

The factors themselves stay closed: the function says yes or no.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION has_second_factor(person bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF current_setting('role') = 'onhook_customer' AND NOT EXISTS (
        SELECT 1 FROM tenancy_user WHERE id = person AND company_id::text = current_setting('onhook.company', true)
    ) THEN
        RETURN false;
    END IF;
    RETURN EXISTS (SELECT 1 FROM mfa_authenticator WHERE user_id = person);
END $$;
REVOKE ALL ON FUNCTION has_second_factor(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION has_second_factor(bigint) TO onhook_customer;
"""


class Migration(migrations.Migration):
    dependencies = [("config", "0007_second_factors")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION has_second_factor(bigint)")]
