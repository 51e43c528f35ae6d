"""Patterns of paths: `*`, `?`, `[…]`, and `**` for any number of folders."""

from __future__ import annotations

import glob
import re
from pathlib import Path

_TOKEN = re.compile(r"(\*+)|(\?)|\[(!?)([^\]]+)\]|(.)", re.DOTALL)


def split_pattern(path: Path) -> tuple[Path, re.Pattern[str] | None]:
    """Return the folder before a pattern, and the expression of relative paths with `/`; None if it is a plain path.

    A path that exists is not a pattern.
    """
    if path.exists() or not glob.has_magic(str(path)):
        return path, None
    first = next(index for index, part in enumerate(path.parts) if glob.has_magic(part))
    *folders, last = path.parts[first:]
    text = "".join("(?:[^/]+/)*" if part == "**" else f"{_translate(part)}/" for part in folders)
    return Path(*path.parts[:first]), re.compile(text + (".*" if last == "**" else _translate(last)), re.DOTALL)


def _translate(part: str) -> str:
    return _TOKEN.sub(_translate_token, part)


def _translate_token(match: re.Match[str]) -> str:
    stars, question, negation, members, other = match.groups()
    if stars:
        return "[^/]*"
    if question:
        return "[^/]"
    if members:
        return f"[{'^/' if negation else ''}{members.replace(chr(92), chr(92) * 2)}]"
    return re.escape(other)
