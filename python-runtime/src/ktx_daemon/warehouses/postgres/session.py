"""Read-only sessions of PostgreSQL: settings, timeouts and error translation."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError

from ktx_daemon import cancellation
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection import network
from ktx_daemon.warehouses.postgres.server import Server, sqlstate
from ktx_daemon.warehouses.postgres.settings import (
    BEGIN,
    CONNECTION_CHECK,
    OPTIONAL,
    REQUIRED,
    SEARCH_PATH,
    timeout_statements,
)
from ktx_daemon.warehouses.postgres.wire import BoundedConnection

# Roles with privileges that a read-only transaction does not restrict.
DANGEROUS_ROLES = ("pg_write_server_files", "pg_execute_server_program", "pg_read_server_files")
# The SQLSTATE of a statement that waited for a lock.
LOCK_TIMEOUT = "55P03"
# The history leaves out statements with it. It is at the end, as PostgreSQL 18 keeps no comment before a statement.
COMMENT = "/* ktx */"
NO_EXTRA_CODES: Mapping[str, ErrorCode] = MappingProxyType({})

DANGEROUS_ROLES_OF_USER = """
    SELECT r.rolname FROM pg_catalog.pg_roles AS r
    WHERE (r.rolsuper AND r.rolname = current_user)
        OR (r.rolname = ANY(CAST(:roles AS text[])) AND pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER'))
"""


class LockedError(BadRequestError):
    """The server waited for a lock in vain."""

    def __init__(self, explained: BadRequestError) -> None:
        super().__init__(explained.code, explained.detail)


class Session:
    """A read-only session; the statement timeout is enforced by the server and by the client."""

    def __init__(
        self, connection: BoundedConnection, abortable_socket: network.AbortableSocket, server: Server, timeout: float
    ) -> None:
        self.connection = connection
        self._abortable_socket = abortable_socket
        self._server = server
        self._timeout = timeout
        self.database = server.database

    def query(self, sql: str, **parameters: Any) -> list[Any]:
        """Run one query."""
        with self.guard_statement():
            return list(self.connection.run(f"{sql} {COMMENT}", **parameters) or [])

    def warnings(self) -> list[str]:
        """Return warnings for privileges of the user that a read-only transaction does not restrict.

        Must be the last query of a session, as an error aborts the transaction.
        """
        with contextlib.suppress(BadRequestError):  # compatible servers may not have roles
            return _privilege_warnings(
                self._server.user,
                [name for (name,) in self.query(DANGEROUS_ROLES_OF_USER, roles=list(DANGEROUS_ROLES))],
            )
        return []

    @contextlib.contextmanager
    def guard_statement(
        self, default_code: ErrorCode = "connection_failed", codes: Mapping[str, ErrorCode] = NO_EXTRA_CODES
    ) -> Iterator[None]:
        """Guard a block that runs a statement: enforce the timeout, and translate the driver's errors.

        `codes` are error codes by SQLSTATE, `default_code` is that of all other errors.
        """
        cancellation.current().check()
        timeout_error = network.statement_timeout_error(str(self._server), self._timeout)
        with self._abortable_socket.deadline(self._timeout + network.GRACE_SECONDS, timeout_error):
            try:
                yield
            except (DatabaseError, InterfaceError) as error:
                code = codes.get(sqlstate(error), default_code)
                explained = self._server.explain(error, self._timeout, code)
                raise (LockedError(explained) if sqlstate(error) == LOCK_TIMEOUT else explained) from None

    def apply_settings(self) -> None:
        """Apply the session settings and begin a read-only transaction."""
        limits = timeout_statements(self._timeout)
        try:
            self._retry_timeouts("; ".join((*limits, *REQUIRED, *OPTIONAL, *CONNECTION_CHECK, *SEARCH_PATH, *BEGIN)))
        except BadRequestError as error:
            if error.code != "connection_failed":
                raise
            # A compatible server that lacks one of the settings, or a lost connection.
            for statement in limits:
                with contextlib.suppress(BadRequestError):
                    self._retry_timeouts(statement)
            self.query("; ".join(REQUIRED))
            for statement in (*OPTIONAL, *CONNECTION_CHECK, *SEARCH_PATH):
                with contextlib.suppress(BadRequestError):
                    self.query(statement)
            self.query("; ".join(BEGIN))

    def set_timeout(self, seconds: float) -> None:
        """Set the timeout of the statements that follow."""
        if seconds != self._timeout:
            self._timeout = seconds
            self.query("; ".join(timeout_statements(seconds)))

    def restart(self) -> None:
        """End the transaction, with its locks or its error, and begin another one.

        The settings are applied again: they were sent with BEGIN, so that they belong to the transaction that ends.
        """
        self.query("ROLLBACK")
        self.apply_settings()

    def _retry_timeouts(self, statements: str) -> None:
        """Run statements of which the first sets the timeout; until then that of the role applies, possibly 1 ms."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                self.query(statements)
                return
            except BadRequestError as error:
                if error.code != "statement_timeout" or time.monotonic() >= deadline:
                    raise


def _privilege_warnings(user: str, held: list[str]) -> list[str]:
    roles = [name for name in DANGEROUS_ROLES if name in held]
    if set(held) - set(roles):
        what = "is a superuser"
    elif roles:
        what = f"is a member of {', '.join(roles)}"
    else:
        return []
    return [
        f"The user '{user}' of PostgreSQL {what}, and a read-only transaction does not keep such a user from files and "
        "programs of the server: use one that may only read"
    ]
