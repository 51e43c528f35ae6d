"""Names of types in GoogleSQL, from the fields of a result."""

from __future__ import annotations

from typing import Any

STANDARD_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
NESTED = ("RECORD", "STRUCT")


def name_type(field: dict[str, Any]) -> str:
    """Return the type of a field as a statement writes it."""
    kind = str(field["type"]).upper()
    name = STANDARD_NAMES.get(kind, kind)
    if kind in NESTED:
        members = (f"{member.get('name', '')} {name_type(member)}".strip() for member in field.get("fields", ()))
        name = f"STRUCT<{', '.join(members)}>"
    elif kind == "RANGE":
        name = f"RANGE<{field.get('rangeElementType', {}).get('type', 'DATE')}>"
    return f"ARRAY<{name}>" if field.get("mode") == "REPEATED" else name
