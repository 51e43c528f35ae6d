"""Fixtures that several test files share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.bigquery import emulator
from tests.clickhouse import chdb_server
from tests.daemon import Daemon
from tests.spark import sail_server


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    """Start one daemon for all tests that do not change its state."""
    with Daemon() as running:
        yield running


def database_url(variable: str) -> str:
    """Return the URL of a server that tests may write to; fails the test if it is not set."""
    url = os.environ.get(variable)
    if not url:
        pytest.fail(f"{variable} is not set. Run: node scripts/with-databases.mjs -- <the test command>")
    return url


@pytest.fixture(scope="session")
def urls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the URL of a database for each driver: the servers, empty files, and a folder of one file."""
    import duckdb  # Not for unit tests.

    folder = tmp_path_factory.mktemp("urls")
    (folder / "empty.db").touch()
    duckdb.connect(str(folder / "empty.duckdb")).close()
    (folder / "files").mkdir()
    (folder / "files" / "rows.csv").write_text("a\n1\n")
    return {
        "postgres": database_url("KTX_TEST_POSTGRES_URL"),
        "mysql": database_url("KTX_TEST_MYSQL_URL"),
        "sqlite": str(folder / "empty.db"),
        "duckdb": str(folder / "empty.duckdb"),
        "files": str(folder / "files"),
    }


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of the newest ClickHouse, without a database."""
    with chdb_server(tmp_path_factory.mktemp("clickhouse")) as port:
        yield f"clickhouse://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def bigquery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Return the port of BigQuery's emulator; skips the test without a Python that it supports."""
    with emulator(tmp_path_factory.mktemp("bigquery")) as port:
        yield port


@pytest.fixture(scope="session")
def sail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a session on Sail, without a database."""
    with sail_server(tmp_path_factory.mktemp("sail")) as url:
        yield url


# Names in a test's module or fixtures that imply a database server.
_DATABASES = {
    *("urls", "bigquery", "clickhouse", "sail", "database_url", "connect_mysql", "databases", "Databases", "connect")
}
# Names that imply what unit tests do not use: a daemon, a database server, another process, the packages of the
# embeddings (`SITE`), and Hypothesis (`given`), whose import takes two seconds.
_RESOURCES = {"daemon", "Daemon", "subprocess", "SITE", "given"} | _DATABASES


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that need a database server, and keep exactly the tests without resources in `unit`.

    Those in `semantic` compare with databases.
    """
    for item in items:
        used = {*vars(getattr(item, "module", None)), *getattr(item, "fixturenames", ())}
        folder = "semantic" if "semantic" in item.path.parts else item.path.parent.name
        if folder == "semantic" or not used.isdisjoint(_DATABASES):
            item.add_marker(pytest.mark.database)
        if (folder == "unit") != (folder != "semantic" and used.isdisjoint(_RESOURCES)):
            advice = "is not a unit test: move it out of" if folder == "unit" else "is a unit test: move it to"
            raise pytest.UsageError(f"{item.nodeid} {advice} tests/unit")
