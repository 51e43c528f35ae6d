"""Errors of opening a DuckDB file, with what to do next."""

from __future__ import annotations

import re
from pathlib import Path

from ktx_daemon.errors import BadRequestError

_NEWER = re.compile(r"newer version of DuckDB|storage version (?:number|\d+)|version number \d+", re.IGNORECASE)
_CREATED_BY = re.compile(r"\bv\d+\.\d+\.\d+\b")


def explain_open_error(path: Path, text: str, version: str) -> BadRequestError:
    """Translate DuckDB's error; `version` is that of the driver."""
    reason = (text.strip().splitlines() or [""])[0].rstrip(".")
    if "encrypt" in text.lower():
        detail = f"The DuckDB database {path} is encrypted, which is not supported"
        return BadRequestError("not_a_database", detail, "Copy its tables to a database without ENCRYPTION_KEY")
    if _NEWER.search(text):
        needed = _CREATED_BY.search(text)
        by = f"DuckDB {needed[0]} or newer" if needed else "a newer version of DuckDB"
        detail = f"The DuckDB database {path} needs {by}, and KTX's runtime has {version}: {reason}"
        hint = "Update KTX, or write the file with an older STORAGE_VERSION (ATTACH … (STORAGE_VERSION 'v1.0.0'))"
        return BadRequestError("not_a_database", detail, hint)
    return BadRequestError("not_a_database", f"The DuckDB database {path} cannot be opened: {reason}")
