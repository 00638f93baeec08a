"""
Row security: what a customer's request may see and do in the database, whatever the product's own filters say.

The role owns nothing and cannot sign in. Each policy compares a row's company with the setting `onhook.company`; where it
is not set, nothing fits. The owner's role is not bound. A table that is not named here stays closed to customers.
"""

from django.db import migrations

MINE = "(nullif(current_setting('onhook.company', true), ''))::integer"

# Several databases of one server share the role, and may be migrated at the same moment.
ROLE = """
DO $$ BEGIN
    CREATE ROLE onhook_customer NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    -- A creator from 16 on is a member that may not yet take the role.
    IF NOT pg_has_role(current_user, 'onhook_customer',
        CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN
        EXECUTE format('GRANT onhook_customer TO %I', current_user);
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO onhook_customer;
"""

GRANTS = {
    "tenancy_company": "SELECT",
    "tenancy_user": "SELECT, INSERT, UPDATE",
    "devices_device": "SELECT",
    "billing_ruleset": "SELECT",
    "billing_socrule": "SELECT",
    "operations_plan": "SELECT, INSERT, UPDATE",
    "operations_planitem": "SELECT, INSERT",
    "operations_operation": "SELECT, INSERT, UPDATE",
    "operations_operationitem": "SELECT, INSERT, UPDATE",
    "operations_step": "SELECT",
    "operations_question": "SELECT, UPDATE",
    "operations_notice": "SELECT",
    "audit_auditevent": "SELECT, INSERT",
    "audit_audithead": "SELECT, INSERT, UPDATE",
}
OF_COMPANY = (
    "devices_device",
    "operations_plan",
    "operations_operation",
    "operations_operationitem",
    "operations_step",
    "operations_question",
    "operations_notice",
    "audit_auditevent",
    "audit_audithead",
)
POLICIES = {
    **dict.fromkeys(OF_COMPANY, (f"company_id = {MINE}", f"company_id = {MINE}")),
    "tenancy_company": (f"coid = {MINE}", f"coid = {MINE}"),
    # The operator's people are seen where they acted for this company, and nowhere else.
    "tenancy_user": (
        f"""company_id = {MINE} OR company_id = 1 AND (
            EXISTS (SELECT FROM operations_operation AS acted WHERE acted.confirmed_by_id = tenancy_user.id
                    AND acted.company_id = {MINE})
            OR EXISTS (SELECT FROM operations_plan AS made WHERE made.created_by_id = tenancy_user.id
                       AND made.company_id = {MINE})
            OR EXISTS (SELECT FROM operations_question AS asked WHERE asked.answered_by_id = tenancy_user.id
                       AND asked.company_id = {MINE}))""",  # noqa: S608  # a constant
        f"company_id = {MINE}",
    ),
    "operations_planitem": (
        "EXISTS (SELECT FROM operations_plan AS plan WHERE plan.id = plan_id)",
        "EXISTS (SELECT FROM operations_plan AS plan WHERE plan.id = plan_id)",
    ),
}


def _wall(table: str) -> str:
    seen, written = POLICIES[table]
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n"
        f"CREATE POLICY own_company ON {table} TO onhook_customer USING ({seen}) WITH CHECK ({written});"
    )


# These look at lines of any company to refuse a foreign one: behind the wall they would be blind.
TRIGGERS = """
ALTER FUNCTION operations_line_of_company() SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION operations_line_of_plan() SECURITY DEFINER SET search_path = public, pg_temp;
"""

# LIKE is not leakproof: under row security the trigram index would not be used. So the search runs as the owner and
# filters by company itself: behind the wall by the wall's company, whatever was asked for.
SEARCH = f"""
CREATE FUNCTION devices_matching(of_company integer, numbers text[], digits text, words text, row_id bigint, most integer)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company integer := CASE WHEN current_setting('role') = 'onhook_customer' THEN {MINE} ELSE of_company END;
BEGIN
    -- Planned anew for these values: how many rows a part of a number fits differs by orders of magnitude.
    RETURN QUERY EXECUTE
        'SELECT id FROM devices_device WHERE company_id = $1 AND (number = ANY ($2)'
        || CASE WHEN digits <> '' THEN ' OR number LIKE $3' ELSE '' END
        || CASE WHEN words <> '' THEN ' OR upper(worker) LIKE $4 OR upper(model) LIKE $4' ELSE '' END
        || CASE WHEN row_id IS NOT NULL THEN ' OR id = $5' ELSE '' END
        || ') LIMIT $6'
    USING company, numbers, '%' || digits || '%',
          '%' || replace(replace(replace(upper(words), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%', row_id, most;
END $$;
REVOKE ALL ON FUNCTION devices_matching(integer, text[], text, text, bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION devices_matching(integer, text[], text, text, bigint, integer) TO onhook_customer;
"""  # noqa: S608  # a constant


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0001_web_cache"),
        ("tenancy", "0001_initial"),
        ("audit", "0002_append_only"),
        ("devices", "0001_initial"),
        ("billing", "0002_first_rules"),
        ("operations", "0003_engine"),
    ]
    operations = [
        migrations.RunSQL(ROLE, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(
                f"GRANT {rights} ON {table} TO onhook_customer", f"REVOKE ALL ON {table} FROM onhook_customer"
            )
            for table, rights in GRANTS.items()
        ),
        *(
            migrations.RunSQL(
                _wall(table), f"DROP POLICY own_company ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
            )
            for table in POLICIES
        ),
        migrations.RunSQL(
            TRIGGERS,
            "ALTER FUNCTION operations_line_of_company() SECURITY INVOKER RESET search_path;"
            "ALTER FUNCTION operations_line_of_plan() SECURITY INVOKER RESET search_path;",
        ),
        migrations.RunSQL(SEARCH, "DROP FUNCTION devices_matching(integer, text[], text, text, bigint, integer)"),
    ]
