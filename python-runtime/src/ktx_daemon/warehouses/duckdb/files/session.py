"""Sessions on files: a database in memory with a view for each table, which can read these files only."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.files import parse_path
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.duckdb.connect import EXTENSION_SETTINGS, SESSION_SETTINGS, import_duckdb, interruptible
from ktx_daemon.warehouses.duckdb.files.explain import explain_unreadable
from ktx_daemon.warehouses.duckdb.files.relation import relation
from ktx_daemon.warehouses.duckdb.files.tables import DEFAULT_SCHEMA, FileTable, find_tables
from ktx_daemon.warehouses.model.identifiers import in_double_quotes

# Names in a statement that reads the catalog, so that all views are needed.
_CATALOG = re.compile(r"\b(?:show|information_schema|pg_\w+|duckdb_\w+|sqlite_master)\b", re.IGNORECASE)
# The sandbox does not prevent that a file that may be read is rewritten. In DuckDB 1, PIVOT is a CREATE and a SELECT.
_READING = {"SELECT", "EXPLAIN", "MULTI", "CREATE"}
_WRITES = re.compile(r"\bcopy\b", re.IGNORECASE)


class FileSession:
    """A sandboxed connection. Views are created when they are needed, as DuckDB reads a part of the files for each."""

    def __init__(self, connection: Any, label: str, tables: list[FileTable], warnings: list[str]) -> None:
        self.connection = connection
        self.label = label
        self.tables = tables
        self.warnings = warnings
        self.unreadable: dict[tuple[str, str], str] = {}
        self._created: set[tuple[str, str]] = set()

    def create_views(self, tables: Iterable[FileTable]) -> None:
        """Create views that do not exist yet; a table that cannot be read is recorded in `unreadable`."""
        duckdb = import_duckdb()
        for table in tables:
            if table.key in self._created or table.key in self.unreadable:
                continue
            try:
                self._create_view(table)
            except duckdb.InterruptException:
                raise
            except duckdb.Error as error:
                self.unreadable[table.key] = explain_unreadable(self.connection, table, str(error))

    def create_mentioned_views(self, sql: str) -> None:
        """Create the views of all tables whose name is a part of a statement, or all if it reads the catalog."""
        text = sql.lower()
        is_mentioned = [table.name.lower().replace('"', '""') in text for table in self.tables]
        everything = _CATALOG.search(sql) is not None
        self.create_views(table for table, found in zip(self.tables, is_mentioned, strict=True) if found or everything)

    def create_remaining_views(self) -> bool:
        """Create all views, so that errors can name similar tables; return whether any was missing."""
        before = len(self._created)
        self.create_views(self.tables)
        return len(self._created) > before

    def find_unreadable(self, error: str) -> str | None:
        """Return why a table that an error names cannot be read."""
        for (_, name), reason in self.unreadable.items():
            if f"with name {name} does not exist".lower() in error.lower():
                return reason
        return None

    def require_reading(self, sql: str) -> None:
        """Reject a statement that DuckDB's own parser does not take for a query. Raises 400."""
        for statement in self.connection.extract_statements(sql):
            kind = statement.type.name
            if kind not in _READING or (kind != "SELECT" and _WRITES.search(sql)):
                raise BadRequestError("not_read_only", f"The statement is of DuckDB's type {kind}, which may write")

    def _create_view(self, table: FileTable) -> None:
        schema = in_double_quotes(table.schema)
        if table.schema != DEFAULT_SCHEMA:
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        reads = relation(self.connection, table)
        self.connection.execute(f"CREATE VIEW {schema}.{in_double_quotes(table.name)} AS SELECT * FROM {reads}")  # noqa: S608
        self._created.add(table.key)


@contextlib.contextmanager
def open_files(target: Target, **settings: str) -> Iterator[FileSession]:
    """Find the tables and open a session that can read their files only."""
    path = parse_path(target.url, "files", ("files",))
    tables, warnings = find_tables(path)
    duckdb = import_duckdb()
    config = {"temp_directory": "", **EXTENSION_SETTINGS, **settings}
    connection = duckdb.connect(config=config)
    label = f"files of {path.name}"
    with interruptible(connection, target, label):
        session = FileSession(connection, label, tables, warnings)
        _load_extensions(session)
        _confine(session)
        yield session


def _load_extensions(session: FileSession) -> None:
    duckdb = import_duckdb()
    for name in sorted({table.format for table in session.tables} & {"delta", "iceberg"}):
        try:
            session.connection.execute(f"LOAD {name}")
        except duckdb.Error:
            reason = (
                f"it needs DuckDB's extension {name}, which is not installed. Install it once with DuckDB "
                f"{duckdb.__version__}: INSTALL {name}"
            )
            session.unreadable |= {
                table.key: f"'{table.paths[0]}' cannot be read: {reason}"
                for table in session.tables
                if table.format == name
            }


def _confine(session: FileSession) -> None:
    files = [path for table in session.tables if table.format not in ("delta", "iceberg") for path in table.paths]
    folders = [path for table in session.tables if table.format in ("delta", "iceberg") for path in table.paths]
    execute = session.connection.execute
    execute("SET allowed_paths = ?", [files])
    execute("SET allowed_directories = ?", [folders])
    execute("SET enable_external_access = false")
    for setting in SESSION_SETTINGS:
        execute(setting)
