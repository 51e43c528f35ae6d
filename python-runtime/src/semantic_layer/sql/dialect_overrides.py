"""Corrections of sqlglot's dialects.

sqlglot translates some functions into ones that the database lacks, and parses some aggregates as scalar functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlglot import Dialect, Parser, exp

# sqlglot's translations of these are wrong: PostgreSQL has no HEX, LOG has one argument in ClickHouse and does not
# accept double precision with a base in PostgreSQL, and LOG(10, 1000) is 2.9999999999999996.
_UNTRANSLATED_FUNCTIONS = {
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

_EXTRA_AGGREGATES = {
    "databricks": "every some mean std try_sum try_avg histogram_numeric",
    "duckdb": "arbitrary entropy favg fsum geomean geometric_mean histogram json_group_array kahan_sum mad product sem",
    "mysql": "json_arrayagg",
    "postgres": "every jsonb_agg range_agg range_intersect_agg xmlagg",
    "sqlite": "total",
    "trino": "approx_set bitwise_and_agg bitwise_or_agg bitwise_xor_agg checksum entropy every geometric_mean histogram"
    " map_agg map_union multimap_agg set_agg set_union",
    "tsql": "checksum_agg stdevp var varp",
}


def create_dialect(name: str) -> Dialect:
    """Return the corrected dialect."""
    base = _base_dialect(name)
    parser = base.parser_class
    untranslated = set(_UNTRANSLATED_FUNCTIONS.get(name, "").upper().split())
    functions: dict[str, Callable[..., Any]] = {
        key: build for key, build in parser.FUNCTIONS.items() if key not in untranslated
    }
    for aggregate in _EXTRA_AGGREGATES.get(name, "").upper().split():
        functions[aggregate] = partial(_build_aggregate, aggregate)
    overrides: dict[str, Any] = {"FUNCTIONS": functions}
    if name == "clickhouse":
        overrides["FUNCTION_PARSERS"] = {**parser.FUNCTION_PARSERS, "MEDIAN": _parse_median}
    parser_class = type("Parser", (parser,), overrides)
    dialect: Dialect = type(f"Ktx{base.__name__}", (base,), {"Parser": parser_class})()
    return dialect


def _base_dialect(name: str) -> type[Dialect]:
    # Modules are loaded on demand, as sqlglot loads its dialects.
    if name == "mysql":
        from semantic_layer.sql.mariadb import MariaDb

        return MariaDb
    if name == "bigquery":
        from semantic_layer.sql.bigquery import BigQueryByExpressions

        return BigQueryByExpressions
    return type(Dialect.get_or_raise(name))


def _parse_median(parser: Parser) -> exp.Expr:
    """Parse ClickHouse's `median(x)` as an exact one; sqlglot's is a quantile of a sample, as `quantile(0.5)(x)` is."""
    return exp.Median(this=parser._parse_lambda())


def _build_aggregate(name: str, arguments: list[exp.Expr]) -> exp.Expr:
    return exp.AnonymousAggFunc(this=name, expressions=arguments)
