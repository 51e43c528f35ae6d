"""The sources of queries, and the sources that a name in a statement may refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ktx_daemon.sql.masking import Kind, MaskedTokens
from ktx_daemon.sql.policy.patterns import DeniedPattern, fold

# What FROM wraps a table in.
_WRAPPERS = (exp.Subquery, exp.Paren, exp.Final)


@dataclass(frozen=True)
class Source:
    """An item of FROM: the folded names that qualify its columns, and its denied columns.

    `is_plain` is false if its columns have other names than in the table.
    """

    names: frozenset[str]
    table: exp.Table | None = None
    denied: Sequence[DeniedPattern] = ()
    is_plain: bool = True


class Scopes:
    """The sources of all queries of a statement."""

    def __init__(
        self, nodes: Sequence[exp.Expr], marks: MaskedTokens, denied: Mapping[int, Sequence[DeniedPattern]]
    ) -> None:
        """Take all nodes of the tree, parents first, and the denied columns of tables by the id of their node."""
        self.marks = marks
        self.denied = denied
        self._sources: dict[int, list[Source]] = {}
        self._queries: dict[int, exp.Expr | None] = {}
        for node in nodes:  # looking for ancestors takes too long in a chain of thousands of conditions
            parent = node.parent
            if isinstance(node, exp.CTE) and isinstance(node.this, exp.Query) and not node.args.get("scalar"):
                self._queries[id(node)] = self._outer_query(parent)
            else:
                self._queries[id(node)] = parent if isinstance(parent, exp.Select) else self._queries.get(id(parent))

    def _outer_query(self, with_: exp.Expr | None) -> exp.Expr | None:
        """Return the query around the one that a WITH belongs to, whose columns its expressions do not see."""
        owner = with_.parent if with_ is not None else None
        return self._queries.get(id(owner))

    def query(self, node: exp.Expr) -> exp.Expr | None:
        """Return the innermost query that a node is in."""
        return self._queries.get(id(node))

    def sources(self, query: exp.Expr) -> list[Source]:
        """Return the sources of FROM and of its joins."""
        if id(query) not in self._sources:
            self._sources[id(query)] = list(self._collect(query))
        return self._sources[id(query)]

    def enclosing(self, node: exp.Expr) -> Iterator[list[Source]]:
        """Yield the sources of the queries that a node is in, the innermost first."""
        query = self.query(node)
        while query is not None:
            yield self.sources(query)
            query = self.query(query)

    def visible(self, node: exp.Expr) -> list[Source]:
        """Return the sources with denied columns whose columns a node may refer to."""
        return [source for sources in self.enclosing(node) for source in sources if source.denied]

    def resolve(self, node: exp.Expr, qualifier: str) -> list[Source]:
        """Return the sources that a qualifier may mean; all visible ones if it is none of their names."""
        folded = fold(qualifier)
        for sources in self.enclosing(node):
            if found := [source for source in sources if folded in source.names]:
                return [source for source in found if source.denied]
        return self.visible(node)

    def is_source(self, node: exp.Expr, qualifier: str) -> bool:
        """Return whether a qualifier is the name of a source in the queries that a node is in."""
        folded = fold(qualifier)
        return any(folded in source.names for sources in self.enclosing(node) for source in sources)

    def name(self, node: exp.Expr) -> str:
        """Return the name of an identifier as it is written."""
        return self.marks.restore(node.name)

    def is_placeholder(self, literal: exp.Literal) -> bool:
        """Return whether a literal stands for a placeholder."""
        marked = self.marks.find(literal.this)
        return marked is not None and marked.kind is Kind.PLACEHOLDER

    def _collect(self, query: exp.Expr) -> Iterator[Source]:
        items = [from_.this] if isinstance(from_ := query.args.get("from_"), exp.From) else []
        items += [join.this for join in query.args.get("joins") or []]
        for item in [*items, *(query.args.get("laterals") or [])]:
            yield from self._describe(item, frozenset(), is_plain=True)

    def _describe(self, item: exp.Expr, outer: frozenset[str], *, is_plain: bool) -> Iterator[Source]:
        """Yield the sources of an item of FROM, with the names of what it is wrapped in."""
        alias, names = item.args.get("alias"), outer
        if isinstance(alias, exp.TableAlias):
            names = outer | {fold(self.name(alias.this))} if alias.this else outer
            is_plain = is_plain and not alias.args.get("columns")
        is_plain = is_plain and not item.args.get("pivots")
        if isinstance(item, exp.Table):
            if isinstance(item.this, exp.Identifier):
                names |= {fold(self.name(item.this))}
            yield Source(names, item, self.denied.get(id(item), ()), is_plain)
        elif isinstance(item, _WRAPPERS) and isinstance(item.this, (exp.Table, *_WRAPPERS)):
            yield from self._describe(item.this, names, is_plain=is_plain)
        else:
            yield Source(names)
        for join in item.args.get("joins") or []:
            yield from self._describe(join.this, outer if isinstance(item, exp.Table) else names, is_plain=is_plain)
