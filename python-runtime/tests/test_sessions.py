"""The session overrides the settings of the server, the database and the role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from pg8000.native import Connection

from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.warehouses.connection.target import Target, parse_server_url
from ktx_daemon.warehouses.mysql import connect as mysql
from ktx_daemon.warehouses.mysql import settings as mysql_settings
from ktx_daemon.warehouses.postgres import connect as postgres_connect
from ktx_daemon.warehouses.postgres import session as postgres_session
from ktx_daemon.warehouses.postgres import settings as postgres_settings
from tests.conftest import database_url
from tests.daemon import Daemon
from tests.test_execution import connect_mysql

HOSTILE_ROLE = {
    "standard_conforming_strings": "off",
    "backslash_quote": "on",
    "escape_string_warning": "off",
    "transform_null_equals": "on",
    "search_path": "ktx_hostile, pg_catalog",
    "timezone": "'America/New_York'",
    "datestyle": "'German, DMY'",
    "intervalstyle": "'sql_standard'",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "client_encoding": "latin1",
    "xmlbinary": "hex",
    "array_nulls": "off",
    "gin_fuzzy_search_limit": "1",
    "statement_timeout": "1",
    "lock_timeout": "0",
    "default_transaction_read_only": "off",
}
# With the settings above, these would be another statement, function or value.
POSTGRES = [
    (r"SELECT '\'' AS a, ', pg_sleep(9) --' AS b", None),
    (r"SELECT 'a\nb' AS a", "a\\nb"),
    ("SELECT lower('A') AS a", "a"),
    ("SELECT count(*) AS a FROM unqualified", 1),
    ("SELECT 1 IS NULL OR NULL = NULL AS a", None),
    ("SELECT DATE '2024-02-29' AS a", "2024-02-29"),
    ("SELECT DATE '01/02/2024' AS a", "2024-01-02"),
    ("SELECT TIMESTAMPTZ '2024-02-29 12:00:00+00' AS a", "2024-02-29T12:00:00+00:00"),
    ("SELECT CAST(TIMESTAMPTZ '2024-03-01 01:00:00+00' AS date) AS a", "2024-03-01"),
    ("SELECT INTERVAL '-1 day 2 hours' AS a", "P-1DT2H"),
    ("SELECT CAST('\\x00ff41' AS bytea) AS a", "00ff41"),
    ("SELECT CAST(0.1 AS float8) + CAST(0.2 AS float8) AS a", 0.30000000000000004),
    ("SELECT 'größe 😀' AS a", "größe 😀"),
    ("SELECT CAST('{NULL}' AS text[]) AS a", [None]),
    ("SELECT current_setting('standard_conforming_strings') AS a", "on"),
    ("SELECT current_setting('lock_timeout') AS a", "30s"),
    ("SELECT current_setting('idle_in_transaction_session_timeout') AS a", "90s"),
    ("SELECT current_setting('transaction_read_only') AS a", "on"),
    ("SELECT current_setting('search_path') AS a", "pg_catalog, ktx_hostile, pg_catalog"),
]


@pytest.fixture(scope="module")
def hostile_postgres() -> Iterator[str]:
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    with closing(Connection(parts.username, parts.hostname, parts.path[1:], parts.port, parts.password)) as server:
        server.run("DROP SCHEMA IF EXISTS ktx_hostile CASCADE")
        server.run("DROP ROLE IF EXISTS ktx_hostile")
        server.run("CREATE ROLE ktx_hostile LOGIN PASSWORD 'ktx'")
        server.run("CREATE SCHEMA ktx_hostile")
        server.run("CREATE TABLE ktx_hostile.unqualified AS SELECT 1 AS a")
        server.run("CREATE FUNCTION ktx_hostile.lower(text) RETURNS text LANGUAGE sql AS 'SELECT ''hijacked'''")
        server.run("GRANT USAGE ON SCHEMA ktx_hostile TO ktx_hostile")
        server.run("GRANT SELECT ON ktx_hostile.unqualified TO ktx_hostile")
        for name, value in HOSTILE_ROLE.items():
            server.run(f"ALTER ROLE ktx_hostile SET {name} = {value}")
        try:
            yield parts._replace(netloc=f"ktx_hostile:ktx@{parts.hostname}:{parts.port}").geturl()
        finally:
            server.run("DROP SCHEMA ktx_hostile CASCADE")
            server.run("DROP ROLE ktx_hostile")


def execute(daemon: Daemon, driver: str, url: str, sql: str) -> Any:
    request = {"connection_id": "w", "driver": driver, "url": url, "sql": sql}
    return daemon.post("/sql/execute", request).json()


@pytest.mark.parametrize(("sql", "value"), POSTGRES, ids=[sql for sql, _ in POSTGRES])
def test_hostile_defaults_of_a_role_do_not_change_results(
    daemon: Daemon, hostile_postgres: str, sql: str, value: Any
) -> None:
    found = execute(daemon, "postgres", hostile_postgres, sql)
    if sql.startswith(r"SELECT '\''"):
        assert "rows" not in found or found["rows"] == [["\\'", ", pg_sleep(9) --"]]
        return
    assert found.get("rows") == [[value]], found


def test_hostile_defaults_of_a_role_do_not_change_a_scan(daemon: Daemon, hostile_postgres: str) -> None:
    request = {"connection_id": "w", "driver": "postgres", "url": hostile_postgres, "schemas": ["ktx_hostile"]}
    (table,) = daemon.post_ok("/database/introspect", request)["tables"]
    assert (table["name"], table["columns"][0]["name"]) == ("unqualified", "a")


def test_empty_search_path_is_supported(daemon: Daemon) -> None:
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    with closing(Connection(parts.username, parts.hostname, parts.path[1:], parts.port, parts.password)) as server:
        server.run("CREATE ROLE ktx_nowhere LOGIN PASSWORD 'ktx'")
        try:
            server.run("ALTER ROLE ktx_nowhere SET search_path = ''")
            url = parts._replace(netloc=f"ktx_nowhere:ktx@{parts.hostname}:{parts.port}").geturl()
            assert execute(daemon, "postgres", url, "SELECT lower('A') AS a")["rows"] == [["a"]]
        finally:
            server.run("DROP ROLE ktx_nowhere")


MODES = [
    "NO_BACKSLASH_ESCAPES",
    "ANSI_QUOTES",
    "ORACLE",
    "PAD_CHAR_TO_FULL_LENGTH",
    "PIPES_AS_CONCAT",
    "HIGH_NOT_PRECEDENCE",
    "IGNORE_SPACE",
    "REAL_AS_FLOAT",
    "EMPTY_STRING_IS_NULL",
    "ANSI",
]
MYSQL = [
    (r"SELECT '\', sleep(0) -- ' AS a", "', sleep(0) -- "),
    (r'SELECT "\", sleep(0) -- " AS a', '", sleep(0) -- '),
    ('SELECT "a" AS a', "a"),
    ("SELECT NOT 1 BETWEEN -5 AND 5 AS a", 0),
    ("SELECT '' IS NULL AS a", 0),
    ("SELECT CHAR_LENGTH(c) AS a FROM ktx_hostile.t", 1),
    ("SELECT count(*) AS a FROM ktx_hostile.t WHERE id IS NULL", 0),
    ("SELECT CAST(FROM_UNIXTIME(0) AS CHAR) AS a", "1970-01-01 00:00:00"),
    ("SELECT DATE_FORMAT('2024-03-01', '%M') AS a", "March"),
    ("SELECT WEEK('2024-01-07') AS a", 1),
    ("SELECT 1 / 3 AS a", 0.3333),
    ("SELECT CHAR_LENGTH(GROUP_CONCAT(REPEAT('x', 100))) AS a FROM seq_1_to_20", 2019),
    ("SELECT count(*) AS a FROM (SELECT * FROM seq_1_to_9) AS q", 9),
    ("SELECT 'größe 😀' AS a", "größe 😀"),
    ("SELECT @@lock_wait_timeout AS a", 30),
    ("SELECT @@max_statement_time AS a", 30),
    ("SELECT @@tx_read_only AS a", 1),
]


@pytest.fixture(scope="module", params=MODES)
def hostile_mysql(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server whose defaults for new sessions are hostile; `init_connect` runs for users without SUPER."""
    parts = urlsplit(database_url("KTX_TEST_MYSQL_URL"))
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS ktx_hostile")
        cursor.execute("CREATE OR REPLACE TABLE ktx_hostile.t (id int AUTO_INCREMENT PRIMARY KEY, c char(9))")
        cursor.execute("INSERT INTO ktx_hostile.t (c) VALUES ('x')")
        cursor.execute("CREATE OR REPLACE USER ktx_hostile@'%' IDENTIFIED BY 'ktx'")
        cursor.execute("GRANT SELECT ON ktx_hostile.* TO ktx_hostile@'%'")
        settings = {
            "sql_mode": f"'{request.param}'",
            "time_zone": "'-05:00'",
            "sql_select_limit": "1",
            "default_week_format": "5",
            "lc_time_names": "'de_DE'",
            "div_precision_increment": "0",
            "group_concat_max_len": "4",
            "init_connect": "'SET SESSION sql_auto_is_null = 1, character_set_results = latin1'",
        }
        before = {}
        for name in settings:
            cursor.execute(f"SELECT @@GLOBAL.{name}")
            before[name] = cursor.fetchone()[0]
        try:
            for name, value in settings.items():
                cursor.execute(f"SET GLOBAL {name} = {value}")
            yield parts._replace(netloc=f"ktx_hostile:ktx@{parts.hostname}:{parts.port}", path="/ktx_hostile").geturl()
        finally:
            for name, value in before.items():
                cursor.execute(f"SET GLOBAL {name} = %s", (value,))
            cursor.execute("DROP USER ktx_hostile@'%'")
            cursor.execute("DROP DATABASE ktx_hostile")


def test_hostile_defaults_of_a_server_do_not_change_results(daemon: Daemon, hostile_mysql: str) -> None:
    for sql, value in MYSQL:
        found = execute(daemon, "mysql", hostile_mysql, sql)
        assert found.get("rows") == [[value]], (sql, found)


def test_hostile_defaults_of_a_server_do_not_change_a_scan(daemon: Daemon, hostile_mysql: str) -> None:
    request = {"connection_id": "w", "driver": "mysql", "url": hostile_mysql}
    (table,) = daemon.post_ok("/database/introspect", request)["tables"]
    assert [column["name"] for column in table["columns"]] == ["id", "c"]


def test_grouping_mode_of_the_server_is_preserved(daemon: Daemon) -> None:
    """The session keeps the server's strictness."""
    url = database_url("KTX_TEST_MYSQL_URL")
    sql = "SELECT seq, count(*) FROM seq_1_to_3 GROUP BY seq % 2"
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        cursor.execute("SELECT @@GLOBAL.sql_mode")
        before = cursor.fetchone()[0]
        try:
            cursor.execute("SET GLOBAL sql_mode = 'ANSI_QUOTES,ONLY_FULL_GROUP_BY'")
            assert execute(daemon, "mysql", url, sql)["code"] == "query_failed"
            cursor.execute("SET GLOBAL sql_mode = 'ANSI_QUOTES'")
            assert "rows" in execute(daemon, "mysql", url, sql)
        finally:
            cursor.execute("SET GLOBAL sql_mode = %s", (before,))


def test_mysql_compatible_server_with_fewer_variables_is_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = mysql_settings.session_settings(is_mariadb=True, seconds=30)
    monkeypatch.setattr(mysql, "session_settings", lambda *_: {**settings, "ktx_unknown": 1})
    target = Target.from_request(IntrospectDatabase("w", "mysql", database_url("KTX_TEST_MYSQL_URL"), ["mysql"]))
    with mysql.open_session(parse_server_url(target.url, ("mysql",)), target) as session:
        ((zone, mode, timeout),) = session.query("SELECT @@time_zone, @@sql_mode, @@max_statement_time")
    assert (zone, "ANSI_QUOTES" in mode, timeout) == ("+00:00", False, 30)


def test_postgres_compatible_server_with_fewer_settings_is_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_session, "OPTIONAL", ("SET ktx_unknown = 1", *postgres_settings.OPTIONAL))
    target = Target.from_request(IntrospectDatabase("w", "postgres", database_url("KTX_TEST_POSTGRES_URL")))
    with postgres_connect.open_session(parse_server_url(target.url, ("postgresql",)), target) as session:
        names = ("TimeZone", "standard_conforming_strings", "statement_timeout", "transaction_read_only")
        found = [session.query(f"SELECT current_setting('{name}')")[0][0] for name in names]
    assert found == ["UTC", "on", "30s", "on"]
