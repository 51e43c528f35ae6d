"""Copies a set into each database, and returns the connection that the daemon gets."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb
import pg8000.dbapi

DATABASES = ("duckdb", "sqlite", "postgres")
ROWS = 50_000
SCHEMA = "bench_relationships"
POSTGRES_TYPES = {"DOUBLE": "double precision", "VARCHAR": "text", "HUGEINT": "numeric", "TIMESTAMP_NS": "timestamp"}


@dataclass(frozen=True)
class Connection:
    """A connection of the daemon."""

    driver: str
    url: str
    schema: str | None = None


@contextlib.contextmanager
def load(database: str, source: Path) -> Iterator[Connection]:
    """Copy the tables of a DuckDB file into a database, until the context ends."""
    if database == "duckdb":
        yield Connection("duckdb", f"duckdb:///{source}")
    elif database == "sqlite":
        file = source.with_suffix(".sqlite")
        if not file.exists():
            with contextlib.closing(sqlite3.connect(file)) as target, target:
                copy_to_sqlite(source, target)
        yield Connection("sqlite", f"sqlite:///{file}")
    else:
        with postgres() as target:
            copy_to_postgres(source, target)
            yield Connection("postgres", os.environ["KTX_TEST_POSTGRES_URL"], SCHEMA)


def read(source: Path) -> tuple[duckdb.DuckDBPyConnection, dict[str, list[tuple[str, str]]], list[str]]:
    """Return an open file, the columns with their types of each table, and the definitions of views."""
    connection = duckdb.connect(str(source), read_only=True)
    query = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
    query = query.replace("ORDER BY ALL", "ORDER BY table_name, column_index")
    views = dict(connection.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall())
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in connection.execute(query).fetchall():
        if table not in views:
            tables.setdefault(table, []).append((column, kind))
    return connection, tables, list(views.values())


def quote(name: str) -> str:
    """Return a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def copy_to_sqlite(source: Path, target: sqlite3.Connection) -> None:
    """Copy all tables; dates are texts."""
    connection, tables, views = read(source)
    for table, columns in tables.items():
        definitions = ", ".join(f"{quote(name)} {'TEXT' if kind == 'VARCHAR' else kind}" for name, kind in columns)
        target.execute(f"CREATE TABLE {quote(table)} ({definitions})")
        select = ", ".join(sqlite_value(name, kind) for name, kind in columns)
        rows = connection.execute(f"SELECT {select} FROM {quote(table)}")
        while part := rows.fetchmany(ROWS):
            target.executemany(f"INSERT INTO {quote(table)} VALUES ({', '.join('?' * len(columns))})", part)
    for view in views:
        target.execute(view)


def sqlite_value(name: str, kind: str) -> str:
    """Return the expression of a value that SQLite stores."""
    if kind.startswith("DECIMAL"):
        return f"CAST({quote(name)} AS DOUBLE)"
    return quote(name) if kind in {"BIGINT", "INTEGER", "DOUBLE", "VARCHAR"} else f"CAST({quote(name)} AS VARCHAR)"


@contextlib.contextmanager
def postgres() -> Iterator[pg8000.dbapi.Connection]:
    """Connect to the server of `with-databases.mjs`, with an empty schema until the context ends."""
    url = urlsplit(os.environ["KTX_TEST_POSTGRES_URL"])
    connection = pg8000.dbapi.connect(
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        host=url.hostname,
        port=url.port,
        database=url.path.removeprefix("/"),
    )
    connection.autocommit = True
    cursor = connection.cursor()
    with contextlib.closing(connection):
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        cursor.execute(f"SET search_path = {SCHEMA}")
        yield connection
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def copy_to_postgres(source: Path, target: pg8000.dbapi.Connection) -> None:
    """Copy all tables as CSV."""
    connection, tables, views = read(source)
    cursor = target.cursor()
    for table, columns in tables.items():
        definitions = ", ".join(f"{quote(name)} {POSTGRES_TYPES.get(kind, kind)}" for name, kind in columns)
        cursor.execute(f"CREATE TABLE {quote(table)} ({definitions})")
        file = source.with_suffix(".csv")
        connection.execute(f"COPY {quote(table)} TO '{file}' (HEADER false)")
        with file.open("rb") as stream:
            cursor.execute(f"COPY {quote(table)} FROM STDIN (FORMAT csv)", stream=stream)
    for view in views:
        cursor.execute(view)
    cursor.execute("ANALYZE")
