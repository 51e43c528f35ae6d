"""Conversion of Spark's values, which the Thrift server sends as numbers and texts, and nested ones as JSON."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from ktx_daemon.warehouses.model import values
from ktx_daemon.warehouses.spark.types import SparkType

# The options of `to_json` with which no digit and no field is lost.
JSON_OPTIONS = (
    "map('ignoreNullFields', 'false', 'timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS', "
    "'timestampNTZFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS')"
)
INTEGERS = frozenset({"tinyint", "smallint", "int", "integer", "bigint", "byte", "short", "long"})
UTC = "+00:00"

_YEAR = re.compile(r"([+-]?)(\d{4,})(-\d\d-\d\d.*)", re.DOTALL)
_INTERVAL = re.compile(r"INTERVAL (-?)'(-?)(.*)' ([A-Z]+)(?: TO [A-Z]+)?")
_MONTHS = re.compile(r"(-?)(\d+)-(\d+)")
_DAY_TIME = re.compile(r"(-?)(\d+) (\d+):(\d+):(\d+(?:\.\d+)?)")
_CALENDAR = re.compile(r"(-?\d+(?:\.\d+)?) (year|month|day|hour|minute|second)s?")
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_MONTHS_OF = {"YEAR": 12, "MONTH": 1}
_SECONDS_OF = {"DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}


class Digits(str):
    """A number with a fraction or an exponent, as written by the server."""


def make_converter(kind: SparkType) -> values.Converter:
    """Return the converter of a type's values from the Thrift server, null included."""
    return _nullable(_from_json if kind.is_json else _scalar(kind), kind)


def _nullable(read: Callable[..., Any], kind: SparkType) -> values.Converter:
    if kind.is_json:
        return lambda value: None if value is None else read(value, kind)
    return lambda value: None if value is None else read(value)


def _scalar(kind: SparkType) -> values.Converter:
    name = kind.name
    if name in INTEGERS:
        return values.convert_integer
    if name == "float":
        return convert_single
    if name == "double":
        return values.convert_float
    if name == "boolean":
        return bool
    if name == "binary":
        return values.encode_hex
    readers = {"decimal": values.convert_decimal, "timestamp": convert_instant, "interval": convert_interval}
    readers |= dict.fromkeys(("date", "timestamp_ntz"), convert_local)
    read = readers.get(name)
    return decode_text if read is None else lambda value: read(value.decode())


def decode_text(value: bytes) -> str:
    """Return a text; bytes that are not UTF-8 become hexadecimal digits."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def convert_single(value: float) -> Any:
    """Return a number of single precision with the fewest digits that are still this number."""
    number = float(value)
    if number - number != 0:
        return values.name_non_finite(number)
    single = struct.pack("f", number)
    return next(
        (short for digits in range(6, 9) if struct.pack("f", short := float(f"{number:.{digits}g}")) == single),
        float(f"{number:.9g}"),
    )


def convert_local(text: str) -> str:
    """Return a date, or a time without a zone, in ISO 8601; a year before the first one has the ending BC."""
    match = _YEAR.fullmatch(text)
    if match is None:
        return text
    year = int(f"{match[1]}{match[2]}")
    era = " BC" if year <= 0 else ""
    return values.convert_temporal(f"{1 - year if era else year:04}{match[3]}{era}")


def convert_instant(text: str) -> str:
    """Return an instant, whose text is in UTC, the zone of the session."""
    local = convert_local(text)
    return f"{local[:-3]}{UTC} BC" if local.endswith(" BC") else f"{local}{UTC}"


def convert_interval(text: str) -> str:
    """Return an ISO 8601 duration, of one of the forms in which Spark writes intervals."""
    if match := _MONTHS.fullmatch(text):
        return _format_interval(match[1], ("YEAR", "MONTH"), match.groups()[1:])
    if match := _DAY_TIME.fullmatch(text):
        return _format_interval(match[1], _UNITS[2:], match.groups()[1:])
    if match := _INTERVAL.fullmatch(text):
        sign = "" if match[1] == match[2] else "-"
        return _format_interval(sign, _UNITS[_UNITS.index(match[4]) :], re.findall(r"\d+(?:\.\d+)?", match[3]))
    parts = {unit.upper(): Decimal(number) for number, unit in _CALENDAR.findall(text)}
    seconds = sum(parts.get(unit, Decimal(0)) * _SECONDS_OF[unit] for unit in ("HOUR", "MINUTE", "SECOND"))
    months = int(parts.get("YEAR", 0)) * 12 + int(parts.get("MONTH", 0))
    return values.format_duration(months, int(parts.get("DAY", 0)), int(seconds * 10**6)) if parts else text


def _format_interval(sign: str, units: Sequence[str], numbers: Sequence[str]) -> str:
    months, seconds = 0, Decimal(0)
    for unit, number in zip(units, numbers, strict=False):
        months += int(number) * _MONTHS_OF[unit] if unit in _MONTHS_OF else 0
        seconds += Decimal(number) * _SECONDS_OF.get(unit, 0)
    if units[0] in _MONTHS_OF:
        return values.format_duration(-months if sign else months, 0, 0)
    microseconds = int(seconds * 10**6)
    return format_day_time(-microseconds if sign else microseconds)


def format_day_time(microseconds: int) -> str:
    """Return an interval of days and times as an ISO 8601 duration."""
    sign = -1 if microseconds < 0 else 1
    days, rest = divmod(abs(microseconds), 24 * 3600 * 10**6)
    return values.format_duration(0, sign * days, sign * rest)


def _from_json(value: bytes, kind: SparkType) -> Any:
    return _read(json.loads(value.decode("utf-8", "replace"), parse_int=Digits, parse_float=Digits), kind)


def _read(value: Any, kind: SparkType) -> Any:
    """Convert a part of a JSON document by its type."""
    if value is None:
        return None
    name, members = kind.name, kind.members
    if name == "array":
        return [_read(item, members[0].kind) for item in value]
    if name == "map":
        return {key: _read(item, members[1].kind) for key, item in value.items()}
    if name == "struct":
        return {member.name: _read(value.get(member.name), member.kind) for member in members}
    if name == "binary":
        return base64.b64decode(value).hex()
    if name == "variant":
        return _read_any(value)
    if isinstance(value, Digits):
        return _read_number(value, name)
    readers = {"timestamp": convert_instant, "interval": convert_interval}
    readers |= dict.fromkeys(("date", "timestamp_ntz"), convert_local)
    return readers[name](value) if name in readers else value


def _read_any(value: Any) -> Any:
    if isinstance(value, Digits):
        return _read_number(value, "")
    if isinstance(value, list):
        return [_read_any(item) for item in value]
    return {key: _read_any(item) for key, item in value.items()} if isinstance(value, dict) else value


def _read_number(digits: str, name: str) -> Any:
    if name in INTEGERS:
        return values.convert_integer(digits)
    if name == "float":
        return convert_single(float(digits))
    return values.convert_float(digits) if name == "double" else values.convert_decimal(str(digits))
