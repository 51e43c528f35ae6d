"""Spark Connect on Sail, a real engine: queries, limits, errors, the end of statements, and scans."""

from __future__ import annotations

import ssl
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.warehouses.connection.concurrency import limited, spare
from ktx_daemon.warehouses.connection.target import Target
from tests.daemon import Daemon
from tests.introspection import find_closed_port, introspect
from tests.spark import run_statements, tls_proxy
from tests.test_execution_limits import send
from tests.test_postgres_tls import make_certificate

PATH = "/sql/execute"
# Without a join: Sail computes a join of ranges even after its interrupt, which starves its later statements.
ENDLESS = "SELECT sum(id) FROM range(1000000000000) WHERE id % 7 = 1"


def request_body(url: str, sql: str, **options: Any) -> dict[str, Any]:
    return {"connection_id": "w", "driver": "spark", "url": url, "sql": sql, **options}


def execute(daemon: Daemon, url: str, sql: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = daemon.post_ok(PATH, request_body(url, sql, **options))
    return found


def reject(daemon: Daemon, url: str, sql: str, code: str, **options: Any) -> str:
    return daemon.post_rejected(PATH, request_body(url, sql, **options), code)


def target(url: str, **options: Any) -> Target:
    return Target.from_request(ExecuteSql("w", "spark", url, "", **options))


@pytest.fixture(scope="module")
def shop(sail: str) -> str:
    """Return the URL of a schema with a table, a view and a view that is broken."""
    run_statements(
        sail,
        (
            "CREATE SCHEMA shop",
            "CREATE TABLE shop.orders (id INT COMMENT 'the key', `line items` ARRAY<STRUCT<sku: STRING, price: "
            "DECIMAL(9, 2)>>, tags MAP<STRING, STRING>, day DATE) USING parquet PARTITIONED BY (day) COMMENT 'sold'",
            "CREATE VIEW shop.days AS SELECT day FROM shop.orders",
            "CREATE SCHEMA other",
            "CREATE TABLE other.orders (id INT) USING parquet",
        ),
    )
    return sail


def test_columns_have_the_names_and_types_of_the_server(daemon: Daemon, sail: str) -> None:
    found = execute(daemon, sail, "SELECT 1 AS a, 2 AS a, map('k', array(1.5)) AS `b c`")
    assert [(column["name"], column["type"]) for column in found["columns"]] == [
        ("a", "int"),
        ("a", "int"),
        ("b c", "map<string,array<decimal(2,1)>>"),
    ]
    assert found["rows"] == [[1, 2, {"k": [1.5]}]]


def test_result_without_rows_has_columns(daemon: Daemon, sail: str) -> None:
    found = execute(daemon, sail, "SELECT 1 AS a WHERE false")
    assert (found["columns"], found["rows"]) == ([{"name": "a", "type": "int"}], [])


def test_rows_are_limited(daemon: Daemon, sail: str) -> None:
    found = execute(daemon, sail, "SELECT id FROM range(100000) ORDER BY id DESC", max_rows=3)
    assert (found["rows"], found["truncated_by"]) == ([[99999], [99998], [99997]], "rows")
    assert execute(daemon, sail, "SELECT id FROM range(3)", max_rows=3)["truncated"] is False


def test_bytes_are_limited(daemon: Daemon, sail: str) -> None:
    found = execute(daemon, sail, "SELECT repeat('x', 500) FROM range(100)", max_bytes=4096)
    assert (found["truncated_by"], 5 < found["row_count"] < 9) == ("bytes", True)


def test_nulls_between_values_are_kept(daemon: Daemon, sail: str) -> None:
    columns = "if(id % 2 = 0, id, NULL), if(id % 3 = 0, 'x', NULL), if(id % 2 = 1, X'00', NULL)"
    sql = f"SELECT {columns} FROM range(4) ORDER BY id"
    rows = execute(daemon, sail, sql)["rows"]
    assert rows == [[0, "x", None], [None, None, "00"], [2, None, None], [None, "x", "00"]]


def test_statement_ends_at_its_timeout(daemon: Daemon, sail: str) -> None:
    assert "within 0.5 s" in reject(daemon, sail, ENDLESS, "statement_timeout", statement_timeout_ms=500)
    assert execute(daemon, sail, "SELECT 1")["rows"] == [[1]]


def test_request_ends_when_its_caller_disconnects(daemon: Daemon, sail: str) -> None:
    with closing(daemon.connect()) as connection:
        send(daemon, connection, request_body(sail, ENDLESS, statement_timeout_ms=600_000, max_concurrent_statements=1))
    # The next one waits for the place of the first one.
    assert execute(daemon, sail, "SELECT 1", max_concurrent_statements=1)["rows"] == [[1]]


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("SELECT * FROM nope", "failed: Table or view not found: nope"),
        ("SELECT nope FROM range(1)", "nope"),
        ("SELECT 1 / 0", "failed: divide by zero"),
    ],
)
def test_error_of_a_statement_is_one_sentence(daemon: Daemon, sail: str, sql: str, text: str) -> None:
    detail = reject(daemon, sail, sql, "query_failed")
    assert text in detail
    assert "\n" not in detail


def test_unknown_schema_of_the_url(daemon: Daemon, sail: str) -> None:
    url = sail.replace("/?", "/nope?")
    assert "has no schema `nope`" in reject(daemon, url, "SELECT 1", "database_not_found")


def test_servers_that_cannot_be_reached(daemon: Daemon) -> None:
    closed = f"spark://127.0.0.1:{find_closed_port()}/?method=connect"
    assert "connection refused" in reject(daemon, closed, "SELECT 1", "connection_failed")
    unknown = "spark://no-such-host.invalid/?method=connect"
    assert "'no-such-host.invalid' is not known" in reject(daemon, unknown, "SELECT 1", "host_not_found")


def test_server_without_tls(daemon: Daemon, sail: str) -> None:
    response = daemon.post(PATH, request_body(f"{sail}&use_ssl=true", "SELECT 1"))
    assert (response.json()["code"], response.json()["hint"]) == (
        "tls_failed",
        "If the server has no TLS, set use_ssl: false",
    )


def test_server_of_another_protocol(daemon: Daemon, sail: str) -> None:
    port = urlsplit(sail).port
    detail = reject(daemon, f"spark://127.0.0.1:{port}/", "SELECT 1", "connection_failed")
    assert "does not answer as a Thrift server" in detail


def test_certificate_of_the_server_is_verified(daemon: Daemon, sail: str, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, certificate.with_suffix(".key"))
    tls.set_alpn_protocols(["h2"])
    with tls_proxy(urlsplit(sail).port or 0, tls) as port:
        url = f"spark://127.0.0.1:{port}/?method=connect&use_ssl=true"
        assert "cannot be trusted over TLS" in reject(daemon, url, "SELECT 1", "tls_failed")
        assert execute(daemon, f"{url}&ca_cert={certificate}", "SELECT 1")["rows"] == [[1]]
        # A token implies TLS; Sail ignores it.
        url = f"spark://127.0.0.1:{port}/?method=connect&token=secret-token-1234&ca_cert={certificate}"
        assert execute(daemon, url, "SELECT 1")["rows"] == [[1]]


def test_statements_without_effect_only(daemon: Daemon, sail: str) -> None:
    for sql in ("CREATE SCHEMA x", "SET a = b", "SELECT transform(1) USING 'cat'", "SELECT * FROM csv.`/etc/passwd`"):
        reject(daemon, sail, sql, "not_read_only")


def test_scan_reads_tables_views_fields_and_partitions(daemon: Daemon, shop: str) -> None:
    found = scan(daemon, shop, schemas=["shop"])
    orders = next(table for table in found["tables"] if table["name"] == "orders")
    assert {name: orders[name] for name in ("catalog", "db", "kind", "comment", "engine", "partition_key")} == {
        "catalog": None,
        "db": "shop",
        "kind": "table",
        "comment": "sold",
        "engine": "parquet",
        "partition_key": "day",
    }
    key, items, tags, day = orders["columns"]
    assert (key["name"], key["type"], key["comment"]) == ("id", "int", "the key")
    assert [field["path"] for field in items["fields"]] == [["sku"], ["price"]]
    assert (tags["type"], day["type"]) == ("map<string,string>", "date")
    days = next(table for table in found["tables"] if table["name"] == "days")
    assert (days["kind"], [column["name"] for column in days["columns"]]) == ("view", ["day"])
    assert days["definition"].startswith("SELECT day FROM shop")
    assert any("check of KTX" in limitation for limitation in found["metadata"]["limitations"])


def test_scan_of_all_schemas_of_a_catalog_and_of_patterns(daemon: Daemon, shop: str) -> None:
    found = {(table["db"], table["name"]) for table in scan(daemon, shop, names_only=True)["tables"]}
    names = {(schema, name) for schema, name in found if not schema.startswith("ktx_")}
    assert names == {("shop", "orders"), ("shop", "days"), ("other", "orders")}
    (table,) = scan(daemon, shop, schemas=["sail.other"])["tables"]
    assert (table["catalog"], table["db"]) == ("sail", "other")
    found = scan(daemon, shop, include=["shop.*"], exclude=["days"], names_only=True)
    assert [(table["name"], table["columns"]) for table in found["tables"]] == [("orders", [])]
    daemon.post_rejected(
        "/database/introspect",
        {"connection_id": "w", "driver": "spark", "url": shop, "schemas": ["nope"]},
        "schema_not_found",
    )


def scan(daemon: Daemon, url: str, **options: Any) -> dict[str, Any]:
    return introspect(daemon, "spark", url, **options)


def test_spare_statements_do_not_exceed_the_limit() -> None:
    allowed = target("spark://h/", max_concurrent_statements=4)
    with limited(allowed), spare(allowed, 10) as count:
        assert count == 3
        with spare(allowed, 10) as rest:
            assert rest == 0
    with spare(allowed, 2) as count:
        assert count == 2
