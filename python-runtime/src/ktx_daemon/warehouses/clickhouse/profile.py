"""Profiles of ClickHouse."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from ktx_daemon.warehouses.clickhouse.connect import Session, open_session
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model import values
from ktx_daemon.warehouses.model.identifiers import in_escaped_backquotes
from ktx_daemon.warehouses.model.profiling import MAX_HASH, Dialect, Kind, Measurable, Measured, Profiler, Rows

_WRAPPER = re.compile(r"(?:Nullable|LowCardinality|SimpleAggregateFunction)\((?:\w+, )?(.*)\)", re.DOTALL)
_KINDS = (
    (re.compile(r"U?Int\d+"), Kind.INTEGER),
    (re.compile(r"Decimal.*"), Kind.DECIMAL),
    (re.compile(r"B?Float\d+"), Kind.FLOAT),
    (re.compile(r"String|FixedString\(\d+\)"), Kind.TEXT),
    (re.compile(r"Bool"), Kind.BOOLEAN),
    (re.compile(r"Date(?:32)?"), Kind.DATE),
    (re.compile(r"DateTime.*"), Kind.TIMESTAMP),
    (re.compile(r"Time(?:64)?(?:\(.*\))?"), Kind.TIME),
    (re.compile(r"UUID"), Kind.UUID),
    (re.compile(r"Enum(?:8|16)?\(.*\)|IPv[46]", re.DOTALL), Kind.LABEL),
)
# Rows of a table that are stored together, and make a sample as a whole.
GRANULE_ROWS = 8192


class ClickHouseDialect(Dialect):
    """ClickHouse's SQL."""

    def quote(self, name: str) -> str:
        """Return a name in backquotes, in which a backslash is an escape."""
        return in_escaped_backquotes(name)

    def table(self, catalog: str | None, db: str | None, name: str) -> str:
        """Return the quoted name of a table; there are no catalogs."""
        return super().table(None, db, name)

    def kind(self, type_name: str) -> Kind:
        """Return the kind of a type without its wrappers; nested ones and states of aggregates are opaque."""
        while found := _WRAPPER.fullmatch(type_name):
            type_name = found[1]
        return next((kind for pattern, kind in _KINDS if pattern.fullmatch(type_name)), Kind.OPAQUE)

    def hash(self, text: str) -> str:
        """Return the server's SipHash of a text."""
        return f"bitAnd(sipHash64(assumeNotNull({text})), {MAX_HASH})"

    def text(self, sql: str, column: Measured) -> str:
        """Return a value as a text, a time in UTC."""
        return f"toString({sql}, 'UTC')" if column.kind is Kind.TIMESTAMP else f"toString({sql})"

    def canonical(self, sql: str, column: Measured) -> str:
        """Return the text of a value, without the zeros that fill a FixedString."""
        text = self.text(sql, column)
        return f"trimRight({text}, '\\0')" if "FixedString" in column.type else text

    def head(self, text: str, length: int) -> str:
        """Return the first characters of a text."""
        return f"substringUTF8({text}, 1, {length})"

    def length(self, column: Measured) -> str:
        """Return the length in characters."""
        return f"lengthUTF8({column.sql})"

    def mean(self, sql: str) -> str:
        """Return the mean."""
        return f"toFloat64(avg({sql}))"

    def count_distinct(self, column: Measured, *, exact: bool) -> str:
        """Return the number of distinct values; of a sample by the adaptive sampling of `uniq`."""
        return f"{'uniqExact' if exact else 'uniq'}({column.sql})"

    def sample_condition(self, table: Measurable) -> str | None:
        """Return a condition for whole granules, which reads only these. Tables without parts fail."""
        part = max(2, round(1 / table.share))
        return f"cityHash64(_part, intDiv(_part_offset, {GRANULE_ROWS})) % {part} = 0"

    def convert(self, value: Any, column: Measured) -> Any:
        """Return the JSON value of a value that was read as a text."""
        if column.kind is Kind.TIMESTAMP and isinstance(value, str):
            return values.convert_temporal(f"{value}+00:00")
        return super().convert(value, column)


class ClickHouseProfiler(Profiler):
    """A session of a profile."""

    dialect = ClickHouseDialect()

    def __init__(self, session: Session) -> None:
        self._session = session

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement."""
        self._session.set_timeout(seconds)
        return self._session.query(sql, code="query_failed")


@contextlib.contextmanager
def open_profiler(target: Target) -> Iterator[Profiler]:
    """Open a session. Raises 400."""
    with open_session(target) as session:
        yield ClickHouseProfiler(session)
