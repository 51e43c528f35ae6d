"""Probes whether a server has a query history that this user may read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.redaction import MASK
from ktx_daemon.warehouses.model.history import Unavailable
from ktx_daemon.warehouses.model.identifiers import in_double_quotes
from ktx_daemon.warehouses.postgres.history_sql import COLUMNS, SCHEMA, SERVER
from ktx_daemon.warehouses.postgres.session import Session

MIN_SERVER_VERSION = 110_000
# The SQLSTATE for a library that is missing in shared_preload_libraries.
NOT_LOADED_CODES: Mapping[str, ErrorCode] = {"55000": "extension_not_loaded"}


class UnavailableError(Exception):
    """The server has no query history for this user."""

    def __init__(self, reason: Unavailable) -> None:
        super().__init__(reason.detail)
        self.reason = reason


@dataclass(frozen=True)
class Server:
    """Version and role of a session; `connection_id` is for error texts."""

    connection_id: str
    version: str
    number: int
    role: str

    @classmethod
    def read(cls, session: Session, connection_id: str, token: str | None) -> Server:
        """Query the version and the role of the session; a role name that may be a token is masked."""
        ((version, number, role),) = session.query(SERVER)
        return cls(connection_id, version, number, MASK if role == token else role)

    def find_extension(self, session: Session) -> Extension:
        """Find the extension or the view that has the statements. Raises `UnavailableError`."""
        if self.number < MIN_SERVER_VERSION:
            raise UnavailableError(self._server_too_old())
        ((schema,),) = session.query(SCHEMA)
        if schema is None:
            raise UnavailableError(self._extension_missing())
        info, columns = (
            frozenset(name for (name,) in session.query(COLUMNS, relation=f"{schema}{relation}"))
            for relation in ("pg_stat_statements_info", "pg_stat_statements")
        )
        return Extension(self, schema, columns, info)

    @contextlib.contextmanager
    def guard_reading(self, session: Session) -> Iterator[None]:
        """Guard a block that reads statements: missing privileges and libraries become `UnavailableError`."""
        try:
            with session.guard_statement(codes=NOT_LOADED_CODES):
                yield
        except BadRequestError as error:
            if error.code == "permission_denied":
                raise UnavailableError(self.missing_privilege()) from None
            if error.code == "extension_not_loaded":
                raise UnavailableError(self._extension_not_loaded()) from None
            raise

    def missing_privilege(self) -> Unavailable:
        """Return the reason for a missing privilege."""
        return Unavailable(
            "permission_denied",
            f"The user of the connection {self.connection_id} may not see the statements of others",
            f"Let an administrator run: GRANT pg_read_all_stats TO {in_double_quotes(self.role)}",
        )

    def _server_too_old(self) -> Unavailable:
        return Unavailable(
            "server_too_old",
            f"The connection {self.connection_id} is PostgreSQL {self.number // 10_000}, and its statements can be "
            "read from version 11 on",
            "Update the server",
        )

    def _extension_missing(self) -> Unavailable:
        return Unavailable(
            "extension_missing",
            f"The database of the connection {self.connection_id} has no pg_stat_statements",
            "Let an administrator add it to shared_preload_libraries, restart the server, and run in this database: "
            "CREATE EXTENSION pg_stat_statements",
        )

    def _extension_not_loaded(self) -> Unavailable:
        return Unavailable(
            "extension_not_loaded",
            f"The server of the connection {self.connection_id} does not load pg_stat_statements",
            "Let an administrator add it to shared_preload_libraries and restart the server",
        )


@dataclass(frozen=True)
class Extension:
    """The view of the statements: its schema as an SQL prefix (quoted, with a dot), and the columns of its version."""

    server: Server
    schema: str
    columns: frozenset[str]
    info_columns: frozenset[str]
