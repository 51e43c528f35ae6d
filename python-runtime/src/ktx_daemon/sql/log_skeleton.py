"""The skeleton of a logged statement: as `skeleton.py`, and without comments, lengths of lists and names of aliases.

It is computed from the text alone, so that most statements of a query log need no parse. Two statements of one skeleton
have the same tokens except for literals, repeated items of lists, and the names of aliases.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import NamedTuple

from sqlglot import Dialect

from ktx_daemon.sql.dialects import split_words
from ktx_daemon.sql.skeleton import NUMBER, STRING, Span, has_skeleton, write_number

_LIST, _ROWS, _ALIAS = "\ue013", "\ue014", "\ue015"

# As the spans of `skeleton.py`, and comments with any signs except other comments. {} continues a string.
_SPANS = r"""(
    '[^'"\\`\r\n]*{}'
    | [0-9](?<![\w$?:%@.\#'"`\\].)[0-9]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w$.'"`\\])
    | /\*(?![+!])(?:[^*/\r\n]|/(?!\*)|\*(?!/))*\*/ | --[ \t](?:[^*\r\n]|\*(?!/))*
    | [ \t\n]+
    | "[^"\\]*" | `[^`\\]*`
    )"""
_PLAIN_SPANS = re.compile(_SPANS.replace("{}", ""), re.VERBOSE)
# A doubled quote is a quote within a string.
_SPANS_WITH_QUOTES = re.compile(_SPANS.replace("{}", r"""(?:''[^'"\\`\r\n]*)*"""), re.VERBOSE)
# What may be a comment that the spans do not know. It ends at a line break, or contains what looks like a comment.
_OTHER_COMMENT = re.compile(r"\#|--|//|/\*")
_BLANKS_AND_COMMENTS = frozenset(" \t\n/-")
_BLANK_TEXTS = ("", " ")
_TEMPLATE_COMMENT = "{#"
_INSTRUCTION = "sqlglot"
_ITEM = rf"-?(?:{STRING}|{NUMBER}[0.eE+-]*)"
_ROW = rf"\( ?{_ITEM}(?: ?, ?{_ITEM})* ?\)"
_LITERALS = re.compile(
    rf"(?P<in>\bIN ?\( ?{_ITEM}(?: ?, ?{_ITEM})* ?\))|(?P<rows>\bVALUES ?{_ROW}(?: ?, ?{_ROW})*)|[{STRING}{NUMBER}]",
    re.IGNORECASE,
)
_ONE_ROW = re.compile(r"\([^()]*\)")
_TOKENS = re.compile(r"[A-Za-z_]\w*|[().,]|[^\s\w().,]+|\d\w*")

# Keywords that begin a clause of a query.
_CLAUSES = split_words(
    "SELECT FROM WHERE GROUP HAVING ORDER QUALIFY LIMIT WINDOW WITH UNION INTERSECT EXCEPT ON USING OFFSET FETCH"
)
_CLAUSES_OF_RESULTS = split_words("GROUP ORDER HAVING QUALIFY")
# What may follow the alias of a result column, and that of a table; empty at the end.
_AFTER_RESULT = split_words("FROM , )") | {""}
_AFTER_TABLE = split_words("ON USING JOIN LEFT RIGHT FULL INNER CROSS WHERE GROUP ORDER HAVING LIMIT UNION , )") | {""}


class LogSkeleton(NamedTuple):
    """A text with placeholders, its literals outside of lists, and their numbers among those of the whole statement."""

    key: str
    literals: tuple[str, ...]
    numbers: tuple[int, ...]

    def renumber(self, significant: tuple[int, ...] | None) -> tuple[int, ...] | None:
        """Return the literals of a template in the numbering of this skeleton; None if one of them is in a list."""
        own = {number: index for index, number in enumerate(self.numbers)}
        if significant is None or not own.keys() >= set(significant):
            return None
        return tuple(own[number] for number in significant)


def find_log_spans(sql: str, dialect: Dialect) -> list[Span] | None:
    """Return the spans that the skeleton of a logged statement omits, in order; None without a skeleton."""
    if not _has_log_skeleton(sql):
        return None
    matches = ((match, match[0][0]) for match in _spans(dialect).finditer(sql))
    return [Span(match.start(), match.end(), kind) for match, kind in matches if kind not in '"`']


def _spans(dialect: Dialect) -> re.Pattern[str]:
    return _SPANS_WITH_QUOTES if "'" in dialect.tokenizer_class.STRING_ESCAPES else _PLAIN_SPANS


def _has_log_skeleton(sql: str) -> bool:
    return has_skeleton(sql) and _TEMPLATE_COMMENT not in sql and _INSTRUCTION not in sql


def make_log_skeleton(sql: str, dialect: Dialect, aliases: dict[str, str] | None = None) -> LogSkeleton | None:
    """Return the skeleton of a logged statement, or None if it has none.

    `aliases` caches the texts with replaced aliases of a log, which has many statements of the same text.
    """
    if not _has_log_skeleton(sql):
        return None
    parts = _spans(dialect).split(sql)
    literals: list[str] = []
    keeps_lines = any(map(_OTHER_COMMENT.search, parts[::2]))
    for index in range(1, len(parts), 2):
        part = parts[index]
        kind = part[0]
        if kind in _BLANKS_AND_COMMENTS:
            follows_blank = not parts[index - 1] and index > 1 and parts[index - 2] in _BLANK_TEXTS
            parts[index] = "\n" if keeps_lines and "\n" in part else "" if follows_blank else " "
        elif kind == "'":
            literals.append(part)
            parts[index] = STRING
        elif kind not in '"`':
            literals.append(part)
            parts[index] = NUMBER if part.isdigit() else write_number(part)
    text, kept = _shorten_lists("".join(parts).strip(" \n;"))
    aliases = {} if aliases is None else aliases
    key = aliases.get(text)
    if key is None:
        key = aliases[text] = _replace_aliases(text)
    return LogSkeleton(key, tuple([literals[number] for number in kept]), tuple(kept))


def _shorten_lists(text: str) -> tuple[str, list[int]]:
    """Shorten lists, and return the numbers of the literals that remain."""
    kept: list[int] = []
    number = 0

    def write(match: re.Match[str]) -> str:
        nonlocal number
        count = match[0].count(STRING) + match[0].count(NUMBER)
        first, number = number, number + count
        if match["in"]:
            return f"IN ({_LIST})"
        if match["rows"]:
            rows = [row.count(STRING) + row.count(NUMBER) for row in _ONE_ROW.findall(match[0])]
            if len(set(rows)) == 1:
                return f"VALUES ({_ROWS}{rows[0]})"
        kept.extend(range(first, number))
        return match[0]

    return _LITERALS.sub(write, text), kept


@dataclass
class _Frame:
    """A level of parentheses: whether it is a query, and its current clause."""

    is_query: bool
    clause: str = ""


def _replace_aliases(text: str) -> str:
    """Replace names of aliases by their numbers, if every occurrence of the name certainly means the alias."""
    tokens = list(_TOKENS.finditer(text))
    words = [match[0].upper() for match in tokens]
    scanner = _Scanner(words)
    scanner.scan()
    names = scanner.renamable()
    if not names:
        return text
    parts, end = [], 0
    for match, word in zip(tokens, words, strict=True):
        if word in names:
            parts += [text[end : match.start()], f"{_ALIAS}{names[word]}{_ALIAS}"]
            end = match.end()
    return "".join([*parts, text[end:]])


class _Scanner:
    """Finds the aliases of a statement from its words, in upper case, and punctuation."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._results: dict[str, None] = {}
        self._tables: dict[str, None] = {}
        self._definitions: set[int] = set()
        self._in_results: set[int] = set()
        self._common_tables: set[str] = set()
        self._qualifiers = {word for word, after in itertools.pairwise(words) if after == "."}

    def scan(self) -> None:
        """Read all words once."""
        words, frames = self._words, [_Frame(is_query=True)]
        for index, word in enumerate(words):
            frame = frames[-1]
            if word == "(":
                frames.append(_Frame(is_query=self._at(index + 1) in ("SELECT", "WITH")))
            elif word == ")":
                if len(frames) > 1:
                    frames.pop()
            elif not frame.is_query:
                continue
            elif word in _CLAUSES:
                frame.clause = word
            elif word == "JOIN":
                frame.clause = "FROM"
            elif word == "AS":
                self._define(index + 1, frame.clause)
            elif frame.clause == "WITH" and self._at(index + 1) == "AS" and self._at(index + 2) == "(":
                self._tables[word] = None
                self._common_tables.add(word)
                self._definitions.add(index)
            elif frame.clause == "FROM":
                self._define_without_as(index)
            elif frame.clause in _CLAUSES_OF_RESULTS:
                self._in_results.add(index)

    def renamable(self) -> dict[str, int]:
        """Return the names to replace, with their numbers in the order of their first occurrence."""
        candidates = self._results.keys() ^ self._tables.keys()
        excluded = {
            word
            for index, word in enumerate(self._words)
            if word in candidates and not (index in self._definitions or self._means_alias(index, word))
        }
        found = dict.fromkeys(word for word in self._words if word in candidates and word not in excluded)
        return {word: number for number, word in enumerate(found)}

    def _at(self, index: int) -> str:
        return self._words[index] if index < len(self._words) else ""

    def _define(self, index: int, clause: str) -> None:
        word = self._at(index)
        if not word.isidentifier():
            return
        if clause == "SELECT" and self._at(index + 1) in _AFTER_RESULT:
            self._results[word] = None
        elif clause == "FROM" and self._at(index + 1) in _AFTER_TABLE:
            self._tables[word] = None
        else:
            return
        self._definitions.add(index)

    def _define_without_as(self, index: int) -> None:
        """Read `FROM orders o`: an alias only if it qualifies a name, so that no keyword is taken for one."""
        word, before = self._words[index], self._words[index - 1] if index else ""
        if not word.isidentifier() or not (before.isidentifier() or before == ")") or before in ("FROM", "JOIN", "AS"):
            return
        if self._at(index + 1) in _AFTER_TABLE and word in self._qualifiers:
            self._tables[word] = None
            self._definitions.add(index)

    def _means_alias(self, index: int, word: str) -> bool:
        if index and self._words[index - 1] == ".":
            return False
        if word in self._results:
            return index in self._in_results and self._at(index + 1) not in (".", "(")
        if self._at(index + 1) == ".":
            return True
        is_source = bool(index) and self._words[index - 1] in ("FROM", "JOIN")
        return is_source and word in self._common_tables
