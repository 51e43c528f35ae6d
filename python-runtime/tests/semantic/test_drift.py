"""Comparison of a model with a scan: differences are found without false positives."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.model.models import Source
from semantic_layer.model.tables import Link, Table
from semantic_layer.scaffolding.scaffold import generate_sources
from semantic_layer.sql.dialects import SUPPORTED

TYPES = {"id": "integer", "amount": "numeric(10,2)", "status": "text", "placed_at": "timestamp", "paid": "boolean"}
NO_GRAIN = "It has no grain"


def table(name: str = "orders", db: str | None = "sales", types: dict[str, str] | None = None) -> Table:
    columns = [{"name": name, "type": kind} for name, kind in (types or TYPES).items()]
    return msgspec.convert({"name": name, "db": db, "columns": columns}, Table)


def source(text: str = "sales.orders", **columns: Any) -> Source:
    """Describe a source; a column is its type, or `type = expr`."""
    described = []
    for name, text_of_column in columns.items():
        kind, _, expr = text_of_column.partition(" = ")
        described.append({"name": name, "type": kind, **({"expr": expr} if expr else {})})
    return msgspec.convert({"name": "orders", "table": text, "columns": described}, Source)


def find_differences(
    source: Source, tables: list[Table] | None, dialect: str = "postgres"
) -> tuple[list[str], list[str]]:
    validation = validate([source], dialect, tables=tables)
    return validation.errors, [warning for warning in validation.warnings if NO_GRAIN not in warning]


@pytest.mark.parametrize(
    ("text", "columns", "part"),
    [
        ("sales.ordersx", {}, "orders: The newest scan has no table sales.ordersx; did you mean 'orders'?"),
        ("sales.zzz", {}, "orders: The newest scan has no table sales.zzz"),
        (
            "sales.orders",
            {"amont": "number"},
            "orders, column 'amont': The table sales.orders has no column 'amont' in the newest scan; "
            "did you mean 'amount'?",
        ),
        ("sales.orders", {"double": "number = amont * 2"}, "orders, column 'double': The table sales.orders has no"),
        ("sales.orders", {"double": 'number = "Amount" * 2'}, "has no column 'Amount' in the newest scan"),
        ("sales.orders", {"Amount": "number"}, "has no column 'Amount' in the newest scan; did you mean 'amount'?"),
        ("sales.orders", {"a": "number = b", "b": "number = freight"}, "has no column 'freight'"),
        ('"sales"."orders"', {"x": "number = case when nothing > 1 then amount end"}, "has no column 'nothing'"),
        ("orders", {"nothing": "string"}, "The table orders has no column 'nothing'"),
    ],
)
def test_missing_table_or_column_is_an_error(text: str, columns: dict[str, str], part: str) -> None:
    errors, _ = find_differences(source(text, **columns), [table()])
    assert errors, part
    assert any(part in error for error in errors), errors


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_missing_tables_and_columns_in_every_dialect(dialect: str) -> None:
    assert find_differences(source("sales.missing"), [table()], dialect)[0] == [
        "orders: The newest scan has no table sales.missing"
    ]
    assert len(find_differences(source(gone="number", kept="number = gone_too + amount"), [table()], dialect)[0]) == 2
    assert find_differences(source(amount="number"), None, dialect) == ([], [])


@pytest.mark.parametrize("text", ["crm.orders", "information_schema.tables", "other.sales.orders", "elsewhere"])
def test_schema_that_was_not_scanned_is_a_warning(text: str) -> None:
    scanned = msgspec.structs.replace(table(), catalog="shop")
    errors, warnings = find_differences(source(text, anything="number"), [scanned])
    assert errors == []
    assert len(warnings) == 1
    assert "is not compared with the database" in warnings[0]


@pytest.mark.parametrize(
    ("dialect", "text", "columns"),
    [
        ("postgres", "sales.orders", {"amount": "number", "status": "string", "placed_at": "time", "paid": "boolean"}),
        ("postgres", "SALES.Orders", {"id": "number"}),
        ("postgres", "orders", {"id": "number"}),
        ("postgres", "sales.orders", {"double": "number = AMOUNT * 2"}),
        ("postgres", "sales.orders", {"day": "time = date_trunc('day', placed_at)", "xmin": "string"}),
        ("postgres", "sales.orders", {"who": "string = current_user", "now": "time = localtimestamp"}),
        ("postgres", "sales.orders", {"amount": "number", "net": "number = amount / 2", "more": "number = net + 1"}),
        (
            "postgres",
            "sales.orders",
            {"a": "number = extract(year from placed_at)", "b": "time = placed_at + interval '1 day'"},
        ),
        ("mysql", "orders", {"AMOUNT": "number", "paid": "number"}),
        ("sqlite", "sales.orders", {"rowid": "number", "status": "time", "paid": "number"}),
        (
            "duckdb",
            "sales.orders",
            {"Status": "string", "x": "number = list_sum(list_transform([amount], lambda v : v + 1))"},
        ),
        ("bigquery", "sales.orders", {"_PARTITIONTIME": "time", "Amount": "number"}),
        ("snowflake", "sales.orders", {"amount": "number", "up": "string = upper(STATUS)"}),
        ("tsql", "[sales].[orders]", {"Amount": "number", "paid": "number"}),
    ],
)
def test_harmless_differences_are_ignored(dialect: str, text: str, columns: dict[str, str]) -> None:
    assert find_differences(source(text, **columns), [table()], dialect) == ([], [])


@pytest.mark.parametrize(
    ("dialect", "sql_type", "declared", "is_noted"),
    [
        ("postgres", "text", "number", True),
        ("postgres", "character varying(20)", "time", True),
        ("postgres", "integer", "time", True),
        ("postgres", "timestamp with time zone", "number", True),
        ("postgres", "integer", "boolean", True),
        ("postgres", "date", "string", True),
        ("mysql", "varchar(9)", "boolean", True),
        ("clickhouse", "Nullable(String)", "number", True),
        ("sqlite", "TEXT", "number", True),
        ("mysql", "int(11)", "boolean", False),
        ("mysql", "tinyint(1)", "number", False),
        ("sqlite", "TEXT", "time", False),
        ("sqlite", "", "number", False),
        ("postgres", "uuid", "number", False),
        ("postgres", "money_of_mine", "number", False),
        ("postgres", "interval", "time", False),
        ("postgres", "bigint", "number", False),
    ],
)
def test_type_that_contradicts_the_database_is_a_warning(
    dialect: str, sql_type: str, declared: str, is_noted: bool
) -> None:
    errors, warnings = find_differences(source(x=declared), [table(types={"x": sql_type})], dialect)
    expected = f"orders: column 'x': It is declared {declared}, but the database has {sql_type}"
    assert (errors, warnings) == ([], [expected] if is_noted else [])


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_generated_model_does_not_differ_from_its_scan(dialect: str) -> None:
    kinds = [
        "bigint",
        "tinyint(1)",
        "varchar(20)",
        "uuid",
        "json",
        "date",
        "timestamptz",
        "bit",
        "real",
        "interval",
        "",
    ]
    types = {f"c{number}": kind for number, kind in enumerate(kinds)} | {"PM2_5": "float", "select": "text"}
    tables = [table(types=types), table("Orders", types=types), table("orders", "crm", TYPES), table("free", None)]
    sources = generate_sources(tables, list[Link](), dialect)
    validation = validate(sources, dialect, tables=tables)
    assert validation.errors == []
    assert [warning for warning in validation.warnings if NO_GRAIN not in warning] == []


def test_query_is_not_compared() -> None:
    query = msgspec.convert({"name": "q", "sql": "select 1 as n", "columns": [{"name": "n", "type": "time"}]}, Source)
    assert find_differences(query, [table()]) == ([], [])
