"""Which columns a statement uses, and in which clause."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

CLAUSES = {
    "expressions": "select",
    "where": "where",
    "joins": "join",
    "group": "groupBy",
    "having": "having",
    "qualify": "having",
    "order": "orderBy",
}


def empty_clauses() -> dict[str, list[str]]:
    """Give every clause without a column."""
    return {clause: [] for clause in CLAUSES.values()}


def columns_by_clause(nodes: list[exp.Expr]) -> dict[str, list[str]]:
    """Give the names of the columns of every clause, each once, in the order of the text; subqueries count too.

    `nodes` are all nodes of the statement, breadth first.

    A name that an alias of the same select list defines stands for the columns behind it.
    """
    found: dict[str, dict[str, int]] = {clause: {} for clause in CLAUSES.values()}
    clauses: dict[int, str | None] = {}
    for node in nodes:
        clause = clauses[id(node)] = _clause_of(node, clauses)
        if not isinstance(node, exp.Column) or clause is None or isinstance(node.this, exp.Star):
            continue
        for source in _behind_alias(node, clause):
            found[clause].setdefault(source.name, _position(source))
    for node in nodes:
        for shared in (node.args.get("using") or []) if isinstance(node, exp.Join) else []:
            found["join"].setdefault(shared.name, _position(shared))
    return {clause: sorted(names, key=names.__getitem__) for clause, names in found.items()}


def _clause_of(node: exp.Expr, clauses: dict[int, str | None]) -> str | None:
    """Give the clause of the query or change in which a node stands; that of its parent is among the known ones."""
    parent = node.parent
    if parent is None:
        return None
    if not isinstance(parent, (exp.Query, exp.DML)):
        return clauses[id(parent)] if id(parent) in clauses else _clause_of(parent, clauses)
    if node.arg_key == "expressions" and not isinstance(parent, exp.Query):
        return None  # what an UPDATE sets is not selected
    return CLAUSES.get(node.arg_key or "")


def _behind_alias(column: exp.Column, clause: str) -> list[Any]:
    if clause not in ("groupBy", "having", "orderBy") or column.table:
        return [column]
    query = column.find_ancestor(exp.Select, exp.SetOperation)
    if query is None:
        return [column]
    for projection in query.selects:
        if isinstance(projection, exp.Alias) and projection.alias.lower() == column.name.lower():
            return list(projection.find_all(exp.Column))
    return [column]


def _position(node: exp.Expr) -> int:
    return int(node.meta.get("start") or (node.this.meta.get("start", 0) if isinstance(node.this, exp.Expr) else 0))
