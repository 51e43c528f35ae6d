"""The differences that are known, with their reasons. docs/semantic-layer.md has them in words.

A pattern is searched in `list, question: detail`.
"""

from __future__ import annotations

import re

_DATABEND = (
    "approx_percentile approx_top_k booland_agg boolor_agg boolxor_agg corr dayofweekiso hash_agg hll max_by min_by"
    " object_agg percentile_cont percentile_disc regr_\\w+ skew variance"
)
KNOWN: dict[str, dict[str, str]] = {
    "clickhouse-chdb": {
        r"^names, null: .*ILLEGAL_AGGREGATION": "ClickHouse takes the column for the result of that name",
        r"^aggregates, group_concat\(s\): ": "groupConcat without a separator has none",
    },
    "sail": {
        r"^aggregates, regr_count.*uint64": "Sail returns an unsigned type that the client of Spark lacks",
        r"unknown function: APPROX_TOP_K": "Sail lacks the function",
    },
    "snowflake-fakesnow": {
        r"^aggregates, (sum|avg)\(distinct.*TRY_CAST": "fakesnow wraps the argument after DISTINCT",
        r"^aggregates, (regr_count|object_agg|approx_top_k|regr_valx)": "fakesnow does not translate the function",
        r"^aggregates, (hll|hash_agg)": "DuckDB, which fakesnow runs, lacks the function",
        r"^names, map: ": "the server fails on the name `map`",
    },
    "databend": {
        rf"no function matches the given name: '?({_DATABEND.replace(' ', '|')})\b": "Databend lacks the function",
        r"variance_pop expect to have two arguments": "Databend lacks the function",
        r"^aggregates, covar.*Decimal": "Databend has covariances of floating point only",
    },
    "bigquery-local": {
        r"^aggregates, array_concat_agg": "DuckDB, which the emulator runs, lacks the function",
        r"^aggregates, approx_top_k\(y\)": "the emulator wants the number of values",
    },
}


def known_reason(engine: str, difference: str) -> str | None:
    """Return why a difference is known, or None."""
    return next((reason for pattern, reason in KNOWN.get(engine, {}).items() if re.search(pattern, difference)), None)
