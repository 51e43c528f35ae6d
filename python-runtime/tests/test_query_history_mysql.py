"""The query history of MariaDB: digests of the performance schema, and the slow log's table."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from ktx_daemon.warehouses.mysql.history import parse_digest
from tests.conftest import database_url
from tests.daemon import Daemon
from tests.mariadb import MariaDb, mariadb_server
from tests.profile import measure_everything
from tests.test_execution import connect_mysql

PATH = "/database/query-history"
MIB = 1024 * 1024


@pytest.fixture
def shop() -> Iterator[str]:
    """Return the URL of a database with a table, after the digests were reset."""
    name = f"ktx_history_{secrets.token_hex(4)}"
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            cursor.execute(f"CREATE TABLE {name}.customers (id int PRIMARY KEY, name varchar(40))")
            cursor.execute("TRUNCATE TABLE performance_schema.events_statements_summary_by_digest")
            cursor.execute(f"USE {name}")
            yield urlsplit(database_url("KTX_TEST_MYSQL_URL"))._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(f"DROP DATABASE {name}")


def run(url: str, *statements: str) -> None:
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        cursor.execute(f"USE {urlsplit(url).path[1:]}")
        for statement in statements:
            cursor.execute(statement)


def read_history(daemon: Daemon, url: str, **options: Any) -> dict[str, Any]:
    return daemon.post_ok(PATH, {"connection_id": "shop", "driver": "mysql", "url": url, **options})


def find_statement(found: dict[str, Any], word: str) -> dict[str, Any]:
    (statement,) = [statement for statement in found["statements"] if word in statement["sql"]]
    return statement


def test_statements_have_counts_and_times_but_no_literals(daemon: Daemon, shop: str) -> None:
    run(shop, *(f"SELECT name FROM customers WHERE id IN (1, 2, {n}) AND name <> 'Ada'" for n in range(5)))
    run(
        shop, "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bo'), (3, 'Cy')", "SELECT name FROM customers WHERE id > 1"
    )
    found = read_history(daemon, shop)
    lookup, insert = find_statement(found, "IN (?)"), find_statement(found, "INSERT")
    assert (lookup["calls"], lookup["rows"], lookup["errors"], lookup["nested"]) == (5, 0, 0, False)
    assert (insert["calls"], insert["rows"]) == (1, 3)
    assert find_statement(found, "> ?")["rows"] == 2
    assert lookup["total_ms"] > 0
    assert 0 < lookup["since_ms"] <= lookup["last_seen_ms"]
    assert (found["unavailable"], found["truncated"], found["statistics"]["dealloc"]) == (None, False, 0)
    assert not {"Ada", "users"} & {*json.dumps(lookup).split("'"), *lookup}
    assert "MariaDB" in found["metadata"]["server_version"]
    assert not found["metadata"]["server_version"].startswith("5.5.5-"), "a prefix of the protocol, not the version"


def test_statements_of_the_daemon_and_of_other_databases_are_left_out(daemon: Daemon, shop: str) -> None:
    run(shop, "SELECT name FROM customers")
    schema = urlsplit(shop).path[1:]
    key = {"catalog": None, "db": schema, "name": "customers", "columns": ["id"]}
    measure_everything(daemon, "mysql", shop, schema, key)
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        cursor.execute("USE mysql")
        cursor.execute("SELECT count(*) FROM time_zone")
        statements = read_history(daemon, shop)["statements"]
        assert [entry["sql"] for entry in statements] == ["SELECT NAME FROM `customers`"], "as MariaDB writes it"
    whole_server = read_history(daemon, urlsplit(shop)._replace(path="").geturl())
    assert find_statement(whole_server, "`time_zone`")["calls"] == 1


def test_statements_with_the_most_time_are_kept(daemon: Daemon, shop: str) -> None:
    run(
        shop, "SELECT id FROM customers WHERE sleep(0.3) = 0 LIMIT 1", "SELECT name FROM customers", "SELECT sleep(0.2)"
    )
    found = read_history(daemon, shop, max_statements=1)
    assert "sleep" in found["statements"][0]["sql"]
    assert (found["truncated"], found["next_cursor"]) == (True, None)
    assert read_history(daemon, shop, max_statements=3)["truncated"] is False


def test_pages_contain_every_statement_once(daemon: Daemon, shop: str) -> None:
    columns = [f"a{n:02}" + "x" * 50 for n in range(8)]
    wide = ", ".join(f"id AS {column}" for column in columns)
    statements = [f"SELECT {wide}, id AS b{n} FROM customers" for n in range(1500)]
    run(shop, *statements)
    cursor, ids, pages = None, [], 0
    while pages == 0 or cursor:
        page = read_history(daemon, shop, max_bytes=MIB, cursor=cursor, max_statements=100_000)
        ids += [entry["query_id"] for entry in page["statements"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert (len(set(ids)), len(ids)) == (1500, 1500)
    assert ids == sorted(ids)
    assert pages > 1


@pytest.mark.parametrize("cursor", ["x", "0' OR 1=1", "ABC", "é" * 32])
def test_cursor_of_another_answer_is_rejected(daemon: Daemon, cursor: str) -> None:
    body = {"connection_id": "shop", "driver": "mysql", "url": "mysql://u:p@h/d", "cursor": cursor}
    daemon.post_rejected(PATH, body, "invalid_value")


def test_missing_right_is_reported_with_the_grant(daemon: Daemon, shop: str) -> None:
    parts = urlsplit(shop)
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        cursor.execute("CREATE USER `ktx reader`@'%' IDENTIFIED BY 'ktx'")
        try:
            cursor.execute(f"GRANT SELECT ON {parts.path[1:]}.* TO `ktx reader`@'%'")
            url = parts._replace(netloc=f"ktx%20reader:ktx@{parts.hostname}:{parts.port}").geturl()
            reason = read_history(daemon, url)["unavailable"]
            assert reason["code"] == "permission_denied"
            table, _, grantee = reason["hint"].partition("GRANT SELECT ON ")[2].partition(" TO ")
            cursor.execute(f"GRANT SELECT ON {table} TO {grantee}")
            assert read_history(daemon, url)["unavailable"] is None
        finally:
            cursor.execute("DROP USER `ktx reader`@'%'")


@pytest.mark.parametrize(
    ("digest", "sql"),
    [
        ("SELECT `a` FROM `t` WHERE `a` IN (...) LIMIT ?, ... ", "SELECT `a` FROM `t` WHERE `a` IN (?) LIMIT ?, ?"),
        ("SELECT `odd (...) ``?, ...` FROM `t`", "SELECT `odd (...) ``?, ...` FROM `t`"),
    ],
)
def test_lists_of_digests_are_placeholders(digest: str, sql: str) -> None:
    assert parse_digest(digest) == sql


@pytest.fixture(scope="module")
def without_digests() -> Iterator[MariaDb]:
    with mariadb_server("--performance-schema=OFF") as server:
        server.run("CREATE USER ktx@'%' IDENTIFIED BY 'hunter2'", "GRANT ALL ON *.* TO ktx@'%'", "CREATE DATABASE shop")
        yield server


def test_server_without_digests_and_slow_log_is_reported(daemon: Daemon, without_digests: MariaDb) -> None:
    found = read_history(daemon, f"mysql://ktx:hunter2@127.0.0.1:{without_digests.port}/shop")
    assert found["statements"] == []
    assert found["unavailable"]["code"] == "log_missing"
    assert "performance_schema = ON" in found["unavailable"]["hint"]


def test_slow_log_is_read_without_digests(daemon: Daemon, without_digests: MariaDb) -> None:
    url = f"mysql://ktx:hunter2@127.0.0.1:{without_digests.port}/shop"
    without_digests.run("SET GLOBAL slow_query_log = 1, log_output = 'TABLE', long_query_time = 0")
    try:
        without_digests.run(
            "USE shop",
            "CREATE TABLE orders (id int)",
            *["SELECT id FROM orders WHERE id = 7 AND '(...)' <> ''"] * 3,
            "SELECT sleep(0.01) FROM orders",
        )
        query = {"connection_id": "shop", "driver": "mysql", "url": url, "sql": "SELECT count(*) AS own FROM orders"}
        daemon.post_ok("/sql/execute", query)
        found = read_history(daemon, url)
        (day,) = find_statement(found, "id = 7")["days"]
        newer = read_history(daemon, url, first_day=day["day"])
        tomorrow = read_history(daemon, url, first_day=day["day"] + 1)
    finally:
        without_digests.run("SET GLOBAL slow_query_log = 0")
    lookup = find_statement(found, "id = 7")
    assert (lookup["sql"], lookup["calls"]) == ("SELECT id FROM orders WHERE id = 7 AND '(...)' <> ''", 3)
    assert lookup["total_ms"] > 0
    assert lookup["users"] == ["4813494d137e1631"], "the hash of root"
    assert (day["calls"], day["total_ms"], day["callers"]) == (3, lookup["total_ms"], {"person": 3})
    assert found["log"]["name"] == "mysql.slow_log"
    assert found["log"]["first_day"] == found["log"]["window_begin_day"] < day["day"]
    assert find_statement(newer, "id = 7")["days"] == [day]
    assert tomorrow["statements"] == []
    assert not any("own" in entry["sql"] for entry in found["statements"]), "what the daemon runs is no history"
