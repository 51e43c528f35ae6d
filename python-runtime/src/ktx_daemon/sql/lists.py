"""Lists whose length does not tell two statements apart: `IN (…)`, `ANY(ARRAY[…])` and the rows of VALUES."""

from __future__ import annotations

import re

from sqlglot import exp

from ktx_daemon.sql.masking import Kind, Marks

_LITERAL, _PLACEHOLDER = "?", "$"
_NUMBERED = re.compile(r"([$?:@])\d+")


def is_repetitive(node: exp.Expr, marks: Marks) -> bool:
    """Return whether a node has a list that `shorten` would shorten."""
    if isinstance(node, exp.Values):
        return len(node.expressions) > 1
    return isinstance(node, (exp.In, exp.Array)) and len(node.expressions) > 1 and _is_list(node, marks)


def shorten(node: exp.Expr, marks: Marks) -> bool:
    """Shorten a list to one item, and rows to one of each shape. Says whether there was something to shorten."""
    if isinstance(node, exp.Values):
        shapes: dict[object, exp.Expr] = {}
        for row in node.expressions:
            shapes.setdefault(_structure(row, marks), row)
        is_shorter = len(shapes) < len(node.expressions)
        node.set("expressions", list(shapes.values()))
        return is_shorter
    node.set("expressions", node.expressions[:1])
    return True


def _is_list(node: exp.Expr, marks: Marks) -> bool:
    """Return whether all items are literals, or all placeholders."""
    if isinstance(node, exp.Array):
        around = node.parent
        while isinstance(around, (exp.Cast, exp.Paren)):
            around = around.parent
        is_all = isinstance(around, exp.Anonymous) and str(around.this).lower() == "all"  # as sqlglot reads it
        if not isinstance(around, (exp.Any, exp.All)) and not is_all:
            return False
    kinds = {_shape(item, marks) for item in node.expressions}
    return len(kinds) == 1 and None not in kinds


def _shape(node: exp.Expr, marks: Marks) -> str | None:
    """Return what an item is made of, if that is literals or placeholders, typed literals, or rows of one of them."""
    if isinstance(node, (exp.Tuple, exp.Paren)):
        shapes = [_shape(item, marks) for item in node.expressions or [node.this]]
        return f"({','.join(map(str, shapes))})" if None not in shapes else None
    if isinstance(node, exp.Cast):
        return _shape(node.this, marks)
    if isinstance(node, exp.Literal):
        marked = marks.find(node.this)
        return _PLACEHOLDER if marked is not None and marked.kind is Kind.PLACEHOLDER else _LITERAL
    return _PLACEHOLDER if isinstance(node, (exp.Placeholder, exp.Parameter)) else None


def _structure(value: object, marks: Marks) -> object:
    """Return what a part of a tree is, but for the texts of literals and placeholders."""
    if isinstance(value, list):
        return tuple(_structure(item, marks) for item in value)
    if not isinstance(value, exp.Expr):
        return value
    if isinstance(value, (exp.Literal, exp.Placeholder, exp.Parameter)):
        return _shape(value, marks)
    return (type(value), *((key, _structure(part, marks)) for key, part in value.args.items() if part))


def renumbered(canonical: str, marks: Marks) -> dict[str, str]:
    """Renumber the placeholders that are left in a text, in the order in which the statement has them."""
    left = sorted((entry for entry in marks.found(canonical) if entry.kind is Kind.PLACEHOLDER), key=lambda e: e.start)
    names = dict.fromkeys(entry.text for entry in left if _NUMBERED.fullmatch(entry.text))
    return {name: f"{name[0]}{number}" for number, name in enumerate(names, 1)}
