"""Statements around another one, and statements that are a word and names: sqlglot knows them by their first word only.

`EXPLAIN SELECT …` touches what the SELECT does. `LOCK TABLE a, b` touches a and b.
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
_BEFORE = (
    rf"explain\s+plan\s+(?:into\s+[\w.]+\s+)?for\s+{_STATEMENT}",
    rf"explain\b\s*(?:\([^()']*\)\s*|(?!{_WORDS})[a-z_]+\b(?:\s*=\s*\w+)?[\s,]*)*{_STATEMENT}",
    rf"declare\s+[\w\"]+\s+(?:[a-z]+\s+)*?cursor\s+(?:[a-z_]+\s+)*?for\s+{_STATEMENT}",
    rf"analyze\s+(?:format\s*=\s*\w+\s+)?{_STATEMENT}",
    rf"prepare\s+[\w\"]+\s*(?:\([^()]*\)\s*)?(?:as|from)\s+{_STATEMENT}",
)
_WRAPPER = re.compile(rf"{_BLANK}*(?P<around>{'|'.join(_BEFORE)})", re.IGNORECASE | re.DOTALL)
_REPLACE = re.compile(rf"{_BLANK}*(?P<around>replace)\b", re.IGNORECASE | re.DOTALL)
_DATA = re.compile(r"\s(?P<around>with\s+(?:no\s+)?data)\s*;?\s*\Z", re.IGNORECASE)


class Wrapped(NamedTuple):
    """The statement within, at its place in the text, and what stands around it."""

    text: str
    before: str = ""
    after: str = ""
    instead: str = ""  # of the first word of the statement within

    def around(self, written: str) -> str:
        """Write what stands around the statement within, once that is written."""
        if self.instead:
            written = f"{self.instead}{written[written.index(' ') :]}"
        return " ".join(part for part in (self.before, written, self.after) if part)


def unwrap(sql: str, first: Token) -> Wrapped | None:
    """Find the statement within another one."""
    word = first.text.upper()
    if word == "REPLACE" and (match := _REPLACE.match(sql)):
        # Both words have to be of one length, so that positions stay.
        return Wrapped(_with(sql, match, "INSERT "), instead="REPLACE")
    if word == "CREATE" and (match := _DATA.search(sql)):
        return Wrapped(_with(sql, match, ""), after=_spaced(match["around"]))
    if word in ("EXPLAIN", "ANALYZE", "DECLARE", "PREPARE") and (match := _WRAPPER.match(sql)):
        return Wrapped(_with(sql, match, ""), before=_spaced(match["around"]))
    return None


# What these do stands in a string.
_OF_TEXTS = re.compile(r"(?:unload|exec|execute)\s*\(|prepare\s+\S+\s+from\b|execute\s+immediate\b", re.IGNORECASE)


def text_within(command: str, tokens: list[Token]) -> str | None:
    """Return the statement that another one holds as a string: `UNLOAD ('SELECT …') TO …`."""
    if not _OF_TEXTS.match(command):
        return None
    return next((token.text for token in tokens if token.token_type in _STRINGS), None)


def _with(sql: str, match: re.Match[str], text: str) -> str:
    start, end = match.span("around")
    return sql[:start] + text.ljust(end - start) + sql[end:]


def _spaced(text: str) -> str:
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


def command_tables(command: str, dialect: Dialect) -> list[exp.Table]:
    """Return the tables that a statement names which is a word and names."""
    for pattern in _COMMANDS:
        match = pattern.match(command.strip().rstrip("; \t\n"))
        if match is None:
            continue
        found = match.groupdict()
        if "locked" in found or "renamed" in found:
            separator = "," if "locked" in found else r",|\sto\s"
            parts = re.split(separator, found.get("locked") or found["renamed"], flags=re.IGNORECASE)
            names = [name["names"] for part in parts if (name := _LOCKED.match(part))]
        else:
            names = re.sub(r"\([^()]*\)", "", found["names"]).split(",")
            names += filter(None, [found.get("other")])
        return [table for name in names if (table := _table(name, dialect)) is not None]
    return []


def _table(name: str, dialect: Dialect) -> exp.Table | None:
    try:
        return exp.to_table(name.strip(), dialect=dialect)
    except SqlglotError:
        return None


# Statements that sqlglot does not know at all and reads as expressions, or refuses.
_UNKNOWN = {"CHECK", "CHECKPOINT", "CHECKSUM", "CLOSE", "CLUSTER", "DISCARD", "HANDLER", "LISTEN", "MOVE", "NOTIFY"}
_UNKNOWN |= {"OPEN", "RELEASE", "REPAIR", "SAVEPOINT", "UNLISTEN", "WAITFOR"}
# Of these it knows some forms.
_KNOWN_BY_HALVES = {"START", "LOAD", "LOCK", "FLUSH", "PURGE", "INSTALL", "UNINSTALL", "XA", "CHANGE", "STOP", "RESET"}
_KNOWN_BY_HALVES |= {"ANALYZE", "BULK", "RESTORE"}


def as_command(sql: str, tokens: list[Token], *, is_refused: bool) -> exp.Command | None:
    """Return the statement as its first word and the rest, if it is one that sqlglot does not know."""
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens = tokens[:-1]
    if len(tokens) < 2 or any(token.token_type is TokenType.SEMICOLON for token in tokens):  # noqa: PLR2004
        return None
    first, second = tokens[0], tokens[1]
    word = first.text.upper()
    if word in ("EXEC", "EXECUTE") and second.token_type is TokenType.L_PAREN and tokens[2].token_type in _STRINGS:
        return exp.Command(this=word, expression=sql[first.end + 1 : tokens[-1].end + 1])
    is_detail = word in ("DESCRIBE", "DESC") and second.text.upper() == "DETAIL"
    if word not in _UNKNOWN and not (is_refused and is_detail) and not (is_refused and word in _KNOWN_BY_HALVES):
        return None
    if second.token_type in (TokenType.DOT, TokenType.L_PAREN) or not second.text[:1].isprintable():
        return None
    return exp.Command(this=word, expression=sql[first.end + 1 : tokens[-1].end + 1])
