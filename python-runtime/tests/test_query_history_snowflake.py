"""The query history of Snowflake, on recorded answers of `ACCOUNT_USAGE.QUERY_HISTORY` and of the table function."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.daemon import Daemon
from tests.snowflake import Answer, Failure, snowflake_server, texts

PATH = "/database/query-history"
NAMES = ("ID", "SQL", "COUNTS", "TOTAL")
ADA, BOB = (hashlib.sha256(name.encode()).hexdigest()[:16] for name in ("ADA", "BOB"))
MORNING, LATER = 1767312000000, 1767398400000


def counts(**changes: Any) -> dict[str, Any]:
    """Return the counts of one day and caller as Snowflake writes an object."""
    times = {"since": MORNING, "last_seen": MORNING}
    return {"day": 20455, "calls": 1, "total_ms": 500.5, "rows": 2, "bytes": 1024, "errors": 0, **times, **changes}


def row(query_id: str, sql: str | None, *days: dict[str, Any]) -> list[Any]:
    return [query_id, sql, json.dumps(days), 2]


ORDERS = row(
    "1f",
    "SELECT sum(price) FROM orders",
    counts(user="BOB", day=20456, calls=2, errors=1, bytes=2048, since=LATER, last_seen=LATER, credits=0.25),
    counts(user="ADA", rows=3, credits=0.5),
)
CUT = row("2f", None)
REFUSED = Failure("002003", "SQL compilation error:\nDatabase 'SNOWFLAKE' does not exist or not authorized.")


def history(
    daemon: Daemon,
    account: Answer | Callable[[str], Answer],
    recent: Answer = REFUSED,
    path: str = "shop",
    **options: Any,
) -> tuple[dict[str, Any], str]:
    def respond(sql: str) -> Answer:
        if "CURRENT_VERSION" in sql:
            return texts(["VERSION"], ["9.38.1"])
        if "ACCESS_HISTORY AS x" in sql:
            return texts(("ID", "TABLES"), ["1f", json.dumps(["20455 SHOP.PUBLIC.ORDERS", "20456 SHOP.PUBLIC.DAYS"])])
        if "ACCOUNT_USAGE" in sql:
            return account(sql) if callable(account) else account
        return recent

    with snowflake_server(respond) as (server, seen):
        url = f"snowflake://ada:hunter2-of-snowflake@acme/{path}?{server}"
        found = daemon.post_ok(PATH, {"connection_id": "w", "driver": "snowflake", "url": url, **options})
    return found, next(sql for sql in reversed(seen.statements) if "ACCESS_HISTORY AS x" not in sql)


def test_calls_of_a_statement_are_counted(daemon: Daemon) -> None:
    found, sql = history(daemon, texts(NAMES, ORDERS))
    assert found["metadata"] == {"driver": "snowflake", "server_version": "9.38.1"}
    assert (found["unavailable"], found["truncated"], found["next_cursor"]) == (None, False, None)
    (statement,) = found["statements"]
    days = statement.pop("days")
    assert statement == {
        "query_id": "1f",
        "sql": "SELECT sum(price) FROM orders",
        "calls": 3,
        "total_ms": 1001.0,
        "rows": 5,
        "since_ms": MORNING,
        "nested": False,
        "bytes": 3072,
        "errors": 1,
        "users": sorted([ADA, BOB]),
        "last_seen_ms": LATER,
        "callers": {"person": 3},
        "credits": 0.75,
        "accessed_tables": ["SHOP.PUBLIC.DAYS", "SHOP.PUBLIC.ORDERS"],
    }
    assert [(day["day"], day["calls"], day["users"], day["credits"], day["accessed_tables"]) for day in days] == [
        (20455, 1, [ADA], 0.5, ["SHOP.PUBLIC.ORDERS"]),
        (20456, 2, [BOB], 0.25, ["SHOP.PUBLIC.DAYS"]),
    ]
    assert f"h.end_time >= TO_TIMESTAMP_LTZ({found['log']['first_day'] * 86400})" in sql
    assert "STARTSWITH(COALESCE(h.query_tag, ''), 'KTX ')" in sql
    assert found["warnings"] == []


def test_callers_are_distinguished_by_application_tag_type_and_user(daemon: Daemon) -> None:
    callers = [
        {"user": "ADA", "application": "Tableau Desktop 2025"},
        {"user": "ADA", "application": "PythonConnector 4.0", "tool": '"dbt"'},
        {"user": "DUPONT", "type": "SERVICE"},
        {"user": "LOADER_PROD"},
        {"user": "ADA", "type": "PERSON", "application": "Snowflake UI"},
    ]
    found, sql = history(daemon, texts(NAMES, row("1f", "SELECT 1 FROM a", *(counts(**each) for each in callers))))
    assert found["statements"][0]["callers"] == {"bi_tool": 1, "scheduler": 1, "service_account": 2, "person": 1}
    assert "microsoft\\\\.powerbi" in sql, "a backslash of a constant is doubled"


def test_views_without_rights_are_warnings_with_their_grants(daemon: Daemon) -> None:
    def account(sql: str) -> Answer:
        return REFUSED if "WHERE FALSE" in sql else texts(NAMES, ORDERS)

    found, sql = history(daemon, account)
    assert found["warnings"] == [
        "SNOWFLAKE.ACCOUNT_USAGE.SESSIONS cannot be read, so that applications of callers are unknown. "
        "Ask for: GRANT DATABASE ROLE SNOWFLAKE.SECURITY_VIEWER TO ROLE ANALYST",
        "SNOWFLAKE.ACCOUNT_USAGE.QUERY_ATTRIBUTION_HISTORY cannot be read, so that credits are unknown. "
        "Ask for: GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE ANALYST",
        "SNOWFLAKE.ACCOUNT_USAGE.ACCESS_HISTORY cannot be read, so that tables behind views are unknown; it is a part "
        "of the Enterprise Edition. Ask for: GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE ANALYST",
    ]
    assert "SESSIONS" not in sql
    assert "accessed_tables" not in found["statements"][0]
    assert found["log"]["name"] == "QUERY_HISTORY"
    assert len(found["statements"]) == 1


def test_only_new_days_of_the_account_are_read(daemon: Daemon) -> None:
    whole = history(daemon, texts(NAMES))[0]["log"]
    day = whole["window_begin_day"] + 20
    found, sql = history(daemon, texts(NAMES), first_day=day)
    assert found["log"] == {**whole, "first_day": day}
    assert sql.count(f"TO_TIMESTAMP_LTZ({day * 86400})") == 2


def test_text_that_the_server_has_cut_is_left_out(daemon: Daemon) -> None:
    found, _ = history(daemon, texts(NAMES, ORDERS, CUT))
    assert ([each["query_id"] for each in found["statements"]], found["without_text"]) == (["1f"], 1)


def test_page_is_bounded_and_continued(daemon: Daemon) -> None:
    found, sql = history(daemon, texts(NAMES, ORDERS), max_statements=1, cursor="0'f", window_days=7)
    assert found["truncated"]
    assert "LIMIT 1" in sql
    assert "WHERE id > '0''f'" in sql


def test_role_without_rights_sees_its_own_statements(daemon: Daemon) -> None:
    found, sql = history(daemon, REFUSED, texts(NAMES, ORDERS), first_day=100_000)
    assert len(found["statements"]) == 1
    assert 'TABLE("SHOP".INFORMATION_SCHEMA.QUERY_HISTORY(' in sql
    assert found["log"]["first_day"] == found["log"]["window_begin_day"], "these are read as a whole"


def test_role_without_any_rights_learns_the_grants(daemon: Daemon) -> None:
    reason = history(daemon, REFUSED)[0]["unavailable"]
    assert (reason["code"], "SNOWFLAKE" in reason["detail"]) == ("permission_denied", True)
    assert "GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE ANALYST" in reason["hint"]


@pytest.mark.parametrize("failure", [Failure("000630", "Statement reached its timeout of 30 second(s).")])
def test_other_errors_are_errors(daemon: Daemon, failure: Failure) -> None:
    with snowflake_server(lambda sql: texts(["VERSION"], ["9"]) if "VERSION" in sql else failure) as (server, _):
        url = f"snowflake://ada:hunter2-of-snowflake@acme/shop?{server}"
        daemon.post_rejected(PATH, {"connection_id": "w", "driver": "snowflake", "url": url}, "statement_timeout")
