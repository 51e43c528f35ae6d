"""TPC-H at scale 0.01: files, columns, keys and comments, and the results of the questions on DuckDB."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.semantic.databases import normalize
from tests.semantic.tpch_questions import QUESTIONS

SCALE = "0.01"
# In an order in which foreign keys refer to earlier tables.
PRIMARY_KEYS: dict[str, tuple[str, ...]] = {
    "region": ("r_regionkey",),
    "nation": ("n_nationkey",),
    "customer": ("c_custkey",),
    "supplier": ("s_suppkey",),
    "part": ("p_partkey",),
    "partsupp": ("ps_partkey", "ps_suppkey"),
    "orders": ("o_orderkey",),
    "lineitem": ("l_orderkey", "l_linenumber"),
}
FOREIGN_KEYS: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "nation": ((("n_regionkey",), "region"),),
    "customer": ((("c_nationkey",), "nation"),),
    "supplier": ((("s_nationkey",), "nation"),),
    "partsupp": ((("ps_partkey",), "part"), (("ps_suppkey",), "supplier")),
    "orders": ((("o_custkey",), "customer"),),
    "lineitem": ((("l_orderkey",), "orders"), (("l_partkey", "l_suppkey"), "partsupp")),
}
TABLE_COMMENTS = {table: f"TPC-H: one row of '{table}', größe {SCALE}" for table in PRIMARY_KEYS}
COLUMN_COMMENTS = {"o_totalprice": "The customer's price with tax, in €", "l_discount": "From 0 to 0.1"}


@dataclass(frozen=True)
class Tpch:
    """The generated tables: a Parquet and a CSV file each, and the columns with DuckDB's types."""

    folder: Path
    columns: dict[str, dict[str, str]]
    expected: dict[str, list[tuple[Any, ...]]]

    def parquet(self, table: str) -> Path:
        """Return the Parquet file of a table."""
        return self.folder / f"{table}.parquet"

    def csv(self, table: str) -> Path:
        """Return the CSV file of a table, with a header."""
        return self.folder / f"{table}.csv"


def generate(folder: Path) -> Tpch:
    """Generate the tables, deterministically."""
    tool = Path(sys.executable).with_name("tpchgen-cli")
    for layout in ("parquet", "csv"):
        command = [tool, layout, "-s", SCALE, "--output-dir", folder]
        subprocess.run(command, check=True, capture_output=True)
    with duckdb.connect() as connection:
        columns = {}
        for table in PRIMARY_KEYS:
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{folder}/{table}.parquet')")
            columns[table] = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {table}").fetchall()}
        expected = {name: connection.execute(sql).fetchall() for name, (_, sql) in QUESTIONS.items()}
    normalized = {name: [tuple(map(normalize, row)) for row in rows] for name, rows in expected.items()}
    return Tpch(folder, columns, normalized)
