"""Connections to DuckDB through the package `duckdb` (an extra of the wheel), sandboxed and interruptible."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.timers import calling_after
from ktx_daemon.warehouses.connection.files import find_database_file
from ktx_daemon.warehouses.connection.packages import import_driver
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.duckdb.open_errors import explain_open_error

EXTENSION_SETTINGS = {
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
}
# Views of a database can refer to any local file and any URL, which must not be read.
SANDBOX = {"enable_external_access": "false", **EXTENSION_SETTINGS}
SESSION_SETTINGS = ("SET TimeZone = 'UTC'", "SET lock_configuration = true")


def import_duckdb() -> Any:
    """Import the driver. Raises 400 if it is not installed."""
    return import_driver("duckdb", "duckdb")


def find_file(target: Target) -> Path:
    """Return the database file of a target. Raises 400 if there is none, and for MotherDuck."""
    if target.url.lower().startswith(("md:", "motherduck:", "duckdb:md:", "duckdb:///md:")):
        # Its URL may contain a token, so that it is not taken for a path, which errors show.
        raise BadRequestError(
            "invalid_url", "MotherDuck is not supported yet", "Use a DuckDB file, or files of its data"
        )
    return find_database_file(target.url, "DuckDB", ("duckdb",))


@contextlib.contextmanager
def open_file(path: Path, target: Target, **settings: str) -> Iterator[Any]:
    """Open a file read-only and sandboxed; the connection is interrupted after the statement timeout."""
    duckdb = import_duckdb()
    try:
        connection = duckdb.connect(str(path), read_only=True, config={**SANDBOX, **settings})
        for setting in SESSION_SETTINGS:
            connection.execute(setting)
    except duckdb.Error as error:
        raise explain_open_error(path, str(error), duckdb.__version__) from None
    with interruptible(connection, target, f"DuckDB database {path.name}"):
        yield connection


@contextlib.contextmanager
def interruptible(connection: Any, target: Target, label: str) -> Iterator[None]:
    """Interrupt the connection after the statement timeout or on cancellation, and close it at the end."""
    duckdb = import_duckdb()
    try:
        with (
            calling_after(target.statement_timeout, connection.interrupt),
            cancellation.current().interrupting(connection.interrupt),
        ):
            yield
    except duckdb.InterruptException:
        cancellation.current().check()
        detail = f"Reading the {label} took longer than {target.statement_timeout:g} s"
        raise BadRequestError("statement_timeout", detail) from None
    finally:
        connection.close()
