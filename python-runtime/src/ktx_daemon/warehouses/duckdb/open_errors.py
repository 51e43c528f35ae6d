"""Errors of opening a DuckDB file, with what to do next."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ktx_daemon.errors import BadRequestError

# Place of the version of DuckDB that wrote a file in its header.
_VERSION_OFFSET = 52
_VERSION_BYTES = 32


def explain_open_error(path: Path, text: str, version: str) -> BadRequestError:
    """Translate DuckDB's error; `version` is that of the driver."""
    reason = (text.strip().splitlines() or [""])[0].rstrip(".")
    if "encrypted database" in text:
        detail = f"The DuckDB database {path} is encrypted, which is not supported"
        return BadRequestError("not_a_database", detail, "Copy its tables to a database without an encryption key")
    if "newer version of DuckDB" in text:
        detail = (
            f"The DuckDB database {path} was written by DuckDB {_read_version(path)} in a format that needs it or a "
            f"newer one; KTX's runtime has DuckDB {version}"
        )
        hint = "Update KTX, or copy the tables to a database that is attached with an older STORAGE_VERSION"
        return BadRequestError("not_a_database", detail, hint)
    return BadRequestError("not_a_database", f"The DuckDB database {path} cannot be opened: {reason}")


def _read_version(path: Path) -> str:
    header = b""
    with contextlib.suppress(OSError), path.open("rb") as file:
        header = file.read(_VERSION_OFFSET + _VERSION_BYTES)[_VERSION_OFFSET:]
    return header.partition(b"\0")[0].decode("ascii", errors="replace") or "of another version"
