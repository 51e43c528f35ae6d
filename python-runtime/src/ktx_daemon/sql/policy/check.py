"""The check of a statement against the data policy, on its syntax tree.

Views, synonyms and functions of users are checked by their own names only: what they read cannot be seen here.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from ktx_daemon.sql.dialects import dialect_name, has_database_links, require_dialect
from ktx_daemon.sql.masking import MaskedTokens
from ktx_daemon.sql.parsing import SqlError, tokenize
from ktx_daemon.sql.policy.catalogues import describes_object, is_in_catalogue, shows_definitions
from ktx_daemon.sql.policy.columns import ColumnCheck
from ktx_daemon.sql.policy.functions import (
    function_name,
    has_statistics,
    is_harmless_table_function,
    is_table_function,
    names_in_arguments,
    quoted_operand,
    reads_by_name,
)
from ktx_daemon.sql.policy.patterns import Denied, DeniedPattern, TableName, fold
from ktx_daemon.sql.policy.references import is_certain_cte, possible_tables, reference_parts
from ktx_daemon.sql.policy.relatives import NO_RELATIVES, Relatives
from ktx_daemon.sql.policy.scopes import Scopes
from ktx_daemon.sql.policy.violation import (
    PolicyUncheckedError,
    catalogue_violation,
    expansion_violation,
    function_violation,
    table_violation,
)
from ktx_daemon.sql.read_only import parse_query
from ktx_daemon.sql.table_names import correct_tables, tables_in_strings


def check_policy(
    sql: str,
    dialect: str,
    denied: Denied,
    path: Sequence[str] | None = None,
    relatives: Relatives = NO_RELATIVES,
) -> frozenset[str]:
    """Raise PolicyDeniedError if a read-only statement may read what is denied; one that cannot be parsed may.

    `path` has the schemas that a name without one may be in; None if they are not known, so that it may be in any. A
    table is denied if one of its `relatives` is. Returns the names, without schemas, of the tables that it may read.
    """
    if not denied.tables and not denied.columns:
        return frozenset()
    grammar = require_dialect(dialect)
    try:
        parsed = parse_query(tokenize(sql, grammar), sql, grammar)
        if parsed is None:
            raise catalogue_violation("A statement that lists or describes tables")
        check = _PolicyCheck(*parsed, grammar, denied, path, relatives)
        check.run()
        return frozenset(check.names)
    except (SqlError, RecursionError) as error:
        detail = f"The data policy cannot be applied to the statement: {error}"
        raise PolicyUncheckedError(detail, "Simplify the statement") from None


class _PolicyCheck:
    def __init__(
        self,
        tree: exp.Expr,
        marks: MaskedTokens,
        grammar: Dialect,
        denied: Denied,
        path: Sequence[str] | None,
        relatives: Relatives,
    ) -> None:
        self._nodes = correct_tables(tree, marks, grammar)
        self._marks = marks
        self._dialect = dialect_name(grammar)
        self._has_links = has_database_links(grammar)
        self._denied = denied
        self._path = path
        self._relatives = relatives
        self.names: set[str] = set()

    def run(self) -> None:
        tables = [node for node in self._nodes if isinstance(node, exp.Table)]
        columns: dict[int, Sequence[DeniedPattern]] = {}
        for table in [*tables, *tables_in_strings(self._nodes)]:
            if found := self._check_table(table):
                columns[id(table)] = found
        for node in self._nodes:
            self._check_function(node)
        scopes = Scopes(self._nodes, self._marks, columns)
        if self._dialect == "teradata":
            self._check_implicit_tables(scopes)
        if columns:
            self._check_columns([table for table in tables if id(table) in columns], scopes)

    def _check_table(self, table: exp.Table) -> list[DeniedPattern]:
        """Return the denied columns of a table. Raises PolicyDeniedError if it is denied."""
        if table.this is None or isinstance(table.this, (exp.Func, exp.DynamicIdentifier)) or _is_dual(table):
            return []  # ROWS FROM, a function, or a name in a string
        if is_certain_cte(table, self._dialect):
            return []
        parts = reference_parts(table, self._marks, has_database_links=self._has_links)
        if parts is None:
            raise function_violation(self._marks.restore(table.sql()))
        if is_in_catalogue(parts, self._dialect):
            raise catalogue_violation(".".join(parts))
        return self._check_names(parts)

    def _check_names(self, parts: list[str], *, is_text: bool = False) -> list[DeniedPattern]:
        """Return the denied columns of a table. Raises PolicyDeniedError if it is denied.

        A text of one word may be anything, and so is compared with names only, not with wildcards.
        """
        names = self._relatives.add_to(possible_tables(parts, self._dialect, self._path))
        self.names.update(name.name for name in names)
        written = ".".join(parts)
        if any(map(has_statistics, names)):
            raise function_violation(written)
        is_word = is_text and len(parts) == 1
        for pattern in self._denied.tables:
            matches = [name for name in names if pattern.matches_table(name)]
            if matches and not (is_word and pattern.has_wildcard(-1)):
                raise table_violation(written, pattern, is_certain=_is_certain(matches, pattern))
        found = [name for name in self._denied.columns if any(map(name.matches_table_of_column, names))]
        return [pattern for pattern in found if not (is_word and pattern.has_wildcard(-2))]

    def _check_function(self, node: exp.Expr) -> None:
        if describes_object(node):
            raise catalogue_violation(f"The statement {node.key.upper()}")
        if isinstance(node, exp.Func) and shows_definitions(name := function_name(node, self._marks)):
            raise catalogue_violation(name)
        if isinstance(node, (exp.DynamicIdentifier, exp.TableFromRows)):
            self._check_computed_name(node)
        elif isinstance(node, exp.Func) and self._reads_tables(node):
            raise function_violation(function_name(node, self._marks))
        elif isinstance(node, exp.In) and (parts := quoted_operand(node, self._marks)):
            for pattern in self._check_names(parts):
                raise expansion_violation(".".join(parts), pattern)
        elif isinstance(node, exp.Anonymous):
            for parts in names_in_arguments(node, self._marks):
                for pattern in self._check_names(parts, is_text=True):
                    raise expansion_violation(".".join(parts), pattern)

    def _reads_tables(self, function: exp.Func) -> bool:
        is_unknown = is_table_function(function) and not is_harmless_table_function(function, self._marks)
        return is_unknown or reads_by_name(function, self._marks)

    def _check_computed_name(self, node: exp.Expr) -> None:
        """Check `IDENTIFIER(…)` and `TABLE(…)`: a text names the table, or a function reads it."""
        if isinstance(node.this, exp.Literal) and "table" in node.this.meta:
            table = node.this.meta["table"]
            for pattern in self._check_names([part.name for part in table.parts]):
                raise expansion_violation(table.name, pattern)
        elif not is_table_function(node.this):
            raise function_violation(node.key.upper())

    def _check_implicit_tables(self, scopes: Scopes) -> None:
        """Check qualifiers that are no sources of a query: Teradata adds their tables to FROM."""
        for column in self._nodes:
            if isinstance(column, exp.Column) and column.table:
                *qualifiers, _ = [scopes.name(part) for part in column.parts]
                if not scopes.is_source(column, qualifiers[-1]):
                    for pattern in self._check_names(qualifiers):
                        raise expansion_violation(".".join(qualifiers), pattern)

    def _check_columns(self, tables: Sequence[exp.Table], scopes: Scopes) -> None:
        check = ColumnCheck(scopes, self._dialect)
        for table in tables:
            check.check_place(table)
        for node in self._nodes:
            check.check(node)


def _is_dual(table: exp.Table) -> bool:
    return isinstance(table.this, exp.Var) and table.name == "DUAL"


def _is_certain(names: Sequence[TableName], pattern: DeniedPattern) -> bool:
    """Return whether a name tells the qualifiers that a pattern has."""
    count = len(pattern.parts)
    known = (sum(part is not None for part in (name.catalog, name.db, name.name)) for name in names)
    return any(fold(name.name) and number >= count for name, number in zip(names, known, strict=True))
