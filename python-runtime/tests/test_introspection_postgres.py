"""Introspection of a real PostgreSQL server."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from pg8000.native import Connection, identifier

from ktx_daemon.warehouses import registry
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.postgres import introspect as postgres
from tests.conftest import database_url
from tests.daemon import Daemon, error_detail
from tests.introspection import (
    column_values,
    disconnecting_proxy,
    find_closed_port,
    foreign_key_values,
    introspect,
    introspect_rejected,
    silent_server,
    tables_by_name,
)

PASSWORD = "pässword/@:%"

SCHEMA = """
    CREATE SCHEMA web;
    CREATE SCHEMA "Größe & Co";
    CREATE TYPE web.mood AS ENUM ('ok', 'bad');
    CREATE DOMAIN web.positive AS int NOT NULL CHECK (VALUE > 0);
    CREATE TABLE customers (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name varchar(40) NOT NULL,
        referrer bigint CONSTRAINT referred REFERENCES customers,
        dropped int,
        mood web.mood,
        level web.positive
    );
    ALTER TABLE customers DROP COLUMN dropped;
    COMMENT ON TABLE customers IS 'Who buys; größe "x"';
    COMMENT ON COLUMN customers.name IS 'As on the invoice';
    CREATE TABLE web.lines (a int, b int, c numeric(10, 2)[], note text, PRIMARY KEY (b, a) INCLUDE (note));
    CREATE TABLE "Größe & Co"."Order Items" (
        "line no" int, y int, x int,
        CONSTRAINT composite FOREIGN KEY (x, y) REFERENCES web.lines (b, a),
        CONSTRAINT again FOREIGN KEY (y) REFERENCES customers
    );
    CREATE VIEW web.big AS SELECT id, name FROM customers;
    COMMENT ON VIEW web.big IS 'Big ones';
    CREATE MATERIALIZED VIEW web.summary AS SELECT count(*) AS n FROM customers;
    CREATE TABLE events (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE clicks (id int, event_id int, day date, FOREIGN KEY (event_id, day) REFERENCES events);
    CREATE TABLE counted (id int);
    INSERT INTO counted SELECT generate_series(1, 1234);
    INSERT INTO events VALUES (1, '2024-05-05'), (2, '2025-05-05'), (3, '2025-05-06');
    ANALYZE counted;
    ANALYZE events_2024;
    ANALYZE events_2025;
"""


@dataclass
class Database:
    """A database and a user with read privileges."""

    admin: str
    name: str
    user: str

    def url(
        self, *, user: str = "", password: str = PASSWORD, port: int | None = None, name: str = "", options: str = ""
    ) -> str:
        parts = urlsplit(self.admin)
        userinfo = f"{quote(user or self.user, safe='')}:{quote(password, safe='')}"
        netloc = f"{userinfo}@{parts.hostname}:{port or parts.port}"
        return urlunsplit(("postgresql", netloc, f"/{quote(name or self.name)}", options, ""))

    def connect(self, name: str) -> Connection:
        parts = urlsplit(self.admin)
        return Connection(parts.username, parts.hostname, name, parts.port, parts.password)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    suffix = secrets.token_hex(4)
    made = Database(database_url("KTX_TEST_POSTGRES_URL"), f"Shop größe {suffix}", f"Reader ü {suffix}")
    name, user = identifier(made.name), identifier(made.user)
    with closing(made.connect("postgres")) as server:
        server.run(f"CREATE DATABASE {name}")
        server.run(f"CREATE USER {user} PASSWORD '{PASSWORD}'")
        try:
            with closing(made.connect(made.name)) as connection:
                for statement in filter(str.strip, SCHEMA.split(";\n")):
                    connection.run(statement)
            yield made
        finally:
            server.run(f"DROP DATABASE {name} WITH (FORCE)")
            server.run(f"DROP USER {user}")


def test_all_schemas_by_default(daemon: Daemon, database: Database) -> None:
    found = introspect(daemon, "postgres", database.url())
    assert found["metadata"].pop("limitations")[0].startswith("PostgreSQL does not record")
    assert found["metadata"] == {"driver": "postgres", "schemas": ["Größe & Co", "public", "web"]}
    assert {(table["catalog"]) for table in found["tables"]} == {database.name}
    assert [(table["db"], table["name"], table["kind"]) for table in found["tables"]] == [
        ("Größe & Co", "Order Items", "table"),
        ("public", "clicks", "table"),
        ("public", "counted", "table"),
        ("public", "customers", "table"),
        ("public", "events", "table"),
        ("web", "big", "view"),
        ("web", "lines", "table"),
        ("web", "summary", "view"),
    ]


def test_columns_comments_and_keys_are_read(daemon: Daemon, database: Database) -> None:
    tables = tables_by_name(introspect(daemon, "postgres", database.url()))
    assert tables["customers"]["comment"] == 'Who buys; größe "x"'
    assert tables["big"]["comment"] == "Big ones"
    assert column_values(tables["customers"]) == [
        ("id", "bigint", False, True, None),
        ("name", "character varying(40)", False, False, "As on the invoice"),
        ("referrer", "bigint", True, False, None),
        ("mood", "web.mood", True, False, None),
        ("level", "web.positive", False, False, None),
    ]
    assert column_values(tables["lines"]) == [
        ("a", "integer", False, True, None),
        ("b", "integer", False, True, None),
        ("c", "numeric(10,2)[]", True, False, None),
        ("note", "text", True, False, None),
    ]


def test_foreign_keys_are_read(daemon: Daemon, database: Database) -> None:
    tables = tables_by_name(introspect(daemon, "postgresql", database.url()))
    assert foreign_key_values(tables["customers"]) == [("referrer", "public", "customers", "id", "referred")]
    assert foreign_key_values(tables["Order Items"]) == [
        ("y", "public", "customers", "id", "again"),
        ("x", "web", "lines", "b", "composite"),
        ("y", "web", "lines", "a", "composite"),
    ]


def test_partitioned_tables_are_one_table(daemon: Daemon, database: Database) -> None:
    tables = tables_by_name(introspect(daemon, "postgres", database.url()))
    assert [column["primary_key"] for column in tables["events"]["columns"]] == [True, True]
    assert foreign_key_values(tables["clicks"]) == [
        ("event_id", "public", "events", "id", "clicks_event_id_day_fkey"),
        ("day", "public", "events", "day", "clicks_event_id_day_fkey"),
    ]


def test_row_estimates_are_read(daemon: Daemon, database: Database) -> None:
    tables = tables_by_name(introspect(daemon, "postgres", database.url()))
    rows = {name: table["estimated_rows"] for name, table in tables.items()}
    assert rows["counted"] == 1234
    assert rows["events"] == 3
    assert rows["clicks"] is None
    assert rows["big"] is None


def test_only_requested_schemas_are_read(daemon: Daemon, database: Database) -> None:
    found = introspect(daemon, "postgres", database.url(), schemas=["web", "Größe & Co"])
    assert found["metadata"]["schemas"] == ["Größe & Co", "web"]
    assert set(tables_by_name(found)) == {"Order Items", "big", "lines", "summary"}
    sentence = introspect_rejected(daemon, "postgres", database.url(), "schema_not_found", schemas=["web", "wbe"])
    assert "'wbe'" in sentence


def test_wrong_password_is_not_shown(daemon: Daemon, database: Database) -> None:
    secret = "sécret-?/@1"
    sentence = introspect_rejected(daemon, "postgres", database.url(password=secret), "authentication_failed")
    assert database.user in sentence
    for spelling in (secret, quote(secret, safe=""), quote(secret)):
        assert spelling not in sentence
        assert spelling not in daemon.log.read_text()
    assert ":" + str(urlsplit(database.admin).port) in sentence


@pytest.mark.parametrize("method", ["scram-sha-256", "md5"])
def test_url_without_a_password_fails_authentication(daemon: Daemon, database: Database, method: str) -> None:
    user = f"nopassword_{secrets.token_hex(4)}"
    with closing(database.connect(database.name)) as server:
        server.run(f"SET password_encryption = '{method}'")
        server.run(f"CREATE USER {user} PASSWORD '{PASSWORD}'")
        try:
            for password in ("", ":"):
                parts = urlsplit(database.url())
                netloc = f"{user}{password}@{parts.hostname}:{parts.port}"
                url = urlunsplit(("postgresql", netloc, parts.path, "", ""))
                sentence = introspect_rejected(daemon, "postgres", url, "authentication_failed")
                assert sentence.endswith("refused the login of this user")
        finally:
            server.run(f"DROP USER {user}")


def test_unknown_database_and_user_are_reported(daemon: Daemon, database: Database) -> None:
    assert "'nowhere'" in introspect_rejected(daemon, "postgres", database.url(name="nowhere"), "database_not_found")
    assert "'stranger'" in introspect_rejected(
        daemon, "postgres", database.url(user="stranger"), "authentication_failed"
    )


def test_unreachable_server_is_reported(daemon: Daemon, database: Database) -> None:
    port = find_closed_port()
    sentence = introspect_rejected(daemon, "postgres", database.url(port=port), "connection_failed")
    assert f"127.0.0.1:{port}" in sentence
    assert "refused" in sentence
    url = f"postgresql://u:{quote(PASSWORD, safe='')}@no-such-host.invalid/x"
    assert "no-such-host.invalid" in introspect_rejected(daemon, "postgres", url, "host_not_found")


def test_silent_server_times_out(daemon: Daemon, database: Database) -> None:
    with silent_server() as port:
        for options in ("", "sslmode=disable", "sslmode=require"):
            url = database.url(port=port, options=options)
            introspect_rejected(daemon, "postgres", url, "connection_timeout", connection_timeout_seconds=0.2)


def test_statement_timeout_ends_the_introspection(daemon: Daemon, database: Database) -> None:
    with closing(database.connect(database.name)) as blocker:
        blocker.run("BEGIN")
        blocker.run("LOCK TABLE pg_catalog.pg_description IN ACCESS EXCLUSIVE MODE")
        sentence = introspect_rejected(
            daemon, "postgres", database.url(), "statement_timeout", statement_timeout_ms=100
        )
        assert "0.1 s" in sentence
        blocker.run("ROLLBACK")
    assert introspect(daemon, "postgres", database.url(), statement_timeout_ms=10_000)["tables"]


def test_query_is_cancelled_when_the_client_disconnects(daemon: Daemon, database: Database) -> None:
    running = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'ktx/%' AND datname = :name"
    with closing(database.connect(database.name)) as blocker, closing(database.connect("postgres")) as watcher:
        blocker.run("BEGIN")
        blocker.run("LOCK TABLE pg_catalog.pg_description IN ACCESS EXCLUSIVE MODE")
        with closing(daemon.connect()) as client:
            body = f'{{"connection_id": "x", "driver": "postgres", "url": "{database.url()}"}}'
            headers = {"content-type": "application/json", "authorization": f"Bearer {daemon.token}"}
            client.request("POST", "/database/introspect", body, headers)
            _until(lambda: watcher.run(running, name=database.name) == [[1]])
        # The statement still waits for the lock, which is held until the end of the block.
        _until(lambda: watcher.run(running, name=database.name) == [[0]])


def _until(condition) -> None:
    pause = threading.Event()
    for _ in range(3000):
        if condition():
            return
        pause.wait(0.01)
    pytest.fail("the condition was waited for in vain")


def test_tls_modes_are_supported(daemon: Daemon, database: Database) -> None:
    for mode in ("disable", "allow", "prefer"):
        assert introspect(daemon, "postgres", database.url(options=f"sslmode={mode}"))["tables"]
    for mode in ("require", "verify-full"):
        introspect_rejected(daemon, "postgres", database.url(options=f"sslmode={mode}"), "tls_failed")
    introspect_rejected(daemon, "postgres", database.url(options="sslmode=maybe"), "invalid_url")
    url = database.url(options="sslmode=verify-ca&sslrootcert=/no/such/file")
    introspect_rejected(daemon, "postgres", url, "tls_failed")


def test_unix_socket_is_supported(daemon: Daemon, database: Database) -> None:
    with closing(database.connect(database.name)) as connection:
        ((folders,),) = connection.run("SHOW unix_socket_directories")
    folder = folders.split(",")[0].strip()
    port = urlsplit(database.admin).port
    url = f"postgresql:///{quote(database.name)}?host={quote(folder, safe='')}&user={quote(database.user)}&port={port}"
    assert introspect(daemon, "postgres", url)["tables"]
    assert "cannot be reached" in introspect_rejected(
        daemon, "postgres", "postgresql:///x?host=/no/such/folder", "connection_failed"
    )


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://u:p@h/d", "postgresql:/h/d", "postgresql://h:port/d", "postgresql://[::1/d"]
)
def test_invalid_urls_are_rejected(daemon: Daemon, url: str) -> None:
    answer = daemon.post("/database/introspect", {"connection_id": "c", "driver": "postgres", "url": url})
    error_detail(answer, "invalid_url")
    assert "postgresql://user:password@host:port/database" in answer.json()["hint"]


@pytest.mark.parametrize(
    "options", [{"statement_timeout_ms": 0}, {"connection_timeout_seconds": 0}, {"connection_timeout_seconds": -1}]
)
def test_timeouts_out_of_range_are_rejected(daemon: Daemon, options: dict) -> None:
    introspect_rejected(daemon, "postgres", "postgresql://h/d", "invalid_value", **options)


def test_closed_connection_during_login_is_reported(daemon: Daemon, database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept_and_close() -> None:
            listener.accept()[0].close()

        threading.Thread(target=accept_and_close, daemon=True).start()
        introspect_rejected(daemon, "postgres", database.url(port=listener.getsockname()[1]), "connection_failed")


def test_disconnect_during_a_query_is_reported(daemon: Daemon, database: Database) -> None:
    with disconnecting_proxy(database.admin, at=b"pg_catalog.pg_attribute") as port:
        url = database.url(port=port, options="sslmode=disable")
        sentence = introspect_rejected(daemon, "postgres", url, "connection_failed")
        assert f"127.0.0.1:{port}/" in sentence
        assert sentence.endswith("failed: the connection was lost")


def test_terminated_session_is_reported(daemon: Daemon, database: Database) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND wait_event_type = 'Lock'"
    with closing(database.connect(database.name)) as blocker, closing(database.connect("postgres")) as watcher:
        blocker.run("BEGIN")
        blocker.run("LOCK TABLE pg_catalog.pg_description IN ACCESS EXCLUSIVE MODE")
        ended = threading.Thread(target=_until, args=(lambda: watcher.run(end, name=database.name) == [[True]],))
        ended.start()
        assert "the connection was lost" in introspect_rejected(daemon, "postgres", database.url(), "connection_failed")
        ended.join()


@pytest.mark.parametrize("sessions", [-1, 1])
def test_many_tables_are_read_in_two_sessions_or_in_one(
    monkeypatch: pytest.MonkeyPatch, database: Database, sessions: int
) -> None:
    target = Target("warehouse", "postgres", registry.find("postgres"), database.url(), None, 30, 5)
    before = postgres.introspect(target)
    used_second_session: list[bool] = []

    def recorded(*arguments: Any) -> Any:
        found = query_keys(*arguments)
        used_second_session.append(found is not None)
        return found

    query_keys = postgres._query_in_second_session
    monkeypatch.setattr(postgres, "PARALLEL_TABLE_COUNT", 1)
    monkeypatch.setattr(postgres, "_query_in_second_session", recorded)
    with closing(database.connect("postgres")) as server:
        server.run(f"ALTER USER {identifier(database.user)} CONNECTION LIMIT {sessions}")
        try:
            assert postgres.introspect(target) == before
        finally:
            server.run(f"ALTER USER {identifier(database.user)} CONNECTION LIMIT -1")
    assert used_second_session == [sessions == -1]
