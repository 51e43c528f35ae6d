"""What can go wrong, in sentences that tell a person or an agent what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
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
    """A model or a query that makes no sense: a stable code and one sentence without a full stop."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


def unknown(what: str, name: str, known: Iterable[str]) -> SemanticError:
    """Make the error for a name that does not exist, with near matches or, where there are few names, all of them."""
    return SemanticError(Problem.UNKNOWN_NAME, f"There is no {what} '{name}'{suggestion(name, list(known))}")


def suggestion(name: str, known: list[str]) -> str:
    """Give the near matches as the end of a sentence; it is empty when there is nothing to suggest."""
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.lower(), candidate)
    near = difflib.get_close_matches(name.lower(), list(folded), MAX_SUGGESTIONS)
    if near:
        return "; did you mean " + " or ".join(f"'{folded[match]}'" for match in near) + "?"
    if known and len(known) <= MAX_LISTED:
        return "; there are " + ", ".join(f"'{candidate}'" for candidate in known)
    return ""
