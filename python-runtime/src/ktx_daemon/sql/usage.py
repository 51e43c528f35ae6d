"""How a statement uses columns: joins, filters, groupings and aggregates, with the tables of the columns.

A column counts only if its table is certain: it is qualified, or its query reads one table. A column of a subquery or
of a common table expression is followed to the column that it selects unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from ktx_daemon.sql import joins
from ktx_daemon.sql.tables import split_table_name

# A chain of subqueries that select each other's columns ends here.
MAX_DEPTH = 20

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.Like: "like",
    exp.ILike: "ilike",
    exp.In: "in",
    exp.Between: "between",
    exp.Is: "is",
}
# The operator of `5 < x`, read from the column.
_FLIPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


class UsedColumn(msgspec.Struct, frozen=True):
    """A column of a table, qualified as far as the statement names it."""

    catalog: str | None
    db: str | None
    table: str
    column: str


class Join(msgspec.Struct, frozen=True):
    """Two columns by whose equality a query joins its tables, in the order of their names."""

    left: UsedColumn
    right: UsedColumn


class Filter(msgspec.Struct, frozen=True):
    """A column that a statement compares with values, and the operator."""

    column: UsedColumn
    operator: str


class Aggregate(msgspec.Struct, frozen=True):
    """An aggregate function of a column; `function` is in lower case, such as `sum` or `count distinct`."""

    function: str
    column: UsedColumn


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a statement does with the columns of its tables; each list has every item once, in order of appearance."""

    joins: list[Join] = []
    filters: list[Filter] = []
    groupings: list[UsedColumn] = []
    aggregates: list[Aggregate] = []

    def map_columns(self, change: Callable[[UsedColumn], UsedColumn]) -> Usage:
        """Return the usage with all columns changed."""
        return Usage(
            [Join(change(join.left), change(join.right)) for join in self.joins],
            [Filter(change(item.column), item.operator) for item in self.filters],
            [change(column) for column in self.groupings],
            [Aggregate(item.function, change(item.column)) for item in self.aggregates],
        )


def find_usage(statement: exp.Expr, *, has_database_links: bool) -> Usage:
    """Return the usage of columns in a statement; an unusual statement has none."""
    try:
        scopes = traverse_scope(statement)
    except (SqlglotError, RecursionError, AttributeError):
        return Usage()
    finder = _Finder(has_database_links=has_database_links)
    for scope in scopes:
        finder.read(scope)
    return finder.usage()


class _Finder:
    def __init__(self, *, has_database_links: bool) -> None:
        self._has_database_links = has_database_links
        self._joins: dict[Join, None] = {}
        self._filters: dict[Filter, None] = {}
        self._groupings: dict[UsedColumn, None] = {}
        self._aggregates: dict[Aggregate, None] = {}

    def usage(self) -> Usage:
        return Usage(list(self._joins), list(self._filters), list(self._groupings), list(self._aggregates))

    def read(self, scope: Scope) -> None:
        select = scope.expression
        if not isinstance(select, exp.Select):
            return
        for node in scope.walk():
            if type(node) in _COMPARISONS:
                self._read_comparison(node, scope)
            elif isinstance(node, exp.AggFunc):
                self._read_aggregate(node, scope)
            elif isinstance(node, exp.Join) and node.args.get("using") and not joins.is_anti_join(node):
                self._read_using(node, scope)
        for item in self._grouped(select):
            if isinstance(item, exp.Column) and (column := self._resolve(item, scope)):
                self._groupings[column] = None

    def _read_comparison(self, node: exp.Expr, scope: Scope) -> None:
        left, right = node.this, node.args.get("expression")
        one = self._resolve(left, scope) if isinstance(left, exp.Column) else None
        other = self._resolve(right, scope) if isinstance(right, exp.Column) else None
        if isinstance(node, exp.EQ) and isinstance(left, exp.Column) and isinstance(right, exp.Column):
            if joins.is_join_condition(node, scope):
                self._add_join(one, other)
        elif one and _is_constant(right) and all(map(_is_constant, node.expressions)):
            self._filters[Filter(one, _operator(node))] = None
        elif other and _is_constant(left):
            operator = _operator(node)
            self._filters[Filter(other, _FLIPPED.get(operator, operator))] = None

    def _add_join(self, one: UsedColumn | None, other: UsedColumn | None) -> None:
        if one and other and one != other:
            self._joins[Join(min(one, other, key=_sort_key), max(one, other, key=_sort_key))] = None

    def _read_using(self, join: exp.Join, scope: Scope) -> None:
        """Read `USING (a, b)`, which is certain if it joins two tables."""
        tables = [name for name, source in scope.sources.items() if isinstance(source, exp.Table)]
        if len(tables) != 2 or len(scope.sources) != 2:  # noqa: PLR2004 - both sides of the join
            return
        for identifier in join.args["using"]:
            one, other = (self._column_of(scope.sources[table], identifier.name, 0) for table in tables)
            self._add_join(one, other)

    def _read_aggregate(self, node: exp.AggFunc, scope: Scope) -> None:
        argument, suffix = node.this, ""
        if isinstance(argument, exp.Distinct) and len(argument.expressions) == 1:
            argument, suffix = argument.expressions[0], " distinct"
        if isinstance(argument, exp.Column) and (column := self._resolve(argument, scope)):
            self._aggregates[Aggregate(node.sql_name().lower() + suffix, column)] = None

    def _grouped(self, select: exp.Select) -> Iterator[exp.Expr]:
        """Yield the grouped expressions; a position or an alias is that of the selected item."""
        group = select.args.get("group")
        aliases = {item.alias.lower(): item.this for item in select.selects if isinstance(item, exp.Alias)}
        for item in group.expressions if group else []:
            if isinstance(item, exp.Literal) and not item.is_string and item.this.isdigit():
                position = int(item.this) - 1 if len(item.this) < 6 else -1  # noqa: PLR2004 - no select list is longer
                if 0 <= position < len(select.selects):
                    yield select.selects[position].unalias()
            elif isinstance(item, exp.Column) and not item.table:
                yield aliases.get(item.name.lower(), item)
            else:
                yield item

    def _resolve(self, column: exp.Column, scope: Scope, depth: int = 0) -> UsedColumn | None:
        if not isinstance(column.this, exp.Identifier) or depth > MAX_DEPTH:
            return None
        return self._column_of(_find_source(column, scope), column.name, depth)

    def _column_of(self, source: exp.Expr | Scope | None, name: str, depth: int) -> UsedColumn | None:
        if isinstance(source, exp.Table):
            return UsedColumn(*split_table_name(source, has_database_links=self._has_database_links), name)
        if not isinstance(source, Scope) or not isinstance(source.expression, exp.Select):
            return None
        for item in source.expression.selects:
            if item.alias_or_name.lower() == name.lower():
                inner = item.unalias()
                return self._resolve(inner, source, depth + 1) if isinstance(inner, exp.Column) else None
        return None


def _find_source(column: exp.Column, scope: Scope) -> exp.Expr | Scope | None:
    """Return the table or query that a column certainly belongs to."""
    if not column.table:
        selected = scope.selected_sources
        # A column of a subquery may also belong to the query around it.
        return next(iter(selected.values()))[1] if len(selected) == 1 and not scope.is_subquery else None
    around: Scope | None = scope
    while around is not None:
        if column.table in around.sources:
            return around.sources[column.table]
        around = around.parent if around.is_subquery else None
    return None


def _operator(node: exp.Expr) -> str:
    operator = _COMPARISONS[type(node)]
    if not isinstance(node.parent, exp.Not):
        return operator
    return "is not" if operator == "is" else f"not {operator}"


def _is_constant(node: exp.Expr | None) -> bool:
    return node is None or node.find(exp.Column, exp.Query) is None


def _sort_key(column: UsedColumn) -> tuple[str, str, str, str]:
    return (column.catalog or "", column.db or "", column.table, column.column)
