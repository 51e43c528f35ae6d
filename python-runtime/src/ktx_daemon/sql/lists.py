"""Shortening of lists whose length a fingerprint ignores: `IN (…)`, `ANY(ARRAY[…])` and the rows of VALUES."""

from __future__ import annotations

import re

from sqlglot import exp

from ktx_daemon.sql.masking import Kind, MaskedTokens

_LITERAL, _PLACEHOLDER = "?", "$"
_NUMBERED = re.compile(r"([$?:@])\d+")


def is_shortenable_list(node: exp.Expr, marks: MaskedTokens) -> bool:
    """Return whether `shorten_list` applies to a node."""
    if isinstance(node, exp.Values):
        return len(node.expressions) > 1
    return isinstance(node, (exp.In, exp.Array)) and len(node.expressions) > 1 and _is_uniform_list(node, marks)


def shorten_list(node: exp.Expr, marks: MaskedTokens) -> bool:
    """Shorten a list to one item, and rows to one of each shape. Returns whether the list became shorter."""
    if isinstance(node, exp.Values):
        shapes: dict[object, exp.Expr] = {}
        for row in node.expressions:
            shapes.setdefault(_tree_shape(row, marks), row)
        is_shorter = len(shapes) < len(node.expressions)
        node.set("expressions", list(shapes.values()))
        return is_shorter
    node.set("expressions", node.expressions[:1])
    return True


def _is_uniform_list(node: exp.Expr, marks: MaskedTokens) -> bool:
    """Return whether all items are literals, or all are placeholders."""
    if isinstance(node, exp.Array):
        ancestor = node.parent
        while isinstance(ancestor, (exp.Cast, exp.Paren)):
            ancestor = ancestor.parent
        is_all = isinstance(ancestor, exp.Anonymous) and str(ancestor.this).lower() == "all"  # as sqlglot parses ALL
        if not isinstance(ancestor, (exp.Any, exp.All)) and not is_all:
            return False
    kinds = {_item_shape(item, marks) for item in node.expressions}
    return len(kinds) == 1 and None not in kinds


def _item_shape(node: exp.Expr, marks: MaskedTokens) -> str | None:
    """Return the shape of a literal, a placeholder, a typed literal or a row of them; None for other items."""
    if isinstance(node, (exp.Tuple, exp.Paren)):
        shapes = [_item_shape(item, marks) for item in node.expressions or [node.this]]
        return f"({','.join(map(str, shapes))})" if None not in shapes else None
    if isinstance(node, exp.Cast):
        return _item_shape(node.this, marks)
    if isinstance(node, exp.Literal):
        marked = marks.find(node.this)
        return _PLACEHOLDER if marked is not None and marked.kind is Kind.PLACEHOLDER else _LITERAL
    return _PLACEHOLDER if isinstance(node, (exp.Placeholder, exp.Parameter)) else None


def _tree_shape(value: object, marks: MaskedTokens) -> object:
    """Return the structure of a subtree without the texts of literals and placeholders."""
    if isinstance(value, list):
        return tuple(_tree_shape(item, marks) for item in value)
    if not isinstance(value, exp.Expr):
        return value
    if isinstance(value, (exp.Literal, exp.Placeholder, exp.Parameter)):
        return _item_shape(value, marks)
    return (type(value), *((key, _tree_shape(part, marks)) for key, part in value.args.items() if part))


def renumber_placeholders(canonical: str, marks: MaskedTokens) -> dict[str, str]:
    """Return new names for the remaining numbered placeholders of a text, in their order."""
    remaining = sorted(
        (entry for entry in marks.find_all(canonical) if entry.kind is Kind.PLACEHOLDER), key=lambda e: e.start
    )
    names = dict.fromkeys(entry.text for entry in remaining if _NUMBERED.fullmatch(entry.text))
    return {name: f"{name[0]}{number}" for number, name in enumerate(names, 1)}
