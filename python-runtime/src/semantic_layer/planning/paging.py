"""Pages of a result: limit and offset, and the number of all groups."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.queries import Query
from semantic_layer.planning.plan import Plan
from semantic_layer.sql.dialects import SqlDialect

MAX_LIMIT = 2**63 - 1  # the databases count rows in 64 bits
_GROUPS = "groups"
_NUMBER = "number_of_groups"


def require_count(what: str, value: int | None, otherwise: str) -> None:
    """Raise SemanticError for a number of rows that no database has."""
    if value is not None and not 1 <= value <= MAX_LIMIT:
        message = f"The {what} is {value}; it has to be 1 to {MAX_LIMIT}, {otherwise}"
        raise SemanticError(Problem.INVALID_QUERY, message)


def require_offset(query: Query) -> None:
    """Raise SemanticError for an offset that no database has, and for one without a limit."""
    limit, offset = query.limit, query.offset
    if offset is not None and not 0 <= offset <= MAX_LIMIT:
        raise SemanticError(Problem.INVALID_QUERY, f"The offset is {offset}; it has to be 0 to {MAX_LIMIT}")
    if offset and limit is None:
        raise SemanticError(Problem.INVALID_QUERY, f"The offset is {offset} without a limit; give a `limit` as well")


def limit_page(select: exp.Select, plan: Plan) -> exp.Select:
    """Return the SELECT with the limit and the offset of the plan; its order is total."""
    if plan.limit is not None:
        select = select.limit(plan.limit, copy=False)
    return select.offset(plan.offset, copy=False) if plan.offset else select


def count_groups(select: exp.Select, plan: Plan, dialect: SqlDialect) -> exp.Select | None:
    """Return the SELECT of the number of all groups of a finished SELECT, or None without dimensions."""
    if not plan.dimensions:
        return None
    groups = select.copy()
    for clause in ("order", "limit", "offset"):
        groups.set(clause, None)
    ctes = groups.args.get("with_")
    groups.set("with_", None)
    alias = exp.TableAlias(this=dialect.identifier(_GROUPS))
    number = exp.alias_(exp.Count(this=exp.Star()), dialect.identifier(_NUMBER))
    counted = exp.Select().select(number).from_(groups.subquery(alias=alias, copy=False), copy=False)
    counted.set("with_", ctes)  # T-SQL has WITH at the start of a statement only
    return counted
