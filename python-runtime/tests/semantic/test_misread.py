"""Common mistakes in queries: the errors and their advice."""

from __future__ import annotations

import re
from typing import Any

import pytest

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.sql.dialects import SUPPORTED
from tests.semantic.databases import connect
from tests.semantic.shop import SHOP, compile_shop, shop_model


def expect_error(problem: Problem, model: list[dict[str, Any]] | None = None, **query: Any) -> str:
    with pytest.raises(SemanticError) as caught:
        compile_shop(model, **query)
    assert caught.value.problem is problem, str(caught.value)
    return str(caught.value)


FUNCTIONS = {
    "count_distinct(orders.status)": "count(distinct orders.status)",
    "countd(orders.status)": "count(distinct orders.status)",
    "percentile(orders.amount, 0.9)": "percentile_cont(0.9) within group (order by orders.amount)",
    "any(orders.is_gift)": "bool_or(orders.is_gift)",
    "some(orders.is_gift)": "bool_or(orders.is_gift)",
    "geometric_mean(orders.amount)": "exp(avg(ln(orders.amount)))",
    "product(orders.amount)": "exp(sum(ln(orders.amount)))",
    "favg(orders.amount + 1)": "avg(orders.amount + 1)",
    "try_sum(orders.amount)": "sum(orders.amount)",
    "mean(orders.amount)": "avg(orders.amount)",
    "average(orders.net)": "avg(orders.net)",
    "total(orders.amount)": "sum(orders.amount)",
    "var(orders.amount)": "variance(orders.amount)",
    "stdevp(orders.amount)": "stddev_pop(orders.amount)",
    "sumif(orders.amount, orders.is_gift)": "sum(orders.amount) filter (where orders.is_gift)",
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_unknown_aggregate_is_not_resolved_as_a_column(text: str) -> None:
    """The error said that the column is not a measure."""
    message = expect_error(Problem.UNKNOWN_NAME, measures=[text], dimensions=["orders.id"])
    name = text.partition("(")[0]
    assert message.startswith(f"The function '{name}' in '{text}' is not known as an aggregate of postgres; write ")
    advised = message.rpartition("; write ")[2]
    assert advised.lower() == FUNCTIONS[text]
    compile_shop(measures=[advised])


@pytest.mark.parametrize(
    ("dialect", "advice"),
    {
        "mysql": "write it into the `sql` of a source",
        "sqlite": "write it into the `sql` of a source",
        "tsql": "write it into the `sql` of a source",
        "trino": "write approx_percentile(x, 0.5)",
        "bigquery": "write approx_quantiles(x, 100)[offset(50)]",
        "clickhouse": "write percentile_cont(0.9) within group (order by orders.amount)",
        "duckdb": "write percentile_cont(0.9) within group (order by orders.amount)",
    }.items(),
)
def test_only_functions_of_the_dialect_are_suggested(dialect: str, advice: str) -> None:
    with pytest.raises(SemanticError) as caught:
        compile_shop(dialect=dialect, measures=["percentile(orders.amount, 0.9)"])
    assert str(caught.value).lower().endswith(advice)


@pytest.mark.parametrize("dialect", ["bigquery", "duckdb", "postgres", "snowflake"])
def test_suggested_names_are_those_of_the_dialect(dialect: str) -> None:
    with pytest.raises(SemanticError) as caught:
        compile_shop(dialect=dialect, measures=["bool_org(orders.is_gift)"])
    assert ("'boolor_agg'" in str(caught.value)) is (dialect == "snowflake")
    assert "'bool_or'" in str(caught.value)


def test_unknown_function_without_arguments_is_reported() -> None:
    """It was an internal error."""
    message = expect_error(Problem.UNKNOWN_NAME, measures=["zorble()"])
    assert message.startswith("The function 'zorble' in 'zorble()' is not known as an aggregate of postgres; ")


def test_unknown_granularity_is_reported() -> None:
    message = expect_error(Problem.INVALID_QUERY, measures=["orders.orders"], dimensions=["orders.ordered_at:months"])
    assert "has an unknown granularity; write one of second, minute, hour, day, week, month, quarter, year, " in message


@pytest.mark.parametrize("text", ["summ(orders.amount)", "averag(orders.amount)", "cont(orders.id)"])
def test_near_names_are_suggested(text: str) -> None:
    message = expect_error(Problem.UNKNOWN_NAME, measures=[text])
    assert re.search(r"did you mean '\w+'", message), message


def test_other_unknown_functions_are_reported() -> None:
    model = shop_model(orders={"measures": [{"name": "odd", "expr": "round(zorble(amount), 2)"}]})
    assert "The function 'zorble'" in expect_error(Problem.UNKNOWN_NAME, model, measures=["orders.odd"])
    assert "The function 'zorble'" in expect_error(Problem.UNKNOWN_NAME, measures=["1 + zorble(1)"])
    counted = expect_error(
        Problem.UNKNOWN_NAME, dimensions=["orders.id"], filters=["count_distinct(orders.status) > 1"]
    )
    assert "write COUNT(DISTINCT orders.status)" in counted or "count(distinct orders.status)" in counted


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_functions_of_the_database_are_accepted(dialect: str) -> None:
    query = {"measures": ["my_udf(orders.revenue)", "sum(my_udf(orders.amount))"], "filters": ["my_udf(orders.id) = 1"]}
    assert "my_udf(sum(" in compile_shop(dialect=dialect, **query).sql.replace("\n", "").replace(" ", "").lower()


def test_column_in_a_known_function_is_a_column() -> None:
    message = expect_error(Problem.WRONG_TYPE, measures=["round(orders.amount, 1)"])
    assert "orders.amount is a column, not a measure; aggregate it, as in sum(orders.amount)" in message


@pytest.mark.parametrize(
    "field",
    [
        "date_trunc('month', orders.ordered_at)",
        "DATE_TRUNC('month', orders.ordered_at::timestamp)",
    ],
)
def test_truncated_time_is_reported_as_a_granularity(field: str) -> None:
    message = expect_error(Problem.INVALID_QUERY, measures=["orders.revenue"], dimensions=[field])
    assert message.endswith('write { "field": "orders.ordered_at", "granularity": "month" }'), message
    compile_shop(measures=["orders.revenue"], dimensions=[{"field": "orders.ordered_at", "granularity": "month"}])


@pytest.mark.parametrize(
    "field",
    [
        "extract(dow from orders.ordered_at)",
        "lower(orders.status)",
        "orders.amount + orders.tax",
        "orders.amount - 1",
        "case when orders.amount > 1 then 'x' end",
        "orders.ordered_at::date",
        "orders.status || 'x'",
        "coalesce(orders.status, 'none')",
        "orders.amount > 5",
    ],
)
def test_expression_as_a_dimension_is_rejected(field: str) -> None:
    """The error said that there is no source 'extract(dow from orders'."""
    message = expect_error(Problem.INVALID_QUERY, measures=["orders.revenue"], dimensions=[field])
    assert message.startswith(f"The dimension '{field}' is an expression, not a column")
    assert message.endswith('write it as { "expr": …, "name": … }')
    compile_shop(measures=["orders.revenue"], dimensions=[{"expr": field, "name": "x"}])


def test_source_with_special_characters_is_not_an_expression() -> None:
    model = shop_model(**{"Leg's (2) - x": {**SHOP["weather"], "table": "w"}})
    compile_shop(model, dimensions=["Leg's (2) - x.day"])
    message = expect_error(Problem.UNKNOWN_NAME, dimensions=["orders.stat"])
    assert "did you mean 'status'" in message


def test_cycle_of_composed_measures_is_an_error() -> None:
    revenue = {"expr": "sum(orders.amount)", "name": "rev"}
    circle = [{"expr": "b + 1", "name": "a"}, {"expr": "a + 1", "name": "b"}]
    assert "a → b → a" in expect_error(Problem.CYCLE, measures=circle)
    assert "a → a" in expect_error(Problem.CYCLE, measures=[{"expr": "a * 2", "name": "a"}])
    assert "does not say of which source" in expect_error(Problem.UNKNOWN_NAME, measures=[revenue, "foo / 2"])


WORDS = ["any", "all", "select", "qualify", "current_date", "key", "values", "sample", "not", "null", "distinct"]
WORDS += ["between", "if", "end", "order", "user", "group", "table", "case", "date", "from", "where", "in"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("dialect", SUPPORTED)
def test_source_with_a_reserved_name(word: str, dialect: str) -> None:
    model = [{"name": word, **SHOP["orders"], "table": "t", "joins": []}]
    query = {
        "measures": [
            f"{word}.revenue",
            f"sum({word}.amount)",
            f"count(distinct {word}.status)",
            f"{word}.revenue / {word}.orders",
        ],
        "dimensions": [f"{word}.id"],
        "filters": [f"{word}.amount > 1 and {word}.status in ('any.x', 'b')", f"sum({word}.tax) < 9"],
        "segments": [f"{word}.paid"],
        "order_by": [f"{word}.revenue:desc"],
    }
    assert "'any.x'" in compile_shop(model, dialect, **query).sql


def test_reserved_qualifier_is_quoted() -> None:
    model = [{"name": "any", **SHOP["orders"], "table": "t", "joins": []}]
    with connect("duckdb", "") as database:
        database.run("CREATE TABLE t AS SELECT * FROM (VALUES (1, 5), (2, 7)) AS t(id, amount)", ())
        sql = compile_shop(model, "duckdb", measures=["sum(any.amount)"], filters=["any.id > 1"]).sql
        assert database.rows(sql) == [(7.0,)]
