"""Sessions of Snowflake, and the end of their statements on the server."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import sys
from collections.abc import Iterator
from typing import Any

from ktx_daemon import cancellation
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.connection.packages import import_driver
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.snowflake.account import Account
from ktx_daemon.warehouses.snowflake.browser import require_cached_token
from ktx_daemon.warehouses.snowflake.cancel import StatementCancel
from ktx_daemon.warehouses.snowflake.settings import session_parameters

# The name of KTX in the history of logins.
APPLICATION = "KTX"
MIN_PYTHON = (3, 11)
LOGOUT_TIMEOUT = 2


class Session:
    """A session, which runs one statement at a time."""

    def __init__(self, connection: Any, account: Account, timeout: float) -> None:
        self.account = account
        self._connection = connection
        self._timeout = timeout

    @property
    def warehouse(self) -> str | None:
        """The current warehouse of the session."""
        return self._connection.warehouse or None

    @property
    def role(self) -> str:
        """The primary role of the session."""
        return str(self._connection.role or "")

    @property
    def database(self) -> str | None:
        """The current database of the session."""
        return self._connection.database or None

    def query(self, sql: str, code: ErrorCode = "connection_failed") -> list[dict[str, Any]]:
        """Run a statement of KTX and return its rows by the names of their columns in lower case.

        `code` is that of errors without one of their own.
        """
        return list(self.iterate(sql, code))

    def iterate(self, sql: str, code: ErrorCode = "connection_failed") -> Iterator[dict[str, Any]]:
        """Like `query`, for results that are not held in memory."""
        with self._run(sql, code) as cursor:
            names = [column.name.lower() for column in cursor.description or ()]
            for row in cursor:
                yield dict(zip(names, row, strict=True))

    def read_rows(self, sql: str, code: ErrorCode = "connection_failed") -> list[tuple[Any, ...]]:
        """Like `query`, for rows whose columns have no names."""
        with self._run(sql, code) as cursor:
            return list(cursor)

    def set_timeout(self, seconds: float) -> None:
        """Set the timeout of the statements that follow."""
        self._timeout = seconds

    def stream(self, sql: str) -> contextlib.AbstractContextManager[Any]:
        """Run a statement of a user, and yield its cursor."""
        return self._run(sql, "query_failed")

    @contextlib.contextmanager
    def _run(self, sql: str, code: ErrorCode) -> Iterator[Any]:
        """Run a statement for a block; a timeout, and a caller that goes, end it on the server."""
        from ktx_daemon.warehouses.snowflake.errors import explain

        cancel = StatementCancel(self._connection)
        try:
            with cancellation.current().interrupting(cancel.start), cancel.after(self._timeout):
                cursor = self._connection.cursor()
                cursor.execute(sql)
                yield cursor
        except (BadRequestError, cancellation.CancelledWorkError):
            raise
        except Exception as error:
            cancellation.current().check()
            if cancel.has_expired:
                raise network.statement_timeout_error(str(self.account), self._timeout) from None
            raise explain(error, self.account, self._timeout, code, self.role, self.warehouse) from None
        finally:
            cancel.finish()


@contextlib.contextmanager
def open_session(target: Target, max_rows: int = 0) -> Iterator[Session]:
    """Log in; a statement of the session returns at most `max_rows` rows (0: all)."""
    connector = _import_connector()
    account = Account.from_target(target)
    require_cached_token(account)
    connection = _log_in(connector, account, target, max_rows)
    try:
        yield Session(connection, account, target.statement_timeout)
    finally:
        with contextlib.suppress(Exception):
            connection.close(retry=False)


def _import_connector() -> Any:
    if sys.version_info < MIN_PYTHON:
        raise BadRequestError(
            "driver_missing",
            "Snowflake needs a runtime with Python 3.11 or newer",
            "Install it, then run: ktx runtime install --feature snowflake --force --yes",
        )
    # It would ask the network whether this machine belongs to a cloud.
    os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
    connector = import_driver("snowflake.connector", "snowflake")
    logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)  # errors are raised, too
    return connector


def _log_in(connector: Any, account: Account, target: Target, max_rows: int) -> Any:
    from ktx_daemon.warehouses.snowflake.errors import explain_login

    seconds = math.ceil(target.statement_timeout + network.GRACE_SECONDS)
    given = account.options.get("session_parameters") or {}
    try:
        return connector.connect(
            **account.connect_arguments(target),
            session_parameters={
                **session_parameters(given, target.statement_timeout, max_rows),
                **account.cache_parameters(),
            },
            application=APPLICATION,
            query_timeout=seconds,
            request_timeout=seconds,
            server_session_keep_alive=False,
            enable_server_session_keep_alive_auto_detection=False,
            serialize_session_operations=False,  # a cancellation does not wait for the statement
            logout_total_timeout_seconds=LOGOUT_TIMEOUT,
            auto_cleanup=False,
        )
    except Exception as error:
        cancellation.current().check()
        raise explain_login(error, account, target.connection_timeout) from None
