"""Values, names of types, sharded tables and keys of BigQuery."""

from __future__ import annotations

from typing import Any

import pytest

from ktx_daemon.warehouses.bigquery.catalog import parse_literal
from ktx_daemon.warehouses.bigquery.keys import add_keys
from ktx_daemon.warehouses.bigquery.shards import group_shards
from ktx_daemon.warehouses.bigquery.types import name_type
from ktx_daemon.warehouses.bigquery.values import make_converter
from ktx_daemon.warehouses.model.tables import Column, Table


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("BIGNUMERIC", "0.12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678"),
        ("BIGNUMERIC", "578960446186580977117854925043439539266", "578960446186580977117854925043439539266"),
        ("FLOAT", "1e+300", 1e300),
        ("FLOAT", "inf", "Infinity"),
        ("TIMESTAMP", "-1", "1969-12-31T23:59:59.999999+00:00"),
        ("TIMESTAMP", "2024-02-29T12:30:00.123456789Z", "2024-02-29T12:30:00.123456789+00:00"),
        ("INTERVAL", "-1-2 3 -4:5:6.5", "P-1Y-2M3DT-4H-5M-6.5S"),
        ("INTERVAL", "0-0 0 100:0:0", "PT100H"),
        ("INTERVAL", "unknown", "unknown"),
        ("BYTES", "AP8=", "00ff"),
        ("BOOLEAN", "false", False),
        ("SOMETHING NEW", "as it is", "as it is"),
        ("STRING", None, None),
    ],
)
def test_value_keeps_its_digits(kind: str, text: str | None, value: Any) -> None:
    assert make_converter({"type": kind})(text) == value


def test_ranges_keep_open_bounds() -> None:
    convert = make_converter({"type": "RANGE", "rangeElementType": {"type": "TIMESTAMP"}})
    assert convert("[UNBOUNDED, 0)") == "[UNBOUNDED, 1970-01-01T00:00:00+00:00)"
    assert convert("empty") == "empty"


def test_types_are_named_as_in_sql() -> None:
    members = [{"name": "a", "type": "INTEGER"}, {"type": "FLOAT", "mode": "REPEATED"}]
    assert (
        name_type({"type": "RECORD", "mode": "REPEATED", "fields": members}) == "ARRAY<STRUCT<a INT64, ARRAY<FLOAT64>>>"
    )
    assert name_type({"type": "RANGE", "rangeElementType": {"type": "DATETIME"}}) == "RANGE<DATETIME>"


def test_only_several_days_of_one_prefix_are_shards() -> None:
    names = ["a_20240102", "a_20240101", "b_20240101", "c_20241301", "c_20241302", "20240101", "20240102", "d20240101",
             "d20240102", "e_120240101", "e_120240102"]  # fmt: skip
    found = {group.pattern: group.names for group in group_shards(names)}
    assert found == {"a_*": ("a_20240101", "a_20240102"), "d*": ("d20240101", "d20240102")}


@pytest.mark.parametrize(
    ("literal", "text"), [(r'"a \"b\" \n\u00fc"', 'a "b" \nü'), (r'"\?"', r"\?"), ('"open', "open")]
)
def test_literal_of_an_option_is_its_value(literal: str, text: str) -> None:
    assert parse_literal(literal) == text


def table(*names: str) -> Table:
    return Table("p", "d", "t", "table", columns=[Column(name, "INT64", True, False) for name in names])


FOREIGN_KEY = [
    ["d", "child", "child.fk", "x", 1, 2, "d", "parent", to] for to in ("a", "b")
] + [["d", "child", "child.fk", "y", 2, 1, "d", "parent", to] for to in ("a", "b")]  # fmt: skip
PRIMARY_KEY = [
    ["d", "parent", "parent.pk$", name, number, None, "d", "parent", to]
    for number, name in enumerate("ab", 1)
    for to in "ab"
]


def test_columns_of_a_foreign_key_follow_their_places_in_the_primary_key() -> None:
    parent, child = table("a", "b"), table("x", "y")
    add_keys({("d", "parent"): parent, ("d", "child"): child}, FOREIGN_KEY + PRIMARY_KEY)
    assert [column.primary_key for column in parent.columns] == [True, True]
    assert [(key.from_column, key.to_column, key.enforced) for key in child.foreign_keys] == [
        ("x", "b", False),
        ("y", "a", False),
    ]


def test_columns_that_a_composite_key_refers_to_are_unknown_without_its_table() -> None:
    child = table("x", "y")
    add_keys({("d", "child"): child}, FOREIGN_KEY)
    assert [(key.from_column, key.to_column) for key in child.foreign_keys] == [("x", None), ("y", None)]
