"""Warnings for users with privileges that a read-only transaction does not restrict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from pg8000.native import Connection, identifier

from tests.conftest import database_url
from tests.daemon import Daemon
from tests.test_execution import connect_mysql

NAME = "ktx_power"


def warnings(daemon: Daemon, driver: str, url: str) -> list[str]:
    request = {"connection_id": "w", "driver": driver, "url": url}
    found: list[str] = daemon.post_ok("/database/introspect", request).get("warnings", [])
    assert not any("hunter2" in text or text.endswith(".") for text in found)
    return found


@pytest.fixture
def postgres() -> Iterator[tuple[str, Callable[[str], object]]]:
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    with closing(Connection(parts.username, parts.hostname, parts.path[1:], parts.port, parts.password)) as server:
        server.run(f"DROP ROLE IF EXISTS {NAME}")
        server.run(f"CREATE ROLE {NAME} LOGIN PASSWORD 'hunter2'")
        try:
            yield parts._replace(netloc=f"{NAME}:hunter2@{parts.hostname}:{parts.port}").geturl(), server.run
        finally:
            server.run(f"DROP ROLE {NAME}")


@pytest.fixture
def mysql() -> Iterator[tuple[str, Callable[[str], object]]]:
    parts = urlsplit(database_url("KTX_TEST_MYSQL_URL"))
    with closing(connect_mysql()) as server, server.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE USER {NAME}@'%' IDENTIFIED BY 'hunter2'")
        cursor.execute(f"GRANT SELECT ON mysql.* TO {NAME}@'%'")
        try:
            yield parts._replace(netloc=f"{NAME}:hunter2@{parts.hostname}:{parts.port}").geturl(), cursor.execute
        finally:
            cursor.execute(f"DROP USER {NAME}@'%'")


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (None, None),
        (f"ALTER ROLE {NAME} SUPERUSER", "is a superuser,"),
        (f"GRANT pg_write_server_files TO {NAME}", "is a member of pg_write_server_files,"),
        (f"GRANT pg_execute_server_program TO {NAME}", "is a member of pg_execute_server_program,"),
        (f"GRANT pg_read_server_files TO {NAME}", "is a member of pg_read_server_files,"),
        (f"GRANT pg_monitor, pg_read_all_data TO {NAME}", None),
        (f"ALTER ROLE {NAME} CREATEDB", None),
    ],
)
def test_postgres_user_with_dangerous_privileges_gets_a_warning(
    daemon: Daemon, postgres: tuple[str, Callable[[str], object]], statement: str, what: str
) -> None:
    url, run = postgres
    if statement:
        run(statement)
    found = warnings(daemon, "postgres", url)
    assert len(found) == (1 if what else 0)
    assert all(f"The user '{NAME}' of PostgreSQL {what}" in text for text in found)


def test_indirect_membership_in_a_role_gets_a_warning(
    daemon: Daemon, postgres: tuple[str, Callable[[str], object]]
) -> None:
    url, run = postgres
    between = identifier(f"{NAME}_between")
    run(f"CREATE ROLE {between}")
    try:
        run(f"GRANT pg_write_server_files TO {between}")
        run(f"GRANT {between} TO {NAME}")
        assert "pg_write_server_files" in warnings(daemon, "postgres", url)[0]
    finally:
        run(f"DROP ROLE {between}")


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (None, None),
        (f"GRANT FILE ON *.* TO {NAME}@'%'", "has FILE,"),
        (f"GRANT SELECT, SUPER, FILE ON *.* TO {NAME}@'%'", "has FILE, SUPER,"),
        (f"GRANT ALL PRIVILEGES ON *.* TO {NAME}@'%'", "has ALL PRIVILEGES,"),
        (f"GRANT ALL PRIVILEGES ON mysql.* TO {NAME}@'%'", None),
        (f"GRANT SELECT, SHOW VIEW, PROCESS ON *.* TO {NAME}@'%'", None),
    ],
)
def test_mysql_user_with_dangerous_privileges_gets_a_warning(
    daemon: Daemon, mysql: tuple[str, Callable[[str], object]], statement: str, what: str
) -> None:
    url, run = mysql
    if statement:
        run(statement)
    found = warnings(daemon, "mysql", url)
    assert len(found) == (1 if what else 0)
    assert all(f"The user '{NAME}' of MySQL {what}" in text for text in found)


def test_privileges_of_a_default_role_get_a_warning(daemon: Daemon, mysql: tuple[str, Callable[[str], object]]) -> None:
    url, run = mysql
    run(f"CREATE OR REPLACE ROLE {NAME}_role")
    try:
        run(f"GRANT FILE ON *.* TO {NAME}_role")
        run(f"GRANT {NAME}_role TO {NAME}@'%'")
        run(f"SET DEFAULT ROLE {NAME}_role FOR {NAME}@'%'")
        assert "has FILE," in warnings(daemon, "mysql", url)[0]
    finally:
        run(f"DROP ROLE {NAME}_role")
