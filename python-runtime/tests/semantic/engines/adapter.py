"""An engine of `tests.warehouses` with the interface of `tests.semantic.databases.Database`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.semantic.databases import OTHER_TYPES, TYPES, TableData, Value, normalize
from tests.warehouses.engine import Engine

BATCH = 200


@dataclass(frozen=True)
class Layout:
    """How an engine writes small tables: types of the kinds of columns, the end of CREATE TABLE, quotes of names.

    Tables of `is_view` are temporary views of their rows, as one file a table is slow. `escapes` follow a backslash in
    a text; without escapes, an apostrophe is doubled.
    """

    types: dict[str, str] = field(default_factory=dict)
    suffix: str = ""
    quote: str = '"'
    is_view: bool = False
    escapes: str = ""


_CLICKHOUSE = Layout(
    types={
        "int": "Nullable(Int32)",
        "decimal": "Nullable(Decimal(15, 2))",
        "text": "Nullable(String)",
        "date": "Nullable(Date32)",
        "time": "Nullable(DateTime64(0))",
        "bool": "Nullable(Bool)",
    },
    suffix=" ENGINE = Memory",
    escapes="\\'",
)
_SPARK = Layout(types={"text": "STRING", "time": "TIMESTAMP_NTZ"}, quote="`", is_view=True, escapes="\\'")
_BIGQUERY = Layout(
    types={"int": "INT64", "decimal": "NUMERIC(15, 2)", "text": "STRING", "time": "DATETIME", "bool": "BOOL"},
    quote="`",
    escapes="\\'",
)
_LAYOUTS = {
    "bigquery": _BIGQUERY,
    "clickhouse": _CLICKHOUSE,
    "databricks": _SPARK,
    "mysql": Layout(OTHER_TYPES["mysql"], quote="`", escapes="\\'"),
    "snowflake": Layout(escapes="\\'"),
    "sqlite": Layout(OTHER_TYPES["sqlite"]),
}


class EngineDatabase:
    """A started engine as a database."""

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._layout = _LAYOUTS.get(engine.dialect, Layout())
        self._types = TYPES | self._layout.types
        if engine.name == "databend":
            # Snowflake's upper case of quoted names means the lower case of Databend.
            self.run("SET quoted_ident_case_sensitive = 0")

    def run(self, sql: str, _values: Sequence[Value] = ()) -> list[list[Value]]:
        """Return the rows of a statement. Raises EngineError with the engine's message."""
        return self._engine.client.rows(sql)

    def rows(self, sql: str) -> list[tuple[Value, ...]]:
        """Return the rows of a query with normalised values."""
        return [tuple(normalize(value) for value in row) for row in self.run(sql)]

    def load(self, tables: dict[str, TableData]) -> None:
        """Create and fill tables."""
        for name, (kinds, rows) in tables.items():
            table = self.quoted(name)
            if self._layout.is_view:
                self.run(f"CREATE OR REPLACE TEMPORARY VIEW {table} AS {self._view(kinds, rows)}")
                continue
            columns = ", ".join(f"{self.quoted(column)} {self._types[kind]}" for column, kind in kinds.items())
            self.run(f"CREATE TABLE {table} ({columns}){self._layout.suffix}")
            for start in range(0, len(rows), BATCH):
                listed = ", ".join(self._row(kinds, row) for row in rows[start : start + BATCH])
                self.run(f"INSERT INTO {table} VALUES {listed}")

    def drop(self, tables: dict[str, TableData]) -> None:
        """Drop tables."""
        for name in tables:
            self.run(f"DROP {'VIEW' if self._layout.is_view else 'TABLE'} {self.quoted(name)}")

    def quoted(self, name: str) -> str:
        """Return a name with quotes."""
        # Snowflake folds names of the tables to upper case, and so does the SQL of the semantic layer.
        name = name.upper() if self.dialect == "snowflake" else name
        return f"{self._layout.quote}{name}{self._layout.quote}"

    def _view(self, kinds: dict[str, str], rows: Sequence[Sequence[Value]]) -> str:
        names = ", ".join(map(self.quoted, kinds))
        listed = ", ".join(self._row(kinds, row) for row in rows) or self._row(kinds, [None] * len(kinds))
        return f"SELECT * FROM VALUES {listed} AS t({names}){'' if rows else ' LIMIT 0'}"

    def _row(self, kinds: dict[str, str], row: Sequence[Value]) -> str:
        values = [self._literal(value, kind) for value, kind in zip(row, kinds.values(), strict=True)]
        return f"({', '.join(values)})"

    def _literal(self, value: Any, kind: str) -> str:
        if value is None:
            return f"CAST(NULL AS {self._types[kind]})" if self._layout.is_view else "NULL"
        text = self._escaped(str(value))
        if kind in ("int", "bool"):
            return text.lower()
        if kind == "text" or self.dialect == "mysql":
            return f"'{text}'"
        is_bare = self.dialect == "bigquery"  # a type in CAST has no digits there
        return f"CAST('{text}' AS {self._types[kind].partition('(')[0] if is_bare else self._types[kind]})"

    def _escaped(self, text: str) -> str:
        for character in self._layout.escapes:
            text = text.replace(character, f"\\{character}")
        return text if self._layout.escapes else text.replace("'", "''")
