"""The limit of concurrent statements of a connection."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.concurrency import limited
from ktx_daemon.warehouses.connection.target import Target


def target(url: str = "postgres://h/d", limit: int = 2, timeout_ms: int = 60_000) -> Target:
    request = ExecuteSql(
        "w", "postgres", url, "SELECT 1", max_concurrent_statements=limit, statement_timeout_ms=timeout_ms
    )
    return Target.from_request(request)


def test_no_more_statements_run_than_allowed() -> None:
    barrier = threading.Barrier(2)
    running, most = 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal running, most
        with limited(target()):
            with lock:
                running += 1
                most = max(most, running)
            barrier.wait(20)  # two run together
            with lock:
                running -= 1

    with ThreadPoolExecutor(6) as threads:
        for job in [threads.submit(work) for _ in range(6)]:
            job.result()
    assert most == 2


def test_other_connections_have_their_own_limit() -> None:
    with limited(target(limit=1)), limited(target("postgres://other/d", limit=1)) as allowed:
        assert allowed.statement_timeout == 60


def test_statement_that_waits_too_long_is_an_error() -> None:
    with limited(target(limit=1)), pytest.raises(BadRequestError) as refused, limited(target(limit=1, timeout_ms=50)):
        pass
    assert refused.value.code == "statement_timeout"
    assert "since 1 others of KTX run on 'w'" in refused.value.detail
    with limited(target(limit=1)):
        pass


def test_waiting_counts_against_the_timeout() -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with limited(target(limit=1)):
            entered.set()
            leave.wait(20)

    with ThreadPoolExecutor(1) as thread:
        job = thread.submit(hold)
        assert entered.wait(20)
        threading.Timer(0.3, leave.set).start()
        with limited(target(limit=1)) as allowed:
            assert allowed.statement_timeout < 60
        job.result()


def test_cancelled_statement_stops_waiting() -> None:
    token = cancellation.Cancellation()

    def wait() -> None:
        with cancellation.scope(token), limited(target(limit=1)):
            pass

    with ThreadPoolExecutor(1) as thread, limited(target(limit=1)):
        job = thread.submit(wait)
        threading.Timer(0.2, token.cancel).start()
        with pytest.raises(cancellation.CancelledWorkError):
            job.result(20)


@pytest.mark.parametrize("limit", [0, 65_536])
def test_limit_out_of_range_is_rejected(limit: int) -> None:
    with pytest.raises(BadRequestError, match="max_concurrent_statements must be 1 to"):
        target(limit=limit)
