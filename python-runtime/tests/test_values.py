"""`docs/values.md` documents the conversion of values: its rows are run on each database."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ktx_daemon.warehouses.model import values
from ktx_daemon.warehouses.postgres import values as postgres_values
from tests.daemon import Daemon
from tests.test_execution import connect_mysql

PAGE = Path(__file__).resolve().parents[2] / "docs" / "values.md"
ROW = re.compile(r"\| (?P<type>.*?) \| `(?P<sql>.+)` \| `(?P<json>.+)` \|")
DRIVERS = {
    "PostgreSQL": "postgres",
    "MySQL and MariaDB": "mysql",
    "SQLite": "sqlite",
    "DuckDB": "duckdb",
    "ClickHouse": "clickhouse",
    "BigQuery": "bigquery",
    "Spark": "spark",
}
# Its engine needs a newer Python: `test_bigquery.py` runs its table.
ELSEWHERE = ("bigquery",)
COLUMNS = "\nColumns of these types:\n"


def rows(driver: str, *, columns: bool = False) -> list[tuple[str, str, Any]]:
    """Return type, SQL and value of each row of a database's table."""
    page = PAGE.read_text(encoding="utf-8")
    text = next(part for part in page.split("\n## ") if DRIVERS.get(part.splitlines()[0]) == driver)
    text = text.partition(COLUMNS)[2 if columns else 0]
    return [(row["type"], row["sql"], json.loads(row["json"])) for row in ROW.finditer(text)]


def cases() -> list[Any]:
    return [
        pytest.param(driver, sql, value, id=f"{driver}-{sql}")
        for driver in DRIVERS.values()
        if driver not in ELSEWHERE
        for _, sql, value in rows(driver)
    ]


def execute(daemon: Daemon, urls: dict[str, str], driver: str, sql: str) -> Any:
    request = {"connection_id": "w", "driver": driver, "url": urls[driver], "sql": sql}
    return daemon.post_ok("/sql/execute", request)["rows"]


@pytest.fixture(scope="module", name="urls")
def all_urls(urls: dict[str, str], clickhouse: str, sail: str) -> dict[str, str]:
    return {**urls, "clickhouse": clickhouse, "spark": sail}


def test_documentation_has_all_tables() -> None:
    counts = {driver: len(rows(driver)) for driver in DRIVERS.values()}
    assert all(count >= 10 for count in counts.values()), counts
    assert len(rows("mysql", columns=True)) > 10


@pytest.mark.parametrize(("driver", "sql", "value"), cases())
def test_value_is_converted_as_documented(
    daemon: Daemon, urls: dict[str, str], driver: str, sql: str, value: Any
) -> None:
    found = execute(daemon, urls, driver, f"SELECT {sql} AS x")
    assert found == [[value]]
    assert type(found[0][0]) is type(value)


@pytest.fixture(scope="module")
def table() -> Iterator[str]:
    name = "ktx_values"
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        columns = rows("mysql", columns=True)
        cursor.execute("SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'")
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {name}")
        listed = ", ".join(f"c{number} {kind.strip('`')}" for number, (kind, *_) in enumerate(columns))
        cursor.execute(f"CREATE OR REPLACE TABLE {name}.t ({listed})")
        cursor.execute(f"INSERT INTO {name}.t VALUES ({', '.join(sql for _, sql, _ in columns)})")
        yield f"{name}.t"
        cursor.execute(f"DROP DATABASE {name}")


def test_columns_of_mysql_are_converted_as_documented(daemon: Daemon, urls: dict[str, str], table: str) -> None:
    columns = rows("mysql", columns=True)
    (found,) = execute(daemon, urls, "mysql", f"SELECT * FROM {table}")
    for (kind, sql, expected), value in zip(columns, found, strict=True):
        assert value == expected, (kind, sql)


def test_sqlite_column_with_several_types_is_converted_by_value(daemon: Daemon, urls: dict[str, str]) -> None:
    union = "SELECT 1 AS x UNION ALL SELECT 1.5 UNION ALL SELECT 'a' UNION ALL SELECT X'00' UNION ALL SELECT NULL"
    assert execute(daemon, urls, "sqlite", union) == [[1], [1.5], ["a"], ["00"], [None]]


@pytest.mark.parametrize(
    ("months", "days", "microseconds", "text"),
    [
        (0, 0, 0, "PT0S"),
        (14, 3, 14_706_500_000, "P1Y2M3DT4H5M6.5S"),
        (-14, 0, 0, "P-1Y-2M"),
        (0, 0, -6_500_000, "PT-6.5S"),
        (0, -1, 1, "P-1DT0.000001S"),
        (0, 0, -3_600_000_001, "PT-1H-0.000001S"),
        (0, 0, 100 * 3_600_000_000, "PT100H"),
    ],
)
def test_duration_is_formatted_as_iso_8601(months: int, days: int, microseconds: int, text: str) -> None:
    assert values.format_duration(months, days, microseconds) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e5", 100_000),
        ("-0.5", -0.5),
        ("1e-400", "1e-400"),
        ("1e999999999", "1e999999999"),
        ("9007199254740993.0", "9007199254740993"),
        ("123456789012345.6", "123456789012345.6"),
        ("0.0", 0),
    ],
)
def test_numbers_in_json_keep_their_value(text: str, value: Any) -> None:
    assert values.convert_json(text) == value


def test_deeply_nested_json_stays_text() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert values.convert_json(deep) == deep


UNITS = {
    "second": "2024-05-16T13:45:10",
    "minute": "2024-05-16T13:45:00",
    "hour": "2024-05-16T13:00:00",
    "day": "2024-05-16",
    "week": "2024-05-13",
    "month": "2024-05-01",
    "quarter": "2024-04-01",
    "year": "2024-01-01",
}
MOMENTS = {
    "postgres": ["TIMESTAMP '{}'", "TIMESTAMPTZ '{}+00'"],
    "mysql": ["TIMESTAMP '{}'", "CAST('{}' AS DATETIME(6))"],
    "sqlite": ["'{}'"],
    "duckdb": ["TIMESTAMP '{}'", "TIMESTAMPTZ '{}+00'"],
}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("driver", MOMENTS)
def test_periods_are_equal_on_every_database(daemon: Daemon, urls: dict[str, str], driver: str, unit: str) -> None:
    for moment in MOMENTS[driver]:
        source = {
            "name": "events",
            "sql": f"SELECT {moment.format('2024-05-16 13:45:10.5')} AS at, 1 AS id",
            "grain": ["id"],
            "columns": [{"name": "at", "type": "time"}, {"name": "id", "type": "number"}],
            "measures": [{"name": "count", "expr": "count(*)"}],
        }
        query = {"measures": ["events.count"], "dimensions": [{"field": "events.at", "granularity": unit}]}
        asked = {"sources": [source], "query": query, "dialect": driver}
        sql = daemon.post_ok("/semantic-layer/query", asked)["sql"]
        # Times are texts in SQLite, in the format of its functions.
        expected = UNITS[unit].replace("T", " ") if driver == "sqlite" else UNITS[unit]
        assert execute(daemon, urls, driver, sql) == [[expected, 1]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", []),
        ("{1,NULL,3}", ["1", None, "3"]),
        ("[0:1]={1,2}", ["1", "2"]),
        ("{{1,2},{3,NULL}}", [["1", "2"], ["3", None]]),
        ('{NULL,"NULL","a,}\\"b"}', [None, "NULL", 'a,}"b']),
    ],
)
def test_postgres_array_is_parsed(text: str, value: list[Any]) -> None:
    assert postgres_values.parse_array(text, str) == value


@pytest.mark.parametrize("element", ["1", '"a b"', "{1,2}"])
def test_time_for_an_array_is_linear_in_its_length(element: str) -> None:
    def seconds(length: int) -> float:
        text = "{" + ",".join([element] * length) + "}"
        begin = time.process_time()
        assert len(postgres_values.parse_array(text, str)) == length
        return time.process_time() - begin

    # Of twenty times the length: 20 if linear, 400 if quadratic; collecting garbage and other programs add to it.
    assert seconds(200_000) < 150 * max(seconds(10_000), 0.01)
