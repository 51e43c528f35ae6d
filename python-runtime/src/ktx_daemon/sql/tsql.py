"""Extraction of T-SQL clauses that sqlglot does not parse.

These are `DELETE TOP (10)`, `OUTPUT … INTO t`, `INSERT INTO t EXEC p` and `OPTION (USE HINT ('x'))`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token, TokenType

_CHANGES = (TokenType.DELETE, TokenType.UPDATE, TokenType.INSERT, TokenType.MERGE)
_HINTS = (["USE", "HINT"], ["TABLE", "HINT"])
_HINT = "ktx_hint_"
_NAMES = (TokenType.VAR, TokenType.IDENTIFIER, TokenType.DOT, TokenType.HASH, TokenType.PARAMETER)
_ENDS = (TokenType.FROM, TokenType.WHERE, TokenType.OPTION, TokenType.SEMICOLON)


@dataclass
class ExtractedClauses:
    """The extracted clauses of a statement, as tokens."""

    top: list[Token] = field(default_factory=list)
    into: list[Token] = field(default_factory=list)
    execute: list[Token] = field(default_factory=list)
    hints: list[list[Token]] = field(default_factory=list)

    def restore(self, statement: exp.Expr, dialect: Dialect) -> None:
        """Insert the clauses into the tree of the statement."""
        if self.top:
            statement.set("hint", exp.var(f" TOP {''.join(token.text for token in self.top[1:4])}{self._percent}"))
        returning = statement.args.get("returning")
        if self.into and isinstance(returning, exp.Returning):
            returning.set("into", self._parse_target(dialect))
        if self.execute and isinstance(statement, exp.Insert):
            statement.set("expression", _parse_execution(self.execute, dialect))
            statement.set("default", None)
        for option in statement.find_all(exp.QueryOption) if self.hints else ():
            value = option.text("expression")
            if value.startswith(_HINT):
                option.set("this", exp.var(_write_tokens(self.hints[int(value.removeprefix(_HINT))])))
                option.set("expression", None)

    @property
    def _percent(self) -> str:
        return " PERCENT" if self.top[-1].token_type is TokenType.PERCENT else ""

    def _parse_target(self, dialect: Dialect) -> exp.Expr | None:
        before, after = dialect.tokenize("INSERT INTO"), dialect.tokenize("DEFAULT VALUES")
        (insert,) = dialect.parser().parse([*before, *self.into, *after], "")
        return insert.this if isinstance(insert, exp.Insert) else None


def extract_clauses(tokens: list[Token], dialect: Dialect) -> tuple[list[Token], ExtractedClauses | None]:
    """Remove the clauses from the tokens of a DML statement; returns the rest and the clauses."""
    if type(dialect).__name__ not in ("TSQL", "Fabric") or not tokens:
        return tokens, None
    clauses = ExtractedClauses()
    tokens = _extract_hints(tokens, clauses)
    positions = _top_level_positions(tokens)
    change = next((index for index in positions if tokens[index].token_type in _CHANGES), None)
    if change is None:
        return tokens, clauses if clauses.hints else None
    tokens = list(tokens)
    if tokens[change].token_type is TokenType.INSERT:
        _extract_execute(tokens, clauses, change, dialect)
    _extract_into(tokens, clauses, change)
    if tokens[change].token_type is TokenType.DELETE:
        _move_output_to_end(tokens, change)
    _extract_top(tokens, clauses, change + 1)
    return tokens, clauses


def _extract_hints(tokens: list[Token], clauses: ExtractedClauses) -> list[Token]:
    """Replace hints in OPTION that sqlglot lacks by `LABEL = 'n'`."""
    written: list[Token] = []
    index = 0
    while index < len(tokens):
        begins = index > 1 and tokens[index - 1].token_type in (TokenType.L_PAREN, TokenType.COMMA)
        is_hint = begins and [token.text.upper() for token in tokens[index : index + 2]] in _HINTS
        if not is_hint or not _is_option(tokens, index):
            written.append(tokens[index])
            index += 1
            continue
        end, depth = index, 0
        while end < len(tokens) and (depth or tokens[end].token_type not in (TokenType.COMMA, TokenType.R_PAREN)):
            depth += (tokens[end].token_type is TokenType.L_PAREN) - (tokens[end].token_type is TokenType.R_PAREN)
            end += 1
        written += [Token(TokenType.VAR, "LABEL"), Token(TokenType.EQ, "=")]
        written.append(Token(TokenType.STRING, f"{_HINT}{len(clauses.hints)}"))
        clauses.hints.append(tokens[index:end])
        index = end
    return written


def _is_option(tokens: list[Token], index: int) -> bool:
    """Return whether the enclosing parenthesis is that of OPTION."""
    depth = 0
    for before in range(index - 1, 0, -1):
        depth += (tokens[before].token_type is TokenType.R_PAREN) - (tokens[before].token_type is TokenType.L_PAREN)
        if depth < 0:
            return tokens[before - 1].token_type is TokenType.OPTION
    return False


def _write_tokens(hint: list[Token]) -> str:
    quoted = [f"'{token.text}'" if token.token_type is TokenType.STRING else token.text.upper() for token in hint]
    return re.sub(r"(?<=\() | (?=[(),.])|(?<=\.) ", "", " ".join(quoted)).replace("HINT(", "HINT (")


def _parse_execution(tokens: list[Token], dialect: Dialect) -> exp.Expr | None:
    """Parse the call of a procedure; EXEC of a string becomes a command."""
    if tokens[1:2] and tokens[1].token_type is TokenType.L_PAREN:
        return exp.Command(this="EXECUTE", expression=_write_tokens(tokens[1:]))
    return dialect.parser().parse(tokens, "")[0]


def _extract_execute(tokens: list[Token], clauses: ExtractedClauses, change: int, dialect: Dialect) -> None:
    """Extract the EXEC of a procedure whose rows are inserted."""
    for index in _top_level_positions(tokens):
        if change < index < len(tokens) - 1 and tokens[index].token_type is TokenType.EXECUTE:
            clauses.execute = tokens[index:]
            tokens[index:] = dialect.tokenize("DEFAULT VALUES")
            return


def _top_level_positions(tokens: list[Token]) -> list[int]:
    """Return the indexes of the tokens outside of parentheses."""
    depth, positions = 0, []
    for index, token in enumerate(tokens):
        if token.token_type is TokenType.R_PAREN:
            depth -= 1
        elif depth == 0:
            positions.append(index)
        if token.token_type is TokenType.L_PAREN:
            depth += 1
    return positions


def _extract_top(tokens: list[Token], clauses: ExtractedClauses, start: int) -> None:
    """Extract `TOP (5)`, also with PERCENT; the number is a literal or a variable, of one or two tokens."""
    if len(tokens) <= start or tokens[start].token_type is not TokenType.TOP:
        return
    end = next((i for i in range(start, len(tokens)) if tokens[i].token_type is TokenType.R_PAREN), None)
    if end is None or end - start > 4:  # noqa: PLR2004
        return
    inside = tokens[start + 2 : end]
    joined = Token(TokenType.VAR, "".join(token.text for token in inside))
    clauses.top = [tokens[start], tokens[start + 1], joined, tokens[end]]
    if end + 1 < len(tokens) and tokens[end + 1].token_type is TokenType.PERCENT:
        end += 1
        clauses.top.append(tokens[end])
    del tokens[start : end + 1]


def _find_output(tokens: list[Token], change: int) -> tuple[int, list[int]] | None:
    """Return the index of OUTPUT and the top-level indexes after it."""
    positions = [index for index in _top_level_positions(tokens) if index > change]
    for number, index in enumerate(positions):
        if tokens[index].token_type is TokenType.RETURNING:
            return index, positions[number + 1 :]
    return None


def _extract_into(tokens: list[Token], clauses: ExtractedClauses, change: int) -> None:
    """Extract the table after OUTPUT … INTO, with its list of columns."""
    output = _find_output(tokens, change)
    start = next((i for i in output[1] if tokens[i].token_type is TokenType.INTO), None) if output else None
    if start is None:
        return
    end = start + 1
    while end < len(tokens) and tokens[end].token_type in _NAMES:
        end += 1
    if end < len(tokens) and tokens[end].token_type is TokenType.L_PAREN:
        end = next((i + 1 for i in range(end, len(tokens)) if tokens[i].token_type is TokenType.R_PAREN), len(tokens))
    clauses.into = tokens[start + 1 : end]
    del tokens[start:end]


def _move_output_to_end(tokens: list[Token], change: int) -> None:
    """Move the OUTPUT of a DELETE after its WHERE, where sqlglot expects it."""
    output = _find_output(tokens, change)
    if output is None:
        return
    start, following = output
    end = next((i for i in following if tokens[i].token_type in _ENDS), len(tokens))
    clause = tokens[start:end]
    del tokens[start:end]
    last = next((i for i in _top_level_positions(tokens) if tokens[i].token_type in _ENDS[2:]), len(tokens))
    tokens[last:last] = clause
