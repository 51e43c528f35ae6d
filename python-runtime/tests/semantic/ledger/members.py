"""Members of the dimensions of a question, which `include_empty` lists although no row of a measure has them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.semantic.ledger.filters import RowFilters
from tests.semantic.ledger.groups import Key
from tests.semantic.ledger.paths import Paths, node_of, paths_through, table_of
from tests.semantic.ledger.questions import Condition, sources_of


class Members:
    """Lists the members of the dimensions of a question."""

    def __init__(self, filters: RowFilters) -> None:
        self.filters = filters
        self.question = filters.question
        self.sources = sorted({source for tree in self.question.measures for source in sources_of(tree)})
        self.nodes = list(dict.fromkeys(node_of(item.field) for item in self.question.dimensions if not item.is_time))

    def missing(self, keys: list[Key]) -> list[Key]:
        """Return the members that are not in the groups, with NULL for the dimensions of other sources."""
        width = len(self.question.dimensions)
        listed = [(range(width), keys)]
        by_width = sorted(((self._places(node), node) for node in self.nodes), key=lambda item: -len(item[0]))
        for places, node in by_width:
            if self._is_restricted_by_others(node):
                continue
            wider = [rows for others, rows in listed if set(places) <= set(others)]
            known = {tuple(key[place] for place in places) for rows in wider for key in rows}
            missing = dict.fromkeys(values for values in self._values(node, places) if values not in known)
            padded = [dict(zip(places, values, strict=True)) for values in missing]
            listed.append((places, [tuple(row.get(place) for place in range(width)) for row in padded]))
        return list(dict.fromkeys(key for _, rows in listed[1:] for key in rows))

    def _places(self, node: str) -> list[int]:
        """Return the places of the dimensions of which each row of a node has one value."""
        paths = paths_through(node, self.sources)
        dimensions = enumerate(self.question.dimensions)
        return [place for place, item in dimensions if not item.is_time and node_of(item.field) in paths]

    def _values(self, node: str, places: list[int]) -> Iterator[Key]:
        paths: Paths = paths_through(node, self.sources)
        conditions = [item for item in self.question.conditions if self._applies_to(item, node)]
        for row in self.filters.reader.rows[table_of(self.sources[0], node)]:
            if all(self.filters.holds_on(paths, row, None, item) for item in conditions):
                fields = (self.question.dimensions[place].field for place in places)
                yield tuple(self.filters.reader.read(paths, row, None, field) for field in fields)

    def _applies_to(self, item: Condition, node: str) -> bool:
        """Return whether a filter reads one value of each row of a node."""
        nodes = self.filters.nodes(item)
        return bool(nodes) and nodes <= set(paths_through(node, self.sources))

    def _is_restricted_by_others(self, node: str) -> bool:
        """Return whether a filter is about other dimensions only, of which the rows of a node have no value."""
        others = [other for other in self.nodes if other != node and other not in self.sources]
        return any(
            not self._applies_to(item, node) and any(self._applies_to(item, other) for other in others)
            for item in self.question.conditions
        )
