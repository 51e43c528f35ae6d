"""Canonical names of aliases, so that statements that differ in aliases only have the same text.

An alias is renamed only if every occurrence of its name certainly means the alias: a column of the same name keeps it.
Two statements with the same canonical text are therefore equal but for the names of their aliases.
"""

from __future__ import annotations

from collections import defaultdict

from sqlglot import exp

# A private-use character, which no statement with a skeleton has.
_NAME = "\ue030{number}"
# Clauses in which the name of a result column means the alias.
_CLAUSES_OF_RESULTS = (exp.Group, exp.Order, exp.Having, exp.Qualify)


def rename_aliases(statement: exp.Expr) -> bool:
    """Rename the aliases of tables, common table expressions and result columns. Returns whether there are any."""
    aliases = _Aliases(statement)
    names = aliases.renamable()
    for number, name in enumerate(names):
        for identifier in aliases.identifiers[name]:
            identifier.set("this", _NAME.format(number=number))
            identifier.set("quoted", False)
    return bool(names)


class _Aliases:
    """The aliases of a statement, and the identifiers that mean them."""

    def __init__(self, statement: exp.Expr) -> None:
        self.identifiers: dict[str, list[exp.Identifier]] = defaultdict(list)
        self._of_tables: dict[str, None] = {}
        self._of_queries: set[str] = set()
        self._of_columns: dict[str, None] = {}
        self._excluded: set[str] = set()
        self._defining: set[int] = set()
        nodes = list(statement.walk(bfs=False))
        for node in nodes:
            self._define(node)
        for node in nodes:
            self._refer(node)

    def renamable(self) -> list[str]:
        """Return the names to rename, in the order of their definitions."""
        names = dict.fromkeys([*self._of_tables, *self._of_columns])
        return [name for name in names if name not in self._excluded]

    def _define(self, node: exp.Expr) -> None:
        if isinstance(node, exp.TableAlias) and isinstance(node.this, exp.Identifier):
            name = self._add(node.this, self._of_tables)
            if isinstance(node.parent, (exp.CTE, exp.Subquery)):
                self._of_queries.add(name)
            for column in node.columns:
                self._excluded.add(_name(column))
        elif isinstance(node, exp.Alias) and isinstance(node.args.get("alias"), exp.Identifier):
            if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
                self._add(node.args["alias"], self._of_columns)
            else:
                self._excluded.add(_name(node.args["alias"]))

    def _add(self, identifier: exp.Identifier, names: dict[str, None]) -> str:
        name = _name(identifier)
        other = self._of_columns if names is self._of_tables else self._of_tables
        if name in other:
            self._excluded.add(name)
        names[name] = None
        self._defining.add(id(identifier))
        self.identifiers[name].append(identifier)
        return name

    def _refer(self, node: exp.Expr) -> None:
        """Record what an identifier means; one that may mean anything else than an alias excludes its name."""
        if not isinstance(node, exp.Identifier) or id(node) in self._defining:
            return
        name = _name(node)
        if name not in self._of_tables and name not in self._of_columns:
            return
        if self._is_alias(node, name):
            self.identifiers[name].append(node)
        else:
            self._excluded.add(name)

    def _is_alias(self, node: exp.Identifier, name: str) -> bool:
        parent = node.parent
        if isinstance(parent, exp.Column) and node.arg_key == "table":
            return name in self._of_tables and not parent.args.get("db")
        if isinstance(parent, exp.Table):
            return name in self._of_queries and node.arg_key == "this" and not parent.args.get("db")
        if isinstance(parent, exp.Column) and node.arg_key == "this" and name in self._of_columns:
            return self._is_result(parent)
        return False

    def _is_result(self, column: exp.Column) -> bool:
        if column.table:
            return column.table.lower() in self._of_queries and not column.args.get("db")
        clause = column.find_ancestor(*_CLAUSES_OF_RESULTS, exp.Query)
        return isinstance(clause, _CLAUSES_OF_RESULTS)


def _name(identifier: exp.Expr) -> str:
    return identifier.name if identifier.args.get("quoted") else identifier.name.lower()
