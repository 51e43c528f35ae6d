"""CREATE TABLE statements of TPC-H for each dialect, with the keys and comments that the engine has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tests.warehouses.tpch import COLUMN_COMMENTS, FOREIGN_KEYS, PRIMARY_KEYS, TABLE_COMMENTS


@dataclass(frozen=True)
class Definitions:
    """How an engine defines tables.

    `types` are its types in place of DuckDB's; `schema` precedes the table of a foreign key; `keys` is what follows a
    key, or None if it has no keys; `suffix` is the end of CREATE TABLE, in which `{key}` is the primary key.
    `apostrophe` is one in a text.
    """

    types: dict[str, str] = field(default_factory=dict)
    schema: str = ""
    keys: str | None = ""
    comments: Literal["statement", "clause", "option"] | None = "statement"
    suffix: str = ""
    apostrophe: str = "''"

    def create(self, table: str, columns: dict[str, str]) -> list[str]:
        """Return the statements that create a table."""
        key = ", ".join(PRIMARY_KEYS[table])
        lines = [self._column(name, kind, table) for name, kind in columns.items()]
        if self.keys is not None:
            lines.append(f"PRIMARY KEY ({key}){self.keys}")
            lines += self._foreign_keys(table)
        suffix = self.suffix.format(key=key) + self._clause(TABLE_COMMENTS[table])
        return [f"CREATE TABLE {table} ({', '.join(lines)}){suffix}", *self._comment_statements(table, columns)]

    def _column(self, name: str, kind: str, table: str) -> str:
        not_null = " NOT NULL" if name in PRIMARY_KEYS[table] and self.keys is not None else ""
        return f"{name} {self.types.get(kind, kind)}{not_null}{self._clause(COLUMN_COMMENTS.get(name))}"

    def _foreign_keys(self, table: str) -> list[str]:
        return [
            f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {self.schema}{to} ({', '.join(PRIMARY_KEYS[to])})"
            f"{self.keys}"
            for columns, to in FOREIGN_KEYS.get(table, ())
        ]

    def _clause(self, comment: str | None) -> str:
        if comment is None or self.comments not in ("clause", "option"):
            return ""
        if self.comments == "option":
            return f' OPTIONS (description = "{comment}")'
        return f" COMMENT {self._quote(comment)}"

    def _comment_statements(self, table: str, columns: dict[str, str]) -> list[str]:
        if self.comments != "statement":
            return []
        commented = [name for name in columns if name in COLUMN_COMMENTS]
        return [
            f"COMMENT ON TABLE {table} IS {self._quote(TABLE_COMMENTS[table])}",
            *(f"COMMENT ON COLUMN {table}.{name} IS {self._quote(COLUMN_COMMENTS[name])}" for name in commented),
        ]

    def _quote(self, text: str) -> str:
        return "'" + text.replace("'", self.apostrophe) + "'"
