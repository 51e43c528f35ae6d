"""Connections to DuckDB files through the package `duckdb` (an extra of the wheel), opened read-only."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.packages import import_driver
from ktx_daemon.warehouses.connection.target import Target

# Views of a database can refer to any local file and any URL, which must not be read.
SANDBOX = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
}
SESSION_SETTINGS = ("SET TimeZone = 'UTC'", "SET lock_configuration = true")


@contextlib.contextmanager
def open_file(path: Path, target: Target, **settings: str) -> Iterator[Any]:
    """Open a file read-only and sandboxed; the connection is interrupted after the statement timeout."""
    duckdb = import_driver("duckdb", "duckdb")
    try:
        connection = duckdb.connect(str(path), read_only=True, config={**SANDBOX, **settings})
        for setting in SESSION_SETTINGS:
            connection.execute(setting)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise BadRequestError("not_a_database", f"The DuckDB database {path} cannot be opened: {reason}") from None
    timer = threading.Timer(target.statement_timeout, connection.interrupt)
    timer.start()
    try:
        with cancellation.current().interrupting(connection.interrupt):
            yield connection
    except duckdb.InterruptException:
        cancellation.current().check()
        detail = f"Reading the DuckDB database {path} took longer than {target.statement_timeout:g} s"
        raise BadRequestError("statement_timeout", detail) from None
    finally:
        timer.cancel()
        connection.close()
