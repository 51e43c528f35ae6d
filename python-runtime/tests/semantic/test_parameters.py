"""Parameters: values that replace `:name` in the tree of an expression."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from semantic_layer.errors import SemanticError
from semantic_layer.rows.parameters import Parameters
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from tests.semantic.databases import Database
from tests.semantic.market import QUOTED, ask, compile_market, market

TEXTS = [
    QUOTED,
    "'; DROP TABLE orders; --",
    "\\' OR 1=1 -- ",
    "\\",
    "\\\\'",
    "a\nb\r\n\tc",
    '"',
    "`",
    "? :x $1 {x} @y #z",
    "é 日本 😀 \u2028",
    "\\n \\0 \\x41 \\u0041",
    "/* no */",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_compared_as_it_is(market_database: Database, text: str) -> None:
    case = {"expr": "case when orders.id = 1 then :text else '' end", "name": "text"}
    query = {"measures": ["orders.count"], "dimensions": [case], "parameters": {"text": text}}
    found = [row[0] for row in ask(market_database, **query, filters=["orders.id <= 1"])]
    assert found == [text]
    assert ask(market_database, **query, filters=["text = :text"]) == [(text, 1.0)]


def test_literal_with_quotes_is_not_a_parameter(market_database: Database) -> None:
    query = {"measures": ["orders.count"], "parameters": {"text": QUOTED}}
    assert ask(market_database, **query, filters=["orders.status = :text or orders.status = ':text'"]) == [(1,)]


@pytest.mark.parametrize("text", [*TEXTS, "%s %(x)s %%"])
@pytest.mark.parametrize("dialect", SUPPORTED)
def test_literal_is_read_back_as_the_text(dialect: str, text: str) -> None:
    target = SqlDialect(dialect)
    tree = Parameters({"text": text}, target).parse("f(:text)")
    read = sqlglot.parse_one(target.write(tree), dialect=target.sqlglot)
    assert [item.name for item in read.find_all(exp.Literal, exp.National)] == [text]


def test_lists_and_numbers(market_database: Database) -> None:
    query = {
        "measures": ["orders.count", {"expr": "sum(orders.amount * :factor)", "name": "scaled"}],
        "filters": ["orders.status in (:statuses, 'x') and orders.amount >= :least and :yes"],
        "parameters": {"statuses": ["paid", QUOTED], "least": -5, "factor": 0.5, "yes": True},
    }
    assert ask(market_database, **query) == [(5, 197.5)]


def test_filter_of_groups_has_parameters(market_database: Database) -> None:
    query = {"measures": ["orders.revenue"], "dimensions": ["customers.region"], "filters": ["orders.revenue > :least"]}
    assert ask(market_database, **query, parameters={"least": 300}) == [("south", 345)]


def test_casts_and_paths_are_no_parameters() -> None:
    sql = compile_market("snowflake", measures=["orders.count"], filters=["orders.status:part::text = :x"],
                         parameters={"x": "a"}).sql  # fmt: skip
    assert "GET_PATH" in sql
    assert "= 'a'" in sql
    assert "CAST" in compile_market("postgres", measures=["sum(orders.amount::bigint)"]).sql


ERRORS: dict[str, dict[str, Any]] = {
    "The parameter ':n' in 'orders.amount > :n' has no value; add it": {"filters": ["orders.amount > :n"]},
    "did you mean ':least'?": {"filters": ["orders.amount > :leas"], "parameters": {"least": 1}},
    "uses the parameter 'a', 'b'; write :a": {"parameters": {"a": 1, "b": 2}},
    "The parameter ':n' is a list": {"filters": ["orders.amount > :n"], "parameters": {"n": [1]}},
    "The parameter ':n' is an empty list": {"filters": ["orders.amount in (:n)"], "parameters": {"n": []}},
    "is compared with the parameter ':n'": {"filters": ["orders.amount > :n"], "parameters": {"n": "much"}},
    "in the list with the parameter ':n'": {"filters": ["orders.status in (:n)"], "parameters": {"n": [1]}},
    "The parameter ':n' has a NUL character": {"filters": ["orders.status = :n"], "parameters": {"n": "a\0b"}},
    "The parameter ':n' is an integer of more": {"filters": ["orders.amount = :n"], "parameters": {"n": 2**63}},
    "holds a placeholder": {"filters": ["orders.amount > ?"]},
}


@pytest.mark.parametrize("message", ERRORS)
def test_error_names_the_parameter(message: str) -> None:
    expected = message.replace("in the list with", "is compared with")
    with pytest.raises(SemanticError, match=re.escape(expected)):
        compile_market(measures=["orders.count"], **ERRORS[message])


def test_nul_is_a_character_where_the_database_has_it() -> None:
    query = {"measures": ["orders.count"], "filters": ["orders.status = :n"], "parameters": {"n": "a\0b"}}
    assert "'a\\0b'" in compile_market("mysql", **query).sql


def test_expressions_of_the_model_have_no_parameters() -> None:

    sources = market(orders={"measures": [{"name": "above", "expr": "count(*)", "filter": "amount > :n"}]})
    with pytest.raises(SemanticError, match="holds a placeholder"):
        compile_market(sources=sources, measures=["orders.above"], parameters={"n": 1})
