"""Folders of data files as a warehouse: tables, values, the sandbox, and files that cannot be read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.duckdb.files.session import open_files
from tests.daemon import Daemon
from tests.introspection import column_values, introspect, introspect_rejected, tables_by_name

EXECUTE = "/sql/execute"


def write(path: Path, sql: str, options: str = "") -> None:
    """Write the rows of a query; the extension of the path selects the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect().execute(f"COPY ({sql}) TO '{path}' {options}")


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def query(daemon: Daemon, folder: Path | str, sql: str) -> Any:
    request = {"connection_id": "w", "driver": "files", "url": str(folder), "sql": sql}
    return daemon.post_ok(EXECUTE, request)["rows"]


def query_rejected(daemon: Daemon, folder: Path | str, sql: str, code: str = "query_failed") -> str:
    request = {"connection_id": "w", "driver": "files", "url": str(folder), "sql": sql}
    return daemon.post_rejected(EXECUTE, request, code)


def places(found: dict[str, Any]) -> list[str]:
    return [f"{table['db']}.{table['name']}" for table in found["tables"]]


def test_each_file_is_a_table_and_each_folder_a_schema(daemon: Daemon, tmp_path: Path) -> None:
    write(tmp_path / "orders.parquet", "SELECT 1::BIGINT AS id, {'a': 1, 'b': [2]} AS s, 1.5::DECIMAL(9, 2) AS d")
    write(tmp_path / "customers.csv.gz", "SELECT 7 AS id, 'Zoë' AS name")
    write(tmp_path / "plain.csv.zst", "SELECT 7 AS id")
    write(tmp_path / "eu" / "big" / "sales.tsv", "SELECT 1 AS id, 'a,b' AS text", "(DELIMITER '\t')")
    events = '{"day": "2024-01-02", "by": {"id": 1}}\n{"day": "2024-01-03", "x": 1}\n'
    write_text(tmp_path / "eu" / "events.ndjson", events)
    write_text(tmp_path / "README.md", "# not data")
    write_text(tmp_path / ".hidden.csv", "a\n1\n")
    found = introspect(daemon, "files", f"files:///{tmp_path}")
    assert found["metadata"] == {"driver": "files", "schemas": ["eu", "eu_big", "main"]}
    assert places(found) == ["eu.events", "eu_big.sales", "main.customers", "main.orders", "main.plain"]
    assert "warnings" not in found
    tables = tables_by_name(found)
    assert {(table["kind"], table["comment"]) for table in tables.values()} == {("table", None)}
    assert {name: table["estimated_rows"] for name, table in tables.items()} == {
        "orders": 1, "customers": None, "plain": None, "sales": None, "events": None,
    }  # fmt: skip
    assert column_values(tables["orders"]) == [
        ("id", "BIGINT", True, False, None),
        ("s", "STRUCT(a INTEGER, b INTEGER[])", True, False, None),
        ("d", "DECIMAL(9,2)", True, False, None),
    ]
    assert [column[:2] for column in column_values(tables["events"])] == [
        ("day", "DATE"), ("by", "STRUCT(id BIGINT)"), ("x", "BIGINT"),
    ]  # fmt: skip
    joined = "SELECT name, text FROM customers CROSS JOIN eu_big.SALES"
    assert query(daemon, tmp_path, joined) == [["Zoë", "a,b"]]
    dated = query(daemon, tmp_path, "SELECT day, x FROM eu.events ORDER BY 1")
    assert dated == [["2024-01-02", None], ["2024-01-03", 1]]
    assert query(daemon, tmp_path, "SHOW TABLES") == [["customers"], ["orders"], ["plain"]]
    assert places(introspect(daemon, "files", str(tmp_path), schemas=["eu"])) == ["eu.events"]
    assert places(introspect(daemon, "files", str(tmp_path), include=["o*"], names_only=True)) == ["main.orders"]
    introspect_rejected(daemon, "files", str(tmp_path), "schema_not_found", schemas=["x"])


@pytest.mark.parametrize(
    ("names", "tables"),
    [
        (["orders/part-00000-7f3c.c000.parquet", "orders/part-00001.parquet"], ["main.orders"]),
        (["orders/2024-01.parquet", "orders/2024-02.parquet"], ["main.orders"]),
        (["eu/orders/orders_1.parquet", "eu/orders/orders_2.parquet"], ["eu.orders"]),
        (["sales/2024_orders.parquet", "sales/2024_returns.parquet"], ["sales.2024_orders", "sales.2024_returns"]),
        (["sales/year=2024/month=1/a.parquet", "sales/year=2025/month=2/b.parquet"], ["main.sales"]),
        (["sales/_SUCCESS", "sales/part-0.parquet"], ["main.sales"]),
        (["data_0.parquet", "data_1.parquet"], ["main.{folder}"]),
    ],
)
def test_parts_are_one_table(daemon: Daemon, tmp_path: Path, names: list[str], tables: list[str]) -> None:
    for number, name in enumerate(names):
        write(tmp_path / f"{name}", f"SELECT {number} AS n", "(FORMAT parquet)")
    found = introspect(daemon, "files", str(tmp_path))
    assert places(found) == [name.format(folder=tmp_path.name) for name in tables]
    files = [name for name in names if not name.endswith("_SUCCESS")]
    assert sum(table["estimated_rows"] for table in found["tables"]) == len(files)


def test_partitions_are_columns_and_columns_are_matched_by_name(daemon: Daemon, tmp_path: Path) -> None:
    write(tmp_path / "sales" / "year=2024" / "a.parquet", "SELECT 1 AS a, 'x' AS b")
    write(tmp_path / "sales" / "year=2025" / "b.parquet", "SELECT 'y' AS b, 2.5 AS c")
    found = introspect(daemon, "files", str(tmp_path))
    assert [column[:2] for column in column_values(found["tables"][0])] == [
        ("a", "INTEGER"), ("b", "VARCHAR"), ("c", "DECIMAL(2,1)"), ("year", "BIGINT"),
    ]  # fmt: skip
    rows = query(daemon, tmp_path, "SELECT year, a, b, c FROM sales ORDER BY year")
    assert rows == [[2024, 1, "x", None], [2025, None, "y", 2.5]]
    (warning,) = found["warnings"]
    assert "different columns" in warning
    assert "sales" in warning


def test_one_file_and_patterns_are_accepted(daemon: Daemon, tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", "SELECT 1 AS n")
    write(tmp_path / "b.csv", "SELECT 2 AS n")
    write(tmp_path / "deep" / "er" / "c.parquet", "SELECT 3 AS n")
    assert places(introspect(daemon, "files", str(tmp_path / "b.csv"))) == ["main.b"]
    assert places(introspect(daemon, "files", f"{tmp_path}/*.parquet")) == ["main.a"]
    assert places(introspect(daemon, "files", f"{tmp_path}/**/*.parquet")) == ["deep_er.c", "main.a"]
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    assert places(introspect(daemon, "files", f"{tmp_path}/**")) == ["deep_er.c", "main.a", "main.b"]
    assert places(introspect(daemon, "files", f"{tmp_path}/de*")) == ["deep_er.c"]
    assert places(introspect(daemon, "files", f"{tmp_path}/[!a].?s[uv]")) == ["main.b"]
    for path in (tmp_path / "none", tmp_path / "none" / "*.csv", f"{tmp_path}/*.json"):
        introspect_rejected(daemon, "files", str(path), "database_not_found")


def test_same_names_are_distinguished_by_the_format(daemon: Daemon, tmp_path: Path) -> None:
    write(tmp_path / "orders.parquet", "SELECT 1 AS n")
    write(tmp_path / "orders.csv", "SELECT 2 AS n")
    write(tmp_path / "ORDERS.csv.gz", "SELECT 3 AS n")
    found = introspect(daemon, "files", str(tmp_path))
    assert places(found) == ["main.ORDERS_csv", "main.orders_parquet"]
    assert [warning.split("/")[-1] for warning in found["warnings"]] == [
        "ORDERS.csv.gz' is the table ORDERS_csv, as several files are named ORDERS",
        "orders.csv' is left out: there is another table orders_csv",
        "orders.parquet' is the table orders_parquet, as several files are named orders",
    ]
    assert query(daemon, tmp_path, "SELECT n FROM orders_parquet") == [[1]]


def test_files_that_cannot_be_read_are_warned_of(daemon: Daemon, tmp_path: Path) -> None:
    write(tmp_path / "fine.parquet", "SELECT 1 AS n")
    write_text(tmp_path / "empty.csv", "")
    write_text(tmp_path / "damaged.parquet", "PAR1 nothing PAR1")
    write_text(tmp_path / "broken.json", '{"a": 1}\n{"a":\n')
    write_text(tmp_path / "sheet.xlsx", "x")
    write_text(tmp_path / "a*.csv", "n\n1\n")
    os.mkfifo(tmp_path / "pipe.csv")
    found = introspect(daemon, "files", str(tmp_path))
    assert places(found) == ["main.fine"]
    assert found["tables"][0]["estimated_rows"] == 1
    named = [next(name for name in os.listdir(tmp_path) if name in warning) for warning in found["warnings"]]
    assert sorted(named) == sorted(set(os.listdir(tmp_path)) - {"fine.parquet"})
    assert "broken.json" in query_rejected(daemon, tmp_path, "SELECT * FROM main.broken")
    (tmp_path / "fine.parquet").unlink()
    assert "cannot be read" in introspect_rejected(daemon, "files", str(tmp_path), "introspection_failed")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("id,name\n1,a\n2,b,c\n", 3, "Number of Columns: 2 Found: 3"),
        ("id,name\n1,a\n2\n3,c\n", 3, "Number of Columns: 2 Found: 1"),
        ('id,name\n1,"a\n2,b\n', 2, "unterminated quote"),
        ("id,name\n1,gr\udcf6\udcdfe\n", 2, "not utf-8"),
    ],
)
def test_bad_row_is_an_error_with_its_file_and_line(
    daemon: Daemon, tmp_path: Path, text: str, line: int, reason: str
) -> None:
    (tmp_path / "bad.csv").write_bytes(text.encode(errors="surrogateescape"))
    write_text(tmp_path / "good.csv", "a\n1\n")
    (warning,) = introspect(daemon, "files", str(tmp_path))["warnings"]
    assert warning == query_rejected(daemon, tmp_path, "SELECT * FROM bad")
    assert f"Line {line} of '{tmp_path}/bad.csv'" in warning
    assert reason in warning
    assert query(daemon, tmp_path, "SELECT a FROM good") == [[1]]


def test_types_of_csv_do_not_lose_values(daemon: Daemon, tmp_path: Path) -> None:
    numbers = "".join(f"{number},1\n" for number in range(30_000))
    write_text(tmp_path / "late.csv", f"id,n\n{numbers}x,1\n")
    assert query(daemon, tmp_path, "SELECT count(*), max(id) FROM late") == [[30_001, "x"]]
    write_text(
        tmp_path / "codes.csv", "zip;day;iso;price\n00123;01/02/2024;2024-02-01;1,5\n00456;13/02/2024;2024-02-13;2,5\n"
    )
    assert query(daemon, tmp_path, "SELECT * FROM codes WHERE zip = '00123'") == [
        ["00123", "01/02/2024", "2024-02-01", "1,5"]
    ]
    write_text(tmp_path / "header.csv", "first,second\n")
    assert query(daemon, tmp_path, "SELECT first FROM header") == []
    write_text(tmp_path / "notes.csv", "a\n# no comment\nb\n")
    assert query(daemon, tmp_path, "SELECT count(*) FROM notes") == [[2]]


def test_keys_of_json_that_come_late_are_columns(daemon: Daemon, tmp_path: Path) -> None:
    lines = [{"a": number} for number in range(30_000)] + [{"a": 1, "late": "x"}]
    write_text(tmp_path / "rows.jsonl", "\n".join(map(json.dumps, lines)))
    assert query(daemon, tmp_path, "SELECT late FROM rows WHERE late IS NOT NULL") == [["x"]]


def test_files_that_change_are_read_as_they_are(daemon: Daemon, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write(path, "SELECT 1 AS a")
    write(tmp_path / "other.parquet", "SELECT 1 AS a")
    assert query(daemon, tmp_path, "SELECT a FROM t") == [[1]]
    write(path, "SELECT 2 AS b")
    assert query(daemon, tmp_path, "SELECT b FROM t") == [[2]]
    assert '"a"' in query_rejected(daemon, tmp_path, "SELECT a FROM t")
    path.write_text("half of a file")
    assert "t.parquet" in query_rejected(daemon, tmp_path, "SELECT b FROM t")
    path.unlink()
    assert "t does not exist" in query_rejected(daemon, tmp_path, "SELECT b FROM t")


def test_error_suggests_a_similar_table(daemon: Daemon, tmp_path: Path) -> None:
    write(tmp_path / "orders.parquet", "SELECT 1 AS a")
    assert 'Did you mean "orders"?' in query_rejected(daemon, tmp_path, "SELECT * FROM ordres")


ESCAPES: list[Callable[[Path], str]] = [
    lambda folder: f"SELECT * FROM '{folder.parent}/secret.csv'",
    lambda folder: f"SELECT * FROM read_text('{folder.parent}/secret.csv')",
    lambda folder: f"SELECT * FROM '{folder}/../secret.csv'",
    lambda folder: f"SELECT * FROM glob('{folder.parent}/*')",
    lambda folder: f"SELECT * FROM '{folder}/.hidden.csv'",
    lambda folder: f"SELECT * FROM '{folder}/swapped.csv'",
    lambda folder: f"COPY (SELECT 1) TO '{folder}/new.csv'",
    lambda _: "SELECT * FROM 'https://127.0.0.1:9/x.csv'",
    lambda _: "SET enable_external_access = true",
    lambda _: "SET allowed_directories = ['/']",
    lambda _: "INSTALL httpfs",
    lambda _: "ATTACH 'x.duckdb'",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_session_reads_only_the_files(tmp_path: Path, escape: Callable[[Path], str]) -> None:
    """What the check of statements does not let through, DuckDB does not run either."""
    folder = tmp_path / "data"
    write_text(tmp_path / "secret.csv", "a\nhunter2\n")
    write_text(folder / ".hidden.csv", "a\nhunter2\n")
    write_text(folder / "fine.csv", "a\n1\n")
    write_text(folder / "swapped.csv", "a\n1\n")
    target = Target.from_request(IntrospectDatabase("w", "files", str(folder)))
    with open_files(target) as session:
        (folder / "swapped.csv").unlink()
        (folder / "swapped.csv").symlink_to(tmp_path / "secret.csv")
        with pytest.raises(duckdb.Error):
            session.connection.execute(escape(folder)).fetchall()
        session.create_mentioned_views("fine")
        assert session.connection.execute("SELECT a FROM fine").fetchall() == [(1,)]
    assert not (folder / "new.csv").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 99 AS a) TO '{path}' (USE_TMP_FILE false)",
        "EXPLAIN ANALYZE COPY (SELECT 99 AS a) TO '{path}' (USE_TMP_FILE false)",
        "COPY (PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b)) TO '{path}' (USE_TMP_FILE false)",
        "EXPORT DATABASE '{path}'",
    ],
)
def test_files_are_not_rewritten(daemon: Daemon, tmp_path: Path, sql: str) -> None:
    path = tmp_path / "t.csv"
    write_text(path, "a\n1\n")
    statement = sql.format(path=path)
    query_rejected(daemon, tmp_path, statement, "not_read_only")
    with open_files(Target.from_request(IntrospectDatabase("w", "files", str(tmp_path)))) as session:
        with pytest.raises(Exception, match="which may write"):
            session.require_reading(statement)
        session.require_reading("PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b)")
    assert path.read_text() == "a\n1\n"


def test_links_out_of_the_folder_are_left_out(daemon: Daemon, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    write_text(tmp_path / "outside" / "secret.csv", "a\nhunter2\n")
    write_text(folder / "real" / "x.csv", "a\n1\n")
    (folder / "link.csv").symlink_to(tmp_path / "outside" / "secret.csv")
    (folder / "folder").symlink_to(tmp_path / "outside")
    (folder / "alias.csv").symlink_to("real/x.csv")
    (folder / "dangling.csv").symlink_to("real/none.csv")
    found = introspect(daemon, "files", str(folder))
    assert places(found) == ["main.alias", "real.x"]
    assert sorted(warning.split("'")[1] for warning in found["warnings"]) == ["dangling.csv", "folder", "link.csv"]
    assert query(daemon, folder, "SELECT a FROM alias") == [[1]]
    query_rejected(daemon, folder, "SELECT a FROM link")


@pytest.mark.parametrize(
    ("marker", "extension"), [("_delta_log/0.json", "delta"), ("metadata/v1.metadata.json", "iceberg")]
)
def test_table_that_needs_an_extension_says_which(daemon: Daemon, tmp_path: Path, marker: str, extension: str) -> None:
    write_text(tmp_path / "lake" / marker, "{}")
    write(tmp_path / "lake" / "part-0.parquet", "SELECT 1 AS a")
    write(tmp_path / "fine.parquet", "SELECT 1 AS a")
    found = introspect(daemon, "files", str(tmp_path))
    assert places(found) == ["main.fine"]
    (warning,) = found["warnings"]
    assert f"INSTALL {extension}" in warning
    assert f"INSTALL {extension}" in query_rejected(daemon, tmp_path, "SELECT * FROM lake")


def test_database_is_not_a_folder(daemon: Daemon, tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", "SELECT 1 AS n")
    introspect_rejected(daemon, "duckdb", str(tmp_path), "database_not_found")
    introspect_rejected(daemon, "duckdb", str(tmp_path / "a.parquet"), "not_a_database")
