"""Introspection of SQLite files."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.daemon import Daemon
from tests.introspection import introspect, introspect_rejected, tables_by_name

SCHEMA = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, referrer INTEGER REFERENCES customers);
    CREATE TABLE "Order Items" (
        "line no" INT, order_id INT, größe DECIMAL(10, 2), total AS (größe * 2),
        PRIMARY KEY (order_id, "line no")
    ) WITHOUT ROWID;
    CREATE TABLE notes (
        a INT, b INT, body,
        FOREIGN KEY (b, a) REFERENCES "Order Items",
        FOREIGN KEY (a) REFERENCES CUSTOMERS (id)
    );
    CREATE VIEW big AS SELECT id, name FROM customers;
    CREATE VIRTUAL TABLE search USING fts5(body);
    INSERT INTO customers VALUES (1, 'a', NULL), (2, 'b', 1);
    ANALYZE;
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "shop größe 100%.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    return path


def equivalent_urls(path: Path) -> list[str]:
    encoded = str(path).replace("%", "%25").replace(" ", "%20")
    return [str(path), f"sqlite://{encoded}", f"sqlite:///{encoded}", f"file:{encoded}?mode=rw"]


def test_sqlite_file_is_introspected(daemon: Daemon, database: Path) -> None:
    for url in equivalent_urls(database):
        found = introspect(daemon, "sqlite", url)
        assert found["metadata"].pop("limitations")[0].startswith("SQLite keeps no history")
        assert found["metadata"] == {"driver": "sqlite", "schemas": ["main"]}
        tables = tables_by_name(found)
        assert [table["name"] for table in found["tables"]] == ["Order Items", "big", "customers", "notes", "search"]
        assert {name: table["kind"] for name, table in tables.items() if table["kind"] == "view"} == {"big": "view"}
        assert tables["customers"]["estimated_rows"] == 2
        assert tables["big"]["estimated_rows"] is None
        assert [column["name"] for column in tables["big"]["columns"]] == ["id", "name"]


def test_columns_and_keys_are_read(daemon: Daemon, database: Path) -> None:
    tables = tables_by_name(introspect(daemon, "sqlite", str(database)))
    columns = [tuple(column.values()) for column in tables["Order Items"]["columns"]]
    assert columns == [
        ("line no", "INT", False, True, None),
        ("order_id", "INT", False, True, None),
        ("größe", "DECIMAL(10, 2)", True, False, None),
        ("total", "", True, False, None, "größe * 2"),
    ]
    assert tables["customers"]["columns"][0] == {
        "name": "id",
        "type": "INTEGER",
        "nullable": False,
        "primary_key": True,
        "comment": None,
        "generated": "identity",
    }


def test_foreign_keys_are_read(daemon: Daemon, database: Path) -> None:
    tables = tables_by_name(introspect(daemon, "sqlite", str(database)))
    key = {"to_schema": "main", "constraint_name": None}
    assert tables["customers"]["foreign_keys"] == [
        {**key, "from_column": "referrer", "to_table": "customers", "to_column": "id", "position": 1}
    ]
    assert tables["notes"]["foreign_keys"] == [
        {**key, "from_column": "b", "to_table": "Order Items", "to_column": "order_id", "position": 1},
        {**key, "from_column": "a", "to_table": "Order Items", "to_column": "line no", "position": 2},
        {**key, "from_column": "a", "to_table": "customers", "to_column": "id", "position": 1},
    ]


def test_view_over_a_missing_table_does_not_hide_other_tables(daemon: Daemon, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE VIEW broken AS SELECT * FROM nowhere")
    tables = tables_by_name(introspect(daemon, "sqlite", str(database)))
    assert tables["broken"]["columns"] == []
    assert len(tables["customers"]["columns"]) == 3


def test_missing_file_is_never_created(daemon: Daemon, tmp_path: Path) -> None:
    for url in equivalent_urls(tmp_path / "missing.db"):
        assert "missing.db does not exist" in introspect_rejected(daemon, "sqlite", url, "database_not_found")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("url", ["", ":memory:", "sqlite://", "sqlite:///:memory:", "sqlite:///"])
def test_url_without_a_file_is_rejected(daemon: Daemon, url: str) -> None:
    introspect_rejected(daemon, "sqlite", url, "invalid_url")


def test_invalid_sqlite_file_is_rejected(daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is a text that is long enough to have a header of its own. " * 50)
    assert "is not a SQLite database" in introspect_rejected(
        daemon, "sqlite", str(tmp_path / "text.db"), "not_a_database"
    )
    assert "is not a file" in introspect_rejected(daemon, "sqlite", str(tmp_path), "database_not_found")
    (tmp_path / "empty.db").touch()
    assert introspect(daemon, "sqlite", str(tmp_path / "empty.db"))["tables"] == []


def test_file_is_not_changed(daemon: Daemon, database: Path) -> None:
    before = (database.read_bytes(), sorted(os.listdir(database.parent)))
    introspect(daemon, "sqlite", str(database))
    assert (database.read_bytes(), sorted(os.listdir(database.parent))) == before


def test_locked_file_is_reported(daemon: Daemon, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        sentence = introspect_rejected(
            daemon, "sqlite", str(database), "database_locked", connection_timeout_seconds=0.1
        )
        assert "is locked by another program" in sentence


def test_database_with_a_writer_in_wal_mode_is_read(daemon: Daemon, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE later (a INT)")
        assert "later" in tables_by_name(introspect(daemon, "sqlite", str(database)))


def test_other_schemas_do_not_exist(daemon: Daemon, database: Path) -> None:
    introspect_rejected(daemon, "sqlite", str(database), "schema_not_found", schemas=["main", "temp"])
    assert introspect(daemon, "sqlite", str(database), schemas=["main"])["tables"]


def test_five_thousand_tables_are_read(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "many.db"
    with closing(sqlite3.connect(path)) as connection:
        statements = (f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, a TEXT, b INT REFERENCES t0);" for n in range(5000))
        connection.executescript(f"BEGIN; {''.join(statements)} COMMIT;")
    assert len(introspect(daemon, "sqlite", str(path))["tables"]) == 5000


def test_statement_timeout_ends_the_introspection(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "many.db"
    with closing(sqlite3.connect(path)) as connection:
        statements = (f"CREATE TABLE t{n} ({', '.join(f'c{k} INT' for k in range(40))});" for n in range(3000))
        connection.executescript(f"BEGIN; {''.join(statements)} COMMIT;")
    introspect_rejected(daemon, "sqlite", str(path), "statement_timeout", statement_timeout_ms=1)


def test_nullability_of_keys_follows_sqlite(daemon: Daemon, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(
            """
            CREATE TABLE row_id (a integer PRIMARY KEY);
            CREATE TABLE other (a INT PRIMARY KEY);
            CREATE TABLE several (a INTEGER, b INTEGER NOT NULL, "c""\n" INTEGER, PRIMARY KEY (b, a));
            CREATE TABLE referring (x, y, FOREIGN KEY (x, y) REFERENCES several);
            """
        )
    for broken in (False, True):
        if broken:
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("CREATE VIEW broken AS SELECT * FROM nowhere")
        tables = tables_by_name(introspect(daemon, "sqlite", str(database)))
        found = {
            name: [(column["name"], column["nullable"], column["primary_key"]) for column in tables[name]["columns"]]
            for name in ("row_id", "other", "several")
        }
        assert found == {
            "row_id": [("a", False, True)],
            "other": [("a", True, True)],
            "several": [("a", True, True), ("b", False, True), ('c"\n', True, False)],
        }
        assert [key["to_column"] for key in tables["referring"]["foreign_keys"]] == ["b", "a"]
