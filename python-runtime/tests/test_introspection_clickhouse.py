"""Introspection of ClickHouse, on the newest engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clickhouse import Answer, proxy, run
from tests.daemon import Daemon
from tests.introspection import column_values, introspect, introspect_rejected, tables_by_name
from tests.test_clickhouse import port_of

SCHEMA = [
    """CREATE TABLE shop.orders (
        id UInt64, day Date COMMENT 'Day of the order', customer LowCardinality(Nullable(String)),
        item Tuple(sku String, price Decimal(10, 2), tags Array(Tuple(name String, weight Float64))),
        lines Nested(a Int64, b String), doc JSON(`a.b` UInt32), counts Map(String, Tuple(x Int64)), anything Dynamic
    ) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (day, id) COMMENT 'What was bought'""",
    "INSERT INTO shop.orders (id, day) VALUES (1, '2026-01-02'), (2, '2026-02-02')",
    "CREATE VIEW shop.`große View` AS SELECT id FROM shop.orders",
    """CREATE MATERIALIZED VIEW shop.days ENGINE = SummingMergeTree ORDER BY day
        AS SELECT day, count() AS c FROM shop.orders GROUP BY day""",
    "CREATE TABLE shop.source (k UInt64, v String) ENGINE = Memory",
    """CREATE DICTIONARY shop.lookup (k UInt64, v String) PRIMARY KEY k
        SOURCE(CLICKHOUSE(TABLE 'source' DB 'shop')) LAYOUT(FLAT()) LIFETIME(0)""",
    """CREATE TABLE other.empty (
        a Nullable(Int8) DEFAULT 3, twice Int16 ALIAS a * 2, level Enum8('low' = -1, 'it''s' = -2)
    ) ENGINE = Log""",
]


@pytest.fixture(scope="module")
def shop(clickhouse: str) -> Iterator[str]:
    run(port_of(clickhouse), "CREATE DATABASE shop", "CREATE DATABASE other", *SCHEMA)
    yield clickhouse
    run(port_of(clickhouse), "DROP DATABASE shop", "DROP DATABASE other")


def read(daemon: Daemon, url: str, **options: Any) -> dict[str, Any]:
    return tables_by_name(introspect(daemon, "clickhouse", url, **options))


def test_definitions_defaults_and_values_are_read(daemon: Daemon, shop: str) -> None:
    tables = read(daemon, shop)
    assert tables["große View"]["definition"].startswith("CREATE VIEW shop.")
    assert tables["days"]["variant"] == "materialized_view"
    assert not any("definition" in table for table in tables.values() if table["kind"] == "table")
    a, twice, level = tables["empty"]["columns"]
    assert (a["default"], twice["generated"], level["enum_values"]) == ("3", "a * 2", ["it's", "low"])


def test_tables_and_views_of_all_databases_are_read(daemon: Daemon, shop: str) -> None:
    found = introspect(daemon, "clickhouse", shop)
    limitations = found["metadata"].pop("limitations")
    assert limitations[0].startswith("ClickHouse has no unique and foreign keys")
    assert found["metadata"] == {"driver": "clickhouse", "schemas": ["default", "other", "shop"]}
    kinds = {f"{table['db']}.{table['name']}": table["kind"] for table in found["tables"]}
    assert kinds == {
        "other.empty": "table",
        "shop.days": "view",
        "shop.große View": "view",
        "shop.lookup": "table",
        "shop.orders": "table",
        "shop.source": "table",
    }
    assert "warnings" not in found


def test_columns_have_types_and_comments(daemon: Daemon, shop: str) -> None:
    columns = column_values(read(daemon, shop)["orders"])
    assert columns[:3] == [
        ("id", "UInt64", False, False, None),
        ("day", "Date", False, False, "Day of the order"),
        ("customer", "LowCardinality(Nullable(String))", True, False, None),
    ]
    assert [column[:3] for column in columns[4:6]] == [
        ("lines.a", "Array(Int64)", False),
        ("lines.b", "Array(String)", False),
    ]
    assert columns[-1][:3] == ("anything", "Dynamic", True)


def test_nested_columns_have_their_fields(daemon: Daemon, shop: str) -> None:
    columns = {column["name"]: column for column in read(daemon, shop)["orders"]["columns"]}
    fields = {
        name: [(".".join(field["path"]), field["type"]) for field in column["fields"]]
        for name, column in columns.items()
        if "fields" in column
    }
    assert fields == {
        "item": [
            ("sku", "String"),
            ("price", "Decimal(10, 2)"),
            ("tags", "Array(Tuple(`name` String, `weight` Float64))"),
            ("tags.name", "String"),
            ("tags.weight", "Float64"),
        ],
        "doc": [("a.b", "UInt32")],
        "counts": [("x", "Int64")],
    }
    assert columns["doc"]["fields"][0]["path"] == ["a", "b"]


def test_storage_of_a_table_is_described(daemon: Daemon, shop: str) -> None:
    tables = read(daemon, shop)
    orders = tables["orders"]
    assert (orders["comment"], orders["estimated_rows"], orders["engine"]) == ("What was bought", 2, "MergeTree")
    assert (orders["partition_key"], orders["sorting_key"]) == ("toYYYYMM(day)", "day, id")
    assert orders["bytes"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", orders["modified_at"])
    view = tables["große View"]
    assert view["estimated_rows"] is None
    assert not {"bytes", "partition_key", "sorting_key", "modified_at"} & set(view)


def test_only_keys_that_are_unique_are_primary_keys(daemon: Daemon, shop: str) -> None:
    tables = read(daemon, shop)
    keys = {name: [column[0] for column in column_values(table) if column[3]] for name, table in tables.items()}
    assert {name for name, columns in keys.items() if columns} == {"lookup"}
    assert keys["lookup"] == ["k"]


def test_requested_databases_are_read(daemon: Daemon, shop: str) -> None:
    assert set(read(daemon, shop, schemas=["other"])) == {"empty"}
    assert set(read(daemon, f"{shop}/other")) == {"empty"}
    assert set(read(daemon, f"{shop}/other", schemas=["shop"], include=["o*"])) == {"orders"}
    assert "no database 'nope'" in introspect_rejected(daemon, "clickhouse", shop, "schema_not_found", schemas=["nope"])


def test_names_only_has_no_columns(daemon: Daemon, shop: str) -> None:
    found = read(daemon, shop, names_only=True)
    assert found["orders"]["estimated_rows"] == 2
    assert all(table["columns"] == [] for table in found.values())


def test_missing_right_to_read_parts_is_a_warning(daemon: Daemon, shop: str) -> None:
    text = (
        "Code: 497. DB::Exception: ada: Not enough privileges. To execute this query, it's necessary to have the grant "
    )
    text += "SELECT(database, table) ON system.parts. (ACCESS_DENIED)"
    refused = Answer(text.encode(), 403, "497")
    with proxy(port_of(shop), lambda sql: refused if "system.parts" in sql else sql) as port:
        found = introspect(daemon, "clickhouse", f"clickhouse://ada:secret@127.0.0.1:{port}/shop")
    assert [warning.partition("Ask for: ")[2] for warning in found["warnings"]] == [
        "GRANT SELECT(database, table) ON system.parts TO ada"
    ]
    assert len(tables_by_name(found)["orders"]["columns"]) == 9
