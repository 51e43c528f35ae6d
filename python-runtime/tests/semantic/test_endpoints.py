"""The endpoints and one-shot commands, over a real socket and as real processes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.daemon import Daemon, error_detail, run_command
from tests.semantic.shop import shop_model

QUERY = {"measures": ["orders.revenue"], "dimensions": ["customers.segment"]}
ASKED = {"sources": shop_model(), "query": QUERY, "dialect": "postgresql"}
TABLES = [
    {
        "name": "orders",
        "columns": [{"name": "id", "type": "int", "primary_key": True}, {"name": "amount", "type": "numeric"}],
    }
]
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "semantic-query": ("/semantic-layer/query", ASKED),
    "semantic-validate": ("/semantic-layer/validate", {"sources": shop_model(), "dialect": "mariadb"}),
    "semantic-generate-sources": (
        "/semantic-layer/generate-sources",
        {"tables": TABLES, "links": [], "dialect": "sqlite"},
    ),
}


def test_query_returns_sql_columns_and_plan(daemon: Daemon) -> None:
    answer = daemon.post_ok("/semantic-layer/query", ASKED)
    assert set(answer) == {"sql", "count_sql", "dialect", "columns", "plan"}
    assert answer["dialect"] == "postgres"
    assert answer["sql"].startswith("SELECT\n  customers.segment AS segment,\n  SUM(orders.amount) AS revenue\n")
    assert answer["columns"] == [
        {
            "name": "customers.segment",
            "alias": "segment",
            "provenance": "dimension",
            "expr": "customers.segment",
            "description": None,
            "granularity": None,
        },
        {
            "name": "orders.revenue",
            "alias": "revenue",
            "provenance": "verified",
            "expr": "orders.revenue",
            "description": "All that was paid",
            "granularity": None,
        },
    ]
    keys = {"sources_used", "join_paths", "has_fan_out", "measure_groups", "where_filters", "having_filters"}
    assert set(answer["plan"]) == {*keys, "columns", "warnings", "limit_warning", "facts", "nulls"}
    assert answer["plan"]["limit_warning"] == answer["plan"]["warnings"][-1]
    assert answer["plan"]["columns"] == answer["columns"]


def test_validate_returns_errors_and_warnings(daemon: Daemon) -> None:
    body = {"sources": shop_model(stores={"grain": ["idd"]}), "dialect": "postgres", "recently_touched": ["stores"]}
    answer = daemon.post_ok("/semantic-layer/validate", body)
    assert set(answer) == {"valid", "errors", "warnings", "per_source_warnings"}
    assert (answer["valid"], len(answer["errors"])) == (False, 1)
    assert "did you mean 'id'" in answer["errors"][0]


def test_validate_compares_with_the_tables_of_a_scan(daemon: Daemon) -> None:
    columns = [{"name": name, "type": "integer"} for name in ("id", "total")]
    declared = [{"name": name, "type": "number"} for name in ("id", "totl")]
    source = {"name": "orders", "table": "orders", "grain": ["id"], "columns": declared}
    body = {"sources": [source], "dialect": "postgres", "tables": [{"name": "orders", "columns": columns}]}
    assert daemon.post_ok("/semantic-layer/validate", body)["errors"] == [
        "orders, column 'totl': The table orders has no column 'totl' in the newest scan; did you mean 'total'?"
    ]
    assert daemon.post_ok("/semantic-layer/validate", {**body, "tables": None})["valid"]


def test_table_keeps_the_name_of_its_source(daemon: Daemon) -> None:
    tables = [{"name": "t", "db": db, "columns": [{"name": "id", "type": "int"}]} for db in ("a", "b")]
    body = {"tables": [tables[0], {**tables[1], "source_name": "t"}], "dialect": "postgres"}
    made = daemon.post_ok("/semantic-layer/generate-sources", body)["sources"]
    assert [source["name"] for source in made] == ["a_t", "t"]


def test_generated_sources_can_be_queried(daemon: Daemon) -> None:
    made = daemon.post_ok(*REQUESTS["semantic-generate-sources"])
    assert made["source_count"] == 1
    (source,) = made["sources"]
    assert set(source) == {"name", "table", "grain", "columns", "joins", "measures", "segments"}
    query = {"sources": made["sources"], "query": {"measures": ["orders.total_amount"]}, "dialect": "sqlite"}
    assert "SUM(orders.amount)" in daemon.post_ok("/semantic-layer/query", query)["sql"]


@pytest.mark.parametrize("command", REQUESTS)
def test_command_has_the_response_of_the_endpoint(daemon: Daemon, command: str) -> None:
    path, request = REQUESTS[command]
    result = run_command(command, stdin=json.dumps(request).encode())
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout) == daemon.post_ok(path, request)


@pytest.mark.parametrize(
    ("change", "code", "part"),
    [
        ({"dialect": "klingon"}, "unsupported_dialect", "Known: bigquery"),
        ({"query": {"measures": ["orders.revenu"]}}, "unknown_name", "did you mean 'revenue'"),
        ({"query": {"dimensions": ["orders.store_id"]}}, "not_visible", "is hidden"),
        ({"query": {"measures": ["orders.revenue"], "dimensions": ["weather.rain"]}}, "no_join_path", "weather"),
    ],
)
def test_unanswerable_query_is_a_400(daemon: Daemon, change: dict[str, Any], code: str, part: str) -> None:
    assert part in daemon.post_rejected("/semantic-layer/query", {**ASKED, **change}, code)


def test_invalid_request_names_every_field(daemon: Daemon) -> None:
    body = {"sources": [{"name": 5, "columns": [{"name": "a", "type": "text"}]}], "query": {"limit": "x"}}
    answer = daemon.post("/semantic-layer/query", body)
    error_detail(answer, "invalid_request", 422)
    paths = {error["path"] for error in answer.json()["errors"]}
    assert paths == {"sources[0].name", "sources[0].columns[0].type", "query.limit", "dialect"}


MEASURE = {"name": "n", "expr": "sum(amount)"}
SOURCE = {"name": "orders", "table": "orders", "columns": [{"name": "amount", "type": "number"}], "measures": [MEASURE]}


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"query": {**QUERY, "filter": []}}, "query.filter", "Unknown key; did you mean 'filters'?"),
        ({"query": {**QUERY, "orderBy": []}}, "query.orderBy", "Unknown key; did you mean 'order_by'?"),
        (
            {"query": {**QUERY, "includeEmpty": True}},
            "query.includeEmpty",
            "Unknown key; did you mean 'include_empty'?",
        ),
        ({"query": {**QUERY, "segment": []}}, "query.segment", "Unknown key; did you mean 'segments'?"),
        ({"query": {**QUERY, "where": []}}, "query.where", "Unknown key; expected one of measures, dimensions, "),
        ({"query": {**QUERY, "timezone": "UTC"}}, "query.timezone", "Unknown key; "),
        ({"query": {**QUERY, "skip": 5}}, "query.skip", "Unknown key; "),
        (
            {"query": {"measures": [{"expr": "sum(orders.amount)", "name": "n", "filters": "x"}]}},
            "query.measures[0].filters",
            "Unknown key; expected one of expr, name",
        ),
        (
            {"query": {"dimensions": ["orders.a", {"field": "orders.b", "grain": "day"}]}},
            "query.dimensions[1].grain",
            "Unknown key; expected one of field, granularity",
        ),
        (
            {"query": {"order_by": [{"field": "orders.n", "dir": "asc"}]}},
            "query.order_by[0].dir",
            "Unknown key; expected one of field, direction",
        ),
        (
            {"sources": [{**SOURCE, "measures": [{**MEASURE, "filters": "amount > 5"}]}]},
            "sources[0].measures[0].filters",
            "Unknown key; did you mean 'filter'?",
        ),
        ({"sources": [{**SOURCE, "descriptions": {}}]}, "sources[0].descriptions", "did you mean 'description'?"),
        ({"sources": [{**SOURCE, "grian": ["id"]}]}, "sources[0].grian", "did you mean 'grain'?"),
        (
            {"sources": [{**SOURCE, "columns": [{"name": "a", "type": "number", "sql": "b"}]}]},
            "sources[0].columns[0].sql",
            "Unknown key; expected one of name, type, expr, measure, visibility",
        ),
        (
            {"sources": [{**SOURCE, "joins": [{"to": "a", "on": "b = a.b", "relation": "many_to_one"}]}]},
            "sources[0].joins[0].relation",
            "did you mean 'relationship'?",
        ),
        (
            {"sources": [{**SOURCE, "segments": [{"name": "a", "filter": "b"}]}]},
            "sources[0].segments[0].filter",
            "Unknown key; expected one of name, expr, description",
        ),
        ({"dialct": "postgres"}, "dialct", "Unknown key; did you mean 'dialect'?"),
        (
            {"query": {"dimensions": [{"field": "orders.b", "granularity": "Month"}]}},
            "query.dimensions[0].granularity",
            "Invalid enum value 'Month'; expected one of second, minute, hour, day, week, month, quarter, year",
        ),
        (
            {"query": {"order_by": [{"field": "orders.n", "direction": "down"}]}},
            "query.order_by[0].direction",
            "Invalid enum value 'down'; expected one of asc, desc",
        ),
        (
            {"sources": [{**SOURCE, "columns": [{"name": "a", "type": "text"}]}]},
            "sources[0].columns[0].type",
            "Invalid enum value 'text'; expected one of string, number, time, boolean",
        ),
        (
            {"sources": [{**SOURCE, "joins": [{"to": "a", "on": "b = a.b", "relationship": "many_to_many"}]}]},
            "sources[0].joins[0].relationship",
            "expected one of many_to_one, one_to_many, one_to_one",
        ),
    ],
)
def test_unknown_keys_and_values_are_named_with_the_allowed_ones(
    daemon: Daemon, change: dict[str, Any], path: str, message: str
) -> None:
    """Ignored, `filter` in place of `filters` gave the sum of all rows."""
    answer = daemon.post("/semantic-layer/query", {**ASKED, **change})
    error_detail(answer, "invalid_request", 422)
    found = {error["path"]: error["message"] for error in answer.json()["errors"]}
    assert message in found[path], found
    assert f"{path}: " in answer.json()["detail"]


def test_unknown_key_is_rejected_by_a_command() -> None:
    body = {**ASKED, "query": {**QUERY, "filter": ["orders.amount > 5"]}}
    result = run_command("semantic-query", stdin=json.dumps(body).encode())
    assert (result.returncode, result.stdout) == (1, b"")
    assert "query.filter: Unknown key; did you mean 'filters'?" in result.stderr.decode()
    body = {"sources": [{**SOURCE, "measures": [{**MEASURE, "filters": "x"}]}], "dialect": "postgres"}
    result = run_command("semantic-validate", stdin=json.dumps(body).encode())
    assert (result.returncode, result.stdout) == (1, b"")
    assert "sources[0].measures[0].filters: Unknown key; did you mean 'filter'?" in result.stderr.decode()


def test_invalid_query_is_one_line_and_exit_code_1() -> None:
    body = {**ASKED, "query": {"measures": ["orders.nonsense"]}}
    result = run_command("semantic-query", stdin=json.dumps(body).encode())
    (line,) = result.stderr.decode().splitlines()
    assert (result.returncode, result.stdout) == (1, b"")
    assert "There is no measure in orders 'nonsense'" in line


def test_deeply_nested_expressions_are_an_error(daemon: Daemon) -> None:
    body = {**ASKED, "query": {"measures": ["(" * 9_000 + "sum(orders.amount)" + ")" * 9_000]}}
    assert "nested too deeply" in daemon.post_rejected("/semantic-layer/query", body, "invalid_expression")


@pytest.mark.parametrize("path", [path for path, _ in REQUESTS.values()])
def test_first_request_is_answered_during_the_background_import(path: str) -> None:
    """The daemon answers requests while it imports sqlglot in the background.

    Two threads that import a package and one of its submodules concurrently deadlock; Python resolves the deadlock
    with a partially initialised module, and all later requests fail. Therefore names are imported from the package.
    """
    body = next(request for endpoint, request in REQUESTS.values() if endpoint == path)
    with Daemon() as new_daemon:
        new_daemon.post_ok(path, body)
        new_daemon.post_ok("/sql/validate-read-only", {"sql": "select 1", "dialect": "postgres"})
