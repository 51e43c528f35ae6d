"""Members without facts and facts without members: `include_empty` and conditions on measures.

Expected rows are handwritten. The customers cy and di of segment c have no orders; ann is in segment a, bob in b. One
order and one ticket have no customer.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import sqlglot

from semantic_layer.compiler import compile_query
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from semantic_layer.sql.dialects import SUPPORTED
from tests.semantic.databases import DIALECTS, Database, TableData, connect
from tests.semantic.retail import source

MODEL = [
    source("regions", "id", "id:n zone:s", measures={"count": "count(*)"}),
    source(
        "customers",
        "id",
        "id:n region_id:n name:s segment:s",
        joins=[("regions", "region_id = regions.id")],
        measures={"count": "count(*)"},
    ),
    source("stores", "id", "id:n city:s", measures={"count": "count(*)"}),
    source(
        "orders",
        "id",
        "id:n customer_id:n store_id:n amount:n status:s placed:t",
        joins=[("customers", "customer_id = customers.id"), ("stores", "store_id = stores.id")],
        measures={"revenue": "sum(amount)", "count": "count(*)"},
    ),
    source(
        "tickets",
        "id",
        "id:n customer_id:n",
        joins=[("customers", "customer_id = customers.id")],
        measures={"count": "count(*)"},
    ),
]
SOURCES = msgspec.convert(MODEL, list[Source])
TABLES: dict[str, TableData] = {
    "regions": ({"id": "int", "zone": "text"}, [[1, "east"], [2, "west"], [3, "north"]]),
    "customers": (
        {"id": "int", "region_id": "int", "name": "text", "segment": "text"},
        [[1, 1, "ann", "a"], [2, 1, "bob", "b"], [3, 2, "cy", "c"], [4, None, "di", "c"]],
    ),
    "stores": ({"id": "int", "city": "text"}, [[1, "Rome"], [2, "Oslo"]]),
    "orders": (
        {"id": "int", "customer_id": "int", "store_id": "int", "amount": "int", "status": "text", "placed": "time"},
        [
            [1, 1, 1, 10, "paid", "2024-01-05 10:00:00"],
            [2, 1, 1, 20, "open", "2024-02-05 10:00:00"],
            [3, 2, 1, 40, "open", "2024-02-06 10:00:00"],
            [4, None, None, 1000, "paid", "2024-02-07 10:00:00"],
        ],
    ),
    "tickets": ({"id": "int", "customer_id": "int"}, [[1, 2], [2, 3], [3, None]]),
}
SEGMENTS = {"measures": ["orders.revenue"], "dimensions": ["customers.segment"]}
NAMES = {"dimensions": ["customers.name"]}
WITH = {"include_empty": True}
WITHOUT = {"include_empty": False}
MONTH = {"field": "orders.placed", "granularity": "month"}
JANUARY, FEBRUARY = "2024-01-01 00:00:00", "2024-02-01 00:00:00"

CASES: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    # --- include_empty ---
    "absent: all facts, no empty members": (SEGMENTS, [("a", 30), ("b", 40), (None, 1000)]),
    "true: nothing is lost on either side": (SEGMENTS | WITH, [("a", 30), ("b", 40), ("c", None), (None, 1000)]),
    "false: neither": (SEGMENTS | WITHOUT, [("a", 30), ("b", 40)]),
    "counts of members are zero": (
        {"measures": ["orders.count"], "dimensions": ["customers.name"], **WITH},
        [("ann", 2), ("bob", 1), ("cy", 0), ("di", 0), (None, 1)],
    ),
    "two facts": (
        {"measures": ["orders.revenue", "tickets.count"], "dimensions": ["customers.name"], **WITH},
        [("ann", 30, 0), ("bob", 40, 1), ("cy", None, 1), ("di", None, 0), (None, 1000, 1)],
    ),
    "three facts, one of which is the members' own": (
        {"measures": ["orders.count", "tickets.count", "customers.count"], "dimensions": ["customers.segment"], **WITH},
        [("a", 2, 0, 1), ("b", 1, 1, 1), ("c", 0, 1, 2), (None, 1, 1, 0)],
    ),
    "a filter on the fact removes no members": (
        {**SEGMENTS, "filters": ["orders.status = 'paid'"], **WITH},
        [("a", 10), ("b", None), ("c", None), (None, 1000)],
    ),
    "a filter on the dimension holds for members": (
        {**SEGMENTS, "filters": ["customers.segment <> 'b'"], **WITH},
        [("a", 30), ("c", None)],
    ),
    "so does one on what each member has one of": (
        {**SEGMENTS, "filters": ["regions.zone = 'west'"], **WITH},
        [("c", None)],
    ),
    "a filter on another dimension removes none": (
        {**SEGMENTS, "filters": ["stores.city = 'Oslo'"], **WITH},
        [("a", None), ("b", None), ("c", None)],
    ),
    "conditions on measures choose among members": (
        {**SEGMENTS, "filters": ["orders.revenue is null"], **WITH},
        [("c", None)],
    ),
    "and count them": (
        {"measures": ["orders.count"], "dimensions": ["customers.name"], "filters": ["orders.count < 2"], **WITH},
        [("bob", 1), ("cy", 0), ("di", 0), (None, 1)],
    ),
    "a limit counts members": ({**SEGMENTS, **WITH, "limit": 3}, [("a", 30), ("b", 40), ("c", None)]),
    "an order": (
        {**SEGMENTS, **WITH, "order_by": ["orders.revenue:desc"]},
        [(None, 1000), ("b", 40), ("a", 30), ("c", None)],
    ),
    "dimensions of one source: the combinations that there are": (
        {"measures": ["orders.count"], "dimensions": ["customers.segment", "customers.name"], **WITH},
        [("a", "ann", 2), ("b", "bob", 1), ("c", "cy", 0), ("c", "di", 0), (None, None, 1)],
    ),
    "and of what it leads to": (
        {"measures": ["orders.count"], "dimensions": ["regions.zone", "customers.segment"], **WITH},
        [("east", "a", 2), ("east", "b", 1), ("north", None, 0), ("west", "c", 0), (None, "c", 0), (None, None, 1)],
    ),
    "what it leads to alone": (
        {"measures": ["orders.count"], "dimensions": ["regions.zone"], **WITH},
        [("east", 3), ("north", 0), ("west", 0), (None, 1)],
    ),
    "independent dimensions: no cross product": (
        {"measures": ["orders.revenue"], "dimensions": ["customers.segment", "stores.city"], **WITH},
        [("a", "Rome", 30), ("b", "Rome", 40), ("c", None, None), (None, "Oslo", None), (None, None, 1000)],
    ),
    "a filter on one of them leaves out what has no value for it": (
        {
            "measures": ["orders.revenue"],
            "dimensions": ["customers.segment", "stores.city", "regions.zone"],
            "filters": ["customers.segment = 'c'"],
            **WITH,
        },
        [("c", None, "west", None), ("c", None, None, None)],
    ),
    "a filter on the fact leaves out nothing": (
        {
            "measures": ["orders.revenue"],
            "dimensions": ["orders.status", "customers.segment"],
            "filters": ["orders.amount > 30"],
            **WITH,
        },
        [("open", "b", 40), ("paid", None, 1000), (None, "a", None), (None, "c", None)],
    ),
    "a filter on rows of the fact, by what the fact has": (
        {"measures": ["customers.count"], "dimensions": ["regions.zone"], "filters": ["orders.amount > 30"], **WITH},
        [("east", 1), ("north", 0), ("west", 0)],
    ),
    "a dimension of the fact beside one of another source": (
        {"measures": ["orders.revenue"], "dimensions": ["orders.status", "customers.segment"], **WITH},
        [("open", "a", 20), ("open", "b", 40), ("paid", "a", 10), ("paid", None, 1000), (None, "c", None)],
    ),
    "months are cut for members as well": (
        {"measures": ["tickets.count", "orders.count"], "dimensions": ["customers.segment"], **WITH},
        [("a", 0, 2), ("b", 1, 1), ("c", 1, 0), (None, 1, 1)],
    ),
    "many rows of the dimension": (
        {"measures": ["customers.count"], "dimensions": [MONTH], "filters": ["customers.name = 'ann'"], **WITH},
        [(JANUARY, 1), (FEBRUARY, 1)],
    ),
    "members of the many": (
        {"measures": ["customers.count"], "dimensions": ["orders.status", "orders.amount"], **WITH},
        [("open", 20, 1), ("open", 40, 1), ("paid", 10, 1), ("paid", 1000, 0), (None, None, 2)],
    ),
    "no dimensions": ({"measures": ["orders.revenue"], **WITH}, [(1070,)]),
    # --- dimensions with conditions on measures ---
    "who has none": ({**NAMES, "filters": ["orders.count = 0"]}, [("cy",), ("di",)]),
    "as when customers are counted": (
        {**NAMES, "measures": ["customers.count"], "filters": ["orders.count = 0"]},
        [("cy", 1), ("di", 1)],
    ),
    "who has few": ({**NAMES, "filters": ["orders.count < 2"]}, [("bob",), ("cy",), ("di",), (None,)]),
    "who has no sum": ({**NAMES, "filters": ["orders.revenue is null"]}, [("cy",), ("di",)]),
    "who has some": ({**NAMES, "filters": ["orders.count >= 1"]}, [("ann",), ("bob",), (None,)]),
    "none of two": ({**NAMES, "filters": ["orders.count = 0", "tickets.count = 0"]}, [("di",)]),
    "one or the other": (
        {**NAMES, "filters": ["orders.count > 1 or tickets.count > 0"]},
        [("ann",), ("bob",), ("cy",), (None,)],
    ),
    "both is less than one": ({**NAMES, "filters": ["orders.count < tickets.count"]}, [("cy",)]),
    "an aggregate of the query": ({**NAMES, "filters": ["count(orders.*) = 0"]}, [("cy",), ("di",)]),
    "with a filter on rows": (
        {**NAMES, "filters": ["orders.count = 0", "customers.region_id = 2"]},
        [("cy",)],
    ),
    "two dimensions": (
        {"dimensions": ["customers.segment", "regions.zone"], "filters": ["orders.count = 0"]},
        [("c", "west"), ("c", None)],
    ),
    "of the source that is counted": (
        {"dimensions": ["orders.status"], "filters": ["orders.count > 1"]},
        [("open",), ("paid",)],
    ),
    "ordered by a measure": (
        {**NAMES, "order_by": ["orders.revenue:desc"]},
        [(None,), ("bob",), ("ann",), ("cy",), ("di",)],
    ),
    "further away": ({"dimensions": ["regions.zone"], "filters": ["orders.count = 0"]}, [("north",), ("west",)]),
    "without the empty groups": ({**NAMES, "filters": ["orders.count < 2"], **WITHOUT}, [("bob",)]),
    "measures of a source alone": (
        {**NAMES, "filters": ["customers.count = 1"]},
        [("ann",), ("bob",), ("cy",), ("di",)],
    ),
}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_empty_{secrets.token_hex(4)}") as connected:
        connected.load(TABLES)
        yield connected


@pytest.mark.parametrize("name", CASES)
def test_result_equals_the_expected_rows(database: Database, name: str) -> None:
    query, expected = CASES[name]
    sql = compile_query(SOURCES, msgspec.convert(query, Query), database.dialect).sql
    assert database.rows(sql) == expected, sql


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_generated_sql_parses_in_every_dialect(dialect: str) -> None:
    for query, _ in CASES.values():
        sql = compile_query(SOURCES, msgspec.convert(query, Query), dialect).sql
        (statement,) = sqlglot.parse(sql, dialect=dialect)
        assert statement is not None
        assert "FULL" not in sql
