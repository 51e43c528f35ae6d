"""The data policy on real databases: what may show a denied value is refused, and the rest is run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest
from pg8000.native import Connection

from tests.conftest import database_url
from tests.daemon import Daemon
from tests.introspection import introspect, tables_by_name
from tests.test_execution import connect_mysql

PATH = "/sql/execute"
CANARY = "canary-7f3a"
SETUP = [
    "CREATE SCHEMA ktx_policy_hr",
    "CREATE TABLE ktx_policy_hr.salaries (id int, pay varchar(20))",
    f"INSERT INTO ktx_policy_hr.salaries VALUES (1, '{CANARY}')",
]
USERS = [
    "CREATE TABLE ktx_users (id int, secret varchar(20), name varchar(20))",
    f"INSERT INTO ktx_users VALUES (1, '{CANARY}', 'bob'), (2, '{CANARY}', 'eve')",
]
DENIED = {
    "tables": [{"pattern": "ktx_policy_hr.*", "parts": ["ktx_policy_hr", "*"]}],
    "columns": [{"pattern": "*.ktx_users.secret", "parts": ["*", "ktx_users", "secret"]}],
}
CLEAN = [
    "SELECT id, u.name FROM ktx_users u",
    "SELECT count(*) FROM ktx_users",
    "WITH salaries AS (SELECT name FROM ktx_users) SELECT * FROM salaries",
]
LEAKS = [
    "SELECT secret FROM ktx_users",
    "SELECT * FROM ktx_users",
    "SELECT x.* FROM (SELECT u.* FROM ktx_users u) x",
    "SELECT (SELECT max(SECRET) FROM ktx_users) AS a",
    "SELECT u.name FROM ktx_users u UNION ALL SELECT secret FROM ktx_users",
]
# Tables that a common table expression of their name does not hide.
SELF_CTE = ["WITH ktx_users AS (SELECT * FROM ktx_users) SELECT * FROM ktx_users"]
SCHEMA_LEAKS = [
    "SELECT pay FROM ktx_policy_hr.salaries",
    "SELECT id FROM ktx_users WHERE 'x' < (SELECT max(pay) FROM ktx_policy_hr.salaries)",
]


def _sqlite(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    path = folder / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(";".join(USERS))
    yield (
        "sqlite",
        str(path),
        [
            "SELECT u.\"secret\" FROM 'ktx_users' u",
            "SELECT 'u'.'secret' FROM ktx_users u",
            "SELECT a FROM (SELECT secret a FROM [ktx_users])",
        ],
    )


def _duckdb(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    path = folder / "shop.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(";".join(SETUP + USERS))
    yield "duckdb", f"duckdb:///{path}", [
        *SCHEMA_LEAKS, "FROM ktx_users", "SELECT #2 FROM ktx_users", "SELECT COLUMNS('s.*') FROM ktx_users",
        "SELECT u FROM ktx_users u", "SUMMARIZE ktx_users", "FROM shop.ktx_policy_hr.salaries",
    ]  # fmt: skip


def _postgres(_: Path) -> Iterator[tuple[str, str, list[str]]]:
    url = database_url("KTX_TEST_POSTGRES_URL")
    parts = urlsplit(url)
    database = parts.path.removeprefix("/") or parts.username
    drop = ["DROP SCHEMA IF EXISTS ktx_policy_hr CASCADE", "DROP TABLE IF EXISTS ktx_users CASCADE"]
    with closing(Connection(parts.username, parts.hostname, database, parts.port, parts.password)) as server:
        for statement in [*drop, *SETUP, *USERS, "ANALYZE ktx_users"]:
            server.run(statement)
        yield (
            "postgres",
            url,
            [
                *SCHEMA_LEAKS,
                *SELF_CTE,
                "TABLE ktx_users",
                "SELECT to_jsonb(u) FROM ktx_users u",
                "SELECT u.to_jsonb FROM ktx_users u",
                "SELECT (u).secret FROM ktx_users u",
                "SELECT b FROM ktx_users AS u(a, b)",
                "SELECT u::text FROM ktx_users u",
                'SELECT PAY FROM "ktx_policy_hr".SALARIES',
                "SELECT most_common_vals FROM pg_stats WHERE tablename = 'ktx_users'",
            ],
        )
        for statement in drop:
            server.run(statement)


def _mysql(_: Path) -> Iterator[tuple[str, str, list[str]]]:
    parts = urlsplit(database_url("KTX_TEST_MYSQL_URL"))
    drop = ["DROP DATABASE IF EXISTS ktx_policy_hr", "DROP DATABASE IF EXISTS ktx_policy"]
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        for statement in [*drop, "CREATE DATABASE ktx_policy", "USE ktx_policy", *SETUP, *USERS]:
            cursor.execute(statement)
        yield (
            "mysql",
            parts._replace(path="/ktx_policy").geturl(),
            [
                *SCHEMA_LEAKS,
                *SELF_CTE,
                "SELECT `Secret` FROM `ktx_users`",
            ],
        )
        for statement in drop:
            cursor.execute(statement)


FACTORIES = {"sqlite": _sqlite, "duckdb": _duckdb, "postgres": _postgres, "mysql": _mysql}


@pytest.fixture(params=FACTORIES)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str, list[str]]]:
    yield from FACTORIES[request.param](tmp_path)


def run(daemon: Daemon, shop: tuple[str, str, list[str]], sql: str, denied: Any = None) -> tuple[int, str]:
    body = {"connection_id": "shop", "driver": shop[0], "url": shop[1], "sql": sql}
    response = daemon.post(PATH, body if denied is None else {**body, "denied": denied})
    return response.status, response.body.decode()


def test_denied_values_are_not_shown(daemon: Daemon, shop: tuple[str, str, list[str]]) -> None:
    for sql in [*LEAKS, *shop[2]]:
        status, body = run(daemon, shop, sql)
        assert status == 200, (sql, body)
        assert CANARY in body or "max(pay)" in sql or "ORDER BY" in sql, sql
        status, body = run(daemon, shop, sql, DENIED)
        assert (status, json.loads(body)["code"]) == (400, "policy_denied"), (sql, body)


def test_other_statements_are_run(daemon: Daemon, shop: tuple[str, str, list[str]]) -> None:
    for sql in CLEAN:
        status, body = run(daemon, shop, sql, DENIED)
        assert (status, CANARY in body) == (200, False), (sql, body)


FAMILY = [
    "CREATE TABLE ktx_policy_hr.pay (id int, amount text, year int) PARTITION BY LIST (year)",
    "CREATE TABLE ktx_policy_2024 PARTITION OF ktx_policy_hr.pay FOR VALUES IN (2024) PARTITION BY LIST (id)",
    "CREATE TABLE ktx_policy_2024_1 PARTITION OF ktx_policy_2024 FOR VALUES IN (1)",
    f"INSERT INTO ktx_policy_hr.pay VALUES (1, '{CANARY}', 2024)",
    'CREATE TABLE ktx_policy_hr."ktx_policy_kid\'" () INHERITS (ktx_users)',
    f"INSERT INTO ktx_policy_hr.\"ktx_policy_kid'\" VALUES (3, '{CANARY}', 'kim')",
]


@pytest.mark.parametrize("shop", ["postgres"], indirect=True)
def test_partitions_and_children_are_denied_like_their_parents(
    daemon: Daemon, shop: tuple[str, str, list[str]]
) -> None:
    parts = urlsplit(shop[1])
    database = parts.path.removeprefix("/") or parts.username
    denied = {**DENIED, "tables": [{"pattern": "ktx_policy_hr.pay", "parts": ["ktx_policy_hr", "pay"]}]}
    with closing(Connection(parts.username, parts.hostname, database, parts.port, parts.password)) as server:
        for statement in FAMILY:
            server.run(statement)
    kid = 'ktx_policy_hr."ktx_policy_kid\'"'
    for sql in [
        "SELECT amount FROM ktx_policy_2024",
        "SELECT amount FROM KTX_Policy_2024_1",
        f"SELECT secret FROM {kid}",
        f"SELECT k FROM {kid} AS k",
    ]:
        assert CANARY in run(daemon, shop, sql)[1], sql
        status, body = run(daemon, shop, sql, denied)
        assert (status, json.loads(body)["code"]) == (400, "policy_denied"), (sql, body)
    assert run(daemon, shop, f"SELECT name FROM {kid}", denied)[0] == 200
    child = {"tables": [{"pattern": "*_2024_1", "parts": ["*_2024_1"]}]}
    status, body = run(daemon, shop, "SELECT amount FROM ktx_policy_hr.pay", child)
    assert (status, json.loads(body)["code"]) == (400, "policy_denied"), body


@pytest.mark.parametrize("shop", ["postgres"], indirect=True)
def test_introspection_has_the_parents_of_a_table(daemon: Daemon, shop: tuple[str, str, list[str]]) -> None:
    parts = urlsplit(shop[1])
    database = parts.path.removeprefix("/") or parts.username
    with closing(Connection(parts.username, parts.hostname, database, parts.port, parts.password)) as server:
        for statement in [*FAMILY, 'CREATE TABLE ktx_policy_hr.b () INHERITS (ktx_policy_hr."ktx_policy_kid\'")']:
            server.run(statement)
    tables = tables_by_name(introspect(daemon, "postgres", shop[1], schemas=["ktx_policy_hr"], names_only=True))
    users = {"db": "public", "name": "ktx_users"}
    kid = {"db": "ktx_policy_hr", "name": "ktx_policy_kid'"}
    assert tables["b"]["parents"] == [kid, users]
    assert "parents" not in tables["pay"]


def test_errors_suggest_no_denied_name(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute("CREATE TABLE payroll (id int)")
    shop = ("duckdb", f"duckdb:///{path}", [""])
    denied = {"tables": [{"pattern": "payroll", "parts": ["payroll"]}], "columns": []}
    nothing = {"tables": [], "columns": []}
    assert "payroll" in run(daemon, shop, "SELECT 1 FROM payrol", nothing)[1]
    status, body = run(daemon, shop, "SELECT 1 FROM payrol", denied)
    assert (status, json.loads(body)["code"], "payroll" in body) == (400, "query_failed", False), body
