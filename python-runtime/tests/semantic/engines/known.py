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
        r"Aggregate is not allowed in recursive cte": "Databend has no aggregates in any part of WITH RECURSIVE",
        r"^kinds, weeks of a year: .*'weekiso'": "Databend lacks the function",
        r"unexpected `TIMESTAMPNTZ`": "Databend lacks the type",
        r"^(bridges|weights), .*SyntaxException.*\.share\b": "the word is reserved in Databend, and not in Snowflake",
    },
    "bigquery-local": {
        r"^aggregates, array_concat_agg": "DuckDB, which the emulator runs, lacks the function",
        r"^aggregates, approx_top_k\(y\)": "the emulator wants the number of values",
    },
}


class Listed:
    """The known differences of an engine, and which of them were found."""

    def __init__(self, engine: str) -> None:
        self._patterns = KNOWN.get(engine, {})
        self._found: set[str] = set()

    def has(self, difference: str) -> bool:
        """Return whether a difference is known."""
        found = {pattern for pattern in self._patterns if re.search(pattern, difference, re.DOTALL)}
        self._found |= found
        return bool(found)

    def stale(self) -> list[str]:
        """Return the patterns without a difference."""
        return [pattern for pattern in self._patterns if pattern not in self._found]
