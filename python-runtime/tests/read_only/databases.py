"""Databases with the tables that the corpus names, in each engine that can run here.

A statement is sent as the check has rewritten it, by a user that may write, in a session that may write: only the check
keeps the database unchanged.
"""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

import duckdb
import pymysql
from pg8000.native import Connection

from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.spark.connect import open_session
from tests.conftest import database_url

NAME = "ktx_corpus"
TABLES = """
    CREATE TABLE customers (id {integer} NOT NULL, name {text} NOT NULL);
    CREATE TABLE orders (
        id {integer} NOT NULL, customer_id {integer}, amount {number}, status {text}, placed_at {timestamp},
        {quote}update{quote} {boolean}
    );
    CREATE TABLE t (id {integer}, a {integer}, b {integer}, c {text})
"""
ROWS = """
    INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob');
    INSERT INTO orders VALUES
        (1, 1, 10, 'paid', '2026-01-01 00:00:00', true), (2, 1, 20, 'open', '2026-02-01 00:00:00', false),
        (3, 2, 30, 'paid', '2026-02-02 00:00:00', true);
    INSERT INTO t VALUES (1, 1, 2, 'x'), (2, 3, 4, 'y')
"""
TYPES = {"integer": "integer", "text": "varchar(100)", "number": "numeric(10, 2)", "timestamp": "timestamp"}
TYPES |= {"boolean": "boolean", "quote": '"'}
CONTENT = tuple(f"SELECT * FROM {table} ORDER BY id" for table in ("customers", "orders", "t"))


@dataclass(frozen=True)
class Database:
    """A database: runs a statement, and returns its data, its schema and the settings of the session to compare."""

    run: Callable[[str], Any]
    state: Sequence[str] = ()
    hash_file: Path | None = None

    def fill(self, *more: str, **types: str) -> None:
        """Create the tables with their rows, then run other statements."""
        tables = TABLES.format(**{**TYPES, **types})
        for statement in (*tables.split(";"), *ROWS.split(";"), *more):
            self.run(statement)

    def snapshot(self) -> list[Any]:
        """Return what a statement must not change."""
        digest = hashlib.sha256(self.hash_file.read_bytes()).digest() if self.hash_file else b""
        return [digest, *(self.run(query) for query in (*CONTENT, *self.state))]


@contextmanager
def postgres() -> Iterator[Database]:
    """Yield a new database of PostgreSQL."""
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))

    def connect(name: str) -> Connection:
        return Connection(parts.username, parts.hostname, name, parts.port, parts.password)

    with closing(connect(parts.path[1:])) as server:
        server.run(f"DROP DATABASE IF EXISTS {NAME}")
        server.run(f"CREATE DATABASE {NAME}")
    with closing(connect(NAME)) as session:
        state = (
            "SELECT relname, relkind, attname, atttypid FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
            " WHERE pg_class.oid >= 16384 ORDER BY 1, 3",
            "SELECT last_value, is_called FROM orders_id_seq",
            "SELECT count(*) FROM pg_proc",
            "SELECT count(*) FROM pg_largeobject_metadata",
            "SELECT name, setting FROM pg_settings ORDER BY 1",
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
        )
        database = Database(lambda sql: session.execute_unnamed(sql).rows, state)
        database.fill("CREATE SEQUENCE orders_id_seq", "CREATE INDEX orders_status ON orders (status)", text="text")
        yield database


@contextmanager
def mariadb() -> Iterator[Database]:
    """Yield a new database of MariaDB."""
    parts = urlsplit(database_url("KTX_TEST_MYSQL_URL"))
    assert parts.port
    with (
        closing(
            pymysql.connect(
                host=parts.hostname,
                port=parts.port,
                user=parts.username,
                password=parts.password or "",
                autocommit=True,
                charset="utf8mb4",
            )
        ) as session,
        session.cursor() as cursor,
    ):

        def run(sql: str) -> Any:
            cursor.execute(sql)
            return cursor.fetchall()

        state = (
            "SELECT table_name, column_name, column_type FROM information_schema.columns"
            f" WHERE table_schema = '{NAME}' ORDER BY 1, 2",
            "SELECT count(*) FROM information_schema.tables",
            "SELECT next_not_cached_value FROM s",
            "SELECT variable_name, variable_value FROM information_schema.session_variables WHERE variable_name IN"
            " ('sql_mode', 'autocommit', 'max_statement_time', 'tx_read_only', 'general_log', 'character_set_client')",
            "SELECT is_used_lock('a')",
        )
        for statement in (f"DROP DATABASE IF EXISTS {NAME}", f"CREATE DATABASE {NAME}", f"USE {NAME}"):
            run(statement)
        database = Database(run, state)
        database.fill("ALTER TABLE orders ADD PRIMARY KEY (id)", "CREATE SEQUENCE s", timestamp="datetime", quote="`")
        yield database


@contextmanager
def sqlite(folder: Path) -> Iterator[Database]:
    """Yield a new file of SQLite."""
    path = folder / "corpus.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as session:
        state = ("SELECT * FROM sqlite_master ORDER BY 2", "SELECT * FROM pragma_database_list")
        database = Database(lambda sql: session.execute(sql).fetchall(), state, path)
        database.fill("CREATE INDEX orders_status ON orders (status)")
        yield database


@contextmanager
def duck(folder: Path) -> Iterator[Database]:
    """Yield a new file of DuckDB."""
    with closing(duckdb.connect(str(folder / "corpus.duckdb"))) as session:
        state = (
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL",
            "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
            "SELECT sequence_name, last_value FROM duckdb_sequences() ORDER BY ALL",
            "SELECT name, value FROM duckdb_settings() ORDER BY ALL",
            "SELECT database_name, path FROM duckdb_databases() ORDER BY ALL",
            "SELECT count(*) FROM duckdb_functions()",
        )
        database = Database(lambda sql: session.execute(sql).fetchall(), state)
        database.fill("CREATE SEQUENCE s")
        yield database


@contextmanager
def clickhouse(url: str) -> Iterator[Database]:
    """Yield a new database of a ClickHouse."""
    parts = urlsplit(url)

    def run(sql: str, database: str = NAME) -> str:
        with urlopen(f"http://{parts.hostname}:{parts.port}/?database={quote(database)}", sql.encode()) as answer:
            body: bytes = answer.read()
        return body.decode(errors="replace")

    run(f"DROP DATABASE IF EXISTS {NAME}", "default")
    run(f"CREATE DATABASE {NAME}", "default")
    state = (
        f"SELECT name, engine, create_table_query FROM system.tables WHERE database = '{NAME}' ORDER BY 1",
        "SELECT name FROM system.databases ORDER BY 1",
        "SELECT name FROM system.functions WHERE origin != 'System' ORDER BY 1",
    )
    database = Database(run, state)
    database.fill(text="String", number="Decimal(10, 2)", timestamp="DateTime")
    yield database
    run(f"DROP DATABASE {NAME}", "default")


@contextmanager
def spark(url: str) -> Iterator[Database]:
    """Yield a new session of Spark, which has tables of its own."""
    address, _, _ = url.partition("session_id=")
    own = f"{address}session_id={uuid.uuid4()}"
    with open_session(Target.from_request(ExecuteSql("w", "spark", own, ""))) as session:

        def run(sql: str) -> Any:
            return list(session.query(sql))

        database = Database(run, ("SHOW TABLES", "SHOW DATABASES", "SHOW VIEWS"))
        database.fill(text="STRING", quote="`")
        yield database
