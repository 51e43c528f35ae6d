"""A first model of a database: a source for each table, with the joins, types and measures that its schema tells."""

from __future__ import annotations

import re
from collections import Counter

from sqlglot import exp

from semantic_layer.aliases import with_aliases
from semantic_layer.dialects import SqlDialect
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.links import joins_of
from semantic_layer.models import Column, ColumnType, Measure, Source
from semantic_layer.tables import Link, Table, TableColumn

# The catalog of these databases is the one that the connection is made to, and cannot be written or need not be.
_WITHOUT_CATALOG = {"postgres", "redshift", "mysql", "sqlite", "clickhouse"}

_TYPES: tuple[tuple[ColumnType, re.Pattern[str]], ...] = (
    ("boolean", re.compile(r"^(bool|tinyint\(1\)|bit$|bit\(1\))")),
    ("time", re.compile(r"^(date|timestamp|smalldatetime|nullable\(date|lowcardinality\(date)")),
    (
        "number",
        re.compile(
            r"^(unsigned |nullable\()*"
            r"(u?(tiny|small|medium|big|huge)?int(eger)?\d*|int\d|serial|smallserial|bigserial|number|numeric|decimal|dec"
            r"|bignumeric|float\d*|double|real|money|smallmoney|byteint|long|short)\b"
        ),
    ),
)

# What is a number and still not an amount: adding it up means nothing.
_NOT_ADDITIVE = re.compile(
    r"(^|_)(id|key|code|number|no|nr|num|zip|zipcode|postcode|phone|year|month|day|week|quarter|hour|rank|line|position"
    r"|lat|latitude|lon|lng|longitude|version|level|grade)$",
    re.IGNORECASE,
)
_RATE = re.compile(r"(^|_)(rate|ratio|percent|percentage|pct|price|score|rating|age|temperature|average|avg)$", re.I)


def generate_sources(tables: list[Table], links: list[Link], dialect: str) -> list[Source]:
    """Make a source of each table. Links to tables that are not given are left out.

    Raises SemanticError for a dialect, column or relationship that does not exist, and for a table given twice.
    """
    target = SqlDialect(dialect)
    names = _source_names(tables)
    joins = with_aliases(joins_of(tables, links, names, target))
    keys = {(link.from_table.rpartition(".")[2], link.from_column) for link in links}
    keys |= {(link.to_table.rpartition(".")[2], link.to_column) for link in links}
    return [
        Source(
            name=name,
            table=_reference(table, target),
            grain=[column.name for column in table.columns if column.primary_key],
            columns=[_column(column) for column in table.columns],
            joins=joins[name],
            measures=_measures(table, {column for of, column in keys if of == table.name}, target),
            description=table.comment or None,
        )
        for name, table in zip(names, tables, strict=True)
    ]


def _source_names(tables: list[Table]) -> list[str]:
    """Name each source like its table, with the schema (and catalog) in front where that is needed."""
    parts = [(table.name, table.db, table.catalog) for table in tables]
    forms = [[_joined(name), _joined(db, name), _joined(catalog, db, name)] for name, db, catalog in parts]
    counts = [Counter(form[level].lower() for form in forms) for level in range(3)]
    names = [next((form[level] for level in range(3) if counts[level][form[level].lower()] == 1), "") for form in forms]
    for table, name in zip(tables, names, strict=True):
        if not name:
            raise SemanticError(Problem.INVALID_MODEL, f"The table '{table.name}' is given more than once")
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise SemanticError(Problem.INVALID_MODEL, f"Several tables would have the name '{repeated[0]}'")
    return names


def _joined(*parts: str | None) -> str:
    return "_".join(part for part in parts if part).replace(".", "_")


def _reference(table: Table, dialect: SqlDialect) -> str:
    catalog = table.catalog if dialect.name not in _WITHOUT_CATALOG else None
    parts = [dialect.identifier(part) if part else None for part in (table.name, table.db, catalog)]
    return dialect.write(exp.Table(this=parts[0], db=parts[1], catalog=parts[2]), pretty=False)


def column_type(sql_type: str) -> ColumnType:
    """Give the kind of a column by its SQL type; what is none of the others is a string."""
    lowered = sql_type.strip().lower()
    return next((kind for kind, pattern in _TYPES if pattern.search(lowered)), "string")


def _column(column: TableColumn) -> Column:
    return Column(column.name, column_type(column.type), description=column.comment or None)


def _measures(table: Table, keys: set[str], dialect: SqlDialect) -> list[Measure]:
    """Count the rows; add up and average amounts; give the range of times."""
    taken = {column.name.lower() for column in table.columns}
    measures: list[Measure] = []

    def add(name: str, expr: str) -> None:
        if name.lower() in taken:
            name = f"{name}_measure"
        if name.lower() not in taken:
            taken.add(name.lower())
            measures.append(Measure(name, expr))

    add("count", "count(*)")
    for column in table.columns:
        kind = column_type(column.type)
        text = dialect.write(dialect.field(column.name), pretty=False)
        is_key = column.primary_key or column.name in keys or _NOT_ADDITIVE.search(_snake(column.name)) is not None
        name = _snake(column.name)
        if kind == "number" and not is_key:
            if not _RATE.search(name):
                add(f"total_{name}", f"sum({text})")
            add(f"average_{name}", f"avg({text})")
        elif kind == "time":
            add(f"first_{name}", f"min({text})")
            add(f"last_{name}", f"max({text})")
    return measures


def _snake(name: str) -> str:
    """Write `unitPrice` as `unit_price`, and keep dots and spaces out of names."""
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
