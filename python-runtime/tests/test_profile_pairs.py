"""Counts of keys and links, and hashes of columns of different types, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.daemon import Daemon
from tests.profile import DRIVERS, Place, open_place, profile, read_tables, request_table

CUSTOMERS = [(1, "1", "a"), (2, "2", "a"), (3, "3", "b"), (None, None, "b"), (5, "5", None)]
ORDERS = [
    (1, "1", "a", 1),
    (1, "1", "b", 1),
    (9, "9", "a", 1),
    (None, "x", None, None),
    (3, "3", "b", 2),
    (2, None, "a", 3),
]


@pytest.fixture(scope="module", params=DRIVERS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with open_place(request.param, tmp_path_factory.mktemp("place"), request.getfixturevalue) as opened:
        opened.create("customer", {"id": "bigint", "ref": "text", "region": "text"}, CUSTOMERS)
        opened.create("orders", {"customer": "integer", "ref": "text", "region": "text", "parent": "integer"}, ORDERS)
        opened.create(
            "numbers",
            {"i": "integer", "b": "bigint", "d": "decimal(12, 0)", "t": "text"},
            [(number, number, number, str(number)) for number in range(2000)],
        )
        yield opened


def count(daemon: Daemon, place: Place, *, typed: bool = True, **options: Any) -> dict[str, Any]:
    """Count keys and links; `typed` with their tables, whose types are known then."""
    tables = [request_table(table) for table in read_tables(daemon, place.driver, place.url, place.schema)]
    return profile(daemon, place.driver, place.url, counted=tables if typed else [], **options)


def counts(found: dict[str, Any]) -> tuple[int, ...]:
    assert "uncounted" not in found, found
    return tuple(found.values())


def test_keys_are_counted(daemon: Daemon, place: Place) -> None:
    columns = (("id",), ("region",), ("id", "region"))
    found = count(daemon, place, typed=False, keys=[place.columns("customer", *names) for names in columns])
    assert [counts(key) for key in found["keys"]] == [(5, 1, 4), (5, 1, 2), (5, 2, 3)]


@pytest.mark.parametrize("typed", [True, False])
def test_links_are_counted(daemon: Daemon, place: Place, typed: bool) -> None:
    ends = [
        (place.columns("orders", "customer"), place.columns("customer", "id")),
        (place.columns("orders", "ref"), place.columns("customer", "ref")),
        (place.columns("orders", "customer", "region"), place.columns("customer", "id", "region")),
        (place.columns("orders", "parent"), place.columns("orders", "customer")),
    ]
    found = count(daemon, place, typed=typed, links=[{"from": source, "to": target} for source, target in ends])
    assert [counts(link) for link in found["links"]] == [
        (5, 4, 1, 4, 4),
        (5, 4, 2, 4, 4),
        (5, 5, 2, 3, 3),
        (5, 3, 0, 5, 4),
    ]


def test_columns_of_different_types_are_compared_as_texts(daemon: Daemon, place: Place) -> None:
    link = {"from": place.columns("orders", "ref"), "to": place.columns("customer", "id")}
    found = count(daemon, place, links=[link])
    assert found["tables"] == []
    assert counts(found["links"][0]) == (5, 4, 2, 4, 4)


def test_what_cannot_be_counted_has_a_sentence(daemon: Daemon, place: Place) -> None:
    missing, fine = place.columns("customer", "nowhere"), place.columns("customer", "id")
    found = count(daemon, place, typed=False, keys=[missing, fine], links=[{"from": missing, "to": fine}])
    assert found["keys"][0]["rows"] == 0
    assert len(found["keys"][0]["uncounted"]) > 20
    assert len(found["links"][0]["uncounted"]) > 20
    assert counts(found["keys"][1]) == (5, 1, 4)


def test_text_of_an_error_is_shown_if_the_table_has_no_hidden_values(daemon: Daemon, place: Place) -> None:
    missing = place.columns("customer", "nowhere")
    (table,) = [
        request_table(table)
        for table in read_tables(daemon, place.driver, place.url, place.schema)
        if table["name"] == "customer"
    ]

    def reason(**options: Any) -> str:
        counted = [{**table, **options}]
        found = profile(daemon, place.driver, place.url, keys=[missing], counted=counted)
        return str(found["keys"][0]["uncounted"])

    assert "nowhere" in reason().lower()
    assert "nowhere" not in reason(restricted=True).lower()


def test_hashes_of_equal_values_agree(daemon: Daemon, place: Place) -> None:
    columns = place.profile(daemon, hashes=64)["numbers"]["columns"]
    first = columns["i"]
    assert 32 <= len(first["hashes"]) <= 128
    for column in columns.values():
        assert (column["hashes"], column["hash_limit"]) == (first["hashes"], first["hash_limit"])
