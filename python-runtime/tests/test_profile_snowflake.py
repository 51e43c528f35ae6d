"""Profiles of Snowflake, whose statements a local server answers."""

from __future__ import annotations

from typing import Any

from tests.daemon import Daemon
from tests.profile import by_name, profile
from tests.snowflake import Answer, Result, snowflake_server
from tests.test_snowflake import url_of

COLUMNS = [
    {"name": "ID", "type": "NUMBER(38, 0)"},
    {"name": 'odd "name"', "type": "VARCHAR(16777216)"},
    {"name": "AT", "type": "TIMESTAMP_TZ(9)"},
    {"name": "DOC", "type": "VARIANT"},
]
TABLE = {"catalog": "SHOP", "db": "PUBLIC", "name": "ORDERS", "columns": COLUMNS}
AGGREGATES = ["5", *("5", "5", "1", "9", "4.2"), *("4", "2", "a", "b", "1", "1", "1.0")]
AGGREGATES += ["5", "5", "2024-02-29 11:30:00.000000000", "2024-03-01 00:00:00.250000000", "3"]


def measure(daemon: Daemon, **facts: Any) -> tuple[dict[str, Any], list[str]]:
    def answer(statement: str) -> Answer:
        if "UNION ALL" in statement:
            rows = [["1", "7", "a", "3"], ["1", "8", "b", "1"]]
            return Result([(name, {}) for name in "ihtn"], rows)
        return Result([(f"c{index}", {}) for index in range(len(AGGREGATES))], [AGGREGATES])

    with snowflake_server(answer) as (server, seen):
        found = profile(daemon, "snowflake", url_of(server), tables=[{**TABLE, **facts}], hashes=8)
    return by_name(found["tables"][0]), seen.statements


def test_table_is_profiled(daemon: Daemon) -> None:
    table, statements = measure(daemon, estimated_rows=5)
    columns = table["columns"]
    assert (table["rows"], table["rows_exact"], table["statements"]) == (5, True, 2)
    assert {name: column["nulls"] for name, column in columns.items()} == {"ID": 0, 'odd "name"': 1, "AT": 0, "DOC": 2}
    assert (columns["ID"]["min"], columns["ID"]["max"], columns["ID"]["mean"]) == (1, 9, 4.2)
    assert (columns["AT"]["min"], columns["AT"]["max"]) == (
        "2024-02-29T11:30:00+00:00",
        "2024-03-01T00:00:00.250000+00:00",
    )
    assert columns['odd "name"']["values"] == [{"value": "a", "count": 3}, {"value": "b", "count": 1}]
    assert columns['odd "name"']["hashes"] == [7, 8]
    assert 'FROM "SHOP"."PUBLIC"."ORDERS"' in statements[-1]
    assert 'min("odd ""name""")' in statements[-2]
    assert "CONVERT_TIMEZONE('UTC', min(\"AT\"))" in statements[-2]


def test_large_table_is_sampled_by_micro_partitions(daemon: Daemon) -> None:
    table, statements = measure(daemon, estimated_rows=4_000_000)
    assert '"ORDERS" SAMPLE SYSTEM (25.000000) SEED (1)' in statements[-1]
    assert 'APPROX_COUNT_DISTINCT("ID")' in statements[-2]
    assert (table["rows"], table["sampled_rows"]) == (4_000_000, 5)
