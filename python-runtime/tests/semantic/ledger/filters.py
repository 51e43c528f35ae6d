"""Which rows of a ledger a question reads: its filters, and the rows that it omits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.semantic.ledger.paths import PATHS, Paths, node_of
from tests.semantic.ledger.questions import Condition, Dimension, Question
from tests.semantic.ledger.rows import Reader, compare
from tests.semantic.ledger.times import period_of, read_time
from tests.semantic.ledger.world import Row


@dataclass(frozen=True)
class RowFilters:
    """The filters of a question on rows."""

    reader: Reader
    question: Question

    def holds(self, source: str, row: Row, link: Row | None, time: datetime | None, is_axis: bool = False) -> bool:
        """Return whether the filters on rows and dimensions hold; those on periods do not restrict the axis."""
        for item in self.question.conditions:
            if item.kind == "dimension":
                dimension = self.dimension(item)
                if not (dimension.is_time and is_axis) and not matches(
                    item, self.value(dimension, source, row, link, time)
                ):
                    return False
            elif item.kind in ("row", "segment", "exists") and not self.holds_on(PATHS[source], row, link, item):
                return False
        return True

    def holds_on(self, paths: Paths, row: Row, link: Row | None, item: Condition) -> bool:
        """Return whether a filter without a time holds for a row."""
        if item.existence is not None:
            return self.reader.exists(paths, row, item.existence) == (item.operator == "")
        field = self.dimension(item).field if item.kind == "dimension" else item.field
        return matches(item, self.reader.read(paths, row, link, field))

    def value(self, item: Dimension, source: str, row: Row, link: Row | None, time: datetime | None) -> Any:
        """Return the value of a dimension."""
        if item.is_time:
            return period_of(time, item.unit or "")
        return self.reader.read(PATHS[source], row, link, item.field)

    def dimension(self, item: Condition) -> Dimension:
        """Return the dimension that a filter names."""
        return next(part for part in self.question.dimensions if part.name == item.what)

    def nodes(self, item: Condition) -> set[str]:
        """Return the nodes of which a filter reads one row."""
        if item.kind == "dimension":
            dimension = self.dimension(item)
            return set() if dimension.is_time else {node_of(dimension.field)}
        if item.existence is not None:
            return item.existence.nodes
        return {node_of(item.field)} if item.kind in ("row", "segment") else set()

    def required(self, dimensions: tuple[Dimension, ...]) -> set[str]:
        """Return the nodes without which a row is omitted: those of dimensions and filters."""
        if self.question.include_empty is not False:
            return set()
        read = {*self.question.dimensions, *dimensions}
        nodes = {node_of(item.field) for item in read if not item.is_time}
        return nodes.union(*(self.nodes(item) for item in self.question.conditions))

    def is_omitted(self, source: str, row: Row, link: Row | None, dimensions: tuple[Dimension, ...] = ()) -> bool:
        """Return whether a row has no row of a node that is required."""
        required = self.required(dimensions)
        return any(self.reader.walk(row, link, PATHS[source][node]) is None for node in required)


def matches(item: Condition, value: Any) -> bool:
    """Return whether the comparison of a filter holds for a value."""
    return compare(value, item.operator, read_time(item.value) if isinstance(value, datetime) else item.value)
