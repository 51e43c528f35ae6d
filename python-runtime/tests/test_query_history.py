"""The query history of a real PostgreSQL; tables simulate other versions of the extension."""

from __future__ import annotations

import hashlib
import json
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import pytest
from pg8000.native import Connection, DatabaseError

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses import registry
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.history import PageRequest, QueryHistory, Statement
from ktx_daemon.warehouses.postgres import history as postgres
from ktx_daemon.warehouses.postgres.history_probe import Server, UnavailableError
from tests.conftest import database_url
from tests.daemon import Daemon, run_command
from tests.introspection import disconnecting_proxy, find_closed_port
from tests.profile import measure_everything

PATH = "/database/query-history"
PASSWORD = "hunter2 p@ss"
MIB = 1024 * 1024


@dataclass
class Shop:
    """A database and its role."""

    name: str
    owner: Connection

    def url(self, options: str = "", password: str = PASSWORD, port: int | None = None) -> str:
        parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
        userinfo = f"{self.name}:{quote(password, safe='')}"
        return f"postgresql://{userinfo}@{parts.hostname}:{port or parts.port}/{self.name}{options}"

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.owner.run(statement)

    def create_stub(self, columns: str, *rows: str) -> None:
        """Create a table in place of the extension's view; the rows start after `dbid`."""
        self.run(f"CREATE TABLE pg_stat_statements (dbid oid, {columns})")
        self.run("GRANT SELECT ON pg_stat_statements TO PUBLIC")
        for row in rows:
            database_oid = "(SELECT oid FROM pg_database WHERE datname = current_database())"
            self.run(f"INSERT INTO pg_stat_statements SELECT {database_oid}, {row}")


def connect(name: str) -> Connection:
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    return Connection(parts.username, parts.hostname, name, parts.port, parts.password)


@pytest.fixture
def shop() -> Iterator[Shop]:
    name = f"ktx_history_{secrets.token_hex(4)}"
    with closing(connect("postgres")) as admin:
        admin.run(f"CREATE DATABASE {name}")
        admin.run(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        try:
            with closing(connect(name)) as owner:
                owner.run("CREATE TABLE customers (id int PRIMARY KEY, name text)")
                yield Shop(name, owner)
        finally:
            admin.run(f"DROP DATABASE {name} WITH (FORCE)")
            admin.run(f"DROP ROLE {name}")


@pytest.fixture
def shop_with_history(shop: Shop) -> Shop:
    """Return the shop with the extension, and a role that may read all statistics."""
    shop.run("CREATE EXTENSION pg_stat_statements", f"GRANT pg_read_all_stats TO {shop.name}")
    return shop


def request_body(shop: Shop, **options: Any) -> dict[str, Any]:
    return {"connection_id": "shop", "driver": "postgres", "url": shop.url(), "max_statements": 100_000, **options}


def read_history(daemon: Daemon, shop: Shop, **options: Any) -> dict[str, Any]:
    found = daemon.post_ok(PATH, request_body(shop, **options))
    assert set(found) == {
        *("extracted_at", "metadata", "unavailable", "statistics"),
        *("statements", "without_text", "truncated", "next_cursor", "log", "warnings"),
    }
    assert "hunter2" not in json.dumps(found)
    return found


def read_unavailable(daemon: Daemon, shop: Shop) -> tuple[str, str, str]:
    found = read_history(daemon, shop)
    assert (found["statements"], found["next_cursor"]) == ([], None)
    reason = found["unavailable"]
    return reason["code"], reason["detail"], reason["hint"]


def find_statements(found: dict[str, Any], word: str) -> list[dict[str, Any]]:
    return [statement for statement in found["statements"] if word in statement["sql"]]


def test_statements_of_the_daemon_are_left_out(daemon: Daemon, shop_with_history: Shop) -> None:
    shop = shop_with_history
    shop.run(f"GRANT SELECT ON customers TO {shop.name}")
    key = {"catalog": None, "db": "public", "name": "customers", "columns": ["id"]}
    measure_everything(daemon, "postgres", shop.url(), "public", key)
    shop.run("SET ROLE " + shop.name, "SELECT count(*) FROM customers", "RESET ROLE")
    read_history(daemon, shop)
    user = f"(SELECT oid FROM pg_roles WHERE rolname = '{shop.name}')"
    rows = shop.owner.run(f"SELECT query FROM pg_stat_statements WHERE userid = {user} AND query ~* '^(SELECT|WITH)'")
    assert len(rows) > 5, "the server has statements of the daemon"
    sent = {row[0] for row in rows if "FROM" in row[0]}
    found = {statement["sql"] for statement in read_history(daemon, shop)["statements"]}
    assert found & sent == {"SELECT count(*) FROM customers"}


def test_statements_with_counts_and_times(daemon: Daemon, shop_with_history: Shop) -> None:
    for number in range(5):
        shop_with_history.run(f'SELECT name FROM customers WHERE id = {number} -- größe 😀 "x" \\')
    shop_with_history.run("INSERT INTO customers SELECT n, 'a' FROM generate_series(1, 7) AS n")
    found = read_history(daemon, shop_with_history)
    (lookup,), (insert,) = find_statements(found, "WHERE id"), find_statements(found, "INSERT")
    assert lookup["sql"] == 'SELECT name FROM customers WHERE id = $1 -- größe 😀 "x" \\'
    assert (lookup["calls"], lookup["rows"], lookup["nested"], lookup["since_ms"]) == (5, 0, False, None)
    assert (insert["calls"], insert["rows"]) == (1, 7)
    assert lookup["total_ms"] > 0
    assert int(lookup["query_id"]) != int(insert["query_id"])
    assert found["metadata"]["driver"] == "postgres"
    assert found["metadata"]["server_version"][0].isdigit()
    assert found["statistics"]["reset_at_ms"] > 0
    assert found["statistics"]["dealloc"] >= 0
    assert (found["unavailable"], found["truncated"], found["without_text"]) == (None, False, 0)
    assert find_statements(found, "pg_stat_statements AS s") == [], "what the daemon asks is no history"


def test_response_has_the_shape_of_the_types(daemon: Daemon, shop_with_history: Shop) -> None:
    """Statements are encoded by the database, not by the type."""
    found = read_history(daemon, shop_with_history)
    page = msgspec.json.decode(msgspec.json.encode(found), type=QueryHistory)
    assert msgspec.json.decode(msgspec.json.encode(page)) == found
    statements = msgspec.convert(found["statements"], list[Statement])
    assert msgspec.to_builtins(statements) == found["statements"] != []


def test_command_has_the_response_of_the_endpoint(daemon: Daemon, shop: Shop) -> None:
    columns = "queryid bigint, query text, calls bigint, total_time float8, rows bigint"
    shop.create_stub(columns, "7, 'SELECT 1', 3, 1.5, 3")
    result = run_command("database-query-history", stdin=json.dumps(request_body(shop)).encode())
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout)["statements"] == read_history(daemon, shop)["statements"]


def test_older_versions_have_other_columns(daemon: Daemon, shop: Shop) -> None:
    shop.create_stub(
        "queryid bigint, query text, calls bigint, total_time float8, rows bigint",
        "7, 'SELECT id FROM customers', 3, 1.5, 3",
        "7, 'select  id FROM customers', 4, 2.5, 4",
    )
    shop.run("INSERT INTO pg_stat_statements VALUES (1, 8, 'SELECT of_another_database', 4, 2.5, 4)")
    found = read_history(daemon, shop)
    assert found["statements"] == [
        {
            "query_id": "7",
            "sql": "SELECT id FROM customers",
            "calls": 7,
            "total_ms": 4,
            "rows": 7,
            "since_ms": None,
            "nested": False,
        }
    ]
    assert found["statistics"] == {"reset_at_ms": None, "dealloc": None}


def test_users_are_hashes_and_callers_are_distinguished_by_their_names(daemon: Daemon, shop: Shop) -> None:
    roles = [*(f"{name}_{shop.name}" for name in ("metabase", "airflow", "etl", "ada")), f"{shop.name}@x.iam"]
    shop.run(*(f'CREATE ROLE "{role}"' for role in roles))
    try:
        shop.create_stub(
            "userid oid, queryid bigint, query text, calls bigint, total_time float8, rows bigint",
            *(f"'\"{role}\"'::regrole, 7, 'SELECT 1', {n}, 1, 1" for n, role in enumerate(roles, 1)),
            "4000000000, 7, 'SELECT of_a_dropped_role', 10, 1, 1",
        )
        (statement,) = read_history(daemon, shop)["statements"]
    finally:
        shop.run(*(f'DROP ROLE "{role}"' for role in roles))
    assert statement["callers"] == {"bi_tool": 1, "scheduler": 2, "service_account": 3 + 5, "person": 4}
    assert statement["users"] == sorted(hashlib.sha256(role.encode()).hexdigest()[:16] for role in roles)


def test_running_statements_are_a_sample_without_the_extension(daemon: Daemon, shop: Shop) -> None:
    """The longest texts may be cut by the server, and are left out."""
    shop.run(f"GRANT pg_read_all_stats TO {shop.name}")
    sleep = "SELECT pg_sleep(60), 'größe' FROM generate_series(1, 1)"
    with running(shop, sleep, "Metabase"), running(shop, sleep), running(shop, f"{sleep} /* {'x' * 2000} */"):
        found = read_history(daemon, shop)
    (statement,) = found["statements"]
    assert (statement["sql"], statement["calls"], statement["callers"]) == (sleep, 2, {"bi_tool": 1, "person": 1})
    assert len(statement["users"]) == 1
    assert statement["total_ms"] > 0
    assert (found["unavailable"], found["without_text"], found["log"]) == (None, 1, None)
    (warning,) = found["warnings"]
    assert warning.startswith("The statements are those that run now (pg_stat_activity), each counted once a session")
    assert warning.endswith("CREATE EXTENSION pg_stat_statements")


def test_sample_says_that_statements_of_others_are_hidden(daemon: Daemon, shop: Shop) -> None:
    parts = urlsplit(shop.url())
    own = Connection(shop.name, parts.hostname, shop.name, parts.port, PASSWORD)
    with closing(own), running(shop, "SELECT pg_sleep(60)"), running(shop, "SELECT pg_sleep(61)", connection=own):
        found = read_history(daemon, shop)
    assert [statement["sql"] for statement in found["statements"]] == ["SELECT pg_sleep(61)"]
    assert found["warnings"][1].endswith(f'Let an administrator run: GRANT pg_read_all_stats TO "{shop.name}"')


@contextmanager
def running(shop: Shop, sql: str, application: str = "", connection: Connection | None = None) -> Iterator[None]:
    """Run a statement in a session for the duration of the block."""
    session = connection or connect(shop.name)
    session.run(f"SET application_name = '{application}'")
    ((pid,),) = session.run("SELECT pg_backend_pid()")
    failures: list[Exception] = []

    def run() -> None:
        try:
            session.run(sql)
        except DatabaseError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        is_active = "SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND state = 'active'"
        while shop.owner.run(is_active, pid=pid) != [[1]]:
            assert thread.is_alive(), failures
        yield
    finally:
        shop.owner.run("SELECT pg_cancel_backend(:pid)", pid=pid)
        thread.join()
        if connection is None:
            session.close()


def test_newer_versions_have_more_columns(daemon: Daemon, shop: Shop) -> None:
    shop.create_stub(
        "toplevel bool, queryid bigint, query text, calls bigint, total_exec_time float8, rows bigint, "
        "stats_since timestamptz",
        "false, 7, 'SELECT in_function', 3, 1.5, 3, '2024-01-02 03:04:05.678+00'",
        "true, 8, 'SELECT both', 1, 1.5, 3, '2024-01-02 00:00:00+00'",
        "false, 8, 'SELECT both', 1, 1.5, 3, '2024-01-01 00:00:00+00'",
    )
    shop.run(
        "CREATE TABLE pg_stat_statements_info (dealloc bigint, stats_reset timestamptz)",
        "INSERT INTO pg_stat_statements_info VALUES (3, '2024-01-01 00:00:00+00')",
        "GRANT SELECT ON pg_stat_statements_info TO PUBLIC",
    )
    found = read_history(daemon, shop)
    nested, both = found["statements"]
    assert (nested["nested"], nested["since_ms"]) == (True, 1_704_164_645_678)
    assert (both["nested"], both["since_ms"], both["calls"]) == (False, 1_704_067_200_000, 2)
    assert found["statistics"] == {"reset_at_ms": 1_704_067_200_000, "dealloc": 3}


def test_unavailable_history_has_a_reason_and_a_hint(daemon: Daemon, shop: Shop) -> None:
    assert read_unavailable(daemon, shop) == (
        "extension_missing",
        "The database of the connection shop has no pg_stat_statements",
        "Let an administrator add it to shared_preload_libraries, restart the server, and run in this database: "
        "CREATE EXTENSION pg_stat_statements",
    )
    shop.run("CREATE EXTENSION pg_stat_statements", "SELECT id FROM customers")
    no_privilege = (
        "permission_denied",
        "The user of the connection shop may not see the statements of others",
        f'Let an administrator run: GRANT pg_read_all_stats TO "{shop.name}"',
    )
    assert read_unavailable(daemon, shop) == no_privilege
    shop.run("REVOKE ALL ON pg_stat_statements FROM PUBLIC")
    assert read_unavailable(daemon, shop) == no_privilege
    shop.run(f"GRANT SELECT ON pg_stat_statements TO {shop.name}", f"GRANT pg_read_all_stats TO {shop.name}")
    assert find_statements(read_history(daemon, shop), "FROM customers")


def test_unloaded_extension_is_reported(daemon: Daemon, shop: Shop) -> None:
    """A view raises the error of the extension."""
    shop.run(
        """CREATE FUNCTION not_loaded() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
            RAISE object_not_in_prerequisite_state USING MESSAGE = 'must be loaded via shared_preload_libraries';
        END $$""",
        "CREATE VIEW pg_stat_statements AS SELECT oid AS dbid, not_loaded() AS queryid, '' AS query, 1 AS calls, "
        "1 AS total_exec_time, 1 AS rows FROM pg_database",
        "GRANT SELECT ON pg_stat_statements TO PUBLIC",
    )
    assert read_unavailable(daemon, shop) == (
        "extension_not_loaded",
        "The server of the connection shop does not load pg_stat_statements",
        "Let an administrator add it to shared_preload_libraries and restart the server",
    )


def test_old_server_is_reported() -> None:
    with pytest.raises(UnavailableError) as raised:
        Server("shop", "10.23", 100_023, "reader").find_extension(None)  # type: ignore[arg-type]
    assert raised.value.reason.code == "server_too_old"
    assert raised.value.reason.detail == (
        "The connection shop is PostgreSQL 10, and its statements can be read from version 11 on"
    )


def test_statements_with_the_most_time_are_kept(daemon: Daemon, shop: Shop) -> None:
    columns = "queryid bigint, query text, calls bigint, total_exec_time float8, rows bigint"
    shop.create_stub(columns, "n, 'SELECT ' || n, 1, n, 1 FROM generate_series(-5, 5) AS n")
    found = read_history(daemon, shop, max_statements=3)
    assert [statement["query_id"] for statement in found["statements"]] == ["3", "4", "5"]
    assert (found["truncated"], found["next_cursor"]) == (True, None)
    assert not read_history(daemon, shop, max_statements=11)["truncated"]


@pytest.mark.parametrize("letter", ["a", "\x01", "ß", "😀"])
def test_pages_contain_every_statement_once_within_their_size(daemon: Daemon, shop: Shop, letter: str) -> None:
    columns = "queryid bigint, query text, calls bigint, total_exec_time float8, rows bigint"
    longest = f"repeat(chr({ord(letter)}), 100000)"
    shop.create_stub(columns, f"(n - 6) * 1000000000000000000, {longest}, 1, n % 3, 1 FROM generate_series(0, 11) AS n")
    shop.run(
        "INSERT INTO pg_stat_statements SELECT dbid, 1, query || 'x', 1, 1, 1 FROM pg_stat_statements LIMIT 1",
        "INSERT INTO pg_stat_statements SELECT dbid, 2, NULL, 1, 1, 1 FROM pg_stat_statements LIMIT 1",
    )
    cursor, ids, without_text, sizes = None, [], 0, []
    while True:
        answer = daemon.post(PATH, request_body(shop, max_bytes=MIB, cursor=cursor))
        sizes.append(len(answer.body))
        page = answer.json()
        assert all(statement["sql"] == letter * 100_000 for statement in page["statements"])
        ids += [int(statement["query_id"]) for statement in page["statements"]]
        without_text += page["without_text"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert ids == [number * 10**18 for number in range(-6, 6)]
    assert without_text == 2, "one is too long, of one the server has no text"
    assert len(sizes) > 1
    assert max(sizes) <= MIB


def test_oversized_row_of_a_server_is_rejected(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A malicious server cannot exhaust the memory."""
    columns = "queryid bigint, query text, calls bigint, total_exec_time float8, rows bigint"
    shop.create_stub(columns, "7, repeat('x', 1000), 1, 1, 1")
    target = Target("shop", "postgres", registry.find("postgres"), shop.url(), None, 30, 5)
    page = PageRequest(None, 10, MIB)
    found = postgres.read_history(target, page).statements
    assert found is not None
    assert len(found.encoded) == 1
    monkeypatch.setattr(postgres, "MAX_ROW_BYTES", 1000)
    with pytest.raises(BadRequestError, match="longer than asked for"):
        postgres.read_history(target, page)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"max_statements": 0}, "invalid_value"),
        ({"max_statements": 100_001}, "invalid_value"),
        ({"max_bytes": MIB - 1}, "invalid_value"),
        ({"max_bytes": 64 * MIB + 1}, "invalid_value"),
        ({"cursor": "1; DROP TABLE customers"}, "invalid_value"),
        ({"cursor": str(2**63)}, "invalid_value"),
        ({"statement_timeout_ms": 0}, "invalid_value"),
        ({"driver": "sqlite"}, "unknown_driver"),
        ({"driver": "nosuch"}, "unknown_driver"),
        ({"url": "nonsense"}, "invalid_url"),
        ({"url": "postgresql://u:hunter2@h/d?sslmode=maybe"}, "invalid_url"),
        ({"url": "postgresql://u:hunter2@no-such-host.invalid/d"}, "host_not_found"),
    ],
)
def test_invalid_requests_are_rejected(daemon: Daemon, options: dict[str, Any], code: str) -> None:
    body = {"connection_id": "shop", "driver": "postgres", "url": "postgresql://u:hunter2@h/d", **options}
    assert "hunter2" not in daemon.post_rejected(PATH, body, code)


def test_wrong_password_and_unreachable_server_are_reported(daemon: Daemon, shop: Shop) -> None:
    sentence = daemon.post_rejected(PATH, request_body(shop, url=shop.url(password="hunter3")), "authentication_failed")
    assert shop.name in sentence
    assert "hunter3" not in sentence
    port = find_closed_port()
    sentence = daemon.post_rejected(PATH, request_body(shop, url=shop.url(port=port)), "connection_failed")
    assert f"127.0.0.1:{port}/{shop.name} cannot be reached" in sentence
    url = shop.url().replace(f":{quote(PASSWORD, safe='')}@", "@")
    daemon.post_rejected(PATH, request_body(shop, url=url), "authentication_failed")


def test_server_that_hangs_after_the_login_times_out(daemon: Daemon) -> None:
    """This simulates a hanging server or network."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept_login() -> None:
            client = listener.accept()[0]
            with client:
                client.recv(1024)
                client.sendall(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I")
                while client.recv(1024):
                    pass

        thread = threading.Thread(target=accept_login)
        thread.start()
        url = f"postgresql://u:hunter2@127.0.0.1:{listener.getsockname()[1]}/d?sslmode=disable"
        body = {"connection_id": "x", "driver": "postgres", "url": url, "statement_timeout_ms": 100}
        assert "did not answer a query within 0.1 s" in daemon.post_rejected(PATH, body, "statement_timeout")
        thread.join()


def test_disconnect_during_a_query_is_reported(daemon: Daemon, shop_with_history: Shop) -> None:
    with disconnecting_proxy(database_url("KTX_TEST_POSTGRES_URL"), at=b"DECLARE ktx") as port:
        url = shop_with_history.url("?sslmode=disable", port=port)
        sentence = daemon.post_rejected(PATH, request_body(shop_with_history, url=url), "connection_failed")
    assert sentence.endswith("failed: the connection was lost")


def test_statement_timeout_applies_to_locks(daemon: Daemon, shop: Shop) -> None:
    shop.create_stub("queryid bigint, query text, calls bigint, total_exec_time float8, rows bigint")
    shop.run("BEGIN", "LOCK TABLE pg_stat_statements IN ACCESS EXCLUSIVE MODE")
    daemon.post_rejected(PATH, request_body(shop, statement_timeout_ms=100), "statement_timeout")
    shop.run("ROLLBACK")
    assert read_history(daemon, shop)["statements"] == []


def test_session_is_read_only(daemon: Daemon, shop: Shop) -> None:
    shop.run(
        "CREATE FUNCTION write() RETURNS bigint LANGUAGE sql AS 'INSERT INTO customers VALUES (1) RETURNING id'",
        "CREATE VIEW pg_stat_statements AS SELECT oid AS dbid, write() AS queryid, '' AS query, 1 AS calls, "
        "1 AS total_exec_time, 1 AS rows FROM pg_database",
        f"GRANT ALL ON pg_stat_statements, customers TO {shop.name}",
    )
    sentence = daemon.post_rejected(PATH, request_body(shop), "connection_failed")
    assert "read-only transaction" in sentence
    assert shop.owner.run("SELECT count(*) FROM customers") == [[0]]


def test_search_path_of_the_url_is_used(daemon: Daemon, shop: Shop) -> None:
    shop.run('CREATE SCHEMA "my: ""{ext}"')
    shop.run('SET search_path = "my: ""{ext}"')
    shop.create_stub("queryid bigint, query text, calls bigint, total_exec_time float8, rows bigint", "7, 'x', 1, 1, 1")
    shop.run(f'GRANT USAGE ON SCHEMA "my: ""{{ext}}" TO {shop.name}')
    assert read_history(daemon, shop)["unavailable"]["code"] == "extension_missing"
    options = "?options=" + quote('-c search_path="my:\\ ""{ext}"', safe="")
    (statement,) = read_history(daemon, shop, url=shop.url(options))["statements"]
    assert statement["query_id"] == "7"


def test_user_name_that_may_be_a_token_is_not_shown(daemon: Daemon, shop: Shop) -> None:
    shop.run("CREATE EXTENSION pg_stat_statements", "SELECT id FROM customers")
    token = f"tok{secrets.token_hex(12)}9"
    shop.run(f"CREATE ROLE {token} LOGIN PASSWORD '{PASSWORD}'")
    try:
        url = shop.url().replace(f"//{shop.name}:", f"//{token}:")
        answer = daemon.post_ok(PATH, request_body(shop, url=url))
        assert answer["unavailable"]["hint"] == 'Let an administrator run: GRANT pg_read_all_stats TO "***"'
    finally:
        shop.run(f"DROP ROLE {token}")
