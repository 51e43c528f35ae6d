"""Whether a server has a history that this user may read, and what has to be done where it has none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.history.model import Unavailable
from ktx_daemon.history.postgres_sql import COLUMNS, SCHEMA, SERVER
from ktx_daemon.introspection.postgres_session import Session
from ktx_daemon.redaction import MASK

OLDEST = 110_000
# The SQLSTATE of a library that has to be loaded when the server starts, and was not.
NOT_LOADED: Mapping[str, ErrorCode] = {"55000": "extension_not_loaded"}


class UnavailableError(Exception):
    """The server has no history for this user."""

    def __init__(self, reason: Unavailable) -> None:
        super().__init__(reason.detail)
        self.reason = reason


@dataclass(frozen=True)
class Server:
    """What a server says of itself; `connection_id` is for sentences."""

    connection_id: str
    version: str
    number: int
    role: str

    @classmethod
    def of(cls, session: Session, connection_id: str, token: str | None) -> Server:
        """Ask for the version and the role of the session; a name that may be a token is masked."""
        ((version, number, role),) = session.query(SERVER)
        return cls(connection_id, version, number, MASK if role == token else role)

    def find_extension(self, session: Session) -> Extension:
        """Find where the statements are. Raises `UnavailableError`."""
        if self.number < OLDEST:
            raise UnavailableError(self._too_old())
        ((schema,),) = session.query(SCHEMA)
        if schema is None:
            raise UnavailableError(self._not_created())
        info, columns = (
            frozenset(name for (name,) in session.query(COLUMNS, relation=f"{schema}{relation}"))
            for relation in ("pg_stat_statements_info", "pg_stat_statements")
        )
        return Extension(self, schema, columns, info)

    @contextlib.contextmanager
    def reading(self, session: Session) -> Iterator[None]:
        """While the block reads the statements, what the server refuses becomes `UnavailableError`."""
        try:
            with session.asking(codes=NOT_LOADED):
                yield
        except BadRequestError as error:
            if error.code == "permission_denied":
                raise UnavailableError(self.no_privilege()) from None
            if error.code == "extension_not_loaded":
                raise UnavailableError(self._not_loaded()) from None
            raise

    def no_privilege(self) -> Unavailable:
        """Say which right the user lacks."""
        role = self.role.replace('"', '""')
        return Unavailable(
            "permission_denied",
            f"The user of the connection {self.connection_id} may not see the statements of others",
            f'Let an administrator run: GRANT pg_read_all_stats TO "{role}"',
        )

    def _too_old(self) -> Unavailable:
        return Unavailable(
            "server_too_old",
            f"The connection {self.connection_id} is PostgreSQL {self.number // 10_000}, and its statements can be "
            "read from version 11 on",
            "Update the server",
        )

    def _not_created(self) -> Unavailable:
        return Unavailable(
            "extension_missing",
            f"The database of the connection {self.connection_id} has no pg_stat_statements",
            "Let an administrator add it to shared_preload_libraries, restart the server, and run in this database: "
            "CREATE EXTENSION pg_stat_statements",
        )

    def _not_loaded(self) -> Unavailable:
        return Unavailable(
            "extension_not_loaded",
            f"The server of the connection {self.connection_id} does not load pg_stat_statements",
            "Let an administrator add it to shared_preload_libraries and restart the server",
        )


@dataclass(frozen=True)
class Extension:
    """Where the statements are: a schema with a dot, quoted where it must be, and the columns of its version."""

    server: Server
    schema: str
    columns: frozenset[str]
    info_columns: frozenset[str]
