"""Every aggregate in every dialect: it has the correct value or is rejected."""

from __future__ import annotations

import json
import math
import os
import secrets
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlglot

from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from semantic_layer.sql.dialects import SUPPORTED
from tests.semantic.databases import DIALECTS, Database, TableData, connect

GOLDEN = Path(__file__).parent / "golden" / "aggregates.txt"
FACTS = {"id": "int", "g": "text", "x": "decimal", "y": "int", "s": "text", "b": "bool", "d": "date"}
ROWS: list[list[Any]] = [
    [1, "a", "1.10", 3, "p", True, "2024-01-05"],
    [2, "a", "2.25", 1, "q", False, "2024-01-06"],
    [3, "a", "2.26", 1, "p", True, "2024-02-01"],
    [4, "a", None, 7, None, None, None],
    [5, "b", "0.10", 2, "r", True, "2023-12-31"],
    [6, "b", "9.99", 4, "r", True, "2024-03-01"],
    [7, "b", "5.00", 2, "t", True, "2024-03-01"],
]
# One group more, one group less, and two rows for each fact.
OTHERS: list[list[Any]] = [[1, "a", 5], [2, "a", 5], [3, "c", 6]]
PARTS = [[2 * row[0] - part, row[0], part] for row in ROWS for part in (0, 1)]
TABLES: dict[str, TableData] = {
    "facts": (FACTS, ROWS),
    "others": ({"id": "int", "g": "text", "z": "int"}, OTHERS),
    "parts": ({"id": "int", "fact_id": "int", "part": "int"}, PARTS),
}
KINDS = {"int": "number", "decimal": "number", "text": "string", "bool": "boolean", "date": "time"}


def _columns(kinds: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": KINDS[kind]} for name, kind in kinds.items()]


def _to_one(to: str, on: str) -> list[dict[str, str]]:
    return [{"to": to, "on": on, "relationship": "many_to_one"}]


SOURCES = msgspec.convert(
    [
        {
            "name": "facts",
            "table": "facts",
            "grain": ["id"],
            "columns": _columns(FACTS),
            "joins": _to_one("groups", "g = groups.g"),
        },
        {
            "name": "others",
            "table": "others",
            "grain": ["id"],
            "columns": _columns(TABLES["others"][0]),
            "joins": _to_one("groups", "g = groups.g"),
        },
        {
            "name": "parts",
            "table": "parts",
            "grain": ["id"],
            "columns": _columns(TABLES["parts"][0]),
            "joins": _to_one("facts", "fact_id = facts.id"),
        },
        {
            "name": "groups",
            "sql": "SELECT g FROM facts UNION DISTINCT SELECT g FROM others",
            "grain": ["g"],
            "columns": [{"name": "g", "type": "string"}],
        },
    ],
    list[Source],
)

Rows = list[dict[str, Any]]
Expected = Callable[[Rows], Any]


def _non_null_values(rows: Rows, name: str) -> list[Any]:
    return [float(row[name]) if name == "x" else row[name] for row in rows if row[name] is not None]


def _apply(name: str, function: Callable[[list[Any]], Any]) -> Expected:
    return lambda rows: function(_non_null_values(rows, name))


def _pairs(rows: Rows) -> tuple[list[float], list[float]]:
    """Return y and x, the dependent variable first, of the rows that have both."""
    found = [(float(row["y"]), float(row["x"])) for row in rows if row["x"] is not None]
    return [pair[0] for pair in found], [pair[1] for pair in found]


def _covariance(rows: Rows, less: int) -> float:
    ys, xs = _pairs(rows)
    y, x = statistics.fmean(ys), statistics.fmean(xs)
    return sum((a - y) * (b - x) for a, b in zip(ys, xs, strict=True)) / (len(xs) - less)


def _slope(rows: Rows) -> float:
    return _covariance(rows, 0) / statistics.pvariance(_pairs(rows)[1])


def _percentile(fraction: float) -> Callable[[list[float]], float]:
    def interpolate(values: list[float]) -> float:
        ordered = sorted(values)
        place = fraction * (len(ordered) - 1)
        low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
        return low + (high - low) * (place - math.floor(place))

    return interpolate


def _first(by: str, of: str, choose: Callable[..., Any]) -> Expected:
    return lambda rows: choose((row for row in rows if row[by] is not None), key=lambda row: row[by])[of]


def _moment(power: int) -> Callable[[list[float]], float]:
    def moment(values: list[float]) -> float:
        mean = statistics.fmean(values)
        return sum((value - mean) ** power for value in values)

    return moment


def _joined(rows: Rows) -> str:
    return ",".join(sorted(_non_null_values(rows, "s")))


ALL = " ".join(DIALECTS)
MORE = "duckdb postgres mysql"
BIG = "duckdb postgres"
# The aggregate, the dialects that support it, and its value over the rows of a group.
CASES: list[tuple[str, str, Expected]] = [
    ("count(*)", ALL, len),
    ("count(x)", ALL, _apply("x", len)),
    ("count(distinct y)", ALL, _apply("y", lambda values: len(set(values)))),
    ("count(distinct x, y)", MORE, lambda rows: len(set(zip(*_pairs(rows), strict=True)))),
    ("count(*) filter (where y > 2)", ALL, _apply("y", lambda values: sum(value > 2 for value in values))),
    ("count_if(y > 2)", ALL, _apply("y", lambda values: sum(value > 2 for value in values))),
    ("countif(b)", ALL, _apply("b", lambda values: sum(map(bool, values)))),
    ("approx_count_distinct(y)", ALL, _apply("y", lambda values: len(set(values)))),
    ("approx_distinct(s)", ALL, _apply("s", lambda values: len(set(values)))),
    ("sum(x)", ALL, _apply("x", sum)),
    ("sum(distinct y)", ALL, _apply("y", lambda values: sum(set(values)))),
    ("avg(x)", ALL, _apply("x", statistics.fmean)),
    ("avg(distinct y)", ALL, _apply("y", lambda values: statistics.fmean(set(values)))),
    ("min(x)", ALL, _apply("x", min)),
    ("max(s)", ALL, _apply("s", max)),
    ("max(d)", ALL, _apply("d", max)),
    ("any_value(g)", ALL, _apply("g", lambda values: values[0])),
    ("bool_and(b)", ALL, _apply("b", all)),
    ("bool_or(b)", ALL, _apply("b", any)),
    ("logical_or(y > 6)", ALL, _apply("y", lambda values: any(value > 6 for value in values))),
    ("logical_and(not b)", ALL, _apply("b", lambda values: not any(values))),
    ("boolor_agg(b)", ALL, _apply("b", any)),
    ("every(b)", "postgres", _apply("b", all)),
    ("total(x)", "sqlite", _apply("x", sum)),
    ("median(x)", BIG, _apply("x", statistics.median)),
    ("median(y * 1.5)", BIG, _apply("y", lambda values: 1.5 * statistics.median(values))),
    (
        "median(d)",
        "duckdb",
        lambda rows: statistics.median_low(_non_null_values(rows, "d")) if rows[0]["g"] == "a" else "2024-03-01",
    ),
    ("percentile_cont(0.9) within group (order by x)", BIG, _apply("x", _percentile(0.9))),
    ("percentile_cont(0.25) within group (order by x desc)", BIG, _apply("x", _percentile(0.75))),
    ("percentile_cont(x, 0.9)", BIG, _apply("x", _percentile(0.9))),
    ("quantile_cont(x, 0.9)", "duckdb", _apply("x", _percentile(0.9))),
    ("percentile_disc(0.5) within group (order by y)", BIG, _apply("y", statistics.median_low)),
    ("quantile(y, 1)", "duckdb", _apply("y", max)),
    ("approx_quantile(y, 0)", "duckdb", _apply("y", min)),
    ("stddev(x)", BIG, _apply("x", statistics.stdev)),
    ("stddev(x)", "mysql", _apply("x", statistics.pstdev)),
    ("std(x)", "mysql", _apply("x", statistics.pstdev)),
    ("stddev_samp(x)", MORE, _apply("x", statistics.stdev)),
    ("stddev_pop(x)", MORE, _apply("x", statistics.pstdev)),
    ("variance(x)", BIG, _apply("x", statistics.variance)),
    ("variance(x)", "mysql", _apply("x", statistics.pvariance)),
    ("var_samp(x)", MORE, _apply("x", statistics.variance)),
    ("var_pop(x)", MORE, _apply("x", statistics.pvariance)),
    ("corr(y, x)", BIG, lambda rows: _covariance(rows, 0) / math.prod(map(statistics.pstdev, _pairs(rows)))),
    ("covar_pop(y, x)", BIG, lambda rows: _covariance(rows, 0)),
    ("covar_samp(y, x)", BIG, lambda rows: _covariance(rows, 1)),
    ("regr_slope(y, x)", BIG, _slope),
    (
        "regr_intercept(y, x)",
        BIG,
        lambda rows: statistics.fmean(_pairs(rows)[0]) - _slope(rows) * statistics.fmean(_pairs(rows)[1]),
    ),
    ("regr_count(y, x)", BIG, lambda rows: len(_pairs(rows)[0])),
    ("regr_r2(y, x)", BIG, lambda rows: _slope(rows) * _covariance(rows, 0) / statistics.pvariance(_pairs(rows)[0])),
    ("regr_avgx(y, x)", BIG, lambda rows: statistics.fmean(_pairs(rows)[1])),
    ("regr_avgy(y, x)", BIG, lambda rows: statistics.fmean(_pairs(rows)[0])),
    ("regr_sxx(y, x)", BIG, lambda rows: _moment(2)(_pairs(rows)[1])),
    ("regr_syy(y, x)", BIG, lambda rows: _moment(2)(_pairs(rows)[0])),
    ("regr_sxy(y, x)", BIG, lambda rows: _covariance(rows, 0) * len(_pairs(rows)[0])),
    ("arg_max(s, x)", "duckdb", _first("x", "s", max)),
    ("max_by(s, x)", "duckdb", _first("x", "s", max)),
    ("arg_min(s, x)", "duckdb", _first("x", "s", min)),
    ("mode(y)", BIG, _apply("y", statistics.mode)),
    ("mode() within group (order by y)", BIG, _apply("y", statistics.mode)),
    ("first(y order by id)", "duckdb", lambda rows: rows[0]["y"]),
    ("last(y order by id)", "duckdb", lambda rows: rows[-1]["y"]),
    ("string_agg(s, ',' order by s)", MORE, _joined),
    ("string_agg(s, ',') within group (order by s)", BIG, _joined),
    ("group_concat(s order by s separator ',')", "mysql", _joined),
    (
        "group_concat(distinct s order by s separator ',')",
        "mysql",
        lambda rows: ",".join(sorted(set(_non_null_values(rows, "s")))),
    ),
    ("string_agg(distinct s, ',')", ALL, lambda rows: set(_non_null_values(rows, "s"))),
    ("group_concat(s)", ALL, _joined),
    ("array_agg(y order by id)", BIG, lambda rows: [row["y"] for row in rows]),
    ("json_agg(y order by id)", "postgres", lambda rows: [row["y"] for row in rows]),
    ("jsonb_agg(y order by id)", "postgres", lambda rows: [row["y"] for row in rows]),
    ("json_arrayagg(y)", "mysql", lambda rows: [row["y"] for row in rows]),
    ("json_group_array(y)", "sqlite duckdb", lambda rows: [row["y"] for row in rows]),
    ("json_object_agg(id, y)", "postgres", lambda rows: {str(row["id"]): row["y"] for row in rows}),
    ("jsonb_object_agg(id, y)", "postgres", lambda rows: {str(row["id"]): row["y"] for row in rows}),
    ("json_objectagg(id: y)", "postgres mysql", lambda rows: {str(row["id"]): row["y"] for row in rows}),
    ("json_objectagg(id, y)", "mysql", lambda rows: {str(row["id"]): row["y"] for row in rows}),
    ("json_group_object(id, y)", "sqlite", lambda rows: {str(row["id"]): row["y"] for row in rows}),
    ("bit_and(y)", MORE, _apply("y", lambda values: _bits(values, int.__and__))),
    ("bit_or(y)", MORE, _apply("y", lambda values: _bits(values, int.__or__))),
    ("bit_xor(y)", MORE, _apply("y", lambda values: _bits(values, int.__xor__))),
    ("product(y)", "duckdb", _apply("y", math.prod)),
    ("geomean(y)", "duckdb", _apply("y", statistics.geometric_mean)),
    ("favg(x)", "duckdb", _apply("x", statistics.fmean)),
    ("kahan_sum(x)", "duckdb", _apply("x", sum)),
    ("arbitrary(g)", "duckdb", _apply("g", lambda values: values[0])),
    ("max(x) filter (where b)", ALL, lambda rows: max(float(row["x"]) for row in rows if row["b"])),
    ("median(x) filter (where b)", BIG, lambda rows: statistics.median([float(row["x"]) for row in rows if row["b"]])),
]


def _bits(values: list[int], operator: Callable[[int, int], int]) -> int:
    found, *others = values
    for value in others:
        found = operator(found, value)
    return found


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_aggregates_{secrets.token_hex(4)}") as connected:
        connected.load(TABLES)
        yield connected


def qualified(text: str) -> str:
    """Qualify the columns of an aggregate."""
    tokens = sqlglot.tokenize(text)
    parts, end = [], 0
    for token in tokens:
        is_column = token.text in FACTS and text[token.start : token.end + 1] == token.text
        parts.append(text[end : token.start] + ("facts." if is_column else "") + text[token.start : token.end + 1])
        end = token.end + 1
    return "".join(parts).replace("(*)", "(facts.*)")


def same(found: Any, expected: Any) -> bool:
    """Return whether a value is the expected one; the order of lists and of joined texts is free."""
    if isinstance(expected, set):
        return set(found.split(",")) == expected
    if isinstance(expected, (list, dict)) and isinstance(found, str):
        found = json.loads(found)
    if isinstance(expected, list):
        return sorted(found, key=str) == sorted(expected, key=str)
    if isinstance(expected, dict):
        return bool(found == expected)
    if isinstance(expected, (bool, int, float)):
        return math.isclose(float(found), float(expected), rel_tol=1e-12)
    text = str(found)[: len(expected)]
    return text == expected or sorted(text) == sorted(expected)


def _query(database: Database, text: str, **query: Any) -> dict[Any, Any]:
    measures = [{"name": "result", "expr": qualified(text)}, *query.pop("more", [])]
    asked = msgspec.convert({"measures": measures, "limit": None, **query}, Query)
    sql = compile_query(SOURCES, asked, database.dialect).sql
    try:
        return {row[0]: row[1] for row in database.run(sql, ())}
    except Exception as error:
        raise AssertionError(sql) from error


@pytest.mark.parametrize(("text", "where", "expected"), CASES, ids=[case[0] for case in CASES])
def test_value_is_correct(database: Database, text: str, where: str, expected: Expected) -> None:
    if database.dialect not in where.split():
        return
    groups = {
        group: expected([dict(zip(FACTS, row, strict=True)) for row in ROWS if row[1] == group]) for group in "ab"
    }
    alone = _query(database, text, dimensions=["groups.g"])
    beside = _query(database, text, dimensions=["groups.g"], more=["sum(others.z)"])
    # Parts fan out to two rows per fact, which must count once.
    multiplied = _query(database, text, dimensions=["groups.g"], filters=["parts.part >= 0"])
    for found in (alone, beside, multiplied):
        wrong = {group: (found[group], value) for group, value in groups.items() if not same(found[group], value)}
        assert wrong == {}
    is_count = text.startswith(("count", "approx_count", "approx_distinct", "regr_count"))
    assert beside["c"] == (0 if is_count else None)


@pytest.mark.parametrize("text", ["count_if(y > 100)", "approx_count_distinct(y)", "count(y)", "countif(b)"])
def test_counts_of_no_rows_are_zero(database: Database, text: str) -> None:
    asked = msgspec.convert({"measures": [qualified(text)], "filters": ["facts.id > 100"]}, Query)
    assert database.rows(compile_query(SOURCES, asked, database.dialect).sql) == [(0,)]


TEXTS = [
    *dict.fromkeys(case[0] for case in CASES),
    *"""approx_percentile(x, 0.9)|percentile(x, 0.9)|percentile_approx(x, 0.9)|approx_quantiles(x, 4)|quantile(0.9)(x)
    stdev(x)|stdevp(x)|var(x)|varp(x)|boolxor_agg(b)|uniq(y)|uniqExact(y)|hll(y)|first_value(y)|last_value(y)|any(y)
    listagg(s, ',')|listagg(s, ',') within group (order by s)|collect_list(y)|collect_set(y)|groupArray(y)
    object_agg(s, y)
    skewness(x)|kurtosis(x)|entropy(y)|hash_agg(y)|rank()|lag(y)|ntile(4)|dense_rank()|percent_rank()|cume_dist()
    nth_value(y, 2)|grouping(y)|sumIf(y, b)|max(x, 2)|min(x, y)|sum(x order by y)|count_if(distinct b)|max(b)|min(b)
    array_concat_agg(y)|max_by(s, x, 2)|approx_top_k(y)|minhash(5, y)|regr_valx(y, x)|string_agg(s, '-')
    string_agg(distinct s, '-')|geometric_mean(y)|map_agg(s, y)|checksum_agg(y)|first(y) ignore nulls|agg(y)""".replace(
        "\n", "|"
    ).split("|"),
]


@pytest.mark.parametrize("text", [text.strip() for text in TEXTS])
def test_accepted_aggregates_run(database: Database, text: str) -> None:
    try:
        compile_query(SOURCES, msgspec.convert({"measures": [qualified(text)]}, Query), database.dialect)
    except SemanticError:
        return
    assert set(_query(database, text, dimensions=["groups.g"], filters=["parts.part >= 0"])) == {"a", "b"}
    assert set(_query(database, text, dimensions=["groups.g"], more=["sum(others.z)"])) == {"a", "b", "c"}


def _spelled(text: str, dialect: str) -> str:
    asked = msgspec.convert({"measures": [{"name": "result", "expr": qualified(text.strip())}]}, Query)
    try:
        sql = compile_query(SOURCES, asked, dialect).sql
    except SemanticError as error:
        if error.problem not in (Problem.INVALID_EXPRESSION, Problem.WRONG_TYPE, Problem.UNKNOWN_NAME):
            raise
        return f"-- {str(error).removeprefix(f'The expression {chr(39)}{qualified(text.strip())}{chr(39)} ')}"
    return " ".join(sql.partition("SELECT")[2].partition(" AS result")[0].split())


def test_spelling_of_every_dialect() -> None:
    lines = []
    for text in TEXTS:
        spelled: dict[str, list[str]] = {}
        for dialect in SUPPORTED:
            spelled.setdefault(_spelled(text, dialect).replace(f" {dialect} ", " … "), []).append(dialect)
        lines += [f"{text.strip()}", *(f"    {', '.join(names)}: {form}" for form, names in spelled.items())]
    found = "\n".join(lines) + "\n"
    if os.environ.get("KTX_UPDATE_GOLDEN"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")
