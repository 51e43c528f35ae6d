"""Run an engine of the test harness with many tables for the bench, and the queries of a scan alone.

python engines.py clickhouse|bigquery|spark TABLES

Prints one line of JSON with the URL of the connection once the tables exist. Then each line on standard input runs the
queries of a scan without KTX's connector, discards their results, and prints the seconds that they took. Ends with
standard input. The working directory is `python-runtime`.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import re
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ktx_daemon.warehouses.bigquery import catalog as bigquery
from ktx_daemon.warehouses import registry
from ktx_daemon.warehouses.clickhouse import introspect as clickhouse
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.spark.connect import open_session
from tests.bigquery import DATASET, PROJECT, call_emulator, run
from tests.warehouses.engine import Engine
from tests.warehouses.engines import ENGINES

SESSIONS = 4  # as many statements as a connection runs by default
PAGE = 1000
BATCH = 50

Queries = Callable[[], None]


def columns(text_type: str) -> str:
    """Return the columns of a table: 12 with the two numbers."""
    return ", ".join(f"c{number} {text_type}" for number in range(10))


class ClickHouse:
    """ClickHouse as chDB; the queries by plain HTTP, whose answers are not parsed."""

    engine = "clickhouse-chdb"

    def create(self, engine: Engine, count: int) -> None:
        """Create the tables."""
        for number in range(count):
            engine.client.rows(
                f"CREATE TABLE t{number} (id Int64, parent Int64, {columns('String')}) ENGINE = MergeTree ORDER BY id"
            )

    def queries(self, engine: Engine, _count: int) -> Queries:
        """Return the queries of the introspection."""
        address = urllib.parse.urlsplit(engine.url)
        names = urllib.parse.urlencode({"param_databases": "['tpch']"})
        statements = (
            clickhouse.DATABASES,
            clickhouse.TABLES,
            clickhouse.DICTIONARY_KEYS,
            clickhouse.COLUMNS,
            clickhouse.MODIFICATIONS,
        )

        def run_all() -> None:
            connection = http.client.HTTPConnection(address.hostname or "", address.port)
            for sql in statements:
                connection.request("POST", f"/?database=tpch&{names}", f"{sql} FORMAT Native")
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    raise RuntimeError(body.decode())

        return run_all


class BigQuery:
    """BigQuery's emulator; the list of its tables and the jobs, whose rows are not converted."""

    engine = "bigquery-local"

    def create(self, engine: Engine, count: int) -> None:
        """Create the tables."""
        port = _port(engine)
        for start in range(0, count, BATCH):
            numbers = range(start, min(start + BATCH, count))
            run(
                port,
                ";\n".join(
                    f"CREATE TABLE {DATASET}.t{number} (id INT64, parent INT64, {columns('STRING')})"
                    for number in numbers
                ),
            )
            print(f"{numbers.stop} tables", file=sys.stderr)

    def queries(self, engine: Engine, _count: int) -> Queries:
        """Return the requests of the introspection."""
        port = _port(engine)
        view = f"`{PROJECT}`.`{DATASET}`"
        jobs = [
            sql.replace("VIEW.", f"{view}.INFORMATION_SCHEMA.").replace("SCHEMA.__", f"{view}.__")
            for sql in (bigquery.COLUMNS, bigquery.COMMENTS, bigquery.STORAGE_OF_DATASET, bigquery.KEYS)
        ]
        parameters = [
            {
                "name": name,
                "parameterType": {"type": "ARRAY", "arrayType": {"type": "STRING"}},
                "parameterValue": {"arrayValues": [{"value": value} for value in values]},
            }
            for name, values in (("datasets", [DATASET]), ("names", []))
        ]

        def run_all() -> None:
            _read_pages(port, f"{PROJECT}/datasets/{DATASET}/tables?maxResults={PAGE}")
            for sql in jobs:
                body = {
                    "query": sql,
                    "useLegacySql": False,
                    "parameterMode": "NAMED",
                    "queryParameters": [each for each in parameters if f"@{each['name']}" in sql],
                }
                answer = call_emulator(port, f"{PROJECT}/queries", body)
                if answer.get("pageToken"):
                    job = answer["jobReference"]["jobId"]
                    _read_pages(port, f"{PROJECT}/queries/{job}?pageToken={answer['pageToken']}")

        return run_all


class Spark:
    """Sail over Spark Connect; the statements in as many sessions as a connection may have."""

    engine = "sail"

    def create(self, engine: Engine, count: int) -> None:
        """Create the tables."""
        for number in range(count):
            engine.client.rows(f"CREATE TABLE t{number} (id BIGINT, parent BIGINT, {columns('STRING')}) USING parquet")

    def queries(self, engine: Engine, count: int) -> Queries:
        """Return the statements of the introspection."""
        target = Target("bench", "spark", registry.find("spark"), engine.url, None, 60, 10)

        def describe(left: queue.SimpleQueue[int]) -> None:
            with open_session(target) as session, contextlib.suppress(queue.Empty):
                while True:
                    session.query(f"DESCRIBE TABLE EXTENDED default.t{left.get_nowait()}")

        def run_all() -> None:
            with open_session(target) as session:
                for statement in ("SHOW TABLES IN default", "SHOW VIEWS IN default"):
                    session.query(statement)
            left: queue.SimpleQueue[int] = queue.SimpleQueue()
            for number in range(count):
                left.put(number)
            with ThreadPoolExecutor(SESSIONS) as pool:
                for done in [pool.submit(describe, left) for _ in range(SESSIONS)]:
                    done.result()

        return run_all


KINDS = {"clickhouse": ClickHouse, "bigquery": BigQuery, "spark": Spark}


def _port(engine: Engine) -> int:
    found = re.search(r"127\.0\.0\.1(?::|%3A)(\d+)", engine.url)
    if not found:
        raise ValueError(f"No port in {engine.url}")
    return int(found[1])


def _read_pages(port: int, path: str) -> None:
    token = ""
    while True:
        answer = call_emulator(port, path + (f"&pageToken={token}" if token else ""))
        token = answer.get("nextPageToken") or answer.get("pageToken")
        if not token:
            return


@contextlib.contextmanager
def running(name: str) -> Iterator[Engine]:
    """Run an engine of the harness."""
    engine = ENGINES[name]()
    engine.prepare()
    with tempfile.TemporaryDirectory(prefix="ktx-bench-") as folder:
        Path(folder).chmod(0o755)
        try:
            engine.start(Path(folder))
            yield engine
        finally:
            engine.stop()


def main(name: str, count: str) -> None:
    """Run an engine until standard input ends."""
    kind = KINDS[name]()
    with running(kind.engine) as engine:
        kind.create(engine, int(count))
        run_all = kind.queries(engine, int(count))
        print(json.dumps({"url": engine.url}), flush=True)
        for _ in sys.stdin:
            begin = time.monotonic()
            run_all()
            print(time.monotonic() - begin, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
