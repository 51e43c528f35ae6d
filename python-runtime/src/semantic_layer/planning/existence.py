"""The function `exists(condition)` of filters: whether a row has rows of another source that satisfy a condition.

`exists(entity, condition)` asks the same of the row of the entity that a fact belongs to. A condition that is NULL is
not satisfied, so that `not exists` holds for exactly the other rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.default_paths import default_paths, resolve_default
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.joins import JoinTree
from semantic_layer.model.catalog import Node
from semantic_layer.model.models import Paths
from semantic_layer.model.references import model_column, nodes_of
from semantic_layer.planning.measure_columns import MeasureColumns
from semantic_layer.rows.periods.clock import Clock
from semantic_layer.rows.physical import JoinTreeSql
from semantic_layer.rows.row_lookups import Lookup, grain_of
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import is_not_null

_FOUND = "is_found"


@dataclass(frozen=True, eq=False)
class Existence:
    """A condition over columns of the model, for a query with a `clock` and with `paths`."""

    condition: exp.Expr
    clock: Clock
    paths: Paths


class RowExists(exp.Expression, exp.Predicate):
    """Whether a row of the fact has rows that satisfy an `Existence`, which is resolved for each fact."""

    arg_types: ClassVar[dict[str, bool]] = {"existence": True}


@dataclass(frozen=True)
class _ExistenceFinder:
    """The rows of an entity that have rows which satisfy a condition."""

    entity: Node
    existence: Existence
    graph: JoinGraph
    dialect: SqlDialect

    @property
    def label(self) -> str:
        return f"exists {id(self.existence)}"

    def join_tree(self) -> JoinTree:
        """Return the joins of the entity to the rows that have to exist. Raises SemanticError."""
        paths = default_paths(self.graph.catalog, self.entity, self.existence.paths)
        tree = JoinTree(self.entity, self.graph, self.dialect, paths)
        for name, column in nodes_of(self.existence.condition).items():
            tree.reach(self.graph.catalog.node(name), column, is_required=True)
        return tree

    def select(self, keys: Sequence[str]) -> exp.Select:
        sql = JoinTreeSql(
            self.join_tree(), self.dialect, MeasureColumns(self.graph, self.dialect, self.existence.clock)
        )
        grain = zip(grain_of(self.entity, "exists"), keys, strict=True)
        select = sql.select(include_empty=False)
        columns = [exp.alias_(sql.column(self.entity.name, name), self.dialect.identifier(key)) for name, key in grain]
        found = exp.alias_(exp.Literal.number(1), self.dialect.identifier(_FOUND))
        return select.where(sql.write(self.existence.condition)).select(*columns, found, copy=False).distinct()


def entity_exists(entity: Node, existence: Existence, graph: JoinGraph, dialect: SqlDialect) -> exp.Expr:
    """Return the condition that the row of an entity has rows that satisfy a condition. Raises SemanticError."""
    keys = [model_column(entity.name, name) for name in grain_of(entity, "exists")]
    finder = _ExistenceFinder(entity, existence, graph, dialect)
    finder.join_tree()
    lookup = Lookup(expressions=keys, finder=finder, value=_FOUND)
    return exp.paren(is_not_null(lookup), copy=False)


def require_existences(condition: exp.Expr, root: Node, graph: JoinGraph, dialect: SqlDialect) -> None:
    """Raise SemanticError, with advice, if the rows that have to exist cannot be found from a fact."""
    try:
        fill_existences(condition, root, graph, dialect)
    except SemanticError as error:
        hint = "; name the source whose rows are meant, as in exists(source, condition)"
        is_path = error.problem in (Problem.NO_JOIN_PATH, Problem.AMBIGUOUS_JOIN_PATH)
        raise SemanticError(error.problem, f"{error}{hint if is_path else ''}") from None


def nodes_of_rows(condition: exp.Expr, root: Node, graph: JoinGraph) -> dict[str, str]:
    """Return the nodes that a condition reads in the rows of a fact, each with one of the columns."""
    nodes = nodes_of(condition)
    for node in condition.find_all(RowExists):
        if _is_of_row(node.args["existence"], root, graph):
            nodes |= nodes_of(node.args["existence"].condition)
    return nodes


def reads_one_row(condition: exp.Expr, root: Node, graph: JoinGraph) -> bool:
    """Return whether a condition asks only for rows of which each row of a fact has one at most."""
    return all(_is_of_row(node.args["existence"], root, graph) for node in condition.find_all(RowExists))


def all_nodes_of(condition: exp.Expr) -> dict[str, str]:
    """Return the nodes that a condition reads, also those of rows that have to exist."""
    nodes = nodes_of(condition)
    for node in condition.find_all(RowExists):
        nodes |= nodes_of(node.args["existence"].condition)
    return nodes


def fill_existences(condition: exp.Expr, root: Node, graph: JoinGraph, dialect: SqlDialect) -> exp.Expr:
    """Write the existences of a condition for the rows of a fact. Raises SemanticError."""

    def fill(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, RowExists):
            return node
        existence: Existence = node.args["existence"]
        if not _is_of_row(existence, root, graph):
            return entity_exists(root, existence, graph, dialect)
        one, zero = exp.Literal.number(1), exp.Literal.number(0)
        value = exp.Case().when(existence.condition.copy(), one.copy()).else_(zero)
        return exp.paren(exp.EQ(this=value, expression=one), copy=False)

    return condition.transform(fill) if condition.find(RowExists) else condition


def existences(condition: exp.Expr) -> Iterator[Existence]:
    """Yield the conditions on rows that have to exist, or not, in a condition."""
    for node in condition.find_all(RowExists):
        yield node.args["existence"]
    for lookup in condition.find_all(Lookup):
        if isinstance(lookup.args["finder"], _ExistenceFinder):
            yield lookup.args["finder"].existence


def _is_of_row(existence: Existence, root: Node, graph: JoinGraph) -> bool:
    """Return whether each row of a source has at most one value of the condition."""
    paths = default_paths(graph.catalog, root, existence.paths)
    nodes = [graph.catalog.node(name) for name in nodes_of(existence.condition)]
    return all(graph.has_at_most_one(root, resolve_default(graph.catalog, root, node, paths)) for node in nodes)
