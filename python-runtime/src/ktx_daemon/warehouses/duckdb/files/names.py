"""The formats of files by their names, and the names of files that are parts of one table."""

from __future__ import annotations

import re
from typing import Literal

Format = Literal["parquet", "csv", "tsv", "json", "iceberg", "delta"]

_EXTENSIONS: dict[str, Format] = {
    ".parquet": "parquet",
    **{f".csv{packed}": "csv" for packed in ("", ".gz", ".zst")},
    **{f".tsv{packed}": "tsv" for packed in ("", ".gz", ".zst")},
    **{f".{name}{packed}": "json" for name in ("json", "ndjson", "jsonl") for packed in ("", ".gz", ".zst")},
}
_SUFFIX = re.compile(f"(?:{'|'.join(map(re.escape, sorted(_EXTENSIONS, key=len, reverse=True)))})\\Z", re.IGNORECASE)
# Data files that are not read, so that a warning says so.
_UNSUPPORTED = re.compile(r"\.(?:xlsx?|avro|orc|arrow|feather|(?:csv|tsv|json)\.(?:bz2|xz|zip))\Z", re.IGNORECASE)
# The names that Spark, DuckDB and other writers give to the parts of a table.
_PART = re.compile(r"(?:part|data|chunk|file|split|batch)[-_.]?\d.*|[\d_.-]*\d[\d_.-]*|[0-9a-f]{8}-[0-9a-f-]{27}.*")
_PARTITION = re.compile(r"[^=]+=.*")


def split_name(file_name: str) -> tuple[str, Format] | None:
    """Return the name without the extension, and the format; None for a file without a supported extension."""
    match = _SUFFIX.search(file_name)
    if match is None or match.start() == 0:
        return None
    return file_name[: match.start()], _EXTENSIONS[match[0].lower()]


def is_unsupported_data(file_name: str) -> bool:
    """Return whether a file probably has data, but in a format that is not read."""
    return _UNSUPPORTED.search(file_name) is not None


def is_part(stem: str, folder: str) -> bool:
    """Return whether a file is a part of the table of its folder: `part-0001`, `2024-01`, or `orders_7` in `orders`."""
    text = stem.lower()
    numbered = re.fullmatch(re.escape(folder.lower()) + r"[-_.]?[\d_.-]+", text)
    return numbered is not None or _PART.fullmatch(text) is not None


def is_partition(folder: str) -> bool:
    """Return whether a folder is a partition of Hive's layout, such as `year=2024`."""
    return _PARTITION.fullmatch(folder) is not None


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is skipped, as the markers of writers are (`_SUCCESS`, `.part.crc`)."""
    return name.startswith((".", "_"))


def describe_bad_name(name: str) -> str | None:
    """Return why a name cannot be that of a table or a schema; None if it can."""
    if any(character < " " or character == "\x7f" for character in name):
        return "its name has a control character"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    return None
