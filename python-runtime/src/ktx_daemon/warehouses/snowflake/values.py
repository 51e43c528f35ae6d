"""Types and values of Snowflake, from its Arrow encoding."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ktx_daemon.warehouses.model import values
from ktx_daemon.warehouses.snowflake.dates import format_date, format_seconds, format_timestamp

DOCUMENTS = ("VARIANT", "OBJECT", "ARRAY", "MAP", "GEOGRAPHY", "GEOMETRY", "VECTOR")
NAMES = {"FIXED": "NUMBER", "REAL": "FLOAT", "TEXT": "VARCHAR"}
# A missing element of an array is written as `undefined`, which is no JSON.
_STRING_OR_UNDEFINED = re.compile(r'"(?:[^"\\]|\\.)*"|\bundefined\b')
NANOSECONDS_PER_DAY = 24 * 60 * 60 * 10**9


def type_name(details: dict[str, str]) -> str:
    """Return the name of a column's type, as Snowflake writes it."""
    kind = details.get("extTypeName") or details.get("logicalType", "")
    if kind == "FIXED":
        return f"NUMBER({details.get('precision', '38')}, {details.get('scale', '0')})"
    if kind.startswith("TIME"):
        return f"{kind}({details.get('scale', '9')})"
    return NAMES.get(kind, kind)


def make_converter(details: dict[str, str]) -> values.Converter:
    """Return the converter of a column's values, null included."""
    read = _converter(details)
    return lambda value: None if value is None else read(value)


def _converter(details: dict[str, str]) -> values.Converter:
    kind = details.get("extTypeName") or details.get("logicalType", "")
    scale = int(details.get("scale") or 0)
    if kind == "FIXED":
        return lambda value: _convert_fixed(value, scale)
    if kind == "DECFLOAT":
        return _convert_decfloat
    if kind == "REAL":
        return values.convert_float
    if kind == "DATE":
        return format_date
    if kind == "TIME":
        return lambda value: format_seconds(*_split(value, scale))
    if kind.startswith("TIMESTAMP"):
        has_zone = kind != "TIMESTAMP_NTZ"
        return lambda value: format_timestamp(*_epoch(value, scale), has_zone=has_zone)
    if kind == "INTERVAL_YEAR_MONTH":
        return lambda months: values.format_duration(int(months), 0, 0)
    if kind == "INTERVAL_DAY_TIME":
        return _convert_interval
    if kind in DOCUMENTS:
        return _convert_document
    return values.convert_value


def _convert_fixed(value: int, scale: int) -> Any:
    return values.convert_decimal(Decimal(f"{value}e-{scale}")) if scale else values.convert_integer(value)


def _convert_decfloat(value: dict[str, Any]) -> Any:
    significand = int.from_bytes(value["significand"], "big", signed=True)
    return values.convert_decimal(str(Decimal(f"{significand}e{value['exponent']}")))


def _split(value: int, scale: int) -> tuple[int, int]:
    """Return whole seconds and nanoseconds of a number of fractions of a second."""
    seconds, fraction = divmod(int(value), 10**scale)
    return seconds, int(fraction * 10 ** (9 - scale))


def _epoch(value: Any, scale: int) -> tuple[int, int]:
    """Return seconds since 1970 in UTC, and nanoseconds; the zone of a time does not matter for its instant."""
    if not isinstance(value, dict):
        return _split(value, scale)
    if "fraction" in value:
        return value["epoch"], value["fraction"]
    return _split(value["epoch"], scale)


def _convert_interval(nanoseconds: Any) -> str:
    count = int(nanoseconds)
    sign = -1 if count < 0 else 1
    days, rest = divmod(abs(count), NANOSECONDS_PER_DAY)
    return values.format_duration(0, sign * days, sign * (rest // 1000))


def _convert_document(value: Any) -> Any:
    if not isinstance(value, str):
        return values.convert_value(value)
    return values.convert_json(
        _STRING_OR_UNDEFINED.sub(lambda found: "null" if found[0] == "undefined" else found[0], value)
    )
