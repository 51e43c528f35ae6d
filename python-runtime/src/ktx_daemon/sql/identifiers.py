"""Resolution of the `sql_table_name` of a BI tool to a physical table, or to the reason why there is none."""

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
from ktx_daemon.sql.dialects import SUPPORTED_DIALECTS, find_dialect, has_database_links, is_bigquery
from ktx_daemon.sql.parsing import SqlError, parse_tokens, tokenize
from ktx_daemon.sql.plain_references import PhysicalTable, canonical_path, plain_reference_parser
from ktx_daemon.sql.requests import ParseTableIdentifiers, TableIdentifier
from ktx_daemon.sql.reserved import fold_name, reserved_words
from ktx_daemon.sql.tables import split_table_name

# LookML substitutions `${…}`, constants `@{…}` and Liquid tags, which are not SQL.
TEMPLATE = re.compile(r"\$\{|@\{|\{\{|\{%")

WORD = re.compile(r"[^\W\d]\w*")
FIRST_WORD = re.compile(rf"(?:\s|/\*.*?\*/|--[^\n]*\n)*(?P<word>{WORD.pattern})", re.DOTALL)

PLACEHOLDER = re.compile(r"\$\d+")

# Names that are valid unquoted in every dialect; sqlglot also parses some that require quotes.
SAFE_NAME = re.compile(r"[\w$#@]+")


class UnresolvedTable(msgspec.Struct, frozen=True):
    """The reason why a reference does not name a single physical table."""

    ok: bool
    reason: str
    detail: str


class UnresolvedTableError(Exception):
    """The text does not name a single physical table; `reason` is one of the contract's codes."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def parse_table_identifiers(request: ParseTableIdentifiers) -> dict[str, Any]:
    """Parse each item independently: a failure affects only its own item. Raises 400 for duplicate keys."""
    results: dict[str, PhysicalTable | UnresolvedTable | None] = {
        item.key: _parse_plain(item) for item in request.items
    }
    if len(results) != len(request.items):
        raise _duplicate_key_error(request.items)
    unparsed = [item for item in request.items if results[item.key] is None]
    # Many views refer to the same table.
    unique = {(item.sql_table_name, item.dialect): item for item in unparsed}
    parsed = dict(zip(unique, map_in_chunks(parse_items, list(unique.values()), _count_characters, None), strict=True))
    results.update({item.key: parsed[item.sql_table_name, item.dialect] for item in unparsed})
    return {"results": results}


def _parse_plain(item: TableIdentifier) -> PhysicalTable | None:
    references = plain_reference_parser(item.dialect)
    return references.parse(item.sql_table_name) if references else None


def _count_characters(item: TableIdentifier) -> int:
    return len(item.sql_table_name)


def _duplicate_key_error(items: list[TableIdentifier]) -> BadRequestError:
    repeated = [key for key, count in Counter(item.key for item in items).items() if count > 1]
    named = ", ".join(f"'{key}'" for key in repeated)
    return BadRequestError("duplicate_key", f"Keys must differ; given more than once: {named}")


def parse_items(items: list[TableIdentifier]) -> list[PhysicalTable | UnresolvedTable]:
    """Parse items of any form with sqlglot."""
    # Not cached across calls: the tokenizer of a dialect is not thread-safe.
    grammars = {name: _load_grammar(name) for name in {item.dialect for item in items}}
    return [_parse_item(item, grammars[item.dialect]) for item in items]


@dataclass(frozen=True)
class _Grammar:
    """A dialect, and the tokens of `SELECT * FROM`, which turn a reference into a statement."""

    dialect: Dialect
    select: list[Token]

    def parse_after_from(self, tokens: list[Token], text: str) -> exp.Expr:
        """Parse a reference after `SELECT * FROM`; positions of errors refer to the reference."""
        # Copied, because parsed trees take over the comments of tokens.
        select = [Token(item.token_type, item.text, item.line, item.col, item.start, item.end) for item in self.select]
        statements = parse_tokens([*select, *tokens], text, self.dialect)
        if len(statements) != 1:
            raise SqlError("The text is more than one SQL statement")
        return statements[0]


def _load_grammar(name: str) -> _Grammar | None:
    dialect = find_dialect(name)
    return _Grammar(dialect, dialect.tokenize("SELECT * FROM")) if dialect else None


def _parse_item(item: TableIdentifier, grammar: _Grammar | None) -> PhysicalTable | UnresolvedTable:
    try:
        if grammar is None:
            raise UnresolvedTableError(
                "unsupported_dialect", f"The SQL dialect '{item.dialect}' is not one of {', '.join(SUPPORTED_DIALECTS)}"
            )
        return _describe(_parse_reference(item.sql_table_name, grammar), grammar)
    except UnresolvedTableError as error:
        return UnresolvedTable(False, error.reason, str(error))
    except SqlError as error:
        return UnresolvedTable(False, "parse_error", str(error))


def _parse_reference(text: str, grammar: _Grammar) -> exp.Table:
    """Return the only table of a reference. Raises UnresolvedTableError or SqlError."""
    if TEMPLATE.search(text):
        raise UnresolvedTableError(
            "looker_template_unresolved", "The text holds a Looker template that was not resolved"
        )
    tokens = _tokenize_reference(text, grammar.dialect)
    if not tokens:
        raise UnresolvedTableError("no_physical_table", "The text is empty")
    if tokens[0].token_type in (TokenType.WITH, TokenType.STRING):
        raise _derived_table_error()
    return _extract_table(grammar.parse_after_from(tokens, text))


def _tokenize_reference(text: str, dialect: Dialect) -> list[Token]:
    """Tokenize a reference; keywords in a dotted name become names."""
    tokens = tokenize(text, dialect)
    if tokens and (tokens[0].token_type in (*dialect.tokenizer_class.COMMANDS, TokenType.HIVE_TOKEN_STREAM)):
        tokens = _tokenize_without_command(text, dialect)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    for index in range(0, len(tokens), 2):
        token, source_text = tokens[index], text[tokens[index].start : tokens[index].end + 1]
        is_dotted = index > 0 or (len(tokens) > 1 and tokens[1].token_type is TokenType.DOT)
        if is_dotted and WORD.fullmatch(source_text):
            tokens[index] = _name_token(token, source_text)
        elif token.token_type is TokenType.STRING and source_text[0] == '"' and not is_bigquery(dialect):
            tokens[index] = _replace_token(token, TokenType.IDENTIFIER, token.text)  # as in the SQL mode ANSI_QUOTES
        if index + 1 < len(tokens) and tokens[index + 1].token_type is not TokenType.DOT:
            break
    return tokens


def _tokenize_without_command(text: str, dialect: Dialect) -> list[Token]:
    """Tokenize a text with another first word, because a command would make the rest one token."""
    match = FIRST_WORD.match(text)
    if match is None:
        return tokenize(text, dialect)
    start, end = match.span("word")
    tokens = tokenize(f"{text[:start]}{'_' * (end - start)}{text[end:]}", dialect)
    return [_name_token(token, match["word"]) if token.start == start else token for token in tokens]


def _name_token(token: Token, text: str) -> Token:
    return _replace_token(token, TokenType.VAR, text)


def _replace_token(token: Token, token_type: TokenType, text: str) -> Token:
    return Token(token_type, text, token.line, token.col, token.start, token.end, token.comments)


def _extract_table(query: exp.Expr) -> exp.Table:
    source = query.args["from_"].this if isinstance(query, exp.Select) and query.args.get("from_") else None
    if source is None or (isinstance(source, exp.Query) and not isinstance(source, exp.Subquery)):
        raise _derived_table_error()
    if query.args.get("joins") or query.args.get("laterals") or source.args.get("joins"):
        raise UnresolvedTableError("multiple_table_references", "The text refers to more than one table")
    clauses = {name for name, value in query.args.items() if value} - {"expressions", "from_", "kind"}
    if clauses - {"sample", "offset"} or ("offset" in clauses and "sample" not in clauses):
        raise _derived_table_error()  # `FINAL SAMPLE 1 / 10 OFFSET 1 / 2` belongs to the table
    return _unwrap(source)


def _unwrap(source: exp.Expr) -> exp.Table:
    """Return the table inside of parentheses and FINAL. Raises UnresolvedTableError for anything else."""
    while isinstance(source, (exp.Subquery, exp.Paren, exp.Final)) and not source.find(exp.Select, exp.SetOperation):
        if len(list(source.find_all(exp.Table))) > 1:
            raise UnresolvedTableError("multiple_table_references", "The text refers to more than one table")
        source = source.this
    if not isinstance(source, exp.Table) or source.args.get("pivots"):
        raise _derived_table_error()
    alias = source.args.get("alias")
    if alias is not None and isinstance(alias.this, exp.Parameter):
        raise SqlError("The text has an @ after the name of the table, which the dialect does not know")
    if isinstance(source.this, exp.Func) and not isinstance(source.this, exp.DynamicIdentifier):
        raise _derived_table_error()
    if any(part.args.get("temporary") or part.args.get("global_") for part in source.parts):
        raise UnresolvedTableError("no_physical_table", "The text names a temporary table, which ends with its session")
    if (
        not source.name
        or PLACEHOLDER.fullmatch(source.name)
        or any(not isinstance(part, exp.Identifier) for part in source.parts)
    ):
        raise UnresolvedTableError(
            "no_physical_table", "The text names no table: its name is only known when the query runs"
        )
    return source


def _derived_table_error() -> UnresolvedTableError:
    return UnresolvedTableError("derived_table_not_supported", "The text is a query or a table function, not a table")


def _describe(table: exp.Table, grammar: _Grammar) -> PhysicalTable:
    catalog, schema, name = split_table_name(table, has_database_links=has_database_links(grammar.dialect))
    return PhysicalTable(True, catalog, schema, name, _write_canonical(table, grammar.dialect))


def _write_canonical(table: exp.Table, dialect: Dialect) -> str:
    """Generate the bare reference in its dialect; quotes are kept, and added to names that require them.

    Modifies the table, because copying trees would dominate the run time.
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
            identifier.set("this", fold_name(identifier.name, dialect))
            identifier.set("quoted", True)
    return bare.sql(dialect=dialect, copy=False, comments=False)
