"""The query history of ClickHouse: the queries run on the newest engine, on a played `system.query_log`.

chDB keeps no log, and Debian's server is too old for the query, so that the rows of the log are not the server's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clickhouse import Answer, proxy, run
from tests.daemon import Daemon
from tests.test_clickhouse import port_of

PATH = "/database/query-history"
# The columns of the server's own log that the query reads.
LOG = """
    CREATE TABLE system.query_log (
        type Enum8('QueryStart' = 1, 'QueryFinish' = 2, 'ExceptionBeforeStart' = 3, 'ExceptionWhileProcessing' = 4),
        event_date Date DEFAULT toDate(event_time), event_time DateTime, query_duration_ms UInt64, read_bytes UInt64,
        result_rows UInt64, query String, normalized_query_hash UInt64 DEFAULT normalizedQueryHash(query),
        query_kind LowCardinality(String) DEFAULT 'Select', user String DEFAULT 'ada', is_initial_query UInt8 DEFAULT 1,
        http_user_agent String DEFAULT 'metabase/1', client_name String DEFAULT ''
    ) ENGINE = Memory
"""
INSERT = "INSERT INTO system.query_log (type, event_time, query_duration_ms, read_bytes, result_rows, query{}) VALUES"
ORDERS = "SELECT sum(price) FROM shop.orders WHERE customer = \\'{}\\' AND id IN ({})"


def row(sql: str, *more: str, kind: str = "QueryFinish", age: str = "1 HOUR", ms: int = 10) -> str:
    values = ", ".join(("", *more))
    return f"('{kind}', now() - INTERVAL {age}, {ms}, 1000, 5, '{sql}'{values})"


ROWS = [
    row(ORDERS.format("secret-1", "1, 2, 3"), ms=100),
    row(ORDERS.format("secret-2", "4, 5"), kind="ExceptionWhileProcessing", age="3 DAY", ms=50),
    row("SELECT count() FROM shop.days"),
]
LEFT_OUT = [
    row("SELECT 1 FROM shop.old", age="40 DAY"),
    row("SELECT 1 FROM shop.started", kind="QueryStart"),
]


@pytest.fixture
def log(clickhouse: str) -> Iterator[str]:
    port = port_of(clickhouse)
    days = "SELECT count() FROM shop.days"
    other = [
        f"{INSERT.format(', query_kind')} {row('INSERT INTO shop.orders SELECT 2', repr('Insert'))}",
        f"{INSERT.format(', is_initial_query')} {row('SELECT 3 FROM shop.shard', '0')}",
        f"{INSERT.format(', http_user_agent')} {row('SELECT 4 FROM shop.ktx', repr('ktx/1.0 driver'))}",
        f"{INSERT.format(', user')} {row(days, repr('bob'))}",
        f"{INSERT.format(', http_user_agent')} {row(days, repr('dbt'))}",
        f"{INSERT.format(', http_user_agent, client_name')} {row(days, repr(''), repr('cli'))}",
    ]
    run(port, LOG, f"{INSERT.format('')} {', '.join(ROWS + LEFT_OUT)}", *other)
    yield clickhouse
    run(port, "DROP TABLE system.query_log")


def history(daemon: Daemon, url: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = daemon.post_ok(PATH, {"connection_id": "w", "driver": "clickhouse", "url": url, **options})
    return found


def by_text(found: dict[str, Any]) -> dict[str, Any]:
    return {statement["sql"]: statement for statement in found["statements"]}


MASKED = "SELECT sum(price) FROM shop.orders WHERE customer = ? AND id IN (?)"


def test_calls_are_grouped_without_literals(daemon: Daemon, log: str) -> None:
    found = history(daemon, log)
    assert (found["unavailable"], found["truncated"], found["next_cursor"]) == (None, False, None)
    assert found["metadata"]["driver"] == "clickhouse"
    assert found["metadata"]["server_version"].startswith("26.")
    statements = by_text(found)
    assert set(statements) == {MASKED, "SELECT count() FROM shop.days"}
    orders = statements[MASKED]
    assert (orders["calls"], orders["total_ms"], orders["rows"]) == (2, 150, 10)
    assert (orders["bytes"], orders["errors"], orders["nested"]) == (2000, 1, False)
    assert orders["last_seen_ms"] > orders["since_ms"] > 0
    assert "secret" not in str(found)


def test_users_are_hashes(daemon: Daemon, log: str) -> None:
    users = by_text(history(daemon, log))["SELECT count() FROM shop.days"]["users"]
    assert len(users) == 2
    assert all(len(user) == 16 and int(user, 16) >= 0 for user in users)


def test_callers_are_distinguished_by_their_names(daemon: Daemon, log: str) -> None:
    statements = by_text(history(daemon, log))
    assert statements["SELECT count() FROM shop.days"]["callers"] == {"bi_tool": 2, "scheduler": 1, "person": 1}


def test_window_bounds_the_calls(daemon: Daemon, log: str) -> None:
    assert by_text(history(daemon, log, window_days=1))[MASKED]["calls"] == 1
    assert "SELECT ? FROM shop.old" in by_text(history(daemon, log, window_days=60))


def test_counts_of_each_day_are_those_of_a_read_from_that_day_on(daemon: Daemon, log: str) -> None:
    found = history(daemon, log)
    orders = by_text(found)[MASKED]
    first, second = orders["days"]
    assert [(day["calls"], day["total_ms"], day["errors"]) for day in (first, second)] == [(1, 50, 1), (1, 100, 0)]
    assert (first["since_ms"], second["last_seen_ms"]) == (orders["since_ms"], orders["last_seen_ms"])
    assert found["log"]["first_day"] == found["log"]["window_begin_day"] < first["day"] < second["day"]
    newer = history(daemon, log, first_day=second["day"])
    assert newer["log"] == {**found["log"], "first_day": second["day"]}
    assert by_text(newer)[MASKED]["days"] == [second]


def test_pages_are_continued_by_their_cursor(daemon: Daemon, log: str) -> None:
    found = history(daemon, log, max_statements=1)
    assert list(by_text(found)) == [MASKED]
    assert found["truncated"]
    ids = [int(statement["query_id"]) for statement in history(daemon, log)["statements"]]
    assert ids == sorted(ids)
    rest = history(daemon, log, cursor=str(ids[0]))
    assert [int(statement["query_id"]) for statement in rest["statements"]] == ids[1:]


def test_log_of_a_cluster_is_read_from_all_servers(daemon: Daemon, log: str) -> None:
    seen: list[str] = []

    def record(sql: str) -> str | Answer:
        seen.append(sql)
        return sql.replace("clusterAllReplicas({cluster:String}, system.query_log)", "system.query_log")

    with proxy(port_of(log), record) as port:
        found = history(daemon, f"clickhouse://127.0.0.1:{port}", cluster="all")
    assert MASKED in by_text(found)
    assert any("clusterAllReplicas" in sql for sql in seen)


def test_server_without_a_log_says_what_to_ask_for(daemon: Daemon, clickhouse: str) -> None:
    found = history(daemon, clickhouse)
    assert (found["unavailable"]["code"], found["statements"]) == ("log_missing", [])
    assert "GRANT SELECT ON system.query_log" in found["unavailable"]["hint"]


def test_user_without_the_right_learns_the_grant(daemon: Daemon, log: str) -> None:
    text = (
        "Code: 497. DB::Exception: ada: Not enough privileges. To execute this query, it's necessary to have the grant "
    )
    text += "SELECT(type) ON system.query_log. (ACCESS_DENIED)"
    refused = Answer(text.encode(), 403, "497")
    with proxy(port_of(log), lambda sql: refused if "normalizeQuery" in sql else sql) as port:
        reason = history(daemon, f"clickhouse://ada:secret@127.0.0.1:{port}")["unavailable"]
    assert reason["code"] == "permission_denied"
    assert reason["hint"] == "Ask for: GRANT SELECT(type) ON system.query_log TO ada"


@pytest.mark.parametrize("options", [{"cursor": "x"}, {"window_days": 0}, {"window_days": 4000}, {"first_day": -1}])
def test_invalid_values_are_rejected(daemon: Daemon, clickhouse: str, options: dict[str, Any]) -> None:
    body = {"connection_id": "w", "driver": "clickhouse", "url": clickhouse, **options}
    daemon.post_rejected(PATH, body, "invalid_value")
