"""Batches: many statements, a catalog, several cores."""

from __future__ import annotations

import pytest

from tests.daemon import Daemon

PATH = "/sql/analyze-batch"


def analyze(daemon: Daemon, sql: str, **options: object) -> dict:
    return daemon.post_ok(PATH, {"dialect": "postgres", "items": [{"id": "x", "sql": sql}], **options})["results"]["x"]


def test_response_has_exactly_the_keys_of_the_contract(daemon: Daemon) -> None:
    result = analyze(
        daemon,
        """select c.name, sum(o.amount) as total from shop.orders o join customers c on o.customer_id = c.id
        where o.status = 'paid' group by c.name having sum(o.amount) > 10 order by total desc, c.name""",
    )
    assert len(result.pop("fingerprint")) == 32
    assert "?" in result.pop("normalized_sql")
    assert result == {
        "literal_slots": [
            {"position": 1, "type": "string", "example_value": "paid"},
            {"position": 2, "type": "number", "example_value": "10"},
        ],
        "tables_touched": [
            {"catalog": None, "db": "shop", "name": "orders"},
            {"catalog": None, "db": None, "name": "customers"},
        ],
        "columns_by_clause": {
            "select": ["name", "amount"],
            "where": ["status"],
            "join": ["customer_id", "id"],
            "groupBy": ["name"],
            "having": ["amount"],
            "orderBy": ["amount", "name"],
        },
        "error": None,
    }


def test_unparsable_item_has_an_error_and_empty_lists(daemon: Daemon) -> None:
    items = [
        {"id": "bad", "sql": "select from where"},
        {"id": "deep", "sql": "(" * 9000},
        {"id": "ok", "sql": "select 1"},
    ]
    results = daemon.post_ok(PATH, {"dialect": "postgres", "items": items})["results"]
    assert list(results) == ["bad", "deep", "ok"]
    for name in ("bad", "deep"):
        assert results[name]["error"]
        assert results[name]["tables_touched"] == results[name]["literal_slots"] == []
        assert set(map(tuple, results[name]["columns_by_clause"].values())) == {()}
    assert results["ok"]["error"] is None


def test_columns_of_subqueries_using_and_windows_are_assigned_to_clauses(daemon: Daemon) -> None:
    columns = analyze(
        daemon,
        """select row_number() over (partition by a order by b) from t join u using (k)
        where c in (select d from v where e)""",
    )["columns_by_clause"]
    assert columns["select"] == ["a", "b", "d"]
    assert columns["join"] == ["k"]
    assert columns["where"] == ["c", "e"]
    assert columns["orderBy"] == []


CATALOG = {
    "tables": [
        {"catalog": "db", "db": "shop", "name": "Orders", "columns": ["id"]},
        {"catalog": "db", "db": "shop", "name": "both", "columns": []},
        {"catalog": "db", "db": "web", "name": "both", "columns": []},
    ]
}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("orders", ("db", "shop", "Orders")),
        ("shop.orders", ("db", "shop", "Orders")),
        ("both", (None, None, "both")),
        ("web.both", ("db", "web", "both")),
        ("other.orders", (None, "other", "orders")),
        ("unknown", (None, None, "unknown")),
    ],
)
def test_unambiguous_tables_are_resolved_through_the_catalog(
    daemon: Daemon, reference: str, expected: tuple[str | None, ...]
) -> None:
    (table,) = analyze(daemon, f"select * from {reference}", catalog=CATALOG)["tables_touched"]
    assert (table["catalog"], table["db"], table["name"]) == expected


def test_several_processes_return_the_result_of_one(daemon: Daemon) -> None:
    items = [{"id": f"i{n}", "sql": f"select a{n}, '{'x' * 900}' from t{n % 7} where b = {n}"} for n in range(400)]
    items[37]["sql"] = "select ("
    request = {"dialect": "postgres", "items": items}
    many = daemon.post_ok(PATH, request)
    assert many == daemon.post_ok(PATH, {**request, "max_workers": 1})
    assert list(many["results"]) == [item["id"] for item in items]
    assert [name for name, result in many["results"].items() if result["error"]] == ["i37"]


@pytest.mark.parametrize("workers", [0, 33, -1])
def test_max_workers_out_of_range_is_rejected(daemon: Daemon, workers: int) -> None:
    request = {"dialect": "postgres", "items": [], "max_workers": workers}
    assert "1 to 32" in daemon.post_rejected(PATH, request, "invalid_value")


def test_duplicate_ids_are_named(daemon: Daemon) -> None:
    items = [{"id": "a", "sql": "select 1"}] * 2
    assert "'a'" in daemon.post_rejected(PATH, {"dialect": "postgres", "items": items}, "duplicate_id")


def test_empty_batch_is_accepted_and_unknown_dialect_rejected(daemon: Daemon) -> None:
    assert daemon.post_ok(PATH, {"dialect": "mysql", "items": []}) == {"results": {}}
    daemon.post_rejected(PATH, {"dialect": "x", "items": []}, "unsupported_dialect")
