"""Lists the data files below a folder, of a pattern, or one file, without leaving the folder through links."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ktx_daemon import cancellation
from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.duckdb.files.names import describe_bad_name, is_hidden, is_unsupported_data, split_name
from ktx_daemon.warehouses.duckdb.files.pattern import split_pattern

MAX_FILES = 100_000
LAKE_FORMATS = {"_delta_log": "delta", "metadata": "iceberg"}


@dataclass
class Folder:
    """A folder with the names and the real paths of its data files.

    `lake` is the format of a folder that is a Delta or Iceberg table.
    """

    path: Path
    files: dict[str, str] = field(default_factory=dict)
    folders: list[Folder] = field(default_factory=list)
    lake: str | None = None

    def walk(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the real path of all data files, in the order of their names."""
        yield from self.files.items()
        for folder in self.folders:
            yield from folder.walk()

    @property
    def is_empty(self) -> bool:
        """Whether no table is below the folder."""
        return not self.files and not self.folders and self.lake is None


def list_files(path: Path) -> tuple[Folder, list[str]]:
    """Return the folder with its data files, and warnings of files that are left out.

    `path` is a folder, a file, or a pattern with `*`, `?`, `[…]` or `**`. Raises 400 if it does not exist or has no
    data file.
    """
    base, pattern = split_pattern(path)
    if not base.exists():
        raise BadRequestError("database_not_found", f"The folder or file {base} does not exist")
    real = Path(os.path.realpath(base))
    listing = _Listing(real, pattern)
    if real.is_file():
        folder = Folder(real.parent)
        listing.add_file(folder, real.name, str(real))
    else:
        folder = listing.read(real)
    if folder.is_empty:
        reason = f": {listing.warnings[0]}" if listing.warnings else ""
        raise BadRequestError(
            "database_not_found",
            f"{path} has no data file{reason}",
            "Files end with .parquet, .csv, .tsv, .json, .ndjson or .jsonl; those of text may be packed as .gz or .zst",
        )
    return folder, listing.warnings


class _Listing:
    def __init__(self, root: Path, pattern: re.Pattern[str] | None) -> None:
        self.root = root if root.is_dir() else root.parent
        self._prefix = os.path.join(self.root, "")
        self._pattern = pattern
        self.warnings: list[str] = []
        self._count = 0

    def read(self, path: Path, *, is_selected: bool = False) -> Folder:
        """Read a folder and those below it; all files of a folder that matches the pattern are selected."""
        cancellation.current().check()
        folder = Folder(path)  # a real path, as links to folders are not followed
        is_selected = is_selected or self._matches(path)
        for entry in self._scan(path):
            if entry.name in LAKE_FORMATS and is_selected and _is_lake(entry):
                return Folder(path, lake=LAKE_FORMATS[entry.name])
            if is_hidden(entry.name):
                continue
            if entry.is_symlink() and entry.is_dir():
                self._leave_out(Path(entry.path), "links to folders are not followed")
            elif entry.is_dir(follow_symlinks=False):
                self._add_folder(folder, entry, is_selected=is_selected)
            elif is_selected or self._matches(entry.path):
                self.add_file(folder, entry.name, os.path.realpath(entry.path) if entry.is_symlink() else entry.path)
        return folder

    def add_file(self, folder: Folder, name: str, real: str) -> None:
        """Add a file to its folder if it can be read, else a warning."""
        if split_name(name) is None:
            if is_unsupported_data(name):
                self._leave_out(folder.path / name, "files of this type are not supported")
            return
        reason = describe_bad_name(name) or self._describe_unreadable(real)
        if reason is not None:
            self._leave_out(folder.path / name, reason)
            return
        folder.files[name] = real
        self._count += 1
        if self._count > MAX_FILES:
            raise BadRequestError(
                "invalid_value",
                f"{self.root} has more than {MAX_FILES:,} data files",
                "Choose a folder or a pattern with fewer files",
            )

    def _matches(self, path: Path | str) -> bool:
        if self._pattern is None:
            return True
        relative = str(path)[len(self._prefix) :].replace(os.sep, "/")
        return self._pattern.fullmatch(relative) is not None

    def _scan(self, path: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(path) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._leave_out(path, f"it cannot be listed ({error.strerror})")
            return []

    def _add_folder(self, folder: Folder, entry: os.DirEntry[str], *, is_selected: bool) -> None:
        if (reason := describe_bad_name(entry.name)) is not None:
            self._leave_out(Path(entry.path), reason)
            return
        below = self.read(Path(entry.path), is_selected=is_selected)
        if not below.is_empty:
            folder.folders.append(below)

    def _describe_unreadable(self, real: str) -> str | None:
        if not real.startswith(self._prefix):
            return "it is a link that leads out of the folder"
        if glob.has_magic(real):
            return "its path has one of the characters * ? [, which DuckDB takes for a pattern"
        try:
            status = os.stat(real)
        except OSError as error:
            return f"it cannot be read ({error.strerror})"
        if not stat.S_ISREG(status.st_mode):
            return "it is not a regular file"
        if not os.access(real, os.R_OK):
            return "it cannot be read (Permission denied)"
        return "it is empty" if status.st_size == 0 else None

    def _leave_out(self, path: Path, reason: str) -> None:
        shown = os.fsencode(path.relative_to(self.root) if path != self.root else path).decode(
            errors="backslashreplace"
        )
        self.warnings.append(f"{shown!r} is left out: {reason}")


def _is_lake(entry: os.DirEntry[str]) -> bool:
    if not entry.is_dir(follow_symlinks=False):
        return False
    return entry.name != "metadata" or any(Path(entry.path).glob("*.metadata.json"))
