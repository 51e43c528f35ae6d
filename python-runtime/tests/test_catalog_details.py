"""Variants, definitions, defaults, checks and rights of each database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest
from pg8000.native import Connection

from tests.catalog import column_details, postgres_database, read, statements
from tests.conftest import database_url
from tests.daemon import Daemon
from tests.introspection import introspect, tables_by_name
from tests.test_execution import connect_mysql

NAME = "ktx_details"

POSTGRES = """
    CREATE TABLE items (
        id serial PRIMARY KEY, status text DEFAULT 'new', made timestamptz DEFAULT now(),
        price int CONSTRAINT "price ""is"" positive" CHECK (price > 0), cost int, CHECK (cost < price),
        doubled int GENERATED ALWAYS AS (price * 2) STORED, CHECK (status IN ('new', 'done'))
    );
    CREATE TABLE parts (id int, day int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE VIEW shown AS SELECT id, 'password=hunter2' AS note FROM items;
    CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS n FROM items;
    CREATE EXTENSION file_fdw;
    CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
    CREATE FOREIGN TABLE theirs (a int) SERVER files OPTIONS (filename '/nowhere');
    CREATE EXTENSION pg_stat_statements;
    CREATE TABLE by_column (id int, hidden int);
    CREATE SCHEMA closed;
    CREATE TABLE closed.inside (id int);
    GRANT SELECT ON items, parts, shown, kept, theirs, closed.inside TO ktx_details;
    GRANT SELECT (id) ON by_column TO ktx_details;
    CREATE TABLE secret (id int)
"""

MYSQL = """
    CREATE TABLE items (
        id int AUTO_INCREMENT PRIMARY KEY, status varchar(9) DEFAULT 'new', note text, price int DEFAULT (1 + 2),
        CONSTRAINT positive CHECK (price > 0)
    );
    CREATE TABLE parts (id int, day int) PARTITION BY RANGE (day) (
        PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20)
    );
    CREATE VIEW shown AS SELECT id FROM items;
    CREATE TABLE written (id int)
"""

SQLITE = """
    CREATE TABLE items (
        id INTEGER PRIMARY KEY, status TEXT DEFAULT 'new' CHECK (status IN ('new', 'done')), n INT DEFAULT (1 + 2),
        CONSTRAINT "it's" /* a */ CHECK ( n > (0) AND status <> ') CHECK (' )
    );
    CREATE VIEW shown AS SELECT id FROM items;
"""

DUCKDB = """
    CREATE TABLE items (
        id INTEGER PRIMARY KEY, status VARCHAR DEFAULT 'new', mood ENUM ('sad', 'it''s'), n INTEGER CHECK (n > 0),
        doubled INTEGER GENERATED ALWAYS AS (n * 2), UNIQUE (status, n)
    );
    CREATE UNIQUE INDEX by_mood ON items (mood, "n");
    CREATE INDEX computed ON items ((n + 1));
    CREATE VIEW shown AS SELECT id FROM items;
"""


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgres_database(NAME, POSTGRES) as url:
        yield url


@pytest.fixture(scope="module")
def mysql_url() -> Iterator[str]:
    parts = urlsplit(database_url("KTX_TEST_MYSQL_URL"))
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        for statement in statements(
            f"CREATE DATABASE {NAME};\nUSE {NAME};\n{MYSQL};\n"
            f"CREATE USER {NAME}@'%' IDENTIFIED BY 'ktx';\n"
            f"GRANT SELECT, SHOW VIEW ON {NAME}.shown TO {NAME}@'%';\n"
            f"GRANT SELECT (id), INSERT (status) ON {NAME}.items TO {NAME}@'%';\n"
            f"GRANT INSERT ON {NAME}.written TO {NAME}@'%'"
        ):
            cursor.execute(statement)
        server.commit()
        try:
            yield parts._replace(path=f"/{NAME}").geturl()
        finally:
            cursor.execute(f"DROP DATABASE {NAME}")
            cursor.execute(f"DROP USER {NAME}@'%'")


def test_variants_and_partitions_of_postgres_are_read(daemon: Daemon, postgres_url: str) -> None:
    tables = read(daemon, "postgres", postgres_url)
    assert {name: (table["kind"], table["variant"]) for name, table in tables.items() if "variant" in table} == {
        "parts": ("table", "partitioned_table"),
        "kept": ("view", "materialized_view"),
        "theirs": ("table", "foreign_table"),
    }
    assert tables["parts"]["partition_key"] == "RANGE (day)"


def test_objects_of_extensions_of_postgres_are_left_out(daemon: Daemon, postgres_url: str) -> None:
    names = set(read(daemon, "postgres", postgres_url))
    assert names == {"items", "parts", "shown", "kept", "theirs", "by_column", "inside", "secret"}


def hidden_columns(tables: dict[str, Any]) -> dict[str, list[str]]:
    """Return the columns that the user may not read, of tables of which it may read others."""
    found = {
        name: [column["name"] for column in table["columns"] if column.get("readable") is False]
        for name, table in tables.items()
    }
    return {name: columns for name, columns in found.items() if columns}


def test_tables_that_the_user_may_not_read_are_marked(daemon: Daemon, postgres_url: str) -> None:
    tables = read(daemon, "postgres", postgres_url)
    assert {name for name, table in tables.items() if table.get("readable") is False} == {"inside", "secret"}
    assert hidden_columns(tables) == {"by_column": ["hidden"]}


def test_defaults_checks_and_definitions_of_postgres_are_read(daemon: Daemon, postgres_url: str) -> None:
    tables = read(daemon, "postgres", postgres_url)
    assert column_details(tables["items"], "default") == {"status": "'new'::text", "made": "now()"}
    assert column_details(tables["items"], "generated") == {"id": "identity", "doubled": "(price * 2)"}
    assert tables["items"]["checks"] == [
        {"name": "items_check", "expression": "(cost < price)"},
        {"name": "items_status_check", "expression": "(status = ANY (ARRAY['new'::text, 'done'::text]))"},
        {"name": 'price "is" positive', "expression": "(price > 0)"},
    ]
    assert "count(*) AS n" in tables["kept"]["definition"]
    assert "hunter2" not in tables["shown"]["definition"]
    assert "FROM items" in tables["shown"]["definition"]
    assert not any("definition" in table for table in tables.values() if table["kind"] == "table")


def test_locked_table_is_read_without_expressions(daemon: Daemon, postgres_url: str) -> None:
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    with closing(Connection(parts.username, parts.hostname, NAME, parts.port, parts.password)) as blocker:
        blocker.run("BEGIN")
        blocker.run("LOCK TABLE shown IN ACCESS EXCLUSIVE MODE")
        found = introspect(daemon, "postgres", postgres_url)
        blocker.run("ROLLBACK")
    assert found["warnings"][0].startswith("A table is locked: ")
    assert found["facts"] == 0
    tables = tables_by_name(found)
    assert "definition" not in tables["shown"]
    assert column_details(tables["items"], "default") == {}
    assert [column["name"] for column in tables["items"]["columns"]][:2] == ["id", "status"]


def test_details_of_mysql_are_read(daemon: Daemon, mysql_url: str) -> None:
    tables = read(daemon, "mysql", mysql_url)
    defaults = column_details(tables["items"], "default")
    assert defaults["status"].strip("'") == "new"
    assert set(defaults) == {"status", "price"}
    (check,) = tables["items"]["checks"]
    assert check["name"] == "positive"
    assert "`price` > 0" in check["expression"]
    assert tables["parts"]["partition_key"] == "RANGE (`day`)"
    assert "select" in tables["shown"]["definition"].lower()
    assert not any("readable" in table for table in tables.values())


def test_rights_of_a_user_of_mysql_are_read(daemon: Daemon, mysql_url: str) -> None:
    parts = urlsplit(mysql_url)
    url = parts._replace(netloc=f"{NAME}:ktx@{parts.hostname}:{parts.port}").geturl()
    tables = read(daemon, "mysql", url)
    assert {name: table.get("readable", True) for name, table in tables.items()} == {
        "items": True,
        "shown": True,
        "written": False,
    }
    assert hidden_columns(tables) == {"items": ["status"]}


def test_details_of_sqlite_are_read(daemon: Daemon, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "details.db")) as connection:
        connection.executescript(SQLITE)
    tables = read(daemon, "sqlite", str(tmp_path / "details.db"))
    assert column_details(tables["items"], "default") == {"status": "'new'", "n": "1 + 2"}
    assert tables["items"]["checks"] == [
        {"name": None, "expression": "status IN ('new', 'done')"},
        {"name": "it's", "expression": "n > (0) AND status <> ') CHECK ('"},
    ]
    assert tables["shown"]["definition"] == "CREATE VIEW shown AS SELECT id FROM items"


def test_details_of_duckdb_are_read(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "details.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(DUCKDB)
    tables = read(daemon, "duckdb", f"duckdb:///{path}")
    items = tables["items"]
    assert column_details(items, "default") == {"status": "'new'"}
    assert set(column_details(items, "generated")) == {"doubled"}
    assert column_details(items, "enum_values") == {"mood": ["sad", "it's"]}
    assert [check["expression"] for check in items["checks"]] == ["(n > 0)"]
    assert items["unique_keys"] == [["status", "n"], ["mood", "n"]]
    assert items["indexes"] == [{"name": "by_mood", "columns": ["mood", "n"], "unique": True}]
    assert tables["shown"]["definition"].startswith("CREATE VIEW shown AS SELECT id")
