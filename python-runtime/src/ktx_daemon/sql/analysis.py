"""One statement, analysed: its fingerprint, the statement without its literals, the literals, the tables."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import msgspec
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from ktx_daemon.errors import BadRequestError
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.masking import Kind, Marked, Marks, mask, settle
from ktx_daemon.sql.parsing import SqlError, only_statement, parse_tokens, tokenize
from ktx_daemon.sql.requests import SqlStatement
from ktx_daemon.sql.tables import name_parts, physical_tables

FINGERPRINT_CHARACTERS = 32

# Spaces that do not belong: around dots and opening parentheses, before commas and closing ones.
_AFTER = re.compile(r" ?([.(]) ?")
_BEFORE = re.compile(r" ([,);])")


class LiteralSlot(msgspec.Struct, frozen=True):
    """One `?` of a normalised statement: its number from 1, the literal's type and text."""

    position: int
    type: str
    example_value: str


class FingerprintAnalysis(msgspec.Struct, frozen=True):
    """The answer of `/api/sql/analyze-for-fingerprint`."""

    fingerprint: str
    normalized_sql: str
    tables_touched: list[str]
    literal_slots: list[LiteralSlot]


@dataclass(frozen=True)
class Analysis:
    """A statement that was taken apart. The tree still carries marks where its literals were."""

    statement: exp.Expr
    fingerprint: str
    normalized_sql: str
    literal_slots: list[LiteralSlot]


def analyze_for_fingerprint(request: SqlStatement) -> FingerprintAnalysis:
    """Analyse one statement. SQL that cannot be parsed is a 400 with the position."""
    dialect = require_dialect(request.dialect)
    try:
        analysis = analyze(request.sql, dialect)
    except SqlError as error:
        raise BadRequestError("sql_parse_error", str(error)) from None
    touched = (name_parts(table) for table in physical_tables(analysis.statement))
    return FingerprintAnalysis(
        fingerprint=analysis.fingerprint,
        normalized_sql=analysis.normalized_sql,
        tables_touched=[".".join(part for part in parts if part) for parts in touched],
        literal_slots=analysis.literal_slots,
    )


def analyze(sql: str, dialect: Dialect) -> Analysis:
    """Take one statement apart. Raises SqlError."""
    tokens, marks = mask(tokenize(sql, dialect), sql)
    try:
        statement = settle(only_statement(parse_tokens(tokens, sql, dialect)), marks)
        if isinstance(statement, exp.Command):
            return _analyze_command(statement, marks, dialect)
        normalized, literals = marks.unmask(_generate(statement, dialect))
        canonical, _ = marks.unmask(_generate(_canonical(statement.copy(), marks), dialect, copy=False))
    except (RecursionError, SqlglotError):
        raise SqlError("The SQL text is nested too deeply or uses what cannot be written back") from None
    return Analysis(statement, _digest(canonical), normalized, _slots(literals))


def _generate(statement: exp.Expr, dialect: Dialect, *, copy: bool = True) -> str:
    return statement.sql(dialect=dialect, copy=copy, comments=False, unsupported_level=ErrorLevel.IGNORE)


def _canonical(statement: exp.Expr, marks: Marks) -> exp.Expr:
    """Remove what does not tell two statements apart: letter case, optimizer hints, the length of literal lists."""
    for node in list(statement.walk()):
        if isinstance(node, exp.Identifier) and not node.args.get("quoted"):
            node.set("this", node.name.lower())
        elif isinstance(node, exp.Hint):
            node.pop()
        elif isinstance(node, exp.In) and node.expressions and all(_is_literal(x, marks) for x in node.expressions):
            node.set("expressions", node.expressions[:1])
    return statement


def _is_literal(node: exp.Expr, marks: Marks) -> bool:
    """Say whether a list item is a literal, a typed literal, or a row of such."""
    if isinstance(node, (exp.Tuple, exp.Paren)):
        return all(_is_literal(item, marks) for item in node.expressions or [node.this])
    if isinstance(node, exp.Cast):
        return _is_literal(node.this, marks)
    if isinstance(node, exp.Literal):
        marked = marks.find(node.this)
        return marked is None or marked.kind is Kind.LITERAL
    return False


def _analyze_command(command: exp.Command, marks: Marks, dialect: Dialect) -> Analysis:
    """Normalise a statement that sqlglot knows only by its first word: token by token."""
    rest = marks.restore(command.text("expression"))
    tokens, inner = mask(tokenize(rest, dialect), rest)
    words = [f'"{token.text}"' if token.token_type.name == "IDENTIFIER" else token.text.upper() for token in tokens]
    spaced = _BEFORE.sub(r"\1", _AFTER.sub(r"\1", " ".join([command.name.upper(), *words])))
    normalized, literals = inner.unmask(spaced)
    return Analysis(command, _digest(normalized), normalized, _slots(literals))


def _slots(literals: list[Marked]) -> list[LiteralSlot]:
    return [LiteralSlot(position, literal.type, literal.text) for position, literal in enumerate(literals, 1)]


def _digest(canonical: str) -> str:
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:FINGERPRINT_CHARACTERS]
