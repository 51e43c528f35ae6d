"""Generation of sources from a schema: types, joins and measures, and a valid model."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ktx_daemon.decoding import decode
from ktx_daemon.errors import InvalidRequestError
from ktx_daemon.semantic.requests import GenerateSources
from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from semantic_layer.model.tables import Link, Table
from semantic_layer.scaffolding.scaffold import column_type, generate_sources
from semantic_layer.sql.dialects import SUPPORTED
from tests.semantic.databases import connect


def table(name: str, *columns: str, **keys: Any) -> dict[str, Any]:
    """Return a table; a column is `name type`, prefixed by `*` if it is a primary key."""
    listed = [column.partition(" ") for column in columns]
    described = [
        {"name": name.lstrip("*"), "type": kind or "integer", "primary_key": name.startswith("*")}
        for name, _, kind in listed
    ]
    return {"name": name, "columns": described, **keys}


def link(start: str, end: str, kind: str = "many_to_one") -> dict[str, str]:
    (from_table, _, from_column), (to_table, _, to_column) = start.rpartition("."), end.rpartition(".")
    keys = ("from_table", "from_column", "to_table", "to_column", "relationship_type")
    return dict(zip(keys, (from_table, from_column, to_table, to_column, kind), strict=True))


TABLES = [
    table(
        "flights",
        "*id bigint",
        "origin_id",
        "destination_id",
        "carrier varchar(3)",
        "price decimal(10,2)",
        "left_at timestamp",
    ),
    table("airports", "*id", "city text", "lat double precision", comment="Where to land"),
    table("staff", "*staff_id", "boss_id", "salary numeric", "is_pilot boolean", "count int"),
    table("legs", "*flight", "*no", "miles int"),
    table("Leg Staff", "flight", "no", "staff", "hours real", "Unit Price float8", db="Größe"),
]
LINKS = [
    link("flights.origin_id", "airports.id"),
    link("flights.destination_id", "airports.id"),
    link("staff.boss_id", "staff.staff_id"),
    link("legs.flight", "flights.id"),
    link("Leg Staff.flight", "legs.flight"),
    link("Leg Staff.no", "legs.no"),
    link("Größe.Leg Staff.staff", "staff.staff_id", "MANY-TO-ONE"),
    link("flights.carrier", "carriers.code"),
]


def generate(tables: list[dict[str, Any]], links: list[dict[str, str]], dialect: str = "postgres") -> list[Source]:
    return generate_sources(msgspec.convert(tables, list[Table]), msgspec.convert(links, list[Link]), dialect)


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_generated_model_is_valid_and_can_be_queried(dialect: str) -> None:
    sources = generate(TABLES, LINKS, dialect)
    found = validate(sources, dialect)
    assert found.errors == []
    for source in sources:
        fields = [f"{source.name}.{column.name}" for column in source.columns]
        measures = [f"{source.name}.{measure.name}" for measure in source.measures]
        compile_query(sources, Query(measures=measures, dimensions=fields), dialect)


def test_composite_keys_roles_and_self_references_become_joins() -> None:
    joins = {source.name: [(j.to, j.alias, j.on) for j in source.joins] for source in generate(TABLES, LINKS)}
    assert joins == {
        "flights": [
            ("airports", "origin", "origin_id = origin.id"),
            ("airports", "destination", "destination_id = destination.id"),
        ],
        "airports": [],
        "staff": [("staff", "boss", "boss_id = boss.staff_id")],
        "legs": [("flights", None, "flight = flights.id")],
        "Leg Staff": [
            ("legs", None, 'flight = legs.flight AND "no" = legs."no"'),
            ("staff", None, "staff = staff.staff_id"),
        ],
    }


@pytest.mark.parametrize(
    ("links", "joins"),
    [
        ([link("flights.id", "legs.flight")], {}),
        ([link("legs.flight", "flights.id", "one_to_one")], {}),
        ([link("legs.no", "flights.price", "one_to_many")], {}),
        ([link("flights.id", "legs.flight", "one_to_many")], {"flights": ["id = legs.flight"]}),
        ([link("legs.no", "flights.price")], {"legs": ['"no" = flights.price']}),
    ],
)
def test_part_of_a_primary_key_has_no_join(links: list[dict[str, str]], joins: dict[str, list[str]]) -> None:
    """A flight has many legs, and its price was double counted over such a join."""
    sources = generate(TABLES, links)
    assert {source.name: [join.on for join in source.joins] for source in sources if source.joins} == joins
    assert validate(sources, "postgres").errors == []


SHIPMENTS = [
    table("routes", "*origin", "*target", "code text", "number", "region"),
    table("shipments", "*id", "a", "b", "c", "d", "route_code text", "number", "region"),
]


def key(*pairs: str, name: str | None = None, end: str = "routes", start: str = "shipments") -> dict[str, Any]:
    """Return a link with lists of columns from `from=to` pairs."""
    columns = [pair.partition("=") for pair in pairs]
    return {
        "from_table": start,
        "from_columns": [near for near, _, _ in columns],
        "to_table": end,
        "to_columns": [far for _, _, far in columns],
        **({"constraint_name": name} if name else {}),
    }


def pairs(*keys: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the same keys as single-column links with constraint names."""
    return [
        {"from_table": key["from_table"], "from_column": near, "to_table": key["to_table"], "to_column": far}
        | {"constraint_name": key["constraint_name"]}
        for key in keys
        for near, far in zip(key["from_columns"], key["to_columns"], strict=True)
    ]


TWO_KEYS = [key("a=origin", "b=target", name="out"), key("d=target", "c=origin", name="back")]


@pytest.mark.parametrize(
    ("links", "joins"),
    [
        (TWO_KEYS, [("a", "a = a.origin AND b = a.target"), ("d", "d = d.target AND c = d.origin")]),
        (pairs(*TWO_KEYS), [("a", "a = a.origin AND b = a.target"), ("d", "d = d.target AND c = d.origin")]),
        (
            [key("number=origin", "a=target"), key("number=origin", "b=target")],
            [("a", '"number" = a.origin AND a = a.target'), ("b", '"number" = b.origin AND b = b.target')],
        ),
        ([key("route_code=code")], [(None, "route_code = routes.code")]),
        (
            [key("number=number", "region=region")],
            [(None, '"number" = routes."number" AND region = routes.region')],
        ),
        (
            [key("a=origin", "b=target"), key("a=origin", "b=target")],
            [(None, "a = routes.origin AND b = routes.target")],
        ),
        ([key("a=origin")], []),
        ([link("shipments.a", "routes.origin"), link("shipments.b", "routes.code")], [(None, "b = routes.code")]),
    ],
)
def test_each_foreign_key_is_one_join(links: list[dict[str, Any]], joins: list[tuple[str | None, str]]) -> None:
    sources = generate(SHIPMENTS, links)
    assert [(join.alias, join.on) for join in sources[1].joins] == joins
    assert validate(sources, "postgres").errors == []


def test_composite_self_reference_is_named_after_the_column_that_differs() -> None:
    nodes = table("nodes", "*tenant", "*id", "parent_id")
    (source,) = generate([nodes], [key("tenant=tenant", "parent_id=id", start="nodes", end="nodes")])
    assert [(join.alias, join.on) for join in source.joins] == [
        ("parent", "tenant = parent.tenant AND parent_id = parent.id")
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"from_column": "a"},
        {"from_columns": ["a"], "to_columns": []},
        {"from_columns": ["a", "b"], "to_columns": ["origin"]},
        {"from_column": "a", "to_column": "origin", "from_columns": ["a"], "to_columns": ["origin"]},
    ],
)
def test_invalid_link_is_rejected_with_its_path(wrong: dict[str, Any]) -> None:
    body = {"tables": [], "links": [{"from_table": "a", "to_table": "b", **wrong}], "dialect": "postgres"}
    with pytest.raises(InvalidRequestError) as caught:
        decode(msgspec.json.encode(body), GenerateSources)
    assert [error.path for error in caught.value.errors] == ["links[0]"]


def test_types_grain_and_measures_are_generated() -> None:
    sources = {source.name: source for source in generate(TABLES, LINKS)}
    flights = sources["flights"]
    assert [column.type for column in flights.columns] == ["number", "number", "number", "string", "number", "time"]
    assert [(measure.name, measure.expr) for measure in flights.measures] == [
        ("count", "count(*)"),
        ("average_price", "avg(price)"),
        ("first_left_at", "min(left_at)"),
        ("last_left_at", "max(left_at)"),
    ]
    assert [measure.name for measure in sources["airports"].measures] == ["count"]
    assert sources["airports"].description == "Where to land"
    assert [measure.name for measure in sources["staff"].measures][:2] == ["count_measure", "total_salary"]
    assert (sources["legs"].grain, sources["Leg Staff"].grain) == (["flight", "no"], [])
    assert sources["Leg Staff"].table == '"Größe"."Leg Staff"'
    assert "total_hours" in [measure.name for measure in sources["Leg Staff"].measures]


@pytest.mark.parametrize(
    ("columns", "time"),
    [
        (["*id", "placed_at timestamp"], "placed_at"),
        (["*id", "ordered.on date", "due text"], "ordered_on"),
        (["*day date", "holiday text"], "day"),
        (["*id", "placed_at timestamp", "shipped_at timestamp"], None),
        (["*id", "placed_at timestamp", "updated_at timestamp"], None),
        (["*id", "period daterange", "placed timestamptz"], "placed"),
        (["*id", "clock time"], None),
        (["*id"], None),
        *((["*id", f"{name} date"], None) for name in ("last_update", "LastUpdate", "birth_date", "due_on", "dob")),
        *((["*id", f"{name} date"], name) for name in ("created", "blast_at", "sent", "weekend_day")),
    ],
)
def test_the_only_time_is_that_of_the_source(columns: list[str], time: str | None) -> None:
    (source,) = generate([table("t", *columns)], [])
    assert source.time == time
    assert validate([source], "postgres").errors == []


def test_duplicate_table_names_are_qualified_by_their_schema() -> None:
    same = [table("users", "*id", db="app"), table("users", "*id", db="crm"), table("other", "*id", "u")]
    sources = generate(same, [link("other.u", "crm.users.id")])
    assert [source.name for source in sources] == ["app_users", "crm_users", "other"]
    assert [join.to for join in sources[2].joins] == ["crm_users"]


@pytest.mark.parametrize(
    ("tables", "names"),
    [
        ([("returns", "sales", "returns"), ("returns", "crm", None)], ["returns", "crm_returns"]),
        ([("returns", "crm", None), ("returns", "sales", "returns")], ["crm_returns", "returns"]),
        ([("returns", "sales", "sales_returns")], ["sales_returns"]),
        ([("returns", "sales", "sales_returns"), ("returns", "crm", None)], ["sales_returns", "crm_returns"]),
        ([("returns", "sales", "crm_returns"), ("returns", "crm", None)], ["crm_returns", "crm_returns_2"]),
        ([("returns", "sales", "Crm_Returns"), ("returns", "crm", None)], ["Crm_Returns", "crm_returns_2"]),
        ([("orders", "sales", "Umsatz 2024"), ("orders_2", None, None)], ["Umsatz 2024", "orders_2"]),
        ([("a", "x", "same"), ("b", "x", "same")], ["same", "b"]),
        ([("a", "x", "a.b"), ("b", "x", " "), ("c", "x", "d\ne")], ["a", "b", "c"]),
        ([("c", "a_b", None), ("b_c", "a", None), ("c", "a", None)], ["c", "b_c", "a_c"]),
        ([("c", "a_b", None), ("b_c", "a", None), ("c", "x", None), ("b_c", "y", None)], ["c", "b_c", "x_c", "y_b_c"]),
        ([("app_users", None, None), ("users", "app", None), ("users", "crm", None)], 3),
        (
            [("Orders", "main", None), ("orders", "main", None), ("ORDERS", "main", None)],
            ["Orders", "orders_2", "ORDERS_3"],
        ),
        ([("", "main", None), (" ", "main", None), ("\n", "main", None)], 3),
        ([("", None, None), ("..", None, None), ("v1.2", None, None)], ["table", "__", "v1_2"]),
    ],
)
def test_names_are_stable_and_unique(tables: list[tuple[str, str | None, str | None]], names: list[str] | int) -> None:
    """A table keeps the name of its source; the others get unique names."""
    given = [table(name, "*id", db=db, source_name=known) for name, db, known in tables]
    found = [source.name for source in generate(given, [])]
    assert len({name.lower() for name in found}) == len(tables)
    assert validate(generate(given, []), "postgres").errors == []
    assert isinstance(names, int) or found == names


def test_joins_use_the_existing_name_of_a_table() -> None:
    given = [table("returns", "*id", db="sales", source_name="returns"), table("returns", "*id", db="crm")]
    given.append(table("refunds", "*id", "return_id", db="sales"))
    sources = generate(given, [link("sales.refunds.return_id", "sales.returns.id")])
    assert [(join.to, join.on) for join in sources[2].joins] == [("returns", "return_id = returns.id")]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("Orders.CUSTOMER", "customers.ID", "customer = customers.id"),
        ("MAIN.orders.customer", "Main.Customers.id", "customer = customers.id"),
        ("orders.customer", "nowhere.id", None),
    ],
)
def test_links_are_case_insensitive(start: str, end: str, expected: str | None) -> None:
    given = [table("orders", "*id", "customer", db="main"), table("customers", "*id", db="main")]
    joins = generate(given, [link(start, end), link(start, end)])[0].joins
    assert [join.on for join in joins] == ([] if expected is None else [expected])


def test_exact_case_takes_precedence_and_ambiguous_links_are_rejected() -> None:
    given = [table("a", "*x", "*X", "y"), table("A", "*x")]
    assert generate(given, [link("a.y", "A.x")])[0].joins[0].to == "A_2"
    with pytest.raises(SemanticError, match="no column in a 'Y'; there are"):
        generate([table("a", "*x", "*X"), table("b", "*y", "*z")], [link("b.y", "a.Y")])


def test_columns_with_special_names_have_an_expression() -> None:
    given = [table("air", "*the.id", "PM2.5 float", "PM2_5 float", "taken.at date", " int", "station.id", "über int")]
    given.append(table("stations", "*id.", "name text"))
    key = {"from_table": "air", "from_column": "station.id", "to_table": "stations", "to_column": "id."}
    air, stations = generate(given, [key])
    assert [(column.name, column.expr) for column in air.columns] == [
        ("the_id", '"the.id"'),
        ("PM2_5_2", '"PM2.5"'),
        ("PM2_5", None),
        ("taken_at", '"taken.at"'),
        ("column", '""'),
        ("station_id", '"station.id"'),
        ("über", None),
    ]
    assert air.grain == ["the_id"]
    assert [(join.to, join.on) for join in air.joins] == [("stations", "station_id = stations.id_")]
    assert "total_pm2_5_2" in [measure.name for measure in air.measures]
    assert validate([air, stations], "postgres").errors == []


def test_names_with_syntax_are_safe_words_of_an_expression() -> None:
    hostile = "hostile.x;drop table y--"
    described = [{"name": name, "type": "integer"} for name in (hostile, 'it"s', "a b")]
    (source,) = generate([{"name": hostile, "columns": described}], [], "duckdb")
    assert (source.name, source.table) == ("hostile_x_drop_table_y", f'"{hostile}"')
    columns = [(column.name, column.expr) for column in source.columns]
    assert columns == [("hostile_x_drop_table_y", f'"{hostile}"'), ("it_s", '"it""s"'), ("a b", None)]
    query = msgspec.convert({"measures": ["sum(hostile_x_drop_table_y.hostile_x_drop_table_y)"]}, Query)
    with connect("duckdb", "safe_words") as database:
        database.run(f'CREATE TABLE "{hostile}" AS SELECT 7 AS "{hostile}", 1 AS "it""s", 2 AS "a b"', ())
        assert [tuple(row) for row in database.run(compile_query([source], query, "duckdb").sql, ())] == [(7,)]


@pytest.mark.parametrize(
    ("sql_type", "kind"),
    [
        ("INTEGER", "number"),
        ("bigint(20) unsigned", "number"),
        ("numeric(10,2)", "number"),
        ("double precision", "number"),
        ("Nullable(UInt64)", "number"),
        ("Float64", "number"),
        ("interval", "string"),
        ("point", "string"),
        ("tinyint(1)", "boolean"),
        ("BOOL", "boolean"),
        ("timestamp with time zone", "time"),
        ("DateTime64(3)", "time"),
        ("date", "time"),
        ("daterange", "string"),
        ("datemultirange", "string"),
        ("character varying(40)", "string"),
        ("uuid", "string"),
        ("json", "string"),
        ("", "string"),
    ],
)
def test_sql_type_is_mapped_to_a_column_type(sql_type: str, kind: str) -> None:
    assert column_type(sql_type) == kind


def test_columns_that_cannot_be_compared_are_cast() -> None:
    """GROUP BY failed: could not identify an ordering operator for type json."""
    kinds = ["json", "json[]", "xml", "point", "jsonb", "character varying(9)"]
    columns = [{"name": f"c{number}", "type": kind} for number, kind in enumerate(kinds)]
    (source,) = generate([{"name": "t", "columns": columns}], [])
    casts = ["CAST(c0 AS JSONB)", "CAST(c1 AS JSONB[])", "CAST(c2 AS TEXT)", "CAST(c3 AS TEXT)", None, None]
    assert [column.expr for column in source.columns] == casts
    query = msgspec.convert({"measures": ["t.count"], "dimensions": ["t.c0", "t.c3"]}, Query)
    with connect("postgres", "not_comparable") as database:
        database.run("CREATE TABLE t (c0 json, c1 json[], c2 xml, c3 point, c4 jsonb, c5 varchar(9))", ())
        database.run(
            "INSERT INTO t (c0, c3) VALUES ('{\"b\": 1, \"a\": 2}', '(1,2)'), ('{\"a\":2,\"b\":1}', '(1,2)')", ()
        )
        answer = database.run(compile_query([source], query, "postgres").sql, ())
    assert [list(row) for row in answer] == [[{"a": 2, "b": 1}, "(1,2)", 2]]


@pytest.mark.parametrize(
    ("tables", "links", "part"),
    [
        (TABLES, [link("legs.fligt", "flights.id")], "no column in legs 'fligt'; did you mean 'flight'"),
        (TABLES, [link("legs.flight", "flights.id", "some_to_one")], "some_to_one"),
        ([*TABLES, TABLES[0]], [], "'flights' is given more than once"),
    ],
)
def test_invalid_request_is_rejected(tables: list[dict[str, Any]], links: list[dict[str, str]], part: str) -> None:
    with pytest.raises(SemanticError, match=part):
        generate(tables, links)


def test_ambiguous_paths_have_aliases() -> None:
    """The nation of a line was ambiguous: that of the customer or of the supplier."""
    found = {source.name: [(j.alias, j.on) for j in source.joins] for source in generate(TPCH, TPCH_LINKS)}
    assert found["customer"] == [("customer_nation", "c_nationkey = nation.n_nationkey")]
    assert found["supplier"] == [("supplier_nation", "s_nationkey = nation.n_nationkey")]
    aliases = [alias for name, joins in found.items() for alias, _ in joins if name not in ("customer", "supplier")]
    assert aliases == [None] * 8


TPCH = [
    table("region", "*r_regionkey", "r_name text"),
    table("nation", "*n_nationkey", "n_name text", "n_regionkey"),
    table("customer", "*c_custkey", "c_name text", "c_nationkey", "c_acctbal decimal(15,2)"),
    table("supplier", "*s_suppkey", "s_name text", "s_nationkey", "s_acctbal decimal(15,2)"),
    table("part", "*p_partkey", "p_name text", "p_size int"),
    table("partsupp", "*ps_partkey", "*ps_suppkey", "ps_availqty int", "ps_supplycost decimal(15,2)"),
    table("orders", "*o_orderkey", "o_custkey", "o_totalprice decimal(15,2)", "o_orderdate date"),
    table(
        "lineitem",
        *("*l_orderkey", "*l_linenumber", "l_partkey", "l_suppkey", "l_quantity decimal(15,2)"),
        *("l_extendedprice decimal(15,2)", "l_discount decimal(15,2)", "l_returnflag text", "l_shipdate date"),
        *("l_commitdate date", "l_receiptdate date"),
    ),
]
TPCH_LINKS = [
    link("nation.n_regionkey", "region.r_regionkey"),
    link("customer.c_nationkey", "nation.n_nationkey"),
    link("supplier.s_nationkey", "nation.n_nationkey"),
    link("partsupp.ps_partkey", "part.p_partkey"),
    link("partsupp.ps_suppkey", "supplier.s_suppkey"),
    link("orders.o_custkey", "customer.c_custkey"),
    link("lineitem.l_orderkey", "orders.o_orderkey"),
    link("lineitem.l_partkey", "partsupp.ps_partkey"),
    link("lineitem.l_suppkey", "partsupp.ps_suppkey"),
    link("lineitem.l_partkey", "part.p_partkey"),
    link("lineitem.l_suppkey", "supplier.s_suppkey"),
]


def test_unambiguous_paths_have_no_aliases() -> None:
    users = [table(name, "*id", "user_id", "parent_id") for name in ("orders", "invoices", "customers")]
    links = [link(f"{name}.user_id", "users.id") for name in ("orders", "invoices", "customers")]
    links += [link("orders.parent_id", "customers.id"), link("invoices.parent_id", "orders.id")]
    sources = generate([table("users", "*id"), *users], links)
    assert [join.alias for source in sources for join in source.joins] == [None] * 5


def test_aliases_are_unique() -> None:
    tables = [table("a", "*id"), table("a_b", "*id"), table("b", "*id", "x"), table("c", "*id", "x")]
    tables[1]["columns"].append({"name": "b", "type": "integer"})
    links = [link("b.x", "a.id"), link("c.x", "a.id"), link("a_b.id", "b.id"), link("a_b.b", "c.id")]
    sources = generate([*tables, table("b_a", "*id")], links)
    assert [join.alias for source in sources for join in source.joins] == [None, None, "b_a_2", "c_a"]
    assert validate(sources, "postgres").errors == []
