"""From the `sql_table_name` of a BI tool to the physical table that it names, or to the reason why it names none."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from ktx_daemon.errors import BadRequestError
from ktx_daemon.sql.chunks import map_in_chunks
from ktx_daemon.sql.dialects import KNOWN, find_dialect, is_bigquery
from ktx_daemon.sql.parsing import SqlError, parse_tokens, tokenize
from ktx_daemon.sql.plain_references import PhysicalTable, plain_references
from ktx_daemon.sql.requests import ParseTableIdentifiers, TableIdentifier
from ktx_daemon.sql.tables import name_parts

# LookML substitutions `${…}`, constants `@{…}` and Liquid tags; the database knows none of them.
TEMPLATE = re.compile(r"\$\{|@\{|\{\{|\{%")

PLACEHOLDER = re.compile(r"\$\d+")

# What may stand unquoted in every dialect; sqlglot also reads some names that only their quotes made valid.
SAFE_NAME = re.compile(r"[\w$#@]+")
SAFE_NAME_WITH_DASHES = re.compile(r"[\w$#@-]+")


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
    """Parse items with sqlglot, whatever they are."""
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
    tokens = tokenize(text, grammar.dialect)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise NotATableError("no_physical_table", "The text is empty")
    if tokens[0].token_type in (TokenType.WITH, TokenType.STRING):
        raise _derived()
    return _single_table(grammar.parse_after_from(tokens, text))


def _single_table(query: exp.Expr) -> exp.Table:
    source = query.args["from_"].this if isinstance(query, exp.Select) and query.args.get("from_") else None
    if source is None or (isinstance(source, exp.Query) and not isinstance(source, exp.Subquery)):
        raise _derived()
    if query.args.get("joins") or query.args.get("laterals") or source.args.get("joins"):
        raise NotATableError("multiple_table_references", "The text refers to more than one table")
    clauses = {name for name, value in query.args.items() if value} - {"expressions", "from_", "kind"}
    if clauses:
        raise _derived()
    return _unwrap(source)


def _unwrap(source: exp.Expr) -> exp.Table:
    """Take parentheses and FINAL off a table; anything else than a table is none."""
    while isinstance(source, (exp.Subquery, exp.Paren, exp.Final)) and not source.find(exp.Select, exp.SetOperation):
        if len(list(source.find_all(exp.Table))) > 1:
            raise NotATableError("multiple_table_references", "The text refers to more than one table")
        source = source.this
    if not isinstance(source, exp.Table) or source.args.get("pivots"):
        raise _derived()
    if isinstance(source.this, exp.Func) and not isinstance(source.this, exp.DynamicIdentifier):
        raise _derived()
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
    catalog, schema, name = name_parts(table)
    return PhysicalTable(True, catalog, schema, name, _canonical(table, grammar))


def _canonical(table: exp.Table, grammar: _Grammar) -> str:
    """Write the bare reference in its dialect: quotes are kept, and set where a name cannot do without.

    Takes the table apart: copies of trees would cost more than the rest.
    """
    bare = exp.Table(**{key: table.args[key] for key in ("this", "db", "catalog") if table.args.get(key) is not None})
    bare.meta.update(table.meta)
    safe = SAFE_NAME_WITH_DASHES if is_bigquery(grammar.dialect) else SAFE_NAME
    for identifier in bare.find_all(exp.Identifier):
        if identifier.name and not safe.fullmatch(identifier.name):
            identifier.set("quoted", True)
    return bare.sql(dialect=grammar.dialect, copy=False, comments=False)
