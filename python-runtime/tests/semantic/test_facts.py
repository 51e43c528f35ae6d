"""Facts of a profile in a model: the grain, quantities, values and granularities, and the warnings that use them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.model.models import Source
from semantic_layer.model.queries import DimensionRef, Query
from semantic_layer.model.tables import Link, Table
from semantic_layer.scaffolding.scaffold import generate_sources

ROWS = 100


def column(name: str, sql_type: str = "integer", **facts: Any) -> dict[str, Any]:
    profile = {"nulls": 0, "distinct": 7, "distinct_exact": True, **facts}
    return {"name": name, "type": sql_type, "facts": profile}


def generate(*columns: dict[str, Any], dialect: str = "postgres", **table: Any) -> Source:
    tables = [{"name": "orders", "rows": ROWS, "columns": list(columns), **table}]
    sources = generate_sources(msgspec.convert(tables, list[Table]), [], dialect)
    assert validate(sources, dialect).errors == []
    return sources[0]


@pytest.mark.parametrize(
    ("number", "measures"),
    [
        (column("units"), ["total_units", "average_units"]),
        (column("unit_price", "numeric(10,2)"), ["average_unit_price"]),
        (column("population", min=1, max=900, distinct=ROWS), ["total_population", "average_population"]),
        (column("entry", min=1, max=ROWS, distinct=ROWS), []),
        (column("placed", min=1_700_000_000, max=1_710_000_000, formats=["epoch_seconds"]), []),
        (column("active", formats=["boolean"]), []),
        *[
            (column(name), [])
            for name in (
                "customerId",
                "STATUS",
                "is_open",
                "order_type",
                "cs_item_sk",
                "zip",
                "fiscal_year",
                "lng",
                "plz",
            )
        ],
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_measures_are_generated_for_quantities_only(number: dict[str, Any], measures: list[str]) -> None:
    assert [measure.name for measure in generate(number).measures] == ["count", *measures]


def test_found_key_is_the_grain_and_has_no_measures() -> None:
    source = generate(column("shop"), column("entry"), column("units"), grain=["shop", "entry"])
    assert source.grain == ["shop", "entry"]
    assert [measure.name for measure in source.measures] == ["count", "total_units", "average_units"]


def test_foreign_key_to_an_unknown_table_has_no_measures() -> None:
    assert [measure.name for measure in generate({**column("units"), "foreign_key": True}).measures] == ["count"]


def test_declared_key_takes_precedence() -> None:
    declared = {**column("entry"), "primary_key": True}
    assert generate(declared, column("code"), grain=["code"]).grain == ["entry"]


def test_join_to_a_part_of_a_found_key_is_left_out() -> None:
    tables = [
        {"name": "prices", "columns": [column("shop"), column("item")], "grain": ["shop", "item"]},
        {"name": "sales", "columns": [column("item")]},
    ]
    links = [Link(from_table="sales", from_columns=["item"], to_table="prices", to_columns=["item"])]
    assert [source.joins for source in generate_sources(msgspec.convert(tables, list[Table]), links, "duckdb")] == [
        [],
        [],
    ]


def test_dimensions_have_their_values() -> None:
    values = ["paid", "open"]
    source = generate(
        column("status", "text", values=values),
        column("level", values=[10, 9]),
        column("units", values=[1, 2]),
        {**column("shop_id", values=[1, 2]), "foreign_key": True},
        {**column("code", "text", values=["a"]), "primary_key": True},
        column("is_open", "boolean", values=[True]),
        column("note", "text"),
    )
    assert {item.name: list(item.values) for item in source.columns if item.values} == {
        "status": sorted(values),
        "level": [9, 10],
    }


@pytest.mark.parametrize(
    ("check", "dialect", "values"),
    [
        (
            "((status)::text = ANY ((ARRAY['b'::character varying, 'a'::character varying])::text[]))",
            "postgres",
            ["b", "a"],
        ),
        ("((status = 'a'::text) OR (status = 'b'::text))", "postgres", ["a", "b"]),
        ("((status = ANY (ARRAY['a'::text])) AND (length(status) < 9))", "postgres", ["a"]),
        ("(`status` in (_utf8mb4'a',_utf8mb4'b'))", "mysql", ["a", "b"]),
        ("status IN ('a', 1)", "sqlite", ["a", 1]),
        ("CHECK((status IN ('a', 'b')))", "duckdb", ["a", "b"]),
        ("status IN ('a', lower('B'))", "duckdb", []),
        ("status = 'a' OR units = 1", "duckdb", []),
        ("status <> 'a'", "duckdb", []),
        ("status IN (", "duckdb", []),
    ],
)
def test_values_that_a_check_allows_are_listed(check: str, dialect: str, values: list[Any]) -> None:
    column = {"name": "status", "type": "text"}
    assert generate(column, dialect=dialect, checks=[{"expression": check}]).columns[0].values == tuple(values)


def test_labels_of_an_enumeration_are_listed_in_their_order() -> None:
    labels = ["small", "large"]
    assert generate({"name": "size", "type": "size", "enum_values": labels}).columns[0].values == tuple(labels)


@pytest.mark.parametrize(
    ("sql_type", "dialect", "granularity"),
    [
        ("date", "postgres", "day"),
        ("DATE", "mysql", "day"),
        ("Nullable(Date32)", "clickhouse", "day"),
        ("timestamp", "postgres", None),
        ("DateTime64(3)", "clickhouse", None),
        ("daterange", "postgres", None),
        ("DATE", "sqlite", None),
    ],
)
def test_dates_have_days(sql_type: str, dialect: str, granularity: str | None) -> None:
    assert generate(column("placed", sql_type), dialect=dialect).columns[0].granularity == granularity


@pytest.mark.parametrize(
    ("sql_type", "dialect", "zone"),
    [
        ("timestamp(3) with time zone", "postgres", "instant"),
        ("timestamp without time zone", "postgres", None),
        ("timestamp", "postgres", None),
        ("TIMESTAMP WITH TIME ZONE", "duckdb", "instant"),
        ("timestamptz", "redshift", "instant"),
        ("TIMESTAMP", "bigquery", "instant"),
        ("DATETIME", "bigquery", None),
        ("Nullable(DateTime64(3, 'UTC'))", "clickhouse", "instant"),
        ("Date32", "clickhouse", None),
        ("TIMESTAMP_LTZ(9)", "snowflake", "instant"),
        ("TIMESTAMP_NTZ(9)", "snowflake", None),
        ("timestamp", "databricks", "instant"),
        ("timestamp_ntz", "databricks", None),
        ("timestamp(6)", "mysql", "instant"),
        ("datetime(6)", "mysql", None),
        ("timestamp(6) with time zone", "trino", "instant"),
        ("datetimeoffset(7)", "tsql", "instant"),
        ("timestamp with time zone", "sqlite", None),
    ],
)
def test_types_with_a_zone_have_instants(sql_type: str, dialect: str, zone: str | None) -> None:
    assert generate(column("placed", sql_type), dialect=dialect).columns[0].time_zone == zone


def warnings(*filters: str, granularity: Any = None) -> list[str]:
    source = generate(
        column("status", "text", values=["paid", "open"]), column("level", values=[1, 2]), column("placed", "date")
    )
    dimensions = [DimensionRef("orders.placed", granularity=granularity)] if granularity else []
    query = Query(measures=["orders.count"], filters=list(filters), dimensions=dimensions, limit=None)
    return compile_query([source], query, "postgres").plan.warnings


@pytest.mark.parametrize(
    ("condition", "warning"),
    [
        ("orders.status = 'Paid'", "orders.status has no value 'Paid' among those that are known; did you mean 'paid'"),
        ("'shipped' <> orders.status", "no value 'shipped' among those that are known; there are 'open', 'paid'"),
        ("orders.status in ('open', 'opn')", "no value 'opn' among those that are known; did you mean 'open'?"),
        ("not (orders.level = 3 or orders.status = 'paid')", "orders.level has no value '3'"),
    ],
)
def test_comparison_with_an_unknown_value_is_a_warning(condition: str, warning: str) -> None:
    found = warnings(condition)
    assert len(found) == 1
    assert warning in found[0]


@pytest.mark.parametrize(
    "condition",
    [
        "orders.status = 'paid'",
        "orders.level = 1.0",
        "orders.level = '2'",
        "orders.status like 'P%'",
        "orders.level > 7",
    ],
)
def test_other_comparisons_have_no_warning(condition: str) -> None:
    assert warnings(condition) == []


def test_granularity_that_is_finer_than_the_times_is_a_warning() -> None:
    assert warnings(granularity="hour") == [
        "The times of orders.placed are days, so that a granularity of hour gives no finer groups"
    ]
    assert warnings(granularity="day") == warnings(granularity="year") == []


def validation_warnings(distinct: int, **facts: Any) -> list[str]:
    customer = column("id", distinct=distinct, **facts)
    tables: list[dict[str, Any]] = [
        {"name": "customers", "db": "public", "rows": 10, "columns": [customer, column("shop")]},
        {"name": "orders", "db": "public", "rows": 5, "columns": [column("customer_id")]},
    ]
    columns = [{"name": "id", "type": "number"}, {"name": "shop", "type": "number"}]
    join = {"to": "customers", "on": "customer_id = customers.id", "relationship": "many_to_one"}
    sources = [
        {"name": "customers", "table": "public.customers", "grain": ["id"], "columns": columns},
        {
            "name": "orders",
            "table": "public.orders",
            "grain": ["customer_id"],
            "columns": [{"name": "customer_id", "type": "number"}],
            "joins": [join],
        },
    ]
    model = msgspec.convert(sources, list[Source])
    found = validate(model, "postgres", tables=msgspec.convert(tables, list[Table]))
    assert found.errors == []
    return [warning for warning in found.warnings if "distinct" in warning and "orders.customer_id" not in warning]


def test_grain_and_cardinality_that_the_data_contradicts_are_warnings_with_the_counts() -> None:
    counts = "customers.id has 8 distinct values in 9 rows"
    assert validation_warnings(8, nulls=1) == [
        f"customers: Its grain is id, but {counts}",
        f"orders: The join 'customer_id = customers.id' is declared many_to_one, but {counts}",
    ]


def test_unique_and_estimated_columns_contradict_nothing() -> None:
    assert validation_warnings(9, nulls=1) == []
    assert validation_warnings(5, distinct_exact=False) == []


@pytest.mark.parametrize(("distinct", "warned"), [(10, False), (9, True)])
def test_join_to_a_column_that_a_profile_shows_to_be_unique_has_no_warning(distinct: int, warned: bool) -> None:
    days = [column("day_key"), column("day", distinct=distinct)]
    tables = [
        {"name": "days", "db": "public", "rows": 10, "columns": days},
        {"name": "sales", "db": "public", "columns": [column("day")]},
    ]
    sources = [
        {
            "name": "days",
            "table": "public.days",
            "grain": ["day_key"],
            "columns": [{"name": "day_key", "type": "number"}, {"name": "day", "type": "number"}],
        },
        {
            "name": "sales",
            "table": "public.sales",
            "grain": ["day"],
            "columns": [{"name": "day", "type": "number"}],
            "joins": [{"to": "days", "on": "day = days.day", "relationship": "many_to_one"}],
        },
    ]
    model = msgspec.convert(sources, list[Source])
    found = validate(model, "postgres", tables=msgspec.convert(tables, list[Table])).warnings
    assert any("cannot be checked here" in warning for warning in found) == warned
