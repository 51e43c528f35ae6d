"""One statement, analysed: its fingerprint, the statement without its literals, the literals, the tables."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import msgspec
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokens import Token

from ktx_daemon.sql.columns import columns_by_clause, empty_clauses
from ktx_daemon.sql.dialects import has_links
from ktx_daemon.sql.intervals import cast_intervals, write_precision
from ktx_daemon.sql.lists import is_repetitive, renumbered, shorten
from ktx_daemon.sql.masking import Marked, Marks, mask, settle
from ktx_daemon.sql.parsing import SqlError, SqlText, only_statement, parse_tokens, tokenize
from ktx_daemon.sql.skeleton import has_skeleton, is_exact, spans
from ktx_daemon.sql.table_names import named_tables, set_tables_right
from ktx_daemon.sql.tables import name_parts, physical_tables
from ktx_daemon.sql.templates import Slot, Template
from ktx_daemon.sql.tsql import take_clauses
from ktx_daemon.sql.wrapped import as_command, command_tables, text_within, unwrap

FINGERPRINT_CHARACTERS = 32

_FENCE = re.compile(r"\s*```[\w+-]*(?=\s)(?P<sql>.*?)\s*```\s*", re.DOTALL)

# Spaces that do not belong: around dots and opening parentheses, before commas and closing ones.
_AFTER = re.compile(r" ?([.(]) ?")
_BEFORE = re.compile(r" ([,);])")


@dataclass(frozen=True)
class _Text:
    fingerprint: str
    normalized_sql: str
    literals: list[Marked]


def analyze(sql: str, dialect: Dialect) -> Template:
    """Analyse one statement, which may stand in a Markdown code fence. Raises SqlError."""
    try:
        if "```" in sql and (fenced := _FENCE.fullmatch(sql)):
            start, end = fenced.span("sql")
            blank = re.sub(r"\S", " ", sql[:start])
            return _analyze(f"{blank}{sql[start:end]}", dialect, may_share=False)
        return _analyze(sql, dialect, may_share=True)
    except RecursionError:
        raise SqlError("The SQL text is too deep") from None


def _analyze(sql: str, dialect: Dialect, *, may_share: bool) -> Template:
    """Analyse a statement, for itself alone or for all with the same skeleton."""
    text, name = SqlText(sql), type(dialect).__name__.lower()
    tokens = tokenize(sql, dialect)
    masked, marks = mask(tokens, sql)
    originals = {marked.start: marked.text for marked in marks.entries}
    try:
        statement = _parse(sql, tokens, masked, text, dialect)
        if isinstance(statement, exp.Command):
            if inner := _within(sql, tokens[0], dialect):
                return inner
            written = _write_command(statement, marks, dialect)
            tables = _names(command_tables(_text_of(statement, marks), dialect), dialect)
            columns = msgspec.json.encode(empty_clauses())
            if inner := _within_string(_text_of(statement, marks), dialect):
                tables, columns = inner.tables, inner.columns
        else:
            nodes = settle(statement, marks, set_tables_right(statement, marks, dialect))
            physical = physical_tables(nodes, name)
            tables = _names([*physical, *named_tables(nodes)], dialect)
            columns = msgspec.json.encode(columns_by_clause(nodes, name))
            written = _write(statement, nodes, marks, dialect)
    except (RecursionError, SqlglotError):
        raise SqlError("The SQL text is nested too deeply or uses what cannot be written back") from None
    is_shared = may_share and not text.was_read and _starts_no_command(tokens, dialect) and is_exact(sql, tokens)
    found = _literals(sql, originals) if is_shared else None
    return Template(
        fingerprint=written.fingerprint,
        normalized_sql=written.normalized_sql,
        slots=tuple(_slot(marked, found or {}, originals) for marked in written.literals),
        tables=tables,
        columns=columns,
        significant=None if found is None else _significant(found, marks),
    )


def _names(tables: list[exp.Table], dialect: Dialect) -> tuple[tuple[str | None, str | None, str], ...]:
    return tuple(dict.fromkeys(name_parts(table, has_links=has_links(dialect)) for table in tables))


def _parse(sql: str, tokens: list[Token], masked: list[Token], text: SqlText, dialect: Dialect) -> exp.Expr:
    """Parse the one statement; what sqlglot does not know is a command. Raises SqlError."""
    if command := as_command(sql, tokens, is_refused=False):
        text.was_read = True
        return command
    readable, clauses = take_clauses(cast_intervals(masked, dialect), dialect)
    try:
        statement = only_statement(parse_tokens(readable, text, dialect))
    except SqlError:
        text.was_read = True
        if command := as_command(sql, tokens, is_refused=True):
            return command
        raise
    if clauses:
        clauses.put_back(statement, dialect)
    return statement


def _within(sql: str, first: Token, dialect: Dialect) -> Template | None:
    """Take apart the statement within another one, such as EXPLAIN."""
    wrapped = unwrap(sql, first)
    if wrapped is None:
        return None
    try:
        inner = _analyze(wrapped.text, dialect, may_share=False)
        normalized = wrapped.around(inner.normalized_sql)
    except (SqlError, ValueError):
        return None
    fingerprint = _digest(wrapped.around(f"- {inner.fingerprint}"))
    return msgspec.structs.replace(inner, fingerprint=fingerprint, normalized_sql=normalized)


def _within_string(command: str, dialect: Dialect) -> Template | None:
    """Take apart the statement that a command holds as a string, such as UNLOAD."""
    try:
        within = text_within(command, tokenize(command.partition(" ")[2], dialect))
        return _analyze(within, dialect, may_share=False) if within else None
    except SqlError:
        return None


def _write(statement: exp.Expr, nodes: list[exp.Expr], marks: Marks, dialect: Dialect) -> _Text:
    """Write the statement without its literals, and once more without what does not tell two statements apart.

    The tree is of no use afterwards: the generator changes it.
    """
    if not any(_is_noise(node, marks) for node in nodes):
        normalized, literals = marks.unmask(_generate(statement, dialect))
        return _Text(_digest(normalized), normalized, literals)
    normalized, literals = marks.unmask(_generate(statement.copy(), dialect))
    is_shorter = _make_canonical(nodes, marks)
    canonical = _generate(statement, dialect)
    canonical, _ = marks.unmask(canonical, renumbered(canonical, marks) if is_shorter else None)
    return _Text(_digest(canonical), normalized, literals)


def _generate(statement: exp.Expr, dialect: Dialect) -> str:
    sql = statement.sql(dialect=dialect, copy=False, comments=False, unsupported_level=ErrorLevel.IGNORE)
    return write_precision(sql)


def _is_noise(node: exp.Expr, marks: Marks) -> bool:
    """Return whether a node is one of those that `_make_canonical` changes."""
    if isinstance(node, exp.Identifier):
        return not node.args.get("quoted") and node.name != node.name.lower()
    return isinstance(node, exp.Hint) or is_repetitive(node, marks)


def _make_canonical(nodes: list[exp.Expr], marks: Marks) -> bool:
    """Remove what does not tell two statements apart: letter case, optimizer hints, the length of lists.

    Says whether lists are shorter now.
    """
    is_shorter = False
    for node in nodes:
        if isinstance(node, exp.Identifier) and not node.args.get("quoted"):
            node.set("this", node.name.lower())
        elif isinstance(node, exp.Hint):
            node.pop()
        elif is_repetitive(node, marks):
            is_shorter |= shorten(node, marks)
    return is_shorter


def _write_command(command: exp.Command, marks: Marks, dialect: Dialect) -> _Text:
    """Normalise a statement that sqlglot knows only by its first word: token by token."""
    rest = _text_of(command, marks).removeprefix(command.name)
    tokens, inner = mask(tokenize(rest, dialect), rest)
    words = [f'"{token.text}"' if token.token_type.name == "IDENTIFIER" else token.text.upper() for token in tokens]
    spaced = _BEFORE.sub(r"\1", _AFTER.sub(r"\1", " ".join([command.name.upper(), *words])))
    normalized, literals = inner.unmask(spaced)
    return _Text(_digest(normalized), normalized, literals)


def _text_of(command: exp.Command, marks: Marks) -> str:
    """Return a command as it was written."""
    return f"{command.name} {marks.restore(command.text('expression'))}"


def _starts_no_command(tokens: list[Token], dialect: Dialect) -> bool:
    """Return whether all of the text was split into tokens; what follows some words is one string."""
    return not any(token.token_type in dialect.tokenizer_class.COMMANDS for token in tokens)


def _literals(sql: str, originals: dict[int, str]) -> dict[int, int] | None:
    """Number the literals of the skeleton by their start; None without a skeleton, or if one is not marked."""
    if not has_skeleton(sql):
        return None
    starts = [span.start for span in spans(sql) if span.is_literal]
    return {start: number for number, start in enumerate(starts)} if originals.keys() >= set(starts) else None


def _significant(numbers: dict[int, int], marks: Marks) -> tuple[int, ...]:
    return tuple(numbers[marked.start] for marked in marks.entries if marked.is_restored and marked.start in numbers)


def _slot(marked: Marked, numbers: dict[int, int], originals: dict[int, str]) -> Slot:
    number = numbers.get(marked.start)
    if number is None:
        return Slot(marked.type, marked.text, None)
    return Slot(marked.type, marked.text.removesuffix(originals[marked.start]), number)


def _digest(canonical: str) -> str:
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:FINGERPRINT_CHARACTERS]
