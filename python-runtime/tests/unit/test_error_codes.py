"""Error codes: the list in the code and its documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from msgspec import to_builtins

from ktx_daemon.errors import BadRequestError, DaemonError, ErrorCode
from semantic_layer.errors import Problem

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "errors.md"
CODES = get_args(ErrorCode)


def documented() -> list[str]:
    rows = re.findall(r"^\| \d{3}[\d, ]* \| ([^|]+) \|", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE)
    return [code for row in rows for code in re.findall(r"`(\w+)`", row)]


def used() -> set[str]:
    """Return all quoted texts of the sources except for the list itself."""
    root = Path(__file__).parents[2] / "src"
    texts = {file: file.read_text(encoding="utf-8") for file in root.rglob("*.py")}
    listed = root / "ktx_daemon" / "errors.py"
    texts[listed] = texts[listed].partition("ErrorCode = Literal[")[2].partition("\n]\n")[2]
    return {code for text in texts.values() for code in re.findall(r'"([a-z_]+)"', text)}


def test_documentation_lists_exactly_the_codes() -> None:
    codes = documented()
    assert sorted(codes) == sorted(set(codes))
    # A state of PostgreSQL that the query history reports as `unavailable`.
    assert set(codes) == set(CODES) - {"extension_not_loaded"}


def test_codes_are_sorted_and_used() -> None:
    assert list(CODES) == sorted(set(CODES))
    assert set(CODES) <= used()
    assert {problem.value for problem in Problem} <= set(CODES)


def test_body_omits_a_missing_hint() -> None:
    error = BadRequestError("feature_missing", "It is not installed", "Run: x")
    assert to_builtins(error.body()) == {"detail": "It is not installed", "code": "feature_missing", "hint": "Run: x"}
    assert error.line() == "It is not installed. Run: x"
    plain = DaemonError(404, "not_found", "There is no such endpoint")
    assert to_builtins(plain.body()) == {"detail": "There is no such endpoint", "code": "not_found"}
    assert plain.line() == "There is no such endpoint"
