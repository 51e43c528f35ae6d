"""Lossless conversion of DuckDB values.

DuckDB's Python package cannot represent dates beyond Python's range, infinities, intervals and nanoseconds. Columns
that contain such types, at any depth, are cast to the same type with VARCHAR in their place, and the texts are parsed
here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ktx_daemon.warehouses.model import values
from ktx_daemon.warehouses.model.identifiers import in_double_quotes

TEMPORAL_TYPES = {
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
NESTED_TYPES = ("struct", "list", "array", "map", "union")
_INTERVAL = re.compile(
    r"(?:(-?\d+) years? ?)?(?:(-?\d+) months? ?)?(?:(-?\d+) days? ?)?(?:(-?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?"
)


def lossless_type(kind: Any) -> str | None:
    """Return the type to cast to, with VARCHAR in place of lossy types; None if no cast is needed."""
    if kind.id in TEMPORAL_TYPES or kind.id in ("interval", "float"):
        return "VARCHAR"
    if kind.id not in NESTED_TYPES:
        return None
    members = [(name, member) for name, member in kind.children if kind.id != "union" or name]
    if kind.id == "array":
        members, size = members[:1], f"[{members[1][1]}]"
    casts = [(name, member, lossless_type(member)) for name, member in members]
    if not any(text for _, _, text in casts):
        return None
    names = [text or str(member) for _, member, text in casts]
    if kind.id in ("list", "array"):
        return f"{names[0]}{size if kind.id == 'array' else '[]'}"
    if kind.id == "map":
        return f"MAP({names[0]}, {names[1]})"
    listed = ", ".join(f"{in_double_quotes(name)} {text}" for (name, _, _), text in zip(casts, names, strict=True))
    return f"{kind.id.upper()}({listed})"


def make_converter(kind: Any) -> values.Converter:
    """Return the converter of a type whose values were cast to its `lossless_type`."""
    if kind.id in TEMPORAL_TYPES:
        return values.convert_temporal
    if kind.id == "interval":
        return parse_interval
    if kind.id == "float":
        return values.convert_float
    if str(kind) == "JSON":
        return values.convert_json
    if kind.id in ("list", "array"):
        return _make_list_converter(make_nullable(make_converter(kind.children[0][1])))
    if kind.id == "struct":
        return _make_struct_converter([make_nullable(make_converter(member)) for _, member in kind.children])
    if kind.id == "map":
        (_, key), (_, value) = kind.children
        return _make_map_converter(
            make_converter(key), make_nullable(make_converter(value)), nested_keys=key.id in NESTED_TYPES
        )
    return values.convert_value


def make_nullable(read: values.Converter) -> values.Converter:
    """Return a converter that passes null on."""
    return lambda value: None if value is None else read(value)


def _make_list_converter(element: values.Converter) -> values.Converter:
    return lambda value: [element(item) for item in value]


def _make_struct_converter(members: Sequence[values.Converter]) -> values.Converter:
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: member(item) for (name, item), member in zip(value.items(), members, strict=True)}
        return [member(item) for item, member in zip(value, members, strict=True)]  # a struct without names

    return read


def _make_map_converter(key: values.Converter, item: values.Converter, *, nested_keys: bool) -> values.Converter:
    def read(value: Any) -> Any:
        pairs = zip(value["key"], value["value"], strict=True) if nested_keys else value.items()
        return {_map_key(key(name)): item(member) for name, member in pairs}

    return read


def _map_key(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parse_interval(text: str) -> str:
    """Return an ISO 8601 duration of an interval as DuckDB writes it."""
    match = _INTERVAL.fullmatch(text)
    if match is None:
        return text
    years, months, days, sign, hours, minutes, seconds, fraction = match.groups()
    time = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    microseconds = time * 1_000_000 + int((fraction or "").ljust(6, "0"))
    return values.format_duration(
        int(years or 0) * 12 + int(months or 0), int(days or 0), -microseconds if sign else microseconds
    )
