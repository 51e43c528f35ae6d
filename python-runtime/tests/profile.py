"""Helpers for the tests of profiles of all databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
from pg8000.native import Connection

from tests.clickhouse import run as run_clickhouse
from tests.conftest import database_url
from tests.daemon import Daemon
from tests.introspection import introspect
from tests.spark import run_statements
from tests.test_clickhouse import port_of
from tests.test_execution import connect_mysql

PATH = "/database/profile"
FACTS = ("kind", "estimated_rows", "bytes", "partition_key", "partition_filter_required")


def request_table(table: dict[str, Any], **columns: dict[str, Any]) -> dict[str, Any]:
    """Return a table of an introspection as one of a request; `columns` are options by their names."""
    return {
        **{name: table[name] for name in ("catalog", "db", "name")},
        **{name: table[name] for name in FACTS if table.get(name) is not None},
        "columns": [
            {"name": column["name"], "type": column["type"], **columns.get(column["name"], {})}
            for column in table["columns"]
        ],
    }


def profile(daemon: Daemon, driver: str, url: str, **options: Any) -> dict[str, Any]:
    request = {"connection_id": "warehouse", "driver": driver, "url": url, **options}
    found: dict[str, Any] = daemon.post_ok(PATH, request)
    return found


def profile_tables(
    daemon: Daemon, driver: str, url: str, schema: str | None, columns: dict[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    """Profile all tables of a schema, and return them by name, each with its columns by name.

    `columns` are options of columns by their names.
    """
    tables = read_tables(daemon, driver, url, schema)
    found = profile(daemon, driver, url, tables=[request_table(table, **columns or {}) for table in tables], **options)
    return {table["name"]: by_name(table) for table in found["tables"]}


def measure_everything(daemon: Daemon, driver: str, url: str, schema: str | None, key: dict[str, Any]) -> None:
    """Introspect and profile the tables of a schema, and count a key and a link of it to itself."""
    tables = [request_table(table) for table in read_tables(daemon, driver, url, schema)]
    found = profile(daemon, driver, url, tables=tables, keys=[key], links=[{"from": key, "to": key}])
    assert not any("uncounted" in count for count in found["keys"] + found["links"]), found
    # Tables without an estimate are read in another way.
    for table in tables:
        table["estimated_rows"] = 3
    profile(daemon, driver, url, tables=tables)


def read_tables(daemon: Daemon, driver: str, url: str, schema: str | None) -> list[dict[str, Any]]:
    schemas = {"schemas": [schema]} if schema else {}
    tables: list[dict[str, Any]] = introspect(daemon, driver, url, **schemas)["tables"]
    return tables


def by_name(table: dict[str, Any]) -> dict[str, Any]:
    return {**table, "columns": {column["name"]: column for column in table["columns"]}}


SCHEMA = "ktx_profile"
# The types of columns on each database, by their names in PostgreSQL.
TYPES: dict[str, dict[str, str]] = {
    "postgres": {"double": "double precision"},
    "mysql": {"text": "varchar(300) COLLATE utf8mb4_bin", "integer": "int"},
    "sqlite": {},
    "duckdb": {},
    "files": {},
    "clickhouse": {
        "integer": "Nullable(Int32)",
        "bigint": "Nullable(Int64)",
        "decimal(10, 2)": "Nullable(Decimal(10, 2))",
        "text": "Nullable(String)",
        "date": "Nullable(Date)",
        "double": "Nullable(Float64)",
        "decimal(12, 0)": "Nullable(Decimal(12, 0))",
        "char(8)": "Nullable(FixedString(8))",
    },
    "spark": {"text": "string"},
}
DRIVERS = tuple(TYPES)


@dataclass
class Place:
    """A schema of a database, in which tests create tables by `run`."""

    driver: str
    url: str
    schema: str | None
    run: Callable[[str], Any]

    def quote(self, name: str) -> str:
        mark = "`" if self.driver in ("mysql", "clickhouse", "spark") else '"'
        if self.driver == "clickhouse":
            name = name.replace("\\", "\\\\")
        return f"{mark}{name.replace(mark, (mark if self.driver != 'clickhouse' else chr(92)) + mark)}{mark}"

    def create(self, name: str, columns: dict[str, str], rows: Sequence[Sequence[Any]] = ()) -> None:
        """Create a table with rows; the folder of files has it as a file."""
        types = TYPES[self.driver]
        listed = ", ".join(f"{self.quote(column)} {types.get(kind, kind)}" for column, kind in columns.items())
        place = f"{self.quote(self.schema)}.{self.quote(name)}" if self.schema else self.quote(name)
        end = {"clickhouse": " ENGINE = MergeTree ORDER BY tuple()", "spark": " USING parquet"}.get(self.driver, "")
        self.run(f"CREATE TABLE {place} ({listed}){end}")
        for begin in range(0, len(rows), 1000):
            texts = ", ".join(f"({', '.join(map(literal, row))})" for row in rows[begin : begin + 1000])
            self.run(f"INSERT INTO {place} VALUES {texts}")

    def profile(self, daemon: Daemon, **options: Any) -> dict[str, Any]:
        """Profile all tables, and return them by name."""
        return profile_tables(daemon, self.driver, self.url, self.schema, **options)

    def profile_all(self, daemon: Daemon, **options: Any) -> dict[str, Any]:
        """Profile all tables, and return the whole answer."""
        tables = read_tables(daemon, self.driver, self.url, self.schema)
        options["tables"] = [request_table(table) for table in tables]
        return profile(daemon, self.driver, self.url, **options)

    def columns(self, name: str, *columns: str) -> dict[str, Any]:
        """Return columns of a table for a key or a link, in the schema that the introspection finds."""
        db = {"duckdb": "main", "files": "main", "sqlite": "main"}.get(self.driver, self.schema)
        catalog = "postgres" if self.driver == "postgres" else None
        return {"catalog": catalog, "db": db, "name": name, "columns": list(columns)}


def literal(value: Any) -> str:
    """Return a value in SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    escaped = str(value).replace("'", "''")
    return f"'{escaped}'"


@contextmanager
def open_place(driver: str, folder: Path, find: Callable[[str], Any]) -> Iterator[Place]:
    """Create an empty schema; `find` returns a fixture by its name."""
    if driver == "sqlite":
        with closing(sqlite3.connect(folder / "p.db", isolation_level=None)) as connection:
            yield Place(driver, str(folder / "p.db"), None, connection.execute)
    elif driver in ("duckdb", "files"):
        yield _duckdb_place(driver, folder)
    elif driver == "postgres":
        yield from _postgres_place()
    elif driver == "mysql":
        with closing(connect_mysql()) as server, server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {SCHEMA}")
            cursor.execute(f"CREATE DATABASE {SCHEMA}")
            cursor.execute(f"USE {SCHEMA}")

            def run(sql: str) -> Any:
                cursor.execute(sql)
                return cursor.fetchall()

            yield Place(driver, database_url("KTX_TEST_MYSQL_URL"), SCHEMA, run)
    elif driver == "clickhouse":
        url = find("clickhouse")
        run_clickhouse(port_of(url), f"DROP DATABASE IF EXISTS {SCHEMA}", f"CREATE DATABASE {SCHEMA}")
        yield Place(driver, url, SCHEMA, lambda sql: run_clickhouse(port_of(url), sql))
    else:
        url = find("sail")
        run_statements(url, (f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE", f"CREATE SCHEMA {SCHEMA}"))
        yield Place(driver, url, SCHEMA, lambda sql: run_statements(url, (sql,)))


def _duckdb_place(driver: str, folder: Path) -> Place:
    path = folder / "p.duckdb" if driver == "duckdb" else folder / "own.duckdb"
    files = folder / "files"
    files.mkdir()

    def run(sql: str) -> None:
        with closing(duckdb.connect(str(path))) as connection:
            connection.execute(sql)
            if driver == "files":
                for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                    ending = "csv" if len(name) % 2 else "parquet"
                    target = files / f"{name}.{ending}"
                    connection.execute(f"COPY {literal_name(name)} TO '{target}'")

    return Place(driver, str(path) if driver == "duckdb" else str(files), None, run)


def literal_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _postgres_place() -> Iterator[Place]:
    url = database_url("KTX_TEST_POSTGRES_URL")
    parts = urlsplit(url)
    with closing(Connection(parts.username, parts.hostname, "postgres", parts.port, parts.password)) as server:
        server.run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        server.run(f"CREATE SCHEMA {SCHEMA}")
        yield Place("postgres", url, SCHEMA, lambda sql: server.execute_simple(sql).rows)
