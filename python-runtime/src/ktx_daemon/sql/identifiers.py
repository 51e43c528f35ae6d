"""From the `sql_table_name` of a BI tool to the physical table that it names, or to the reason why it names none."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from ktx_daemon.errors import BadRequestError
from ktx_daemon.sql.chunks import map_in_chunks
from ktx_daemon.sql.dialects import KNOWN, find_dialect
from ktx_daemon.sql.parsing import SqlError, parse_tokens, tokenize
from ktx_daemon.sql.requests import ParseTableIdentifiers, TableIdentifier
from ktx_daemon.sql.tables import name_parts

# LookML substitutions `${…}`, constants `@{…}` and Liquid tags; the database knows none of them.
TEMPLATE = re.compile(r"\$\{|@\{|\{\{|\{%")

PLACEHOLDER = re.compile(r"\$\d+")

# What may stand unquoted in every dialect; sqlglot also reads some names that only their quotes made valid.
SAFE_NAME = re.compile(r"[\w$#@]+")
SAFE_NAME_WITH_DASHES = re.compile(r"[\w$#@-]+")


class NotATableError(Exception):
    """The text names no single physical table; `reason` is one of the contract's codes."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def parse_table_identifiers(request: ParseTableIdentifiers) -> dict[str, Any]:
    """Parse every item by itself: one that fails leaves the others alone. A key given twice is a 400."""
    repeated = [key for key, count in Counter(item.key for item in request.items).items() if count > 1]
    if repeated:
        named = ", ".join(f"'{key}'" for key in repeated)
        raise BadRequestError("duplicate_key", f"Keys must differ; given more than once: {named}")
    results = map_in_chunks(_parse_items, request.items, lambda item: len(item.sql_table_name), None)
    return {"results": {item.key: result for item, result in zip(request.items, results, strict=True)}}


def _parse_items(items: list[TableIdentifier]) -> list[dict[str, Any]]:
    return [_parse_item(item) for item in items]


def _parse_item(item: TableIdentifier) -> dict[str, Any]:
    try:
        return _describe(_physical_table(item.sql_table_name, item.dialect), item.dialect)
    except NotATableError as error:
        return {"ok": False, "reason": error.reason, "detail": str(error)}
    except SqlError as error:
        return {"ok": False, "reason": "parse_error", "detail": str(error)}


def _physical_table(text: str, dialect_name: str) -> exp.Table:
    """Find the one table of the reference. Raises NotATableError or SqlError."""
    dialect = find_dialect(dialect_name)
    if dialect is None:
        raise NotATableError(
            "unsupported_dialect", f"The SQL dialect '{dialect_name}' is not one of {', '.join(KNOWN)}"
        )
    if TEMPLATE.search(text):
        raise NotATableError("looker_template_unresolved", "The text holds a Looker template that was not resolved")
    tokens = tokenize(text, dialect)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise NotATableError("no_physical_table", "The text is empty")
    if tokens[0].token_type in (TokenType.WITH, TokenType.STRING):
        raise _derived()
    return _single_table(_parse_after_from(tokens, text, dialect))


def _parse_after_from(tokens: list[Token], text: str, dialect: Dialect) -> exp.Expr:
    """Parse the text as what follows FROM; the positions of errors stay those of the text itself."""
    statements = parse_tokens([*dialect.tokenize("SELECT * FROM"), *tokens], text, dialect)
    if len(statements) != 1:
        raise SqlError("The text is more than one SQL statement")
    return statements[0]


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


def _describe(table: exp.Table, dialect_name: str) -> dict[str, Any]:
    catalog, schema, name = name_parts(table)
    canonical = _canonical(table, dialect_name)
    return {"ok": True, "catalog": catalog, "schema": schema, "name": name, "canonical_table": canonical}


def _canonical(table: exp.Table, dialect_name: str) -> str:
    """Write the bare reference in its dialect: quotes are kept, and set where a name cannot do without."""
    dialect = find_dialect(dialect_name)
    bare = exp.Table(**{key: table.args[key] for key in ("this", "db", "catalog") if table.args.get(key) is not None})
    bare = bare.copy()
    bare.meta.update(table.meta)
    safe = SAFE_NAME_WITH_DASHES if dialect_name.lower() == "bigquery" else SAFE_NAME
    for identifier in bare.find_all(exp.Identifier):
        if identifier.name and not safe.fullmatch(identifier.name):
            identifier.set("quoted", True)
    return bare.sql(dialect=dialect, comments=False)
