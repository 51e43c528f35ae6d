"""Roles: ambiguity of plain names, and the advice of errors."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from tests.semantic.databases import connect

COUNT = [{"name": "rows", "expr": "count(*)"}]


def table(name: str, *joins: str, **keys: Any) -> dict[str, Any]:
    """Return a source with `id` and `name`; a join is `column target` or `column target alias`."""
    parts = [join.split() for join in joins]
    columns = dict.fromkeys(["id", "name", *(part[0] for part in parts)])
    return {
        "name": name,
        "table": name,
        "grain": ["id"],
        "columns": [{"name": column, "type": "string" if column == "name" else "number"} for column in columns],
        "joins": [
            {
                "to": to,
                "on": f"{column} = {(alias or [to])[0]}.id",
                "relationship": "many_to_one",
                **({"alias": alias[0]} if alias else {}),
            }
            for column, to, *alias in parts
        ],
        "measures": COUNT,
        "segments": [{"name": "named", "expr": "name = 'x'"}],
        **keys,
    }


def compile_model(model: list[dict[str, Any]], **query: Any) -> str:
    sources = msgspec.convert(model, list[Source])
    return " ".join(compile_query(sources, msgspec.convert(query, Query), "postgres").sql.split())


def expect_error(model: list[dict[str, Any]], problem: Problem = Problem.AMBIGUOUS_JOIN_PATH, **query: Any) -> str:
    with pytest.raises(SemanticError) as caught:
        compile_model(model, **query)
    assert caught.value.problem is problem, str(caught.value)
    return str(caught.value)


def count_by(dimension: str, fact: str = "orders") -> dict[str, Any]:
    return {"measures": [f"{fact}.rows"], "dimensions": [dimension]}


COUNTRIES = table("countries")
STORES = table("stores", "country countries")
ROLES = table("orders", "ship countries ship_country", "bill countries bill_country", "store stores")
SHIPS = [COUNTRIES, STORES, ROLES]
AMBIGUOUS_QUERIES: list[dict[str, Any]] = [
    count_by("countries.name"),
    {"measures": ["orders.rows"], "filters": ["countries.name = 'France'"]},
    {"measures": ["orders.rows"], "segments": ["countries.named"]},
    {"measures": ["count(distinct orders.id || countries.name)"]},
    {"measures": ["count(orders.*) filter (where countries.name = 'France')"], "dimensions": ["orders.name"]},
    {"dimensions": ["orders.name", "countries.name"]},
    {"dimensions": ["orders.name"], "filters": ["countries.name is null"]},
    {"dimensions": ["orders.name"], "filters": ["count(distinct orders.id || countries.name) > 1"]},
    {**count_by("orders.name"), "order_by": ["orders.by_country:desc"]},
]


@pytest.mark.parametrize("query", AMBIGUOUS_QUERIES, ids=str)
def test_plain_name_with_two_roles_is_ambiguous(query: dict[str, Any]) -> None:
    """The countries of the stores were counted without an error."""
    made = {"name": "by_country", "expr": "count(*)", "filter": "countries.name = 'x'"}
    model = [COUNTRIES, STORES, {**ROLES, "measures": [*COUNT, made]}]
    message = expect_error(model, **query)
    assert "orders → ship_country (write ship_country.name)" in message
    assert "orders → bill_country (write bill_country.name)" in message
    assert "orders → stores → countries (write stores.countries.name)" in message


ADVICE = re.compile(r"give the join of (\w+) with (\w+) an(?:other)? alias, such as (\w+), and write (\w+)\.name")


def apply_advice(model: list[dict[str, Any]], message: str) -> list[tuple[list[dict[str, Any]], str]]:
    """Apply the advice of a message; return model and dimension for each path that it names."""
    models = [(model, f"{name}.name") for name in re.findall(r"\(write ([\w.]+)\.name\)", message)]
    for owner, target, alias, name in ADVICE.findall(message):
        changed = [
            {
                **source,
                "joins": [
                    {**join, "alias": alias, "on": join["on"].replace(f"{target}.", f"{alias}.")}
                    if source["name"] == owner and target == join.get("alias", join["to"])
                    else join
                    for join in source["joins"]
                ],
            }
            for source in model
        ]
        models.append((changed, f"{name}.name"))
    return models


AMBIGUOUS: dict[str, tuple[list[dict[str, Any]], dict[str, Any], int]] = {
    "two roles and a detour": (SHIPS, count_by("countries.name"), 3),
    "an alias on one of two joins": (
        [COUNTRIES, table("orders", "ship countries ship_country", "bill countries")],
        count_by("countries.name"),
        2,
    ),
    "two roles alone": (
        [COUNTRIES, table("orders", "ship countries ship_country", "bill countries bill_country")],
        count_by("countries.name"),
        2,
    ),
    "an alias past the first hop": (
        [
            COUNTRIES,
            STORES,
            table("customers", "country countries home"),
            table("orders", "store stores", "customer customers"),
        ],
        count_by("countries.name"),
        2,
    ),
    "no alias": (
        [
            COUNTRIES,
            STORES,
            table("customers", "country countries"),
            table("orders", "store stores", "customer customers"),
        ],
        count_by("countries.name"),
        2,
    ),
    "one alias for the joins of two sources": (
        [
            COUNTRIES,
            table("stores", "country countries place"),
            table("customers", "country countries place"),
            table("orders", "store stores", "customer customers"),
        ],
        count_by("place.name"),
        2,
    ),
    "a self join and a second role": (
        [table("people", "boss people boss"), table("orders", "seller people seller", "payer people payer")],
        count_by("people.name"),
        2,
    ),
    "over many rows": (
        [COUNTRIES, STORES, ROLES, table("lines", "ord orders")],
        count_by("countries.name", "lines"),
        3,
    ),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_advice_for_an_ambiguous_name_works(case: str) -> None:
    model, query, count = AMBIGUOUS[case]
    models = apply_advice(model, expect_error(model, **query))
    assert len(models) == count
    answers = [compile_model(changed, **{**query, "dimensions": [dimension]}) for changed, dimension in models]
    assert len(set(answers)) == count


UNAMBIGUOUS: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
    "the only way has an alias": (
        [COUNTRIES, table("orders", "ship countries ship_country")],
        count_by("countries.name"),
        "LEFT JOIN countries AS ship_country ON orders.ship = ship_country.id",
    ),
    "a direct join wins, with an alias as without": (
        [COUNTRIES, STORES, table("orders", "ship countries ship_country", "store stores")],
        count_by("countries.name"),
        "FROM orders LEFT JOIN countries AS ship_country",
    ),
    "a direct join wins over a role further on": (
        [COUNTRIES, table("stores", "country countries place"), table("orders", "ship countries", "store stores")],
        count_by("countries.name"),
        "FROM orders LEFT JOIN countries ON orders.ship = countries.id",
    ),
    "a self join": (
        [table("people", "boss people boss"), table("orders", "seller people seller")],
        count_by("people.name"),
        "LEFT JOIN people AS seller",
    ),
    "its own rows": ([table("people", "boss people boss")], count_by("people.name", "people"), "FROM people GROUP BY"),
    "the counterpart of a role": (
        [table("people", "boss people boss", "mentor people mentor")],
        count_by("people.name", "boss"),
        "FROM people AS boss LEFT JOIN people ON people.boss = boss.id",
    ),
    "keeping rows goes before multiplying them": (
        [COUNTRIES, STORES, table("customers", "home countries home"), table("o", "c customers", "s stores")],
        count_by("countries.name", "customers"),
        "FROM customers LEFT JOIN countries AS home",
    ),
    "a dimension of two facts, each with a role of its own": (
        [COUNTRIES, table("customers", "c countries home"), table("suppliers", "c countries seat")],
        {"measures": ["customers.rows", "suppliers.rows"], "dimensions": ["countries.name"]},
        "seat.name AS name",
    ),
}


@pytest.mark.parametrize("case", UNAMBIGUOUS)
def test_unambiguous_name_is_answered(case: str) -> None:
    model, query, part = UNAMBIGUOUS[case]
    assert part in compile_model(model, **query)


def test_ambiguity_of_one_of_two_facts_is_an_error() -> None:
    roles = table("orders", "ship countries ship_country", "bill countries bill_country")
    model = [COUNTRIES, table("suppliers", "c countries seat"), roles]
    message = expect_error(model, measures=["suppliers.rows", "orders.rows"], dimensions=["countries.name"])
    assert "from orders to countries" in message
    assert "write bill_country.name" in message


def test_role_of_another_fact_is_named() -> None:
    model = [COUNTRIES, table("suppliers", "c countries seat"), table("orders", "ship countries ship_country")]
    query = {"measures": ["suppliers.rows", "orders.rows"], "dimensions": ["ship_country.name"]}
    message = expect_error(model, Problem.NO_JOIN_PATH, **query)
    assert message.endswith("from suppliers to ship_country; from suppliers, countries is reached as seat")
    compile_model(model, **{**query, "dimensions": ["countries.name"]})


REVERSED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "two roles and a detour": (SHIPS, "orders.name"),
    "an alias on one of two joins": (
        [COUNTRIES, table("orders", "ship countries ship_country", "bill countries")],
        "orders.name",
    ),
    "a direct role before a detour": (
        [COUNTRIES, STORES, table("orders", "ship countries ship_country", "store stores")],
        "orders.name",
    ),
    "a role past the first hop": (
        [
            COUNTRIES,
            table("stores", "country countries place"),
            table("customers", "country countries"),
            table("orders", "store stores", "customer customers"),
        ],
        "orders.name",
    ),
    "a detour over many rows": (
        [
            COUNTRIES,
            table("suppliers", "country countries seat"),
            table("customers", "country countries"),
            table("orders", "supplier suppliers", "customer customers"),
        ],
        "suppliers.name",
    ),
}


@pytest.mark.parametrize("case", REVERSED)
def test_ambiguous_fact_is_an_error(case: str) -> None:
    """`countries.rows` by a column of orders was counted over the only join without an alias."""
    model, dimension = REVERSED[case]
    message = expect_error(model, **count_by(dimension, "countries"))
    filtered = expect_error(model, measures=["countries.rows"], filters=[f"{dimension} = 'x'"])
    assert message in filtered
    roles = re.findall(r"\(write ([\w.]+)\)", message)
    assert len({compile_model(model, **count_by(dimension, role)) for role in roles}) == len(roles) > 0


def reverse_join(column: str, alias: str = "orders", to: str = "orders", kind: str = "one_to_many") -> dict[str, Any]:
    """Return a join that the one side declares."""
    return {"to": to, "on": f"id = {alias}.{column}", "relationship": kind, **({"alias": alias} if alias != to else {})}


ORDERS = {**table("orders", "store stores"), "columns": table("o", "ship x", "bill x", "store x")["columns"]}
CUSTOMERS = table("customers", "region regions")


def customers_with_joins(*joins: dict[str, Any]) -> dict[str, Any]:
    return {**CUSTOMERS, "joins": [*CUSTOMERS["joins"], *joins]}


@pytest.mark.parametrize("dimension", ["customers.name", "regions.name"])
def test_role_declared_by_the_one_side_is_ambiguous(dimension: str) -> None:
    """Orders were counted over the join without an alias."""
    model = [
        customers_with_joins(reverse_join("ship"), reverse_join("bill", "billed")),
        ORDERS,
        table("stores"),
        table("regions"),
    ]
    message = expect_error(model, **count_by(dimension))
    end = "regions → customers" if dimension.startswith("regions") else "customers"
    alias = "give the join of customers with orders an alias, such as customers_orders, and write customers_orders"
    assert message.endswith(f": {end} → orders ({alias}), and {end} → billed (write billed)")
    assert message == expect_error(model, **count_by("orders.name", dimension.partition(".")[0])).replace(".name", "")
    assert "ON orders.store = stores.id" in compile_model(model, **count_by("stores.name"))
    assert "ON billed.bill = customers.id" in compile_model(model, **count_by(dimension, "billed")).replace(
        "customers.id = billed.bill", "billed.bill = customers.id"
    )


def test_role_declared_by_the_one_side_for_the_same_join_is_not_ambiguous() -> None:
    plain = {**ORDERS, "joins": [{"to": "customers", "on": "customers.id = bill", "relationship": "many_to_one"}]}
    model = [customers_with_joins(reverse_join("bill", "billed")), plain, table("regions")]
    for dimension in ("customers.name", "regions.name"):
        assert "ON customers.id = orders.bill" in compile_model(model, **count_by(dimension))
    other = [customers_with_joins(reverse_join("ship", "shipped")), plain, table("regions")]
    assert "customers → shipped (write shipped)" in expect_error(other, **count_by("customers.name"))


@pytest.mark.parametrize("kind", ["many_to_one", "one_to_one"])
def test_role_in_a_cycle_of_joins_is_not_ambiguous(kind: str) -> None:
    departments = table("departments", "head employees manager", "region regions")
    departments["joins"][0]["relationship"] = kind
    model = [departments, table("employees", "dept departments"), table("regions")]
    for dimension in ("departments.name", "regions.name"):
        assert "ON employees.dept = departments.id" in compile_model(model, **count_by(dimension, "employees"))


def test_fact_with_roles_only_is_named() -> None:
    model = [COUNTRIES, table("orders", "ship countries ship_country", "bill countries bill_country")]
    message = expect_error(model, Problem.NO_JOIN_PATH, **count_by("orders.name", "countries"))
    assert message.endswith(
        "orders joins countries as ship_country and bill_country; write one of them in place of countries"
    )
    assert "FROM countries AS bill_country" in compile_model(model, **count_by("orders.name", "bill_country"))


def test_unrelated_role_does_not_make_a_fact_ambiguous() -> None:
    model = [COUNTRIES, table("suppliers", "c countries seat"), table("customers", "c countries")]
    assert "LEFT JOIN customers ON customers.c = countries.id" in compile_model(
        model, **count_by("customers.name", "countries")
    )


REGIONS = [table("regions"), table("countries", "region regions")]
MODEL_WITH_REGIONS = [*REGIONS, table("orders", "ship countries ship_country", "bill countries bill_country")]


def test_sources_behind_a_role_are_named_by_path() -> None:
    """The advice was an alias, which resulted in the same error."""
    message = expect_error(MODEL_WITH_REGIONS, **count_by("regions.name"))
    assert "orders → ship_country → regions (write ship_country.regions.name)" in message
    assert "orders → bill_country → regions (write bill_country.regions.name)" in message
    areas = [table("areas"), table("regions", "area areas"), *MODEL_WITH_REGIONS[1:]]
    for model, end in ((MODEL_WITH_REGIONS, "regions"), (areas, "areas")):
        for role in ("ship", "bill"):
            sql = compile_model(model, **count_by(f"{role}_country.{end}.name"))
            assert f"ON orders.{role} = {role}_country.id" in sql
            assert f"GROUP BY {role}_country_{end}.name" in sql


BRIDGE = [
    table("category"),
    table("film"),
    table("film_category", "film film", "category category"),
    table("inventory", "film film"),
    table("rental", "inventory inventory"),
]


def test_chasm_trap_over_a_bridge_is_named() -> None:
    """The error asked for a join that is declared."""
    message = expect_error(BRIDGE, Problem.NO_JOIN_PATH, **count_by("category.name", "rental"))
    assert "rental → inventory → film → film_category → category" in message
    assert "the step from film to film_category leads to many rows" in message
    assert "declare a join" not in message
    compile_model(BRIDGE, **count_by("film.name", "rental"))  # the advice
    bridge = {**BRIDGE[2], "joins": [{**BRIDGE[2]["joins"][0], "relationship": "one_to_one"}, BRIDGE[2]["joins"][1]]}
    assert "LEFT JOIN category" in compile_model(
        [*BRIDGE[:2], bridge, *BRIDGE[3:]], **count_by("category.name", "rental")
    )


def test_every_fan_out_is_named() -> None:
    model = [*BRIDGE, table("label", "category category")]
    message = expect_error(model, Problem.NO_JOIN_PATH, **count_by("label.name", "rental"))
    assert "the steps from film to film_category and from category to label lead to many rows" in message


def test_long_path_is_abbreviated() -> None:
    chain = [table("t0", "x t51"), *(table(f"t{i}", f"n t{i - 1}") for i in range(1, 52))]
    chain[0] = table("t0")
    model = [*chain, table("a", "n t0"), table("facts", "x t51", "y a")]
    message = expect_error(model, **count_by("t0.name", "facts"))
    assert "facts → t51 → t50 → … 48 more … → t1 → t0" in message
    assert len(message) < 500


def test_two_country_roles_are_ambiguous_without_aliases() -> None:
    """All orders were shipped to France, but the result was Germany, the country of the store."""
    with connect("duckdb", "") as database:
        database.run("CREATE TABLE countries AS SELECT * FROM (VALUES (1, 'Germany'), (2, 'France')) t(id, name)", ())
        database.run("CREATE TABLE stores AS SELECT 1 AS id, 'S' AS name, 1 AS country", ())
        values = "(1, 'a', 2, 2, 1), (2, 'b', 2, 1, 1), (3, 'c', 2, 2, NULL)"
        database.run(f"CREATE TABLE orders AS SELECT * FROM (VALUES {values}) t(id, name, ship, bill, store)", ())
        message = expect_error(SHIPS, **count_by("countries.name"))
        answers = [
            database.rows(compile_model(model, **count_by(dimension)))
            for model, dimension in apply_advice(SHIPS, message)
        ]
    assert answers == [[("France", 3.0)], [("France", 2.0), ("Germany", 1.0)], [("Germany", 2.0), (None, 1.0)]]
