"""Lookup of sources, roles and fields by name, and the visibility of columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn, Protocol, TypeVar

from semantic_layer.errors import MAX_SUGGESTIONS, Problem, SemanticError, unknown_name_error
from semantic_layer.model.models import Column, Measure, Model, Segment, Source
from semantic_layer.sql.expressions import MAX_PATH_LENGTH


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Item = TypeVar("Item", bound=_Named)


def _index_by_name(items: Iterable[Item]) -> dict[str, Item]:
    """Index items by name; the first of duplicates wins (validation reports the others)."""
    index: dict[str, Item] = {}
    for item in items:
        index.setdefault(item.name, item)
    return index


class Fields:
    """The fields of one source by name, indexed on demand."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def columns(self) -> dict[str, Column]:
        """All columns."""
        return _index_by_name(self.source.columns)

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """The measures."""
        return _index_by_name(self.source.measures)

    @cached_property
    def segments(self) -> dict[str, Segment]:
        """The segments."""
        return _index_by_name(self.source.segments)

    @property
    def public_columns(self) -> list[str]:
        """The names of public columns, which queries may use and errors may suggest."""
        return [column.name for column in self.source.columns if column.visibility == "public"]


@dataclass(frozen=True)
class Node:
    """A source under its own name, under the alias of a join (a role-playing dimension), or at the end of a path.

    The node of the path `customer.nation` is the node nation (`step`) over the joins from the node customer (`base`).
    """

    name: str
    fields: Fields
    base: Node | None = None
    step: Node | None = None

    @property
    def source(self) -> Source:
        """The source behind the name."""
        return self.fields.source

    @property
    def is_role(self) -> bool:
        """Whether the name is the alias of a role, or a path."""
        return self.name != self.source.name

    @property
    def alias(self) -> str:
        """The name as one word, for SQL."""
        return self.name.replace(".", "_")

    def column(self, name: str) -> Column:
        """Return a column for an expression of the model, of any visibility. Raises SemanticError."""
        match = self.fields.columns.get(name)
        if match is None:
            raise unknown_name_error(f"column in {self.name}", name, self.fields.columns)
        return match

    def public_column(self, name: str) -> Column:
        """Return a column for a query. Raises SemanticError for unknown columns and for those that are not public."""
        match = self.fields.columns.get(name)
        if match is None:
            self._raise_unknown_column(name)
        if match.visibility != "public":
            raise SemanticError(
                Problem.NOT_VISIBLE,
                f"The column {self.name}.{name} is {match.visibility} and cannot be used in a query",
            )
        return match

    @property
    def public_columns(self) -> list[str]:
        """The names of the columns that a query may use."""
        return self.fields.public_columns

    def _raise_unknown_column(self, name: str) -> NoReturn:
        if name in self.fields.measures:
            message = (
                f"{self.name}.{name} is a measure, not a column; measures cannot be grouped by or aggregated again"
            )
            raise SemanticError(Problem.WRONG_TYPE, message)
        raise unknown_name_error(f"column in {self.name}", name, self.fields.public_columns)

    def segment(self, name: str) -> Segment:
        """Return a segment. Raises SemanticError."""
        match = self.fields.segments.get(name)
        if match is None:
            raise unknown_name_error(f"segment in {self.name}", name, self.fields.segments)
        return match


class Catalog:
    """All nodes of a model, its metrics and its calendar. Raises SemanticError for ambiguous names."""

    def __init__(self, sources: list[Source], model: Model | None = None) -> None:
        self.model = model or Model()
        self.metrics = _index_by_name(self.model.metrics)
        self.nodes: dict[str, Node] = {}
        self.roles: dict[str, list[str]] = {}
        self._paths: dict[str, Node] = {}
        for source in sources:
            if source.name in self.nodes:
                raise SemanticError(Problem.INVALID_MODEL, f"There are two sources with the name '{source.name}'")
            self.nodes[source.name] = Node(source.name, Fields(source))
        self.sources = dict(self.nodes)
        for source in sources:
            for join in source.joins:
                if join.alias and join.to in self.sources:
                    self._add_role(join.alias, join.to, source.name)

    def _add_role(self, alias: str, target: str, declared_by: str) -> None:
        if alias in self.sources:
            message = f"{declared_by} uses the alias '{alias}', which is the name of a source; choose another alias"
            raise SemanticError(Problem.INVALID_MODEL, message)
        node = self.nodes.setdefault(alias, Node(alias, self.sources[target].fields))
        if node.source.name != target:
            message = f"The alias '{alias}' stands for {node.source.name} and, in {declared_by}, for {target}"
            raise SemanticError(Problem.INVALID_MODEL, f"{message}; give them different aliases")
        roles = self.roles.setdefault(target, [])
        if alias not in roles:
            roles.append(alias)

    def node(self, name: str) -> Node:
        """Return a source, a role, or the node of a path. Raises SemanticError with suggestions."""
        match = self.find(name)
        if match is None:
            raise self._unknown_node_error(name)
        return match

    def find(self, name: str) -> Node | None:
        """Return a source, a role, or the node of a path such as `customer.nation`; None for an unknown name."""
        match = self.nodes.get(name) or self._paths.get(name)
        if match is not None or not 0 < name.count(".") < MAX_PATH_LENGTH:
            return match
        before, _, last = name.rpartition(".")
        base, step = self.find(before), self.nodes.get(last)
        if base is None or step is None:
            return None
        return self._paths.setdefault(name, Node(name, step.fields, base, step))

    def node_for(self, owner: Node, qualifier: str | None) -> Node:
        """Return the node that a qualifier in an expression of a source means; the source's name means `owner`.

        The owner is the source, one of its roles, or the node of a path. Raises SemanticError.
        """
        if qualifier is None:
            return owner
        first, dot, steps = qualifier.partition(".")
        is_own = first in (owner.name, owner.source.name)
        return self.node(f"{owner.name}{dot}{steps}" if is_own else qualifier)

    def _unknown_node_error(self, name: str) -> SemanticError:
        """Return the error for the first unknown name of a path, or for the name of a source."""
        first, *steps = name.split(".")
        node = self.nodes.get(first)
        if node is None:
            return unknown_name_error("source", name, self.nodes)
        for step in steps:
            if step not in self.nodes:
                joins = dict.fromkeys(join.alias or join.to for join in node.source.joins)
                return unknown_name_error(f"join of {node.name}", step, joins)
            node = self.nodes[step]
        message = f"The path '{first}.….{steps[-1]}' has more than {MAX_PATH_LENGTH} steps"
        return SemanticError(Problem.INVALID_QUERY, message)

    def split(self, text: str) -> tuple[Node, str]:
        """Split `source.field` at its last dot. Raises SemanticError for other texts and unknown sources."""
        source, dot, field = text.strip().rpartition(".")
        if not dot or not source or not field:
            raise self.unqualified_name_error(text.strip())
        return self.node(source), field

    def unqualified_name_error(self, name: str) -> SemanticError:
        """Return the error for an unqualified name in a query."""
        owners = [
            node.name for node in self.nodes.values() if name in node.fields.measures or name in node.public_columns
        ]
        hint = "; did you mean " + " or ".join(f"'{node}.{name}'" for node in owners[:MAX_SUGGESTIONS]) + "?"
        message = f"'{name}' does not say of which source it is; write source.field"
        return SemanticError(Problem.UNKNOWN_NAME, message + (hint if owners else ""))
