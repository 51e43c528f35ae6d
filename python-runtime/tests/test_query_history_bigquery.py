"""The query history of BigQuery: its query runs on the emulator, on a table that has the columns of the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bigquery import Jobs, Player, connection_url, failure, forward, play, run
from tests.daemon import Daemon

PATH = "/database/query-history"
LOG = """
    CREATE TABLE job_log (job_type STRING, statement_type STRING, state STRING, query STRING, user_email STRING,
        creation_time TIMESTAMP, start_time TIMESTAMP, end_time TIMESTAMP, total_bytes_processed INT64,
        total_bytes_billed INT64, total_slot_ms INT64, error_result STRUCT<reason STRING>,
        labels ARRAY<STRUCT<key STRING, value STRING>>,
        query_info STRUCT<query_hashes STRUCT<normalized_literals STRING>>)
"""
NO_LABELS = "CAST([] AS ARRAY<STRUCT<key STRING, value STRING>>)"


def job(sql: str, digest: str, user: str = "ada@example.com", hours: int = 1, **other: str) -> str:
    """Return an INSERT of a job of 2 seconds."""
    at = f"TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {hours} HOUR)"
    values = {
        "type": "'SELECT'",
        "error": "CAST(NULL AS STRING)",
        "labels": NO_LABELS,
        **other,
    }
    return (
        f"INSERT INTO job_log SELECT 'QUERY', {values['type']}, 'DONE', '{sql}', '{user}', {at}, {at}, "
        f"TIMESTAMP_ADD({at}, INTERVAL 2 SECOND), 1000, 4000, 70, STRUCT({values['error']} AS reason), "
        f"{values['labels']}, STRUCT(STRUCT('{digest}' AS normalized_literals) AS query_hashes)"
    )


ORDERS = "SELECT SUM(price) FROM shop.orders WHERE id = {}"
JOBS = [
    job(ORDERS.format(1), "b"),
    job(ORDERS.format(2), "b", "loader@ktx.iam.gserviceaccount.com", hours=75, error="'invalidQuery'"),
    job("SELECT COUNT(*) FROM shop.days", "a", labels="[STRUCT('data_source_id' AS key, 'scheduled_query' AS value)]"),
    job("SELECT 1 FROM shop.old", "c", hours=24 * 40),
    job("SELECT 1 FROM shop.ktx", "d", labels="[STRUCT('ktx_version' AS key, '1' AS value)]"),
    job("INSERT INTO shop.days SELECT 1", "e", type="'INSERT'"),
]


@pytest.fixture(scope="module")
def log(bigquery: int) -> Iterator[Player]:
    run(bigquery, LOG, "; ".join(JOBS))
    view = "`ktx`.`region-us`.INFORMATION_SCHEMA.JOBS_BY_PROJECT"
    with play(forward(bigquery, lambda sql: sql.replace(view, "ktx.tpch.job_log"))) as player:
        yield player
    run(bigquery, "DROP TABLE job_log")


def history(daemon: Daemon, port: int, **options: Any) -> dict[str, Any]:
    url = connection_url(port, location="US")
    body = {"connection_id": "w", "driver": "bigquery", "url": url, **options}
    found: dict[str, Any] = daemon.post_ok(PATH, body)
    return found


def test_jobs_are_grouped_without_literals(daemon: Daemon, log: Player) -> None:
    found = history(daemon, log.port)
    assert (found["unavailable"], found["truncated"], found["next_cursor"]) == (None, False, None)
    days, orders = found["statements"]
    assert (days["sql"], days["query_id"]) == ("SELECT COUNT(*) FROM shop.days", "a")
    assert orders["sql"] in (ORDERS.format(1), ORDERS.format(2))
    assert (orders["calls"], orders["total_ms"], orders["errors"]) == (2, 4000, 1)
    assert (orders["bytes"], orders["bytes_billed"], orders["slot_ms"]) == (2000, 8000, 140)
    assert orders["last_seen_ms"] > orders["since_ms"] > 0


def test_users_are_hashes(daemon: Daemon, log: Player) -> None:
    days, orders = history(daemon, log.port)["statements"]
    assert len(orders["users"]) == 2
    assert days["users"][0] in orders["users"]
    assert all(len(user) == 16 and int(user, 16) >= 0 for user in orders["users"])


def test_callers_are_distinguished_by_accounts_and_labels(daemon: Daemon, log: Player) -> None:
    days, orders = history(daemon, log.port)["statements"]
    assert days["callers"] == {"scheduler": 1}
    assert orders["callers"] == {"person": 1, "service_account": 1}


def test_window_bounds_the_jobs(daemon: Daemon, log: Player) -> None:
    assert [each["calls"] for each in history(daemon, log.port, window_days=1)["statements"]] == [1, 1]
    assert [each["query_id"] for each in history(daemon, log.port, window_days=60)["statements"]] == ["a", "b", "c"]


def test_counts_of_each_day_are_those_of_a_read_from_that_day_on(daemon: Daemon, log: Player) -> None:
    found = history(daemon, log.port)
    orders = found["statements"][1]
    first, second = orders["days"]
    assert [(day["calls"], day["bytes_billed"], day["callers"]) for day in (first, second)] == [
        (1, 4000, {"service_account": 1}),
        (1, 4000, {"person": 1}),
    ]
    assert found["log"]["first_day"] == found["log"]["window_begin_day"] < first["day"] < second["day"]
    newer = history(daemon, log.port, first_day=second["day"])
    assert newer["log"] == {**found["log"], "first_day": second["day"]}
    assert newer["statements"][1]["days"] == [second]


def test_history_is_limited_to_the_statements_with_the_most_time(daemon: Daemon, log: Player) -> None:
    found = history(daemon, log.port, max_statements=1)
    assert ([each["query_id"] for each in found["statements"]], found["truncated"]) == (["b"], True)


WIDE = "STRING STRING RECORD[] BOOLEAN"
COUNTS = ("calls", "total_ms", "since", "last_seen", "processed", "billed", "slot_ms", "errors")
DAY = {"day": "20000", **dict.fromkeys(COUNTS, "1"), "users": ["u"], "names": ["u\n\n1"]}


def test_pages_read_on_in_the_result_of_one_job(daemon: Daemon) -> None:
    texts = ["x" * 90_000] * 15
    rows: list[list[Any]] = [[f"{number:02}", text, [DAY], False] for number, text in enumerate(texts)]
    rows[3][1] = None
    jobs = Jobs(lambda _: (WIDE, rows))

    def answer(call: Any) -> Any:
        reply = jobs(call)
        if "startIndex" in call.parameters and reply:
            reply.body["rows"] = reply.body["rows"][int(call.parameters["startIndex"]) :]
        return reply

    with play(answer) as player:
        first = history(daemon, player.port, max_bytes=1024 * 1024)
        second = history(daemon, player.port, max_bytes=1024 * 1024, cursor=first["next_cursor"])
    ids = [each["query_id"] for page in (first, second) for each in page["statements"]]
    assert ids == [f"{number:02}" for number in range(15) if number != 3]
    assert (first["without_text"], second["next_cursor"]) == (1, None)
    assert len(player.statements) == 1


def test_user_without_the_right_learns_the_role(daemon: Daemon) -> None:
    denied = failure(403, "accessDenied", "Access Denied: User does not have bigquery.jobs.listAll permission")
    with play(Jobs(lambda _: denied)) as player:
        found = history(daemon, player.port)
    assert (found["unavailable"]["code"], found["statements"]) == ("permission_denied", [])
    assert found["unavailable"]["hint"] == "Ask for the role roles/bigquery.resourceViewer in the project ktx"


def test_log_of_the_location_of_the_connection_is_read(daemon: Daemon) -> None:
    with play(Jobs(lambda _: (WIDE, []))) as player:
        history(daemon, player.port, url=connection_url(player.port, location="EU", execution_project="payer"))
    assert "`payer`.`region-eu`.INFORMATION_SCHEMA.JOBS_BY_PROJECT" in player.statements[0]


def test_invalid_cursor_is_rejected(daemon: Daemon) -> None:
    body = {"connection_id": "w", "driver": "bigquery", "url": connection_url(1), "cursor": "x"}
    daemon.post_rejected(PATH, body, "invalid_value")
