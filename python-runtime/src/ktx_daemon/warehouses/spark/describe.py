"""The description of a table, from `DESCRIBE TABLE EXTENDED`, in JSON since Spark 4, in rows before and on Sail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import UNSET

from ktx_daemon.warehouses.model.tables import Column, Field, Table, Variant, describe_foreign_key
from ktx_daemon.warehouses.spark.types import Member, SparkType, parse_type, type_from_json

MAX_FIELDS = 1000
NAME = r"(?:`(?:[^`]|``)*`|[^\s,.()`]+)"
NAMES = re.compile(NAME)
PRIMARY_KEY = re.compile(r"PRIMARY KEY \s*\((?P<columns>[^()]*)\)", re.IGNORECASE)
FOREIGN_KEY = re.compile(
    rf"FOREIGN KEY \s*\((?P<columns>[^()]*)\)\s*REFERENCES (?P<table>{NAME}(?:\.{NAME})*)\s*\((?P<to>[^()]*)\)",
    re.IGNORECASE,
)
VARIANTS: dict[str, Variant] = {"EXTERNAL": "external_table", "MATERIALIZED_VIEW": "materialized_view"}
STATISTICS = re.compile(r"(\d+) bytes(?:, (\d+) rows)?")
Rows = Sequence[Sequence[Any]]


def add_json_description(table: Table, text: str) -> None:
    """Add what `DESCRIBE TABLE EXTENDED … AS JSON` returns."""
    described = json.loads(text)
    for column in described.get("columns", []):
        kind = type_from_json(column["type"])
        table.columns.append(_column(column["name"], kind, column.get("comment"), column.get("nullable", True)))
        if (default := column.get("default")) is not None:
            table.columns[-1].default = default
    statistics = described.get("statistics") or {}
    partition = described.get("partition_columns") or []
    _add_details(
        table,
        {
            "Type": described.get("type") or "",
            "Comment": described.get("comment") or "",
            "Provider": described.get("provider") or "",
            "View Text": described.get("view_text") or "",
        },
        ", ".join(partition),
    )
    _add_statistics(table, statistics.get("size_in_bytes"), statistics.get("num_rows"))
    for constraint in _json_constraints(described.get("table_constraints")):
        _add_constraint(table, *constraint)


def add_text_description(table: Table, rows: Rows) -> None:
    """Add what `DESCRIBE TABLE EXTENDED` returns: rows of columns, then sections whose title begins with `#`."""
    sections = dict(_sections(rows))
    for name, kind, comment in sections.pop("", []):
        table.columns.append(_column(name, parse_type(kind), comment, nullable=True))
    partition = [row[0] for row in sections.get("# Partition Information", []) if not row[0].startswith("#")]
    partition += [row[1] for row in sections.get("# Partitioning", []) if row[1]]
    details = {
        name: value for title in sections if title.startswith("# Detailed") for name, value, *_ in sections[title]
    }
    _add_details(table, details, ", ".join(partition))
    if match := STATISTICS.search(details.get("Statistics") or ""):
        _add_statistics(table, int(match[1]), int(match[2]) if match[2] else None)
    for name, constraint, *_ in sections.get("# Constraints", []):
        _add_constraint(table, name, constraint)


def _sections(rows: Rows) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    """Yield the rows of each section with its title, which is empty for the columns."""
    title = ""
    found: list[Sequence[Any]] = []
    for row in rows:
        if row[0] == "" or (row[0].startswith("# ") and row[0] != "# col_name"):
            yield title, found
            title, found = row[0] or "-", []
        elif row[0] != "# col_name":
            found.append(row)
    yield title, found


def _add_details(table: Table, details: dict[str, str], partition: str) -> None:
    kind = (details.get("Type") or "").upper()
    if "VIEW" in kind:
        table.kind = "view"
        table.define(details.get("View Text"))
    table.variant = VARIANTS.get(kind, UNSET)
    table.comment = details.get("Comment") or None
    if details.get("Provider"):
        table.engine = details["Provider"]
    if partition:
        table.partition_key = partition


def _add_statistics(table: Table, size: int | None, rows: int | None) -> None:
    table.estimated_rows = rows
    if size is not None:
        table.bytes = size


def _column(name: str, kind: SparkType, comment: str | None, nullable: bool) -> Column:
    column = Column(name, kind.text, nullable, False, comment or None)
    fields = [field for _, field in zip(range(MAX_FIELDS), _fields(kind, []), strict=False)]
    if fields:
        column.fields = fields
    return column


def _fields(kind: SparkType, path: list[str]) -> Iterator[Field]:
    """Yield the fields of a type: through elements of arrays and values of maps, parents first."""
    if kind.name == "struct":
        for member in kind.members:
            yield _field(member, path)
            yield from _fields(member.kind, [*path, member.name])
    elif kind.members:
        yield from _fields(kind.members[-1].kind, path)


def _field(member: Member, path: list[str]) -> Field:
    names, text = [*path, member.name], member.kind.text
    return Field(names, text, member.comment) if member.comment else Field(names, text)


def _json_constraints(text: str | None) -> Iterator[tuple[str, str]]:
    """Yield the names and the definitions of a text such as `[(pk, PRIMARY KEY (`id`)), (fk, FOREIGN KEY …)]`."""
    for match in re.finditer(r"\((?P<name>[^,()]+),\s*(?P<definition>(?:PRIMARY|FOREIGN) KEY .*?\))\s*\)", text or ""):
        yield match["name"], match["definition"]


def _add_constraint(table: Table, name: str, definition: str) -> None:
    """Add a key that a catalog declares; no catalog of Spark enforces it."""
    if match := PRIMARY_KEY.search(definition):
        names = _names(match["columns"])
        for column in table.columns:
            column.primary_key = column.primary_key or column.name in names
        table.primary_key_enforced = False
    elif match := FOREIGN_KEY.search(definition):
        *schema, referenced = _names(match["table"])
        pairs = zip(_names(match["columns"]), _names(match["to"]), strict=False)
        for key in describe_foreign_key(name, schema[-1] if schema else table.db, referenced, pairs):
            key.enforced = False
            table.foreign_keys.append(key)


def _names(text: str) -> list[str]:
    return [name[1:-1].replace("``", "`") if name.startswith("`") else name for name in NAMES.findall(text)]
