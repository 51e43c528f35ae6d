"""Members with the value NULL, and members that facts reach over roles and bridges, under `include_empty: true`.

Each result equals SQL that is written by hand. Product 2 and store 2 have no value and no sales; the sale of February
has neither a product nor a store.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import Database, TableData, connect
from tests.semantic.retail import source

MODEL = [
    source("chains", "id", "id:n name:s"),
    source("stores", "id", "id:n city:s chain_id:n", joins=[("chains", "chain_id = chains.id")]),
    source("products", "id", "id:n kind:s"),
    source("tags", "id", "id:n label:s"),
    source(
        "product_tags",
        "product_id tag_id",
        "product_id:n tag_id:n",
        joins=[("products", "product_id = products.id"), ("tags", "tag_id = tags.id")],
        bridge=True,
    ),
    source(
        "sales",
        "id",
        "id:n product_id:n store_id:n amount:n sold:t",
        joins=[("products", "product_id = products.id"), ("stores", "store_id = stores.id")],
        measures={"revenue": "sum(amount)"},
        time="sold",
    ),
    {
        **source("companies", "id", "id:n name:s", measures={"count": "count(*)"}),
        "joins": [{"to": "stores", "on": "id = owned.owner_id", "relationship": "one_to_many", "alias": "owned"}],
    },
]
MODEL[1]["columns"].append({"name": "owner_id", "type": "number"})
SOURCES = msgspec.convert(MODEL, list[Source])
TABLES: dict[str, TableData] = {
    "chains": ({"id": "int", "name": "text"}, [[1, "A"], [2, None], [3, "B"]]),
    "stores": (
        {"id": "int", "city": "text", "chain_id": "int", "owner_id": "int"},
        [[1, "Rome", 1, 1], [2, None, 1, None], [3, "Oslo", 3, None], [4, "Rome", None, None]],
    ),
    "companies": ({"id": "int", "name": "text"}, [[1, "c"], [2, "d"]]),
    "products": ({"id": "int", "kind": "text"}, [[1, "food"], [2, None], [3, "toys"]]),
    "tags": ({"id": "int", "label": "text"}, [[1, "new"], [2, "old"], [3, None]]),
    "product_tags": ({"product_id": "int", "tag_id": "int"}, [[1, 1], [3, 2]]),
    "sales": (
        {"id": "int", "product_id": "int", "store_id": "int", "amount": "int", "sold": "date"},
        [[1, 1, 1, 10, "2024-01-05"], [2, 1, 1, 20, "2024-01-06"], [3, None, None, 40, "2024-02-06"]],
    ),
}
JANUARY = "sales.sold < '2024-02-01'"
GROUPS = """SELECT city, kind, sum(amount) FROM sales JOIN stores ON stores.id = store_id
        JOIN products ON products.id = product_id GROUP BY ALL"""

CASES: dict[str, tuple[list[Any], list[str], str]] = {
    # NULL is a member: store 2 and product 2 are in the row without any value, once.
    "NULL of two sources": (
        ["stores.city", "products.kind"],
        [JANUARY],
        f"""{GROUPS}
        UNION ALL SELECT 'Oslo', NULL, NULL
        UNION ALL SELECT NULL, 'toys', NULL
        UNION ALL SELECT NULL, NULL, NULL""",
    ),
    # NULL beside the member of another source is none: store 2 is listed, although the row of the toys has no city.
    "NULL of one source": (
        ["stores.city", {"expr": "coalesce(products.kind, 'none')", "name": "kind"}],
        [JANUARY],
        f"""{GROUPS}
        UNION ALL SELECT 'Oslo', NULL, NULL
        UNION ALL SELECT NULL, 'toys', NULL
        UNION ALL SELECT NULL, 'none', NULL
        UNION ALL SELECT NULL, NULL, NULL""",
    ),
    "NULL of the one that is filtered": (
        ["stores.city", "products.kind"],
        [JANUARY, "stores.city is null"],
        "SELECT NULL, NULL, NULL",
    ),
    # The group of the rows without a row of the dimension is that of its members NULL.
    "NULL that the facts have": (
        ["stores.city", "products.kind"],
        [],
        f"""{GROUPS}
        UNION ALL SELECT NULL, NULL, 40
        UNION ALL SELECT 'Oslo', NULL, NULL
        UNION ALL SELECT NULL, 'toys', NULL""",
    ),
    "NULL in the combinations of a source": (
        ["chains.name", "stores.city"],
        [JANUARY],
        """SELECT chains.name, city, sum(amount) FROM stores LEFT JOIN chains ON chains.id = chain_id
        LEFT JOIN (SELECT * FROM sales WHERE sold < '2024-02-01') AS s ON s.store_id = stores.id GROUP BY ALL""",
    ),
    # A store has the chain NULL, and so has chain 2: it is no further member.
    "NULL of the source that another one leads to": (
        ["chains.name", "stores.city", "products.kind"],
        [JANUARY],
        """SELECT 'A', 'Rome', 'food', 30 UNION ALL SELECT 'A', NULL, NULL, NULL
        UNION ALL SELECT 'B', 'Oslo', NULL, NULL UNION ALL SELECT NULL, 'Rome', NULL, NULL
        UNION ALL SELECT NULL, NULL, 'toys', NULL UNION ALL SELECT NULL, NULL, NULL, NULL""",
    ),
    "NULL of both beside the time": (
        ["metric_time:month", "stores.city"],
        [JANUARY],
        """SELECT DATE '2024-01-01', 'Rome', 30 UNION ALL SELECT NULL, 'Oslo', NULL
        UNION ALL SELECT NULL, NULL, NULL""",
    ),
    "NULL over a bridge": (
        ["tags.label", "products.kind"],
        [JANUARY],
        """SELECT 'new', 'food', 30 UNION ALL SELECT 'old', NULL, NULL UNION ALL SELECT NULL, 'toys', NULL
        UNION ALL SELECT NULL, NULL, NULL""",
    ),
}


# A condition on rows that exist for a sale is about the sales, and omits no tag. One on rows that exist for a product
# omits products, and with them what is beside them.
EXISTENCES = {
    "exists(tags.label = 'new')": [("food", "new", 30), ("toys", None, None), (None, "old", None), (None, None, None)],
    "not exists(tags.label = 'new')": [
        ("food", None, None),
        ("toys", None, None),
        (None, "new", None),
        (None, "old", None),
        (None, None, 40),
    ],
    "exists(products, tags.label = 'new')": [("food", "new", 30)],
    "exists(products.kind = 'food')": [("food", "new", 30)],
}


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with connect("duckdb", "") as connected:
        connected.load(TABLES)
        yield connected


def answer(database: Database, **query: Any) -> list[tuple[Any, ...]]:
    sql = compile_query(SOURCES, msgspec.convert({"include_empty": True, **query}, Query), "duckdb").sql
    return database.rows(sql)


def ordered(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: [(value is None, str(value)) for value in row])


@pytest.mark.parametrize("name", CASES)
def test_members_equal_those_of_handwritten_sql(database: Database, name: str) -> None:
    dimensions, filters, sql = CASES[name]
    expected = ordered(database.rows(sql))
    for order in permutations(range(len(dimensions))):
        written = [dimensions[index] for index in order]
        found = answer(database, measures=["sales.revenue"], dimensions=written, filters=filters)
        places = [order.index(index) for index in range(len(dimensions))]
        assert ordered([(*(row[place] for place in places), *row[len(order) :]) for row in found]) == expected


def test_members_that_a_fact_reaches_as_a_role_keep_their_combinations(database: Database) -> None:
    """Companies reach stores as `owned` only, and `stores` means them: all stores are listed with their chains."""
    found = answer(database, measures=["companies.count"], dimensions=["stores.city", "chains.name"])
    sql = """SELECT city, chains.name, count(companies.id) FROM stores LEFT JOIN chains ON chains.id = chain_id
    LEFT JOIN companies ON companies.id = owner_id GROUP BY ALL UNION ALL SELECT NULL, NULL, 1"""
    assert ordered(found) == ordered(database.rows(sql))


@pytest.mark.parametrize("condition", EXISTENCES)
def test_condition_on_many_rows_of_a_fact_omits_no_members(database: Database, condition: str) -> None:
    query = {"measures": ["sales.revenue"], "dimensions": ["products.kind", "tags.label"], "filters": [condition]}
    assert answer(database, **query) == EXISTENCES[condition]


@pytest.mark.parametrize("name", CASES)
def test_members_do_not_change_a_total(database: Database, name: str) -> None:
    dimensions, filters, _ = CASES[name]
    totals = [
        sum(row[-1] or 0 for row in answer(database, measures=["sales.revenue"], include_empty=wanted, **rest))
        for wanted in (True, None)
        for rest in [{"dimensions": dimensions, "filters": filters}]
    ]
    assert totals[0] == totals[1]
