"""Databases whose objects a script creates, and what an introspection says of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from pg8000.native import Connection

from tests.conftest import database_url
from tests.daemon import Daemon
from tests.introspection import introspect, tables_by_name


def statements(script: str) -> list[str]:
    return [statement for statement in script.split(";\n") if statement.strip()]


@contextmanager
def postgres_database(name: str, script: str) -> Iterator[str]:
    """Create a database and a role of one name, and yield the URL of the role."""
    parts = urlsplit(database_url("KTX_TEST_POSTGRES_URL"))
    with closing(Connection(parts.username, parts.hostname, "postgres", parts.port, parts.password)) as server:
        server.run(f"CREATE DATABASE {name}")
        server.run(f"CREATE ROLE {name} LOGIN PASSWORD 'ktx'")
        try:
            with closing(Connection(parts.username, parts.hostname, name, parts.port, parts.password)) as connection:
                for statement in statements(script):
                    connection.run(statement)
            yield f"postgresql://{name}:ktx@{parts.hostname}:{parts.port}/{name}"
        finally:
            server.run(f"DROP DATABASE {name} WITH (FORCE)")
            server.run(f"DROP ROLE {name}")


def read(daemon: Daemon, driver: str, url: str, **options: Any) -> dict[str, Any]:
    return tables_by_name(introspect(daemon, driver, url, **options))


def column_details(table: dict[str, Any], key: str) -> dict[str, Any]:
    return {column["name"]: column[key] for column in table["columns"] if key in column}
