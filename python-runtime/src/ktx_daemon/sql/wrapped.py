"""Wrapped statements and commands, which sqlglot does not parse.

`EXPLAIN SELECT …` touches the tables of the SELECT, `LOCK TABLE a, b` the tables a and b.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

_STRINGS = (TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING, TokenType.NATIONAL_STRING)
_BLANK = r"(?:\s|/\*.*?\*/|--[^\n]*\n)"
_WORDS = r"(?:select|with|insert|update|delete|merge|replace|create|values|table|from)\b"
_STATEMENT = rf"(?={_WORDS}|\()"
_WRAPPER_PATTERNS = (
    rf"explain\s+plan\s+(?:into\s+[\w.]+\s+)?for\s+{_STATEMENT}",
    rf"explain\b\s*(?:\([^()']*\)\s*|(?!{_WORDS})[a-z_]+\b(?:\s*=\s*\w+)?[\s,]*)*{_STATEMENT}",
    rf"declare\s+[\w\"]+\s+(?:[a-z]+\s+)*?cursor\s+(?:[a-z_]+\s+)*?for\s+{_STATEMENT}",
    rf"analyze\s+(?:format\s*=\s*\w+\s+)?{_STATEMENT}",
    rf"prepare\s+[\w\"]+\s*(?:\([^()]*\)\s*)?(?:as|from)\s+{_STATEMENT}",
)
_WRAPPER = re.compile(rf"{_BLANK}*(?P<around>{'|'.join(_WRAPPER_PATTERNS)})", re.IGNORECASE | re.DOTALL)
_REPLACE = re.compile(rf"{_BLANK}*(?P<around>replace)\b", re.IGNORECASE | re.DOTALL)
_DATA = re.compile(r"\s(?P<around>with\s+(?:no\s+)?data)\s*;?\s*\Z", re.IGNORECASE)


class Wrapped(NamedTuple):
    """A wrapped statement, padded to its position in the text, and the text around it."""

    text: str
    before: str = ""
    after: str = ""
    replaced_word: str = ""  # the original first word

    def wrap(self, written: str) -> str:
        """Return the regenerated statement with the text around it."""
        if self.replaced_word:
            written = f"{self.replaced_word}{written[written.index(' ') :]}"
        return " ".join(part for part in (self.before, written, self.after) if part)


def unwrap(sql: str, first: Token) -> Wrapped | None:
    """Return the statement that another one wraps, or None."""
    word = first.text.upper()
    if word == "REPLACE" and (match := _REPLACE.match(sql)):
        # Both words have the same length, so that positions do not change.
        return Wrapped(_replace_span(sql, match, "INSERT "), replaced_word="REPLACE")
    if word == "CREATE" and (match := _DATA.search(sql)):
        return Wrapped(_replace_span(sql, match, ""), after=_normalize_spaces(match["around"]))
    if word in ("EXPLAIN", "ANALYZE", "DECLARE", "PREPARE") and (match := _WRAPPER.match(sql)):
        return Wrapped(_replace_span(sql, match, ""), before=_normalize_spaces(match["around"]))
    return None


# Commands that contain a statement as a string.
_WITH_EMBEDDED_STATEMENT = re.compile(
    r"(?:unload|exec|execute)\s*\(|prepare\s+\S+\s+from\b|execute\s+immediate\b", re.IGNORECASE
)


def find_embedded_statement(command: str, tokens: list[Token]) -> str | None:
    """Return the statement that a command contains as a string: `UNLOAD ('SELECT …') TO …`."""
    if not _WITH_EMBEDDED_STATEMENT.match(command):
        return None
    return next((token.text for token in tokens if token.token_type in _STRINGS), None)


def _replace_span(sql: str, match: re.Match[str], text: str) -> str:
    start, end = match.span("around")
    return sql[:start] + text.ljust(end - start) + sql[end:]


def _normalize_spaces(text: str) -> str:
    return " ".join(text.upper().split())


_NAME = r"(?:[\w$#]+|\"[^\"]+\"|`[^`]+`|\[[^\]]+\])"
_TABLE = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_TABLE_WITH_COLUMNS = rf"{_TABLE}(?:\s*\([^()]*\))?"
_NAMES = rf"(?P<names>{_TABLE_WITH_COLUMNS}(?:\s*,\s*{_TABLE_WITH_COLUMNS})*)"
_OTHER = rf"(?P<other>{_TABLE})"
_OPTIONS = r"(?:\([^()]*\)\s*|(?:full|freeze|verbose|analyze|analyse|concurrently|local|no_write_to_binlog|only)\s+)*"
_WITH_OTHER = (
    r"append\s+from|swap\s+with|(?:no\s+)?inherit|switch\s+(?:partition\s+\S+\s+)?to"
    r"|attach\s+partition(?=.*\s(?:for\s+values|default)\b)|(?:attach|replace)\s+partition\s+.*?\sfrom"
    r"|exchange\s+partition\s+.*?\swith\s+table|move\s+partition\s+.*?\sto\s+table"
)
_COMMANDS = [
    re.compile(rf"{pattern}", re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"lock\s+tables?\s+(?P<locked>.+)\Z",
        rf"lock\s+(?:only\s+)?{_NAMES}",
        rf"vacuum\s*{_OPTIONS}{_NAMES}",
        rf"cluster\s+(?:verbose\s+)?{_NAMES}",
        rf"reindex\s*{_OPTIONS}table\s+{_OPTIONS}{_NAMES}",
        rf"refresh\s+(?:materialized\s+view|table|dynamic\s+table)\s+{_OPTIONS}{_NAMES}",
        rf"optimize\s+(?:(?:no_write_to_binlog|local)\s+)?(?:table\s+)?{_NAMES}",
        rf"(?:check|checksum|repair|analyze)\s+(?:local\s+)?tables?\s+{_NAMES}",
        r"rename\s+tables?\s+(?P<renamed>.+)\Z",
        rf"create\s+(?:or\s+replace\s+)?stream\s+.*?\son\s+(?:external\s+)?(?:table|view)\s+{_NAMES}",
        rf"show\s+(?:full\s+)?(?:columns|fields|index|indexes|keys)\s+(?:from|in)\s+{_NAMES}",
        rf"show\s+create\s+(?:table|view)\s+{_NAMES}",
        rf"collect\s+stat(?:istic)?s\b.*?\son\s+{_NAMES}",
        rf"load\s+data\b.*?\sinto\s+table\s+{_NAMES}",
        rf"handler\s+{_NAMES}",
        rf"exchange\s+tables\s+{_NAMES}\s+and\s+{_OTHER}",
        rf"attach\s+table\s+(?:if\s+not\s+exists\s+)?{_NAMES}",
        rf"create\s+snapshot\s+table\s+(?:if\s+not\s+exists\s+)?{_NAMES}\s+clone\s+{_OTHER}",
        rf"alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<names>{_TABLE})(?:\s+(?:{_WITH_OTHER})\s+{_OTHER})?",
        rf"update\s+statistics\s+{_NAMES}",
        rf"bulk\s+insert\s+{_NAMES}",
        rf"desc(?:ribe)?\s+detail\s+{_NAMES}",
        rf"show\s+(?:partitions|stats\s+for)\s+{_NAMES}",
        rf"(?:msck\s+repair|undrop|restore)\s+table\s+{_NAMES}",
    )
]
_LOCKED = re.compile(rf"\s*(?:only\s+)?(?P<names>{_TABLE})", re.IGNORECASE)


def find_command_tables(command: str, dialect: Dialect) -> list[exp.Table]:
    """Return the tables that a command names."""
    for pattern in _COMMANDS:
        match = pattern.match(command.strip().rstrip("; \t\n"))
        if match is None:
            continue
        groups = match.groupdict()
        if "locked" in groups or "renamed" in groups:
            separator = "," if "locked" in groups else r",|\sto\s"
            parts = re.split(separator, groups.get("locked") or groups["renamed"], flags=re.IGNORECASE)
            names = [name["names"] for part in parts if (name := _LOCKED.match(part))]
        else:
            names = re.sub(r"\([^()]*\)", "", groups["names"]).split(",")
            names += filter(None, [groups.get("other")])
        return [table for name in names if (table := _parse_table(name, dialect)) is not None]
    return []


def _parse_table(name: str, dialect: Dialect) -> exp.Table | None:
    try:
        return exp.to_table(name.strip(), dialect=dialect)
    except SqlglotError:
        return None


# Statements that sqlglot parses as expressions or rejects.
_UNSUPPORTED = {"CHECK", "CHECKPOINT", "CHECKSUM", "CLOSE", "CLUSTER", "DISCARD", "HANDLER", "LISTEN", "MOVE", "NOTIFY"}
_UNSUPPORTED |= {"OPEN", "RELEASE", "REPAIR", "SAVEPOINT", "UNLISTEN", "WAITFOR"}
# Statements of which sqlglot supports some forms.
_PARTLY_SUPPORTED = {"START", "LOAD", "LOCK", "FLUSH", "PURGE", "INSTALL", "UNINSTALL", "XA", "CHANGE", "STOP", "RESET"}
_PARTLY_SUPPORTED |= {"ANALYZE", "BULK", "RESTORE"}


def to_command(sql: str, tokens: list[Token], *, parse_failed: bool) -> exp.Command | None:
    """Return a statement that sqlglot does not support as a command: its first word and the rest. None for others."""
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens = tokens[:-1]
    if len(tokens) < 2 or any(token.token_type is TokenType.SEMICOLON for token in tokens):  # noqa: PLR2004
        return None
    first, second = tokens[0], tokens[1]
    word = first.text.upper()
    if word in ("EXEC", "EXECUTE") and second.token_type is TokenType.L_PAREN and tokens[2].token_type in _STRINGS:
        return exp.Command(this=word, expression=sql[first.end + 1 : tokens[-1].end + 1])
    is_detail = word in ("DESCRIBE", "DESC") and second.text.upper() == "DETAIL"
    if (
        word not in _UNSUPPORTED
        and not (parse_failed and is_detail)
        and not (parse_failed and word in _PARTLY_SUPPORTED)
    ):
        return None
    if second.token_type in (TokenType.DOT, TokenType.L_PAREN) or not second.text[:1].isprintable():
        return None
    return exp.Command(this=word, expression=sql[first.end + 1 : tokens[-1].end + 1])
