"""Resolution of `sql_table_name`: every dialect, every reason."""

from __future__ import annotations

import pytest

from tests.daemon import Daemon


def parse(daemon: Daemon, text: str, dialect: str = "postgres") -> dict[str, object]:
    items = [{"key": "k", "sql_table_name": text, "dialect": dialect}]
    return daemon.post_ok("/sql/parse-table-identifier", {"items": items})["results"]["k"]


@pytest.mark.parametrize(
    ("dialect", "text", "catalog", "schema", "name", "canonical"),
    [
        ("postgres", "orders", None, None, "orders", "orders"),
        ("postgres", 'public."Order Details"', None, "public", "Order Details", 'public."Order Details"'),
        ("postgres", '"a""b"', None, None, 'a"b', '"a""b"'),
        ("postgres", "db.public.größe", "db", "public", "größe", "db.public.größe"),
        ("redshift", "dev.public.orders", "dev", "public", "orders", "dev.public.orders"),
        ("mysql", "`shop`.`order items`", None, "shop", "order items", "`shop`.`order items`"),
        ("sqlite", "main.orders", None, "main", "orders", "main.orders"),
        ("tsql", "[db].[dbo].[Order Details]", "db", "dbo", "Order Details", "[db].[dbo].[Order Details]"),
        ("tsql", "srv.db.dbo.orders", "srv.db", "dbo", "orders", "srv.db.dbo.orders"),
        ("tsql", "db..orders", "db", None, "orders", "db..orders"),
        ("clickhouse", "db.events FINAL", None, "db", "events", "db.events"),
        ("clickhouse", "db.events FINAL SAMPLE 0.1", None, "db", "events", "db.events"),
        ("clickhouse", "events FINAL SAMPLE 1/10 OFFSET 1/2", None, None, "events", "events"),
        ("clickhouse", "events AS e FINAL SAMPLE 0.1", None, None, "events", "events"),
        ("clickhouse", "events e SAMPLE 0.1", None, None, "events", "events"),
        ("clickhouse", "system.query_log", None, "system", "query_log", "system.query_log"),
        ("clickhouse", "system.query_log FINAL", None, "system", "query_log", "system.query_log"),
        ("mysql", '"shop"."orders"', None, "shop", "orders", "`shop`.`orders`"),
        ("mysql", '"shop".orders o', None, "shop", "orders", "`shop`.orders"),
        ("singlestore", '"orders"', None, None, "orders", "`orders`"),
        ("spark", '"shop"."orders"', None, "shop", "orders", "`shop`.`orders`"),
        ("oracle", "hr.emp@remote.example.com", "remote.example.com", "hr", "emp", "hr.emp@remote.example.com"),
        ("oracle", "emp@remote e", "remote", None, "emp", "emp@remote"),
        ("oracle", "hr.emp", None, "hr", "emp", "hr.emp"),
        ("teradata", "hr.emp@server", "server", "hr", "emp", "hr.emp@server"),
        ("tsql", "dbo.e@mp", None, "dbo", "e@mp", "dbo.e@mp"),
        ("duckdb", 'file.main."t 1"', "file", "main", "t 1", 'file.main."t 1"'),
        ("databricks", "hive_metastore.default.t", "hive_metastore", "default", "t", "hive_metastore.default.t"),
        ("trino", 'hive.web."click-log"', "hive", "web", "click-log", 'hive.web."click-log"'),
        ("athena", 'awsdatacatalog.db."t"', "awsdatacatalog", "db", "t", 'awsdatacatalog.db."t"'),
        ("snowflake", '"DB"."S"."orders"', "DB", "S", "orders", '"DB"."S"."orders"'),
        ("bigquery", "`my-project.shop.orders`", "my-project", "shop", "orders", "my-project.shop.orders"),
        ("bigquery", "`my-project`.shop.orders", "my-project", "shop", "orders", "my-project.shop.orders"),
        ("bigquery", "`my-project`.`shop`.`orders`", "my-project", "shop", "orders", "my-project.shop.orders"),
        ("bigquery", "`my-project-1.shop.orders`", "my-project-1", "shop", "orders", "my-project-1.shop.orders"),
        ("bigquery", "`p.shop.t 1`", "p", "shop", "t 1", "p.shop.`t 1`"),
        ("bigquery", "`p.shop.my-table`", "p", "shop", "my-table", "p.shop.`my-table`"),
        ("bigquery", "`shop`.`orders`", None, "shop", "orders", "shop.orders"),
        ("bigquery", "my-project.shop.orders", "my-project", "shop", "orders", "my-project.shop.orders"),
        ("bigquery", "p.shop.events_*", "p", "shop", "events_*", "p.shop.`events_*`"),
    ],
)
def test_reference_is_split_into_its_parts(
    daemon: Daemon, dialect: str, text: str, catalog: str | None, schema: str | None, name: str, canonical: str
) -> None:
    assert parse(daemon, text, dialect) == {
        "ok": True,
        "catalog": catalog,
        "schema": schema,
        "name": name,
        "canonical_table": canonical,
    }


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("postgres", "public.orders o"),
        ("postgres", "public.orders AS o"),
        ("postgres", "public.orders o(a, b)"),
        ("postgres", "ONLY public.orders"),
        ("postgres", "  public . orders  -- a comment\n;"),
        ("postgres", "(public.orders)"),
        ("postgres", "public.orders TABLESAMPLE BERNOULLI (10)"),
        ("tsql", "public.orders WITH (NOLOCK)"),
        ("mysql", "public.orders USE INDEX (i)"),
        ("snowflake", "public.orders AT (TIMESTAMP => '2024-01-01'::timestamp)"),
        ("bigquery", "public.orders FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()"),
    ],
)
def test_text_after_the_reference_is_not_a_second_table(daemon: Daemon, dialect: str, text: str) -> None:
    result = parse(daemon, text, dialect)
    assert (result["ok"], result.get("canonical_table")) == (True, "public.orders"), result


@pytest.mark.parametrize(
    ("dialect", "text", "reason"),
    [
        ("postgres", "${orders.SQL_TABLE_NAME}", "looker_template_unresolved"),
        ("postgres", "@{schema}.orders", "looker_template_unresolved"),
        ("snowflake", "{{ _user_attributes['schema'] }}.orders", "looker_template_unresolved"),
        ("bigquery", "{% if prod %} a.b {% else %} c.d {% endif %}", "looker_template_unresolved"),
        ("postgres", "(SELECT 1) x", "derived_table_not_supported"),
        ("postgres", "((SELECT * FROM a JOIN b ON true)) x", "derived_table_not_supported"),
        ("postgres", "SELECT * FROM orders", "derived_table_not_supported"),
        ("postgres", "WITH a AS (SELECT 1) SELECT * FROM a", "derived_table_not_supported"),
        ("postgres", "orders UNION SELECT * FROM b", "derived_table_not_supported"),
        ("postgres", "orders WHERE a = 1", "derived_table_not_supported"),
        ("postgres", "(VALUES (1)) v", "derived_table_not_supported"),
        ("postgres", "generate_series(1, 10)", "derived_table_not_supported"),
        ("postgres", "unnest(array[1])", "derived_table_not_supported"),
        ("postgres", "LATERAL f(1)", "derived_table_not_supported"),
        ("snowflake", "TABLE(flatten(x))", "derived_table_not_supported"),
        ("duckdb", "'file.csv'", "derived_table_not_supported"),
        ("duckdb", "read_csv('file.csv')", "derived_table_not_supported"),
        ("postgres", "", "no_physical_table"),
        ("postgres", " -- nothing", "no_physical_table"),
        ("postgres", "$1", "no_physical_table"),
        ("snowflake", "@stage", "no_physical_table"),
        ("snowflake", "IDENTIFIER('a.b')", "no_physical_table"),
        ("tsql", "#orders", "no_physical_table"),
        ("tsql", "##orders", "no_physical_table"),
        ("tsql", "tempdb..#orders", "no_physical_table"),
        ("tsql", "[#orders]", "no_physical_table"),
        ("postgres", "public.orders@remote", "parse_error"),
        ("mysql", "shop.orders@remote", "parse_error"),
        ("postgres", "orders OFFSET 5", "derived_table_not_supported"),
        ("clickhouse", "events FINAL WHERE a", "derived_table_not_supported"),
        ("postgres", "execute.a; DROP TABLE b", "parse_error"),
        ("postgres", "a, b", "multiple_table_references"),
        ("postgres", "a JOIN b ON a.id = b.id", "multiple_table_references"),
        ("postgres", "(a JOIN b ON a.id = b.id)", "multiple_table_references"),
        ("postgres", "a; DROP TABLE b", "parse_error"),
        ("postgres", "a b c", "parse_error"),
        ("postgres", 'a."b', "parse_error"),
        ("nonsense", "orders", "unsupported_dialect"),
        ("postgres, normalize=true", "orders", "unsupported_dialect"),
    ],
)
def test_unresolved_reference_has_a_reason(daemon: Daemon, dialect: str, text: str, reason: str) -> None:
    result = parse(daemon, text, dialect)
    assert result["ok"] is False
    assert result["reason"] == reason, result
    assert result["detail"]


def test_positions_refer_to_the_reference(daemon: Daemon) -> None:
    assert str(parse(daemon, "abc def ghi")["detail"]).endswith("at line 1, column 9")


def test_invalid_item_does_not_affect_others(daemon: Daemon) -> None:
    texts = {"a": "x.y", "": "SELECT", "größe": "(" * 5000, "b": "z"}
    items = [{"key": key, "sql_table_name": text, "dialect": "postgres"} for key, text in texts.items()]
    results = daemon.post_ok("/sql/parse-table-identifier", {"items": items})["results"]
    assert {key: result["ok"] for key, result in results.items()} == {"a": True, "": False, "größe": False, "b": True}
    assert daemon.post_ok("/sql/parse-table-identifier", {"items": []}) == {"results": {}}


def test_duplicate_key_is_named(daemon: Daemon) -> None:
    items = [{"key": key, "sql_table_name": "t", "dialect": "postgres"} for key in ("a", "b", "a")]
    assert "'a'" in daemon.post_rejected("/sql/parse-table-identifier", {"items": items}, "duplicate_key")
