"""Several hosts of PostgreSQL: a primary and a standby that streams from it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pg8000.native import Connection

from tests.conftest import database_url
from tests.daemon import Daemon
from tests.introspection import find_closed_port, silent_server
from tests.warehouses.server import Server, unprivileged_user

IS_STANDBY = "SELECT pg_is_in_recovery() AS is_standby"
ENDPOINTS = ("/database/introspect", "/database/query-history", "/sql/execute")


def port_of_primary() -> int:
    return urlsplit(database_url("KTX_TEST_POSTGRES_URL")).port or 0


@pytest.fixture(scope="module")
def standby() -> Iterator[int]:
    """Start a standby, and return its port."""
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    with closing(Connection(parts.username, parts.hostname, "postgres", parts.port, parts.password)) as primary:
        ((programs,),) = primary.run("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
    user, port = unprivileged_user(), find_closed_port()
    with tempfile.TemporaryDirectory(prefix="ktx-standby-") as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        copy = [f"{programs}/pg_basebackup", "-D", str(folder / "data"), "-R", "-c", "fast", "-d", parts.geturl()]
        made = subprocess.run(copy, capture_output=True, text=True, user=user, check=False, cwd=folder)
        assert made.returncode == 0, made.stderr
        flags = [f"--port={port}", f"--unix_socket_directories={folder}", "--listen_addresses=127.0.0.1"]
        preload = "--shared_preload_libraries=pg_stat_statements"
        command = [f"{programs}/postgres", "-D", str(folder / "data"), *flags, preload, "--max_connections=50"]
        server = Server(command, folder, user=user)
        is_ready = [f"{programs}/pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
        server.wait_until(lambda: subprocess.run(is_ready, check=False).returncode == 0)
        yield port
        server.stop()


def url(*ports: int, options: str = "", password: str | None = None) -> str:
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgresql://{parts.username}:{password or parts.password}@{hosts}{parts.path}?{options}"


def body(address: str, **fields: Any) -> dict[str, Any]:
    return {"connection_id": "w", "driver": "postgres", "url": address, **fields}


def is_standby(daemon: Daemon, address: str) -> bool:
    ((found,),) = daemon.post_ok("/sql/execute", body(address, sql=IS_STANDBY))["rows"]
    return bool(found)


def rejected(daemon: Daemon, address: str, code: str, **fields: Any) -> str:
    return daemon.post_rejected("/sql/execute", body(address, sql=IS_STANDBY, **fields), code)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_next_host_is_tried_if_one_is_down(daemon: Daemon, path: str) -> None:
    fields = {"sql": "SELECT 1"} if path == "/sql/execute" else {}
    daemon.post_ok(path, body(url(find_closed_port(), port_of_primary()), **fields))


def test_one_port_is_that_of_all_hosts(daemon: Daemon) -> None:
    parts = urlsplit(url(port_of_primary()))
    options = f"host=no-such-host.invalid,127.0.0.1&port={port_of_primary()}"
    address = f"postgresql://{parts.username}:{parts.password}@{parts.path}?{options}"
    assert is_standby(daemon, address) is False
    named = parts._replace(netloc=f"{parts.username}:{parts.password}@no-such-host.invalid,127.0.0.1", query=options)
    assert is_standby(daemon, named._replace(query=f"port={port_of_primary()}").geturl()) is False


def test_silent_host_leaves_time_for_the_next_one(daemon: Daemon) -> None:
    with silent_server() as silent:
        request = body(url(silent, port_of_primary()), sql=IS_STANDBY, connection_timeout_seconds=4)
        assert daemon.post_ok("/sql/execute", request)["rows"] == [[False]]


def test_reason_of_each_host_is_reported(daemon: Daemon) -> None:
    closed = find_closed_port()
    with silent_server() as silent:
        address = url(closed, silent)
        detail = rejected(daemon, address, "connection_timeout", connection_timeout_seconds=1)
    assert f"127.0.0.1:{closed}/postgres cannot be reached: connection refused" in detail
    assert f"127.0.0.1:{silent}/postgres did not accept a session" in detail


def test_wrong_password_is_not_tried_on_the_next_host(daemon: Daemon) -> None:
    closed = find_closed_port()
    detail = rejected(daemon, url(port_of_primary(), closed, password="wrong"), "authentication_failed")
    assert str(closed) not in detail


@pytest.mark.parametrize(
    ("wanted", "found_first"),
    [("read-write", "primary"), ("primary", "primary"), ("read-only", "standby"), ("standby", "standby")],
)
def test_host_with_the_role_is_chosen(daemon: Daemon, standby: int, wanted: str, found_first: str) -> None:
    options = f"target_session_attrs={wanted}"
    for ports in ((port_of_primary(), standby), (standby, port_of_primary())):
        assert is_standby(daemon, url(*ports, options=options)) is (found_first == "standby")


def test_any_role_and_a_preferred_one(daemon: Daemon, standby: int) -> None:
    assert is_standby(daemon, url(standby, port_of_primary())) is True
    assert is_standby(daemon, url(standby, port_of_primary(), options="target_session_attrs=any")) is True
    prefer = "target_session_attrs=prefer-standby"
    assert is_standby(daemon, url(port_of_primary(), standby, options=prefer)) is True
    assert is_standby(daemon, url(port_of_primary(), find_closed_port(), options=prefer)) is False


def test_role_that_no_host_has_is_reported(daemon: Daemon, standby: int) -> None:
    detail = rejected(daemon, url(port_of_primary(), options="target_session_attrs=standby"), "connection_failed")
    assert detail.endswith("is a primary, not standby")
    detail = rejected(daemon, url(standby, standby, options="target_session_attrs=read-write"), "connection_failed")
    assert detail.endswith("is a standby, not read-write")


def test_sessions_that_are_read_only_by_default_are_recognised(daemon: Daemon) -> None:
    read_only = "&options=" + "-c%20default_transaction_read_only%3Don"
    wanted = url(port_of_primary(), options="target_session_attrs=read-write" + read_only)
    assert rejected(daemon, wanted, "connection_failed").endswith("is read-only, not read-write")
    assert is_standby(daemon, url(port_of_primary(), options="target_session_attrs=read-only" + read_only)) is False


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("target_session_attrs=master", "target_session_attrs must be one of any, read-write"),
        ("host=a,b&port=1,2,3", "The URL has 2 hosts, but 3 ports"),
    ],
)
def test_invalid_options_are_rejected(daemon: Daemon, options: str, sentence: str) -> None:
    assert sentence in rejected(daemon, f"postgresql://u:p@h/d?{options}", "invalid_url")


def test_other_databases_have_one_host(daemon: Daemon) -> None:
    request = {"connection_id": "w", "driver": "mysql", "url": "mysql://u:p@a:3306,b:3306/d", "sql": "SELECT 1"}
    daemon.post_rejected("/sql/execute", request, "invalid_url")
