"""
The search takes several words, whatever their accents and capitals: each fits worker or model, or, when it is digits,
is part of the number.

A word of one or two letters is in no index of trigrams; where there is no longer one, and where there are many words,
the text is one word, as before.
"""

from importlib import import_module

from django.db import migrations

tenancy = import_module("onhook.config.migrations.0002_row_security")
before = import_module("onhook.config.migrations.0005_search_whole_numbers")

SEARCH = f"""
CREATE OR REPLACE FUNCTION
    devices_matching(of_company integer, numbers text[], digits text, words text, row_id bigint, most integer)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company integer := CASE WHEN current_setting('role') = 'onhook_customer' THEN {tenancy.MINE} ELSE of_company END;
    apart text[] := regexp_split_to_array(btrim(search_folded(words)), '\\s+');
    every text := '';
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
    IF cardinality(apart) > 8 OR NOT EXISTS (SELECT FROM unnest(apart) AS word WHERE length(word) >= 3) THEN
        apart := ARRAY[search_folded(words)];
    END IF;
    FOR n IN 1 .. cardinality(apart) LOOP
        every := every || ' AND (search_folded(worker) LIKE $4[' || n || '] OR search_folded(model) LIKE $4[' || n || ']'
            || CASE WHEN apart[n] ~ '^[0-9]{{3,}}$' THEN ' OR number LIKE $4[' || n || ']' ELSE '' END || ')';
        apart[n] := '%' || replace(replace(replace(apart[n], '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%';
    END LOOP;
    -- Planned anew for these values: how many rows a part of a number fits differs by orders of magnitude.
    RETURN QUERY EXECUTE
        'SELECT id FROM devices_device WHERE company_id = $1 AND (number = ANY ($2)'
        || CASE WHEN digits <> '' THEN ' OR number LIKE $3' ELSE '' END
        || CASE WHEN words <> '' THEN ' OR (' || substr(every, 6) || ')' ELSE '' END
        || CASE WHEN row_id IS NOT NULL THEN ' OR id = $5' ELSE '' END
        || ') LIMIT $6'
    USING company, numbers, '%' || digits || '%', apart, row_id, most;
END $$;
"""  # noqa: S608  # a constant


class Migration(migrations.Migration):
    dependencies = [("config", "0008_second_factor_is_there"), ("devices", "0005_names_without_accents")]
    operations = [migrations.RunSQL(SEARCH, before.SEARCH)]
