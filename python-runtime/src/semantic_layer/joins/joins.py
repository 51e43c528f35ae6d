"""The join tree of one aggregation: the paths from its source to all nodes that it reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.joins.default_paths import resolve_default
from semantic_layer.joins.edges import Cardinality, Edge, Path
from semantic_layer.joins.graph import JoinGraph
from semantic_layer.joins.join_conditions import canonical_form, parse_join_condition
from semantic_layer.joins.path_errors import require_path
from semantic_layer.joins.uniqueness import check_uniqueness
from semantic_layer.model.catalog import Node
from semantic_layer.model.models import Paths
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.names import unique_name


def reject_parallel_joins(edge: Edge, graph: JoinGraph, dialect: SqlDialect) -> None:
    """Raise SemanticError if different joins connect the nodes of an edge; a join declared on both sides is one."""
    parallel = [other for other in graph.edges_between(edge.start, edge.end) if other.join is not edge.join]
    if not parallel:
        return
    canonical_condition = canonical_form(parse_join_condition(edge, dialect))
    for other in parallel:
        is_same = canonical_form(parse_join_condition(other, dialect)) == canonical_condition
        both = f"{edge.owner.name} and {other.owner.name}: '{edge.join.on}' and '{other.join.on}'"
        if is_same and other.cardinality is not edge.cardinality:
            message = f"{edge.start.name} and {edge.end.name} are joined by contradicting relationships, in {both}"
            raise SemanticError(Problem.INVALID_MODEL, message)
        if not is_same and (other.cardinality is Cardinality.TO_MANY) == (edge.cardinality is Cardinality.TO_MANY):
            message = f"There are several joins between {edge.start.name} and {edge.end.name}, in {both}"
            raise SemanticError(Problem.AMBIGUOUS_JOIN_PATH, f"{message}; give them different aliases")


@dataclass
class Instance:
    """A table of the tree under its alias; `is_required` if a group or a filter depends on its row."""

    alias: str
    node: Node
    edge: Edge | None = None
    parent: Instance | None = None
    is_required: bool = False


@dataclass
class JoinTree:
    """The tables of one aggregation, parents first. Two paths to one node are two instances of its table.

    `paths` are those that plain names mean by default. `uniqueness_warnings` lists joins that double count rows if the
    data violates their declared cardinality.
    """

    root: Node
    graph: JoinGraph
    dialect: SqlDialect
    paths: Paths = field(default_factory=dict)
    instances: list[Instance] = field(default_factory=list)
    has_fan_out: bool = False
    uniqueness_warnings: list[str] = field(default_factory=list)
    _conditions: dict[Edge, exp.Expr] = field(default_factory=dict)
    _by_path: dict[Path, Instance] = field(default_factory=dict)
    _by_node: dict[str, Instance] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_path[()] = self._by_node[self.root.name] = self._add_instance(self.root.alias, self.root)

    def reach(self, node: Node, field: str, *, is_required: bool, requires_single_row: bool = False) -> None:
        """Join a node and the nodes on the path to it. Raises SemanticError without a path and for ambiguous ones.

        `field` is a column of the node, for the error.
        """
        path = require_path(self.graph, self.root, self.resolve(node), field)
        if requires_single_row and any(edge.cardinality is Cardinality.TO_MANY for edge in path):
            message = f"A row of {self.root.name} has many rows of {node.name}, so a measure of {self.root.name}"
            raise SemanticError(Problem.NO_JOIN_PATH, f"{message} cannot read a single value there")
        self.follow(node, path, is_required=is_required)

    def follow(self, node: Node, path: Path, *, is_required: bool) -> None:
        """Join the nodes on a path to a node; it starts at the root, or at another role of its source."""
        for length, edge in enumerate(path):
            alias = node.alias if length == len(path) - 1 and node.base is not None else edge.end.name
            self._join(path[:length], edge, is_required, alias)
        self._by_node[node.name] = self._by_path[path]

    def resolve(self, node: Node) -> Node:
        """Return the node that a name means by default."""
        return resolve_default(self.graph.catalog, self.root, node, self.paths)

    def find_path(self, node: Node) -> Path | None:
        """Return the path to a node, or None if there is none or it is ambiguous."""
        return self.graph.find_single_path(self.root, self.resolve(node))

    def instance(self, node: str) -> Instance:
        """Return the table of a joined node."""
        return self._by_node[node]

    def condition(self, edge: Edge) -> exp.Expr:
        """Return the condition of a join. Raises SemanticError."""
        if edge not in self._conditions:
            self._conditions[edge] = parse_join_condition(edge, self.dialect)
        return self._conditions[edge]

    def _join(self, before: Path, edge: Edge, is_required: bool, alias: str) -> None:
        path = (*before, edge)
        if path not in self._by_path:
            reject_parallel_joins(edge, self.graph, self.dialect)
            if edge.cardinality is not Cardinality.TO_MANY:
                self._check_uniqueness(edge)
            self.has_fan_out = self.has_fan_out or edge.cardinality is Cardinality.TO_MANY
            self._by_path[path] = self._add_instance(alias, edge.end, edge, self._by_path[before])
        self._by_path[path].is_required |= is_required

    def _check_uniqueness(self, edge: Edge) -> None:
        """Add a warning if the cardinality of a join cannot be verified. Raises SemanticError if it is wrong."""
        message = check_uniqueness(edge, self.condition(edge), edge.end)
        if message is not None:
            self.uniqueness_warnings.append(message)

    def _add_instance(
        self, alias: str, node: Node, edge: Edge | None = None, parent: Instance | None = None
    ) -> Instance:
        used_names = {instance.alias.lower() for instance in self.instances}
        instance = Instance(unique_name(alias, used_names), node, edge, parent)
        self.instances.append(instance)
        return instance
