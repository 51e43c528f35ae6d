"""Analysis of one statement: fingerprint, normalised text, literals, tables and columns."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokens import Token

from ktx_daemon.sql.aliases import rename_aliases
from ktx_daemon.sql.columns import columns_by_clause, empty_clauses
from ktx_daemon.sql.dialects import has_database_links
from ktx_daemon.sql.intervals import cast_intervals, restore_precision
from ktx_daemon.sql.lists import is_shortenable_list, renumber_placeholders, shorten_list
from ktx_daemon.sql.log_skeleton import find_log_spans
from ktx_daemon.sql.masking import MaskedToken, MaskedTokens, finalize_marks, mask
from ktx_daemon.sql.parsing import SqlError, SqlText, parse_tokens, require_single_statement, tokenize
from ktx_daemon.sql.skeleton import Span, find_spans, matches_tokens
from ktx_daemon.sql.table_names import correct_tables, tables_in_strings
from ktx_daemon.sql.tables import find_physical_tables, split_table_name
from ktx_daemon.sql.templates import Slot, Template
from ktx_daemon.sql.tsql import extract_clauses
from ktx_daemon.sql.usage import Usage, find_usage
from ktx_daemon.sql.wrapped import find_command_tables, find_embedded_statement, to_command, unwrap

FINGERPRINT_CHARACTERS = 32

_FENCE = re.compile(r"\s*```[\w+-]*(?=\s)(?P<sql>.*?)\s*```\s*", re.DOTALL)

# Superfluous spaces: around dots and opening parentheses, before commas and closing parentheses.
_AFTER = re.compile(r" ?([.(]) ?")
_BEFORE = re.compile(r" ([,);])")


@dataclass(frozen=True)
class _NormalizedText:
    fingerprint: str
    normalized_sql: str
    literals: list[MaskedToken]
    pattern: str = ""


@dataclass(frozen=True)
class _Mode:
    """Which texts of a statement its template omits (None: it applies to this text only), and what it contains."""

    find_spans: Callable[[str, Dialect], list[Span] | None] = lambda sql, _: find_spans(sql)
    is_logged: bool = False


_ONE_STATEMENT = _Mode(lambda *_: None)


def analyze(sql: str, dialect: Dialect) -> Template:
    """Analyse one statement, which may be in a Markdown code fence. Raises SqlError."""
    return _analyze_text(sql, dialect, _Mode())


def analyze_logged(sql: str, dialect: Dialect) -> Template:
    """Analyse one statement of a query log: as `analyze`, with its pattern and usage of columns. Raises SqlError."""
    return _analyze_text(sql, dialect, _Mode(find_log_spans, is_logged=True))


def _analyze_text(sql: str, dialect: Dialect, mode: _Mode) -> Template:
    try:
        if "```" in sql and (fenced := _FENCE.fullmatch(sql)):
            start, end = fenced.span("sql")
            blank = re.sub(r"\S", " ", sql[:start])
            return _analyze(f"{blank}{sql[start:end]}", dialect, replace(mode, find_spans=_ONE_STATEMENT.find_spans))
        return _analyze(sql, dialect, mode)
    except RecursionError:
        raise SqlError("The SQL text is too deep") from None


def _analyze(sql: str, dialect: Dialect, mode: _Mode) -> Template:
    source_text, name, usage = SqlText(sql), type(dialect).__name__.lower(), Usage()
    tokens = tokenize(sql, dialect)
    masked, marks = mask(tokens, sql)
    texts_by_start = {marked.start: marked.text for marked in marks.entries}
    try:
        statement = _parse(sql, tokens, masked, source_text, dialect)
        if isinstance(statement, exp.Command):
            if inner := _analyze_wrapped(sql, tokens[0], dialect):
                return inner
            normalized = _normalize_command(statement, marks, dialect)
            tables = _table_names(find_command_tables(_command_text(statement, marks), dialect), dialect)
            columns = msgspec.json.encode(empty_clauses())
            if inner := _analyze_embedded(_command_text(statement, marks), dialect):
                tables, columns = inner.tables, inner.columns
        else:
            nodes = finalize_marks(statement, marks, correct_tables(statement, marks, dialect))
            physical = find_physical_tables(nodes, name)
            tables = _table_names([*physical, *tables_in_strings(nodes)], dialect)
            columns = msgspec.json.encode(columns_by_clause(nodes, name))
            if mode.is_logged:
                usage = find_usage(statement, has_database_links=has_database_links(dialect))
            normalized = _normalize(statement, nodes, marks, dialect, is_logged=mode.is_logged)
    except (RecursionError, SqlglotError):
        raise SqlError("The SQL text is nested too deeply or uses what cannot be written back") from None
    spans = None if source_text.was_read or not _is_fully_tokenized(tokens, dialect) else mode.find_spans(sql, dialect)
    is_shared = spans is not None and matches_tokens(sql, tokens, spans)
    numbers = _number_literals(spans or [], texts_by_start) if is_shared else None
    # Statements of one pattern have lists of different lengths, so the template of a log keeps its own literals.
    slot_numbers = numbers if numbers and not mode.is_logged else {}
    return Template(
        fingerprint=normalized.fingerprint,
        normalized_sql=normalized.normalized_sql,
        slots=tuple(_make_slot(marked, slot_numbers, texts_by_start) for marked in normalized.literals),
        tables=tables,
        columns=columns,
        significant=None if numbers is None else _significant_literals(numbers, marks),
        pattern=normalized.pattern or normalized.fingerprint,
        usage=msgspec.json.encode(usage),
    )


def _table_names(tables: list[exp.Table], dialect: Dialect) -> tuple[tuple[str | None, str | None, str], ...]:
    return tuple(
        dict.fromkeys(split_table_name(table, has_database_links=has_database_links(dialect)) for table in tables)
    )


def _parse(sql: str, tokens: list[Token], masked: list[Token], source_text: SqlText, dialect: Dialect) -> exp.Expr:
    """Parse a single statement; an unsupported one becomes an `exp.Command`. Raises SqlError."""
    if command := to_command(sql, tokens, parse_failed=False):
        source_text.was_read = True
        return command
    readable, clauses = extract_clauses(cast_intervals(masked, dialect), dialect)
    try:
        statement = require_single_statement(parse_tokens(readable, source_text, dialect))
    except SqlError:
        source_text.was_read = True
        if command := to_command(sql, tokens, parse_failed=True):
            return command
        raise
    if clauses:
        clauses.restore(statement, dialect)
    return statement


def _analyze_wrapped(sql: str, first: Token, dialect: Dialect) -> Template | None:
    """Analyse the statement that another one wraps, such as EXPLAIN."""
    wrapped = unwrap(sql, first)
    if wrapped is None:
        return None
    try:
        inner = _analyze(wrapped.text, dialect, _ONE_STATEMENT)
        normalized = wrapped.wrap(inner.normalized_sql)
    except (SqlError, ValueError):
        return None
    fingerprint = _digest(wrapped.wrap(f"- {inner.fingerprint}"))
    return msgspec.structs.replace(inner, fingerprint=fingerprint, normalized_sql=normalized)


def _analyze_embedded(command: str, dialect: Dialect) -> Template | None:
    """Analyse the statement that a command contains as a string, such as UNLOAD."""
    try:
        within = find_embedded_statement(command, tokenize(command.partition(" ")[2], dialect))
        return _analyze(within, dialect, _ONE_STATEMENT) if within else None
    except SqlError:
        return None


def _normalize(
    statement: exp.Expr, nodes: list[exp.Expr], marks: MaskedTokens, dialect: Dialect, *, is_logged: bool
) -> _NormalizedText:
    """Generate the normalised text, and the canonical text that the fingerprint is made of.

    The generator modifies the tree, which must not be used afterwards.
    """
    if not is_logged and not any(_is_noncanonical(node, marks) for node in nodes):
        normalized, literals = marks.unmask(_generate(statement, dialect))
        return _NormalizedText(_digest(normalized), normalized, literals)
    normalized, literals = marks.unmask(_generate(statement.copy(), dialect))
    is_shorter = _canonicalize(nodes, marks)
    fingerprint = _digest_canonical(statement.copy() if is_logged else statement, marks, dialect, is_shorter=is_shorter)
    pattern = fingerprint
    if is_logged and rename_aliases(statement):
        pattern = _digest_canonical(statement, marks, dialect, is_shorter=is_shorter)
    return _NormalizedText(fingerprint, normalized, literals, pattern)


def _digest_canonical(statement: exp.Expr, marks: MaskedTokens, dialect: Dialect, *, is_shorter: bool) -> str:
    canonical = _generate(statement, dialect)
    canonical, _ = marks.unmask(canonical, renumber_placeholders(canonical, marks) if is_shorter else None)
    return _digest(canonical)


def _generate(statement: exp.Expr, dialect: Dialect) -> str:
    sql = statement.sql(dialect=dialect, copy=False, comments=False, unsupported_level=ErrorLevel.IGNORE)
    return restore_precision(sql)


def _is_noncanonical(node: exp.Expr, marks: MaskedTokens) -> bool:
    """Return whether `_canonicalize` changes a node."""
    if isinstance(node, exp.Identifier):
        return not node.args.get("quoted") and node.name != node.name.lower()
    return isinstance(node, exp.Hint) or is_shortenable_list(node, marks)


def _canonicalize(nodes: list[exp.Expr], marks: MaskedTokens) -> bool:
    """Remove differences that a fingerprint ignores: letter case, optimizer hints, the length of lists.

    Returns whether a list was shortened.
    """
    is_shorter = False
    for node in nodes:
        if isinstance(node, exp.Identifier) and not node.args.get("quoted"):
            node.set("this", node.name.lower())
        elif isinstance(node, exp.Hint):
            node.pop()
        elif is_shortenable_list(node, marks):
            is_shorter |= shorten_list(node, marks)
    return is_shorter


def _normalize_command(command: exp.Command, marks: MaskedTokens, dialect: Dialect) -> _NormalizedText:
    """Normalise a statement that sqlglot does not parse, token by token."""
    rest = _command_text(command, marks).removeprefix(command.name)
    tokens, inner = mask(tokenize(rest, dialect), rest)
    words = [f'"{token.text}"' if token.token_type.name == "IDENTIFIER" else token.text.upper() for token in tokens]
    spaced = _BEFORE.sub(r"\1", _AFTER.sub(r"\1", " ".join([command.name.upper(), *words])))
    normalized, literals = inner.unmask(spaced)
    return _NormalizedText(_digest(normalized), normalized, literals)


def _command_text(command: exp.Command, marks: MaskedTokens) -> str:
    """Return the original text of a command."""
    return f"{command.name} {marks.restore(command.text('expression'))}"


def _is_fully_tokenized(tokens: list[Token], dialect: Dialect) -> bool:
    """Return whether the whole text was tokenized; sqlglot keeps the rest of some commands as one string."""
    return not any(token.token_type in dialect.tokenizer_class.COMMANDS for token in tokens)


def _number_literals(spans: list[Span], texts_by_start: dict[int, str]) -> dict[int, int] | None:
    """Number the literals of the skeleton by their start; None if a literal is not masked."""
    starts = [span.start for span in spans if span.is_literal]
    return {start: number for number, start in enumerate(starts)} if texts_by_start.keys() >= set(starts) else None


def _significant_literals(numbers: dict[int, int], marks: MaskedTokens) -> tuple[int, ...]:
    return tuple(numbers[marked.start] for marked in marks.entries if marked.is_restored and marked.start in numbers)


def _make_slot(marked: MaskedToken, numbers: dict[int, int], texts_by_start: dict[int, str]) -> Slot:
    number = numbers.get(marked.start)
    if number is None:
        return Slot(marked.type, marked.text, None)
    return Slot(marked.type, marked.text.removesuffix(texts_by_start[marked.start]), number)


def _digest(canonical: str) -> str:
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:FINGERPRINT_CHARACTERS]
