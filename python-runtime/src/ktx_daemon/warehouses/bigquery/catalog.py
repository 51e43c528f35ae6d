"""Columns, comments, sizes and keys from INFORMATION_SCHEMA: one job for each view and location.

Each view costs at least 10 MB. Several data sets of a location are read by the view of the region, which needs rights
in the whole project; without them, and for one data set, the views of the data sets are joined by UNION ALL. Keys have
no view of the region.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.bigquery.connect import Session
from ktx_daemon.warehouses.bigquery.datasets import Dataset
from ktx_daemon.warehouses.bigquery.jobs import read_rows, string_array

# A statement may refer to at most 1,000 tables, and two of them are views.
MAX_DATASETS = 400
# Shards end with a day; `names` are those tables with such a name whose columns are read.
COLUMNS = r"""
    SELECT c.table_schema, c.table_name, c.ordinal_position, c.column_name, c.is_nullable = 'YES' AS nullable,
        p.field_path, COALESCE(p.data_type, c.data_type) AS data_type, p.description
    FROM VIEW.COLUMNS AS c LEFT JOIN VIEW.COLUMN_FIELD_PATHS AS p
        ON p.table_schema = c.table_schema AND p.table_name = c.table_name AND p.column_name = c.column_name
    WHERE c.table_schema IN UNNEST(@datasets) AND c.is_hidden = 'NO'
        AND (NOT REGEXP_CONTAINS(c.table_name, r'[0-9]{8}$') OR c.table_name IN UNNEST(@names))
"""
COMMENTS = """
    SELECT table_schema, table_name, option_value FROM VIEW.TABLE_OPTIONS
    WHERE option_name = 'description' AND table_schema IN UNNEST(@datasets)
"""
DEFINITIONS = """
    SELECT table_schema, table_name, view_definition FROM VIEW.VIEWS WHERE table_schema IN UNNEST(@datasets)
"""
STORAGE = """
    SELECT table_schema, table_name, total_rows, total_logical_bytes,
        UNIX_SECONDS(storage_last_modified_time) AS modified
    FROM VIEW.TABLE_STORAGE WHERE NOT deleted AND table_schema IN UNNEST(@datasets)
"""
# The older view of one data set, which needs rights in it only.
STORAGE_OF_DATASET = """
    SELECT dataset_id, table_id, row_count, size_bytes, DIV(last_modified_time, 1000) AS modified
    FROM SCHEMA.__TABLES__ WHERE dataset_id IN UNNEST(@datasets)
"""
KEYS = """
    SELECT k.table_schema, k.table_name, k.constraint_name, k.column_name, k.ordinal_position,
        k.position_in_unique_constraint, u.table_schema AS to_schema, u.table_name AS to_table,
        u.column_name AS to_column
    FROM VIEW.KEY_COLUMN_USAGE AS k JOIN VIEW.CONSTRAINT_COLUMN_USAGE AS u
        ON u.constraint_schema = k.constraint_schema AND u.constraint_name = k.constraint_name
    WHERE k.table_schema IN UNNEST(@datasets)
"""

Rows = Iterator[list[Any]]


@dataclass(frozen=True)
class Catalog:
    """The data sets of a project in one location."""

    session: Session
    project: str
    location: str
    datasets: Sequence[Dataset]

    def columns(self, names: Sequence[str]) -> Rows:
        """Yield columns and their fields; of tables that end with a day only those of `names`."""
        return self._read_widely(COLUMNS, names)

    def comments(self) -> Rows:
        """Yield the comments of tables."""
        for schema, table, literal in self._read_widely(COMMENTS):
            yield [schema, table, parse_literal(literal)]

    def definitions(self) -> Rows:
        """Yield the SQL of views."""
        return self._read_widely(DEFINITIONS)

    def storage(self) -> Rows:
        """Yield rows, bytes and time of the last change, in seconds since 1970."""
        return self._first_allowed(lambda: self._of_region(STORAGE), lambda: self._of_datasets(STORAGE_OF_DATASET))

    def keys(self) -> Rows:
        """Yield pairs of a column of a key and one of the columns that the key refers to; or of itself."""
        return self._of_datasets(KEYS)

    def _read_widely(self, sql: str, names: Sequence[str] = ()) -> Rows:
        if len(self.datasets) == 1:
            return self._of_datasets(sql, names)
        return self._first_allowed(lambda: self._of_region(sql, names), lambda: self._of_datasets(sql, names))

    def _first_allowed(self, *reads: Callable[[], Rows]) -> Rows:
        """Yield what the first of the queries returns that the user may run."""
        *first, last = reads
        for read in first:
            try:
                yield from read()
                return
            except BadRequestError as error:
                if error.code != "permission_denied":
                    raise
        yield from last()

    def _of_region(self, sql: str, names: Sequence[str] = ()) -> Rows:
        view = f"`{self.project}`.`region-{self.location.lower()}`.INFORMATION_SCHEMA"
        return self._run(sql.replace("VIEW.", f"{view}."), names)

    def _of_datasets(self, sql: str, names: Sequence[str] = ()) -> Rows:
        for start in range(0, len(self.datasets), MAX_DATASETS):
            parts = [
                sql.replace("VIEW.", f"{dataset.schema}.INFORMATION_SCHEMA.").replace(
                    "SCHEMA.__", f"{dataset.schema}.__"
                )
                for dataset in self.datasets[start : start + MAX_DATASETS]
            ]
            yield from self._run(" UNION ALL ".join(parts), names)

    def _run(self, sql: str, names: Sequence[str]) -> Rows:
        parameters = [string_array("datasets", [dataset.name for dataset in self.datasets])]
        if "@names" in sql:
            parameters.append(string_array("names", names))
        return read_rows(self.session, sql, parameters, self.location)


def group_datasets(session: Session, datasets: Sequence[Dataset]) -> list[Catalog]:
    """Return the catalogs of data sets."""
    groups: dict[tuple[str, str], list[Dataset]] = {}
    for dataset in datasets:
        groups.setdefault((dataset.project, dataset.location), []).append(dataset)
    return [Catalog(session, project, location, group) for (project, location), group in groups.items()]


def parse_literal(text: str) -> str:
    """Return the value of a string as SQL writes it, whose escapes are those of Python."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = text.strip('"')
    return str(value)
