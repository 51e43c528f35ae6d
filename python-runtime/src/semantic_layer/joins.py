"""The tables that one aggregation reads: the paths from its own source to all that it needs, as one tree of joins."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from semantic_layer.catalog import Node
from semantic_layer.conditions import canonical, join_condition
from semantic_layer.dialects import SqlDialect
from semantic_layer.edges import Edge, Path, Step
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.graph import JoinGraph
from semantic_layer.names import free_name
from semantic_layer.refusals import find_path
from semantic_layer.uniqueness import doubt


def refuse_parallel_joins(edge: Edge, graph: JoinGraph, dialect: SqlDialect) -> None:
    """Refuse a step for which two different joins are declared; a join declared from both sides is one."""
    parallel = [other for other in graph.between(edge.start, edge.end) if other.join is not edge.join]
    if not parallel:
        return
    own = canonical(join_condition(edge, dialect))
    for other in parallel:
        is_same = canonical(join_condition(other, dialect)) == own
        both = f"{edge.owner.name} and {other.owner.name}: '{edge.join.on}' and '{other.join.on}'"
        if is_same and other.step is not edge.step:
            message = f"{edge.start.name} and {edge.end.name} are joined by contradicting relationships, in {both}"
            raise SemanticError(Problem.INVALID_MODEL, message)
        if not is_same and (other.step is Step.TO_MANY) == (edge.step is Step.TO_MANY):
            message = f"There are several joins between {edge.start.name} and {edge.end.name}, in {both}"
            raise SemanticError(Problem.AMBIGUOUS_JOIN_PATH, f"{message}; give them different aliases")


@dataclass
class Instance:
    """A table of the tree under its alias; `is_required` when a group or a filter depends on its row."""

    alias: str
    node: Node
    edge: Edge | None = None
    parent: Instance | None = None
    is_required: bool = False


@dataclass
class JoinTree:
    """The tables of one aggregation, parents first. Two paths to one node are two instances of its table.

    `doubts` says which of its joins count rows more than once if the data is not as the model declares it.
    """

    root: Node
    graph: JoinGraph
    dialect: SqlDialect
    instances: list[Instance] = field(default_factory=list)
    has_fan_out: bool = False
    doubts: list[str] = field(default_factory=list)
    _conditions: dict[Edge, exp.Expr] = field(default_factory=dict)
    _by_path: dict[Path, Instance] = field(default_factory=dict)
    _by_node: dict[str, Instance] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_path[()] = self._by_node[self.root.name] = self._new(self.root)

    def reach(self, node: Node, field: str, *, is_required: bool, keeps_rows: bool = False) -> None:
        """Join the node, along with what lies on the way to it. Raises SemanticError if there is no one way.

        `field` is a column that is read there, for the error to name.
        """
        path = find_path(self.graph, self.root, node, field)
        if keeps_rows and any(edge.step is Step.TO_MANY for edge in path):
            message = f"A row of {self.root.name} has many rows of {node.name}, so a measure of {self.root.name}"
            raise SemanticError(Problem.NO_JOIN_PATH, f"{message} cannot read a single value there")
        for length, edge in enumerate(path):
            self._join(path[:length], edge, is_required)
        self._by_node[node.name] = self._by_path[path]

    def instance(self, node: str) -> Instance:
        """Return the table in which a node that was reached is read."""
        return self._by_node[node]

    def condition(self, edge: Edge) -> exp.Expr:
        """Return the condition of a join. Raises SemanticError."""
        if edge not in self._conditions:
            self._conditions[edge] = join_condition(edge, self.dialect)
        return self._conditions[edge]

    def _join(self, before: Path, edge: Edge, is_required: bool) -> None:
        path = (*before, edge)
        if path not in self._by_path:
            refuse_parallel_joins(edge, self.graph, self.dialect)
            if edge.step is not Step.TO_MANY:
                self._doubt(edge)
            self.has_fan_out = self.has_fan_out or edge.step is Step.TO_MANY
            self._by_path[path] = self._new(edge.end, edge, self._by_path[before])
        self._by_path[path].is_required |= is_required

    def _doubt(self, edge: Edge) -> None:
        """Keep what only the data can tell about a join. Raises SemanticError where it surely finds many rows."""
        message = doubt(edge, self.condition(edge), edge.end)
        if message is not None:
            self.doubts.append(message)

    def _new(self, node: Node, edge: Edge | None = None, parent: Instance | None = None) -> Instance:
        taken = {instance.alias.lower() for instance in self.instances}
        instance = Instance(free_name(node.name, taken), node, edge, parent)
        self.instances.append(instance)
        return instance
