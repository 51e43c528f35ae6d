"""The corpus on real databases: what passes runs, and changes neither data nor schema nor settings."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ktx_daemon.sql.read_only import NotReadOnlyError, check_read_only
from tests.read_only import databases
from tests.read_only.corpus import Entry, entries


def open_database(
    dialect: str, folder: Path, request: pytest.FixtureRequest
) -> AbstractContextManager[databases.Database]:
    """Return a new database of the engine; skips the test where the engine cannot run."""
    if dialect == "clickhouse":
        return databases.clickhouse(request.getfixturevalue("clickhouse"))
    if dialect == "spark":
        return databases.spark(request.getfixturevalue("sail"))
    if dialect in ("sqlite", "duckdb"):
        return databases.sqlite(folder) if dialect == "sqlite" else databases.duck(folder)
    return databases.postgres() if dialect == "postgres" else databases.mariadb()


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "mariadb", "sqlite", "duckdb", "clickhouse", "spark"])
def test_statements_that_pass_run_and_change_nothing(
    dialect: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with open_database(dialect, tmp_path, request) as database:
        before = database.snapshot()
        failed = [found for entry in entries(dialect) if (found := run_if_checked(database, entry))]
        assert failed == []
        assert database.snapshot() == before
        database.run("INSERT INTO t VALUES (9, 9, 9, 'z')")
        assert database.snapshot() != before


def run_if_checked(database: databases.Database, entry: Entry) -> tuple[Entry, Exception] | None:
    """Send a statement unless the check refuses it; return the error of one that needs nothing else."""
    try:
        sent = check_read_only(entry.statement, entry.dialect)
    except NotReadOnlyError:
        return None
    try:
        database.run(sent)
    except Exception as error:
        return None if entry.needs else (entry, error)
    return None
