"""The read-only check on real databases: ordinary queries, and former bypasses of the check."""

from __future__ import annotations

import datetime
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pymysql
import pytest
from pg8000.native import Connection

from ktx_daemon.sql.read_only import NotReadOnlyError, check_read_only
from tests.conftest import database_url
from tests.daemon import Daemon
from tests.read_only.ordinary import ORDINARY

Run = Callable[[str], Any]
# White space that the database does not accept: the original text is an error, the rewritten text is not.
FOREIGN_SPACE = ("\u00a0", "\u2003", "\u3000", "\ufeff", "\x0b", "\x0c")


def postgres() -> Connection:
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    return Connection(parts.username, parts.hostname, parts.path[1:], parts.port, parts.password)


def mysql() -> pymysql.Connection:
    parts = urlsplit(database_url("KTX_TEST_MYSQL_URL"))
    return pymysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password or "", autocommit=True
    )


@pytest.fixture(scope="module")
def run() -> Iterator[dict[str, Run]]:
    """Functions that run a text unchanged, by driver."""
    with closing(postgres()) as one, closing(mysql()) as two, closing(sqlite3.connect(":memory:")) as three:
        two_cursor = two.cursor()

        def run_mysql(sql: str) -> Any:
            two_cursor.execute(sql)
            return two_cursor.fetchall()

        yield {
            "postgres": lambda sql: one.execute_unnamed(sql).rows,
            "mysql": run_mysql,
            "sqlite": lambda sql: three.execute(sql).fetchall(),
            "duckdb": lambda sql: str(duckdb.execute(sql).fetchall()),
        }


@pytest.mark.parametrize(("driver", "sql"), ORDINARY)
def test_rewriting_does_not_change_results(run: dict[str, Run], driver: str, sql: str) -> None:
    sent = check_read_only(sql, driver)
    found = run[driver](sent)
    try:
        written = run[driver](sql)
    except Exception:
        assert any(space in sql for space in FOREIGN_SPACE), sql
    else:
        assert found == written, sent


class Attempt:
    """Sends statements to `/sql/execute`, as a user with every right that a server has."""

    def __init__(self, daemon: Daemon, driver: str, url: str) -> None:
        self._daemon = daemon
        self._request = {"connection_id": "c", "driver": driver, "url": url, "statement_timeout_ms": 20_000}

    def run(self, sql: str, dialect: str | None = None) -> int:
        """Return the status of the response."""
        request = self._request | {"sql": sql} | ({"dialect": dialect} if dialect else {})
        answer = self._daemon.post("/sql/execute", request)
        assert answer.status in (200, 400), (sql, answer.body)
        return answer.status


@pytest.fixture
def mariadb(daemon: Daemon) -> Attempt:
    return Attempt(daemon, "mysql", database_url("KTX_TEST_MYSQL_URL"))


@pytest.fixture
def postgresql(daemon: Daemon) -> Attempt:
    return Attempt(daemon, "postgres", database_url("KTX_TEST_POSTGRES_URL"))


# `EFFECT` is what a server must not come to see.
HIDDEN_IN_MYSQL = (
    "SELECT 1 -- /*\n /*! EFFECT */",
    "SELECT 1 # /*\n /*! EFFECT */",
    "SELECT 1 -- /*\n /*M! EFFECT */",
    "SELECT 1 # '/*\n /*!50000 EFFECT */ -- '",
    "SELECT 1 /*! EFFECT */",
    "SELECT 1 /*M!100100 EFFECT */",
    "SELECT 1 + {#\n d '2020-01-01'} EFFECT #} 2",
    "SELECT 1 + {#\n t '10:00:00'} EFFECT #} 2",
    "SELECT 1 #> '\n EFFECT -- ' AS x",
    "SELECT 1 #>> '\n EFFECT -- ' AS x",
    "SELECT 1 --\u00a0+ 1 '\n EFFECT -- '",
    "SELECT 1 -- \r EFFECT",
    "SELECT 1 EFFECT",
    "SELECT '\\' EFFECT -- '",
    'SELECT "\\" EFFECT -- "',
    "SELECT `\\` EFFECT -- `",
    "SELECT 1\x00 EFFECT",
    "SELECT 1 {% EFFECT %}",
    "SELECT/*+ x */ 1 /*+ */ EFFECT",
)


@pytest.mark.parametrize("dialect", [None, "postgres", "mariadb", "sqlite", "bigquery", "doris"])
@pytest.mark.parametrize("text", HIDDEN_IN_MYSQL)
def test_mariadb_writes_no_file_and_takes_no_lock(mariadb: Attempt, text: str, dialect: str | None) -> None:
    """With the privilege FILE, `SELECT 1 -- /*` and `/*! INTO OUTFILE … */` on the next line wrote a file."""
    path = Path("/tmp") / f"ktx-{uuid.uuid4().hex}"
    mariadb.run(text.replace("EFFECT", f"INTO OUTFILE '{path}'"), dialect)
    mariadb.run(text.replace("EFFECT", f"INTO DUMPFILE '{path}'"), dialect)
    assert not path.exists()
    started = datetime.datetime.now(datetime.timezone.utc)
    mariadb.run(text.replace("EFFECT", ", sleep(15)"), dialect)
    assert (datetime.datetime.now(datetime.timezone.utc) - started).total_seconds() < 15


def test_server_would_write_a_file_without_the_check() -> None:
    """Otherwise the test above would show nothing."""
    path = Path("/tmp") / f"ktx-{uuid.uuid4().hex}"
    with closing(mysql()) as server, server.cursor() as cursor:
        cursor.execute(HIDDEN_IN_MYSQL[0].replace("EFFECT", f"INTO OUTFILE '{path}'"))
    assert path.exists()
    with suppress(PermissionError):
        path.unlink()


HIDDEN_IN_POSTGRES = (
    "SELECT E'a'\n'\\' AS x, ' , EFFECT --'",
    "SELECT E'a' -- c\n'b'\n'\\' AS x, ' , EFFECT --'",
    "SELECT $$5$ $$, EFFECT, $$5$ $$",
    "SELECT $a$5$ $a$, EFFECT, $a$5$ $a$",
    "SELECT 1 + {#\n 1, EFFECT #} 2",
    "SELECT 1 /* /* */ , EFFECT -- */ */",
    "SELECT '\\' , EFFECT --'",
    "SELECT U&\"nextva\\006C\"('ktx_counter')",
    "SELECT 1, EFFECT",
    "SELECT 1 GROUP BY$a$, EFFECT $a$",
    "SELECT 1 -- \r , EFFECT",
    "SELECT pg_catalog . \"nextval\" ('ktx_counter')",
    "SELECT query_to_xml('select EFFECT', true, true, '')",
    "SELECT ('ktx_counter'::regclass).nextval",
    "SELECT name.nextval FROM unnest(ARRAY['ktx_counter'::regclass]) AS name",
    "SELECT (15::float8).pg_sleep",
    "SELECT * FROM crosstab2('select ''a'', ''b'', EFFECT::text')",
)


@pytest.fixture
def counter() -> Iterator[Callable[[], bool]]:
    """Yields a function that returns whether a sequence was advanced; a READ ONLY transaction would reject that."""
    with closing(postgres()) as server:
        server.run("DROP SEQUENCE IF EXISTS ktx_counter")
        server.run("CREATE SEQUENCE ktx_counter")
        yield lambda: bool(server.run("SELECT is_called FROM ktx_counter")[0][0])
        server.run("DROP SEQUENCE ktx_counter")


@pytest.mark.parametrize("dialect", [None, "redshift", "mysql", "duckdb", "bigquery"])
@pytest.mark.parametrize("text", HIDDEN_IN_POSTGRES)
def test_postgresql_runs_no_hidden_statement(
    daemon: Daemon, postgresql: Attempt, counter: Callable[[], bool], text: str, dialect: str | None
) -> None:
    log = daemon.log.stat().st_size
    started = datetime.datetime.now(datetime.timezone.utc)
    postgresql.run(text.replace("EFFECT", "pg_sleep(15)"), dialect)
    assert (datetime.datetime.now(datetime.timezone.utc) - started).total_seconds() < 15
    postgresql.run(text.replace("EFFECT", "nextval('ktx_counter')"), dialect)
    assert not counter()
    assert "Traceback" not in daemon.log.read_bytes()[log:].decode()


@pytest.fixture
def surgery() -> Iterator[Connection]:
    """Yields a database with extensions that write in READ ONLY transactions, and a table of 100 rows."""
    with closing(postgres()) as server:
        for name in ("pg_surgery", "pg_visibility", "pg_prewarm", "amcheck", "tablefunc", "dblink"):
            server.run(f"CREATE EXTENSION IF NOT EXISTS {name}")
        server.run("DROP TABLE IF EXISTS ktx_rows")
        server.run("CREATE TABLE ktx_rows AS SELECT n FROM generate_series(1, 100) AS n")
        server.run("CREATE INDEX ktx_rows_n ON ktx_rows (n)")
        yield server
        server.run("DROP TABLE ktx_rows")


def test_functions_that_write_in_a_read_only_transaction_are_rejected(postgresql: Attempt, surgery: Connection) -> None:
    """`heap_force_kill` deletes rows permanently, even in a READ ONLY transaction of a superuser."""
    for sql in (
        "SELECT heap_force_kill('ktx_rows'::regclass, ARRAY['(0,1)']::tid[])",
        "SELECT public.heap_force_kill('ktx_rows', ARRAY['(0,2)']::tid[])",
        "SELECT \"heap_force_kill\"('ktx_rows', ARRAY['(0,3)']::tid[]) FROM ktx_rows",
        "SELECT heap_force_freeze('ktx_rows'::regclass, ARRAY['(0,1)']::tid[])",
        "SELECT pg_truncate_visibility_map('ktx_rows')",
        "SELECT autoprewarm_dump_now()",
        "SELECT bt_index_parent_check('ktx_rows_n')",
        "SELECT dblink_exec('', 'DELETE FROM ktx_rows')",
        "SELECT lo_create(0)",
    ):
        assert postgresql.run(sql) == 400
    assert surgery.run("SELECT count(*) FROM ktx_rows") == [[100]]


def test_every_volatile_function_of_postgresql_has_a_verdict(surgery: Connection) -> None:
    """Functions of new releases and extensions have to be reviewed."""
    rows = surgery.run(
        "SELECT DISTINCT proname FROM pg_proc WHERE prokind = 'f' AND provolatile = 'v'"
        " AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND proname LIKE 'pg\\_%'"
    )
    reading = [name for (name,) in rows if _is_accepted(f"SELECT {name}()")]
    assert [name for name in reading if SUSPICIOUS_NAME.search(name) and name not in REVIEWED_FUNCTIONS] == []


SUSPICIOUS_NAME = re.compile(
    "write|truncate|terminate|cancel|reload|rotate|switch|create|drop|copy|advance|promote|reset|lock|sleep|evict|set"
)
REVIEWED_FUNCTIONS = {
    "pg_blocking_pids",
    "pg_lock_status",
    "pg_safe_snapshot_blocking_pids",
    "pg_settings_get_flags",
    "pg_show_all_file_settings",
    "pg_stat_get_bgwriter_stat_reset_time",
    "pg_stat_get_blocks_hit",
    "pg_stat_get_xact_blocks_fetched",
    "pg_stat_get_xact_blocks_hit",
}


def _is_accepted(sql: str) -> bool:
    try:
        check_read_only(sql, "postgres")
    except NotReadOnlyError:
        return False
    return True


def test_duckdb_and_sqlite_run_queries_and_reject_file_access(daemon: Daemon, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\nhunter2\n")
    with closing(duckdb.connect(str(tmp_path / "a.duckdb"))) as made:
        made.execute("CREATE TABLE t AS SELECT 1 AS a, 2 AS b")
        made.execute("CREATE SEQUENCE s")
    with closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE t (a, b)")
    duck = Attempt(daemon, "duckdb", str(tmp_path / "a.duckdb"))
    for sql in (
        "PIVOT t ON a USING sum(b)",
        "UNPIVOT t ON a, b INTO NAME n VALUE v",
        "DESCRIBE t",
        "SUMMARIZE t",
        "SHOW TABLES",
        "SHOW t",
        "FROM t",
    ):
        assert duck.run(sql) == 200, sql
    for sql in (
        f"SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''{secret}'')'))",
        f"SUMMARIZE '{secret}'",
        f"PIVOT '{secret}' ON a USING count(*)",
        "DESCRIBE SELECT nextval('s')",
        "SHOW TABLES; DROP TABLE t",
    ):
        assert duck.run(sql) == 400, sql
    lite = Attempt(daemon, "sqlite", str(tmp_path / "a.db"))
    assert lite.run("SELECT 1 -- a\n + 1 /* b */") == 200
    assert lite.run("SELECT load_extension('x')") == 400
    assert lite.run("SELECT 1 {# x #}") == 400


def test_text_that_the_dialect_reads_differently_is_rejected(postgresql: Attempt, mariadb: Attempt) -> None:
    assert postgresql.run("SELECT 1 # 2", "postgres") == 200
    assert mariadb.run("SELECT 1 # 2") == 200
    assert mariadb.run("SELECT 1 # 2", "postgres") == 400
    assert postgresql.run("SELECT '\\', 1, '", "redshift") == 400
    assert postgresql.run("SELECT 'a', 1::int -- x", "redshift") == 200
    assert mariadb.run("SELECT 'a' -- x", "mariadb") == 200
