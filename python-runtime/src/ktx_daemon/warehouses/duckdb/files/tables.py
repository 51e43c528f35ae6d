"""Groups data files into tables.

A file is a table; a folder is a schema, or one table if it has Hive partitions, is a Delta or Iceberg table, or all of
its files have the names of parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ktx_daemon.warehouses.duckdb.files.listing import Folder, list_files
from ktx_daemon.warehouses.duckdb.files.names import Format, is_part, is_partition, split_name

DEFAULT_SCHEMA = "main"


@dataclass(frozen=True)
class FileTable:
    """A table with its files, which are real paths; the only path of a Delta or Iceberg table is its folder."""

    schema: str
    name: str
    format: Format
    paths: tuple[str, ...]
    is_partitioned: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The schema and the name."""
        return self.schema, self.name


def find_tables(path: Path) -> tuple[list[FileTable], list[str]]:
    """Return the tables of a folder, a file or a pattern, and warnings of files that are left out or renamed."""
    folder, warnings = list_files(path)
    return _separate(_group(folder, []), warnings), warnings


def _group(folder: Folder, parents: list[str]) -> Iterator[FileTable]:
    """Yield the tables of a folder below the folders `parents`, of which the first is that of the connection."""
    schema = "_".join(parents[1:]) or DEFAULT_SCHEMA
    if folder.lake is not None:
        yield FileTable(schema, folder.path.name, folder.lake, (str(folder.path),))  # type: ignore[arg-type]
        return
    is_partitioned = any(is_partition(each.path.name) for each in folder.folders)
    if is_partitioned or _has_only_parts(folder):
        yield from _join(folder, schema, is_partitioned=is_partitioned)
        return
    own = "_".join([*parents[1:], folder.path.name]) if parents else DEFAULT_SCHEMA
    for name, path in folder.files.items():
        stem, file_format = _split(name)
        yield FileTable(own, stem, file_format, (path,))
    for below in folder.folders:
        yield from _group(below, [*parents, folder.path.name])


def _has_only_parts(folder: Folder) -> bool:
    stems = [_split(name)[0] for name in folder.files]
    return bool(stems) and not folder.folders and all(is_part(stem, folder.path.name) for stem in stems)


def _join(folder: Folder, schema: str, *, is_partitioned: bool) -> Iterator[FileTable]:
    """Yield a table with all files of a folder for each format; there is one, unless formats are mixed."""
    paths: dict[Format, list[str]] = defaultdict(list)
    for name, path in folder.walk():
        paths[_split(name)[1]].append(path)
    for file_format, found in paths.items():
        yield FileTable(schema, folder.path.name, file_format, tuple(found), is_partitioned)


def _separate(tables: Iterator[FileTable], warnings: list[str]) -> list[FileTable]:
    """Add the format to names that occur twice, as letter case does not distinguish tables."""
    named: dict[tuple[str, str], list[FileTable]] = defaultdict(list)
    for table in tables:
        named[table.schema.lower(), table.name.lower()].append(table)
    result: dict[tuple[str, str], FileTable] = {}
    for same in named.values():
        for table in same:
            unique = table if len(same) == 1 else replace(table, name=f"{table.name}_{table.format}")
            key = (unique.schema.lower(), unique.name.lower())
            if key in result or (len(same) > 1 and key in named):
                warnings.append(f"'{table.paths[0]}' is left out: there is another table {unique.name}")
                continue
            if unique is not table:
                reason = f"several files are named {table.name}"
                warnings.append(f"'{table.paths[0]}' is the table {unique.name}, as {reason}")
            result[key] = unique
    return list(result.values())


def _split(name: str) -> tuple[str, Format]:
    found = split_name(name)
    assert found is not None  # the listing has no other files  # noqa: S101
    return found
