"""Parsing of the expressions of models and queries into syntax trees; names are resolved later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.tokens import TokenType

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.sql import arrows
from semantic_layer.sql.dialects import SqlDialect
from semantic_layer.sql.scalars import find_unsupported_function

MAX_CHARACTERS = 1_000_000
MAX_PATH_LENGTH = 64
"""The number of names in a path."""
_QUALIFIER = re.compile(r"([A-Za-z_]\w*)\.")

_FORBIDDEN: dict[type[exp.Expr], str] = {
    exp.Query: "a subquery",
    exp.Window: "a window function",
    exp.Placeholder: "a placeholder",
    exp.Parameter: "a parameter",
    exp.Command: "a command",
    exp.Block: "several statements",
    exp.DML: "a statement",
    exp.DDL: "a statement",
}
_AGGREGATE_WRAPPERS = (exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)
# Functions that sqlglot parses as statements at the start of a text.
_STATEMENT = re.compile(r"\s*(replace|insert|truncate)\s*\(", re.IGNORECASE)
# Possible operators that start a comment in some dialects: `a--b`, `a#b` and `a // b`.
_OPERATOR = re.compile(r"(?:\s*(?=//)|(?=--|#))(//|--(?=\S)|#(?=\S))")
# Expressions that need no parentheses as an operand.
_ATOMS = (exp.Column, exp.Func, exp.Literal, exp.Paren, exp.Cast, exp.Case, exp.Null, exp.Boolean, exp.Placeholder)


def expression_error(text: str, why: str) -> SemanticError:
    """Return the error for an invalid expression; `why` continues the sentence."""
    return SemanticError(Problem.INVALID_EXPRESSION, f"The expression '{text}' {why}")


def parse(text: str, dialect: SqlDialect, bind: Callable[[exp.Expr], exp.Expr] | None = None) -> exp.Expr:
    """Parse one expression; `bind` replaces its parameters. Raises SemanticError with the parser's reason."""
    if not text.strip():
        raise SemanticError(Problem.INVALID_EXPRESSION, "An expression is empty")
    if len(text) > MAX_CHARACTERS:
        raise SemanticError(Problem.INVALID_EXPRESSION, f"An expression is longer than {MAX_CHARACTERS} characters")
    try:
        _reject_operators_as_comments(text, dialect)
        tree = _parse_condition(_quote_reserved_qualifiers(text, dialect), dialect)
    except SqlglotError as error:
        raise expression_error(text, f"is not valid {dialect.name} SQL: {_reason(error)}") from None
    except RecursionError:
        raise SemanticError(Problem.INVALID_EXPRESSION, "An expression is nested too deeply") from None
    if tree is None:
        raise expression_error(text, f"is not valid {dialect.name} SQL: it cannot be parsed")
    if bind is not None:
        tree = bind(tree)
    tree = _join_long_names(tree)
    for node in tree.walk():
        for forbidden, name in _FORBIDDEN.items():
            if isinstance(node, forbidden):
                raise expression_error(text, f"holds {name}; write it into the `sql` of a source instead")
    if unsupported := find_unsupported_function(tree, dialect):
        raise expression_error(text, f"uses {unsupported[0]}, which {dialect.name} does not have; {unsupported[1]}")
    return tree


def _join_long_names(tree: exp.Expr) -> exp.Expr:
    """Return the tree with names of five and more parts, which sqlglot parses as Dot, as columns."""

    def visit(node: exp.Expr) -> exp.Expr:
        inner = node
        while isinstance(inner, exp.Dot) and isinstance(inner.expression, (exp.Identifier, exp.Star)):
            inner = inner.this
        if inner is node or not isinstance(inner, exp.Column) or not inner.args.get("catalog"):
            return node
        *qualifiers, db, table, name = [part.copy() for part in [*inner.parts, *_right_operands(node)]]
        return exp.Column(this=name, table=table, db=db, catalog=exp.Dot.build(qualifiers))

    return tree.transform(visit) if tree.find(exp.Dot) is not None else tree


def _right_operands(node: exp.Expr) -> list[exp.Expr]:
    return [*_right_operands(node.this), node.expression] if isinstance(node, exp.Dot) else []


def _parse_condition(text: str, dialect: SqlDialect) -> exp.Expr | None:
    """Parse a condition; a function named like a statement, such as SQLite's REPLACE, is parsed in parentheses."""
    try:
        return _parse_expression(text, dialect)
    except SqlglotError as error:
        if not _STATEMENT.match(text):
            raise
        try:
            tree = _parse_expression(f"({text}\n)", dialect)
            return tree and tree.unnest()
        except SqlglotError:
            raise error from None


def _parse_statements(text: str, dialect: SqlDialect, into: exp.IntoType | None = None) -> list[exp.Expr | None]:
    try:
        return arrows.parse(text, dialect.sqlglot, into, error_level=ErrorLevel.IMMEDIATE)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # The parser fails for some functions without arguments.
        reason = "a function is called with invalid arguments"
        raise ParseError(reason, [{"description": reason}]) from error


def _parse_expression(text: str, dialect: SqlDialect) -> exp.Expr | None:
    statements = _parse_statements(text, dialect, exp.Condition)
    return statements[0] if len(statements) == 1 else exp.Block(expressions=statements)


def _reject_operators_as_comments(text: str, dialect: SqlDialect) -> None:
    """Raise SemanticError for `a // b` and `5--3` if they start a comment, as the rest would be ignored silently."""
    if "//" not in text and "--" not in text and "#" not in text:
        return
    end = 0
    for token in dialect.sqlglot.tokenize(text):
        _reject_operator(text, end, token.start, dialect)
        end = token.end + 1
    _reject_operator(text, end, len(text), dialect)


def _reject_operator(text: str, start: int, end: int, dialect: SqlDialect) -> None:
    """Raise SemanticError for an operator that starts a comment between two tokens."""
    operator = _OPERATOR.match(text, start, end) if start else None
    if operator is None or (
        operator[1] == "//" and not _is_expression(f"{text[: operator.start(1)]}/{text[operator.end(1) :]}", dialect)
    ):
        return
    alternative = "floor(a / b)" if operator[1] == "//" else "a space in front of it if a comment is meant"
    raise expression_error(text, f"holds {operator[1]}, which begins a comment in {dialect.name}; write {alternative}")


def _is_expression(text: str, dialect: SqlDialect) -> bool:
    try:
        _parse_condition(text, dialect)
    except SqlglotError:
        return False
    return True


def _quote_reserved_qualifiers(text: str, dialect: SqlDialect) -> str:
    """Quote reserved words that qualify a column: `any.x`, which sqlglot parses as a comparison with ANY."""
    keywords = dialect.sqlglot.tokenizer_class.KEYWORDS

    def is_word(name: str) -> bool:
        return name.upper() in keywords or dialect.is_reserved(name) or name.lower() == "if"

    if not any(is_word(name) for name in _QUALIFIER.findall(text)):
        return text
    text = f"({text})"  # a command at the start would consume the rest
    tokens = dialect.sqlglot.tokenize(text)
    parts, copied_to = [], 0
    for before, token, dot in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_name = is_word(token.text) and text[token.start : token.end + 1] == token.text
        is_qualifier = dot.token_type is TokenType.DOT and dot.start == token.end + 1
        if is_name and is_qualifier and before.token_type is not TokenType.DOT:
            name = exp.to_identifier(token.text, quoted=True).sql(dialect=dialect.sqlglot)
            parts += [text[copied_to : token.start], name]
            copied_to = token.end + 1
    return "".join([*parts, text[copied_to:]])[1:-1]


def _reason(error: SqlglotError) -> str:
    details = getattr(error, "errors", None) or [{}]
    reason = str(details[0].get("description") or "it cannot be parsed")
    if "<class" in reason:
        return "an argument of a function is missing"
    return reason.rstrip(".") if "Failed to parse" not in reason else "it cannot be parsed"


def parse_query(text: str, dialect: SqlDialect) -> exp.Query:
    """Parse the `sql` of a source, a single read-only query. Raises SemanticError."""
    try:
        statements = _parse_statements(text, dialect)
    except SqlglotError as error:
        raise expression_error(text, f"is not valid {dialect.name} SQL: {_reason(error)}") from None
    # An empty text or a comment after the last semicolon is not a statement.
    queries = [statement for statement in statements if not isinstance(statement, (type(None), exp.Semicolon))]
    if len(queries) != 1 or not isinstance(queries[0], exp.Query):
        raise expression_error(text, "is not exactly one SELECT")
    if queries[0].find(exp.DML, exp.DDL, exp.Command, exp.Into):
        raise expression_error(text, "is not read-only")
    return queries[0]


def parse_table(text: str, dialect: SqlDialect) -> exp.Table:
    """Parse the `table` of a source, a name with qualifiers. Raises SemanticError."""
    try:
        table = sqlglot.parse_one(text, into=exp.Table, dialect=dialect.sqlglot)
    except SqlglotError:
        table = None
    if (
        not isinstance(table, exp.Table)
        or table.alias
        or not all(isinstance(part, exp.Identifier) for part in table.parts)
        or not (table.name or table.this.args.get("quoted"))
    ):
        raise expression_error(text, "is not the name of a table; a name with other characters needs quotes")
    for part in table.parts:
        if not part.args.get("quoted") and dialect.is_reserved(part.name):
            part.replace(exp.to_identifier(dialect.fold_name(part.name), quoted=True))
    return table


def is_aggregate(node: exp.Expr) -> bool:
    """Return whether the node is an aggregate call, possibly wrapped in FILTER or WITHIN GROUP."""
    while isinstance(node, _AGGREGATE_WRAPPERS):
        node = node.this
    return isinstance(node, exp.AggFunc)


def has_aggregate(tree: exp.Expr) -> bool:
    """Return whether the tree contains an aggregate call."""
    return tree.find(exp.AggFunc) is not None


def name_parts(column: exp.Column, text: str) -> tuple[str | None, str]:
    """Return qualifier and name of a reference. The qualifier is a source, a role, or a path: `customer.nation`.

    Raises SemanticError for a path that is too long.
    """
    *qualifiers, _ = column.parts
    names = [part.name for qualifier in qualifiers for part in qualifier.find_all(exp.Identifier, bfs=False)]
    if len(names) > MAX_PATH_LENGTH:
        raise expression_error(text, f"has a path with more than {MAX_PATH_LENGTH} steps")
    return ".".join(names) or None, column.name


def map_columns(tree: exp.Expr, replace: Callable[[exp.Column], exp.Expr], *, copy: bool = True) -> exp.Expr:
    """Return the tree with every column replaced, in parentheses where required.

    The tree itself is changed without `copy`, which saves most of the time if nothing else reads it.
    """

    def visit(node: exp.Expr) -> exp.Expr:
        return parenthesize(replace(node), node) if isinstance(node, exp.Column) else node

    return tree.transform(visit, copy=copy)


def parenthesize(tree: exp.Expr, replaced: exp.Expr) -> exp.Expr:
    """Return a tree that replaces `replaced`, in parentheses if it becomes an operand of an operator."""
    parent = replaced.parent
    stands_alone = parent is None or isinstance(parent, exp.Paren)
    is_argument = isinstance(parent, exp.Func) and not isinstance(parent, exp.Binary)
    is_atom = isinstance(tree, _ATOMS) and not isinstance(tree, exp.Binary)
    return tree if stands_alone or is_argument or is_atom else exp.paren(tree)


def split_conjunction(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the operands of the top-level ANDs of a condition."""
    tree = tree.unnest()
    if isinstance(tree, exp.And):
        yield from split_conjunction(tree.left)
        yield from split_conjunction(tree.right)
    else:
        yield tree


def is_not_null(value: exp.Expr) -> exp.Expr:
    """Return the condition that a value is not NULL, which takes the value without a copy."""
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def combine_with_and(conditions: list[exp.Expr]) -> exp.Expr | None:
    """Return the conjunction of conditions, or None without any."""
    return exp.and_(*conditions) if conditions else None
