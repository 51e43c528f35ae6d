"""The data policy on the semantic layer: refused queries name their source, and validation warns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.daemon import Daemon

SOURCES: list[dict[str, Any]] = [
    {
        "name": "people",
        "table": "public.users",
        "grain": ["id"],
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "name", "type": "string"},
            {"name": "secret", "type": "string", "visibility": "internal"},
            {"name": "token", "type": "string", "expr": "lower(secret)"},
        ],
        "measures": [
            {"name": "count", "expr": "count(*)"},
            {"name": "tokens", "expr": "count(distinct token)"},
            {"name": "secrets", "expr": "count(distinct secret)"},
        ],
    },
    {
        "name": "pay",
        "table": "hr.salaries",
        "grain": ["id"],
        "columns": [
            {"name": "id", "type": "number"},
            {"name": "person", "type": "number"},
            {"name": "amount", "type": "number"},
        ],
        "measures": [{"name": "total", "expr": "sum(amount)"}],
        "joins": [{"to": "people", "on": "person = people.id", "relationship": "many_to_one"}],
    },
    {
        "name": "report",
        "sql": "SELECT id, secret AS s FROM users",
        "grain": ["id"],
        "columns": [{"name": "id", "type": "number"}],
        "measures": [{"name": "row_count", "expr": "count(*)"}],
    },
]
DENIED = {
    "tables": [{"pattern": "hr.salaries", "parts": ["hr", "salaries"]}],
    "columns": [{"pattern": "users.secret", "parts": ["users", "secret"]}],
}


def compile_query(daemon: Daemon, query: dict[str, Any], dialect: str) -> tuple[int, Any]:
    body = {"sources": SOURCES, "query": query, "dialect": dialect, "denied": DENIED}
    response = daemon.post("/semantic-layer/query", body)
    return response.status, response.json()


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "duckdb", "clickhouse", "bigquery", "snowflake"])
def test_query_that_needs_what_is_denied_is_refused(daemon: Daemon, dialect: str) -> None:
    for measure, source in [
        ("people.tokens", "people"),
        ("people.secrets", "people"),
        ("pay.total", "pay"),
        ("report.row_count", "report"),
    ]:
        status, answer = compile_query(daemon, {"measures": [measure], "dimensions": []}, dialect)
        assert (status, answer["code"]) == (400, "policy_denied"), measure
        assert answer["detail"].startswith(f"Cannot query the source {source}: The data policy denies"), answer
        assert "of policy.deny." in answer["hint"]
    status, answer = compile_query(daemon, {"measures": ["people.count"], "dimensions": ["people.name"]}, dialect)
    assert status == 200, answer


def test_denied_source_is_refused_as_a_part_of_a_join(daemon: Daemon) -> None:
    query = {"measures": ["people.count"], "dimensions": ["pay.person"]}
    status, answer = compile_query(daemon, query, "postgres")
    assert (status, answer["code"]) == (400, "policy_denied")
    assert "the source pay: The data policy denies the table hr.salaries" in answer["detail"]


def test_validation_warns_of_each_source(daemon: Daemon) -> None:
    body = {"sources": SOURCES, "dialect": "postgres", "denied": DENIED}
    found = daemon.post_ok("/semantic-layer/validate", body)
    column = "The data policy denies the column secret of the table users; queries that need it are refused"
    assert found["valid"], found["errors"]
    assert found["per_source_warnings"]["people"][-1] == f"people: {column}"
    assert found["per_source_warnings"]["pay"][-1].startswith("pay: The data policy denies the table hr.salaries; ")
    assert f"report: {column}" in found["warnings"]
