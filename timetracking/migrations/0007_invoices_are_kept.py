"""Triggers that refuse to change what an issued invoice says, whoever asks; only that it is void may be added.

The name of an agent on a line stays open to change: erasing a person replaces it.
"""

from django.db import migrations

WORDS = "an issued invoice is not changed"
KEPT = {
    "timetracking_invoice": (
        "client_id", "first_on", "last_on", "grouping", "note", "currency", "number", "reference", "issued_on", "due_on",
        "issued_at", "issued_by_id", "sender", "recipient", "minutes", "net", "tax_name", "tax_percent", "tax", "total",
    ),
    "timetracking_invoiceline": (
        "invoice_id", "entry_id", "entry_version", "date", "group", "text", "minutes", "covered_minutes", "no_charge",
        "hourly_rate", "amount",
    ),
}  # fmt: skip
ISSUED = {
    "timetracking_invoice": "OLD.status <> 'draft'",
    "timetracking_invoiceline": "(SELECT status FROM timetracking_invoice WHERE id = {row}.invoice_id) <> 'draft'",
}
VERBS = ("INSERT", "UPDATE", "DELETE")


def conditions(table, distinct):
    """By verb, when the trigger refuses."""
    text = "::text" if distinct.startswith("IS D") else ""  # PostgreSQL compares JSON only as text
    changed = " OR ".join(f'OLD."{name}"{text} {distinct} NEW."{name}"{text}' for name in KEPT[table])
    issued = ISSUED[table]
    found = {"UPDATE": f"{issued.format(row='OLD')} AND ({changed})", "DELETE": issued.format(row="OLD")}
    if table == "timetracking_invoice":
        found["UPDATE"] = f"OLD.status <> 'draft' AND ({changed} OR NEW.status = 'draft' OR OLD.status = 'void')"
        return found
    return {"INSERT": issued.format(row="NEW"), **found}


def add_triggers(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for table in KEPT:
        distinct = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
        for verb, condition in conditions(table, distinct).items():
            name = f"{table}_kept_{verb.lower()}"
            if vendor == "postgresql":
                row = "OLD" if verb == "DELETE" else "NEW"
                schema_editor.execute(
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"IF {condition} THEN RAISE EXCEPTION '{WORDS}'; END IF; RETURN {row}; END $$"
                )
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
                )
            else:
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                    f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
                )


def drop_triggers(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in KEPT:
        for verb in VERBS:
            name = f"{table}_kept_{verb.lower()}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if is_postgresql else ""))
            if is_postgresql:
                schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()")


class Migration(migrations.Migration):
    dependencies = [("timetracking", "0006_starter_types_and_roles")]
    operations = [migrations.RunPython(add_triggers, drop_triggers)]
