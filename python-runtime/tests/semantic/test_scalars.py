"""Scalar functions that a database lacks are rejected with an alternative, which runs."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
import pytest

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query

T = {
    "name": "t",
    "table": "t",
    "grain": ["id"],
    "columns": [
        {"name": "id", "type": "number"},
        {"name": "s", "type": "string"},
        {"name": "at", "type": "time"},
    ],
}


def compiled(text: str, dialect: str) -> str:
    query = msgspec.convert({"measures": [{"expr": f"max({text})", "name": "v"}]}, Query)
    return compile_query([msgspec.convert(T, Source)], query, dialect).sql


def on_sqlite(text: str) -> Any:
    connection = sqlite3.connect(":memory:")
    connection.executescript("create table t (id, s, at); insert into t values (26, 'paid', '2024-02-29 23:59:59')")
    (row,) = connection.execute(compiled(text, "sqlite")).fetchall()
    return row[0]


@pytest.mark.parametrize(
    ("text", "name", "instead", "value"),
    [
        ("to_hex(t.id)", "to_hex", "printf('%x', t.id)", "1a"),
        ("left(t.s, 2)", "left", "substr(t.s, 1, 2)", "pa"),
        ("right(t.s, 2)", "right", "substr(t.s, -2)", "id"),
        ("year(t.at)", "year", "cast(strftime('%Y', t.at) as integer)", 2024),
        ("month(t.at)", "month", "cast(strftime('%m', t.at) as integer)", 2),
        ("extract(day from t.at)", "extract", "cast(strftime('%d', t.at) as integer)", 29),
        ("date_part('month', t.at)", "date_part", "cast(strftime('%m', t.at) as integer)", 2),
        ("date_trunc('month', t.at)", "date_trunc", "date(t.at, 'start of month')", "2024-02-01"),
        ("t.at + interval '1 month'", "interval", "datetime(t.at, '+1 month')", "2024-03-29 23:59:59"),
        ("date_add(t.at, interval 1 month)", "date_add", "datetime(t.at, '+1 month')", "2024-03-29 23:59:59"),
        ("iff(t.id > 1, 2, 3)", "iff", "iif(t.id > 1, 2, 3)", 2),
    ],
)
def test_sqlite_rejects_functions_that_it_lacks_and_runs_the_alternatives(
    text: str, name: str, instead: str, value: object
) -> None:
    with pytest.raises(SemanticError) as caught:
        compiled(text, "sqlite")
    assert f"uses {name}, which sqlite does not have; write " in str(caught.value)
    assert instead.partition("(")[0] in str(caught.value)
    assert on_sqlite(instead) == value


@pytest.mark.parametrize(
    "text", ["lpad(t.s, 9)", "split_part(t.s, 'a', 1)", "md5(t.s)", "regexp_replace(t.s, 'a', 'b')"]
)
def test_sqlite_rejects_functions_without_an_alternative(text: str) -> None:
    with pytest.raises(SemanticError, match=f"uses {text.partition('(')[0]}, which sqlite does not have"):
        compiled(text, "sqlite")


@pytest.mark.parametrize(("text", "value"), [("hex(t.s)", "70616964"), ("upper(t.s)", "PAID"), ("abs(-t.id)", 26)])
def test_functions_of_sqlite_are_accepted(text: str, value: object) -> None:
    assert on_sqlite(text) == value


@pytest.mark.parametrize("text", ["to_hex(t.id)", "hex(t.id)", "lpad(t.s, 9)", "iff(t.id > 1, 2, 3)", "initcap(t.s)"])
def test_tsql_rejects_functions_that_it_lacks(text: str) -> None:
    with pytest.raises(SemanticError, match="which tsql does not have; write "):
        compiled(text, "tsql")


@pytest.mark.parametrize("dialect", ["duckdb", "mysql", "postgres", "redshift", "trino"])
def test_user_defined_functions_are_accepted(dialect: str) -> None:
    assert "IFF(" in compiled("iff(t.id > 1, 2, 3)", dialect)


@pytest.mark.parametrize(
    "text", ["json_agg(t.s)", "listagg(t.s, ',')", "geomean(t.id)", "bit_and(t.id)", "hash_of(t.s)"]
)
def test_only_aggregates_of_the_dialect_are_suggested(text: str) -> None:
    query = msgspec.convert({"measures": [{"expr": text, "name": "v"}]}, Query)
    with pytest.raises(SemanticError) as caught:
        compile_query([msgspec.convert(T, Source)], query, "sqlite")
    for unsupported in ("ai_agg", "hash_agg", "j_s_o_n", "median", "'lag'", "'agg'", "bitwise"):
        assert unsupported not in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "count"),
    [("t.s like '!%paid' escape '!'", 0), ("t.s like 'p!aid' escape '!'", 1), ("t.s not like '!_%' escape '!'", 1)],
)
def test_pattern_with_an_escape_is_a_condition(condition: str, count: int) -> None:
    query = msgspec.convert({"measures": [{"expr": "count(t.id)", "name": "n"}], "filters": [condition]}, Query)
    sql = compile_query([msgspec.convert(T, Source)], query, "sqlite").sql
    connection = sqlite3.connect(":memory:")
    connection.executescript("create table t (id, s, at); insert into t values (26, 'paid', '2024-02-29 23:59:59')")
    assert connection.execute(sql).fetchall() == [(count,)]
