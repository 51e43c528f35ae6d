"""Profiles of PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.identifiers import in_double_quotes
from ktx_daemon.warehouses.model.profiling import MAX_HASH, Dialect, Kind, Measurable, Measured, Profiler, Rows
from ktx_daemon.warehouses.postgres.connect import open_session
from ktx_daemon.warehouses.postgres.server import parse_url
from ktx_daemon.warehouses.postgres.session import Session

KINDS = {
    **dict.fromkeys(("smallint", "integer", "bigint"), Kind.INTEGER),
    "numeric": Kind.DECIMAL,
    **dict.fromkeys(("real", "double precision"), Kind.FLOAT),
    **dict.fromkeys(("text", "character varying", "character", "citext", "name"), Kind.TEXT),
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    **dict.fromkeys(("timestamp without time zone", "timestamp with time zone"), Kind.TIMESTAMP),
    **dict.fromkeys(("time without time zone", "time with time zone"), Kind.TIME),
    "uuid": Kind.UUID,
    "bytea": Kind.BINARY,
    **dict.fromkeys(
        (
            *(
                "json",
                "jsonb",
                "xml",
                "tsvector",
                "tsquery",
                "point",
                "line",
                "lseg",
                "box",
                "path",
                "polygon",
                "circle",
            ),
            *("geometry", "geography", "raster", "hstore", "vector", "halfvec", "sparsevec", "record"),
        ),
        Kind.OPAQUE,
    ),
}
# Ordinary tables, materialized views and partitioned tables.
SAMPLED_RELATIONS = ("r", "m", "p")
FACTS = """
    SELECT n.nspname, c.relname, c.relkind, s.attname, s.n_distinct
    FROM unnest(CAST(:schemas AS text[]), CAST(:names AS text[])) AS t (schema, name)
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
    LEFT JOIN pg_catalog.pg_stats AS s ON s.schemaname = t.schema AND s.tablename = t.name
"""


@dataclass(frozen=True)
class Facts:
    """The kind of a relation, and numbers of distinct values by quoted columns, or negative shares of rows."""

    relation: str
    distinct: dict[str, float]


class PostgresDialect(Dialect):
    """PostgreSQL's SQL. Texts are compared by their bytes, which is faster than by a language."""

    materialized = "MATERIALIZED"

    def quote(self, name: str) -> str:
        """Return a quoted identifier."""
        return in_double_quotes(name)

    def table(self, catalog: str | None, db: str | None, name: str) -> str:
        """Return the quoted name of a table; the catalog is the database of the session."""
        return super().table(None, db, name)

    def kind(self, type_name: str) -> Kind:
        """Return the kind of a type; one that is not built in, such as an enumeration, has texts."""
        if type_name.endswith("[]"):
            return Kind.OPAQUE
        before, _, rest = type_name.partition("(")
        name = f"{before}{rest.partition(')')[2]}"
        return KINDS.get(name.rpartition(".")[2].strip('"') if name not in KINDS else name, Kind.LABEL)

    def hash(self, text: str) -> str:
        """Return the server's own hash of the bytes of a text."""
        return f"(pg_catalog.hashtextextended({text}, 0) & {MAX_HASH})"

    def text(self, sql: str, column: Measured) -> str:
        """Return a value in the text format."""
        return f"CAST({sql} AS text)"

    def grouped(self, column: Measured) -> str:
        """Return the text of types that may not be comparable themselves."""
        if column.kind is Kind.TEXT:
            return f'CAST({column.sql} AS text) COLLATE "C"'
        if column.kind is not Kind.LABEL:
            return column.sql
        # Its cast adds the length of the network mask to single addresses.
        return f"pg_catalog.abbrev({column.sql})" if column.type == "inet" else f"CAST({column.sql} AS text)"

    def head(self, text: str, length: int) -> str:
        """Return the first characters of a text."""
        return f"pg_catalog.left({text}, {length})"

    def length(self, column: Measured) -> str:
        """Return the length in characters, or bytes."""
        return (
            f"octet_length({column.sql})" if column.kind is Kind.BINARY else f"char_length(CAST({column.sql} AS text))"
        )

    def mean(self, sql: str) -> str:
        """Return the mean as a text, as it may be beyond the range of a double."""
        return f"CAST(avg({sql}) AS text)"

    def least(self, column: Measured) -> str:
        """Return the least value."""
        return f"min({self.grouped(column)})"

    def greatest(self, column: Measured) -> str:
        """Return the greatest value."""
        return f"max({self.grouped(column)})"

    def count_distinct(self, column: Measured, *, exact: bool) -> str:
        """Return the number of distinct values."""
        return f"count(DISTINCT {self.grouped(column)})"

    def has_statistics(self, table: Measurable, column: Measured) -> bool:
        """Return whether `pg_stats` has the number of distinct values."""
        return table.facts is not None and bool(table.facts.distinct.get(column.sql))

    def distinct_by_statistics(self, table: Measurable, column: Measured, total: float) -> float:
        """Return the number of distinct values in the table, by `pg_stats.n_distinct`: negative if it is a share."""
        known: float = table.facts.distinct[column.sql]
        return known if known > 0 else -known * total

    def sample(self, table: Measurable) -> str | None:
        """Return a sample of the table's blocks."""
        if table.facts is None or table.facts.relation not in SAMPLED_RELATIONS:
            return None
        return f"{table.sql} TABLESAMPLE SYSTEM ({100 * table.share:.6f}) REPEATABLE (1)"


class PostgresProfiler(Profiler):
    """A session of a profile."""

    dialect = PostgresDialect()

    def __init__(self, session: Session) -> None:
        self._session = session

    def query(self, sql: str, seconds: float) -> Rows:
        """Run a statement by the extended protocol, in which it is a single one."""
        self._session.set_timeout(seconds)
        with self._session.guard_statement("query_failed"):
            return list(self._session.connection.execute_unnamed(sql).rows or [])

    def read_facts(self, tables: Sequence[Any]) -> dict[tuple[str | None, str], Any]:
        """Return kinds and statistics of tables."""
        schemas, names = [table.db or "public" for table in tables], [table.name for table in tables]
        facts: dict[tuple[str | None, str], Any] = {}
        for schema, name, relation, column, distinct in self._session.query(FACTS, schemas=schemas, names=names):
            own = facts.setdefault((schema, name), Facts(_text(relation), {}))
            if column is not None:
                own.distinct[self.dialect.quote(column)] = float(distinct)
        return facts

    def recover(self) -> None:
        """End the transaction that has failed."""
        self._session.restart()

    def release(self) -> None:
        """Give up the locks of tables."""
        self._session.restart()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@contextlib.contextmanager
def open_profiler(target: Target) -> Iterator[Profiler]:
    """Open a session. Raises 400."""
    with open_session(parse_url(target.url), target) as session:
        yield PostgresProfiler(session)
