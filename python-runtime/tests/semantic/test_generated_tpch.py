"""TPC-H queries over the unedited generated model, for nations with several join paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from semantic_layer.model.tables import Link, Table
from semantic_layer.scaffolding.scaffold import generate_sources
from tests.semantic.databases import Database, TableData, connect
from tests.semantic.tpch import generate

KEYS = {
    "nation.n_regionkey": "region.r_regionkey",
    "customer.c_nationkey": "nation.n_nationkey",
    "supplier.s_nationkey": "nation.n_nationkey",
    "partsupp.ps_partkey": "part.p_partkey",
    "partsupp.ps_suppkey": "supplier.s_suppkey",
    "orders.o_custkey": "customer.c_custkey",
    "lineitem.l_orderkey": "orders.o_orderkey",
    "lineitem.l_partkey": "part.p_partkey",
    "lineitem.l_suppkey": "supplier.s_suppkey",
}
PRIMARY = {
    *("r_regionkey", "n_nationkey", "c_custkey", "s_suppkey", "p_partkey", "ps_partkey", "ps_suppkey"),
    *("o_orderkey", "l_orderkey", "l_linenumber"),
}
REVENUE = {"expr": "sum(lineitem.l_extendedprice * (1 - lineitem.l_discount))", "name": "revenue"}
BY_HAND = "SUM(l_extendedprice * (1 - l_discount))"
SOLD = "lineitem JOIN orders ON o_orderkey = l_orderkey JOIN supplier ON s_suppkey = l_suppkey"
CUSTOMER = "JOIN customer ON c_custkey = o_custkey"
BY_SUPPLIER = "JOIN nation ON n_nationkey = s_nationkey"
BY_CUSTOMER = "JOIN nation ON n_nationkey = c_nationkey"
BOTH = "JOIN nation n1 ON n1.n_nationkey = s_nationkey JOIN nation n2 ON n2.n_nationkey = c_nationkey"

QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "Q2": (
        {"measures": ["min(partsupp.ps_supplycost)"], "dimensions": ["region.r_name", "nation.n_name"]},
        f"""SELECT r_name, n_name, MIN(ps_supplycost) FROM partsupp JOIN supplier ON s_suppkey = ps_suppkey
        {BY_SUPPLIER} JOIN region ON r_regionkey = n_regionkey GROUP BY 1, 2 ORDER BY 1, 2""",
    ),
    "Q5": (
        {
            "measures": [REVENUE],
            "dimensions": ["supplier_nation.n_name"],
            "filters": ["customer_nation.n_nationkey = supplier_nation.n_nationkey"],
        },
        f"""SELECT n_name, {BY_HAND} FROM {SOLD} {CUSTOMER} AND c_nationkey = s_nationkey {BY_SUPPLIER}
        GROUP BY 1 ORDER BY 1""",
    ),
    "Q7": (
        {"measures": [REVENUE], "dimensions": ["supplier_nation.n_name", "customer_nation.n_name"]},
        f"SELECT n1.n_name, n2.n_name, {BY_HAND} FROM {SOLD} {CUSTOMER} {BOTH} GROUP BY 1, 2 ORDER BY 1, 2",
    ),
    "Q8": (
        {
            "measures": [REVENUE],
            "dimensions": [{"field": "orders.o_orderdate", "granularity": "year"}],
            "filters": ["customer_nation.n_name in ('BRAZIL', 'CANADA')", "supplier_nation.n_name <> 'BRAZIL'"],
        },
        f"""SELECT date_trunc('year', CAST(o_orderdate AS DATE)), {BY_HAND} FROM {SOLD} {CUSTOMER} {BOTH}
        WHERE n2.n_name IN ('BRAZIL', 'CANADA') AND n1.n_name <> 'BRAZIL' GROUP BY 1 ORDER BY 1""",
    ),
    "Q9": (
        {
            "measures": [REVENUE],
            "dimensions": ["supplier_nation.n_name"],
            "filters": ["part.p_name like '%green%'"],
        },
        f"""SELECT n_name, {BY_HAND} FROM {SOLD} {BY_SUPPLIER} JOIN part ON p_partkey = l_partkey
        WHERE p_name LIKE '%green%' GROUP BY 1 ORDER BY 1""",
    ),
    "Q10": (
        {
            "measures": [REVENUE],
            "dimensions": ["customer_nation.n_name"],
            "filters": ["lineitem.l_returnflag = 'R'"],
        },
        f"""SELECT n_name, {BY_HAND} FROM {SOLD} {CUSTOMER} {BY_CUSTOMER} WHERE l_returnflag = 'R'
        GROUP BY 1 ORDER BY 1""",
    ),
    "Q11": (
        {"measures": ["sum(partsupp.ps_supplycost * partsupp.ps_availqty)"], "dimensions": ["supplier_nation.n_name"]},
        f"""SELECT n_name, SUM(ps_supplycost * ps_availqty) FROM partsupp JOIN supplier ON s_suppkey = ps_suppkey
        {BY_SUPPLIER} GROUP BY 1 ORDER BY 1""",
    ),
    "Q20": (
        {"dimensions": ["supplier.s_name", "supplier_nation.n_name"], "filters": ["lineitem.count > 10"]},
        f"""SELECT s_name, n_name FROM supplier {BY_SUPPLIER} JOIN lineitem ON l_suppkey = s_suppkey
        GROUP BY 1, 2 HAVING COUNT(*) > 10 ORDER BY 1, 2""",
    ),
    "Q21": (
        {
            "measures": ["lineitem.count"],
            "dimensions": ["supplier.s_name"],
            "filters": ["supplier_nation.n_name <> 'CHINA'", "lineitem.l_receiptdate > lineitem.l_commitdate"],
        },
        f"""SELECT s_name, COUNT(*) FROM {SOLD} {BY_SUPPLIER} WHERE n_name <> 'CHINA'
        AND l_receiptdate > l_commitdate GROUP BY 1 ORDER BY 1""",
    ),
    "by the region of the customer": (
        {"measures": [REVENUE], "dimensions": ["customer.region.r_name"]},
        f"""SELECT r_name, {BY_HAND} FROM {SOLD} {CUSTOMER} {BY_CUSTOMER} JOIN region ON r_regionkey = n_regionkey
        GROUP BY 1 ORDER BY 1""",
    ),
    "by the nation of the supplier, customers of one region": (
        {
            "measures": [REVENUE],
            "dimensions": ["supplier.nation.n_name"],
            "filters": ["customer.nation.region.r_name = 'EUROPE'"],
        },
        f"""SELECT n1.n_name, {BY_HAND} FROM {SOLD} {CUSTOMER} {BOTH}
        JOIN region ON r_regionkey = n2.n_regionkey AND r_name = 'EUROPE' GROUP BY 1 ORDER BY 1""",
    ),
    "by both regions": (
        {
            "measures": [REVENUE],
            "dimensions": ["region.r_name", "supplier.region.r_name"],
            "paths": {"region": "customer.region"},
        },
        f"""SELECT r.r_name, q.r_name, {BY_HAND} FROM {SOLD} {CUSTOMER} {BOTH}
        JOIN region r ON r.r_regionkey = n2.n_regionkey JOIN region q ON q.r_regionkey = n1.n_regionkey
        GROUP BY 1, 2 ORDER BY 1, 2""",
    ),
    "customers and suppliers of a nation": (
        {"measures": ["customer.count", "supplier.count"], "dimensions": ["nation.n_name"]},
        """SELECT n_name, (SELECT COUNT(*) FROM customer WHERE c_nationkey = n_nationkey),
        (SELECT COUNT(*) FROM supplier WHERE s_nationkey = n_nationkey) AS s FROM nation
        WHERE n_nationkey IN (SELECT c_nationkey FROM customer UNION SELECT s_nationkey FROM supplier) ORDER BY 1""",
    ),
}


def model(tables: dict[str, TableData]) -> list[Source]:
    """Generate the sources as `ktx sl generate` does."""
    types = {"int": "integer", "decimal": "decimal(15,2)", "text": "text", "date": "date"}
    described = [
        {
            "name": name,
            "columns": [
                {"name": column, "type": types[kind], "primary_key": column in PRIMARY}
                for column, kind in columns.items()
            ],
        }
        for name, (columns, _) in tables.items()
    ]
    links = [
        dict(zip(("from_table", "from_column", "to_table", "to_column"), (*a.split("."), *b.split(".")), strict=True))
        for a, b in KEYS.items()
    ]
    return generate_sources(msgspec.convert(described, list[Table]), msgspec.convert(links, list[Link]), "duckdb")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TableData]:
    return generate(tmp_path_factory.mktemp("tpch"))


@pytest.fixture(scope="module")
def database(tables: dict[str, TableData]) -> Iterator[Database]:
    with connect("duckdb", "") as connected:
        connected.load(tables)
        yield connected


@pytest.mark.parametrize("name", QUESTIONS)
def test_result_equals_that_of_handwritten_sql(database: Database, tables: dict[str, TableData], name: str) -> None:
    query, by_hand = QUESTIONS[name]
    sql = compile_query(model(tables), msgspec.convert(query, Query), "duckdb").sql
    found, expected = database.rows(sql), database.rows(by_hand)
    assert len(found) > 1
    assert [row[:-1] for row in found] == [row[:-1] for row in expected], sql
    for row, other in zip(found, expected, strict=True):
        assert row[-1] == (pytest.approx(other[-1], rel=1e-8) if isinstance(other[-1], float) else other[-1]), sql


def test_ambiguous_names_are_listed_with_what_to_write(tables: dict[str, TableData]) -> None:
    found = validate(model(tables), "duckdb")
    assert found.errors == []
    nation, region = found.warnings
    assert nation.startswith("lineitem: There are several join paths from lineitem to nation: ")
    assert "(write supplier_nation)" in nation
    assert "(write customer_nation)" in nation
    assert "(write supplier_nation.region)" in region
    chosen = [
        msgspec.structs.replace(source, paths={"nation": "supplier.nation", "region": "customer.region"})
        if source.name == "lineitem"
        else source
        for source in model(tables)
    ]
    assert validate(chosen, "duckdb").warnings == []
