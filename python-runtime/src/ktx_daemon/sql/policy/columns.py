"""Denied columns: a statement must neither mention them nor expand them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from ktx_daemon.sql.dialects import PG_PREFIXED, split_words
from ktx_daemon.sql.lexical import MYSQL_LIKE, SPARK_LIKE
from ktx_daemon.sql.policy.patterns import fold
from ktx_daemon.sql.policy.scopes import Scopes, Source
from ktx_daemon.sql.policy.violation import column_violation, expansion_violation

# Names for the primary key, under any name of its column.
_KEY_NAMES = {
    "sqlite": {"rowid", "oid", "_rowid_"},
    **{dialect: {"_rowid"} for dialect in MYSQL_LIKE},
    **{dialect: {"identitycol", "rowguidcol"} for dialect in ("tsql", "fabric")},
}
# PostgreSQL reads `t.f` as `f(t)` if the table has no column of that name. These are its functions of any row.
_ROW_FUNCTIONS = split_words(
    "to_json to_jsonb row_to_json json_agg jsonb_agg json_agg_strict jsonb_agg_strict json_build_array array_agg "
    "concat jsonb_build_array record_out record_send hash_record quote_literal quote_nullable any_value min max"
)
# In some settings of Spark and Hive, a quoted name is a regular expression.
_REGEX_CHARACTER = re.compile(r"[^\w $#@:-]")
# What reads columns by their position or by a pattern.
_EXPANSIONS = (
    exp.Columns,
    exp.DynamicIdentifier,
    exp.MatchRecognize,
    exp.Parameter,
    exp.Pivot,
    exp.Placeholder,
    exp.PositionalColumn,
)
_EXPANDING_FUNCTIONS = {"columns", "identifier"}
_POSITION = re.compile(r"[$#]\w+")


class ColumnCheck:
    """The check of a statement that reads tables with denied columns."""

    def __init__(self, scopes: Scopes, dialect: str) -> None:
        self._scopes = scopes
        self._dialect = dialect

    def check(self, node: exp.Expr) -> None:
        """Check one node of the tree. Raises PolicyDeniedError."""
        if isinstance(node, exp.Star):
            self._check_star(node)
        elif isinstance(node, _EXPANSIONS) or _is_natural(node):
            self._refuse_expansion(self._scopes.visible(node))
        elif isinstance(node, exp.Literal):
            self._check_literal(node)
        elif isinstance(node, exp.Column):
            self._check_column(node)
        elif isinstance(node, exp.Table):
            self._check_path(node)
        elif isinstance(node, exp.Identifier) and not isinstance(node.parent, (exp.Column, exp.Table)):
            self._check_identifier(node)
        elif isinstance(node, exp.Var) or _is_word(node):
            self._check_name(self._written(node), self._scopes.visible(node), is_row=False)
        elif isinstance(node, exp.Anonymous) and fold(self._scopes.name(node)) in _EXPANDING_FUNCTIONS:
            self._refuse_expansion(self._scopes.visible(node))

    def check_place(self, table: exp.Table) -> None:
        """Check that a table is a plain item of FROM, whose columns have their own names. Raises PolicyDeniedError."""
        query = self._scopes.query(table)
        sources = self._scopes.sources(query) if query else []
        source = next((source for source in sources if source.table is table), None)
        if source is None or not source.is_plain:
            raise expansion_violation(self._scopes.name(table), self._scopes.denied[id(table)][0])

    def _check_star(self, star: exp.Star) -> None:
        parent = star.parent
        if isinstance(parent, exp.Count) and star.arg_key == "this" and not star.args.get("except_"):
            return
        if isinstance(parent, exp.Select) and isinstance(parent.parent, exp.Exists):
            return
        if isinstance(parent, exp.Column):
            qualifiers = [part for part in parent.parts if part is not star]
            self._refuse_expansion(self._resolve(star, qualifiers))
            return
        query = self._scopes.query(star)
        sources = self._scopes.sources(query) if query else []
        self._refuse_expansion([source for source in sources if source.denied])

    def _resolve(self, node: exp.Expr, qualifiers: Sequence[exp.Expr]) -> list[Source]:
        """Return the sources that qualifiers may mean: the last is the name of a source, or a field."""
        if not qualifiers:
            return self._scopes.visible(node)
        return self._scopes.resolve(node, self._scopes.name(qualifiers[-1]))

    def _check_column(self, column: exp.Column) -> None:
        parts = column.parts
        for index, part in enumerate(parts):
            if not isinstance(part, (exp.Identifier, exp.Literal)):
                continue
            name, sources = self._scopes.name(part), self._resolve(column, parts[:index])
            is_qualifier = index + 1 < len(parts)
            self._check_name(name, sources, is_row=not index and not is_qualifier)
            if not is_qualifier and index and self._dialect in PG_PREFIXED and fold(name) in _ROW_FUNCTIONS:
                self._refuse_expansion(sources)

    def _check_literal(self, literal: exp.Literal) -> None:
        """Check a literal that is a name in SQLite, `'u'.'x'` and `USING ('x')`, or in Snowflake, `$1`."""
        if self._scopes.is_placeholder(literal):
            self._refuse_expansion(self._scopes.visible(literal))
        elif isinstance(literal.parent, (exp.Dot, exp.Join)):
            self._check_name(self._scopes.name(literal), self._scopes.visible(literal), is_row=True)

    def _check_identifier(self, identifier: exp.Identifier) -> None:
        """Check an identifier outside of columns: a field, a column of USING, a name of an argument."""
        parent = identifier.parent
        is_definition = isinstance(parent, exp.TableAlias) or (
            isinstance(parent, (exp.Alias, exp.CTE, exp.Aliases)) and identifier.arg_key in ("alias", "aliases")
        )
        if not is_definition:
            self._check_name(self._scopes.name(identifier), self._scopes.visible(identifier), is_row=True)

    def _check_name(self, name: str, sources: Sequence[Source], *, is_row: bool) -> None:
        folded = fold(name)
        for source in sources:
            for pattern in source.denied:
                if pattern.matches_column(name):
                    raise column_violation(_label(source, self._scopes), name, pattern)
            if (is_row and folded in source.names) or self._means_other_column(name):
                self._refuse_expansion([source])

    def _written(self, node: exp.Expr) -> str:
        return node.sql_name() if isinstance(node, exp.Func) else self._scopes.name(node)

    def _means_other_column(self, name: str) -> bool:
        if fold(name) in _KEY_NAMES.get(self._dialect, ()) or _POSITION.fullmatch(name):
            return True
        return self._dialect in SPARK_LIKE and _REGEX_CHARACTER.search(name) is not None

    def _check_path(self, table: exp.Table) -> None:
        """Check `FROM users u, u.tags`, which reads a column of an earlier source."""
        parts = [part for part in table.parts if isinstance(part, exp.Identifier)]
        for index, part in enumerate(parts[1:], 1):
            qualifier = fold(self._scopes.name(parts[index - 1]))
            sources = [source for source in self._scopes.visible(table) if qualifier in source.names]
            self._check_name(self._scopes.name(part), [s for s in sources if s.table is not table], is_row=False)

    def _refuse_expansion(self, sources: Sequence[Source]) -> None:
        for source in sources:
            if source.denied:
                raise expansion_violation(_label(source, self._scopes), source.denied[0])


def _is_word(node: exp.Expr) -> bool:
    """Return whether a node is a function without parentheses, which is a column in some dialects."""
    return isinstance(node, exp.Func) and not isinstance(node, exp.Anonymous) and not any(node.args.values())


def _is_natural(node: exp.Expr) -> bool:
    return isinstance(node, exp.Join) and "NATURAL" in str(node.args.get("method") or "").upper()


def _label(source: Source, scopes: Scopes) -> str:
    return scopes.name(source.table) if source.table is not None else ""
