"""PostgreSQL, through its catalog: one query for each kind of fact, however many tables there are.

A partitioned table is one table; its partitions are how it is stored, and are left out.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import getpass
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from pg8000.exceptions import DatabaseError, InterfaceError

from ktx_daemon import cancellation
from ktx_daemon.credentials import MASK, scrub
from ktx_daemon.errors import BadRequestError
from ktx_daemon.introspection import network
from ktx_daemon.introspection.model import ForeignKey, Found, WrittenTable
from ktx_daemon.introspection.postgres_rules import BEGIN, OPTIONAL, REQUIRED, SEARCH_PATH, timeouts
from ktx_daemon.introspection.postgres_wire import BoundedConnection
from ktx_daemon.introspection.target import ServerUrl, Target, parse_server_url, shown_user

DEFAULT_PORT = 5432
# Roles whose members reach what no transaction protects.
POWERFUL_ROLES = ("pg_write_server_files", "pg_execute_server_program", "pg_read_server_files")
# With so many, reading the foreign keys and the columns at the same time is worth a second session.
MANY_TABLES = 500
TLS_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

POWERS = """
    SELECT r.rolname FROM pg_catalog.pg_roles AS r
    WHERE (r.rolsuper AND r.rolname = current_user)
        OR (r.rolname = ANY(CAST(:roles AS text[])) AND pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER'))
"""
SCHEMAS = """
    SELECT nspname FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname
"""
# A table that was never analysed has no estimate; neither has its parent, unless all partitions have one.
RELATIONS = """
    SELECT n.nspname, c.relname, c.relkind IN ('v', 'm'), d.description,
        CASE
            WHEN c.relkind = 'v' OR (c.reltuples = 0 AND c.relpages = 0 AND c.relkind <> 'p') THEN NULL
            WHEN c.reltuples > 0 OR (c.reltuples = 0 AND c.relkind <> 'p') THEN c.reltuples
            WHEN c.relkind = 'p' THEN (
                SELECT sum(part.reltuples) FROM pg_catalog.pg_inherits AS i
                JOIN pg_catalog.pg_class AS part ON part.oid = i.inhrelid
                WHERE i.inhparent = c.oid HAVING min(part.reltuples) >= 0
            )
        END
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = c.oid AND d.classoid = CAST('pg_catalog.pg_class' AS regclass) AND d.objsubid = 0
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
        AND n.nspname = ANY(CAST(:schemas AS text[]))
"""
# The columns of a table come as one JSON text, which goes into the answer as it is: the driver, which is Python, takes
# its time for every row and value. Most of the text is constant, and the functions that build JSON are slower at that.
COLUMNS = """
    SELECT n.nspname, c.relname, '[' || string_agg(
        '{"name":' || to_json(CAST(a.attname AS text))
        || ',"type":' || to_json(pg_catalog.format_type(a.atttypid, a.atttypmod))
        || ',"nullable":' || CASE WHEN a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) THEN 'false' ELSE 'true' END
        || ',"primary_key":' || CASE WHEN a.attnum = ANY(k.conkey) THEN 'true' ELSE 'false' END
        || ',"comment":' || coalesce(CAST(to_json(d.description) AS text), 'null') || '}',
        ',' ORDER BY a.attnum
    ) || ']'
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = c.oid AND d.classoid = CAST('pg_catalog.pg_class' AS regclass) AND d.objsubid = a.attnum
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
        AND n.nspname = ANY(CAST(:schemas AS text[]))
    GROUP BY n.nspname, c.relname
"""
# A key that refers to a partitioned table stands once more in the catalog for each partition.
FOREIGN_KEYS = """
    SELECT n.nspname, c.relname, a.attname, fn.nspname, fc.relname, fa.attname, k.conname
    FROM pg_catalog.pg_constraint AS k
    JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class AS fc ON fc.oid = k.confrelid
    JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (from_number, to_number, position)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.from_number
    JOIN pg_catalog.pg_attribute AS fa ON fa.attrelid = fc.oid AND fa.attnum = u.to_number
    WHERE k.contype = 'f' AND NOT c.relispartition AND NOT fc.relispartition
        AND n.nspname = ANY(CAST(:schemas AS text[]))
    ORDER BY n.nspname, c.relname, k.conname, u.position
"""

Tables = dict[tuple[str, str], WrittenTable]


def introspect(target: Target) -> Found:
    """Read the given schemas, or all that are not the system's own."""
    url = parse_server_url(target.url, ("postgresql", "postgres"))
    with open_session(url, target) as session:
        schemas = _schemas(session, target.schemas)
        tables = _relations(session, schemas)
        ask = functools.partial(_foreign_keys_beside, url, target, schemas)
        with ThreadPoolExecutor(1) as beside:
            asked = beside.submit(contextvars.copy_context().run, ask) if len(tables) >= MANY_TABLES else None
            _add_columns(session, schemas, tables)
            found = asked.result() if asked else None
        _add_foreign_keys(session.query(FOREIGN_KEYS, schemas=schemas) if found is None else found, tables)
        warnings = session.warnings()
    return Found(schemas, list(tables.values()), warnings)


class Session:
    """A read-only session; every query keeps the statement timeout, on the server and here."""

    def __init__(self, connection: BoundedConnection, wire: network.Wire, server: Server, timeout: float) -> None:
        self.connection = connection
        self._wire = wire
        self._server = server
        self._timeout = timeout
        self.database = server.database

    def query(self, sql: str, **parameters: Any) -> list[Any]:
        """Run one query."""
        with self.asking():
            return list(self.connection.run(sql, **parameters) or [])

    def warnings(self) -> list[str]:
        """Say which rights of the user a read-only transaction does not stop; the last query of a session."""
        with contextlib.suppress(BadRequestError):  # relatives of PostgreSQL may know nothing of roles
            return _warnings(self._server.user, [name for (name,) in self.query(POWERS, roles=list(POWERFUL_ROLES))])
        return []

    @contextlib.contextmanager
    def asking(self, otherwise: str = "connection_failed") -> Iterator[None]:
        """While the block asks the server, keep the time limit; the driver's errors become ours."""
        cancellation.current().check()
        late = network.statement_timeout(str(self._server), self._timeout)
        with self._wire.within(self._timeout + network.GRACE_SECONDS, late):
            try:
                yield
            except (DatabaseError, InterfaceError) as error:
                raise self._server.explain(error, self._timeout, otherwise) from None

    def fix_rules(self) -> None:
        """Begin a transaction that cannot write, and set what decides how the server reads a query in it."""
        limits = timeouts(self._timeout)
        try:
            self._retry_timeouts("; ".join((*limits, *REQUIRED, *OPTIONAL, *SEARCH_PATH, *BEGIN)))
        except BadRequestError as error:
            if error.code != "connection_failed":
                raise
            # A relative of PostgreSQL that does not know one of the settings, or that has no server behind it any more.
            for statement in limits:
                with contextlib.suppress(BadRequestError):
                    self._retry_timeouts(statement)
            self.query("; ".join(REQUIRED))
            for statement in (*OPTIONAL, *SEARCH_PATH):
                with contextlib.suppress(BadRequestError):
                    self.query(statement)
            self.query("; ".join(BEGIN))

    def _retry_timeouts(self, statements: str) -> None:
        """Run statements of which the first sets our timeout: until then that of the role holds, which may be 1 ms."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                self.query(statements)
                return
            except BadRequestError as error:
                if error.code != "statement_timeout" or time.monotonic() >= deadline:
                    raise


class Server:
    """Where the URL leads, as errors name it: never with the password."""

    def __init__(self, url: ServerUrl) -> None:
        self.host = url.options.get("host") or url.host or "localhost"
        self.port = url.port or _port(url.options.get("port"))
        self.user = url.user or url.options.get("user") or getpass.getuser()
        self.token = url.token
        self.shown_user = shown_user(url, self.user)
        self.password = url.password or url.options.get("password")
        self.database = url.database or url.options.get("dbname") or self.user
        self._shown_database = MASK if self.database == self.token else self.database
        self.socket_file = f"{self.host}/.s.PGSQL.{self.port}" if self.host.startswith("/") else None

    def __str__(self) -> str:
        return f"PostgreSQL at {self.host}:{self.port}/{self._shown_database}"

    def explain(self, error: Exception, timeout: float, otherwise: str = "connection_failed") -> BadRequestError:
        """Turn a driver's error into a sentence with a stable code; `otherwise` is that of all the rest."""
        fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        message = scrub(str(fields.get("M") or error), [self.password, self.token])
        state = fields.get("C", "")
        if state.startswith("28") or "password authentication" in message or "no password" in message:
            return BadRequestError("authentication_failed", f"{self} refused the login of {self.shown_user}")
        if state == "3D000":
            return BadRequestError("database_not_found", f"{self} has no database '{self._shown_database}'")
        if state == "57014":
            return network.statement_timeout(str(self), timeout)
        if state == "42501":
            return BadRequestError("permission_denied", f"{self} does not let {self.shown_user} read: {message}")
        if "refuses SSL" in message:
            return BadRequestError("tls_failed", f"{self} does not offer TLS, and sslmode asks for it")
        if message == "network error":  # all that the driver says of a server that is gone
            message = "the connection was lost"
        return BadRequestError(otherwise, f"{self} failed: {message}")


@contextlib.contextmanager
def open_session(url: ServerUrl, target: Target) -> Iterator[Session]:
    """Log in, and begin a transaction that cannot write."""
    server = Server(url)
    mode = url.options.get("sslmode", "prefer")
    if mode not in TLS_MODES:
        raise BadRequestError("invalid_url", f"sslmode must be one of {', '.join(TLS_MODES)}, not '{mode}'")
    with contextlib.ExitStack() as stack:
        attempts = _tls_attempts(server, mode, url.options)
        for number, tls in enumerate(attempts, 1):
            try:
                wire = stack.enter_context(_wire(server, target))
                connection = _log_in(server, wire, tls, target)
                break
            except BadRequestError as error:
                if number == len(attempts) or error.code not in ("authentication_failed", "tls_failed"):
                    raise
        stack.callback(_quietly_close, connection)
        session = Session(connection, wire, server, target.statement_timeout)
        session.fix_rules()
        yield session


def _wire(server: Server, target: Target) -> contextlib.AbstractContextManager[network.Wire]:
    timeout = target.connection_timeout
    return network.connect(str(server), server.host, server.port, server.socket_file, timeout)


def _tls_attempts(server: Server, mode: str, options: dict[str, str]) -> list[ssl.SSLContext | bool | None]:
    """Give pg8000's `ssl_context` of each attempt: False is without TLS, None is with TLS if the server offers it."""
    if server.socket_file or mode == "disable":
        return [False]
    if mode == "allow":
        return [False, network.tls_context("require", {})]
    return [None] if mode == "prefer" else [network.tls_context(mode, options)]


def _log_in(server: Server, wire: network.Wire, tls: ssl.SSLContext | bool | None, target: Target) -> BoundedConnection:
    late = network.connection_timeout(str(server), target.connection_timeout)
    with wire.within(target.connection_timeout, late):
        try:
            return BoundedConnection(
                server.user,
                host=server.host,
                database=server.database,
                port=server.port,
                password=server.password or "",  # the driver cannot answer without one
                ssl_context=tls,
                application_name="ktx",
                sock=wire.socket,
            )
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
            raise BadRequestError("tls_failed", f"{server} cannot be trusted over TLS: {reason}") from None
        except (DatabaseError, InterfaceError, OSError, UnicodeError) as error:
            raise server.explain(error, target.connection_timeout) from None


def _quietly_close(connection: BoundedConnection) -> None:
    with contextlib.suppress(Exception):
        connection.close()


def _warnings(user: str, powers: list[str]) -> list[str]:
    roles = [name for name in POWERFUL_ROLES if name in powers]
    if set(powers) - set(roles):
        what = "is a superuser"
    elif roles:
        what = f"is a member of {', '.join(roles)}"
    else:
        return []
    return [
        f"The user '{user}' of PostgreSQL {what}, and a read-only transaction does not keep such a user from files and "
        "programs of the server: use one that may only read"
    ]


def _schemas(session: Session, wanted: list[str] | None) -> list[str]:
    if wanted is None:
        return [name for (name,) in session.query(SCHEMAS)]
    existing = {name for (name,) in session.query("SELECT nspname FROM pg_catalog.pg_namespace")}
    for name in wanted:
        if name not in existing:
            raise BadRequestError("schema_not_found", f"The database '{session.database}' has no schema '{name}'")
    return sorted(set(wanted))


def _relations(session: Session, schemas: list[str]) -> Tables:
    tables: Tables = {}
    for schema, name, is_view, comment, rows in session.query(RELATIONS, schemas=schemas):
        tables[schema, name] = WrittenTable(
            catalog=session.database,
            db=schema,
            name=name,
            kind="view" if is_view else "table",
            comment=comment,
            estimated_rows=None if rows is None else round(rows),
            foreign_keys=[],
        )
    return tables


def _add_columns(session: Session, schemas: list[str], tables: Tables) -> None:
    for schema, name, columns in session.query(COLUMNS, schemas=schemas):
        if table := tables.get((schema, name)):
            table.columns = msgspec.Raw(columns)


def _add_foreign_keys(keys: list[Any], tables: Tables) -> None:
    for schema, name, *key in keys:
        if table := tables.get((schema, name)):
            table.foreign_keys.append(ForeignKey(*key))


def _foreign_keys_beside(url: ServerUrl, target: Target, schemas: list[str]) -> list[Any] | None:
    """Ask in a session of its own; None where the server has no room for one."""
    with contextlib.ExitStack() as stack:
        try:
            session = stack.enter_context(open_session(url, target))
        except BadRequestError:
            return None
        return session.query(FOREIGN_KEYS, schemas=schemas)


def _port(text: str | None) -> int:
    return int(text) if text and text.isdigit() else DEFAULT_PORT
