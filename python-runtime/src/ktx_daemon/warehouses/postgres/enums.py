"""The values that enumerations and domains of PostgreSQL allow."""

from __future__ import annotations

import json
from collections.abc import Iterable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

# The OID of a type, that of a domain's base type, the labels of an enumeration as JSON, and the checks of a domain.
TypeRow = tuple[int, int | None, str | None, str | None]


def find_values(types: Iterable[TypeRow]) -> dict[int, list[str]]:
    """Return the values by the OID of their type; a domain without a list of its own has that of its base type."""
    rows = {oid: (base, labels, checks) for oid, base, labels, checks in types}
    values: dict[int, list[str]] = {}
    for oid in rows:
        current: int | None = oid
        while current in rows and oid not in values:
            base, labels, checks = rows[current]
            found = json.loads(labels) if labels else parse_check(checks or "")
            if found:
                values[oid] = found
            current = base
    return values


def parse_check(definition: str) -> list[str] | None:
    """Return the texts of a check `VALUE IN ('a', 'b')`, as PostgreSQL writes it; None for another one."""
    if "= ANY (" not in definition:
        return None
    try:
        tree = sqlglot.parse_one(definition.removeprefix("CHECK "), read="postgres")
    except SqlglotError:
        return None
    condition = _unwrap(tree)
    if not isinstance(condition, exp.EQ) or _unwrap(condition.this).sql("postgres") != "VALUE":
        return None
    choices = condition.expression
    array = _unwrap(choices.this) if isinstance(choices, exp.Any) else None
    items = [_unwrap(item) for item in array.expressions] if isinstance(array, exp.Array) else []
    texts = [item.this for item in items if isinstance(item, exp.Literal) and item.is_string]
    return texts if texts and len(texts) == len(items) else None


def _unwrap(tree: exp.Expr) -> exp.Expr:
    """Return an expression without parentheses and casts."""
    while isinstance(tree, (exp.Paren, exp.Cast)):
        tree = tree.this
    return tree
