"""Explains errors of files: which file, which line, and why."""

from __future__ import annotations

import csv
import re
from typing import Any

from ktx_daemon.warehouses.duckdb.connect import import_duckdb
from ktx_daemon.warehouses.duckdb.files.relation import csv_options, find_delimiter, first_line, quote_text
from ktx_daemon.warehouses.duckdb.files.tables import FileTable

_LINE = re.compile(r"CSV Error on Line: (\d+)")
_FILE = re.compile(r"^ *file = (.+)$", re.MULTILINE)
_REASON = re.compile(r"^(?:Error when|Expected Number|Value with|Invalid unicode|Maximum line) .*$", re.MULTILINE)


def explain_unreadable(connection: Any, table: FileTable, error: str) -> str:
    """Return a sentence on why a table cannot be read, with the file and the line where they are known."""
    if table.format in ("csv", "tsv") and _LINE.search(error) is None:
        error = _find_bad_row(connection, table) or error
    return explain_row(error) or f"'{table.paths[0]}' cannot be read: {_first_sentence(error)}"


def explain_row(error: str) -> str | None:
    """Return a sentence with the file, the line and the reason of DuckDB's error on a row of CSV; None for others."""
    line, file = _LINE.search(error), _FILE.search(error)
    if line is None:
        return None
    reason = _REASON.search(error)
    where = f"'{file[1]}'" if file else "a file"
    return f"Line {line[1]} of {where} cannot be read: {(reason[0] if reason else _first_sentence(error)).rstrip('.')}"


def _find_bad_row(connection: Any, table: FileTable) -> str | None:
    """Read each file as text with the columns of its header; return DuckDB's error on the first bad row."""
    duckdb = import_duckdb()
    delimiter = find_delimiter(connection, table)
    for path in table.paths:
        names = next(csv.reader([first_line(connection, path)], delimiter=delimiter), [])
        columns = ", ".join(f"'column{number}': 'VARCHAR'" for number in range(max(1, len(names))))
        listed = ", ".join([*csv_options(delimiter), "auto_detect = false", f"columns = {{{columns}}}"])
        reads = f"read_csv({quote_text(path)}, {listed})"
        try:
            connection.execute(f"SELECT count(column0) FROM {reads}").fetchall()  # noqa: S608
        except duckdb.InvalidInputException as error:
            return str(error)
    return None


def _first_sentence(error: str) -> str:
    return (error.strip().splitlines() or ["unknown error"])[0].partition(": ")[2].rstrip(".")
