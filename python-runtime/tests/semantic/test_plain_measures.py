"""Measures of one column: equal kinds are valid together, and each invalid one is reported."""

from __future__ import annotations

import inspect
import re

import msgspec
import pytest
from sqlglot import exp, parser

from semantic_layer.checks.plain_measures import is_plain_name, plain_kind
from semantic_layer.checks.validation import validate
from semantic_layer.model.catalog import Fields, Node
from semantic_layer.model.models import Source
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from semantic_layer.sql.expressions import parse

NUMBERS = ("price", "Größe", "lambda", "order")
COLUMNS: list[dict[str, object]] = [
    *({"name": name, "type": "number"} for name in NUMBERS),
    {"name": "city", "type": "string"},
    {"name": "placed", "type": "time"},
]


def source(columns: list[dict[str, object]], measures: list[dict[str, object]]) -> Source:
    return msgspec.convert({"name": "t", "table": "t", "columns": columns, "measures": measures}, Source)


@pytest.mark.parametrize("dialect", SUPPORTED)
def test_every_plain_name_is_parsed_as_a_column(dialect: str) -> None:
    target = SqlDialect(dialect)
    words = {
        word.lower()
        for base in {parser.Parser, *target.sqlglot.parser_class.__mro__} - {object}
        if base.__module__.startswith("sqlglot")
        for word in re.findall(r'"([A-Z_]{2,})"', inspect.getsource(inspect.getmodule(base) or base))
    }
    plain = sorted(word for word in words if is_plain_name(word, target))
    assert len(plain) > 300
    for word in plain:
        expected = exp.Sum(this=exp.column(exp.to_identifier(word, quoted=False)))
        assert parse(f"sum({word})", target) == expected, word


@pytest.mark.parametrize("dialect", SUPPORTED)
@pytest.mark.parametrize("function", ["sum", "avg", "min", "max", "count"])
def test_a_kind_decides_for_every_column_of_its_type(dialect: str, function: str) -> None:
    """The validity of each measure alone is the one of all measures together."""
    names = [f"{kind}{number}" for kind in ("number", "string", "time", "boolean") for number in (1, 2)]
    columns: list[dict[str, object]] = [{"name": name, "type": name[:-1]} for name in names]
    measures: list[dict[str, object]] = [{"name": f"m_{name}", "expr": f"{function}({name})"} for name in names]
    errors = [error for measure in measures for error in validate([source(columns, [measure])], dialect).errors]
    assert validate([source(columns, measures)], dialect).errors == errors


@pytest.mark.parametrize(
    ("measure", "kind"),
    [
        ({"expr": "count(*)"}, ("count", None)),
        ({"expr": "sum(price)", "description": "All", "synonyms": ["total"]}, ("sum", "number")),
        ({"expr": "max(placed)"}, ("max", "time")),
        ({"expr": "sum(*)"}, None),
        ({"expr": "sum(cost)"}, None),
        ({"expr": "sum(order)"}, None),
        ({"expr": "sum(Größe)"}, None),
        ({"expr": "sum(price) "}, None),
        ({"expr": "sum(price)", "filter": "price > 1"}, None),
        ({"expr": "sum(price)", "segments": ["large"]}, None),
        ({"expr": "sum(price)", "time": "placed"}, None),
        ({"expr": "sum(price)", "fill_nulls_with": 0}, None),
    ],
)
def test_kinds(measure: dict[str, object], kind: tuple[str, str | None] | None) -> None:
    declared = source(COLUMNS, [{"name": "m", **measure}])
    assert plain_kind(declared.measures[0], Node("t", Fields(declared)), SqlDialect("postgres")) == kind


def test_lambda_is_a_word_of_duckdb_only() -> None:
    assert [is_plain_name("lambda", SqlDialect(dialect)) for dialect in ("duckdb", "postgres")] == [False, False]


def test_invalid_measures_of_valid_kinds_are_reported() -> None:
    valid, *invalid = ["sum(price)", "sum(prices)", "sum(city)", "sum(city)", "sum(lambda)"]
    measures: list[dict[str, object]] = [{"name": f"m{i}", "expr": expr} for i, expr in enumerate([valid, *invalid])]
    measures.append({"name": "m5", "expr": valid, "filter": "prices > 1"})
    errors = validate([source(COLUMNS, measures)], "duckdb").errors
    assert [error.split(":")[0] for error in errors] == [f"t, measure 'm{i}'" for i in range(1, 6)]


def test_a_path_of_the_source_is_checked_for_each_measure() -> None:
    measures: list[dict[str, object]] = [{"name": name, "expr": "sum(price)"} for name in ("a", "b")]
    other = msgspec.structs.replace(source(COLUMNS, measures), name="other", paths={"t": "t.nowhere"})
    errors = validate([source(COLUMNS, measures), other], "duckdb").errors
    assert [error.split(":")[0] for error in errors if "measure" in error] == [
        "other, measure 'a'",
        "other, measure 'b'",
    ]
