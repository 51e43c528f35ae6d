"""Profiles of MySQL and MariaDB."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence

from ktx_daemon.request_id import session_name
from ktx_daemon.warehouses.connection.target import Target, parse_server_url
from ktx_daemon.warehouses.model.identifiers import in_backquotes
from ktx_daemon.warehouses.model.profiling import Dialect, Kind, Measurable, Measured, Profiler, Rows
from ktx_daemon.warehouses.mysql.connect import Session, open_session

KINDS = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year"), Kind.INTEGER),
    **dict.fromkeys(("decimal", "numeric"), Kind.DECIMAL),
    **dict.fromkeys(("float", "double", "real"), Kind.FLOAT),
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), Kind.TEXT),
    "date": Kind.DATE,
    **dict.fromkeys(("datetime", "timestamp"), Kind.TIMESTAMP),
    "time": Kind.TIME,
    "uuid": Kind.UUID,
    **dict.fromkeys(("enum", "set", "bit", "inet4", "inet6"), Kind.LABEL),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), Kind.BINARY),
}
# Smaller shares of a table are its first rows, as the server has no sample and would read all of it.
MIN_SHARE = 0.05


class MySqlDialect(Dialect):
    """The SQL of both servers. Distinct texts are counted by the collation of their column, and grouped by bytes."""

    # Groups by sorting; otherwise by a temporary table, which is slow once it is on disk.
    large_grouping = "SQL_BIG_RESULT "

    def quote(self, name: str) -> str:
        """Return a name in backquotes."""
        return in_backquotes(name)

    def table(self, catalog: str | None, db: str | None, name: str) -> str:
        """Return the quoted name of a table; there are no catalogs."""
        return super().table(None, db, name)

    def kind(self, type_name: str) -> Kind:
        """Return the kind of a type; JSON and geometries are opaque."""
        name = re.match(r"[a-z0-9]*", type_name.lower())
        return KINDS.get(name[0] if name else "", Kind.OPAQUE)

    def hash(self, text: str) -> str:
        """Return the first 63 bits of MD5."""
        return f"(CAST(CONV(LEFT(MD5({text}), 16), 16, 10) AS UNSIGNED) >> 1)"

    def text(self, sql: str, column: Measured) -> str:
        """Return a value as a text, without the leading zeros of ZEROFILL."""
        return f"CAST({sql} + 0 AS CHAR)" if "zerofill" in column.type.lower() else f"CAST({sql} AS CHAR)"

    def canonical(self, sql: str, column: Measured) -> str:
        """Return a text without the blanks at its end, which the server ignores in comparisons."""
        return f"RTRIM({sql})" if column.kind is Kind.TEXT else self.text(sql, column)

    def grouped(self, column: Measured) -> str:
        """Return texts by their bytes, so that letter case makes a difference."""
        if column.kind is Kind.TEXT:
            return f"CONVERT({column.sql} USING utf8mb4) COLLATE utf8mb4_bin"
        if column.kind is not Kind.LABEL:
            return column.sql
        text = f"CAST({column.sql} AS CHAR)"
        if column.type.lower().startswith("bit"):
            digits = re.search(r"\d+", column.type)
            text = f"LPAD(BIN({column.sql}), {digits[0] if digits else 1}, '0')"
        return f"CONVERT({text} USING utf8mb4) COLLATE utf8mb4_bin"

    def length(self, column: Measured) -> str:
        """Return the length in characters, or bytes."""
        return f"LENGTH({column.sql})" if column.kind is Kind.BINARY else f"CHAR_LENGTH({column.sql})"

    def mean(self, sql: str) -> str:
        """Return the mean of the numbers as doubles, as decimals are rounded, as a text."""
        return f"CAST(avg({sql} + 0e0) AS CHAR)"

    def count_tuples(self, columns: Sequence[str]) -> str | None:
        """Return the number of distinct tuples, which leaves out those with NULL."""
        return f"count(DISTINCT {', '.join(columns)})"

    def sample_condition(self, table: Measurable) -> str | None:
        """Return a condition that is true for a share of the rows, the same in each statement."""
        return f"RAND(1) < {table.share:.6f}" if table.share >= MIN_SHARE else None


class MySqlProfiler(Profiler):
    """A session of a profile."""

    dialect = MySqlDialect()

    def __init__(self, session: Session) -> None:
        self._session = session

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement."""
        self._session.set_timeout(seconds)
        with self._session.guard_statement("query_failed"), self._session.connection.cursor() as cursor:
            cursor.execute(f"/* {session_name()} */ {sql}")
            return list(cursor.fetchall())

    def release(self) -> None:
        """Give up the locks of tables."""
        self._session.restart()


@contextlib.contextmanager
def open_profiler(target: Target) -> Iterator[Profiler]:
    """Open a session. Raises 400."""
    with open_session(parse_server_url(target.url, ("mysql", "mariadb")), target) as session:
        yield MySqlProfiler(session)
