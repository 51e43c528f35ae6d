"""Facts beside each other: numbers of two facts belong together only over something that both can be grouped by.

In one row, totals of facts that share nothing would look as if they were of the same customers, places or times.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.graph import JoinGraph
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


def _unrelated_error(fact: Fact, other: Fact) -> SemanticError:
    names = f"{fact.root.name} and {other.root.name}"
    missing = [item.root.source.name for item in (fact, other) if default_time(item.root) is None]
    time = f"declare the `time` of {' and '.join(missing)}, and " if missing else ""
    message = (
        f"{names} share no dimension, so that their measures do not belong together in one row; ask for each in a "
        f"query of its own; or {time}add metric_time as a dimension or in a filter; or declare joins of both with a "
        "source that they share"
    )
    return SemanticError(Problem.INVALID_QUERY, message)
