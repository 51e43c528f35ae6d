"""Facts beside each other: numbers of two facts belong together only over something that both can be grouped by.

In one row, totals of facts that share nothing would look as if they were of the same customers, places or times.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.measures.aggregation import Aggregate
from semantic_layer.planning.plan import AnyFact, Fact, rows_of
from semantic_layer.planning.row_facts import default_time


def require_shared_sources(facts: Iterable[AnyFact], graph: JoinGraph) -> None:
    """Raise SemanticError for two facts of a query without `metric_time` that reach no source in common.

    Facts that are aggregated by the same dimension reach its source, as do those within one nested aggregate, unless it
    relates them by `metric_time`.
    """
    rows = [rows_of([fact]) for fact in facts]
    reached = {fact.root.name: graph.reachable_sources(fact.root) for group in rows for fact in group}
    for group, others in combinations(rows, 2):
        pairs = product(group, others)
        if not any(reached[fact.root.name] & reached[other.root.name] for fact, other in pairs):
            raise _unrelated_error(group[0], others[0])


def require_relation(aggregates: Iterable[Aggregate], graph: JoinGraph) -> None:
    """Raise SemanticError for aggregates of two sources that no query can show beside each other.

    Their sources reach none in common, and not both have a time, by which `metric_time` would relate them.
    """
    for one, other in combinations(aggregates, 2):
        missing = _without_time(one, other) if one.root is not other.root else []
        if missing and not graph.reachable_sources(one.root) & graph.reachable_sources(other.root):
            names = f"{one.root.name} and {other.root.name}"
            message = (
                f"{names} share no dimension, so that no query can answer it; declare the `time` of "
                f"{' and '.join(missing)}, by which both can be grouped, or joins of both with a source that they share"
            )
            raise SemanticError(Problem.INVALID_MODEL, message)


def _without_time(*rows: Fact | Aggregate) -> list[str]:
    return [item.root.source.name for item in rows if item.variant.time is None and default_time(item.root) is None]


def _unrelated_error(fact: Fact, other: Fact) -> SemanticError:
    names = f"{fact.root.name} and {other.root.name}"
    missing = _without_time(fact, other)
    time = f"declare the `time` of {' and '.join(missing)}, and " if missing else ""
    message = (
        f"{names} share no dimension, so that their measures do not belong together in one row; ask for each in a "
        f"query of its own; or {time}add metric_time as a dimension or in a filter; or declare joins of both with a "
        "source that they share"
    )
    return SemanticError(Problem.INVALID_QUERY, message)
