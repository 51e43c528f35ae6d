"""Introspection of BigQuery on the emulator; rights, regions and partitions, which it does not have, are played."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bigquery import DATASET, PROJECT, Call, Jobs, Reply, Result, connection_url, failure, play, run
from tests.daemon import Daemon
from tests.introspection import (
    column_values,
    foreign_key_values,
    introspect,
    introspect_rejected,
    tables_by_name,
)

SCHEMA = [
    """CREATE TABLE customers (id INT64 NOT NULL, day DATE NOT NULL OPTIONS(description = 'Day of the "first" order'),
        address STRUCT<city STRING, phones ARRAY<STRUCT<kind STRING, number STRING>>>,
        PRIMARY KEY (id, day) NOT ENFORCED)
        OPTIONS(description = "Who's who\nin one table", labels = [("team", "sales")])""",
    """CREATE TABLE orders (id INT64, customer INT64, day DATE,
        FOREIGN KEY (customer, day) REFERENCES tpch.customers(id, day) NOT ENFORCED)""",
    "INSERT INTO customers (id, day) VALUES (1, '2026-01-02'), (2, '2026-01-03')",
    "CREATE VIEW big AS SELECT id FROM customers",
    "CREATE TABLE events_20240101 (a INT64, b STRING)",
    "CREATE TABLE events_20240102 (a INT64, b STRING)",
    "INSERT INTO events_20240101 VALUES (1, 'w')",
    "INSERT INTO events_20240102 VALUES (2, 'x'), (3, 'y')",
    "CREATE TABLE events_intraday (a INT64, b STRING)",
    "CREATE TABLE total_99999999 (a INT64)",
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.items (name STRING)",
]


@pytest.fixture(scope="module")
def shop(bigquery: int) -> Iterator[int]:
    run(bigquery, "; ".join(SCHEMA))
    yield bigquery
    names = ("orders", "customers", "events_20240101", "events_20240102", "events_intraday", "total_99999999")
    run(bigquery, "; ".join(["DROP VIEW big", *(f"DROP TABLE {name}" for name in names), "DROP SCHEMA shop CASCADE"]))


def read(daemon: Daemon, port: int, **options: Any) -> dict[str, Any]:
    return tables_by_name(introspect(daemon, "bigquery", connection_url(port), **options))


@pytest.fixture(scope="module")
def tables(daemon: Daemon, shop: int) -> dict[str, Any]:
    return read(daemon, shop)


def test_tables_and_views_of_the_data_set_are_read(daemon: Daemon, shop: int) -> None:
    found = introspect(daemon, "bigquery", connection_url(shop))
    limitations = found["metadata"].pop("limitations")
    assert limitations[0].startswith("BigQuery has no read-only session")
    assert found["metadata"] == {"driver": "bigquery", "schemas": [DATASET]}
    kinds = {(table["catalog"], table["db"], table["name"]): table["kind"] for table in found["tables"]}
    names = ("customers", "events_*", "events_intraday", "orders", "total_99999999")
    assert kinds == {(PROJECT, DATASET, "big"): "view", **{(PROJECT, DATASET, name): "table" for name in names}}
    assert "warnings" not in found


def test_views_have_their_definition(tables: dict[str, Any]) -> None:
    assert "SELECT id FROM customers" in tables["big"]["definition"]
    assert not any("definition" in table for name, table in tables.items() if name != "big")


def test_columns_have_types_comments_and_fields(tables: dict[str, Any]) -> None:
    customers = tables["customers"]
    assert customers["comment"] == "Who's who\nin one table"
    nested = "STRUCT<city STRING, phones ARRAY<STRUCT<kind STRING, number STRING>>>"
    assert column_values(customers) == [
        ("id", "INT64", False, True, None),
        ("day", "DATE", False, True, 'Day of the "first" order'),
        ("address", nested, True, False, None),
    ]
    assert [(field["path"], field["type"]) for field in customers["columns"][2]["fields"]] == [
        (["city"], "STRING"),
        (["phones"], "ARRAY<STRUCT<kind STRING, number STRING>>"),
        (["phones", "kind"], "STRING"),
        (["phones", "number"], "STRING"),
    ]
    assert "fields" not in customers["columns"][0]


def test_keys_are_marked_as_not_enforced(tables: dict[str, Any]) -> None:
    assert tables["customers"]["primary_key_enforced"] is False
    assert "primary_key_enforced" not in tables["orders"]
    keys = tables["orders"]["foreign_keys"]
    name = keys[0]["constraint_name"]
    assert foreign_key_values(tables["orders"]) == [
        ("customer", DATASET, "customers", "id", name),
        ("day", DATASET, "customers", "day", name),
    ]
    assert [key["enforced"] for key in keys] == [False, False]


def test_storage_and_labels_are_described(tables: dict[str, Any]) -> None:
    assert (tables["customers"]["estimated_rows"], tables["customers"]["labels"]) == (2, {"team": "sales"})
    assert tables["customers"]["bytes"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", tables["customers"]["modified_at"])
    assert tables["big"]["estimated_rows"] is None
    assert not {"bytes", "modified_at", "labels"} & set(tables["big"])


def test_tables_sharded_by_day_are_one_table(daemon: Daemon, shop: int, tables: dict[str, Any]) -> None:
    events = tables["events_*"]
    assert [column[:2] for column in column_values(events)] == [
        ("a", "INT64"),
        ("b", "STRING"),
        ("_TABLE_SUFFIX", "STRING"),
    ]
    assert events["estimated_rows"] == 3
    assert events["comment"] == (
        "2 tables by day, events_20240101 to events_20240102: filter _TABLE_SUFFIX to read some of them, and to leave "
        "out events_intraday, which has the prefix too"
    )
    found = daemon.post_ok("/sql/execute", {
        "connection_id": "w",
        "driver": "bigquery",
        "url": connection_url(shop),
        "sql": "SELECT COUNT(b) AS n FROM `events_*` WHERE _TABLE_SUFFIX = '20240102'",
    })  # fmt: skip
    assert found["rows"] == [[2]]


def test_requested_data_sets_are_read(daemon: Daemon, shop: int) -> None:
    def names(**options: Any) -> set[str]:
        return set(read(daemon, shop, names_only=True, **options))

    assert names(schemas=["shop"]) == {"items"}
    assert names(schemas=[f"{PROJECT}.shop", DATASET], include=["*s"]) == {"customers", "items", "orders"}
    url = connection_url(shop, dataset="")
    assert introspect(daemon, "bigquery", url, names_only=True)["metadata"]["schemas"] == ["shop", DATASET]
    detail = introspect_rejected(daemon, "bigquery", url, "schema_not_found", schemas=["Shop"])
    assert "no data set 'ktx.Shop'" in detail


def listed(name: str, **more: Any) -> dict[str, Any]:
    return {"tableReference": {"projectId": PROJECT, "datasetId": "eu_a", "tableId": name}, "type": "TABLE", **more}


TABLES = [
    listed("daily", timePartitioning={"type": "DAY"}, requirePartitionFilter=True, clustering={"fields": ["a", "b"]}),
    listed("monthly", timePartitioning={"type": "MONTH", "field": "day"}),
    listed("ranged", rangePartitioning={"field": "a", "range": {"start": "0", "end": "100", "interval": "10"}}),
    listed("sheet", type="EXTERNAL"),
]
DATASETS = {"eu_a": "EU", "eu_b": "EU", "us_a": "US"}
DENIED = failure(403, "accessDenied", "Access Denied: User does not have permission bigquery.tables.list in region")


def find(sql: str) -> Result | Reply:
    if "TABLE_STORAGE" in sql or "__TABLES__" in sql or "KEY_COLUMN_USAGE" in sql:
        return DENIED
    if "COLUMN_FIELD_PATHS" in sql:
        rows = [["eu_a", table, 1, "a", True, "a", "INT64", "note"] for table in ("daily", "monthly", "unlisted")]
        return "STRING STRING INTEGER STRING BOOLEAN STRING STRING STRING", rows
    return "STRING STRING STRING", [["eu_a", "daily", '"Says \\"hi\\" \\u00fc"']]


def warehouse(find: Any, pages: bool = False) -> Any:
    """Return the answers of three data sets in two locations."""
    jobs = Jobs(find)

    def answer(call: Call) -> Reply | None:
        parts = call.path.split("/")
        if call.method == "POST" or "queries" in parts:
            return jobs(call)
        if parts[1:] == ["datasets"]:
            described = [{"datasetReference": {"projectId": PROJECT, "datasetId": name}, "location": place}
                         for name, place in DATASETS.items()]  # fmt: skip
            return Reply({"datasets": described})
        if parts[-1] != "tables":
            return Reply({"datasetReference": {"projectId": parts[0], "datasetId": parts[-1]}, "location": "EU"})
        if parts[2] != "eu_a":
            return Reply({})
        start = int(call.parameters.get("pageToken", 0))
        return Reply({"tables": TABLES[start : start + 1], "nextPageToken": str(start + 1)} if pages and
                     start + 1 < len(TABLES) else {"tables": TABLES[start:]})  # fmt: skip

    return answer


def test_partitions_are_described(daemon: Daemon) -> None:
    with play(warehouse(find)) as player:
        tables = tables_by_name(introspect(daemon, "bigquery", connection_url(player.port, dataset="")))
    daily = tables["daily"]
    assert (daily["partition_key"], daily["partition_filter_required"]) == (
        "TIMESTAMP_TRUNC(_PARTITIONTIME, DAY)",
        True,
    )
    assert daily["sorting_key"] == "a, b"
    assert [column["name"] for column in daily["columns"]] == ["a", "_PARTITIONTIME"]
    monthly = tables["monthly"]
    assert (monthly["partition_key"], monthly["partition_filter_required"]) == ("TIMESTAMP_TRUNC(day, MONTH)", False)
    assert [column["name"] for column in monthly["columns"]] == ["a"]
    assert tables["ranged"]["partition_key"] == "RANGE_BUCKET(a, GENERATE_ARRAY(0, 100, 10))"
    assert (tables["sheet"]["engine"], tables["sheet"]["variant"]) == ("EXTERNAL", "external_table")
    assert daily["comment"] == 'Says "hi" ü'


def test_locations_are_read_by_one_job_for_each_view(daemon: Daemon) -> None:
    with play(warehouse(find)) as player:
        introspect(daemon, "bigquery", connection_url(player.port, dataset=""))
    places = [re.findall(r"`[\w-]+`\.`[\w-]+`", sql) for sql in player.statements]
    assert places[:2] == [["`ktx`.`region-eu`"] * 2, ["`ktx`.`region-eu`"]]
    assert [names for names in places[2:] if "`ktx`.`region-us`" in names] == []
    jobs = [call.body["jobReference"] for call in player.calls if call.path.endswith("/jobs")]
    assert {job["location"] for job in jobs} == {"EU"}


def test_missing_rights_in_the_project_are_made_up_by_those_of_data_sets(daemon: Daemon) -> None:
    with play(warehouse(lambda sql: DENIED if "region-" in sql else find(sql))) as player:
        found = introspect(daemon, "bigquery", connection_url(player.port, dataset=""))
    assert len(tables_by_name(found)["daily"]["columns"]) == 2
    columns = [sql for sql in player.statements if "COLUMN_FIELD_PATHS" in sql]
    assert [sql.count("UNION ALL") for sql in columns] == [0, 1]
    assert columns[1].count("`ktx`.`eu_b`.INFORMATION_SCHEMA") == 2


def test_missing_rights_to_sizes_and_keys_are_a_warning(daemon: Daemon) -> None:
    with play(warehouse(find)) as player:
        found = introspect(daemon, "bigquery", connection_url(player.port, dataset="eu_a"))
    (warning,) = found["warnings"]
    assert warning.endswith("Ask for the role roles/bigquery.metadataViewer in the project ktx")


def test_names_only_is_free_of_charge(daemon: Daemon) -> None:
    with play(warehouse(find, pages=True)) as player:
        url = connection_url(player.port, dataset="eu_a")
        found = tables_by_name(introspect(daemon, "bigquery", url, names_only=True))
    assert set(found) == {"daily", "monthly", "ranged", "sheet"}
    assert player.statements == []


def test_data_sets_of_another_project_are_read(daemon: Daemon) -> None:
    with play(warehouse(find)) as player:
        url = connection_url(player.port, dataset="eu_a")
        found = introspect(daemon, "bigquery", url, schemas=["other.eu_a"])
    assert found["metadata"]["schemas"] == ["other.eu_a"]
    assert {table["catalog"] for table in found["tables"]} == {"other"}
    assert "`other`.`eu_a`.INFORMATION_SCHEMA" in player.statements[0]
    assert {call.path.split("/")[0] for call in player.calls if call.path.endswith("/jobs")} == {PROJECT}
