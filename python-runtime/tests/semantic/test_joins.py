"""Joins that violate their declared cardinality are rejected, because totals would be double counted."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import DIALECTS, Database, TableData, connect

TABLES: dict[str, TableData] = {
    "sales": (
        {"id": "int", "item": "int", "region": "int", "code": "text", "sold": "date", "amount": "int"},
        [
            [1, 1, 1, "a", "2024-01-05", 10],
            [2, 1, 2, "A", "2024-02-05", 20],
            [3, 2, 1, "b", "2024-03-05", 40],
            [4, 3, 1, None, "2024-04-05", 80],
        ],
    ),
    # Rows are unique in item and region, in item and valid_from, and in code.
    "prices": (
        {"item": "int", "region": "int", "code": "text", "valid_from": "date", "valid_to": "date", "label": "text"},
        [
            [1, 1, "a", "2024-01-01", "2024-02-01", "old"],
            [1, 2, "b", "2024-02-01", None, "new"],
            [2, 1, "c", "2024-01-01", None, "other"],
        ],
    ),
}


def model(on: str, grain: list[str], relationship: str = "many_to_one", *, reverse: bool = False) -> list[Source]:
    join = {"to": "sales" if reverse else "prices", "on": on, "relationship": relationship}
    columns = {
        name: [
            {"name": column, "type": {"int": "number", "text": "string", "date": "time"}[kind]} for column, kind in of
        ]
        for name, of in ((name, columns.items()) for name, (columns, _) in TABLES.items())
    }
    sales = {
        "name": "sales",
        "table": "sales",
        "grain": ["id"],
        "columns": columns["sales"],
        "measures": [{"name": "total", "expr": "sum(amount)"}],
        "joins": [] if reverse else [join],
    }
    prices = {
        "name": "prices",
        "table": "prices",
        "grain": grain,
        "columns": columns["prices"],
        "measures": [{"name": "prices", "expr": "count(*)"}],
        "joins": [join] if reverse else [],
    }
    return msgspec.convert([sales, prices], list[Source])


TOTALS = msgspec.convert({"measures": ["sales.total"], "dimensions": ["prices.label"]}, Query)

# The condition, the grain of prices, and a part of the message.
WRONG = {
    "greater": ("item > prices.item", ["item"], "no column of prices for equality"),
    "less or equal": ("prices.item <= item", ["item"], "no column of prices for equality"),
    "not equal": ("item <> prices.item", ["item"], "no column of prices"),
    "one of two": ("item = prices.item or region = prices.item", ["item"], "no column of prices"),
    "one of two, in parentheses": ("(item = prices.item or region = prices.region) and amount > 0", ["item"], "no col"),
    "a list": ("prices.item in (item, region)", ["item"], "no column of prices"),
    "an expression on the key": ("item = prices.item + 1", ["item"], "no column of prices"),
    "a function of the key": ("lower(code) = lower(prices.code)", ["code"], "no column of prices"),
    "a cast of a text": ("item = cast(prices.code as int)", ["code"], "no column of prices"),
    "a pattern": ("code like prices.code", ["code"], "no column of prices"),
    "part of a key": ("item = prices.item", ["item", "region"], "only item of prices for equality"),
    "the other part of a key": ("prices.region = region", ["item", "region"], "compare prices.item"),
    "part of a key and a condition": ("item = prices.item and prices.region > region", ["item", "region"], "only item"),
    "a column with itself": ("item > prices.item and prices.item = prices.item", ["item"], "no column of prices"),
    "a validity without an end": ("item = prices.item and sold >= prices.valid_from", ["item", "valid_from"], "only"),
    "points within a range": ("prices.valid_from between sold and sold", ["item", "valid_from"], "no column of prices"),
    "no grain": ("item > prices.item", [], "the columns in which prices is unique"),
    "always": ("item = prices.item or 1 = 1", ["item"], "no column of prices"),
}

VALIDITY = "item = prices.item and sold >= prices.valid_from and "
# The condition, the grain, and the warning, if there is one.
RIGHT = {
    "the key": ("item = prices.item and region = prices.region", ["item", "region"], None),
    "the key from its other side": ("prices.region = region and prices.item = (item)", ["region", "item"], None),
    "a narrower condition": (
        "item = prices.item and region = prices.region and (amount > 15 or prices.label = 'old')",
        ["item", "region"],
        None,
    ),
    "an expression on the other side": ("prices.code = lower(code)", ["code"], None),
    "a constant": ("item = prices.item and prices.region = 1", ["item", "region"], None),
    "a unique column": ("code = prices.code", ["item", "region"], "whether prices.code is unique cannot be checked"),
    "a unique column and a part": ("item = prices.item and code = prices.code", ["item", "region"], "prices.code, pri"),
    "no grain that could be compared": ("code = prices.code", [], None),
    "a validity": (
        VALIDITY + "(sold < prices.valid_to or prices.valid_to is null)",
        ["item", "valid_from"],
        "whether its ranges of prices overlap cannot be checked here",
    ),
    "a validity with another end": (
        VALIDITY + "sold < coalesce(prices.valid_to, '9999-01-01')",
        ["item", "valid_from"],
        "overlap",
    ),
    "a validity between": (
        "item = prices.item and sold between prices.valid_from and coalesce(prices.valid_to, '9999-01-01')",
        ["item", "valid_from"],
        "overlap",
    ),
}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_joins_{secrets.token_hex(4)}") as connected:
        connected.load(TABLES)
        yield connected


@pytest.mark.parametrize("name", WRONG)
def test_join_that_matches_many_rows_is_rejected(name: str) -> None:
    on, grain, part = WRONG[name]
    for sources in (model(on, grain), model(on, grain, "one_to_one")):
        found = validate(sources, "postgres")
        assert not found.valid
        assert any(error.startswith("sales, join to 'prices': The join '") and part in error for error in found.errors)
        with pytest.raises(SemanticError, match="for equality, so that a row can find many rows of prices") as caught:
            compile_query(sources, TOTALS, "postgres")
        assert caught.value.problem is Problem.INVALID_MODEL
        assert part in str(caught.value)


@pytest.mark.parametrize("name", sorted(WRONG.keys() - {"no grain", "a cast of a text"}))
def test_reversed_join_is_rejected_if_it_fans_out(database: Database, name: str) -> None:
    """Prices with a sale may be counted over such a join, because their rows are deduplicated."""
    on, grain, part = WRONG[name]
    qualified = re.sub(r"(?<![.\w])(item|region|sold|code|amount)\b", r"sales.\1", on)
    sources = model(qualified.replace("prices.", ""), grain, "one_to_many", reverse=True)
    found = validate(sources, "postgres")
    assert any(error.startswith("prices, join to 'sales': The join '") and part in error for error in found.errors)
    with pytest.raises(SemanticError, match="many rows of prices"):
        compile_query(sources, TOTALS, database.dialect)
    query = msgspec.convert({"measures": ["prices.prices"], "filters": ["sales.amount > 0"]}, Query)
    by_hand = f"""SELECT count(*) FROM (SELECT DISTINCT {", ".join(grain)} FROM prices
      WHERE EXISTS (SELECT 1 FROM sales WHERE ({qualified}) AND sales.amount > 0)) AS found"""
    assert database.rows(compile_query(sources, query, database.dialect).sql) == database.rows(by_hand)


@pytest.mark.parametrize("name", RIGHT)
def test_join_that_matches_one_row_is_accepted(database: Database, name: str) -> None:
    on, grain, warning = RIGHT[name]
    sources = model(on, grain)
    found = validate(sources, database.dialect)
    assert found.errors == []
    about_the_join = [text for text in found.warnings if text.startswith("sales: The join '")]
    assert len(about_the_join) == (warning is not None)
    assert all(warning is not None and warning in text for text in about_the_join)
    rows = database.rows(compile_query(sources, TOTALS, database.dialect).sql)
    assert sum(total for _, total in rows) == 150
    assert len(rows) > 1


@pytest.mark.parametrize("name", RIGHT)
def test_plan_warns_of_joins_that_cannot_be_verified(name: str) -> None:
    """The numbers of the query depend on the cardinality."""
    on, grain, warning = RIGHT[name]
    for sources in (model(on, grain), model(on, grain, "one_to_one")):
        warned = [text for text in compile_query(sources, TOTALS, "postgres").plan.warnings if "The join '" in text]
        assert len(warned) == (warning is not None)
        assert all(warning is not None and warning in text and "count more than once" in text for text in warned)


def test_number_may_be_compared_as_a_text() -> None:
    for text in ("text", "varchar(20)"):
        sources = model(f"code = cast(prices.item as {text})", ["item"])
        assert validate(sources, "postgres").warnings == []
        assert compile_query(sources, TOTALS, "postgres").sql


def test_cycle_of_columns_is_reported() -> None:
    sources = model("item = prices.itm", ["item"])
    assert any("did you mean 'item'" in error for error in validate(sources, "postgres").errors)
