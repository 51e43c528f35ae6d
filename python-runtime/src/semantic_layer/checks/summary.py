"""Summary of a plan for its reader, with warnings about possible misinterpretations."""

from __future__ import annotations

from sqlglot import exp

from semantic_layer.checks.explanations import describe_calculations, describe_facts, describe_nulls
from semantic_layer.checks.time_limits import limit_warnings
from semantic_layer.checks.unknown_values import granularity_warnings, value_warnings
from semantic_layer.joins.edges import describe_path
from semantic_layer.joins.joins import JoinTree
from semantic_layer.model.answers import MeasureGroup, PlanSummary, ResultColumn
from semantic_layer.model.catalog import Catalog
from semantic_layer.planning.looked_up import looked_up_sources
from semantic_layer.planning.plan import Fact, Output, Plan, rows_of
from semantic_layer.planning.weights import is_repeated, weighted_links
from semantic_layer.rows.dimension import Dimension
from semantic_layer.sql.dialects import SqlDialect


def describe_columns(plan: Plan, dialect: SqlDialect) -> list[ResultColumn]:
    """Return the columns of the result in order."""
    dimensions = [_dimension(item, dialect) for item in plan.dimensions]
    measures = [
        ResultColumn(_queried_name(item), dialect.shorten_name(item.name), item.provenance, item.text, item.description)
        for item in plan.outputs
    ]
    others = plan.top.others if plan.top is not None else None
    flag = [ResultColumn(others, others, "dimension", others, "1 for the row of all other groups")] if others else []
    return [*dimensions, *flag, *measures]


def summarize(plan: Plan, catalog: Catalog, dialect: SqlDialect, zone: str | None = None) -> PlanSummary:
    """Return the summary of a plan over a model, with periods in a time zone."""
    facts = rows_of(plan.facts)
    trees = [fact.tree for part in (plan, *plan.members) for fact in rows_of(part.facts)]
    instances = [instance for tree in trees for instance in tree.instances]
    groups = [_group(fact, plan) for fact in facts if fact.aggregates and fact.level == 0]
    limit_warning = _limit_warning(plan)
    warnings = [
        *_uniqueness_warnings(trees),
        *_repetition_warnings(plan),
        *_allocation_notes(plan),
        *_null_warnings(plan),
    ]
    sources = list(dict.fromkeys(item.node.source.name for item in instances))
    warnings += value_warnings(plan, catalog) + granularity_warnings(plan)
    warnings += limit_warnings(plan, sources, catalog, zone, dialect)
    return PlanSummary(
        sources_used=list(dict.fromkeys([*sources, *looked_up_sources(plan, catalog)])),
        join_paths=list(dict.fromkeys(describe_path((item.edge,)) for item in instances if item.edge is not None)),
        has_fan_out=len(groups) > 1 or any(group.deduplicated for group in groups),
        measure_groups=groups,
        where_filters=[item.text for item in plan.row_filters],
        having_filters=[item.text for item in plan.group_filters],
        columns=describe_columns(plan, dialect),
        warnings=[*warnings, limit_warning] if limit_warning else warnings,
        limit_warning=limit_warning,
        periods=list(plan.periods),
        facts=describe_facts(plan),
        calculations=describe_calculations(plan),
        nulls=describe_nulls(plan),
    )


def _uniqueness_warnings(trees: list[JoinTree]) -> list[str]:
    """Return warnings for joins whose cardinality cannot be verified."""
    messages = dict.fromkeys(message for tree in trees for message in tree.uniqueness_warnings)
    return [f"{message}; rows for which it finds several count more than once" for message in messages]


def _dimension(item: Dimension, dialect: SqlDialect) -> ResultColumn:
    name, description = dialect.shorten_name(item.name), item.column.description if item.column else None
    queried = item.field if item.column or item.is_metric_time else item.name
    return ResultColumn(queried, name, "dimension", item.field, description, item.granularity)


def _queried_name(output: Output) -> str:
    return output.name if output.is_named else output.text


def _uses(fact: Fact, output: Output, plan: Plan) -> bool:
    return any(used is fact for used in plan.facts_of(output.tree))


def _group(fact: Fact, plan: Plan) -> MeasureGroup:
    measures = [_queried_name(item) for item in plan.outputs if _uses(fact, item, plan)]
    joins = [describe_path((item.edge,)) for item in fact.tree.instances if item.edge is not None]
    return MeasureGroup(fact.root.name, measures, joins, fact.tree.has_fan_out)


def _repetition_warnings(plan: Plan) -> list[str]:
    """Return warnings for rows that count in several groups."""
    warnings = []
    for fact in rows_of(plan.facts):
        many = [item.field for item in fact.dimensions if any(is_repeated(fact, name) for name in item.nodes)]
        measures = [_queried_name(item) for item in plan.outputs if _uses(fact, item, plan)]
        if many and measures:
            warnings.append(
                f"{', '.join(measures)}: a row of {fact.root.name} counts once in every group of {', '.join(many)} "
                f"that it belongs to, so that the groups may add up to more than the total"
            )
    return warnings


def _allocation_notes(plan: Plan) -> list[str]:
    """Return a sentence for each bridge by whose weight measures are allocated."""
    notes = []
    for fact in rows_of(plan.facts):
        measures = ", ".join(_queried_name(item) for item in plan.outputs if _uses(fact, item, plan))
        for link in weighted_links(fact) if measures else ():
            weight = f"{link.node.name}.{link.node.source.weight}"
            notes.append(f"{measures}: a row of {fact.root.name} is allocated to its groups by {weight}")
    return list(dict.fromkeys(notes))


def _null_warnings(plan: Plan) -> list[str]:
    """Return warnings for sums and differences that are NULL if one of several sources has no rows."""
    warnings = []
    for output in plan.outputs if plan.dimensions else ():
        sources = list(dict.fromkeys(fact.root.name for fact in rows_of(plan.facts) if _uses(fact, output, plan)))
        if len(sources) > 1 and output.tree.find(exp.Add, exp.Sub) and not output.tree.find(exp.Coalesce):
            warnings.append(
                f"{_queried_name(output)} may be NULL in groups in which one of {', '.join(sources)} has no rows; "
                f"write coalesce(…, 0) around its measures to count that as 0"
            )
    return warnings


def _limit_warning(plan: Plan) -> str | None:
    """Return the warning that the limit may exclude groups, or None."""
    if plan.limit is None or not plan.dimensions:
        return None
    order = ", ".join(f"{item.text}:{item.direction}" for item in plan.order) or "the dimensions"
    which = (
        f"first {plan.limit} groups" if plan.offset is None else f"{plan.limit} groups after the first {plan.offset}"
    )
    return f"Only the {which}, ordered by {order}, are in the result; a larger `limit` gives more"
