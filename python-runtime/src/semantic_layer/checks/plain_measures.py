"""Measures that are one aggregate of one column, such as `sum(amount)`: almost all measures of a generated model.

Whether such a measure is valid depends on its function and on the type of its column only, so that validation resolves
one measure of each kind instead of thousands.
"""

from __future__ import annotations

import functools
import re

import msgspec

from semantic_layer.model.catalog import Node
from semantic_layer.model.models import ColumnType, Measure
from semantic_layer.sql.dialects import SqlDialect

Kind = tuple[str, ColumnType | None]
"""The function and the type of the column; None for `count(*)`."""

_CALL = re.compile(r"(sum|avg|min|max|count)\((?:(\*)|([A-Za-z_][A-Za-z0-9_]*))\)")
# DuckDB's parser compares the text of this one.
_MORE_WORDS = ("LAMBDA",)
# Keys of a measure that a validation does not read. A measure with another key has to be resolved.
_DESCRIPTIVE = {"name", "expr", "description", "synonyms", "unit", "format"}
_OTHERS = [item.name for item in msgspec.structs.fields(Measure) if item.name not in _DESCRIPTIVE]


def plain_kind(measure: Measure, node: Node, dialect: SqlDialect) -> Kind | None:
    """Return the kind of a measure that is one aggregate of a declared column, in a source without paths, or None."""
    call = _CALL.fullmatch(measure.expr)
    if call is None or node.source.paths or any(getattr(measure, key) not in (None, [], {}) for key in _OTHERS):
        return None
    function, star, name = call.groups()
    if star:
        return (function, None) if function == "count" else None
    column = node.fields.columns.get(name)
    if column is None or column.measure is not None or not is_plain_name(name, dialect):
        return None
    return function, column.type


def is_plain_name(name: str, dialect: SqlDialect) -> bool:
    """Return whether a name of letters, digits and underscores is parsed as a column, as every other one is."""
    return name.upper() not in _words(dialect.name) and not dialect.is_reserved(name)


@functools.cache
def _words(dialect: str) -> frozenset[str]:
    """Return the words, in capital letters, that a dialect may parse as something else than a name."""
    target = SqlDialect(dialect).sqlglot
    parser = target.parser_class
    return frozenset((*target.tokenizer_class.KEYWORDS, *parser.NO_PAREN_FUNCTION_PARSERS, *_MORE_WORDS))
