"""Paths of any depth: `ship_country.regions.name`, and defaults for the plain name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import DIALECTS, Database, TableData, connect
from tests.semantic.test_roles import table

COLUMNS = {"id": "int", "name": "text"}
TABLES: dict[str, TableData] = {
    "regions": (COLUMNS, [[1, "Europe"], [2, "Asia"], [3, "Africa"]]),
    "countries": ({**COLUMNS, "region": "int"}, [[1, "France", 1], [2, "Japan", 2], [3, "Nowhere", None]]),
    "customers": ({**COLUMNS, "country": "int"}, [[1, "Ada", 1], [2, "Bo", 2], [3, "Cy", None]]),
    "stores": ({**COLUMNS, "country": "int"}, [[1, "North", 2], [2, "South", 3]]),
    "orders": (
        {**COLUMNS, "customer": "int", "store": "int", "amount": "int"},
        [[1, "a", 1, 1, 10], [2, "b", 2, 1, 20], [3, "c", 3, 2, 40], [4, "d", None, None, 80]],
    ),
}
MODEL = [
    table("regions"),
    table("countries", "region regions"),
    table("customers", "country countries home"),
    table("stores", "country countries"),
    {
        **table("orders", "customer customers", "store stores"),
        "columns": [
            *({"name": name, "type": "number"} for name in ("id", "customer", "store", "amount")),
            {"name": "name", "type": "string"},
        ],
        "measures": [{"name": "revenue", "expr": "sum(amount)"}],
    },
]

ORDERS = "orders o LEFT JOIN customers c ON c.id = o.customer LEFT JOIN stores s ON s.id = o.store"
COUNTRIES = "LEFT JOIN countries h ON h.id = c.country LEFT JOIN countries p ON p.id = s.country"
REGIONS = "LEFT JOIN regions r ON r.id = h.region LEFT JOIN regions q ON q.id = p.region"
REVENUE = ["orders.revenue"]

# The query, and the SQL that was written by hand.
QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "a source behind a source": (
        {"measures": REVENUE, "dimensions": ["customers.countries.name"]},
        f"SELECT h.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} GROUP BY h.name",
    ),
    "steps left out": (
        {"measures": REVENUE, "dimensions": ["customers.regions.name"]},
        f"SELECT r.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} GROUP BY r.name",
    ),
    "all steps": (
        {"measures": REVENUE, "dimensions": ["orders.stores.countries.regions.name"]},
        f"SELECT q.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} GROUP BY q.name",
    ),
    "behind a role": (
        {"measures": REVENUE, "dimensions": ["home.regions.name"]},
        f"SELECT r.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} GROUP BY r.name",
    ),
    "two paths to one source": (
        {"measures": REVENUE, "dimensions": ["customers.regions.name", "stores.regions.name"]},
        f"SELECT r.name, q.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} GROUP BY r.name, q.name",
    ),
    "a filter": (
        {"measures": REVENUE, "filters": ["orders.stores.countries.regions.name = 'Asia' and home.regions.id <> 3"]},
        f"SELECT SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} WHERE q.name = 'Asia' AND r.id <> 3",
    ),
    "an aggregate": (
        {"measures": ["sum(orders.amount * stores.regions.id)", "count(distinct customers.regions.name)"]},
        f"""SELECT (SELECT SUM(o.amount * q.id) FROM {ORDERS} {COUNTRIES} {REGIONS}),
        (SELECT COUNT(DISTINCT name) FROM regions)""",
    ),
    "the rows of a path": (
        {"measures": ["customers.regions.rows"], "dimensions": ["stores.name"]},
        f"""SELECT s.name, COUNT(DISTINCT x.id) FROM regions x LEFT JOIN
        ({f"SELECT r.id, s.name FROM {ORDERS} {COUNTRIES} {REGIONS}"}) s ON s.id = x.id GROUP BY s.name""",
    ),
    "every row of a path": (
        {"measures": ["count(customers.regions.*)"]},
        "SELECT COUNT(*) FROM regions",
    ),
    "members": (
        {"measures": REVENUE, "dimensions": ["stores.regions.name"], "include_empty": True},
        f"""SELECT q.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} GROUP BY q.name
        UNION ALL SELECT name, NULL FROM regions WHERE name <> 'Asia'""",
    ),
    "members of a path of the query": (
        {
            "measures": REVENUE,
            "dimensions": ["customers.name", "regions.name"],
            "include_empty": True,
            "paths": {"regions": "customers.regions"},
        },
        f"""SELECT c.name, r.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} GROUP BY c.name, r.name
        UNION ALL SELECT NULL, 'Africa', NULL""",
    ),
    "two facts": (
        {"measures": [*REVENUE, "stores.rows"], "dimensions": ["stores.regions.name"]},
        f"""SELECT q.name, SUM(o.amount), (SELECT COUNT(*) FROM stores t JOIN countries u ON u.id = t.country
        WHERE u.region = q.id OR u.region IS NULL AND q.id IS NULL)
        FROM {ORDERS} {COUNTRIES} {REGIONS} GROUP BY q.name, q.id""",
    ),
    "a default of the query": (
        {"measures": REVENUE, "dimensions": ["countries.regions.name"], "paths": {"countries": "stores.countries"}},
        f"SELECT q.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} GROUP BY q.name",
    ),
    "a default within a default": (
        {
            "measures": REVENUE,
            "dimensions": ["regions.name"],
            "paths": {"regions": "countries.regions", "countries": "stores.countries"},
        },
        f"SELECT q.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} GROUP BY q.name",
    ),
    "no measures": (
        {"dimensions": ["customers.name", "customers.regions.name"]},
        "SELECT c.name, r.name FROM customers c LEFT JOIN countries h ON h.id = c.country "
        "LEFT JOIN regions r ON r.id = h.region",
    ),
    "an order": (
        {
            "measures": REVENUE,
            "dimensions": ["stores.regions.name"],
            "filters": ["stores.regions.rows > 0"],
            "order_by": ["stores.regions.name:desc", "stores.regions.rows"],
        },
        f"""SELECT x.name, (SELECT SUM(o.amount) FROM {ORDERS} {COUNTRIES} {REGIONS} WHERE q.id = x.id)
        FROM regions x""",
    ),
    "a segment": (
        {"measures": REVENUE, "dimensions": ["orders.name"], "segments": ["stores.countries.named"]},
        f"SELECT o.name, SUM(o.amount) FROM {ORDERS} {COUNTRIES} WHERE p.name = 'x' GROUP BY o.name",
    ),
}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, "paths_of_roles") as connected:
        connected.load(TABLES)
        yield connected


def compile_model(model: list[dict[str, Any]], dialect: str = "duckdb", **query: Any) -> str:
    return compile_query(msgspec.convert(model, list[Source]), msgspec.convert(query, Query), dialect).sql


def rows_of(database: Database, sql: str) -> list[tuple[Any, ...]]:
    return sorted(database.rows(sql), key=str)


@pytest.mark.parametrize("name", QUESTIONS)
def test_result_equals_that_of_handwritten_sql(database: Database, name: str) -> None:
    query, by_hand = QUESTIONS[name]
    sql = compile_model(MODEL, database.dialect, **query)
    assert rows_of(database, sql) == rows_of(database, by_hand), sql


def test_path_is_named_in_result_and_sql() -> None:
    sql = " ".join(
        compile_model(MODEL, measures=REVENUE, dimensions=["customers.regions.name", "stores.regions.name"]).split()
    )
    assert "LEFT JOIN regions AS customers_regions ON home.region = customers_regions.id" in sql
    assert "customers_regions.name AS customers_regions_name" in sql


def changed(index: int, **keys: Any) -> list[dict[str, Any]]:
    return [{**source, **keys} if source is MODEL[index] else source for source in MODEL]


def test_query_takes_precedence_over_source() -> None:
    model = changed(-1, paths={"countries": "stores.countries"})
    asked = {"measures": REVENUE, "dimensions": ["countries.name"]}
    by_store = compile_model(MODEL, **{**asked, "paths": {"countries": "stores.countries"}})
    by_customer = compile_model(MODEL, **{**asked, "paths": {"countries": "home"}})
    assert compile_model(model, **asked) == by_store != by_customer
    assert compile_model(model, **{**asked, "paths": {"countries": "customers.countries"}}) != by_store


def test_measures_of_one_source_may_have_paths_of_their_own(database: Database) -> None:
    """Revenue by the store's country, and by the customer's; the query takes precedence over both."""
    revenue = {"expr": "sum(amount)"}
    sold = {**revenue, "name": "sold", "paths": {"countries": "stores.countries"}}
    bought = {**revenue, "name": "bought", "paths": {"countries": "customers.countries"}}
    model = changed(-1, measures=[sold, bought], paths={"countries": "stores.countries"})
    asked = {"measures": ["orders.sold", "orders.bought"], "dimensions": ["countries.name"]}
    by_hand = """SELECT x.name, (SELECT SUM(o.amount) FROM orders o LEFT JOIN stores s ON s.id = o.store
    WHERE s.country = x.id OR x.id = 0 AND s.country IS NULL), (SELECT SUM(o.amount) FROM orders o LEFT JOIN customers c
    ON c.id = o.customer WHERE c.country = x.id OR x.id = 0 AND c.country IS NULL) FROM
    (SELECT id, name FROM countries UNION ALL SELECT 0, NULL) x"""
    assert rows_of(database, compile_model(model, database.dialect, **asked)) == rows_of(database, by_hand)
    asked["paths"] = {"countries": "customers.countries"}
    assert all(row[1] == row[2] for row in database.rows(compile_model(model, database.dialect, **asked)))


def test_name_of_the_source_in_its_paths_means_the_role() -> None:
    """The customer's country was that of the orders that follow."""
    measure = {"name": "abroad", "expr": "sum(amount)", "filter": "orders.customers.countries.name <> 'France'"}
    joins = [
        *MODEL[-1]["joins"],
        {"to": "orders", "on": "id = first.id", "relationship": "many_to_one", "alias": "first"},
    ]
    keys = {"joins": joins, "measures": [measure], "paths": {"countries": "orders.stores.countries"}}
    sql = " ".join(compile_model(changed(-1, **keys), measures=["first.abroad"], dimensions=["countries.name"]).split())
    assert "LEFT JOIN stores ON first.store = stores.id" in sql
    assert "LEFT JOIN customers ON first.customer = customers.id" in sql


@pytest.mark.parametrize(
    ("paths", "problem", "part"),
    [
        ({"cities": "stores.countries"}, Problem.UNKNOWN_NAME, "'cities'"),
        ({"countries": "stores.cities"}, Problem.UNKNOWN_NAME, "There is no join of stores 'cities'"),
        ({"countries": "stores.regions"}, Problem.INVALID_MODEL, "leads to regions, not to countries"),
        ({"countries": "regions.countries", "regions": "countries.regions"}, Problem.CYCLE, "in a cycle"),
        ({"countries": "orders.countries"}, Problem.AMBIGUOUS_JOIN_PATH, "write orders.stores.countries"),
    ],
)
def test_wrong_default_is_an_error(paths: dict[str, str], problem: Problem, part: str) -> None:
    with pytest.raises(SemanticError) as caught:
        compile_model(MODEL, measures=REVENUE, dimensions=["orders.name"], paths=paths)
    assert caught.value.problem is problem
    assert part in str(caught.value)
    measure = {"name": "revenue", "expr": "sum(amount)"}
    for keys in ({"paths": paths}, {"measures": [{**measure, "paths": paths}]}):
        found = validate(msgspec.convert(changed(-1, **keys), list[Source]), "duckdb")
        assert part in " ".join(found.errors)


@pytest.mark.parametrize(
    ("dimension", "problem", "part"),
    [
        ("stores.countries.planets.name", Problem.UNKNOWN_NAME, "no join of countries 'planets'; there are 'regions'"),
        ("customers.stores.name", Problem.NO_JOIN_PATH, "the step from customers to orders leads to many rows"),
        ("regions.name", Problem.AMBIGUOUS_JOIN_PATH, "(write home.regions.name), and"),
        ("countries.regions.name", Problem.AMBIGUOUS_JOIN_PATH, "(write stores.countries.regions.name)"),
        ("orders.regions.name", Problem.AMBIGUOUS_JOIN_PATH, "(write orders.stores.regions.name)"),
        (".".join(["stores.countries"] * 40) + ".name", Problem.INVALID_QUERY, "more than 64 steps"),
    ],
)
def test_path_that_does_not_resolve_is_an_error(dimension: str, problem: Problem, part: str) -> None:
    with pytest.raises(SemanticError) as caught:
        compile_model(MODEL, measures=REVENUE, dimensions=[dimension])
    assert part in str(caught.value)
    assert caught.value.problem is problem
