"""Pages of a result, the number of all groups, and long lists."""

from __future__ import annotations

import re
from typing import Any

import pytest

from semantic_layer.errors import SemanticError
from semantic_layer.sql.dialects import SUPPORTED
from tests.semantic.databases import Database
from tests.semantic.market import ask, compile_market

QUERIES: dict[str, dict[str, Any]] = {
    "one fact": {"measures": ["orders.revenue"], "dimensions": ["orders.id"]},
    "two facts": {"measures": ["orders.count", "visits.count"], "dimensions": ["customers.region"]},
    "members": {
        "measures": ["orders.count"],
        "dimensions": ["customers.region", "orders.status"],
        "include_empty": True,
    },
    "groups": {"measures": ["orders.count"], "dimensions": ["orders.status"], "filters": ["orders.revenue > 100"]},
}


@pytest.mark.parametrize("name", QUERIES)
def test_pages_are_the_result_and_the_count_is_its_length(market_database: Database, name: str) -> None:
    query = QUERIES[name] | {"order_by": [f"{QUERIES[name]['measures'][0]}:desc"]}
    expected = ask(market_database, **query, limit=None)
    pages = [ask(market_database, **query, limit=2, offset=offset) for offset in range(0, len(expected) + 2, 2)]
    assert [row for page in pages for row in page] == expected
    compiled = compile_market(market_database.dialect, **query, limit=1, offset=1)
    assert compiled.count_sql is not None
    assert market_database.rows(compiled.count_sql) == [(len(expected),)]


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_page_is_written_in_every_dialect(dialect: str) -> None:
    compiled = compile_market(dialect, **QUERIES["two facts"], limit=5, offset=10)
    assert re.search(r"OFFSET\s+10", compiled.sql)
    assert compiled.count_sql is not None
    assert "OFFSET" not in compiled.count_sql
    assert compiled.plan.limit_warning is not None
    assert "Only the 5 groups after the first 10" in compiled.plan.limit_warning


def test_one_row_has_no_count() -> None:
    assert compile_market(measures=["orders.count"]).count_sql is None


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ({"offset": -1}, "The offset is -1"),
        ({"offset": 1, "limit": None}, "without a limit"),
        ({"offset": 2**63}, "has to be 0 to"),
    ],
)
def test_invalid_page_is_refused(page: dict[str, Any], message: str) -> None:
    with pytest.raises(SemanticError, match=message):
        compile_market(**QUERIES["one fact"], **page)


LONG = [f"value {number}" for number in range(20_000)]


def test_long_list_is_answered(market_database: Database) -> None:
    query = {"measures": ["orders.count"], "filters": ["orders.status not in (:names)"]}
    assert ask(market_database, **query, parameters={"names": [*LONG, "paid"]}) == [(2,)]


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_long_list_is_within_the_limits_of_the_database(dialect: str) -> None:
    query = {"measures": ["orders.count"], "filters": ["not orders.status in (:names)"]}
    sql = compile_market(dialect, **query, parameters={"names": LONG}).sql
    assert sql.count("value ") == len(LONG)
    assert ("VALUES" in sql) is (dialect == "tsql")
    assert sql.count(" IN (") == (2 if dialect == "snowflake" else 1)
