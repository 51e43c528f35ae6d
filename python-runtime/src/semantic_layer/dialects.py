"""The SQL dialects that are written, and how each one wants names to be quoted."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from sqlglot import Dialect, exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from semantic_layer.adapted import adapted
from semantic_layer.errors import Problem, SemanticError
from semantic_layer.reserved import RESERVED

SUPPORTED = (
    "bigquery",
    "clickhouse",
    "databricks",
    "duckdb",
    "mysql",
    "postgres",
    "redshift",
    "snowflake",
    "sqlite",
    "trino",
    "tsql",
)

# A quotient of decimals has at least as many digits there as double precision; elsewhere it has only as many as its
# operands, or a few more. (Where integers are divided without a fraction sqlglot knows it.)
UNROUNDED_DIVISION = {"duckdb", "postgres", "sqlite"}

# Unquoted names are folded to lower case; a name with a capital letter only exists in quotes.
_FOLDS_TO_LOWER = {"postgres"}
_TSQL = """
backup begin break browse bulk cascade checkpoint close clustered coalesce compute contains containstable convert dbcc
deny disk distributed double dump errlvl fillfactor freetext freetexttable goto holdlock identity identity_insert
identitycol lineno national nocheck nonclustered nullif offsets opendatasource openquery openrowset openxml print proc
public raiserror readtext reconfigure replication restore revert rowcount rowguidcol rule save securityaudit setuser
shutdown statistics system_user textsize tran truncate try_convert tsequal updatetext waitfor within writetext
"""
_RESERVED_HERE = {"tsql": frozenset(_TSQL.split())}
_SAFE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


_sqlglot = lru_cache(maxsize=None)(adapted)


# Names are not longer there: in bytes or in characters. (A database that cuts longer ones off makes one of two, the
# others refuse them.)
_LONGEST_NAMES = {
    "bigquery": 300,
    "databricks": 255,
    "mysql": 64,
    "postgres": 63,
    "redshift": 127,
    "snowflake": 255,
    "tsql": 128,
}
_COUNTS_BYTES = {"postgres", "redshift"}
_DIGITS = 8

# A comparison is no value there.
_WITHOUT_TRUTHS = {"tsql"}
_TRUTHS = (exp.Predicate, exp.Connector, exp.Not)


def as_number(condition: exp.Expr) -> exp.Case:
    """Write a condition as a value: 1, 0 or NULL."""
    is_false = exp.not_(condition.copy(), copy=False)
    return exp.Case().when(condition.copy(), exp.Literal.number(1)).when(is_false, exp.Literal.number(0))


class SqlDialect:
    """A dialect to read and write SQL in."""

    def __init__(self, name: str) -> None:
        if name not in SUPPORTED:
            known = ", ".join(SUPPORTED)
            message = f"The semantic layer does not write the SQL dialect '{name}'. Known: {known}"
            raise SemanticError(Problem.UNSUPPORTED_DIALECT, message)
        self.name = name
        self.sqlglot: Dialect = _sqlglot(name)

    @property
    def hoists_ctes(self) -> bool:
        """Whether the common table expressions of a subquery are written at the top of the statement."""
        return bool(self.sqlglot.generator_class.EXPRESSIONS_WITHOUT_NESTED_CTES)

    def name_of(self, wanted: str) -> str:
        """Return the name, or one that is short enough for the database, and the same every time."""
        longest = _LONGEST_NAMES.get(self.name)
        if longest is None or len(wanted) * 4 <= longest or self._size(wanted) <= longest:
            return wanted
        digest = hashlib.sha256(wanted.encode()).hexdigest()[:_DIGITS]
        kept = wanted[: longest - _DIGITS - 1]
        while self._size(kept) > longest - _DIGITS - 1:
            kept = kept[:-1]
        return f"{kept}_{digest}"

    def _size(self, name: str) -> int:
        return len(name.encode()) if self.name in _COUNTS_BYTES else len(name)

    def value(self, tree: exp.Expr) -> exp.Expr:
        """Return an expression that may be a condition as a value."""
        if self.name not in _WITHOUT_TRUTHS or not isinstance(tree.unnest(), _TRUTHS):
            return tree
        return exp.cast(as_number(tree.unnest()), "bit")

    def identifier(self, name: str) -> exp.Identifier:
        """Return the name of a column, a table or an alias, quoted where it must be; one that is too long is cut."""
        name = self.name_of(name)
        if self.name == "snowflake" and name == name.lower() and _SAFE_NAME.fullmatch(name):
            # Written in lower case it means the folded name, which in quotes is in upper case.
            return exp.to_identifier(name.upper() if name in RESERVED else name, quoted=name in RESERVED)
        return exp.to_identifier(name, quoted=self.needs_quotes(name))

    def needs_quotes(self, name: str) -> bool:
        """Return whether the unquoted name would be understood as something else."""
        if not _SAFE_NAME.fullmatch(name) or self.is_reserved(name):
            return True
        if self.name == "snowflake":
            return name not in (name.lower(), name.upper())
        return self.name in _FOLDS_TO_LOWER and name != name.lower()

    def is_reserved(self, name: str) -> bool:
        """Return whether the name is a word of the language, in any letter case."""
        return name.lower() in RESERVED or name.lower() in _RESERVED_HERE.get(self.name, ())

    def folded(self, name: str) -> str:
        """Return what an unquoted name stands for, so that it can be quoted."""
        if self.name == "snowflake":
            return name.upper()
        return name.lower() if self.name in ("postgres", "redshift") else name

    def column(self, name: str, table: str | None = None) -> exp.Column:
        """Return a reference to a physical column or to a column of a subquery."""
        return exp.Column(this=self.identifier(name), table=self.identifier(table) if table else None)

    def field(self, name: str, source: str | None = None) -> exp.Column:
        """Return a reference to a field of the model, as the model's own texts write it."""
        parts = [exp.to_identifier(part, quoted=self.needs_quotes(part)) if part else None for part in (name, source)]
        return exp.Column(this=parts[0], table=parts[1])

    def write(self, tree: exp.Expr, *, pretty: bool = True) -> str:
        """Write the tree as SQL; comments of the model's texts are left out.

        Raises SemanticError for what the dialect has no words for: without it the text would mean something else.
        """
        try:
            return tree.sql(dialect=self.sqlglot, pretty=pretty, comments=False, unsupported_level=ErrorLevel.RAISE)
        except UnsupportedError as error:
            reasons = dict.fromkeys(line.strip().rstrip(".") for line in str(error).splitlines() if line.strip())
            message = f"The query cannot be written in {self.name}: {'; '.join(reasons)}"
            raise SemanticError(Problem.INVALID_EXPRESSION, message) from None
        except (SqlglotError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # The generator assumes of some functions that they have the arguments that their dialect gives them.
            message = f"The query cannot be written in {self.name}: a function in it has arguments of another form"
            raise SemanticError(Problem.INVALID_EXPRESSION, message) from error
