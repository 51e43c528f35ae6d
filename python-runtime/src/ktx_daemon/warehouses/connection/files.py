"""Resolves the URL or path of a file database to an existing file, or that of a folder of files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

from ktx_daemon.errors import BadRequestError

_WINDOWS_DRIVE = re.compile(r"/[A-Za-z]:[\\/]")


def find_database_file(url: str, product: str, schemes: tuple[str, ...]) -> Path:
    """Return the file of a URL (`sqlite:///path`, `sqlite:////path`, `file:path`) or a plain path.

    Raises 400 if the file does not exist; it is never created.
    """
    path = parse_path(url, product, schemes)
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        raise BadRequestError("database_not_found", f"The {product} database {path} {what}")
    return path


def parse_path(url: str, product: str, schemes: tuple[str, ...]) -> Path:
    """Return the absolute path of a URL or a plain path, which may not exist. Raises 400 if the URL names no file."""
    scheme, _, rest = url.partition(":")
    if scheme.lower().partition("+")[0] in (*schemes, "file"):
        text = unquote(rest.partition("?")[0])
        text = text[2:] if text.startswith("//") else text
        text = text[1:] if text.startswith("//") or _WINDOWS_DRIVE.match(text) else text
    else:
        text = url
    if text in ("", "/") or text.endswith(":memory:"):
        example = f"{schemes[0]}:////folder/file.db"
        raise BadRequestError("invalid_url", f"The {product} URL names no file", f"Write it like {example}")
    return Path(os.path.abspath(os.path.expanduser(text)))
