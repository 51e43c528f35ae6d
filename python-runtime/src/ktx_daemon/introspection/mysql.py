"""MySQL and MariaDB, through their information schema: one query for each kind of fact."""

from __future__ import annotations

import contextlib
import getpass
import re
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

import pymysql

from ktx_daemon import cancellation, request_id
from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import BadRequestError
from ktx_daemon.introspection import network
from ktx_daemon.introspection.model import Column, ForeignKey, Found, Table
from ktx_daemon.introspection.mysql_rules import assigned, rules
from ktx_daemon.introspection.mysql_wire import BoundedConnection
from ktx_daemon.introspection.target import ServerUrl, Target, parse_server_url, shown_user
from ktx_daemon.redaction import redact

DEFAULT_PORT = 3306
# MySQL's own names of the TLS modes, beside those of libpq.
TLS_MODES = {
    "disabled": "disable",
    "preferred": "prefer",
    "required": "require",
    "verify_ca": "verify-ca",
    "verify_identity": "verify-full",
}

# Numbers of errors, as both servers and their client library have them.
ACCESS_DENIED = {1045, 1698, 1130, 1251, 2059}
UNKNOWN_DATABASE = {1049}
NOT_PERMITTED = {1044, 1142, 1143, 1227}
TIMED_OUT = {1969, 3024, 1317}
TLS_FAILED = {2026}

# Rights that reach what no transaction protects.
POWERS = (
    "ALL PRIVILEGES",
    "FILE",
    "SUPER",
    "SHUTDOWN",
    "RELOAD",
    "CREATE USER",
    "SYSTEM_VARIABLES_ADMIN",
    "CONNECTION_ADMIN",
)
GLOBAL_GRANT = re.compile(r"GRANT (.+?) ON \*\.\* TO ")
SCHEMAS = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"
TABLES = """
    SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS FROM information_schema.TABLES
    WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW', 'SYSTEM VIEW') AND TABLE_SCHEMA IN ({schemas})
"""
COLUMNS = """
    SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLUMN_COMMENT
    FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA IN ({schemas}) ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION
"""
FOREIGN_KEYS = """
    SELECT TABLE_SCHEMA, TABLE_NAME,
        COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME, CONSTRAINT_NAME
    FROM information_schema.KEY_COLUMN_USAGE
    WHERE REFERENCED_TABLE_NAME IS NOT NULL AND TABLE_SCHEMA IN ({schemas})
    ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION
"""


def introspect(target: Target) -> Found:
    """Read the given schemas, or the database that the URL names."""
    url = parse_server_url(target.url, ("mysql", "mariadb"))
    wanted = target.schemas or ([url.database] if url.database else [])
    if not wanted:
        raise BadRequestError("invalid_url", "The MySQL URL names no database, and no schemas are given")
    with open_session(url, target) as session:
        schemas = _schemas(session, wanted)
        tables = _tables(session, schemas)
        warnings = session.warnings()
    return Found(schemas, tables, warnings)


class Server:
    """Where the URL leads, as errors name it: never with the password."""

    def __init__(self, url: ServerUrl) -> None:
        self.host = url.host or "localhost"
        self.port = url.port or DEFAULT_PORT
        self.user = url.user or getpass.getuser()
        self.token = url.token
        self.shown_user = shown_user(url, self.user)
        self.password = url.password or ""
        self.database = url.database
        self.socket_file = url.options.get("unix_socket") or url.options.get("socket")
        mode = url.options.get("sslmode") or url.options.get("ssl-mode") or url.options.get("ssl_mode") or "prefer"
        self.tls_mode = TLS_MODES.get(mode.lower(), mode.lower())

    def __str__(self) -> str:
        return f"MySQL at {self.socket_file or f'{self.host}:{self.port}'}/{self.database or ''}"

    def explain(self, error: Exception, timeout: float, otherwise: ErrorCode = "connection_failed") -> BadRequestError:
        """Turn a driver's error into a sentence with a stable code; `otherwise` is that of all the rest."""
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        message = redact(str(error.args[-1] if error.args else error), [self.password, self.token])
        if number in ACCESS_DENIED:
            return BadRequestError("authentication_failed", f"{self} refused the login of {self.shown_user}")
        if number in UNKNOWN_DATABASE:
            return BadRequestError("database_not_found", f"{self} has no database '{self.database}'")
        if number in TIMED_OUT:
            return network.statement_timeout(str(self), timeout)
        if number in NOT_PERMITTED:
            return BadRequestError("permission_denied", f"{self} does not let {self.shown_user} read: {message}")
        if number in TLS_FAILED or isinstance(getattr(error, "original_exception", error), ssl.SSLError):
            return BadRequestError("tls_failed", f"{self} cannot be trusted over TLS: {message}")
        if isinstance(error, RuntimeError):
            hint = "Add ?sslmode=require to the URL if the server offers TLS"
            return BadRequestError("authentication_failed", f"{self} accepts this login only over TLS", hint)
        return BadRequestError(otherwise, f"{self} failed: {message}")


class Session:
    """A read-only session; every query keeps the statement timeout, on the server and here."""

    def __init__(self, connection: BoundedConnection, wire: network.Wire, server: Server, timeout: float) -> None:
        self.connection = connection
        self._wire = wire
        self._server = server
        self._timeout = timeout

    def query(self, sql: str, parameters: Sequence[str] = ()) -> Sequence[Any]:
        """Run one query."""
        with self.asking(), self.connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    def warnings(self) -> list[str]:
        """Say which rights of the user a read-only transaction does not stop."""
        with contextlib.suppress(BadRequestError):
            grants = [GLOBAL_GRANT.match(text) for (text,) in self.query("SHOW GRANTS")]
            held = {name.strip() for grant in grants if grant for name in grant[1].split(",")}
            if powers := ", ".join(name for name in POWERS if name in held):
                return [
                    f"The user '{self._server.user}' of MySQL has {powers}, and a read-only transaction does not keep "
                    "such a user from files and settings of the server: use one that may only read"
                ]
        return []

    @contextlib.contextmanager
    def asking(self, otherwise: ErrorCode = "connection_failed") -> Iterator[None]:
        """While the block asks the server, keep the time limit; the driver's errors become ours."""
        cancellation.current().check()
        late = network.statement_timeout(str(self._server), self._timeout)
        with self._wire.within(self._timeout + network.GRACE_SECONDS, late):
            try:
                yield
            except pymysql.MySQLError as error:
                raise self._server.explain(error, self._timeout, otherwise) from None

    def fix_rules(self) -> None:
        """Make the session read-only, and set what decides how it reads a query and how long that may take."""
        is_mariadb = "mariadb" in str(self.connection.get_server_info()).lower()
        settings = rules(is_mariadb, self._timeout)
        try:
            self.query(assigned(*settings.items()))
        except BadRequestError as error:
            if error.code != "connection_failed":
                raise
            # A relative that does not know one of the variables, or that has no server behind it any more.
            self.query(assigned(("sql_mode", settings.pop("sql_mode"))))
            for setting in settings.items():
                with contextlib.suppress(BadRequestError):
                    self.query(assigned(setting))
        if not is_mariadb:
            with contextlib.suppress(BadRequestError):  # MySQL before 5.7.8 has none; the client's limit remains
                self.query(f"SET SESSION max_execution_time = {max(1, round(self._timeout * 1000))}")
        self.query("SET SESSION TRANSACTION READ ONLY")
        self.query("START TRANSACTION READ ONLY")


@contextlib.contextmanager
def open_session(url: ServerUrl, target: Target) -> Iterator[Session]:
    """Log in, and begin a transaction that cannot write."""
    server = Server(url)
    timeout = target.connection_timeout
    with network.connect(str(server), server.host, server.port, server.socket_file, timeout) as wire:
        connection = _log_in(server, url, wire, timeout)
        try:
            session = Session(connection, wire, server, target.statement_timeout)
            session.fix_rules()
            yield session
        finally:
            with contextlib.suppress(Exception):
                connection.close()


def _log_in(server: Server, url: ServerUrl, wire: network.Wire, timeout: float) -> BoundedConnection:
    with wire.within(timeout, network.connection_timeout(str(server), timeout)):
        try:
            connection = BoundedConnection(
                user=server.user,
                password=server.password.encode(),  # as text the driver would take it for Latin-1
                host=server.host,
                port=server.port,
                database=server.database,
                charset="utf8mb4",
                program_name=request_id.session_name(),
                defer_connect=True,
                **_tls(server, url.options),
            )
            connection.connect(wire.socket)
            return connection
        except (pymysql.MySQLError, OSError, RuntimeError) as error:
            raise server.explain(error, timeout) from None


def _tls(server: Server, options: dict[str, str]) -> dict[str, Any]:
    """Give PyMySQL's TLS arguments; without any it uses TLS if the server offers it."""
    if server.tls_mode == "disable" or server.socket_file:
        return {"ssl_disabled": True}
    if server.tls_mode in ("prefer", "allow"):
        return {}
    if server.tls_mode not in TLS_MODES.values():
        raise BadRequestError("invalid_url", f"ssl-mode must be one of {', '.join(TLS_MODES)}")
    return {"ssl": network.tls_context(server.tls_mode, options)}


def _schemas(session: Session, wanted: list[str]) -> list[str]:
    existing = {name.lower(): name for (name,) in session.query(SCHEMAS)}
    for name in wanted:
        if name.lower() not in existing:
            raise BadRequestError("schema_not_found", f"The server has no database '{name}', or it may not be seen")
    return sorted({existing[name.lower()] for name in wanted})


def _tables(session: Session, schemas: list[str]) -> list[Table]:
    marks = ", ".join(["%s"] * len(schemas))
    tables: dict[tuple[str, str], Table] = {}
    for schema, name, kind, comment, rows in session.query(TABLES.format(schemas=marks), schemas):
        is_view = "VIEW" in kind
        tables[schema, name] = Table(
            catalog=None,
            db=schema,
            name=name,
            kind="view" if is_view else "table",
            comment=None if is_view else comment or None,  # the comment of a view is the word VIEW
            estimated_rows=None if is_view else rows,
            columns=[],
            foreign_keys=[],
        )
    for schema, name, column, kind, nullable, key, comment in session.query(COLUMNS.format(schemas=marks), schemas):
        if table := tables.get((schema, name)):
            table.columns.append(Column(column, kind, nullable == "YES", key == "PRI", comment or None))
    for schema, name, *parts in session.query(FOREIGN_KEYS.format(schemas=marks), schemas):
        if table := tables.get((schema, name)):
            table.foreign_keys.append(ForeignKey(*parts))
    return list(tables.values())
