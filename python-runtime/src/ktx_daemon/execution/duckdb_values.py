"""Values of DuckDB: what its Python package would lose is asked for as text, and read here by its type.

The package gives dates beyond Python's range, infinities, intervals and nanoseconds as something else. A column that
has them, at any depth, is cast to the same type with texts in their place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ktx_daemon.execution import values

MOMENTS = {
    "date",
    "time",
    "time_ns",
    "time with time zone",
    "timestamp",
    "timestamp_s",
    "timestamp_ms",
    "timestamp_ns",
    "timestamp with time zone",
}
NESTED = ("struct", "list", "array", "map", "union")
_INTERVAL = re.compile(
    r"(?:(-?\d+) years? ?)?(?:(-?\d+) months? ?)?(?:(-?\d+) days? ?)?(?:(-?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?"
)


def cast(kind: Any) -> str | None:
    """Name the type with texts in place of what would be lost; None where nothing would."""
    if kind.id in MOMENTS or kind.id in ("interval", "float"):
        return "VARCHAR"
    if kind.id not in NESTED:
        return None
    members = [(name, member) for name, member in kind.children if kind.id != "union" or name]
    if kind.id == "array":
        members, size = members[:1], f"[{members[1][1]}]"
    casts = [(name, member, cast(member)) for name, member in members]
    if not any(text for _, _, text in casts):
        return None
    names = [text or str(member) for _, member, text in casts]
    if kind.id in ("list", "array"):
        return f"{names[0]}{size if kind.id == 'array' else '[]'}"
    if kind.id == "map":
        return f"MAP({names[0]}, {names[1]})"
    listed = ", ".join(f"{_quoted(name)} {text}" for (name, _, _), text in zip(casts, names, strict=True))
    return f"{kind.id.upper()}({listed})"


def reader(kind: Any) -> values.Converter:
    """Return the function that reads a value of a type after its `cast`."""
    if kind.id in MOMENTS:
        return values.moment
    if kind.id == "interval":
        return _interval
    if kind.id == "float":
        return values.real
    if str(kind) == "JSON":
        return values.document
    if kind.id in ("list", "array"):
        return _list_reader(optional(reader(kind.children[0][1])))
    if kind.id == "struct":
        return _struct_reader([optional(reader(member)) for _, member in kind.children])
    if kind.id == "map":
        (_, key), (_, value) = kind.children
        return _map_reader(reader(key), optional(reader(value)), nested_keys=key.id in NESTED)
    return values.json_value


def optional(read: values.Converter) -> values.Converter:
    """Read what may be null."""
    return lambda value: None if value is None else read(value)


def _list_reader(element: values.Converter) -> values.Converter:
    return lambda value: [element(item) for item in value]


def _struct_reader(members: Sequence[values.Converter]) -> values.Converter:
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: member(item) for (name, item), member in zip(value.items(), members, strict=True)}
        return [member(item) for item, member in zip(value, members, strict=True)]  # a struct without names

    return read


def _map_reader(key: values.Converter, item: values.Converter, *, nested_keys: bool) -> values.Converter:
    def read(value: Any) -> Any:
        pairs = zip(value["key"], value["value"], strict=True) if nested_keys else value.items()
        return {_key(key(name)): item(member) for name, member in pairs}

    return read


def _key(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _interval(text: str) -> str:
    found = _INTERVAL.fullmatch(text)
    if found is None:
        return text
    years, months, days, sign, hours, minutes, seconds, fraction = found.groups()
    time = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    microseconds = time * 1_000_000 + int((fraction or "").ljust(6, "0"))
    return values.duration(
        int(years or 0) * 12 + int(months or 0), int(days or 0), -microseconds if sign else microseconds
    )


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
