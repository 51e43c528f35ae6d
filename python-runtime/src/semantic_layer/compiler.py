"""The door of this package: from sources and a query to SQL."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.dialects import SqlDialect
from semantic_layer.edges import describe
from semantic_layer.generator import generate
from semantic_layer.models import CompiledQuery, FactSummary, PlanSummary, Query, ResultColumn, Source
from semantic_layer.plan import Fact, Plan
from semantic_layer.planner import Planner


def compile_query(sources: list[Source], query: Query, dialect: str) -> CompiledQuery:
    """Write the SQL that answers a query. Raises SemanticError for what cannot be answered."""
    target = SqlDialect(dialect)
    plan = Planner(sources, target).plan(query)
    return CompiledQuery(generate(plan, target), target.name, _columns(plan), _summary(plan))


def _columns(plan: Plan) -> list[ResultColumn]:
    dimensions = [
        ResultColumn(item.name, "dimension", item.field, item.column.description, item.granularity)
        for item in plan.dimensions
    ]
    measures = [ResultColumn(item.name, item.provenance, item.text, item.description) for item in plan.outputs]
    return dimensions + measures


def _summary(plan: Plan) -> PlanSummary:
    return PlanSummary(
        facts=[_fact_summary(fact, plan) for fact in plan.facts],
        dimensions=[_by(item.field, item.granularity) for item in plan.dimensions],
        row_filters=[item.text for item in plan.row_filters],
        group_filters=[item.text for item in plan.group_filters],
        order_by=[f"{item.text}:{item.direction}" for item in plan.order],
        limit=plan.limit,
        include_empty=plan.include_empty,
    )


def _by(field: str, granularity: str | None) -> str:
    return f"{field} by {granularity}" if granularity else field


def _fact_summary(fact: Fact, plan: Plan) -> FactSummary:
    own = {leaf.key for leaf in fact.leaves}
    uses = [item.text for item in plan.outputs if own & {node.name for node in item.tree.find_all(exp.Placeholder)}]
    joins = [describe((item.edge,)) for item in fact.tree.instances if item.edge is not None]
    return FactSummary(fact.root.name, uses, joins, bool(fact.leaves) and fact.tree.multiplies)
