"""Profiles of one table on each database, compared with the rows themselves."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.daemon import Daemon
from tests.profile import DRIVERS, Place, open_place

COLUMNS = {
    "id": "integer",
    "code": "text",
    "segment": "text",
    "amount": "decimal(10, 2)",
    "day": "date",
    "ratio": "double",
    "nothing": "text",
    "contact": "text",
    "pin_token": "text",
    "Größe (cm)": "integer",
}
SEGMENTS = ("Enterprise", "enterprise", "Small", "Mid", "Public", "", "größer")
NAMES = ("a b", "a.b", "a'b", "select", "größe", "%s", "Case", "50% off", "a`b", 'a"b', "a\\b", "x:y", "{z}", "?")


def make_row(number: int) -> tuple[Any, ...]:
    day = datetime.date(2020, 1, 1) + datetime.timedelta(days=number % 400)
    amount = None if number % 10 == 0 else Decimal(number * 7 % 1000) / 100
    return (
        *(number, f"C{number:04}", SEGMENTS[number % 7] if number % 5 else None, amount, str(day)),
        *(number / 8, None, f"user{number}@example.org", f"hunter{number}", number % 3),
    )


ROWS = [make_row(number) for number in range(1, 1501)]


@pytest.fixture(scope="module", params=DRIVERS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with open_place(request.param, tmp_path_factory.mktemp("place"), request.getfixturevalue) as opened:
        opened.create("people", COLUMNS, ROWS)
        opened.create("empty", {"a": "integer", "b": "text", "c": "double"})
        yield opened


@pytest.fixture(scope="module")
def tables(daemon: Daemon, place: Place) -> dict[str, Any]:
    return place.profile(daemon, hashes=64)


@pytest.fixture(scope="module")
def people(tables: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = tables["people"]["columns"]
    return columns


def values_of(name: str) -> list[Any]:
    index = list(COLUMNS).index(name)
    return [row[index] for row in ROWS if row[index] is not None]


def test_rows_and_statements_are_counted(tables: dict[str, Any]) -> None:
    table = tables["people"]
    assert (table["rows"], table["rows_exact"], table["statements"]) == (1500, True, 2)
    assert "sampled_rows" not in table
    assert list(table["columns"]) == list(COLUMNS)


def test_nulls_and_distinct_values_are_exact(people: dict[str, Any]) -> None:
    for name in COLUMNS:
        values = values_of(name)
        column = people[name]
        # A file of CSV has no empty texts, and the type of a column without values is text.
        assert column["nulls"] == 1500 - len(values), name
        assert (column["distinct"], column["distinct_exact"]) == (len(set(values)), True), name


def test_ranges_and_means_are_exact(people: dict[str, Any]) -> None:
    for name in ("id", "amount", "ratio"):
        values = [float(value) for value in values_of(name)]
        column = people[name]
        assert (column["min"], column["max"]) == (min(values), max(values))
        assert column["mean"] == pytest.approx(sum(values) / len(values), rel=1e-9)
    assert (people["day"]["min"], people["day"]["max"]) == ("2020-01-01", "2021-02-03")
    assert (people["code"]["min"], people["code"]["max"]) == ("C0001", "C1500")
    assert "min" not in people["nothing"]


def test_lengths_are_in_characters(people: dict[str, Any]) -> None:
    lengths = [len(value) for value in values_of("segment")]
    column = people["segment"]
    assert (column["min_length"], column["max_length"]) == (0, 10)
    assert column["mean_length"] == pytest.approx(sum(lengths) / len(lengths), rel=1e-4)


def test_frequent_values_have_their_counts(people: dict[str, Any]) -> None:
    counts = Counter(values_of("segment"))
    found = {each["value"]: each["count"] for each in people["segment"]["values"]}
    assert found == counts
    assert people["segment"]["values_complete"]
    assert [each["count"] for each in people["segment"]["values"]] == sorted(counts.values(), reverse=True)
    assert [each["value"] for each in people["Größe (cm)"]["values"]] == [0, 1, 2]
    assert "values" not in people["code"]


def test_sensitive_columns_are_counted_and_hidden(people: dict[str, Any]) -> None:
    for name, kind, by in (("contact", "email", "content"), ("pin_token", "secret", "name")):
        column = people[name]
        assert (column["sensitive"]["class"], column["sensitive"]["by"], column["hidden"]) == (kind, by, True)
        assert (column["distinct"], column["min_length"] > 0) == (1500, True)
        assert not {"min", "max", "values"} & set(column)
        assert column["hashes"]


def test_hashes_are_all_below_the_limit(people: dict[str, Any]) -> None:
    assert len(people["segment"]["hashes"]) == 7
    assert people["segment"]["hash_limit"] == 2**63 - 1
    hashes = people["id"]["hashes"]
    assert 30 <= len(hashes) <= 120
    assert hashes == sorted(set(hashes))
    assert hashes[-1] < people["id"]["hash_limit"]
    assert "hashes" not in people["ratio"]


def test_table_without_rows(tables: dict[str, Any]) -> None:
    table = tables["empty"]
    assert (table["rows"], table["rows_exact"], table["statements"]) == (0, True, 1)
    for column in table["columns"].values():
        assert (column["nulls"], column["distinct"]) == (0, 0)
        assert not {"min", "max", "mean", "min_length", "values"} & set(column)


def test_profile_is_the_same_again(daemon: Daemon, place: Place, tables: dict[str, Any]) -> None:
    again = place.profile(daemon, hashes=64)
    for table in (*again.values(), *tables.values()):
        table.pop("seconds")
    assert again == tables


def test_masked_values_are_in_no_answer(daemon: Daemon, place: Place) -> None:
    options = {"code": {"masked": True}, "segment": {"masked": True, "unmasked": True}, "contact": {"unmasked": True}}
    table = place.profile(daemon, columns=options, hashes=8)["people"]
    text = json.dumps(table, ensure_ascii=False)
    assert "C0001" not in text
    assert "nterprise" not in text
    assert table["columns"]["segment"]["hidden"]
    assert table["columns"]["contact"]["min"] == "user1000@example.org"
    assert "hidden" not in table["columns"]["contact"]


def test_odd_names_are_quoted(daemon: Daemon, place: Place) -> None:
    refused = {"spark": ("a`b", "a.b"), "sqlite": (), "mysql": ()}.get(place.driver, ())
    names = [name for name in NAMES if name not in refused]
    place.create("odd names", dict.fromkeys(names, "integer"), [[number] * len(names) for number in range(3)])
    table = place.profile(daemon)["odd names"]
    assert "unread" not in table
    assert {name: column["distinct"] for name, column in table["columns"].items()} == dict.fromkeys(names, 3)


def test_names_in_statements_do_not_hide_columns(daemon: Daemon, place: Place) -> None:
    names = ("n", "v", "i", "h", "t", "f", "l", "g", "u", "k0", "nulls")
    place.create("short", dict.fromkeys(names, "integer"), [[number] * len(names) for number in (1, 2, 2)])
    keys = [place.columns("short", *names), place.columns("short", "n")]
    links = [{"from": place.columns("short", "f", "k0"), "to": place.columns("short", "t", "n")}]
    found = place.profile_all(daemon, keys=keys, links=links, hashes=8)
    (table,) = (table for table in found["tables"] if table["name"] == "short")
    assert [column["distinct"] for column in table["columns"]] == [2] * len(names)
    assert [column["values"][0] for column in table["columns"]] == [{"value": 2, "count": 2}] * len(names)
    assert found["keys"] == [{"rows": 3, "null_rows": 0, "distinct": 2}] * 2
    counts = {"rows": 3, "distinct": 2, "unmatched_rows": 0, "target_rows": 3, "target_distinct": 2}
    assert found["links"] == [counts]
