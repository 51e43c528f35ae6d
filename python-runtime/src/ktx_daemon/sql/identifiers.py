"""From the `sql_table_name` of a BI tool to the physical table that it names, or to the reason why it names none."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token, TokenType

from ktx_daemon.errors import BadRequestError
from ktx_daemon.sql.chunks import map_in_chunks
from ktx_daemon.sql.dialects import KNOWN, find_dialect, has_links, is_bigquery
from ktx_daemon.sql.parsing import SqlError, parse_tokens, tokenize
from ktx_daemon.sql.plain_references import PhysicalTable, canonical_path, plain_references
from ktx_daemon.sql.requests import ParseTableIdentifiers, TableIdentifier
from ktx_daemon.sql.reserved import folded, reserved_words
from ktx_daemon.sql.tables import name_parts

# LookML substitutions `${…}`, constants `@{…}` and Liquid tags; the database knows none of them.
TEMPLATE = re.compile(r"\$\{|@\{|\{\{|\{%")

WORD = re.compile(r"[^\W\d]\w*")
FIRST_WORD = re.compile(rf"(?:\s|/\*.*?\*/|--[^\n]*\n)*(?P<word>{WORD.pattern})", re.DOTALL)

PLACEHOLDER = re.compile(r"\$\d+")

# What may stand unquoted in every dialect; sqlglot also reads some names that only their quotes made valid.
SAFE_NAME = re.compile(r"[\w$#@]+")


class NoTable(msgspec.Struct, frozen=True):
    """Why a reference names no single physical table."""

    ok: bool
    reason: str
    detail: str


class NotATableError(Exception):
    """The text names no single physical table; `reason` is one of the contract's codes."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def parse_table_identifiers(request: ParseTableIdentifiers) -> dict[str, Any]:
    """Parse every item by itself: one that fails leaves the others alone. A key given twice is a 400."""
    results: dict[str, PhysicalTable | NoTable | None] = {item.key: _read_plain(item) for item in request.items}
    if len(results) != len(request.items):
        raise _repeated_keys(request.items)
    rest = [item for item in request.items if results[item.key] is None]
    # Many views are of one table.
    once = {(item.sql_table_name, item.dialect): item for item in rest}
    parsed = dict(zip(once, map_in_chunks(parse_items, list(once.values()), _size, None), strict=True))
    results.update({item.key: parsed[item.sql_table_name, item.dialect] for item in rest})
    return {"results": results}


def _read_plain(item: TableIdentifier) -> PhysicalTable | None:
    references = plain_references(item.dialect)
    return references.read(item.sql_table_name) if references else None


def _size(item: TableIdentifier) -> int:
    return len(item.sql_table_name)


def _repeated_keys(items: list[TableIdentifier]) -> BadRequestError:
    repeated = [key for key, count in Counter(item.key for item in items).items() if count > 1]
    named = ", ".join(f"'{key}'" for key in repeated)
    return BadRequestError("duplicate_key", f"Keys must differ; given more than once: {named}")


def parse_items(items: list[TableIdentifier]) -> list[PhysicalTable | NoTable]:
    """Parse items of every form with sqlglot."""
    # Not kept for longer: a dialect holds its tokenizer, which is one thread's at a time.
    grammars = {name: _grammar(name) for name in {item.dialect for item in items}}
    return [_parse_item(item, grammars[item.dialect]) for item in items]


@dataclass(frozen=True)
class _Grammar:
    """A dialect, and the tokens in front of a reference that make it a statement."""

    dialect: Dialect
    select: list[Token]

    def parse_after_from(self, tokens: list[Token], text: str) -> exp.Expr:
        """Parse the text as what follows FROM; the positions of errors stay those of the text itself."""
        # Copied, because trees keep the comments of tokens.
        select = [Token(item.token_type, item.text, item.line, item.col, item.start, item.end) for item in self.select]
        statements = parse_tokens([*select, *tokens], text, self.dialect)
        if len(statements) != 1:
            raise SqlError("The text is more than one SQL statement")
        return statements[0]


def _grammar(name: str) -> _Grammar | None:
    dialect = find_dialect(name)
    return _Grammar(dialect, dialect.tokenize("SELECT * FROM")) if dialect else None


def _parse_item(item: TableIdentifier, grammar: _Grammar | None) -> PhysicalTable | NoTable:
    try:
        if grammar is None:
            raise NotATableError(
                "unsupported_dialect", f"The SQL dialect '{item.dialect}' is not one of {', '.join(KNOWN)}"
            )
        return _describe(_physical_table(item.sql_table_name, grammar), grammar)
    except NotATableError as error:
        return NoTable(False, error.reason, str(error))
    except SqlError as error:
        return NoTable(False, "parse_error", str(error))


def _physical_table(text: str, grammar: _Grammar) -> exp.Table:
    """Find the one table of the reference. Raises NotATableError or SqlError."""
    if TEMPLATE.search(text):
        raise NotATableError("looker_template_unresolved", "The text holds a Looker template that was not resolved")
    tokens = _tokens(text, grammar.dialect)
    if not tokens:
        raise NotATableError("no_physical_table", "The text is empty")
    if tokens[0].token_type in (TokenType.WITH, TokenType.STRING):
        raise _derived()
    return _single_table(grammar.parse_after_from(tokens, text))


def _tokens(text: str, dialect: Dialect) -> list[Token]:
    """Split a reference into tokens, of which the parts of a dotted name are names, even if keywords elsewhere."""
    tokens = tokenize(text, dialect)
    if tokens and (tokens[0].token_type in (*dialect.tokenizer_class.COMMANDS, TokenType.HIVE_TOKEN_STREAM)):
        tokens = _tokens_of_no_command(text, dialect)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    for index in range(0, len(tokens), 2):
        token, written = tokens[index], text[tokens[index].start : tokens[index].end + 1]
        is_in_dots = index > 0 or (len(tokens) > 1 and tokens[1].token_type is TokenType.DOT)
        if is_in_dots and WORD.fullmatch(written):
            tokens[index] = _name(token, written)
        elif token.token_type is TokenType.STRING and written[0] == '"' and not is_bigquery(dialect):
            tokens[index] = _like(token, TokenType.IDENTIFIER, token.text)  # as the mode ANSI_QUOTES has it
        if index + 1 < len(tokens) and tokens[index + 1].token_type is not TokenType.DOT:
            break
    return tokens


def _tokens_of_no_command(text: str, dialect: Dialect) -> list[Token]:
    """Split a text whose first word begins a command, so that the rest would be one token, with another first word."""
    found = FIRST_WORD.match(text)
    if found is None:
        return tokenize(text, dialect)
    start, end = found.span("word")
    tokens = tokenize(f"{text[:start]}{'_' * (end - start)}{text[end:]}", dialect)
    return [_name(token, found["word"]) if token.start == start else token for token in tokens]


def _name(token: Token, text: str) -> Token:
    return _like(token, TokenType.VAR, text)


def _like(token: Token, token_type: TokenType, text: str) -> Token:
    return Token(token_type, text, token.line, token.col, token.start, token.end, token.comments)


def _single_table(query: exp.Expr) -> exp.Table:
    source = query.args["from_"].this if isinstance(query, exp.Select) and query.args.get("from_") else None
    if source is None or (isinstance(source, exp.Query) and not isinstance(source, exp.Subquery)):
        raise _derived()
    if query.args.get("joins") or query.args.get("laterals") or source.args.get("joins"):
        raise NotATableError("multiple_table_references", "The text refers to more than one table")
    clauses = {name for name, value in query.args.items() if value} - {"expressions", "from_", "kind"}
    if clauses - {"sample", "offset"} or ("offset" in clauses and "sample" not in clauses):
        raise _derived()  # `FINAL SAMPLE 1 / 10 OFFSET 1 / 2` belongs to the table
    return _unwrap(source)


def _unwrap(source: exp.Expr) -> exp.Table:
    """Take parentheses and FINAL off a table; anything else than a table is none."""
    while isinstance(source, (exp.Subquery, exp.Paren, exp.Final)) and not source.find(exp.Select, exp.SetOperation):
        if len(list(source.find_all(exp.Table))) > 1:
            raise NotATableError("multiple_table_references", "The text refers to more than one table")
        source = source.this
    if not isinstance(source, exp.Table) or source.args.get("pivots"):
        raise _derived()
    alias = source.args.get("alias")
    if alias is not None and isinstance(alias.this, exp.Parameter):
        raise SqlError("The text has an @ after the name of the table, which the dialect does not know")
    if isinstance(source.this, exp.Func) and not isinstance(source.this, exp.DynamicIdentifier):
        raise _derived()
    if any(part.args.get("temporary") or part.args.get("global_") for part in source.parts):
        raise NotATableError("no_physical_table", "The text names a temporary table, which ends with its session")
    if (
        not source.name
        or PLACEHOLDER.fullmatch(source.name)
        or any(not isinstance(part, exp.Identifier) for part in source.parts)
    ):
        raise NotATableError("no_physical_table", "The text names no table: its name is only known when the query runs")
    return source


def _derived() -> NotATableError:
    return NotATableError("derived_table_not_supported", "The text is a query or a table function, not a table")


def _describe(table: exp.Table, grammar: _Grammar) -> PhysicalTable:
    catalog, schema, name = name_parts(table, has_links=has_links(grammar.dialect))
    return PhysicalTable(True, catalog, schema, name, _canonical(table, grammar.dialect))


def _canonical(table: exp.Table, dialect: Dialect) -> str:
    """Write the bare reference in its dialect: quotes are kept, and set where a name cannot do without.

    Takes the table apart: copies of trees would cost more than the rest.
    """
    if is_bigquery(dialect) and all(isinstance(part, exp.Identifier) and "." not in part.name for part in table.parts):
        return canonical_path([part.name for part in table.parts], reserved_words(type(dialect)))
    bare = exp.Table(**{key: table.args[key] for key in ("this", "db", "catalog") if table.args.get(key) is not None})
    bare.meta.update(table.meta)
    reserved = reserved_words(type(dialect))
    for identifier in bare.find_all(exp.Identifier):
        if identifier.args.get("quoted") or not identifier.name:
            continue
        if not SAFE_NAME.fullmatch(identifier.name):
            identifier.set("quoted", True)
        elif identifier.name.lower() in reserved:
            identifier.set("this", folded(identifier.name, dialect))
            identifier.set("quoted", True)
    return bare.sql(dialect=dialect, copy=False, comments=False)
