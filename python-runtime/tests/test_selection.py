"""Selection of tables by patterns, on every driver."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pytest
from pg8000.native import Connection

from ktx_daemon.warehouses.model.selection import Selection
from tests.conftest import database_url
from tests.daemon import Daemon
from tests.introspection import introspect
from tests.test_execution import connect_mysql

TABLES = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY);
    CREATE TABLE orders (
        id INTEGER PRIMARY KEY, customer_id INTEGER, FOREIGN KEY (customer_id) REFERENCES customers (id)
    );
    CREATE TABLE tmp_orders (id INTEGER);
    CREATE VIEW big_orders AS SELECT id FROM orders
"""
ALL = ["big_orders", "customers", "orders", "tmp_orders"]


@dataclass(frozen=True)
class Shop:
    """A database with the tables above, all in one schema."""

    driver: str
    url: str
    schema: str


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Shop]]:
    folder = tmp_path_factory.mktemp("shops")
    schema = f"ktx_selection_{secrets.token_hex(4)}"
    urls = {"postgres": database_url("KTX_TEST_POSTGRES_URL"), "mysql": database_url("KTX_TEST_MYSQL_URL")}
    with closing(_connect_postgres(urls["postgres"])) as postgres, closing(connect_mysql()) as mysql:
        postgres.run(f"CREATE SCHEMA {schema}")
        postgres.run(f"SET search_path = {schema}")
        mysql.cursor().execute(f"CREATE DATABASE {schema}")
        mysql.cursor().execute(f"USE {schema}")
        for statement in TABLES.split(";"):
            postgres.run(statement)
            mysql.cursor().execute(statement)
        yield {
            "postgres": Shop("postgres", urls["postgres"], schema),
            "mysql": Shop("mysql", urls["mysql"], schema),
            "sqlite": Shop("sqlite", str(_create_sqlite(folder / "shop.db")), "main"),
            "duckdb": Shop("duckdb", str(_create_duckdb(folder / "shop.duckdb")), "main"),
        }
        postgres.run(f"DROP SCHEMA {schema} CASCADE")
        mysql.cursor().execute(f"DROP DATABASE {schema}")


def _connect_postgres(url: str) -> Connection:
    parts = urlsplit(url)
    database = parts.path.removeprefix("/") or parts.username
    return Connection(parts.username, parts.hostname, database, parts.port, parts.password)


def _create_sqlite(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES)
    return path


def _create_duckdb(path: Path) -> Path:
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(TABLES)
    return path


@pytest.fixture(params=["postgres", "mysql", "sqlite", "duckdb"])
def shop(request: pytest.FixtureRequest, shops: dict[str, Shop]) -> Shop:
    return shops[request.param]


def _select(daemon: Daemon, shop: Shop, **options: object) -> tuple[list[str], list[str]]:
    found = introspect(daemon, shop.driver, shop.url, schemas=[shop.schema], **options)
    warnings = [text for text in found.get("warnings", []) if "pattern" in text]
    return [table["name"] for table in found["tables"]], warnings


def test_tables_are_selected_by_patterns(daemon: Daemon, shop: Shop) -> None:
    assert _select(daemon, shop) == (ALL, [])
    assert _select(daemon, shop, include=["*ORDERS"]) == (["big_orders", "orders", "tmp_orders"], [])
    assert _select(daemon, shop, exclude=["tmp_*"]) == (["big_orders", "customers", "orders"], [])
    both = {"include": [f"{shop.schema}.*orders", "customers"], "exclude": ["big_*", "*.tmp_?rders"]}
    assert _select(daemon, shop, **both) == (["customers", "orders"], [])


def test_pattern_without_a_match_is_a_warning(daemon: Daemon, shop: Shop) -> None:
    tables, warnings = _select(daemon, shop, include=["orders", "other.*"], exclude=["ordres"])
    assert tables == ["orders"]
    assert warnings == [
        "The pattern 'other.*' of include matches no table",
        "The pattern 'ordres' of exclude matches no table",
    ]


def test_selected_table_keeps_its_keys_to_others(daemon: Daemon, shop: Shop) -> None:
    found = introspect(daemon, shop.driver, shop.url, schemas=[shop.schema], include=["orders"])
    (table,) = found["tables"]
    assert [column["name"] for column in table["columns"]] == ["id", "customer_id"]
    keys = [(key["from_column"], key["to_table"], key["to_column"]) for key in table["foreign_keys"]]
    assert keys == [("customer_id", "customers", "id")]


def test_names_only_leaves_out_columns_and_keys(daemon: Daemon, shop: Shop) -> None:
    found = introspect(daemon, shop.driver, shop.url, schemas=[shop.schema], exclude=["tmp_*"], names_only=True)
    assert [(table["name"], table["kind"]) for table in found["tables"]] == [
        ("big_orders", "view"),
        ("customers", "table"),
        ("orders", "table"),
    ]
    assert all(table["columns"] == [] and table["foreign_keys"] == [] for table in found["tables"])


def test_pattern_is_text_and_not_an_expression() -> None:
    selection = Selection(["a+b", "x.y.z"], ["[ab]c"])
    assert selection.selects("s", "a+b")
    assert not selection.selects("s", "aab")
    assert selection.selects("x", "y.z")
    assert not selection.selects(None, "ac")
