"""A column that cannot be measured costs no other column its profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon import Daemon
from tests.profile import open_place

FEW = {"label": "text", "ratio": "double", "number": "integer"}


def test_sums_beyond_the_range_of_their_type(daemon: Daemon, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with open_place("duckdb", tmp_path, request.getfixturevalue) as place:
        place.run("CREATE TYPE mood AS ENUM ('good', 'bad')")
        place.create("t", {"a": "hugeint", "b": "decimal(38,10)", "c": "double", "d": "mood", "e": "json"}, [])
        huge = "170141183460469231731687303715884105720"
        place.run(f"INSERT INTO t SELECT {huge}, 1e27::DECIMAL(38,10), i / 4, 'good', '[1]' FROM range(8) r(i)")
        found = place.profile(daemon)["t"]["columns"]
    assert {name: column["distinct"] for name, column in found.items()} == {"a": 1, "b": 1, "c": 8, "d": 1, "e": 0}
    assert found["a"]["mean"] == pytest.approx(1.7014e38, rel=1e-3)
    assert (found["c"]["min"], found["c"]["max"], found["e"]["distinct_exact"]) == (0, 1.75, False)


def test_only_the_column_that_fails_is_reduced(daemon: Daemon, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with open_place("postgres", tmp_path, request.getfixturevalue) as place:
        columns = {**FEW, "broken": "double", **{f"c{number}": "integer" for number in range(12)}}
        place.create("t", columns, [["a", 0.5, n, 1.7e308, *range(12)] for n in range(5)])
        found = place.profile(daemon)["t"]
    assert (found["rows"], found["rows_exact"]) == (5, True)
    broken = found["columns"].pop("broken")
    assert (broken["distinct"], broken["distinct_exact"], broken["max"], "mean" in broken) == (1, True, 1.7e308, False)
    assert {column["distinct_exact"] for column in found["columns"].values()} == {True}
    assert (found["columns"]["label"]["values"], found["columns"]["ratio"]["mean"]) == (
        [{"value": "a", "count": 5}],
        0.5,
    )
    assert (found["columns"]["number"]["max"], found["columns"]["c11"]["max"]) == (4, 11)
