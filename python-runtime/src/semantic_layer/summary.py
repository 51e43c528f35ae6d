"""A plan for its reader: how each number comes to be, and what it may be taken for wrongly."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.dialects import SqlDialect
from semantic_layer.edges import Step, describe
from semantic_layer.joins import JoinTree
from semantic_layer.models import MeasureGroup, PlanSummary, ResultColumn
from semantic_layer.plan import Dimension, Fact, Output, Plan


def columns_of(plan: Plan, dialect: SqlDialect) -> list[ResultColumn]:
    """Return the columns of the result, in its order."""
    dimensions = [_dimension(item, dialect) for item in plan.dimensions]
    measures = [
        ResultColumn(_asked(item), dialect.name_of(item.name), item.provenance, item.text, item.description)
        for item in plan.outputs
    ]
    return dimensions + measures


def summary_of(plan: Plan, dialect: SqlDialect) -> PlanSummary:
    """Say what the SQL of a plan does."""
    trees = [fact.tree for part in (plan, *plan.members) for fact in part.facts]
    instances = [instance for tree in trees for instance in tree.instances]
    groups = [_group(fact, plan) for fact in plan.facts if fact.aggregates]
    limit_warning = _limit_warning(plan)
    warnings = [*_doubts(trees), *_repetitions(plan), *_differences(plan)]
    return PlanSummary(
        sources_used=list(dict.fromkeys(item.node.source.name for item in instances)),
        join_paths=list(dict.fromkeys(describe((item.edge,)) for item in instances if item.edge is not None)),
        has_fan_out=len(groups) > 1 or any(group.deduplicated for group in groups),
        measure_groups=groups,
        where_filters=[item.text for item in plan.row_filters],
        having_filters=[item.text for item in plan.group_filters],
        columns=columns_of(plan, dialect),
        warnings=[*warnings, limit_warning] if limit_warning else warnings,
        limit_warning=limit_warning,
    )


def _doubts(trees: list[JoinTree]) -> list[str]:
    """Tell which joins are trusted to find one row though only the data can tell."""
    doubts = dict.fromkeys(message for tree in trees for message in tree.doubts)
    return [f"{message}; rows for which it finds several count more than once" for message in doubts]


def _dimension(item: Dimension, dialect: SqlDialect) -> ResultColumn:
    name, description = dialect.name_of(item.name), item.column.description
    return ResultColumn(item.field, name, "dimension", item.field, description, item.granularity)


def _asked(output: Output) -> str:
    return output.name if output.is_named else output.text


def _uses(fact: Fact, output: Output) -> bool:
    own = {aggregate.key for aggregate in fact.aggregates}
    return any(node.name in own for node in output.tree.find_all(exp.Placeholder))


def _group(fact: Fact, plan: Plan) -> MeasureGroup:
    measures = [_asked(item) for item in plan.outputs if _uses(fact, item)]
    joins = [describe((item.edge,)) for item in fact.tree.instances if item.edge is not None]
    return MeasureGroup(fact.root.name, measures, joins, fact.tree.has_fan_out)


def _repetitions(plan: Plan) -> list[str]:
    """Tell where a row counts in several groups."""
    found = []
    for fact in plan.facts:
        many = [item.field for item in plan.dimensions if _is_multiplied(fact, item.node.name)]
        measures = [_asked(item) for item in plan.outputs if _uses(fact, item)]
        if many and measures:
            found.append(
                f"{', '.join(measures)}: a row of {fact.root.name} counts once in every group of {', '.join(many)} "
                f"that it belongs to, so that the groups may add up to more than the total"
            )
    return found


def _is_multiplied(fact: Fact, node: str) -> bool:
    instance = fact.tree.instance(node)
    while instance.edge is not None and instance.parent is not None:
        if instance.edge.step is Step.TO_MANY:
            return True
        instance = instance.parent
    return False


def _differences(plan: Plan) -> list[str]:
    """Tell where a sum or difference of two sources is NULL because one of them has no rows."""
    found = []
    for output in plan.outputs if plan.dimensions else ():
        sources = [fact.root.name for fact in plan.facts if _uses(fact, output)]
        if len(sources) > 1 and output.tree.find(exp.Add, exp.Sub) and not output.tree.find(exp.Coalesce):
            found.append(
                f"{_asked(output)} may be NULL in groups in which one of {', '.join(sources)} has no rows; write "
                f"coalesce(…, 0) around its measures to count that as 0"
            )
    return found


def _limit_warning(plan: Plan) -> str | None:
    """Tell that there may be more groups than the result has."""
    if plan.limit is None or not plan.dimensions:
        return None
    order = ", ".join(f"{item.text}:{item.direction}" for item in plan.order) or "the dimensions"
    return f"Only the first {plan.limit} groups, ordered by {order}, are in the result; a larger `limit` gives more"
