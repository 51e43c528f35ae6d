"""What a warehouse brings for profiles: the SQL of its dialect, and a session that runs the statements."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ktx_daemon.warehouses.model import values

# Hashes are integers of 63 bits, which all engines can compare and return.
MAX_HASH = 2**63 - 1

# The beginning of the names of counts that are measured together.
COUNT = "ktx_count_"
# A name in each statement of a profile, by which histories that keep no comments leave them out.
COUNTED = "ktx_counted"

Rows = Sequence[Sequence[Any]]


class Kind(enum.Enum):
    """What can be measured of the values of a type.

    `LABEL` types have values with a short text, but no order and length that mean anything, such as enumerations.
    `BINARY` types can be compared, and `OPAQUE` ones can only be NULL or not.
    """

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    UUID = "uuid"
    LABEL = "label"
    BINARY = "binary"
    OPAQUE = "opaque"


NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT})
ORDERED = NUMBERS | {Kind.TEXT, Kind.DATE, Kind.TIMESTAMP, Kind.TIME}
HASHED = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.TEXT, Kind.DATE, Kind.UUID, Kind.LABEL})


@dataclass(frozen=True)
class Measured:
    """A column in statements: its quoted name, and the type in the spelling of the introspection."""

    sql: str
    kind: Kind
    type: str = ""


@dataclass(frozen=True)
class Measurable:
    """A table in statements: its quoted name, and what the choice of its rows depends on; `share` is that of a sample.

    `facts` are those of `Profiler.read_facts`.
    """

    sql: str
    columns: Sequence[Measured]
    share: float = 1.0
    facts: Any = None


class Dialect(ABC):
    """The SQL of a warehouse; the defaults are standard SQL.

    Every value is returned as a text that loses nothing, so that the types of drivers do not matter.
    """

    # Columns that one statement measures; each has up to eight results.
    columns_per_statement = 200
    # The keyword that keeps a common table expression from being run once for each use.
    materialized = ""
    # The keyword of a SELECT with many groups.
    large_grouping = ""
    # Whether values are grouped before they are hashed, as the hash takes longer.
    hashes_groups = False
    # Whether a table is read once into such an expression, as every scan reads all of its columns.
    reads_once = False

    @abstractmethod
    def quote(self, name: str) -> str:
        """Return a quoted identifier."""

    @abstractmethod
    def kind(self, type_name: str) -> Kind:
        """Return the kind of a type in the spelling of the introspection."""

    @abstractmethod
    def hash(self, text: str) -> str:
        """Return the hash of a text: an integer from 0 to `MAX_HASH`, the same for all columns of a connection."""

    def table(self, catalog: str | None, db: str | None, name: str) -> str:
        """Return the quoted name of a table."""
        return ".".join(self.quote(part) for part in (catalog, db, name) if part)

    def text(self, sql: str, column: Measured) -> str:
        """Return a value as a text that `convert` reads."""
        return f"CAST({sql} AS VARCHAR)"

    def canonical(self, sql: str, column: Measured) -> str:
        """Return the text of a value to hash: equal for equal values of all types."""
        return self.text(sql, column)

    def grouped(self, column: Measured) -> str:
        """Return what distinct values are grouped by; `text` and `canonical` read it."""
        return column.sql

    def head(self, text: str, length: int) -> str:
        """Return the first characters of a text."""
        return f"substr({text}, 1, {length})"

    def length(self, column: Measured) -> str:
        """Return the length of a value: in characters, of bytes in bytes."""
        return f"length({column.sql})"

    def mean(self, sql: str) -> str:
        """Return the mean of numbers as a number or a text."""
        return f"CAST(avg({sql}) AS DOUBLE PRECISION)"

    def least(self, column: Measured) -> str:
        """Return the least value."""
        return f"min({column.sql})"

    def greatest(self, column: Measured) -> str:
        """Return the greatest value."""
        return f"max({column.sql})"

    def count_distinct(self, column: Measured, *, exact: bool) -> str:
        """Return the number of distinct values; an approximation if it need not be `exact`."""
        return f"count(DISTINCT {column.sql})"

    def count_together(self, rows: str, columns: Sequence[Measured]) -> str | None:
        """Return a FROM item of one row with the numbers of distinct values of columns, `COUNT` and their position.

        None where an aggregate for each column is faster.
        """
        return None

    def has_statistics(self, table: Measurable, column: Measured) -> bool:
        """Return whether statistics take the place of the count of distinct values in a sample."""
        return False

    def distinct_by_statistics(self, table: Measurable, column: Measured, total: float) -> float:
        """Return the number of distinct values in a table of `total` rows by statistics."""
        raise NotImplementedError

    def unpivot(self, rows: str, texts: Sequence[tuple[int, str, int | None]]) -> str | None:
        """Return a FROM item with a row `i, v, l` for each index, text and limit of a hash of each row.

        None where one grouping for each column is faster.
        """
        return None

    def sample(self, table: Measurable) -> str | None:
        """Return the FROM item of the database's own sample, the same in each statement; None without one."""
        return None

    def sample_condition(self, table: Measurable) -> str | None:
        """Return a condition for the rows of a sample, the same in each statement; None without one."""
        return None

    def count_tuples(self, columns: Sequence[str]) -> str | None:
        """Return the number of distinct tuples without NULL; None where groups are faster."""
        return f"count(DISTINCT {columns[0]})" if len(columns) == 1 else None

    def compared_text(self, column: Measured) -> str:
        """Return the text of a value to compare with those of columns of other types."""
        return self.canonical(self.grouped(column), column)

    def convert(self, value: Any, column: Measured) -> Any:
        """Return the JSON value of a value that was read as `text`."""
        if not isinstance(value, str):
            return values.convert_value(value)
        reader = _READERS.get(column.kind)
        try:
            return reader(value) if reader else value
        except (ValueError, ArithmeticError):
            return value


def _read_boolean(text: str) -> bool | str:
    return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(text.lower(), text)


_READERS: dict[Kind, values.Converter] = {
    Kind.BOOLEAN: _read_boolean,
    Kind.INTEGER: values.convert_integer,
    Kind.DECIMAL: values.convert_decimal,
    Kind.FLOAT: values.convert_float,
    Kind.DATE: values.convert_temporal,
    Kind.TIMESTAMP: values.convert_temporal,
    Kind.TIME: values.convert_temporal,
}


class Profiler(ABC):
    """A read-only session of a profile. Errors are 400s without credentials."""

    dialect: Dialect

    @abstractmethod
    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement of KTX, which ends on the server after `seconds`, and return its rows."""

    def read_facts(self, tables: Sequence[Any]) -> dict[tuple[str | None, str], Any]:
        """Return facts for the dialect by schema and name, of tables of a request that will be sampled."""
        return {}

    def recover(self) -> None:  # noqa: B027 - most sessions need nothing
        """Make the session usable after a statement that the server refused."""

    def release(self) -> None:  # noqa: B027 - most sessions hold nothing
        """Give up locks and snapshots of the tables that were read."""

    def estimate_bytes(self, sql: str) -> int | None:
        """Return what a statement would read; None if the database cannot tell."""
        return None

    def find_partitions(self, table: Any) -> str:
        """Return a condition for the newest partitions of a table that requires one. Raises Unreadable."""
        raise UnreadableError("The table requires a filter by partition, and its newest partitions are unknown")

    @property
    def bytes_read(self) -> int | None:
        """The bytes that the statements of the session have read so far; None if the database does not say so."""
        return None


class UnreadableError(Exception):
    """A table cannot be profiled; the message is a sentence without a full stop."""
