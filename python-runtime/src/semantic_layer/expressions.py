"""From the texts of a model or a query to syntax trees: one expression, nothing hidden in it, names resolved later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.tokens import TokenType

from semantic_layer import arrows
from semantic_layer.dialects import SqlDialect
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.scalars import lacked_function

MAX_CHARACTERS = 100_000
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
# The names of functions that sqlglot takes for statements where they come first.
_STATEMENT = re.compile(r"\s*(replace|insert|truncate)\s*\(", re.IGNORECASE)
# What may be an operator where it begins a comment: `a--b`, `a#b`, and `a // b`.
_OPERATOR = re.compile(r"(?:\s*(?=//)|(?=--|#))(//|--(?=\S)|#(?=\S))")
# Needed around an expression before it becomes an operand of another one.
_ATOMS = (exp.Column, exp.Func, exp.Literal, exp.Paren, exp.Cast, exp.Case, exp.Null, exp.Boolean, exp.Placeholder)


def invalid(text: str, why: str) -> SemanticError:
    """Make the error for a text that is not the expression it should be."""
    return SemanticError(Problem.INVALID_EXPRESSION, f"The expression '{text}' {why}")


def parse(text: str, dialect: SqlDialect) -> exp.Expr:
    """Parse one expression. Raises SemanticError with the parser's reason."""
    if not text.strip():
        raise SemanticError(Problem.INVALID_EXPRESSION, "An expression is empty")
    if len(text) > MAX_CHARACTERS:
        raise SemanticError(Problem.INVALID_EXPRESSION, f"An expression is longer than {MAX_CHARACTERS} characters")
    try:
        _refuse_operators_as_comments(text, dialect)
        tree = _condition(_with_quoted_words(text, dialect), dialect)
    except SqlglotError as error:
        raise invalid(text, f"is not valid {dialect.name} SQL: {_reason(error)}") from None
    except RecursionError:
        raise SemanticError(Problem.INVALID_EXPRESSION, "An expression is nested too deeply") from None
    if tree is None:
        raise invalid(text, f"is not valid {dialect.name} SQL: it cannot be parsed")
    for node in tree.walk():
        for forbidden, name in _FORBIDDEN.items():
            if isinstance(node, forbidden):
                raise invalid(text, f"holds {name}; write it into the `sql` of a source instead")
    if lacked := lacked_function(tree, dialect):
        raise invalid(text, f"uses {lacked[0]}, which {dialect.name} does not have; {lacked[1]}")
    return tree


def _condition(text: str, dialect: SqlDialect) -> exp.Expr | None:
    """Parse a text; in parentheses a function may have the name of a statement, as REPLACE does in SQLite."""
    try:
        return _parsed(text, dialect)
    except SqlglotError as error:
        if not _STATEMENT.match(text):
            raise
        try:
            tree = _parsed(f"({text}\n)", dialect)
            return tree and tree.unnest()
        except SqlglotError:
            raise error from None


def _statements(text: str, dialect: SqlDialect, into: exp.IntoType | None = None) -> list[exp.Expr | None]:
    try:
        return arrows.parse(text, dialect.sqlglot, into, error_level=ErrorLevel.IMMEDIATE)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # The parser assumes of some functions that they have arguments.
        reason = "a function is called with arguments of another form"
        raise ParseError(reason, [{"description": reason}]) from error


def _parsed(text: str, dialect: SqlDialect) -> exp.Expr | None:
    found = _statements(text, dialect, exp.Condition)
    return found[0] if len(found) == 1 else exp.Block(expressions=found)


def _refuse_operators_as_comments(text: str, dialect: SqlDialect) -> None:
    """Refuse `a // b` and `5--3` where they begin a comment: what follows would be left out without a word."""
    if "//" not in text and "--" not in text and "#" not in text:
        return
    end = 0
    for token in dialect.sqlglot.tokenize(text):
        _refuse_operator(text, end, token.start, dialect)
        end = token.end + 1
    _refuse_operator(text, end, len(text), dialect)


def _refuse_operator(text: str, start: int, end: int, dialect: SqlDialect) -> None:
    """Check the text between two tokens."""
    found = _OPERATOR.match(text, start, end) if start else None
    if found is None or (
        found[1] == "//" and not _is_expression(f"{text[: found.start(1)]}/{text[found.end(1) :]}", dialect)
    ):
        return
    instead = "floor(a / b)" if found[1] == "//" else "a space in front of it if a comment is meant"
    raise invalid(text, f"holds {found[1]}, which begins a comment in {dialect.name}; write {instead}")


def _is_expression(text: str, dialect: SqlDialect) -> bool:
    try:
        _condition(text, dialect)
    except SqlglotError:
        return False
    return True


def _with_quoted_words(text: str, dialect: SqlDialect) -> str:
    """Quote the words of SQL that stand for a source: `any.x` is a column, and sqlglot reads a comparison with ANY."""
    keywords = dialect.sqlglot.tokenizer_class.KEYWORDS

    def is_word(name: str) -> bool:
        return name.upper() in keywords or dialect.is_reserved(name) or name.lower() == "if"

    if not any(is_word(name) for name in _QUALIFIER.findall(text)):
        return text
    text = f"({text})"  # a command at the beginning would swallow the rest
    tokens = dialect.sqlglot.tokenize(text)
    parts, done = [], 0
    for before, token, dot in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_name = is_word(token.text) and text[token.start : token.end + 1] == token.text
        is_qualifier = dot.token_type is TokenType.DOT and dot.start == token.end + 1
        if is_name and is_qualifier and before.token_type is not TokenType.DOT:
            name = exp.to_identifier(token.text, quoted=True).sql(dialect=dialect.sqlglot)
            parts += [text[done : token.start], name]
            done = token.end + 1
    return "".join([*parts, text[done:]])[1:-1]


def _reason(error: SqlglotError) -> str:
    details = getattr(error, "errors", None) or [{}]
    reason = str(details[0].get("description") or "it cannot be parsed")
    if "<class" in reason:
        return "an argument of a function is missing"
    return reason.rstrip(".") if "Failed to parse" not in reason else "it cannot be parsed"


def parse_query(text: str, dialect: SqlDialect) -> exp.Query:
    """Parse the `sql` of a source: exactly one query that reads."""
    try:
        statements = _statements(text, dialect)
    except SqlglotError as error:
        raise invalid(text, f"is not valid {dialect.name} SQL: {_reason(error)}") from None
    # What follows the last semicolon is no statement: nothing, or a comment.
    found = [statement for statement in statements if not isinstance(statement, (type(None), exp.Semicolon))]
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise invalid(text, "is not exactly one SELECT")
    if found[0].find(exp.DML, exp.DDL, exp.Command, exp.Into):
        raise invalid(text, "does more than to read")
    return found[0]


def parse_table(text: str, dialect: SqlDialect) -> exp.Table:
    """Parse the `table` of a source: a name with its qualifiers."""
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
        raise invalid(text, "is not the name of a table; a name with other characters needs quotes")
    for part in table.parts:
        if not part.args.get("quoted") and dialect.is_reserved(part.name):
            part.replace(exp.to_identifier(dialect.folded(part.name), quoted=True))
    return table


def is_aggregate(node: exp.Expr) -> bool:
    """Return whether the node is an aggregate call, with its FILTER or WITHIN GROUP if it has one."""
    while isinstance(node, _AGGREGATE_WRAPPERS):
        node = node.this
    return isinstance(node, exp.AggFunc)


def has_aggregate(tree: exp.Expr) -> bool:
    """Return whether there is an aggregate call anywhere in the tree."""
    return tree.find(exp.AggFunc) is not None


def name_parts(column: exp.Column, text: str) -> tuple[str | None, str]:
    """Return the qualifier and the name of a reference. Raises for references with more than two parts."""
    if column.args.get("db"):
        raise invalid(text, f"names '{column.sql()}'; a name is written as source.field")
    return column.table or None, column.name


def map_columns(tree: exp.Expr, replace: Callable[[exp.Column], exp.Expr]) -> exp.Expr:
    """Copy the tree with every column replaced; what replaces an operand is put in parentheses where it must be."""

    def visit(node: exp.Expr) -> exp.Expr:
        return operand(replace(node), node) if isinstance(node, exp.Column) else node

    return tree.transform(visit)


def operand(tree: exp.Expr, place: exp.Expr) -> exp.Expr:
    """Put parentheses around a tree that takes the place of an operand of an operator."""
    around = place.parent
    stands_alone = around is None or isinstance(around, exp.Paren)
    is_argument = isinstance(around, exp.Func) and not isinstance(around, exp.Binary)
    is_atom = isinstance(tree, _ATOMS) and not isinstance(tree, exp.Binary)
    return tree if stands_alone or is_argument or is_atom else exp.paren(tree)


def conjuncts(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Split a condition at its top-level ANDs."""
    tree = tree.unnest()
    if isinstance(tree, exp.And):
        yield from conjuncts(tree.left)
        yield from conjuncts(tree.right)
    else:
        yield tree


def all_of(conditions: list[exp.Expr]) -> exp.Expr | None:
    """Connect conditions with AND; none give None."""
    return exp.and_(*conditions) if conditions else None
