"""Generation of a model from a schema: a source for each table, with joins, types and measures."""

from __future__ import annotations

import re
from functools import lru_cache

from sqlglot import exp

from semantic_layer.model.models import Column, ColumnType, Join, Measure, Source, Value
from semantic_layer.model.tables import Link, Table, TableColumn
from semantic_layer.scaffolding.aliases import add_aliases
from semantic_layer.scaffolding.allowed_values import allowed_values
from semantic_layer.scaffolding.foreign_keys import collect_foreign_keys
from semantic_layer.scaffolding.links import create_joins, is_bridge_table
from semantic_layer.scaffolding.naming import column_names, source_names
from semantic_layer.scaffolding.quantities import is_additive, is_quantity
from semantic_layer.scaffolding.source_time import is_time_of_row
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.times.zones import INSTANT

# In these databases tables are not qualified by a catalog, which is that of the connection.
_WITHOUT_CATALOG = {"postgres", "redshift", "mysql", "sqlite", "clickhouse"}

_TYPES: tuple[tuple[ColumnType, re.Pattern[str]], ...] = (
    ("boolean", re.compile(r"^(bool|tinyint\(1\)|bit$|bit\(1\))")),
    ("time", re.compile(r"^(date(?!(multi)?range)|timestamp|smalldatetime|nullable\(date|lowcardinality\(date)")),
    (
        "number",
        re.compile(
            r"^(unsigned |nullable\()*"
            r"(u?(tiny|small|medium|big|huge)?int(eger)?\d*|int\d|serial|smallserial|bigserial|number|numeric|decimal|dec"
            r"|bignumeric|float\d*|double|real|money|smallmoney|byteint|long|short)\b"
        ),
    ),
)

# Types that GROUP BY and DISTINCT do not support, and the types that they are cast to.
_NOT_COMPARABLE: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "postgres": (
        (re.compile(r"json"), "jsonb"),
        (re.compile(r"json\[\]"), "jsonb[]"),
        (re.compile(r"xml|point|box|polygon|line|lseg|path|circle|txid_snapshot|pg_snapshot"), "text"),
    ),
    "tsql": ((re.compile(r"xml|n?text"), "nvarchar(max)"),),
}

_DATE = re.compile(r"(nullable\(|lowcardinality\()*date(32)?\)*")
# Types with a zone. A TIMESTAMP of MySQL is an instant, which the server hands over in the session's zone.
_WITH_ZONE = re.compile(r"timestamp(\(\d+\))? with (local )?time zone|timestamptz.*|timestamp_l?tz.*|datetimeoffset.*")
_INSTANTS = {
    "bigquery": re.compile(r"timestamp"),
    "clickhouse": re.compile(r"(nullable\(|lowcardinality\()*datetime(64|32)?\b.*"),
    "databricks": re.compile(r"timestamp(_ltz)?"),
    "mysql": re.compile(r"timestamp(\(\d\))?"),
    "sqlite": re.compile(r"(?!)"),  # a declared type says nothing about the texts
}
# Dialects in which a column of dates may have times.
_DATES_WITH_TIMES = {"sqlite"}


def generate_sources(tables: list[Table], links: list[Link], dialect: str) -> list[Source]:
    """Generate a source for each table. Links to other tables are ignored.

    A table keeps its `source_name`. Raises SemanticError for an unsupported dialect, unknown columns and relationships,
    and duplicate tables.
    """
    target = SqlDialect(dialect)
    names = source_names(tables)
    keys = collect_foreign_keys(tables, links)
    joins = add_aliases(create_joins(tables, keys, names, target))
    linked: list[set[str]] = [set() for _ in tables]
    for key in keys:
        linked[key.start].update(near for near, _ in key.pairs)
        linked[key.end].update(far for _, far in key.pairs)
    return [
        _source(table, name, joins[name], linked[index], is_bridge=is_bridge_table(index, table, keys), dialect=target)
        for index, (name, table) in enumerate(zip(names, tables, strict=True))
    ]


def _source(
    table: Table, name: str, joins: list[Join], keys: set[str], *, is_bridge: bool, dialect: SqlDialect
) -> Source:
    names = column_names(table)
    keys = keys | table.primary_key | {column.name for column in table.columns if column.foreign_key}
    quantities = _quantities(table, names, keys)
    allowed = allowed_values(table, dialect)
    return Source(
        name=name,
        table=_reference(table, dialect),
        grain=[names[column.name] for column in table.columns if column.name in table.primary_key],
        columns=[
            _column(
                column,
                names[column.name],
                dialect,
                values=[] if column.name in quantities | keys else _values(column, allowed.get(column.name, [])),
            )
            for column in table.columns
        ],
        joins=joins,
        measures=_measures(table, names, quantities, dialect),
        time=_time(table, names),
        bridge=is_bridge,
        description=table.comment or None,
    )


def _reference(table: Table, dialect: SqlDialect) -> str:
    above = (table.db, table.catalog if dialect.name not in _WITHOUT_CATALOG else None)
    db, catalog = (dialect.identifier(part) if part else None for part in above)
    return dialect.write(exp.Table(this=dialect.identifier(table.name), db=db, catalog=catalog), pretty=False)


@lru_cache(maxsize=1024)  # a schema has few types
def column_type(sql_type: str) -> ColumnType:
    """Return the type of a column by its SQL type, `string` by default."""
    lowered = sql_type.strip().lower()
    return next((kind for kind, pattern in _TYPES if pattern.search(lowered)), "string")


def _quantities(table: Table, names: dict[str, str], keys: set[str]) -> set[str]:
    """Return the names of the columns that are quantities; `keys` are columns of keys."""
    return {
        column.name
        for column in table.columns
        if column_type(column.type) == "number"
        and column.name not in keys
        and is_quantity(_to_snake_case(names[column.name]), column.facts, table.rows)
    }


def _time(table: Table, names: dict[str, str]) -> str | None:
    """Return the only time of a table, or None if there are several or its name is not that of the time of a row."""
    times = [names[column.name] for column in table.columns if column_type(column.type) == "time"]
    return times[0] if len(times) == 1 and is_time_of_row(_to_snake_case(times[0])) else None


def _column(column: TableColumn, name: str, dialect: SqlDialect, *, values: list[Value]) -> Column:
    """Generate a column; it has an `expr` if its name cannot be used in references or its type cannot be grouped."""
    comparable = _comparable_type(column, dialect)
    if comparable is None and name == column.name:
        expr = None
    else:
        value: exp.Expr = dialect.column(column.name)
        expr = dialect.write(exp.cast(value, comparable) if comparable else value, pretty=False)
    kind = column_type(column.type)
    return Column(
        name,
        kind,
        expr,
        description=column.comment or None,
        values=tuple(values) if kind in ("string", "number") else (),
        granularity="day" if _is_date(column, dialect) else None,
        time_zone=INSTANT if _is_instant(column, dialect) else None,
    )


def _values(column: TableColumn, allowed: list[Value]) -> list[Value]:
    """Return the values that the database allows, or those of the profile, in an order without their frequencies."""
    if allowed:
        return allowed
    found = column.facts.values if column.facts is not None else []
    return sorted(found, key=lambda value: (isinstance(value, str), value))


def _is_date(column: TableColumn, dialect: SqlDialect) -> bool:
    return dialect.name not in _DATES_WITH_TIMES and _DATE.fullmatch(column.type.strip().lower()) is not None


def _is_instant(column: TableColumn, dialect: SqlDialect) -> bool:
    return _INSTANTS.get(dialect.name, _WITH_ZONE).fullmatch(column.type.strip().lower()) is not None


def _comparable_type(column: TableColumn, dialect: SqlDialect) -> str | None:
    """Return the type to cast a column to so that it can be grouped, or None."""
    pairs = _NOT_COMPARABLE.get(dialect.name, ())
    return next((other for pattern, other in pairs if pattern.fullmatch(column.type.strip().lower())), None)


def _measures(table: Table, names: dict[str, str], quantities: set[str], dialect: SqlDialect) -> list[Measure]:
    """Generate measures: the row count, totals and averages of quantities, and the range of times."""
    used_names = {name.lower() for name in names.values()}
    measures: list[Measure] = []

    def add(name: str, expr: str) -> None:
        if name.lower() in used_names:
            name = f"{name}_measure"
        if name.lower() not in used_names:
            used_names.add(name.lower())
            measures.append(Measure(name, expr))

    add("count", "count(*)")
    for column in table.columns:
        kind = column_type(column.type)
        text = dialect.write_field(names[column.name])
        name = _to_snake_case(names[column.name])
        if column.name in quantities:
            if is_additive(name):
                add(f"total_{name}", f"sum({text})")
            add(f"average_{name}", f"avg({text})")
        elif kind == "time":
            add(f"first_{name}", f"min({text})")
            add(f"last_{name}", f"max({text})")
    return measures


def _to_snake_case(name: str) -> str:
    """Convert a name to snake case: `unit_price` for `unitPrice`; other characters become underscores."""
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
