"""The refusal of a statement by the data policy."""

from __future__ import annotations

from ktx_daemon.sql.policy.patterns import DeniedPattern


class PolicyDeniedError(Exception):
    """A statement may read what the data policy denies: one sentence, and a hint with the key of `ktx.yaml`.

    `pattern` is that of the denied object, if it is known.
    """

    def __init__(self, detail: str, hint: str, pattern: DeniedPattern | None = None) -> None:
        super().__init__(detail)
        self.hint = hint
        self.pattern = pattern


class PolicyUncheckedError(PolicyDeniedError):
    """The policy cannot be applied to a text, as it cannot be parsed."""


def table_violation(name: str, pattern: DeniedPattern, *, is_certain: bool) -> PolicyDeniedError:
    """Return the refusal of a statement that reads a denied table, or may read it."""
    if is_certain:
        detail, step = f"The data policy denies the table {name}", "Read another table"
    else:
        detail = f"The name {name} may mean a table that the data policy denies"
        step = "Qualify the name if it means another table"
    return PolicyDeniedError(detail, f"{step}; {_cause('tables', pattern)}", pattern)


def column_violation(table: str, column: str, pattern: DeniedPattern) -> PolicyDeniedError:
    """Return the refusal of a statement that mentions a denied column."""
    detail = f"The data policy denies the column {column} of the table {table}"
    step = "Leave it out, or qualify the name if it is a column of another table"
    return PolicyDeniedError(detail, f"{step}; {_cause('columns', pattern)}", pattern)


def expansion_violation(table: str, pattern: DeniedPattern) -> PolicyDeniedError:
    """Return the refusal of a statement that reads the columns of a table without naming them."""
    detail = f"The statement may read all columns of the table {table}, of which the data policy denies some"
    return PolicyDeniedError(detail, f"Name the columns to read; {_cause('columns', pattern)}", pattern)


def function_violation(name: str) -> PolicyDeniedError:
    """Return the refusal of a function or a system table that may have rows of any table."""
    detail = f"{name} may read what the data policy denies"
    return PolicyDeniedError(detail, "Read a table by its name; policy.deny of the connection is in ktx.yaml")


def catalogue_violation(name: str) -> PolicyDeniedError:
    """Return the refusal of a statement that reads the catalogue of the database."""
    detail = f"{name} may show columns and values of what the data policy denies"
    hint = "Use ktx table NAME, which leaves out what is denied; policy.deny of the connection is in ktx.yaml"
    return PolicyDeniedError(detail, hint)


def _cause(kind: str, pattern: DeniedPattern) -> str:
    return f"it is denied by '{pattern.pattern}' of policy.deny.{kind} in ktx.yaml"
