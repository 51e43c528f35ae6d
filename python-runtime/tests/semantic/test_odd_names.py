"""Models with special characters in names of tables and columns are valid and return correct numbers."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlglot import exp

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.model.queries import ComposedMeasure, Query
from semantic_layer.model.tables import Link, Table
from semantic_layer.scaffolding.scaffold import generate_sources
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from tests.semantic.databases import DIALECTS, Database, connect

NAMES = [
    "PM2.5",
    "PM2_5",
    "..",
    ".",
    "a b",
    " lead",
    "1st",
    "%",
    "100%s",
    "naïve",
    "größe",
    "名",
    'qu"ote',
    "it's",
    "back`tick",
    "br]acket",
    "back\\slash",
    "a-b",
    "a--b",
    "a/*b*/c",
    "a;b",
    "$x",
    "@x",
    "#x",
    "?",
    ":x",
    "{x}",
    "select",
    "order",
    "user",
    "group",
    "CamelCase",
    "UPPER",
    "null",
    "true",
    "count",
    "count(*)",
    "a.b.c",
    "*",
    "current_date",
    "tab\tbed",
    "x" * 60,
]
# Column names that a database does not support.
UNSUPPORTED = {
    "sqlite": set(),
    "duckdb": set(),
    "postgres": set(),
    "mysql": {"tab\tbed"},
    "bigquery": {name for name in NAMES if "." in name},
}


def supported_names(dialect: str) -> list[str]:
    return [name for name in NAMES if name not in UNSUPPORTED.get(dialect, set())]


def schema_with_names(
    dialect: str, names: list[str], tables: tuple[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return two tables with columns of all names, and a link from the second to the first."""
    columns: list[dict[str, Any]] = [{"name": name, "type": "integer"} for name in names]
    first, second = tables
    key = {"name": "key" if dialect == "bigquery" else "k.ey", "type": "integer", "primary_key": True}
    described = [{"name": first, "columns": [key, *columns]}, {"name": second, "columns": columns}]
    links = [{"from_table": second, "from_column": names[0], "to_table": first, "to_column": key["name"]}]
    return described, links


def generate(dialect: str, tables: list[dict[str, Any]], links: list[dict[str, str]]) -> list[Any]:
    return generate_sources(msgspec.convert(tables, list[Table]), msgspec.convert(links, list[Link]), dialect)


@pytest.mark.parametrize("dialect", SUPPORTED)
@pytest.mark.parametrize("tables", [("the.first", "se cond"), ("PM2.5", 'qu"ote'), ("select", "größe"), ("", " ")])
def test_model_with_special_names_is_valid(dialect: str, tables: tuple[str, str]) -> None:
    names = supported_names(dialect)
    if dialect == "bigquery":
        tables = (tables[0].replace(".", "_"), tables[1])
    described, links = schema_with_names(dialect, names, tables)
    sources = generate(dialect, described, links)
    assert [len(source.columns) for source in sources] == [len(names) + 1, len(names)]
    assert len(sources[1].joins) == 1
    found = validate(sources, dialect, tables=msgspec.convert(described, list[Table]))
    assert found.errors == []
    assert [warning for warning in found.warnings if "no grain" not in warning] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_columns_with_special_names_are_read(dialect: str) -> None:
    """Each column has a different number, which detects swapped columns."""
    names = supported_names(dialect)
    tables, links = schema_with_names(dialect, names, ("the first", "sec`ond"))
    with connect(dialect, "odd_names") as database:
        _load(database, tables)
        sources = generate(dialect, tables, links)
        first, second = sources
        for number, column in enumerate(second.columns, 1):
            totals = [measure.name for measure in second.measures if measure.expr.startswith("sum(")]
            assert totals
            field = _quoted(second.name, column.name, dialect)
            query = Query(measures=[ComposedMeasure(f"sum({field})", "total")])
            assert database.rows(compile_query(sources, query, dialect).sql) == [(float(number),)], column
        measures = [f"{second.name}.{measure.name}" for measure in second.measures]
        dimensions = [f"{first.name}.{column.name}" for column in first.columns]
        rows = database.rows(compile_query(sources, Query(measures=[*measures], dimensions=[*dimensions]), dialect).sql)
        assert [row[: len(dimensions)] for row in rows] == [tuple(float(n) for n in (1, *range(1, len(names) + 1)))]


def _quoted(source: str, column: str, dialect: str) -> str:
    target = SqlDialect(dialect)
    return target.write(target.field(column, source), pretty=False)


def _load(database: Database, tables: list[dict[str, Any]]) -> None:
    """Load one row into each table: the key is 1, the other columns count from 1."""
    for table in tables:
        keys = [column for column in table["columns"] if column.get("primary_key")]
        values = [1] * len(keys) + list(range(1, len(table["columns"]) - len(keys) + 1))
        columns = ", ".join(f"{_name(column['name'], database)} INTEGER" for column in table["columns"])
        name = _name(table["name"], database)
        database.run(f"CREATE TABLE {name} ({columns})", ())
        database.run(f"INSERT INTO {name} VALUES ({', '.join(str(value) for value in values)})", ())


def _name(name: str, database: Database) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect=database.dialect)
