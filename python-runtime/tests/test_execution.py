"""Queries on each database: results, rejected statements and side effects."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pymysql
import pytest
from pg8000.native import Connection

from tests.conftest import database_url
from tests.daemon import Daemon, run_command
from tests.introspection import find_closed_port, silent_server

PATH = "/sql/execute"
TABLE = "ktx_executed"
ROWS = 2500


@dataclass
class SampleDatabase:
    """A database with a table of 2,500 rows: `id` from 1, and `name`, which is null for the first."""

    driver: str
    url: str
    read: Any

    def rows(self) -> int:
        return int(self.read(f"SELECT count(*) FROM {TABLE}"))


def _create_sqlite(folder: Path) -> Iterator[SampleDatabase]:
    path = folder / "shop größe.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany(f"INSERT INTO {TABLE} VALUES (?, ?)", _data())
        connection.commit()
        yield SampleDatabase("sqlite", str(path), lambda sql: connection.execute(sql).fetchone()[0])


def _create_duckdb(folder: Path) -> Iterator[SampleDatabase]:
    path = folder / "shop größe.duckdb"

    def query(sql: str) -> Any:
        with closing(duckdb.connect(str(path), read_only=True)) as connection:
            return connection.execute(sql).fetchone()[0]  # type: ignore[index]

    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(f"CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY, name VARCHAR)")
        connection.execute(f"INSERT INTO {TABLE} SELECT n, CASE WHEN n > 1 THEN 'n' || n END FROM range(1, 2501) t(n)")
    yield SampleDatabase("duckdb", f"duckdb:///{path}", query)


def _create_parquet(folder: Path) -> Iterator[SampleDatabase]:
    yield _create_file(folder / "größe" / f"{TABLE}.parquet", "files")


def _create_csv(folder: Path) -> Iterator[SampleDatabase]:
    yield _create_file(folder / "größe" / f"{TABLE}.csv.gz", "files")


def _create_file(path: Path, driver: str) -> SampleDatabase:
    """Write a file into a folder of its own, which is the database."""
    path.parent.mkdir()
    rows = "SELECT n AS id, CASE WHEN n > 1 THEN 'n' || n END AS name FROM range(1, 2501) t(n)"
    duckdb.connect().execute(f"COPY ({rows}) TO '{path}'")
    return SampleDatabase(driver, str(path.parent), lambda sql: _query_file(path, sql))


def _query_file(path: Path, sql: str) -> Any:
    return duckdb.connect().execute(sql.replace(TABLE, f"'{path}'")).fetchone()[0]  # type: ignore[index]


def _create_postgres(_: Path) -> Iterator[SampleDatabase]:
    url = database_url("KTX_TEST_POSTGRES_URL")
    parts = urlsplit(url)
    database = parts.path.removeprefix("/") or parts.username
    with closing(Connection(parts.username, parts.hostname, database, parts.port, parts.password)) as server:
        server.run(f"DROP TABLE IF EXISTS {TABLE}")
        server.run(f"CREATE TABLE {TABLE} (id int PRIMARY KEY, name text)")
        server.run(
            f"INSERT INTO {TABLE} SELECT n, CASE WHEN n > 1 THEN 'n' || n END FROM generate_series(1, {ROWS}) AS n"
        )
        try:
            yield SampleDatabase("postgres", url, lambda sql: server.run(sql)[0][0])
        finally:
            server.run(f"DROP TABLE {TABLE}")


def connect_mysql() -> Any:
    """Return a session of the superuser."""
    parts = urlsplit(database_url("KTX_TEST_MYSQL_URL"))
    return pymysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password or "", autocommit=True
    )


def _create_mysql(_: Path) -> Iterator[SampleDatabase]:
    parts = urlsplit(database_url("KTX_TEST_MYSQL_URL"))
    server = connect_mysql()

    def query(sql: str) -> Any:
        with server.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]  # type: ignore[index]

    with closing(server), server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {TABLE}")
        cursor.execute(f"USE {TABLE}")
        cursor.execute(f"CREATE OR REPLACE TABLE {TABLE} (id int PRIMARY KEY, name varchar(20))")
        cursor.executemany(f"INSERT INTO {TABLE} VALUES (%s, %s)", _data())
        try:
            yield SampleDatabase("mysql", parts._replace(path=f"/{TABLE}").geturl(), query)
        finally:
            cursor.execute(f"DROP DATABASE {TABLE}")


def _data() -> list[tuple[int, str | None]]:
    return [(number, f"n{number}" if number > 1 else None) for number in range(1, ROWS + 1)]


FACTORIES = {
    "sqlite": _create_sqlite,
    "duckdb": _create_duckdb,
    "parquet": _create_parquet,
    "csv": _create_csv,
    "postgres": _create_postgres,
    "mysql": _create_mysql,
}


@pytest.fixture(scope="module", params=FACTORIES)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleDatabase]:
    yield from FACTORIES[request.param](tmp_path_factory.mktemp(request.param))


def request_body(database: SampleDatabase, sql: str, **options: Any) -> dict[str, Any]:
    return {"connection_id": "warehouse", "driver": database.driver, "url": database.url, "sql": sql, **options}


def execute(daemon: Daemon, database: SampleDatabase, sql: str, **options: Any) -> Any:
    return daemon.post_ok(PATH, request_body(database, sql, **options))


def query_value(daemon: Daemon, database: SampleDatabase, expression: str) -> Any:
    ((found,),) = execute(daemon, database, f"SELECT {expression} AS x")["rows"]
    return found


def test_rows_columns_and_truncation_are_returned(daemon: Daemon, database: SampleDatabase) -> None:
    found = execute(daemon, database, f"SELECT id, name FROM {TABLE} ORDER BY id", max_rows=3)
    assert [column["name"] for column in found["columns"]] == ["id", "name"]
    assert all(isinstance(column["type"], str) for column in found["columns"])
    assert (found["rows"], found["row_count"], found["truncated"]) == ([[1, None], [2, "n2"], [3, "n3"]], 3, True)


def test_result_of_exactly_the_limit_is_complete(daemon: Daemon, database: SampleDatabase) -> None:
    found = execute(daemon, database, f"SELECT id FROM {TABLE} WHERE id <= 3;", max_rows=3)
    assert (found["row_count"], found["truncated"]) == (3, False)
    found = execute(daemon, database, f"SELECT id FROM {TABLE}")
    assert (found["row_count"], len(found["rows"]), found["truncated"]) == (1000, 1000, True)
    found = execute(daemon, database, f"SELECT id FROM {TABLE} WHERE id < 0")
    assert (found["rows"], len(found["columns"]), found["truncated"]) == ([], 1, False)


def test_huge_result_is_not_fetched(daemon: Daemon, database: SampleDatabase) -> None:
    join = f"{TABLE} AS a CROSS JOIN {TABLE} AS b CROSS JOIN {TABLE} AS c"
    found = execute(daemon, database, f"SELECT a.id FROM {join} LIMIT 9000000000", max_rows=5)
    assert (found["row_count"], found["truncated"]) == (5, True)


def test_placeholder_characters_in_a_literal_are_preserved(daemon: Daemon, database: SampleDatabase) -> None:
    found = execute(daemon, database, "SELECT 'größe: 100% :x ? $1' AS a, 2 AS a -- the end")
    assert found["rows"] == [["größe: 100% :x ? $1", 2]]
    assert [column["name"] for column in found["columns"]] == ["a", "a"]


def test_values_are_converted_without_loss(daemon: Daemon, database: SampleDatabase) -> None:
    decimal = "CAST({} AS DECIMAL(30, 4))"
    if database.driver != "sqlite":
        assert query_value(daemon, database, decimal.format("'12.50'")) == 12.5
        assert (
            query_value(daemon, database, decimal.format("'12345678901234567890.1234'")) == "12345678901234567890.1234"
        )
        assert query_value(daemon, database, decimal.format("7")) == 7
        assert query_value(daemon, database, "DATE '2024-02-29'") == "2024-02-29"
        assert query_value(daemon, database, "TIMESTAMP '2024-02-29 12:30:00'") == "2024-02-29T12:30:00"
    assert query_value(daemon, database, "9007199254740991") == 9007199254740991
    assert query_value(daemon, database, "9007199254740993") == "9007199254740993"
    assert query_value(daemon, database, "NULL") is None


BYTES = {"postgres": r"'\x00ff'::bytea", "mysql": "X'00ff'", "sqlite": "X'00ff'", "duckdb": r"'\x00\xff'::BLOB"}
BYTES["files"] = BYTES["duckdb"]
NO_NUMBER = {"postgres": "'NaN'::float8", "duckdb": "'infinity'::DOUBLE", "sqlite": "9e999", "mysql": "'Infinity'"}
NO_NUMBER["files"] = NO_NUMBER["duckdb"]


def test_bytes_infinities_and_nan_are_converted_to_text(daemon: Daemon, database: SampleDatabase) -> None:
    assert query_value(daemon, database, BYTES[database.driver]) == "00ff"
    assert query_value(daemon, database, NO_NUMBER[database.driver]) == (
        "NaN" if database.driver == "postgres" else "Infinity"
    )


@pytest.mark.parametrize(
    "sql",
    [
        f"DELETE FROM {TABLE}",
        f"DROP TABLE {TABLE}",
        f"SELECT 1; DELETE FROM {TABLE}",
        f"INSERT INTO {TABLE} (id) VALUES (-1)",
        f"WITH gone AS (DELETE FROM {TABLE} RETURNING id) SELECT * FROM gone",
        "PRAGMA query_only = 0",
        "not sql at all (",
        "",
    ],
)
def test_statement_that_is_not_read_only_is_rejected_before_it_runs(
    daemon: Daemon, database: SampleDatabase, sql: str
) -> None:
    assert daemon.post_rejected(PATH, request_body(database, sql), "not_read_only")
    assert database.rows() == ROWS


def test_session_is_read_only(daemon: Daemon) -> None:
    """Functions that write pass the check and are stopped by the read-only session."""
    for made in _create_postgres(Path()):
        _define_function_that_deletes(made)
        sentence = daemon.post_rejected(PATH, request_body(made, "SELECT ktx_harmless()"), "query_failed")
        assert "read-only transaction" in sentence
        assert made.rows() == ROWS


def _define_function_that_deletes(made: SampleDatabase) -> None:
    parts = urlsplit(made.url)
    database = parts.path.removeprefix("/") or parts.username
    with closing(Connection(parts.username, parts.hostname, database, parts.port, parts.password)) as server:
        server.run(
            "CREATE OR REPLACE FUNCTION ktx_harmless() RETURNS bigint LANGUAGE sql "
            f"AS 'WITH gone AS (DELETE FROM {TABLE} RETURNING 1) SELECT count(*) FROM gone'"
        )


@pytest.mark.parametrize("create", [_create_sqlite, _create_duckdb])
def test_error_of_a_statement_names_the_file_without_its_folder(daemon: Daemon, tmp_path: Path, create: Any) -> None:
    for made in create(tmp_path):
        sentence = daemon.post_rejected(PATH, request_body(made, "SELECT * FROM nowhere"), "query_failed")
        assert "shop größe." in sentence
        assert "nowhere" in sentence
        assert str(tmp_path) not in sentence


def test_duckdb_reads_no_other_file(daemon: Daemon, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\nhunter2\n")
    for made in _create_duckdb(tmp_path):
        with closing(duckdb.connect(made.url.removeprefix("duckdb:///"))) as connection:
            connection.execute(f"CREATE VIEW leak AS SELECT * FROM read_csv('{secret}')")
        assert "hunter2" not in daemon.post_rejected(PATH, request_body(made, "SELECT * FROM leak"), "query_failed")
        daemon.post_rejected(PATH, request_body(made, f"SELECT * FROM '{secret}'"), "not_read_only")


def test_duckdb_returns_times_with_a_zone(daemon: Daemon, tmp_path: Path) -> None:
    """The driver requires pytz for them, which shows only when a result has one."""
    for made in _create_duckdb(tmp_path):
        ((found,),) = execute(daemon, made, "SELECT TIMESTAMPTZ '2024-01-31 23:30:00+01'")["rows"]
        assert datetime.datetime.fromisoformat(found) == datetime.datetime(
            2024, 1, 31, 22, 30, tzinfo=datetime.timezone.utc
        )


def test_other_dialect_does_not_bypass_the_check(daemon: Daemon, database: SampleDatabase) -> None:
    """MySQL executes a comment that PostgreSQL ignores."""
    sql = "SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */"
    if database.driver == "mysql":
        daemon.post_rejected(PATH, request_body(database, sql, dialect="postgres"), "not_read_only")
    else:
        assert execute(daemon, database, sql, dialect="postgres")["rows"] == [[1]]


def test_error_of_the_database_is_returned(daemon: Daemon, database: SampleDatabase) -> None:
    sentence = daemon.post_rejected(PATH, request_body(database, f"SELECT nmae FROM {TABLE}"), "query_failed")
    assert "nmae" in sentence
    assert daemon.post_rejected(PATH, request_body(database, "SELECT 1", max_rows=0), "invalid_value")
    assert daemon.post_rejected(PATH, request_body(database, "SELECT 1", dialect="klingon"), "unsupported_dialect")


def test_statement_timeout_ends_the_query(daemon: Daemon, database: SampleDatabase) -> None:
    join = " CROSS JOIN ".join(f"{TABLE} AS t{number}" for number in range(4))
    sql = f"SELECT sum(t0.id * t1.id + t2.id * t3.id) FROM {join}"
    sentence = daemon.post_rejected(PATH, request_body(database, sql, statement_timeout_ms=200), "statement_timeout")
    assert "0.2 s" in sentence


def test_password_is_never_shown(daemon: Daemon) -> None:
    url = f"postgres://reader:hunter2@127.0.0.1:{find_closed_port()}/shop"
    request = {"connection_id": "c", "driver": "postgres", "url": url, "sql": "SELECT 1"}
    assert "hunter2" not in daemon.post_rejected(PATH, request, "connection_failed")
    with silent_server() as port:
        request |= {"url": f"mysql://reader:hunter2@127.0.0.1:{port}/shop", "driver": "mysql"}
        request |= {"connection_timeout_seconds": 0.2}
        assert "hunter2" not in daemon.post_rejected(PATH, request, "connection_timeout")
    assert "hunter2" not in daemon.log.read_text()


def test_unknown_driver_and_invalid_request_are_rejected(daemon: Daemon) -> None:
    request = {"connection_id": "c", "driver": "oracle", "url": "oracle://h", "sql": "SELECT 1"}
    assert "sqlite" in daemon.post_rejected(PATH, request, "unknown_driver")
    assert "max_rows" in daemon.post_rejected(PATH, {**request, "max_rows": "many"}, "invalid_request", 422)


def test_other_drivers_run_queries_through_sqlalchemy(daemon: Daemon, tmp_path: Path) -> None:
    for database in _create_sqlite(tmp_path):
        request = {"connection_id": "c", "driver": "pysqlite", "url": f"sqlite+pysqlite:///{database.url}"}
        sql = f"SELECT id, name, '100 %s' AS percent FROM {TABLE} ORDER BY id"
        answer = daemon.post_ok(PATH, {**request, "sql": sql, "max_rows": 2})
        assert [column["name"] for column in answer["columns"]] == ["id", "name", "percent"]
        assert (answer["rows"], answer["truncated_by"]) == ([[1, None, "100 %s"], [2, "n2", "100 %s"]], "rows")
        # The scheme of the URL decides which rules apply, not the dialect that the caller names.
        for wrong in ("DELETE FROM shop", "PRAGMA user_version = 1", "SELECT load_extension('x')"):
            daemon.post_rejected(PATH, {**request, "sql": wrong, "dialect": "mysql"}, "not_read_only")
        assert "no such table" in daemon.post_rejected(
            PATH, {**request, "sql": "SELECT 1 FROM nowhere"}, "query_failed"
        )
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        daemon.post_rejected(PATH, {**request, "sql": endless, "statement_timeout_ms": 100}, "statement_timeout")
        assert database.rows() == ROWS


def test_command_has_the_response_of_the_endpoint(daemon: Daemon, tmp_path: Path) -> None:
    for made in _create_sqlite(tmp_path):
        request = request_body(made, f"SELECT * FROM {TABLE} ORDER BY id", max_rows=2)
        result = run_command("sql-execute", stdin=json.dumps(request).encode())
        assert (result.returncode, result.stderr) == (0, b"")
        assert json.loads(result.stdout) == daemon.post_ok(PATH, request)
