"""Introspection of Snowflake, on recorded answers of its information schema and of SHOW."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ktx_daemon.warehouses.snowflake import show
from tests.daemon import Daemon
from tests.introspection import column_values, foreign_key_values, introspect, introspect_rejected, tables_by_name
from tests.snowflake import Answer, Failure, snowflake_server, texts

USER = "ada:hunter2-of-snowflake@"
SCHEMAS = ("name", "database_name")
TABLES = ("TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "COMMENT", "ROW_COUNT", "BYTES", "CLUSTERING_KEY", "MODIFIED")
VIEWS = "VIEW_DEFINITION"
COLUMNS = (
    *("TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "IS_NULLABLE", "CHARACTER_MAXIMUM_LENGTH"),
    *("NUMERIC_PRECISION", "NUMERIC_SCALE", "COMMENT"),
)
DEFAULTS = ("COLUMN_DEFAULT", "IS_IDENTITY")
OBJECTS = ("name", "schema_name", "kind", "comment", "cluster_by", "rows", "bytes")
PRIMARY = ("schema_name", "table_name", "column_name", "key_sequence", "constraint_name")
TAGS = ("SCHEMA_NAME", "TABLE_NAME", "COLUMN_NAME", "TAG", "TAG_VALUE")
POLICIES = ("SCHEMA_NAME", "TABLE_NAME", "COLUMN_NAME", "POLICY_KIND", "POLICY")
IMPORTED = (
    *("pk_database_name", "pk_schema_name", "pk_table_name", "pk_column_name"),
    *("fk_schema_name", "fk_table_name", "fk_column_name", "key_sequence", "fk_name"),
)
ITEM = {
    "type": "OBJECT",
    "nullable": True,
    "fields": [
        {"fieldName": "sku", "fieldType": {"type": "TEXT", "nullable": True}},
        {
            "fieldName": "prices",
            "fieldType": {"type": "ARRAY", "fields": [{"fieldType": {"type": "FIXED", "precision": 10, "scale": 2}}]},
        },
    ],
}
VECTOR = {"type": "VECTOR", "nullable": True, "dimension": 3, "vectorElementType": "FLOAT"}

ANSWERS: list[tuple[str, Answer]] = [
    (
        r"SHOW TERSE SCHEMAS IN DATABASE \"SHOP\"",
        texts(SCHEMAS, ["INFORMATION_SCHEMA", "SHOP"], ["PUBLIC", "SHOP"], ["raw", "SHOP"]),
    ),
    (r"SHOW TERSE SCHEMAS IN DATABASE \"OTHER\"", texts(SCHEMAS, ["PUBLIC", "OTHER"])),
    (
        r"SHOW TERSE SCHEMAS",
        Failure("002043", "SQL compilation error: Object does not exist, or operation cannot be performed."),
    ),
    (
        r"\"SHOP\".INFORMATION_SCHEMA.TABLES",
        texts(
            (*TABLES, VIEWS),
            ["PUBLIC", "ORDERS", "BASE TABLE", "What was bought", 1200, 4096, "LINEAR(DAY, ID)", 1767323045, None],
            ["PUBLIC", "CUSTOMERS", "BASE TABLE", None, 7, 512, None, 1767323045, None],
            ["PUBLIC", "große View", "VIEW", None, None, None, None, 1767323045, "CREATE VIEW v AS SELECT 1"],
            ["raw", "EVENTS", "EXTERNAL TABLE", None, None, None, None, None, None],
        ),
    ),
    (
        r"\"SHOP\".INFORMATION_SCHEMA.COLUMNS",
        texts(
            (*COLUMNS, *DEFAULTS),
            ["PUBLIC", "CUSTOMERS", "ID", "NUMBER", "NO", None, 38, 0, None, None, "YES"],
            ["PUBLIC", "ORDERS", "ID", "NUMBER", "NO", None, 38, 0, "Number of the order", None, "NO"],
            ["PUBLIC", "ORDERS", "CUSTOMER", "NUMBER", "YES", None, 38, 0, None, None, "NO"],
            ["PUBLIC", "ORDERS", "NAME", "TEXT", "YES", 40, None, None, None, "'none'", "NO"],
            ["PUBLIC", "ORDERS", "AT", "TIMESTAMP_NTZ", "YES", None, None, None, None, None, "NO"],
            ["PUBLIC", "ORDERS", "ITEM", "OBJECT", "YES", None, None, None, None, None, "NO"],
            ["PUBLIC", "ORDERS", "DOC", "VARIANT", "YES", None, None, None, None, None, "NO"],
            ["PUBLIC", "ORDERS", "EMBEDDING", "VECTOR", "YES", None, None, None, None, None, "NO"],
            ["PUBLIC", "ORDERS", "TAGS", "ARRAY", "YES", None, None, None, None, None, "NO"],
        ),
    ),
    (
        r"SHOW COLUMNS IN SCHEMA \"SHOP\"\.\"PUBLIC\"",
        texts(
            ("schema_name", "table_name", "column_name", "data_type"),
            ["PUBLIC", "ORDERS", "ITEM", json.dumps(ITEM)],
            ["PUBLIC", "ORDERS", "EMBEDDING", json.dumps(VECTOR)],
            ["PUBLIC", "ORDERS", "TAGS", '{"type":"ARRAY","nullable":true}'],
        ),
    ),
    (
        r"SHOW PRIMARY KEYS",
        texts(PRIMARY, ["PUBLIC", "ORDERS", "ID", 1, "PK_O"], ["PUBLIC", "CUSTOMERS", "ID", 1, "PK_C"]),
    ),
    (
        r"SHOW UNIQUE KEYS",
        texts(
            PRIMARY,
            ["PUBLIC", "ORDERS", "NAME", 2, "U_B"],
            ["PUBLIC", "ORDERS", "AT", 1, "U_B"],
            ["PUBLIC", "ORDERS", "CUSTOMER", 1, "U_A"],
            ["PUBLIC", "GONE", "ID", 1, "U_C"],
        ),
    ),
    (
        r"TAG_REFERENCES\s.*object_database = 'SHOP'",
        texts(
            TAGS,
            ["PUBLIC", "ORDERS", None, "GOV.TAGS.OWNER", "sales"],
            ["PUBLIC", "ORDERS", None, "GOV.TAGS.TIER", None],
            ["PUBLIC", "ORDERS", "NAME", "GOV.TAGS.PII", "name"],
            ["PUBLIC", "GONE", "NAME", "GOV.TAGS.PII", "name"],
        ),
    ),
    (
        r"POLICY_REFERENCES\s.*ref_database_name = 'SHOP'",
        texts(
            POLICIES,
            ["PUBLIC", "ORDERS", "NAME", "MASKING_POLICY", "GOV.POLICIES.MASK"],
            ["raw", "EVENTS", None, "ROW_ACCESS_POLICY", "GOV.POLICIES.REGION"],
        ),
    ),
    (
        r"(TAG|POLICY)_REFERENCES",
        Failure("002003", "SQL compilation error:\nDatabase 'SNOWFLAKE' does not exist or not authorized."),
    ),
    (
        r"SHOW IMPORTED KEYS",
        texts(
            IMPORTED,
            ["SHOP", "PUBLIC", "CUSTOMERS", "ID", "PUBLIC", "ORDERS", "CUSTOMER", 1, "FK_C"],
            ["OTHER", "PUBLIC", "CUSTOMERS", "ID", "PUBLIC", "ORDERS", "ID", 1, "FK_O"],
        ),
    ),
    (
        r"SHOW OBJECTS",
        texts(
            OBJECTS,
            ["ORDERS", "PUBLIC", "TABLE", "What was bought", "LINEAR(DAY, ID)", 1200, 4096],
            ["große View", "PUBLIC", "VIEW", "", "", "", ""],
        ),
    ),
    (
        r"SHOW WAREHOUSES",
        texts(("name", "state", "auto_resume"), ["OTHER", "STARTED", "true"], ["WH", "SUSPENDED", "true"]),
    ),
    (
        r"SHOW GRANTS TO ROLE \"ANALYST\"",
        texts(("privilege", "granted_on", "name"), ["USAGE", "DATABASE", "SHOP"], ["USAGE", "ROLE", "LOADER"]),
    ),
    (
        r"SHOW GRANTS TO ROLE \"LOADER\"",
        texts(("privilege", "granted_on", "name"), ["SELECT", "TABLE", "T"], ["INSERT", "TABLE", "T"]),
    ),
    (r"\"OTHER\".INFORMATION_SCHEMA.TABLES", texts(TABLES, ["PUBLIC", "T", "BASE TABLE", None, 0, 0, None, None])),
    (
        r"\"OTHER\".INFORMATION_SCHEMA.COLUMNS",
        texts(COLUMNS, ["PUBLIC", "T", "A", "FLOAT", "YES", None, None, None, None]),
    ),
]


def respond(sql: str) -> Answer:
    return next(answer for pattern, answer in ANSWERS if re.search(pattern, sql, re.DOTALL))


def scan(
    daemon: Daemon, path: str = "shop", answer: Callable[[str], Answer] = respond, **options: Any
) -> tuple[dict[str, Any], list[str]]:
    with snowflake_server(answer) as (server, seen):
        found = introspect(daemon, "snowflake", f"snowflake://{USER}acme/{path}?{server}", **options)
    return found, [" ".join(sql.split()) for sql in seen.statements]


@pytest.fixture(scope="module")
def shop(daemon: Daemon) -> tuple[dict[str, Any], list[str]]:
    return scan(daemon)


def test_tables_and_views_of_a_database_are_read(shop: tuple[dict[str, Any], list[str]]) -> None:
    found, _ = shop
    assert found["metadata"]["schemas"] == ["PUBLIC", "raw"]
    assert "no read-only session" in found["metadata"]["limitations"][0]
    kinds = {(table["catalog"], table["db"], table["name"]): table["kind"] for table in found["tables"]}
    assert kinds == {
        ("SHOP", "PUBLIC", "CUSTOMERS"): "table",
        ("SHOP", "PUBLIC", "ORDERS"): "table",
        ("SHOP", "PUBLIC", "große View"): "view",
        ("SHOP", "raw", "EVENTS"): "table",
    }


def test_storage_of_a_table_is_described(shop: tuple[dict[str, Any], list[str]]) -> None:
    tables = tables_by_name(shop[0])
    orders = tables["ORDERS"]
    assert (orders["comment"], orders["estimated_rows"], orders["bytes"]) == ("What was bought", 1200, 4096)
    assert (orders["sorting_key"], orders["modified_at"]) == ("DAY, ID", "2026-01-02T03:04:05+00:00")
    view = tables["große View"]
    assert (view["estimated_rows"], "bytes" in view) == (None, False)


def test_columns_have_types_and_comments(shop: tuple[dict[str, Any], list[str]]) -> None:
    columns = column_values(tables_by_name(shop[0])["ORDERS"])
    assert columns[:4] == [
        ("ID", "NUMBER(38, 0)", False, True, "Number of the order"),
        ("CUSTOMER", "NUMBER(38, 0)", True, False, None),
        ("NAME", "VARCHAR(40)", True, False, None),
        ("AT", "TIMESTAMP_NTZ", True, False, None),
    ]
    assert [column[1] for column in columns[4:]] == [
        "OBJECT(sku VARCHAR, prices ARRAY(NUMBER(10, 2)))",
        "VARIANT",
        "VECTOR(FLOAT, 3)",
        "ARRAY",
    ]


def test_structured_columns_have_their_fields(shop: tuple[dict[str, Any], list[str]]) -> None:
    columns = {column["name"]: column for column in tables_by_name(shop[0])["ORDERS"]["columns"]}
    fields = [(field["path"], field["type"]) for field in columns["ITEM"]["fields"]]
    assert fields == [(["sku"], "VARCHAR"), (["prices"], "ARRAY(NUMBER(10, 2))")]
    assert not any("fields" in columns[name] for name in ("DOC", "EMBEDDING", "TAGS"))


def test_keys_are_marked_as_not_enforced(shop: tuple[dict[str, Any], list[str]]) -> None:
    orders = tables_by_name(shop[0])["ORDERS"]
    assert orders["primary_key_enforced"] is False
    assert foreign_key_values(orders) == [("CUSTOMER", "PUBLIC", "CUSTOMERS", "ID", "FK_C")]
    assert orders["foreign_keys"][0]["enforced"] is False
    assert (orders["unique_keys"], orders["unique_keys_enforced"]) == ([["CUSTOMER"], ["AT", "NAME"]], False)
    assert "unique_keys_enforced" not in tables_by_name(shop[0])["CUSTOMERS"]


def test_tags_and_policies_are_read(shop: tuple[dict[str, Any], list[str]]) -> None:
    tables = tables_by_name(shop[0])
    columns = {column["name"]: column for column in tables["ORDERS"]["columns"]}
    assert tables["ORDERS"]["labels"] == {"GOV.TAGS.OWNER": "sales", "GOV.TAGS.TIER": ""}
    assert columns["NAME"]["labels"] == {"GOV.TAGS.PII": "name"}
    assert columns["NAME"]["masking_policy"] == "GOV.POLICIES.MASK"
    assert not {"labels", "masking_policy"} & set(columns["ID"])
    assert [name for name, table in tables.items() if table.get("row_security")] == ["EVENTS"]
    assert "warnings" not in shop[0]


def test_tags_and_policies_without_the_right_are_a_warning(daemon: Daemon) -> None:
    found, _ = scan(daemon, "other")
    assert found["warnings"] == [
        "Tags and policies of OTHER are not read, as the role ANALYST may not. Ask for: "
        "GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE ANALYST"
    ]


def test_variants_definitions_and_defaults_are_read(shop: tuple[dict[str, Any], list[str]]) -> None:
    tables = tables_by_name(shop[0])
    assert tables["EVENTS"]["variant"] == "external_table"
    assert tables["große View"]["definition"] == "CREATE VIEW v AS SELECT 1"
    assert {column["name"]: column["default"] for column in tables["ORDERS"]["columns"] if "default" in column} == {
        "NAME": "'none'"
    }
    assert tables["CUSTOMERS"]["columns"][0]["generated"] == "identity"


def test_number_of_statements_does_not_depend_on_that_of_tables(shop: tuple[dict[str, Any], list[str]]) -> None:
    assert len(shop[1]) == 9


def test_names_are_read_without_a_warehouse(daemon: Daemon) -> None:
    found, statements = scan(daemon, names_only=True)
    assert all(sql.startswith("SHOW ") for sql in statements)
    orders = tables_by_name(found)["ORDERS"]
    assert (orders["estimated_rows"], orders["columns"], orders["kind"]) == (1200, [], "table")
    assert tables_by_name(found)["große View"]["kind"] == "view"


def test_connection_test_warns_of_the_warehouse_and_the_role(daemon: Daemon) -> None:
    found, _ = scan(daemon, names_only=True)
    assert found["warnings"] == [
        "The warehouse WH is suspended: the first scan or query resumes it",
        "The role ANALYST may write: INSERT (1), use a role that may only read",
    ]


def test_requested_schemas_of_several_databases_are_read(daemon: Daemon) -> None:
    found, _ = scan(daemon, schemas=["public", '"raw"', "other.*"], include=["public.o*", "T"])
    assert found["metadata"]["schemas"] == ["OTHER.PUBLIC", "SHOP.PUBLIC", "SHOP.raw"]
    assert [(table["catalog"], table["name"]) for table in found["tables"]] == [("OTHER", "T"), ("SHOP", "ORDERS")]


def test_schema_of_the_url_is_read_alone(daemon: Daemon) -> None:
    found, statements = scan(daemon, "shop/public")
    assert found["metadata"]["schemas"] == ["PUBLIC"]
    assert any("table_schema IN ('PUBLIC')" in sql for sql in statements)
    assert 'SHOW PRIMARY KEYS IN SCHEMA "SHOP"."PUBLIC"' in statements


@pytest.mark.parametrize(
    ("options", "code", "detail"),
    [
        ({"schemas": ["nope"]}, "schema_not_found", "has no schema 'NOPE'"),
        ({"schemas": ["gone.public"]}, "database_not_found", "has no database 'GONE'"),
        ({"schemas": ["a.b.c"]}, "invalid_value", "'a.b.c' is not a schema"),
    ],
)
def test_missing_schemas_are_errors(daemon: Daemon, options: dict[str, Any], code: str, detail: str) -> None:
    with snowflake_server(respond) as (server, _):
        url = f"snowflake://{USER}acme/shop?{server}"
        assert detail in introspect_rejected(daemon, "snowflake", url, code, **options)


def test_objects_are_listed_page_by_page() -> None:
    """A page of SHOW has 10,000 rows; the next one begins after its last name."""

    class Pages:
        def query(self, sql: str) -> list[dict[str, str]]:
            start = int(found[1]) if (found := re.search(r" FROM 'T(\d+)'", sql)) else 0
            count = show.MAX_ROWS if start < show.MAX_ROWS else 5
            return [{"name": f"T{number}"} for number in range(start + 1, start + count + 1)]

    rows = show._show_pages(Pages(), "SHOP", "PUBLIC")  # type: ignore[arg-type]
    assert len(rows) == show.MAX_ROWS + 5
    assert len({row["name"] for row in rows}) == len(rows)
