"""Types of Spark: parsed from names and from JSON."""

from __future__ import annotations

from typing import Any

import pytest

from ktx_daemon.warehouses.spark.types import SparkType, parse_type, type_from_json

INT, TEXT = {"name": "int"}, {"name": "string", "collation": "UTF8_BINARY"}


def outline(kind: SparkType) -> Any:
    """Return the name of a type, with the names and the types of its members."""
    return (kind.name, {member.name: outline(member.kind) for member in kind.members}) if kind.members else kind.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bigint", "bigint"),
        ("decimal(38,18)", "decimal"),
        ("interval day to second", "interval"),
        ("array<decimal(9,2)>", ("array", {"element": "decimal"})),
        ("map<string,array<int>>", ("map", {"key": "string", "value": ("array", {"element": "int"})})),
        (
            "struct<a:int,b c:struct<d:decimal(9,2)>>",
            ("struct", {"a": "int", "b c": ("struct", {"d": "decimal"})}),
        ),
        ("struct<`a:b`:int,`c``d`:string>", ("struct", {"a:b": "int", "c`d": "string"})),
        ("struct<>", "struct"),
    ],
)
def test_names_are_parsed(text: str, expected: Any) -> None:
    kind = parse_type(text)
    assert (outline(kind), kind.text) == (expected, text)


@pytest.mark.parametrize("text", ["map<int>", "array<int,int>", "unknown<int>"])
def test_type_that_is_not_understood_is_a_text(text: str) -> None:
    assert parse_type(text) == SparkType(text, "string")


@pytest.mark.parametrize(
    ("described", "text"),
    [
        ({"name": "decimal", "precision": 9, "scale": 2}, "decimal(9,2)"),
        ({"name": "varchar", "length": 7}, "varchar(7)"),
        ({"name": "timestamp_ltz"}, "timestamp"),
        ({"name": "interval", "start_unit": "day", "end_unit": "second"}, "interval day to second"),
        ({"name": "interval", "start_unit": "month", "end_unit": "month"}, "interval month"),
        ({"name": "array", "element_type": INT, "element_nullable": True}, "array<int>"),
        ({"name": "map", "key_type": TEXT, "value_type": INT}, "map<string,int>"),
        ({"name": "struct", "fields": [{"name": "a", "type": INT}]}, "struct<a:int>"),
    ],
)
def test_json_is_written_like_the_name(described: dict[str, Any], text: str) -> None:
    kind = type_from_json(described)
    assert kind.text == text
    assert outline(kind) == outline(parse_type(text))


def test_type_knows_its_parts() -> None:
    kind = parse_type("array<struct<a:variant>>")
    assert (kind.contains("variant"), kind.contains("map"), kind.is_json) == (True, False, True)
