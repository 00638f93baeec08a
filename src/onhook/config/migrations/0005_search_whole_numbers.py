"""
The search looks for a whole number by its end first: one look into an index, however many lines there are.

Ten digits are a whole number in most countries. Looked for as a part, they have eight trigrams, each of which very many
numbers have. Where no line ends with them they are looked for as a part, as before.
"""

from importlib import import_module

from django.db import migrations

before = import_module("onhook.config.migrations.0002_row_security")

SEARCH = f"""
CREATE OR REPLACE FUNCTION
    devices_matching(of_company integer, numbers text[], digits text, words text, row_id bigint, most integer)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company integer := CASE WHEN current_setting('role') = 'onhook_customer' THEN {before.MINE} ELSE of_company END;
BEGIN
    IF length(digits) >= 10 THEN
        RETURN QUERY EXECUTE
            'SELECT id FROM devices_device WHERE company_id = $1 AND (number = ANY ($2) OR reverse(number) LIKE $3)'
            || ' LIMIT $4'
        USING company, numbers, reverse(digits) || '%', most;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
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
"""  # noqa: S608  # a constant


class Migration(migrations.Migration):
    dependencies = [("config", "0004_sign_ins"), ("devices", "0004_number_ends")]
    operations = [
        migrations.RunSQL(SEARCH, before.SEARCH.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
