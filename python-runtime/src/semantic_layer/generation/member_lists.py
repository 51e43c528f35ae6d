"""SQL of the members of dimensions, which are appended to the groups of the facts."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.generation.facts import FactSql
from semantic_layer.planning.plan import Plan
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.names import unique_name
from semantic_layer.sql.statements import aliased, concatenate, select_from


def select_members(plan: Plan, sql: FactSql, dialect: SqlDialect) -> exp.Select:
    """Return the SELECT of the members of a plan's dimensions."""
    named = zip(sql.dimensions, plan.dimensions, strict=True)
    return sql.grouped_select().select(*(aliased(value, item.name, dialect) for value, item in named), copy=False)


def select_missing_members(
    plan: Plan, all_members: str, others: list[str], stacked: str, dialect: SqlDialect
) -> exp.Select:
    """Return the SELECT of members that no other query has, by a GROUP BY, in which NULL equals NULL."""
    flag = unique_name("is_found", {item.name.lower() for item in plan.dimensions})

    def select_flagged(name: str, is_found: int) -> exp.Select:
        columns = (dialect.column(item.name, name) for item in plan.dimensions)
        found = aliased(exp.Literal.number(is_found), flag, dialect)
        return select_from(name, dialect).select(*columns, found, copy=False)

    union = concatenate([select_flagged(all_members, 0), *(select_flagged(name, 1) for name in others)])
    alias = exp.TableAlias(this=dialect.identifier(stacked))
    columns = [dialect.column(item.name, stacked) for item in plan.dimensions]
    select = exp.Select().from_(union.subquery(alias=alias, copy=False), copy=False).select(*columns, copy=False)
    is_missing = exp.EQ(this=exp.Max(this=dialect.column(flag, stacked)), expression=exp.Literal.number(0))
    return select.group_by(*(column.copy() for column in columns), copy=False).having(is_missing, copy=False)


def select_members_branch(
    plan: Plan, member_plan: Plan, name: str, labels: dict[str, str], dialect: SqlDialect
) -> exp.Select:
    """Return the SELECT of members with NULL in the columns of other dimensions and of measures."""
    names = {item.name for item in member_plan.dimensions}
    select = select_from(name, dialect)
    for item in plan.dimensions:
        value = dialect.column(item.name, name) if item.name in names else aliased(exp.Null(), item.name, dialect)
        select = select.select(value, copy=False)
    return select.select(*(aliased(exp.Null(), label, dialect) for label in labels.values()), copy=False)
