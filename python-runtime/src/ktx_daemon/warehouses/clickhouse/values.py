"""Conversion of ClickHouse values, which arrive as JSON.

Numbers with a fraction are kept as their digits until the type of the column says whether they are binary or decimal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ktx_daemon.warehouses.clickhouse.types import parse_type, type_name
from ktx_daemon.warehouses.model import values

INTERVAL = re.compile(r"Interval(\w+)")
MONTHS = {"Month": 1, "Quarter": 3, "Year": 12}
DAYS = {"Day": 1, "Week": 7}
MICROSECONDS = {"Microsecond": 1, "Millisecond": 1000, "Second": 10**6, "Minute": 60 * 10**6, "Hour": 3600 * 10**6}
NON_FINITE = {"nan": "NaN", "-nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_SURROGATE = re.compile(r"[\udc80-\udcff]")


class Digits(str):
    """A number with a fraction or an exponent, as written by the server."""


def parse_row(line: bytes) -> list[Any]:
    """Parse a line of JSON. Bytes that are not UTF-8 become lone surrogates."""
    row: list[Any] = json.loads(
        line.decode("utf-8", "surrogateescape"), parse_int=values.convert_integer, parse_float=Digits
    )
    return row


def make_converter(type_text: str) -> values.Converter:
    """Return the converter of a type's values, null included."""
    kind = parse_type(type_text)
    return _nullable(convert_other if kind is None else _converter(kind))


def _nullable(read: values.Converter) -> values.Converter:
    return lambda value: None if value is None else read(value)


def _converter(kind: Any) -> values.Converter:
    name = type_name(kind)
    if name == "Array":
        return _array(_nullable(_converter(kind.element_type)))
    if name == "Map":
        return _map(_nullable(_converter(kind.value_type)))
    if name in ("Tuple", "Nested"):
        members = [_nullable(_converter(member)) for member in kind.element_types]
        names = list(kind.element_names)
        return _array(_tuple(members, names)) if name == "Nested" else _tuple(members, names)
    if name == "SimpleAggregateFunction":
        return _converter(kind.element_type)
    if name == "AggregateFunction":
        return lambda text: _encode(text).hex()
    if name == "Decimal" or name.startswith("Decimal"):
        return lambda value: values.convert_decimal(str(value))
    if name in ("Float32", "Float64", "BFloat16"):
        return _convert_float
    if name.startswith(("Int", "UInt")) and not name.startswith("Interval"):
        return values.convert_integer
    if name.startswith(("Date", "Time")):
        return _convert_temporal
    if match := INTERVAL.fullmatch(name):
        return _interval(match[1])
    return convert_other


def _convert_float(value: Any) -> Any:
    return NON_FINITE[value] if value in NON_FINITE else values.convert_float(value)


def _convert_temporal(text: str) -> str:
    return values.convert_temporal(f"{text[:-1]}+00:00" if text.endswith("Z") else text)


def convert_other(value: Any) -> Any:
    """Convert a value by its JSON type: texts, and documents of any shape."""
    if isinstance(value, Digits):
        return values.convert_decimal(str(value))
    if isinstance(value, str):
        return _encode(value).hex() if _SURROGATE.search(value) else value
    if isinstance(value, list):
        return [convert_other(item) for item in value]
    if isinstance(value, dict):
        return {convert_other(key): convert_other(item) for key, item in value.items()}
    return value


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _array(element: values.Converter) -> values.Converter:
    return lambda value: [element(item) for item in value]


def _map(item: values.Converter) -> values.Converter:
    return lambda value: {convert_other(key): item(member) for key, member in value.items()}


def _tuple(members: Sequence[values.Converter], names: Sequence[str]) -> values.Converter:
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: member(value[name]) for name, member in zip(names, members, strict=True)}
        return [member(item) for member, item in zip(members, value, strict=True)]

    return read


def _interval(unit: str) -> values.Converter:
    if unit == "Nanosecond":
        return _convert_nanoseconds

    def read(value: Any) -> str:
        count = int(value)
        return values.format_duration(
            count * MONTHS.get(unit, 0), count * DAYS.get(unit, 0), count * MICROSECONDS.get(unit, 0)
        )

    return read


def _convert_nanoseconds(value: Any) -> str:
    microseconds, rest = divmod(abs(int(value)), 1000)
    sign = -1 if int(value) < 0 else 1
    text = values.format_duration(0, 0, sign * microseconds)
    if not rest:
        return text
    seconds, fraction = divmod(abs(int(value)), 10**9)
    whole = values.format_duration(0, 0, sign * (seconds - seconds % 60) * 10**6)
    return f"{'PT' if whole == 'PT0S' else whole}{'-' if sign < 0 else ''}{seconds % 60}.{fraction:09}S"
