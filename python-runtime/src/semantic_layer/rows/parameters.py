"""Parameters of a query: `:name` in its expressions stands for a value of `Query.parameters`.

A value replaces its name in the syntax tree, never in the text, so that no value can become code. The dialect writes
it as a literal; a text that the dialect's literals cannot hold exactly is refused.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping

from sqlglot import exp

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Value
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.expressions import parse

PARAMETER = "parameter"
"""The key of the metadata of a literal with the name of its parameter."""
_MAX_INTEGER = 2**63 - 1
# Dialects whose texts cannot hold NUL, or whose literals end at it.
_WITHOUT_NUL = ("postgres", "redshift", "sqlite", "duckdb", "tsql", "trino")


class Parameters:
    """The values of the parameters of one query."""

    def __init__(self, values: Mapping[str, Value | list[Value]], dialect: SqlDialect) -> None:
        self._values = values
        self.dialect = dialect
        self._used: set[str] = set()

    def parse(self, text: str, prepare: Callable[[exp.Expr], exp.Expr] | None = None) -> exp.Expr:
        """Parse an expression of the query, with the values of its parameters. Raises SemanticError.

        `prepare` changes the tree before its functions are checked to be those of the dialect.
        """

        def bind(tree: exp.Expr) -> exp.Expr:
            bound = self._bind(tree, text)
            return prepare(bound) if prepare is not None else bound

        return parse(text, self.dialect, bind)

    def require_all_used(self) -> None:
        """Raise SemanticError for values that no expression uses, which are names with mistakes."""
        unused = [name for name in self._values if name not in self._used]
        if unused:
            names = ", ".join(f"'{name}'" for name in unused)
            message = f"No expression of the query uses the parameter {names}; write :{unused[0]} in one, or remove it"
            raise SemanticError(Problem.INVALID_QUERY, message)

    def _bind(self, tree: exp.Expr, text: str) -> exp.Expr:
        """Replace the parameters in a tree. A list replaces its name as an element of `IN (…)`, also among others."""
        for membership in list(tree.find_all(exp.In)):
            if isinstance(membership.args.get("field"), exp.Placeholder):  # IN :names
                membership.set("expressions", [membership.args["field"]])
                membership.set("field", None)
            if any(self._is_parameter(item) for item in membership.expressions):
                items = (self._elements(item, text) for item in membership.expressions)
                membership.set("expressions", [literal for literals in items for literal in literals])

        def replace(node: exp.Expr) -> exp.Expr:
            return self._scalar(node.name, text) if self._is_parameter(node) else node

        return tree.transform(replace, copy=False)

    def _is_parameter(self, node: exp.Expr) -> bool:
        return isinstance(node, exp.Placeholder) and bool(node.this) and not node.args.get("kind")

    def _elements(self, item: exp.Expr, text: str) -> list[exp.Expr]:
        if not self._is_parameter(item):
            return [item]
        value = self._value(item.name, text)
        if not isinstance(value, list):
            return [self._literal(item.name, value)]
        if not value:
            raise _parameter_error(item.name, "is an empty list; leave the condition out, or give it a value")
        return [self._literal(item.name, element) for element in value]

    def _scalar(self, name: str, text: str) -> exp.Expr:
        value = self._value(name, text)
        if isinstance(value, list):
            raise _parameter_error(name, f"is a list; '{text}' needs one value there; a list is for `in (:{name})`")
        return self._literal(name, value)

    def _value(self, name: str, text: str) -> Value | list[Value]:
        if name not in self._values:
            near = difflib.get_close_matches(name, self._values, 1)
            hint = f"did you mean ':{near[0]}'?" if near else "add it to `parameters`"
            raise SemanticError(Problem.INVALID_QUERY, f"The parameter ':{name}' in '{text}' has no value; {hint}")
        self._used.add(name)
        return self._values[name]

    def _literal(self, name: str, value: Value) -> exp.Expr:
        """Return a value as a literal that remembers the name of its parameter."""
        if isinstance(value, bool):
            literal: exp.Expr = exp.Boolean(this=value)
        elif isinstance(value, str):
            literal = text_literal(value, self.dialect, name)
        else:
            _require_finite(name, value)
            number = exp.Literal.number(repr(abs(value)))
            literal = exp.Neg(this=number) if math.copysign(1, value) < 0 else number
        literal.meta[PARAMETER] = name
        return literal


def _require_finite(name: str, value: float) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise _parameter_error(name, "is not a finite number")
    if isinstance(value, int) and abs(value) > _MAX_INTEGER:
        raise _parameter_error(name, "is an integer of more than 64 bits")


def text_literal(text: str, dialect: SqlDialect, name: str) -> exp.Expr:
    """Return a text as a literal. Raises SemanticError for a text that a literal of the dialect cannot hold."""
    if "\0" in text and dialect.name in _WITHOUT_NUL:
        raise _parameter_error(name, f"has a NUL character, which {dialect.name} cannot hold in a text")
    if dialect.name != "tsql":
        return exp.Literal.string(text)
    if "\\\n" in text or "\\\r\n" in text:
        raise _parameter_error(name, "has a backslash before the end of a line, which tsql removes from texts")
    return exp.Literal.string(text) if text.isascii() else exp.National(this=text)


def _parameter_error(name: str, what: str) -> SemanticError:
    return SemanticError(Problem.INVALID_QUERY, f"The parameter ':{name}' {what}")
