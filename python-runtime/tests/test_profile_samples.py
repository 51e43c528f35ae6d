"""What a profile says of a table that was measured on a sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.daemon import Daemon
from tests.profile import SCHEMA, Place, by_name, open_place, profile, read_tables, request_table

ROWS = 60_000
SELECT = f"""
    SELECT n AS id, CASE WHEN n % 4 > 0 THEN n % 50 END AS part, CASE n WHEN 1 THEN 'rare' ELSE 'often' END AS rare,
    CAST(NULL AS integer) AS nothing, n AS unanalysed FROM generate_series(1, {ROWS}) AS t(n)
"""


@pytest.fixture(scope="module", params=["postgres", "duckdb"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with open_place(request.param, tmp_path_factory.mktemp("place"), request.getfixturevalue) as opened:
        name = f"{SCHEMA}.big" if opened.schema else "big"
        opened.run(f"CREATE TABLE {name} AS {SELECT}")
        if request.param == "postgres":
            opened.run(f"ANALYZE {name} (id, part, rare, nothing)")
        yield opened


def measure(daemon: Daemon, place: Place, estimate: int) -> dict[str, Any]:
    (table,) = read_tables(daemon, place.driver, place.url, place.schema)
    asked = {**request_table(table), "estimated_rows": estimate}
    return by_name(profile(daemon, place.driver, place.url, tables=[asked], sample_rows=5000)["tables"][0])


def test_numbers_of_a_sample_are_those_of_the_table(daemon: Daemon, place: Place) -> None:
    table = measure(daemon, place, ROWS)
    assert (table["rows"], table["rows_exact"], table["sampled_rows"] < ROWS / 2) == (ROWS, False, True)
    columns = table["columns"]
    assert columns["id"]["distinct"] == columns["unanalysed"]["distinct"] == ROWS
    assert columns["part"]["nulls"] == pytest.approx(ROWS / 4, rel=0.1)
    assert columns["part"]["distinct"] == pytest.approx(50, abs=5)
    assert (columns["nothing"]["nulls"], columns["nothing"]["distinct"]) == (ROWS, 0)
    for column in columns.values():
        assert (column["distinct_exact"], column.get("values_complete", False)) == (False, False)
        assert column["nulls"] + column["distinct"] <= ROWS


def test_estimate_below_the_sample(daemon: Daemon, place: Place) -> None:
    table = measure(daemon, place, 5001)
    assert table["rows"] >= table["sampled_rows"] > 5000
    assert all(column["nulls"] + column["distinct"] <= table["rows"] for column in table["columns"].values())
