"""TPC-H: its eight tables, generated with the benchmark's data, and a model of them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.semantic.databases import TableData

SCALE = "0.001"
KINDS = {"key": "int", "quantity": "int", "size": "int", "availqty": "int", "linenumber": "int"}
DECIMALS = ("extendedprice", "discount", "tax", "supplycost", "acctbal", "totalprice")
UNUSED = ("comment", "address", "phone", "clerk", "mfgr", "shippriority", "retailprice")
PREFIXES = {"region": "r", "nation": "n", "customer": "c", "supplier": "s", "part": "p", "partsupp": "ps"}
PREFIXES |= {"orders": "o", "lineitem": "l"}


def generate(folder: Path) -> dict[str, TableData]:
    """Generate the tables, deterministically."""
    tool = Path(sys.executable).with_name("tpchgen-cli.exe" if os.name == "nt" else "tpchgen-cli")
    subprocess.run([tool, "csv", "-s", SCALE, "--output-dir", str(folder)], check=True, capture_output=True)
    return {name: _read(folder / f"{name}.csv") for name in PREFIXES}


def _read(file: Path) -> TableData:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    kinds = {column: _kind(column) for column in rows[0] if not column.endswith(UNUSED)}
    convert: dict[str, Any] = {"int": int, "decimal": float}
    values = [[convert.get(kind, str)(row[column]) for column, kind in kinds.items()] for row in rows]
    return kinds, values


def _kind(column: str) -> str:
    name = column.partition("_")[2]
    if name.endswith("date"):
        return "date"
    if name in DECIMALS:
        return "decimal"
    return next((kind for ending, kind in KINDS.items() if name.endswith(ending)), "text")


def _source(table: str, columns: dict[str, str], **rest: Any) -> dict[str, Any]:
    prefix = PREFIXES[table]
    listed = [{"name": name, "type": kind, "expr": f"{prefix}_{name}"} for name, kind in columns.items()]
    return {"name": table, "table": table, "columns": listed, **rest}


def _joins(**joins: tuple[str, str]) -> list[dict[str, str]]:
    return [
        {"to": to, "on": on, "relationship": "many_to_one", **({"alias": alias} if alias != to else {})}
        for alias, (to, on) in joins.items()
    ]


def _measures(**measures: str) -> list[dict[str, str]]:
    return [{"name": name, "expr": expr} for name, expr in measures.items()]


MODEL: list[dict[str, Any]] = [
    {
        "name": "nation",
        "sql": "SELECT n_nationkey, n_name, r_name FROM nation JOIN region ON r_regionkey = n_regionkey",
        "grain": ["nationkey"],
        "columns": [
            {"name": "nationkey", "type": "number", "expr": "n_nationkey"},
            {"name": "name", "type": "string", "expr": "n_name"},
            {"name": "region", "type": "string", "expr": "r_name"},
        ],
    },
    _source(
        "customer",
        {"custkey": "number", "name": "string", "nationkey": "number", "acctbal": "number", "mktsegment": "string"},
        grain=["custkey"],
        joins=_joins(customer_nation=("nation", "nationkey = customer_nation.nationkey")),
        measures=_measures(customers="count(*)", balance="sum(acctbal)", average_balance="avg(acctbal)"),
    ),
    _source(
        "supplier",
        {"suppkey": "number", "name": "string", "nationkey": "number", "acctbal": "number"},
        grain=["suppkey"],
        joins=_joins(supplier_nation=("nation", "nationkey = supplier_nation.nationkey")),
        measures=_measures(suppliers="count(*)", balance="sum(acctbal)"),
    ),
    _source(
        "part",
        {
            "partkey": "number",
            "brand": "string",
            "type": "string",
            "size": "number",
            "container": "string",
            "name": "string",
        },
        grain=["partkey"],
        measures=_measures(parts="count(*)"),
    ),
    _source(
        "partsupp",
        {"partkey": "number", "suppkey": "number", "availqty": "number", "supplycost": "number"},
        grain=["partkey", "suppkey"],
        joins=_joins(part=("part", "partkey = part.partkey"), supplier=("supplier", "suppkey = supplier.suppkey")),
        measures=_measures(
            value="sum(supplycost * availqty)", suppliers="count(distinct suppkey)", cheapest="min(supplycost)"
        ),
    ),
    _source(
        "orders",
        {
            "orderkey": "number",
            "custkey": "number",
            "orderstatus": "string",
            "totalprice": "number",
            "orderdate": "time",
            "orderpriority": "string",
        },
        grain=["orderkey"],
        joins=_joins(customer=("customer", "custkey = customer.custkey")),
        measures=_measures(orders="count(*)", total="sum(totalprice)", average="avg(totalprice)"),
    ),
    _source(
        "lineitem",
        {
            "orderkey": "number",
            "linenumber": "number",
            "partkey": "number",
            "suppkey": "number",
            "quantity": "number",
            "extendedprice": "number",
            "discount": "number",
            "tax": "number",
            "returnflag": "string",
            "linestatus": "string",
            "shipdate": "time",
            "commitdate": "time",
            "receiptdate": "time",
            "shipinstruct": "string",
            "shipmode": "string",
        },
        grain=["orderkey", "linenumber"],
        joins=_joins(
            orders=("orders", "orderkey = orders.orderkey"),
            part=("part", "partkey = part.partkey"),
            supplier=("supplier", "suppkey = supplier.suppkey"),
            partsupp=("partsupp", "partkey = partsupp.partkey AND suppkey = partsupp.suppkey"),
        ),
        measures=[
            *_measures(
                lines="count(*)",
                total_quantity="sum(quantity)",
                revenue="sum(extendedprice * (1 - discount))",
                charge="sum(extendedprice * (1 - discount) * (1 + tax))",
                average_quantity="avg(quantity)",
                average_discount="avg(discount)",
                profit="sum(extendedprice * (1 - discount) - partsupp.supplycost * quantity)",
                promo_share="100 * promo_revenue / revenue",
                brazil_share="brazil_revenue / revenue",
            ),
            {
                "name": "promo_revenue",
                "expr": "sum(extendedprice * (1 - discount))",
                "filter": "part.type like 'PROMO%'",
            },
            {
                "name": "brazil_revenue",
                "expr": "sum(extendedprice * (1 - discount))",
                "filter": "supplier_nation.name = 'BRAZIL'",
            },
            {"name": "urgent", "expr": "count(*)", "segments": ["for_urgent_orders"]},
        ],
        segments=[
            {"name": "for_urgent_orders", "expr": "orders.orderpriority in ('1-URGENT', '2-HIGH')"},
            {"name": "late", "expr": "commitdate < receiptdate"},
        ],
    ),
]
