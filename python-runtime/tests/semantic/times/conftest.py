"""The databases that times are tested on."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.clickhouse import run
from tests.semantic.databases import DIALECTS, Database, connect
from tests.semantic.times.moments import create_moments

ENGINES = (*DIALECTS, "clickhouse")
_NO_FRACTION = re.compile(r"\.0+$")


@pytest.fixture(scope="package", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return a database with the table of the moments."""
    if request.param == "clickhouse":
        database = _connect_clickhouse(request.getfixturevalue("clickhouse"))
        create_moments(database)
        yield database
        for table in ("moments", "instants"):  # other tests list the tables of the server
            database.run(f"DROP TABLE IF EXISTS {table}", ())
        return
    with connect(request.param, f"ktx_times_{secrets.token_hex(4)}") as connected:
        create_moments(connected)
        yield connected


def _connect_clickhouse(url: str) -> Database:
    port = int(url.rpartition(":")[2])

    def query(sql: str, _: Sequence[Any]) -> list[tuple[Any, ...]]:
        if not re.match(r"\s*(SELECT|WITH)\b", sql):
            run(port, sql)
            return []
        answer = run(port, f"{sql} SETTINGS session_timezone = 'UTC' FORMAT JSONCompactEachRow")
        return [tuple(map(_without_fraction, json.loads(line))) for line in answer.splitlines()]

    return Database("clickhouse", query, "?")


def _without_fraction(value: Any) -> Any:
    return _NO_FRACTION.sub("", value) if isinstance(value, str) else value
