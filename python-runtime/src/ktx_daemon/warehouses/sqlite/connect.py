"""Connections to SQLite files through the standard library, opened read-only."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from ktx_daemon import cancellation
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.target import Target

# The interval of SQLite's progress callback, in instructions of its virtual machine.
PROGRESS_INSTRUCTIONS = 10_000


@contextlib.contextmanager
def open_file(path: Path, target: Target) -> Iterator[sqlite3.Connection]:
    """Open a file read-only; statements are interrupted after the statement timeout."""
    connection = _open(path, target)
    deadline = time.monotonic() + target.statement_timeout
    connection.set_progress_handler(lambda: time.monotonic() > deadline, PROGRESS_INSTRUCTIONS)
    with contextlib.closing(connection), cancellation.current().interrupting(connection.interrupt):
        yield connection


def _open(path: Path, target: Target) -> sqlite3.Connection:
    """Open a file read-only; one in WAL mode in a folder without write access can only be opened as immutable."""
    uri = f"file:{quote(path.as_posix() if os.name == 'posix' else '/' + path.as_posix())}?mode=ro"
    for attempt in (uri, f"{uri}&immutable=1"):
        connection = sqlite3.connect(
            attempt,
            uri=True,
            timeout=target.connection_timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            if attempt != uri or "unable to open" not in str(error):
                raise
        except sqlite3.DatabaseError:
            connection.close()
            raise
    raise AssertionError


def explain(
    error: sqlite3.DatabaseError, path: Path, target: Target, default_code: ErrorCode = "introspection_failed"
) -> BadRequestError:
    """Translate SQLite's error into an error with a stable code; `default_code` is that of all other errors.

    An error of a statement names the file without its folder, which an agent has no use for.
    """
    text, name = str(error), path.name
    if "interrupted" in text:
        return BadRequestError(
            "statement_timeout",
            f"Reading the SQLite database {name} took longer than {target.statement_timeout:g} s",
        )
    if "locked" in text:
        return BadRequestError("database_locked", f"The SQLite database {name} is locked by another program")
    if "not a database" in text:
        return BadRequestError("not_a_database", f"The file {path} is not a SQLite database, or it is encrypted")
    if "unable to open" in text:
        return BadRequestError("permission_denied", f"The SQLite database {path} cannot be opened for reading")
    if default_code == "query_failed":
        return BadRequestError(default_code, f"The query on the SQLite database {name} was refused: {text}")
    return BadRequestError(default_code, f"The SQLite database {name} cannot be read: {text}")
