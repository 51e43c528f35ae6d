"""Bridges: facts grouped and filtered over links of many rows with many others, and divided by their weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from semantic_layer.checks.validation import validate
from semantic_layer.compiler import compile_query
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.answers import CompiledQuery
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query
from semantic_layer.model.tables import Link, Table
from semantic_layer.scaffolding.scaffold import generate_sources
from tests.semantic.databases import DIALECTS, Database, TableData, connect

# Products 1 and 2 have two tags, 3 has one, 4 has none. One sale has no product. A label is a tag of tags.
TABLES: dict[str, TableData] = {
    "sales": (
        {"id": "int", "product": "int", "amount": "int", "sold": "date"},
        [
            [1, 1, 100, "2024-01-01"],
            [2, 1, 20, "2024-02-01"],
            [3, 2, 40, "2024-02-01"],
            [4, 3, 8, "2024-02-01"],
            [5, 4, 300, "2024-03-01"],
            [6, None, 5000, "2024-03-01"],
            [7, 2, None, "2024-03-01"],
        ],
    ),
    "products": ({"id": "int", "name": "text"}, [[1, "a"], [2, "b"], [3, "c"], [4, "d"]]),
    "tags": ({"id": "int", "name": "text"}, [[1, "new"], [2, "red"], [3, "unused"], [4, None]]),
    "product_tags": (
        {"product": "int", "tag": "int", "share": "decimal"},
        [[1, 1, 0.25], [1, 2, 0.75], [2, 1, 0.5], [2, 4, 0.5], [3, 2, 1]],
    ),
    "suppliers": ({"id": "int", "name": "text"}, [[1, "x"], [2, "y"]]),
    "product_suppliers": ({"product": "int", "supplier": "int"}, [[1, 1], [1, 2], [2, 1], [4, 2]]),
    "labels": ({"id": "int", "name": "text"}, [[1, "l"], [2, "m"]]),
    "tag_labels": ({"tag": "int", "label": "int"}, [[1, 1], [1, 2], [2, 1]]),
}
KINDS = {"int": "number", "decimal": "number", "text": "string", "date": "time"}


def source(name: str, grain: list[str], joins: list[tuple[str, str]], **keys: Any) -> dict[str, Any]:
    return {
        "name": name,
        "table": name,
        "grain": grain,
        "columns": [{"name": column, "type": KINDS[kind]} for column, kind in TABLES[name][0].items()],
        "joins": [{"to": to, "on": f"{column} = {to}.id", "relationship": "many_to_one"} for column, to in joins],
        "measures": [{"name": "rows", "expr": "count(*)"}],
        **keys,
    }


SALES = source(
    "sales",
    ["id"],
    [("product", "products")],
    measures=[
        {"name": "rows", "expr": "count(*)"},
        {"name": "revenue", "expr": "sum(amount)"},
        {"name": "average", "expr": "revenue / rows"},
        {"name": "highest", "expr": "max(amount)"},
    ],
)
MODEL = [
    SALES,
    *(source(name, ["id"], []) for name in ("products", "tags", "suppliers", "labels")),
    source("product_tags", ["product", "tag"], [("product", "products"), ("tag", "tags")], bridge=True),
    source(
        "product_suppliers", ["product", "supplier"], [("product", "products"), ("supplier", "suppliers")], bridge=True
    ),
    source("tag_labels", ["tag", "label"], [("tag", "tags"), ("label", "labels")], bridge=True),
]
WEIGHTED = [{**item, "weight": "share"} if item["name"] == "product_tags" else item for item in MODEL]

TAGGED = "sales s LEFT JOIN product_tags l ON l.product = s.product LEFT JOIN tags t ON t.id = l.tag"
SUPPLIED = "LEFT JOIN product_suppliers m ON m.product = s.product LEFT JOIN suppliers u ON u.id = m.supplier"
BY_TAG = {"measures": ["sales.revenue"], "dimensions": ["tags.name"]}
# Rows, by their grain, once in each group.
IN_GROUPS = f"(SELECT DISTINCT t.name AS tag, u.name AS supplier, s.id, s.amount FROM {TAGGED} {SUPPLIED}) r"

QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "by tag": (BY_TAG, f"SELECT t.name, SUM(s.amount) FROM {TAGGED} GROUP BY t.name"),
    "all aggregates": (
        {
            "measures": ["sales.rows", "avg(sales.amount)", "count(distinct sales.product)", "sales.average"],
            "dimensions": ["tags.name"],
        },
        f"""SELECT t.name, COUNT(*), AVG(s.amount * 1e0), COUNT(DISTINCT s.product), SUM(s.amount) * 1e0 / COUNT(*)
        FROM {TAGGED} GROUP BY t.name""",
    ),
    "two bridges": (
        {**BY_TAG, "dimensions": ["tags.name", "suppliers.name"]},
        f"SELECT tag, supplier, SUM(amount) FROM {IN_GROUPS} GROUP BY tag, supplier",
    ),
    "columns of the bridge": (
        {**BY_TAG, "dimensions": ["product_tags.share"]},
        f"""SELECT share, SUM(amount) FROM (SELECT DISTINCT l.share, s.id, s.amount FROM {TAGGED}) q GROUP BY share""",
    ),
    "a bridge behind a bridge": (
        {**BY_TAG, "dimensions": ["labels.name"]},
        f"""SELECT label, SUM(amount) FROM (SELECT DISTINCT n.name AS label, s.id, s.amount FROM {TAGGED}
        LEFT JOIN tag_labels k ON k.tag = t.id LEFT JOIN labels n ON n.id = k.label) q GROUP BY label""",
    ),
    "a filter": (
        {"measures": ["sales.revenue", "sales.rows"], "filters": ["tags.name in ('new', 'red')"]},
        """SELECT SUM(amount), COUNT(*) FROM sales WHERE EXISTS (SELECT 1 FROM product_tags l
        JOIN tags t ON t.id = l.tag WHERE l.product = sales.product AND t.name IN ('new', 'red'))""",
    ),
    "a filter on another bridge": (
        {**BY_TAG, "filters": ["suppliers.name <> 'z'"]},
        f"""SELECT tag, SUM(amount) FROM (SELECT DISTINCT tag, id, amount FROM {IN_GROUPS} WHERE supplier <> 'z') q
        GROUP BY tag""",
    ),
    "a filter on sales without a tag": (
        {"measures": ["sales.revenue"], "filters": ["product_tags.tag is null"]},
        "SELECT SUM(amount) FROM sales WHERE product IS NULL OR product NOT IN (SELECT product FROM product_tags)",
    ),
    "only with a tag": (
        {**BY_TAG, "include_empty": False},
        f"SELECT t.name, SUM(s.amount) FROM {TAGGED} WHERE t.id IS NOT NULL GROUP BY t.name",
    ),
    "tags without sales": (
        {**BY_TAG, "include_empty": True},
        f"""SELECT tag, SUM(amount) FROM (SELECT DISTINCT tag, id, amount FROM {IN_GROUPS}) q GROUP BY tag
        UNION ALL SELECT 'unused', NULL""",
    ),
    "beside another fact": (
        {"measures": ["sales.rows", "product_suppliers.rows"], "dimensions": ["tags.name"]},
        f"""SELECT t.name, COUNT(DISTINCT s.id), (SELECT COUNT(DISTINCT m.product * 10 + m.supplier)
        FROM product_suppliers m LEFT JOIN product_tags k ON k.product = m.product LEFT JOIN tags v ON v.id = k.tag
        WHERE v.name = t.name OR v.name IS NULL AND t.name IS NULL) FROM {TAGGED} GROUP BY t.name""",
    ),
    "the total": ({"measures": ["sales.revenue"]}, "SELECT SUM(amount) FROM sales"),
}
# NULL names are of tag 4, and of sales without a tag: one group.
SHARE = "CASE WHEN l.product IS NULL THEN 1.0 ELSE l.share END"
WEIGHTED_QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "by tag": (BY_TAG, f"SELECT t.name, SUM(s.amount * {SHARE}) FROM {TAGGED} GROUP BY t.name"),
    "counts": (
        {"measures": ["sales.rows", "count(sales.amount)", "count_if(sales.amount > 30)"], "dimensions": ["tags.name"]},
        f"""SELECT t.name, SUM({SHARE}), SUM(CASE WHEN s.amount IS NOT NULL THEN {SHARE} END),
        SUM(CASE WHEN s.amount > 30 THEN {SHARE} ELSE 0 END) FROM {TAGGED} GROUP BY t.name""",
    ),
    "ratios and filters of measures": (
        {
            "measures": ["sales.average", "sum(sales.amount) filter (where sales.amount < 90)"],
            "dimensions": ["tags.name"],
        },
        f"""SELECT t.name, SUM(s.amount * {SHARE}) * 1e0 / SUM({SHARE}),
        SUM(CASE WHEN s.amount < 90 THEN s.amount * {SHARE} END) FROM {TAGGED} GROUP BY t.name""",
    ),
    "another bridge without a weight": (
        {**BY_TAG, "dimensions": ["tags.name", "suppliers.name"]},
        f"SELECT t.name, u.name, SUM(s.amount * {SHARE}) FROM {TAGGED} {SUPPLIED} GROUP BY t.name, u.name",
    ),
    "a filter on another bridge": (
        {**BY_TAG, "filters": ["suppliers.id > 0"]},
        f"""SELECT t.name, SUM(s.amount * {SHARE}) FROM {TAGGED}
        WHERE s.product IN (SELECT product FROM product_suppliers) GROUP BY t.name""",
    ),
    "a filter over the weights": (
        {"measures": ["sales.revenue"], "filters": ["tags.name = 'new'"]},
        "SELECT SUM(amount) FROM sales WHERE product IN (SELECT product FROM product_tags WHERE tag = 1)",
    ),
    "the other source": (
        {"measures": ["tags.rows"], "dimensions": ["products.name"]},
        """SELECT p.name, COUNT(*) FROM tags t LEFT JOIN product_tags l ON l.tag = t.id
        LEFT JOIN products p ON p.id = l.product GROUP BY p.name""",
    ),
    "two facts": (
        {"measures": ["sales.revenue", "products.rows"], "dimensions": ["tags.name"]},
        f"""SELECT t.name, SUM(s.amount * {SHARE}), (SELECT SUM(CASE WHEN k.product IS NULL THEN 1.0 ELSE k.share END)
        FROM products p LEFT JOIN product_tags k ON k.product = p.id LEFT JOIN tags v ON v.id = k.tag
        WHERE v.name = t.name OR v.name IS NULL AND t.name IS NULL) FROM {TAGGED} GROUP BY t.name""",
    ),
}


@pytest.fixture(scope="module", params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, "links_of_bridges") as connected:
        connected.load(TABLES)
        yield connected


def compile_model(model: list[dict[str, Any]], dialect: str = "duckdb", **query: Any) -> CompiledQuery:
    return compile_query(msgspec.convert(model, list[Source]), msgspec.convert(query, Query), dialect)


def rows_of(database: Database, sql: str) -> list[tuple[Any, ...]]:
    return sorted(database.rows(sql), key=str)


@pytest.mark.parametrize("name", QUESTIONS)
def test_row_counts_once_in_each_group(database: Database, name: str) -> None:
    query, by_hand = QUESTIONS[name]
    sql = compile_model(MODEL, database.dialect, **query).sql
    assert rows_of(database, sql) == rows_of(database, by_hand), sql


@pytest.mark.parametrize("name", WEIGHTED_QUESTIONS)
def test_weight_divides_rows(database: Database, name: str) -> None:
    query, by_hand = WEIGHTED_QUESTIONS[name]
    sql = compile_model(WEIGHTED, database.dialect, **query).sql
    assert rows_of(database, sql) == rows_of(database, by_hand), sql


def test_groups_of_weights_add_up_to_the_total(database: Database) -> None:
    found = database.rows(compile_model(WEIGHTED, database.dialect, **BY_TAG).sql)
    assert sum(row[1] for row in found) == 5468


def test_overlap_and_allocation_are_said() -> None:
    (overlap, _) = compile_model(MODEL, **BY_TAG).plan.warnings
    assert overlap.startswith("sales.revenue: a row of sales counts once in every group of tags.name")
    (allocation, _) = compile_model(WEIGHTED, **BY_TAG).plan.warnings
    assert allocation == "sales.revenue: a row of sales is allocated to its groups by product_tags.share"
    assert not compile_model(MODEL, measures=["sales.revenue"], filters=["tags.name = 'new'"]).plan.warnings


@pytest.mark.parametrize(
    "query",
    [
        {"measures": ["running_share(sales.revenue)"]},
        {"measures": ["sales.revenue"], "top": {"by": "sales.revenue", "limit": 1, "others": True}},
    ],
    ids=str,
)
def test_groups_that_overlap_are_not_added_up(query: dict[str, Any]) -> None:
    """A sale of two tags counted twice in the row of the others."""
    with pytest.raises(SemanticError, match="but a row of sales counts in every group of tags"):
        compile_model(MODEL, **query, dimensions=["tags.name"])
    compile_model(WEIGHTED, **query, dimensions=["tags.name"])
    compile_model(MODEL, **query, dimensions=["products.name"])


def test_share_of_the_total_counts_each_row_once(database: Database) -> None:
    asked = {"measures": ["percent_of_total(sales.revenue)"], "dimensions": ["tags.name"]}
    shares = dict(database.rows(compile_model(MODEL, database.dialect, **asked).sql))
    assert shares["new"] == pytest.approx(160 / 5468)


@pytest.mark.parametrize(
    "measure", ["sales.highest", "count(distinct sales.product)", "avg(sales.amount)", "median(sales.amount)"]
)
def test_aggregate_that_cannot_be_divided_is_an_error(measure: str) -> None:
    with pytest.raises(
        SemanticError, match=r"cannot be divided .* sum\(…\), count\(\*\), count\(…\) and count_if\(…\)"
    ):
        compile_model(WEIGHTED, measures=[measure], dimensions=["tags.name"])
    compile_model(WEIGHTED, measures=[measure], filters=["tags.name = 'new'"])


def test_weight_of_many_rows_is_an_error() -> None:
    """An order of two products has two units of weight."""
    orders = {**source("labels", ["id"], []), "name": "orders"}
    sales = {
        **SALES,
        "joins": [*SALES["joins"], {"to": "orders", "on": "id = orders.id", "relationship": "many_to_one"}],
    }
    model = [orders, sales, *WEIGHTED[1:]]
    with pytest.raises(SemanticError, match="cannot divide rows of orders, as each of them has many of sales"):
        compile_model(model, measures=["orders.rows"], dimensions=["tags.name"])
    compile_model([orders, sales, *MODEL[1:]], measures=["orders.rows"], dimensions=["tags.name"])


def test_undeclared_bridge_is_named() -> None:
    model = [{**item, "bridge": False} for item in MODEL]
    with pytest.raises(SemanticError) as caught:
        compile_model(model, **BY_TAG)
    assert caught.value.problem is Problem.NO_JOIN_PATH
    assert "declare `bridge: true` in product_tags to count a row of sales once in each group" in str(caught.value)


def changed(**keys: Any) -> list[str]:
    model = [{**item, **keys} if item["name"] == "product_tags" else item for item in MODEL]
    return validate(msgspec.convert(model, list[Source]), "duckdb").errors


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        ({"grain": ["product"]}, "The grain of the bridge product_tags is product, but its joins compare product, tag"),
        ({"grain": ["product", "tag", "share"]}, "but its joins compare product, tag"),
        ({"joins": MODEL[5]["joins"][:1]}, "The bridge product_tags joins products; it needs exactly two"),
        ({"bridge": False, "weight": "share"}, "is no bridge; declare `bridge: true`"),
        ({"weight": "shares"}, "did you mean 'share'?"),
        ({"weight": "tag"}, "is a part of the grain"),
    ],
)
def test_invalid_bridge_is_an_error(keys: dict[str, Any], part: str) -> None:
    assert changed() == changed(weight="share") == []
    assert part in " ".join(changed(**keys))


def test_table_of_two_foreign_keys_is_generated_as_a_bridge() -> None:
    described = [
        {
            "name": name,
            "columns": [
                {"name": column, "type": "integer", "primary_key": column in key} for column in TABLES[name][0]
            ],
        }
        for name, key in (
            ("sales", ["id"]),
            ("products", ["id"]),
            ("tags", ["id"]),
            ("product_tags", ["product", "tag"]),
        )
    ]
    links = [
        {"from_table": table, "from_column": column, "to_table": to, "to_column": "id"}
        for table, column, to in (
            ("sales", "product", "products"),
            ("product_tags", "product", "products"),
            ("product_tags", "tag", "tags"),
        )
    ]
    sources = generate_sources(msgspec.convert(described, list[Table]), msgspec.convert(links, list[Link]), "duckdb")
    assert [item.name for item in sources if item.bridge] == ["product_tags"]
    assert validate(sources, "duckdb").errors == []
