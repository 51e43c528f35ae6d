"""Introspection of DuckDB files, through SQLAlchemy, and with unknown drivers."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.duckdb.connect import open_file
from tests.daemon import Daemon, error_detail
from tests.introspection import column_values, foreign_key_values, introspect, introspect_rejected, tables_by_name

SCHEMA = """
    CREATE SCHEMA web;
    CREATE TABLE customers (id BIGINT PRIMARY KEY, name VARCHAR NOT NULL, referrer BIGINT REFERENCES customers (id));
    COMMENT ON TABLE customers IS 'Who buys';
    COMMENT ON COLUMN customers.name IS 'As on the invoice';
    CREATE TABLE web."Order Items größe" (a INTEGER, b DECIMAL(10, 2), PRIMARY KEY (b, a));
    CREATE VIEW web.big AS SELECT id FROM customers;
    INSERT INTO customers VALUES (1, 'a', NULL);
"""


# Attempts to leave the sandbox in an open session.
ESCAPES = [
    "SET enable_external_access = true",
    "RESET enable_external_access",
    "SET TimeZone = 'Asia/Tokyo'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "ATTACH ':memory:' AS other",
    "COPY t TO '/tmp/ktx-never.csv'",
]


def test_view_over_a_local_file_is_not_read(daemon: Daemon, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("theirs,b\n1,2\n")  # the view keeps its columns
    path = tmp_path / "theirs.duckdb"
    views = {
        "csv": f"SELECT * FROM read_csv('{secret}', header = true)",
        "plain": f"SELECT * FROM '{secret}'",
        "text": f"SELECT content FROM read_text('{secret}')",
        "listing": f"SELECT * FROM glob('{tmp_path}/*')",
        "fine": "SELECT a FROM t",
    }
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute("CREATE TABLE t (a INTEGER)")
        for name, sql in views.items():
            connection.execute(f"CREATE VIEW {name} AS {sql}")
    secret.write_text("hunter2,c\n1,2\n")
    found = introspect(daemon, "duckdb", f"duckdb:///{path}")
    assert "hunter2" not in str(found)
    assert [column[0] for column in column_values(tables_by_name(found)["fine"])] == ["a"]
    assert {"csv", "plain", "t"} <= set(tables_by_name(found))
    target = Target.from_request(IntrospectDatabase("warehouse", "duckdb", str(path)))
    with open_file(path, target) as connection:
        for sql in [*(f"SELECT * FROM {name}" for name in ("csv", "plain", "text", "listing")), *ESCAPES]:
            with pytest.raises(duckdb.Error):
                connection.execute(sql).fetchall()
        assert connection.execute("SELECT count(*) FROM fine").fetchall() == [(0,)]


def test_duckdb_file_is_introspected(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "shop größe.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(SCHEMA)
    found = introspect(daemon, "duckdb", f"duckdb:///{path}")
    assert found["metadata"] == {"driver": "duckdb", "schemas": ["main", "web"]}
    tables = tables_by_name(found)
    assert {name: (table["db"], table["kind"]) for name, table in tables.items()} == {
        "customers": ("main", "table"),
        "Order Items größe": ("web", "table"),
        "big": ("web", "view"),
    }
    assert (tables["customers"]["comment"], tables["customers"]["estimated_rows"]) == ("Who buys", 1)
    assert column_values(tables["customers"])[:2] == [
        ("id", "BIGINT", False, True, None),
        ("name", "VARCHAR", False, False, "As on the invoice"),
    ]
    assert [key[:4] for key in foreign_key_values(tables["customers"])] == [("referrer", "main", "customers", "id")]
    assert [column["primary_key"] for column in tables["Order Items größe"]["columns"]] == [True, True]
    assert set(tables_by_name(introspect(daemon, "duckdb", str(path), schemas=["web"]))) == {"Order Items größe", "big"}
    introspect_rejected(daemon, "duckdb", str(path), "schema_not_found", schemas=["x"])
    introspect_rejected(daemon, "duckdb", str(tmp_path / "missing.duckdb"), "database_not_found")


def test_invalid_duckdb_file_is_rejected(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "text.duckdb"
    path.write_text("text " * 5000)
    introspect_rejected(daemon, "duckdb", str(path), "not_a_database")


def test_encrypted_duckdb_file_is_rejected(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "secret.duckdb"
    with closing(duckdb.connect()) as connection:
        connection.execute("SET force_mbedtls_unsafe = 'true'")
        connection.execute(f"ATTACH '{path}' AS secret (ENCRYPTION_KEY 'hunter2')")
        connection.execute("CREATE TABLE secret.t (a INTEGER)")
    assert "is encrypted" in introspect_rejected(daemon, "duckdb", str(path), "not_a_database")


def test_newer_duckdb_file_is_rejected_with_the_version_that_it_needs(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "newer.duckdb"
    duckdb.connect(str(path)).close()
    header = bytearray(path.read_bytes())
    header[12:20] = (9999).to_bytes(8, "little")
    header[52:59] = b"v9.8.7\0"
    path.write_bytes(header)
    with pytest.raises(duckdb.Error, match="checksum") as raised:
        duckdb.connect(str(path), read_only=True)
    checksum = re.search(r"computed checksum (\d+)", str(raised.value))
    assert checksum
    header[:8] = int(checksum[1]).to_bytes(8, "little")
    path.write_bytes(header)
    sentence = introspect_rejected(daemon, "duckdb", str(path), "not_a_database")
    assert "written by DuckDB v9.8.7" in sentence
    assert f"KTX's runtime has DuckDB {duckdb.__version__}" in sentence


@pytest.mark.parametrize("url", ["md:shop?motherduck_token=hunter2", "duckdb:///md:shop?motherduck_token=hunter2"])
def test_motherduck_is_rejected_without_its_token(daemon: Daemon, url: str) -> None:
    sentence = introspect_rejected(daemon, "duckdb", url, "invalid_url")
    assert "MotherDuck" in sentence
    assert "hunter2" not in sentence


def test_unknown_driver_error_lists_the_supported_ones_and_how_to_add_one(daemon: Daemon) -> None:
    request = {"connection_id": "c", "driver": "oracle9", "url": "oracle9://u:secret@h/d"}
    answer = daemon.post("/database/introspect", request)
    sentence = error_detail(answer, "unknown_driver")
    for word in ("postgres", "mysql", "sqlite", "duckdb"):
        assert word in sentence
    assert "SQLAlchemy" in answer.json()["hint"]
    assert "secret" not in str(answer.json())


def test_other_drivers_use_sqlalchemy(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE a (x INT, y INT, PRIMARY KEY (y, x)); CREATE VIEW v AS SELECT x FROM a;"
            "CREATE TABLE b (p INT, q INT, FOREIGN KEY (p, q) REFERENCES a (y, x));"
        )
    found = introspect(daemon, "pysqlite", f"sqlite+pysqlite:///{path}")
    tables = tables_by_name(found)
    assert {name: table["kind"] for name, table in tables.items()} == {"a": "table", "b": "table", "v": "view"}
    assert [key[0:4:2] + key[3:4] for key in foreign_key_values(tables["b"])] == [("p", "a", "y"), ("q", "a", "x")]
