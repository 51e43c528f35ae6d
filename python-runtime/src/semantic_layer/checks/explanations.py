"""Explanation of a plan in words: what is aggregated where and why, what follows it, and what NULL means."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from semantic_layer.joins.edges import Cardinality, Edge, describe_path
from semantic_layer.joins.joins import Instance
from semantic_layer.measures.calculations import Calculation
from semantic_layer.measures.variants import Variant
from semantic_layer.model.answers import PlanFact, PlanPath
from semantic_layer.planning.plan import Fact, NestedFact, Output, Plan, rows_of


def describe_facts(plan: Plan) -> list[PlanFact]:
    """Return what is aggregated, each over the rows of one source."""
    return [_fact(fact, plan) for fact in rows_of(plan.facts)]


def _fact(fact: Fact, plan: Plan) -> PlanFact:
    measures = [item.name for item in plan.outputs if any(used is fact for used in plan.facts_of(item.tree))]
    variant = fact.variant
    return PlanFact(
        source=fact.root.name,
        measures=measures,
        grouped_by=[item.name for item in fact.dimensions],
        filters=[item.text for item in fact.filters if item.text],
        paths=[_path(item, fact) for item in fact.tree.instances if item.edge is not None],
        time=variant.time,
        offset=str(variant.shift) if variant.shift else None,
        window=_window(variant),
        deduplicated=fact.tree.has_fan_out,
    )


def _path(instance: Instance, fact: Fact) -> PlanPath:
    """Return the joins to a source, with what they find."""
    edges: list[Edge] = []
    step: Instance | None = instance
    while step is not None and step.edge is not None:
        edges.insert(0, step.edge)
        step = step.parent
    many = any(edge.cardinality is Cardinality.TO_MANY for edge in edges)
    end = instance.node.name
    if many:
        finds = f"many rows of {end} for a row of {fact.root.name}, which counts once in each group"
    else:
        finds = f"at most one row of {end} for each row of {fact.root.name}"
    return PlanPath(describe_path(tuple(edges)), finds)


def _window(variant: Variant) -> str | None:
    window = variant.window
    if window is None:
        return None
    if window.duration is not None:
        return f"the {window.duration} until the end of each period"
    if window.unit is not None:
        return f"from the start of the {window.unit} to the end of each period"
    return "all rows to the end of each period"


def describe_calculations(plan: Plan) -> list[str]:
    """Return what is calculated from the groups, after they are aggregated, in this order."""
    sentences = [_nested(fact) for fact in plan.facts if isinstance(fact, NestedFact)]
    sentences += [_calculation(item, plan) for item in plan.calculations]
    if plan.fill_gaps and plan.axis is not None:
        sentences.append(f"Every {plan.axis.unit} of the range is a group, for each combination of other dimensions")
    if plan.group_filters:
        sentences.append("Filters on measures apply to the groups, after shares and ranks are calculated")
    if plan.top is not None:
        sentences.append(_top(plan))
    return list(dict.fromkeys(sentences))


def _nested(fact: NestedFact) -> str:
    outer = {item.key for item in fact.dimensions}
    per = " and ".join(item.key for item in fact.plan.dimensions if item.key not in outer)
    return f"{fact.plan.outputs[0].text} is aggregated for each {per} first, then over these"


def _calculation(item: Calculation, plan: Plan) -> str:
    users = " and ".join(_users(item, plan)) or "A condition"
    within = _within(item, plan)
    if item.kind == "fixed":
        over = f"all rows of each {within}" if within else "all rows as one group"
        return f"{users}: one of its values is that of {over}"
    if item.kind == "rank":
        return f"{users}: the rank by descending value{f' within {within}' if within else ''}; equal values share one"
    if item.kind == "running_share":
        return f"{users}: the share of the groups so far, by descending value{f', within {within}' if within else ''}"
    unit = plan.axis.unit if plan.axis is not None else "period"
    return f"{users}: the average of {item.size} {unit}s until each one; periods without a value are left out"


def _within(item: Calculation, plan: Plan) -> str:
    return ", ".join(part.name for part in plan.dimensions if part.key in item.partition)


def _users(item: Calculation, plan: Plan) -> list[str]:
    return [o.name for o in plan.outputs if any(node.name == item.key for node in _placeholders(o.tree, plan))]


def _placeholders(tree: exp.Expr, plan: Plan) -> Iterator[exp.Placeholder]:
    """Yield the placeholders of a tree, and those of its calculations."""
    for node in tree.find_all(exp.Placeholder):
        yield node
        for item in plan.calculations:
            if item.key == node.name:
                yield from _placeholders(item.tree, plan)


def _top(plan: Plan) -> str:
    top = plan.top
    assert top is not None  # noqa: S101
    which = "largest" if top.direction == "desc" else "smallest"
    per = f" of each {', '.join(top.per)}" if top.per else ""
    rest = "the others are one row" if top.others else "the others are left out"
    first = "group" if top.limit == 1 else f"{top.limit} groups"
    return f"Only the {first} with the {which} {top.by}{per} {'is' if top.limit == 1 else 'are'} in the result; {rest}"


def describe_nulls(plan: Plan) -> list[str]:
    """Return what NULL means in each measure that can have it."""
    return [sentence for output in plan.outputs if (sentence := _null(output, plan)) is not None]


def _null(output: Output, plan: Plan) -> str | None:
    if isinstance(output.tree, exp.Coalesce):
        return f"{output.name}: {output.tree.expressions[0].sql()} in place of NULL"
    causes = list(dict.fromkeys(_causes(output, plan)))
    if output.tree.find(exp.Div):
        causes.append("the divisor is zero or NULL")
    return f"{output.name}: NULL if {', or '.join(causes)}" if causes else None


def _causes(output: Output, plan: Plan) -> Iterator[str]:
    used = {node.name for node in _placeholders(output.tree, plan)}
    for fact in plan.facts_of(output.tree):
        if any(item.key in used and not item.is_count for item in fact.aggregates):
            yield f"{_rows(fact)} have no value"


def _rows(fact: Fact) -> str:
    variant = fact.variant
    before = f" {variant.shift} before" if variant.shift else ""
    until = " until the end of the period" if variant.window else ""
    return f"the rows of {fact.root.name} in the group{before}{until}"
