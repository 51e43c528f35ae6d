"""Columns of Arrow as JSON values, and their types by Spark's names.

The buffers are read here, since nanoarrow creates no Python values of maps and of dates after the year 9999.
"""

from __future__ import annotations

import datetime
import io
import itertools
import struct
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import nanoarrow

from ktx_daemon.warehouses.model import values
from ktx_daemon.warehouses.spark.values import (
    convert_instant,
    convert_local,
    convert_single,
    decode_text,
    format_day_time,
)

NAMES = {
    "BOOL": "boolean",
    "INT8": "tinyint",
    "INT16": "smallint",
    "INT32": "int",
    "INT64": "bigint",
    "FLOAT": "float",
    "STRING": "string",
    "BINARY": "binary",
    "DATE32": "date",
    "NULL": "void",
    "DURATION": "interval day to second",
    "INTERVAL_MONTHS": "interval year to month",
    "INTERVAL_MONTH_DAY_NANO": "interval",
}
INTEGERS = frozenset({"INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"})
# Units of times per second.
UNITS = {"SECOND": 1, "MILLI": 10**3, "MICRO": 10**6, "NANO": 10**9}
EPOCH = datetime.date(1970, 1, 1).toordinal()
DAYS_OF_400_YEARS = 146_097
SECONDS_OF_DAY = 86_400
VARIANT = "arrow.parquet.variant"
MONTH_DAY_NANO = struct.Struct("<iiq")
# The schema of a statement without a result.
EMPTY = nanoarrow.schema(nanoarrow.struct({}))


def read_batch(data: bytes) -> Iterator[tuple[Any, list[list[Any]]]]:
    """Yield the schema and the columns of each batch of a stream in the IPC format; at least one without columns."""
    with nanoarrow.ArrayStream.from_readable(io.BytesIO(data)) as stream:
        schema = stream.schema
        batches = [nanoarrow.c_array(array).view() for array in stream]
        for view in batches:
            yield schema, [_read(field, view.child(index)) for index, field in enumerate(schema.fields)]
        if not batches:
            yield schema, [[] for _ in schema.fields]


def type_text(schema: Any) -> str:
    """Return Spark's name of a type."""
    name: str = schema.type.name.removeprefix("LARGE_")
    if is_variant(schema):
        return "variant"
    if name.startswith("DECIMAL"):
        return f"decimal({schema.precision},{schema.scale})"
    if name == "TIMESTAMP":
        return "timestamp" if schema.timezone else "timestamp_ntz"
    if name == "LIST":
        return f"array<{type_text(schema.field(0))}>"
    if name == "MAP":
        key, value = schema.field(0).fields
        return f"map<{type_text(key)},{type_text(value)}>"
    if name == "STRUCT":
        return f"struct<{','.join(f'{field.name}:{type_text(field)}' for field in schema.fields)}>"
    return NAMES.get(name, name.lower())


def is_variant(schema: Any) -> bool:
    """Return whether a type is VARIANT, which is read as JSON instead."""
    if schema.type.name == "EXTENSION":
        return str(schema.extension.name) == VARIANT
    fields = {field.name: field for field in schema.fields} if schema.type.name == "STRUCT" else {}
    return set(fields) == {"value", "metadata"} and b"variant" in dict(fields["metadata"].metadata.items())


def has_variant(schema: Any) -> bool:
    """Return whether a type is VARIANT or contains one."""
    nested = () if schema.type.name == "EXTENSION" else schema.fields
    return is_variant(schema) or any(has_variant(field) for field in nested)


def _read(schema: Any, view: Any) -> list[Any]:
    """Return the values of a column; those of VARIANT are left out."""
    if schema.type.name == "NULL" or is_variant(schema):
        return [None] * view.length
    found = _read_present(schema, view)
    if view.null_count and len(view.buffer(0)):
        valid = view.buffer(0).unpack_bits()
        return [value if valid[index] else None for index, value in enumerate(found)]
    return found


def _read_present(schema: Any, view: Any) -> list[Any]:
    """Return the values of a column, with anything in place of nulls."""
    name = schema.type.name.removeprefix("LARGE_")
    if name == "STRUCT":
        columns = [_read(field, view.child(index)) for index, field in enumerate(schema.fields)]
        names = [field.name for field in schema.fields]
        rows = zip(*columns, strict=True) if columns else [()] * view.length
        return [dict(zip(names, row, strict=True)) for row in rows]
    if name == "LIST":
        items = _read(schema.field(0), view.child(0))
        return _slices(view, lambda begin, end: items[begin:end])
    if name == "MAP":
        keys, items = (_read(field, view.child(0).child(part)) for part, field in enumerate(schema.field(0).fields))
        return _slices(view, lambda begin, end: dict(zip(map(_key, keys[begin:end]), items[begin:end], strict=True)))
    if name in ("STRING", "BINARY"):
        data, convert = bytes(view.buffer(2)), decode_text if name == "STRING" else values.encode_hex
        return _slices(view, lambda begin, end: convert(data[begin:end]))
    return list(map(_converter(schema, name), _elements(view)))[: view.length]


def _key(key: Any) -> str:
    """Return a key of a map as text, as `to_json` writes it."""
    return str(key).lower() if isinstance(key, bool) else str(key)


def _slices(view: Any, take: Callable[[int, int], Any]) -> list[Any]:
    offsets = list(view.buffer(1)) or [0]
    return [take(begin, end) for begin, end in itertools.pairwise(offsets)][: view.length]


def _elements(view: Any) -> Any:
    buffer = view.buffer(1)
    if view.storage_type == "bool":
        return buffer.elements()
    if buffer.itemsize in (1, 2, 4, 8) and view.storage_type != "interval_month_day_nano":
        return memoryview(buffer)
    size = buffer.element_size_bits // 8
    data = bytes(buffer)
    return (data[begin : begin + size] for begin in range(0, len(data), size))


def _converter(schema: Any, name: str) -> values.Converter:
    if name.startswith("DECIMAL"):
        scale = schema.scale
        return lambda data: values.convert_decimal(_read_decimal(data, scale))
    if name == "TIMESTAMP":
        format_time, unit = _time_format(schema), UNITS[schema.unit.name]
        return lambda count: format_time(_format_time(count, unit))
    if name == "DURATION":
        unit = UNITS[schema.unit.name]
        return lambda count: format_day_time(count * 10**6 // unit)
    readers: dict[str, values.Converter] = {
        "BOOL": bool,
        "FLOAT": convert_single,
        "DOUBLE": values.convert_float,
        "DATE32": lambda days: convert_local(format_days(days)),
        "INTERVAL_MONTHS": lambda months: values.format_duration(months, 0, 0),
        "INTERVAL_MONTH_DAY_NANO": _format_calendar_interval,
    }
    return values.convert_integer if name in INTEGERS else readers[name]


def _read_decimal(data: bytes, scale: int) -> Decimal:
    unscaled = int.from_bytes(data, "little", signed=True)
    return Decimal((int(unscaled < 0), tuple(map(int, str(abs(unscaled)))), -scale))


def _time_format(schema: Any) -> Callable[[str], str]:
    return convert_instant if schema.timezone else convert_local


def _format_calendar_interval(data: bytes) -> str:
    months, days, nanoseconds = MONTH_DAY_NANO.unpack(data)
    return values.format_duration(months, days, nanoseconds // 1000)


def _format_time(count: int, unit: int) -> str:
    seconds, fraction = divmod(count, unit)
    days, seconds = divmod(seconds, SECONDS_OF_DAY)
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    digits = f".{fraction:0{len(str(unit)) - 1}}" if fraction else ""
    return f"{format_days(days)} {time}{digits}"


def format_days(days: int) -> str:
    """Return the date of a number of days since 1970, in Spark's form: `-0043-03-15` is in the year 44 BC."""
    cycles, rest = divmod(days + EPOCH - 1, DAYS_OF_400_YEARS)
    date = datetime.date.fromordinal(rest + 1)
    year = date.year + 400 * cycles
    return f"{'-' if year < 0 else ''}{abs(year):04}-{date.month:02}-{date.day:02}"
