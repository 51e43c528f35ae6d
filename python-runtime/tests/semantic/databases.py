"""The four databases that generated SQL is run on, each with an empty schema or file."""

from __future__ import annotations

import datetime
import math
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
import pg8000.dbapi
import pymysql

from tests.conftest import database_url

DIALECTS = ("duckdb", "sqlite", "postgres", "mysql")
BATCH = 500

# Kinds of columns and their SQL types.
TYPES = {
    "int": "INTEGER",
    "decimal": "DECIMAL(15, 2)",
    "text": "VARCHAR(200)",
    "date": "DATE",
    "time": "TIMESTAMP",
    "bool": "BOOLEAN",
}
OTHER_TYPES = {"mysql": {"time": "DATETIME"}, "sqlite": {"date": "TEXT", "time": "TEXT", "decimal": "REAL"}}

Value = Any
TableData = tuple[dict[str, str], Sequence[Sequence[Value]]]  # kinds by column, and rows


@dataclass
class Database:
    """A connection to a database."""

    dialect: str
    run: Callable[[str, Sequence[Value]], list[tuple[Value, ...]]]
    mark: str

    def rows(self, sql: str) -> list[tuple[Value, ...]]:
        """Return the rows of a query with normalised values."""
        return [tuple(normalize(value) for value in row) for row in self.run(sql, ())]

    def load(self, tables: dict[str, TableData]) -> None:
        """Create and fill tables."""
        kinds = TYPES | OTHER_TYPES.get(self.dialect, {})
        for name, (columns, rows) in tables.items():
            definitions = ", ".join(f"{column} {kinds[kind]}" for column, kind in columns.items())
            self.run(f"CREATE TABLE {name} ({definitions})", ())
            for start in range(0, len(rows), BATCH):
                part = rows[start : start + BATCH]
                marks = ", ".join(["(" + ", ".join([self.mark] * len(columns)) + ")"] * len(part))
                self.run(f"INSERT INTO {name} VALUES {marks}", [value for row in part for value in row])

    def drop(self, tables: dict[str, TableData]) -> None:
        """Drop tables."""
        for name in tables:
            self.run(f"DROP TABLE {name}", ())


@contextmanager
def connect(dialect: str, name: str) -> Iterator[Database]:
    """Connect to a database; on servers a schema or database of that name is created and dropped."""
    with {"duckdb": _connect_duckdb, "sqlite": _connect_sqlite, "postgres": _connect_postgres, "mysql": _connect_mysql}[
        dialect
    ](name) as database:
        yield database


@contextmanager
def _connect_duckdb(_: str) -> Iterator[Database]:
    with duckdb.connect() as connection:
        yield Database("duckdb", lambda sql, values: connection.execute(sql, values or None).fetchall(), "?")


@contextmanager
def _connect_sqlite(_: str) -> Iterator[Database]:
    with closing(sqlite3.connect(":memory:")) as connection:
        yield Database("sqlite", lambda sql, values: connection.execute(sql, values).fetchall(), "?")


@contextmanager
def _connect_postgres(name: str) -> Iterator[Database]:
    url = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    with closing(
        pg8000.dbapi.connect(
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
            host=url.hostname or "",
            port=url.port or 5432,
            database=url.path.strip("/"),
        )
    ) as connection:
        connection.autocommit = True
        cursor = connection.cursor()

        def run(sql: str, values: Sequence[Value]) -> list[tuple[Value, ...]]:
            cursor.execute(sql, tuple(values))
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

        run(f"CREATE SCHEMA {name}", ())
        run(f"SET search_path TO {name}", ())
        try:
            yield Database("postgres", run, "%s")
        finally:
            run(f"DROP SCHEMA {name} CASCADE", ())


@contextmanager
def _connect_mysql(name: str) -> Iterator[Database]:
    url = urlsplit(database_url("KTX_TEST_MYSQL_URL"))
    with closing(
        pymysql.connect(
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
            host=url.hostname or "",
            port=url.port or 3306,
            autocommit=True,
        )
    ) as connection:

        def run(sql: str, values: Sequence[Value]) -> list[tuple[Value, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(sql, tuple(values) or None)
                return list(cursor.fetchall())

        run(f"CREATE DATABASE {name}", ())
        run(f"USE {name}", ())
        try:
            yield Database("mysql", run, "%s")
        finally:
            run(f"DROP DATABASE {name}", ())


_UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\+00:00)?")


def normalize(value: Value) -> Value:
    """Return numbers as floats of 9 significant digits and times as texts with seconds."""
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date):
        return f"{value.isoformat()} 00:00:00"
    if isinstance(value, str):
        if _UTC_TIME.fullmatch(value):
            return value.removesuffix("+00:00").replace("T", " ")
        return f"{value} 00:00:00" if _is_date(value) else value
    return value if value is None else float(f"{float(Decimal(value)):.9g}")


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def rows_equal(row: Sequence[Value], other: Sequence[Value]) -> bool:
    """Return whether two rows of normalised values are equal, numbers within 8 digits."""
    return len(row) == len(other) and all(
        isinstance(value, float) and math.isclose(value, expected, rel_tol=1e-8)
        if isinstance(expected, float)
        else value == expected
        for value, expected in zip(row, other, strict=True)
    )
