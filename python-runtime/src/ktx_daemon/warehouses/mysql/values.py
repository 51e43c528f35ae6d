"""Conversion of MySQL and MariaDB values by the type of their column."""

from __future__ import annotations

from typing import Any

from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.protocol import FieldDescriptorPacket

from ktx_daemon.warehouses.model import values

BINARY_CHARSET = 63  # the id of the character set `binary`
TYPE_NAMES = {
    FIELD_TYPE.DECIMAL: "decimal",
    FIELD_TYPE.NEWDECIMAL: "decimal",
    FIELD_TYPE.TINY: "tinyint",
    FIELD_TYPE.SHORT: "smallint",
    FIELD_TYPE.INT24: "mediumint",
    FIELD_TYPE.LONG: "int",
    FIELD_TYPE.LONGLONG: "bigint",
    FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.NULL: "null",
    FIELD_TYPE.TIMESTAMP: "timestamp",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.NEWDATE: "date",
    FIELD_TYPE.TIME: "time",
    FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.YEAR: "year",
    FIELD_TYPE.BIT: "bit",
    FIELD_TYPE.JSON: "json",
    FIELD_TYPE.ENUM: "enum",
    FIELD_TYPE.SET: "set",
    FIELD_TYPE.GEOMETRY: "geometry",
}
# Types that have a text and a binary variant.
TEXT_AND_BINARY_NAMES = {
    FIELD_TYPE.STRING: ("char", "binary"),
    FIELD_TYPE.VARCHAR: ("varchar", "varbinary"),
    FIELD_TYPE.VAR_STRING: ("varchar", "varbinary"),
    FIELD_TYPE.TINY_BLOB: ("tinytext", "tinyblob"),
    FIELD_TYPE.BLOB: ("text", "blob"),
    FIELD_TYPE.MEDIUM_BLOB: ("mediumtext", "mediumblob"),
    FIELD_TYPE.LONG_BLOB: ("longtext", "longblob"),
}
INTEGER_TYPES = ("tinyint", "smallint", "mediumint", "int", "bigint", "year")
TEMPORAL_TYPES = ("timestamp", "date", "time", "datetime")


def type_name(field: FieldDescriptorPacket) -> str | None:
    """Return the name of a column's type, as in its table's definition."""
    if field.flags & FLAG.ENUM:
        return "enum"
    if field.flags & FLAG.SET:
        return "set"
    if field.type_code in TEXT_AND_BINARY_NAMES:
        return TEXT_AND_BINARY_NAMES[field.type_code][field.charsetnr == BINARY_CHARSET]
    return TYPE_NAMES.get(field.type_code)


def make_converter(field: FieldDescriptorPacket) -> values.Converter:
    """Return the converter of a column's values."""
    name = type_name(field)
    if name in INTEGER_TYPES:
        return values.convert_integer
    if name in ("float", "double"):
        return values.convert_float
    if name == "decimal":
        return values.convert_decimal
    if name in TEMPORAL_TYPES:
        return values.convert_temporal
    if name == "json":
        return values.convert_json
    if name == "bit":
        return lambda value: format(int.from_bytes(value, "big"), f"0{field.length}b")
    return _text_or_bytes


def _text_or_bytes(value: Any) -> str:
    return value if isinstance(value, str) else values.encode_hex(value)
