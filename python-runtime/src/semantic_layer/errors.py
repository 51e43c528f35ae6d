"""Errors of the semantic layer: sentences that tell a person or an agent what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum

MAX_SUGGESTIONS = 3
MAX_LISTED = 12


class Problem(str, Enum):
    """The stable codes of all errors."""

    UNSUPPORTED_DIALECT = "unsupported_dialect"
    INVALID_MODEL = "invalid_model"
    INVALID_EXPRESSION = "invalid_expression"
    INVALID_QUERY = "invalid_query"
    UNKNOWN_NAME = "unknown_name"
    NOT_VISIBLE = "not_visible"
    WRONG_TYPE = "wrong_type"
    CYCLE = "cycle"
    NO_JOIN_PATH = "no_join_path"
    AMBIGUOUS_JOIN_PATH = "ambiguous_join_path"


class SemanticError(Exception):
    """An invalid model or query: a stable code and one sentence without a full stop."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


@contextmanager
def within(where: str) -> Iterator[None]:
    """Name the place of an error in its message; a cycle names its places itself."""
    try:
        yield
    except SemanticError as error:
        if error.problem is Problem.CYCLE:
            raise
        raise SemanticError(error.problem, f"{where}: {error}") from None


def unknown_name_error(what: str, name: str, known: Iterable[str]) -> SemanticError:
    """Return the error for an unknown name, with near matches or, if there are few, all names."""
    return SemanticError(Problem.UNKNOWN_NAME, f"There is no {what} '{name}'{format_suggestion(name, list(known))}")


def format_suggestion(name: str, known: list[str]) -> str:
    """Return near matches or a short list of names as the end of a sentence, empty without a suggestion."""
    near = format_near_matches(name, known)
    if not near and known and len(known) <= MAX_LISTED:
        return "; there are " + ", ".join(f"'{candidate}'" for candidate in known)
    return near


def format_near_matches(name: str, known: list[str]) -> str:
    """Return names that are spelled like `name`, in any letter case, as the end of a sentence; empty without one."""
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.lower(), candidate)
    near = difflib.get_close_matches(name.lower(), list(folded), MAX_SUGGESTIONS)
    return "; did you mean " + " or ".join(f"'{folded[match]}'" for match in near) + "?" if near else ""
