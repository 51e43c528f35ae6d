"""The SQL that reads the files of a table."""

from __future__ import annotations

import os
from typing import Any

from ktx_daemon.warehouses.duckdb.files.tables import FileTable

# Types of a text file are derived from all of its rows up to this size, and above it from the first rows.
SNIFFED_BYTES = 64 * 2**20
SNIFFED_ROWS = 200_000
# The size of a packed file counts as many times as much.
PACKING_FACTOR = 8
DELIMITERS = ",;\t|"


def relation(connection: Any, table: FileTable) -> str:
    """Return the table function that reads a table. Of a CSV file, the first line is read for its delimiter."""
    if table.format == "delta":
        return f"delta_scan({quote_text(table.paths[0])})"
    if table.format == "iceberg":
        return f"iceberg_scan({quote_text(table.paths[0])})"
    options = [f"hive_partitioning = {str(table.is_partitioned).lower()}"]
    if len(table.paths) > 1:
        # Columns are matched by name; otherwise those that only later files have would be dropped.
        options.append("union_by_name = true")
    if table.format == "parquet":
        return _call("read_parquet", table, options)
    if table.format == "json":
        # Keys that the sample does not have would be dropped, so that it is the whole file.
        return _call("read_json", table, [*options, "sample_size = -1", f"format = {quote_text(_json_format(table))}"])
    csv = csv_options(find_delimiter(connection, table))
    return _call("read_csv", table, [*options, *csv, f"sample_size = {_sample_size(table)}"])


def csv_options(delimiter: str) -> list[str]:
    """Return the options of CSV that are not derived from the rows, as a row with an error would change them."""
    return [
        f"delim = {quote_text(delimiter)}",
        "header = true",
        "skip = 0",
        "quote = '\"'",
        "escape = '\"'",
        "comment = ''",
        "strict_mode = true",
        "null_padding = false",
        # The order of day and month of other formats would be a guess.
        "dateformat = '%Y-%m-%d'",
    ]


def find_delimiter(connection: Any, table: FileTable) -> str:
    """Return the most frequent delimiter in the first line outside of quotes."""
    if table.format == "tsv":
        return "\t"
    unquoted = "".join(first_line(connection, table.paths[0]).split('"')[::2])
    return max(DELIMITERS, key=unquoted.count)


def first_line(connection: Any, path: str) -> str:
    """Return the first line of a text file."""
    sql = """
        SELECT line FROM read_csv(?, columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '', escape = '',
            comment = '', header = false, skip = 0, auto_detect = false) LIMIT 1
    """
    row = connection.execute(sql, [path]).fetchone()
    return str(row[0] or "") if row else ""


def quote_text(text: str) -> str:
    """Return a literal of SQL."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _sample_size(table: FileTable) -> int:
    size = sum(
        os.path.getsize(path) * (PACKING_FACTOR if path.lower().endswith((".gz", ".zst")) else 1)
        for path in table.paths
    )
    return -1 if size <= SNIFFED_BYTES else SNIFFED_ROWS


def _json_format(table: FileTable) -> str:
    is_lines = all(".json" not in os.path.basename(path).lower().replace(".jsonl", "") for path in table.paths)
    return "newline_delimited" if is_lines else "auto"


def _call(function: str, table: FileTable, options: list[str]) -> str:
    paths = ", ".join(quote_text(path) for path in table.paths)
    return f"{function}([{paths}], {', '.join(options)})"
