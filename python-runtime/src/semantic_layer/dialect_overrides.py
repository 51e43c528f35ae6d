"""sqlglot's dialects, corrected where they differ from the database.

Some functions are renamed to ones that the database does not have, and some aggregates are taken for plain functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlglot import Dialect, exp

# Rewritten, these would be other functions: HEX is none of PostgreSQL's, LOG takes one argument in ClickHouse and no
# double precision with a base in PostgreSQL, and LOG(10, 1000) is 2.9999999999999996.
_KEPT = {
    "bigquery": "log10",
    "clickhouse": "log10 log2",
    "databricks": "log10 log2",
    "duckdb": "log10 log2",
    "mysql": "log10 log2",
    "postgres": "log10 to_hex",
    "sqlite": "log10 log2 to_hex",
    "trino": "log10 log2",
    "tsql": "hex log10 to_hex",
}

_AGGREGATES = {
    "databricks": "every some mean std try_sum try_avg histogram_numeric",
    "duckdb": "arbitrary entropy favg fsum geomean geometric_mean histogram json_group_array kahan_sum mad product sem",
    "mysql": "json_arrayagg",
    "postgres": "every jsonb_agg range_agg range_intersect_agg xmlagg",
    "sqlite": "total",
    "trino": "approx_set bitwise_and_agg bitwise_or_agg bitwise_xor_agg checksum entropy every geometric_mean histogram"
    " map_agg map_union multimap_agg set_agg set_union",
    "tsql": "checksum_agg stdevp var varp",
}


def adapted(name: str) -> Dialect:
    """Return a dialect of sqlglot, as the database has it."""
    base = _base(name)
    parser = base.parser_class
    kept = set(_KEPT.get(name, "").upper().split())
    functions: dict[str, Callable[..., Any]] = {
        key: build for key, build in parser.FUNCTIONS.items() if key not in kept
    }
    for aggregate in _AGGREGATES.get(name, "").upper().split():
        functions[aggregate] = partial(_aggregate, aggregate)
    reading = type("Parser", (parser,), {"FUNCTIONS": functions})
    dialect: Dialect = type(f"Ktx{base.__name__}", (base,), {"Parser": reading})()
    return dialect


def _base(name: str) -> type[Dialect]:
    if name != "mysql":
        return type(Dialect.get_or_raise(name))
    from semantic_layer.mariadb import MariaDb  # sqlglot, too, loads a dialect when it is first needed

    return MariaDb


def _aggregate(name: str, arguments: list[exp.Expr]) -> exp.Expr:
    return exp.AnonymousAggFunc(this=name, expressions=arguments)
