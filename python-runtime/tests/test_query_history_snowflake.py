"""The query history of Snowflake, on recorded answers of `ACCOUNT_USAGE.QUERY_HISTORY` and of the table function."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.daemon import Daemon
from tests.snowflake import Answer, Failure, snowflake_server, texts

PATH = "/database/query-history"
NAMES = ("ID", "SQL", "CALLS", "TOTAL_MS", "RESULT_ROWS", "SINCE", "SIZE", "ERRORS", "USERS", "LAST_SEEN", "TOTAL")
ADA, BOB = (hashlib.sha256(name.encode()).hexdigest()[:16] for name in ("ADA", "BOB"))
ORDERS = ["1f", "SELECT sum(price) FROM orders", 3, 1500.5, 7, 1767312000000, 4096, 1, f"{BOB},{ADA}", 1767398400000, 2]
CUT = ["2f", "SELECT '" + "x" * 100_000, 1, 10, 0, 1767312000000, 0, 0, ADA, 1767312000000, 2]
REFUSED = Failure("002003", "SQL compilation error:\nDatabase 'SNOWFLAKE' does not exist or not authorized.")


def history(
    daemon: Daemon, account: Answer, recent: Answer = REFUSED, path: str = "shop", **options: Any
) -> tuple[dict[str, Any], str]:
    def respond(sql: str) -> Answer:
        if "CURRENT_VERSION" in sql:
            return texts(["VERSION"], ["9.38.1"])
        return account if "ACCOUNT_USAGE" in sql else recent

    with snowflake_server(respond) as (server, seen):
        url = f"snowflake://ada:hunter2-of-snowflake@acme/{path}?{server}"
        found = daemon.post_ok(PATH, {"connection_id": "w", "driver": "snowflake", "url": url, **options})
    return found, seen.statements[-1]


def test_calls_of_a_statement_are_counted(daemon: Daemon) -> None:
    found, sql = history(daemon, texts(NAMES, ORDERS))
    assert found["metadata"] == {"driver": "snowflake", "server_version": "9.38.1"}
    assert (found["unavailable"], found["truncated"], found["next_cursor"]) == (None, False, None)
    (statement,) = found["statements"]
    assert statement == {
        "query_id": "1f",
        "sql": "SELECT sum(price) FROM orders",
        "calls": 3,
        "total_ms": 1500.5,
        "rows": 7,
        "since_ms": 1767312000000,
        "nested": False,
        "bytes": 4096,
        "errors": 1,
        "users": sorted([ADA, BOB]),
        "last_seen_ms": 1767398400000,
    }
    assert "DATEADD(DAY, -30," in sql
    assert "STARTSWITH(COALESCE(query_tag, ''), 'KTX ')" in sql


def test_text_that_the_server_has_cut_is_left_out(daemon: Daemon) -> None:
    found, _ = history(daemon, texts(NAMES, ORDERS, CUT))
    assert ([each["query_id"] for each in found["statements"]], found["without_text"]) == (["1f"], 1)


def test_page_is_bounded_and_continued(daemon: Daemon) -> None:
    found, sql = history(daemon, texts(NAMES, ORDERS), max_statements=1, cursor="0'f", window_days=7)
    assert found["truncated"]
    assert "LIMIT 1" in sql
    assert "WHERE id > '0''f'" in sql
    assert "DATEADD(DAY, -7," in sql


def test_role_without_rights_sees_its_own_statements(daemon: Daemon) -> None:
    found, sql = history(daemon, REFUSED, texts(NAMES, ORDERS))
    assert len(found["statements"]) == 1
    assert 'TABLE("SHOP".INFORMATION_SCHEMA.QUERY_HISTORY(' in sql
    assert "DATEADD(DAY, -7," in sql


def test_role_without_any_rights_learns_the_grants(daemon: Daemon) -> None:
    reason = history(daemon, REFUSED)[0]["unavailable"]
    assert (reason["code"], "SNOWFLAKE" in reason["detail"]) == ("permission_denied", True)
    assert "GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE ANALYST" in reason["hint"]


@pytest.mark.parametrize("failure", [Failure("000630", "Statement reached its timeout of 30 second(s).")])
def test_other_errors_are_errors(daemon: Daemon, failure: Failure) -> None:
    with snowflake_server(lambda sql: texts(["VERSION"], ["9"]) if "VERSION" in sql else failure) as (server, _):
        url = f"snowflake://ada:hunter2-of-snowflake@acme/shop?{server}"
        daemon.post_rejected(PATH, {"connection_id": "w", "driver": "snowflake", "url": url}, "statement_timeout")
