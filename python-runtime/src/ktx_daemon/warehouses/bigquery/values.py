"""Conversion of values, which arrive as texts, nested in arrays and structures."""

from __future__ import annotations

import base64
import datetime
import re
from collections.abc import Sequence
from typing import Any

from ktx_daemon.warehouses.bigquery.types import NESTED
from ktx_daemon.warehouses.model import values

Field = dict[str, Any]

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
INTERVAL = re.compile(
    r"(?P<months>-?)(?P<y>\d+)-(?P<m>\d+) (?P<days>-?\d+) (?P<time>-?)(?P<h>\d+):(?P<min>\d+):(?P<s>\d+)(?P<f>\.\d+)?"
)
MICROSECOND_DIGITS = 6
RANGE = re.compile(r"\[(?P<start>.*), (?P<end>.*)\)")


def row_converters(fields: Sequence[Field]) -> list[values.Converter]:
    """Return the converter of each column."""
    return [make_converter(field) for field in fields]


def parse_row(row: dict[str, Any], converters: Sequence[values.Converter]) -> list[Any]:
    """Return the values of a row as it is in a page."""
    return [read(cell["v"]) for read, cell in zip(converters, row["f"], strict=True)]


def make_converter(field: Field) -> values.Converter:
    """Return the converter of a field's values, null included."""
    convert = _converter(field)
    if field.get("mode") == "REPEATED":
        return lambda cells: [_read(convert, cell["v"]) for cell in cells or ()]
    return lambda value: _read(convert, value)


def _read(convert: values.Converter, value: Any) -> Any:
    return None if value is None else convert(value)


def _converter(field: Field) -> values.Converter:
    kind = str(field["type"]).upper()
    if kind in NESTED:
        return _structure(field.get("fields", []))
    if kind == "RANGE":
        return _range(_converter(field.get("rangeElementType") or {"type": "DATE"}))
    return CONVERTERS.get(kind, str)


def _structure(fields: Sequence[Field]) -> values.Converter:
    converters = row_converters(fields)
    names = [field.get("name") or f"_field_{number}" for number, field in enumerate(fields, 1)]
    return lambda value: dict(zip(names, parse_row(value, converters), strict=True))


def _range(bound: values.Converter) -> values.Converter:
    def read(text: str) -> str:
        match = RANGE.fullmatch(text)
        if match is None:
            return text
        start, end = (part if part in ("UNBOUNDED", "NULL") else bound(part) for part in match.groups())
        return f"[{start}, {end})"

    return read


def convert_timestamp(text: str) -> str:
    """Return a number of microseconds since 1970 in ISO 8601; a text with more digits keeps them."""
    if not text.lstrip("-").isdigit():
        return values.convert_temporal(f"{text[:-1]}+00:00" if text.endswith("Z") else text)
    return (EPOCH + datetime.timedelta(microseconds=int(text))).isoformat()


def convert_interval(text: str) -> str:
    """Return an interval, which has a sign for each of its three parts, in ISO 8601."""
    match = INTERVAL.fullmatch(text)
    if match is None:
        return text
    number = {name: int(match[name]) for name in ("y", "m", "h", "min", "s")}
    months = number["y"] * 12 + number["m"]
    fraction = (match["f"] or ".")[1:].ljust(MICROSECOND_DIGITS, "0")[:MICROSECOND_DIGITS]
    time = (number["h"] * 3600 + number["min"] * 60 + number["s"]) * 1_000_000 + int(fraction)
    return values.format_duration(
        -months if match["months"] else months, int(match["days"]), -time if match["time"] else time
    )


CONVERTERS: dict[str, values.Converter] = {
    "INTEGER": values.convert_integer,
    "INT64": values.convert_integer,
    "FLOAT": values.convert_float,
    "FLOAT64": values.convert_float,
    "NUMERIC": values.convert_decimal,
    "BIGNUMERIC": values.convert_decimal,
    "BOOLEAN": lambda value: value in ("true", True),
    "BOOL": lambda value: value in ("true", True),
    "BYTES": lambda text: values.encode_hex(base64.b64decode(text)),
    "TIMESTAMP": convert_timestamp,
    "DATE": values.convert_temporal,
    "TIME": values.convert_temporal,
    "DATETIME": values.convert_temporal,
    "INTERVAL": convert_interval,
    "JSON": values.convert_json,
}
