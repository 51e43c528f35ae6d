"""Values of MySQL and MariaDB: from what the server sends, by the type of the column."""

from __future__ import annotations

from typing import Any

from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.protocol import FieldDescriptorPacket

from ktx_daemon.execution import values

BINARY = 63  # the number of the character set of what is no text
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
# Types with a name for texts and one for bytes.
TEXT_AND_BYTES = {
    FIELD_TYPE.STRING: ("char", "binary"),
    FIELD_TYPE.VARCHAR: ("varchar", "varbinary"),
    FIELD_TYPE.VAR_STRING: ("varchar", "varbinary"),
    FIELD_TYPE.TINY_BLOB: ("tinytext", "tinyblob"),
    FIELD_TYPE.BLOB: ("text", "blob"),
    FIELD_TYPE.MEDIUM_BLOB: ("mediumtext", "mediumblob"),
    FIELD_TYPE.LONG_BLOB: ("longtext", "longblob"),
}
INTEGERS = ("tinyint", "smallint", "mediumint", "int", "bigint", "year")
MOMENTS = ("timestamp", "date", "time", "datetime")


def type_name(field: FieldDescriptorPacket) -> str | None:
    """Name the type of a column, as its table would."""
    if field.flags & FLAG.ENUM:
        return "enum"
    if field.flags & FLAG.SET:
        return "set"
    if field.type_code in TEXT_AND_BYTES:
        return TEXT_AND_BYTES[field.type_code][field.charsetnr == BINARY]
    return TYPE_NAMES.get(field.type_code)


def reader(field: FieldDescriptorPacket) -> values.Converter:
    """Return the function that reads a value of the column."""
    name = type_name(field)
    if name in INTEGERS:
        return values.integer
    if name in ("float", "double"):
        return values.real
    if name == "decimal":
        return values.decimal
    if name in MOMENTS:
        return values.moment
    if name == "json":
        return values.document
    if name == "bit":
        return lambda value: format(int.from_bytes(value, "big"), f"0{field.length}b")
    return _text_or_bytes


def _text_or_bytes(value: Any) -> str:
    return value if isinstance(value, str) else values.hexadecimal(value)
