"""Descriptions of tables of Spark: of catalogs with keys, and of servers before Spark 4."""

from __future__ import annotations

import json
from typing import Any

from ktx_daemon.warehouses.model.tables import Table
from ktx_daemon.warehouses.spark.describe import add_json_description, add_text_description


def table() -> Table:
    return Table(None, "shop", "orders", "table", columns=[], foreign_keys=[])


def keys(described: Table) -> list[tuple[Any, ...]]:
    return [
        (key.from_column, key.to_schema, key.to_table, key.to_column, key.constraint_name, key.enforced)
        for key in described.foreign_keys
    ]


def test_rows_of_a_partitioned_table() -> None:
    described = table()
    add_text_description(
        described,
        [
            ("id", "int", "the key"),
            ("tags", "map<string,struct<a:int>>", None),
            ("day", "date", None),
            ("# Partition Information", "", ""),
            ("# col_name", "data_type", "comment"),
            ("day", "date", None),
            ("", "", ""),
            ("# Detailed Table Information", "", ""),
            ("Type", "MANAGED", ""),
            ("Provider", "parquet", ""),
            ("Comment", "sold", ""),
            ("Statistics", "2261 bytes, 7 rows", ""),
        ],
    )
    assert [(column.name, column.type, column.comment) for column in described.columns] == [
        ("id", "int", "the key"),
        ("tags", "map<string,struct<a:int>>", None),
        ("day", "date", None),
    ]
    assert [field.path for field in described.columns[1].fields or []] == [["a"]]
    assert (described.comment, described.engine, described.partition_key) == ("sold", "parquet", "day")
    assert (described.bytes, described.estimated_rows, described.kind) == (2261, 7, "table")


def test_rows_of_a_table_of_another_catalog() -> None:
    described = table()
    add_text_description(
        described,
        [
            ("id", "bigint", None),
            ("at", "timestamp", None),
            ("# Partitioning", "", ""),
            ("Part 0", "days(at)", ""),
            ("", "", ""),
            ("# Metadata Columns", "", ""),
            ("_file", "string", ""),
            ("", "", ""),
            ("# Detailed Table Information", "", ""),
            ("Name", "lake.shop.orders", ""),
            ("Type", "VIEW", ""),
            ("", "", ""),
            ("# Constraints", "", ""),
            ("pk", "PRIMARY KEY (`id`) NOT ENFORCED", ""),
            ("fk", "FOREIGN KEY (id, at) REFERENCES lake.shop.`a b` (x, `y`) NOT ENFORCED", ""),
            ("check", "CHECK (id > 0)", ""),
        ],
    )
    assert [column.name for column in described.columns] == ["id", "at"]
    assert (described.partition_key, described.kind) == ("days(at)", "view")
    assert [column.primary_key for column in described.columns] == [True, False]
    assert described.primary_key_enforced is False
    assert keys(described) == [("id", "shop", "a b", "x", "fk", False), ("at", "shop", "a b", "y", "fk", False)]


def test_json_with_keys() -> None:
    described = table()
    constraints = "[(pk, PRIMARY KEY (`id`)), (fk, FOREIGN KEY (`id`) REFERENCES `main`.`shop`.`items` (`order`))]"
    columns = [{"name": "id", "type": {"name": "bigint"}, "nullable": False}]
    add_json_description(described, json.dumps({"columns": columns, "table_constraints": constraints}))
    assert described.columns[0].primary_key
    assert keys(described) == [("id", "shop", "items", "order", "fk", False)]


def test_json_without_statistics() -> None:
    described = table()
    add_json_description(described, json.dumps({"columns": [], "type": "EXTERNAL"}))
    assert (described.estimated_rows, described.kind, described.comment) == (None, "table", None)
