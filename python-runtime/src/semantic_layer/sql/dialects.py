"""The SQL dialects that the semantic layer generates, with their rules for names."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from sqlglot import Dialect, exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.sql.dialect_overrides import create_dialect
from semantic_layer.sql.reserved import RESERVED

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

# Dialects that are written like another one.
ALIASES = {"spark": "databricks"}

# Dialects in which a quotient of decimals is at least as precise as double precision; in others it has about as many
# digits as its operands. (sqlglot handles integer division.)
UNROUNDED_DIVISION = {"duckdb", "postgres", "sqlite"}

# Dialects that fold unquoted names to lower case, so that names with capital letters require quotes.
_FOLDS_TO_LOWER = {"postgres"}
_TSQL = """
backup begin break browse bulk cascade checkpoint close clustered coalesce compute contains containstable convert dbcc
deny disk distributed double dump errlvl fillfactor freetext freetexttable goto holdlock identity identity_insert
identitycol lineno national nocheck nonclustered nullif offsets opendatasource openquery openrowset openxml print proc
public raiserror readtext reconfigure replication restore revert rowcount rowguidcol rule save securityaudit setuser
shutdown statistics system_user textsize tran truncate try_convert tsequal updatetext waitfor within writetext
"""
_DIALECT_RESERVED = {"tsql": frozenset(_TSQL.split())}
_SAFE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


_get_dialect = lru_cache(maxsize=None)(create_dialect)


# Maximum lengths of names in bytes or characters. (Databases reject longer names or truncate them, which makes
# different names equal.)
_MAX_NAME_LENGTHS = {
    "bigquery": 300,
    "databricks": 255,
    "mysql": 64,
    "postgres": 63,
    "redshift": 127,
    "snowflake": 255,
    "tsql": 128,
}
_WITH_LENGTH_IN_BYTES = {"postgres", "redshift"}
_DIGEST_DIGITS = 8

# Dialects in which a condition is not a value.
_WITHOUT_BOOLEAN_VALUES = {"tsql"}
_BOOLEAN_EXPRESSIONS = (exp.Predicate, exp.Connector, exp.Not)


def as_number(condition: exp.Expr) -> exp.Case:
    """Return a condition as a number: 1, 0 or NULL."""
    is_false = exp.not_(condition.copy(), copy=False)
    return exp.Case().when(condition.copy(), exp.Literal.number(1)).when(is_false, exp.Literal.number(0))


class SqlDialect:
    """A dialect that SQL is parsed and generated in."""

    def __init__(self, name: str) -> None:
        name = ALIASES.get(name, name)
        if name not in SUPPORTED:
            supported = ", ".join(sorted((*SUPPORTED, *ALIASES)))
            message = f"The semantic layer does not write the SQL dialect '{name}'. Known: {supported}"
            raise SemanticError(Problem.UNSUPPORTED_DIALECT, message)
        self.name = name
        self.sqlglot: Dialect = _get_dialect(name)

    @property
    def hoists_ctes(self) -> bool:
        """Whether CTEs of a subquery are generated at the top of the statement."""
        return bool(self.sqlglot.generator_class.EXPRESSIONS_WITHOUT_NESTED_CTES)

    def shorten_name(self, name: str) -> str:
        """Return the name, shortened deterministically to the maximum length of the database."""
        max_length = _MAX_NAME_LENGTHS.get(self.name)
        if max_length is None or len(name) * 4 <= max_length or self._size(name) <= max_length:
            return name
        digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_DIGITS]
        prefix = name[: max_length - _DIGEST_DIGITS - 1]
        while self._size(prefix) > max_length - _DIGEST_DIGITS - 1:
            prefix = prefix[:-1]
        return f"{prefix}_{digest}"

    def _size(self, name: str) -> int:
        return len(name.encode()) if self.name in _WITH_LENGTH_IN_BYTES else len(name)

    def as_value(self, tree: exp.Expr) -> exp.Expr:
        """Return an expression, possibly a condition, as a value."""
        if self.name not in _WITHOUT_BOOLEAN_VALUES or not isinstance(tree.unnest(), _BOOLEAN_EXPRESSIONS):
            return tree
        return exp.cast(as_number(tree.unnest()), "bit")

    def identifier(self, name: str) -> exp.Identifier:
        """Return the identifier of a column, table or alias, quoted if required and shortened if too long."""
        name = self.shorten_name(name)
        if self.name == "snowflake" and name == name.lower() and _SAFE_NAME.fullmatch(name):
            # An unquoted lower-case name is folded to upper case.
            return exp.to_identifier(name.upper() if name in RESERVED else name, quoted=name in RESERVED)
        return exp.to_identifier(name, quoted=self.needs_quotes(name))

    def needs_quotes(self, name: str) -> bool:
        """Return whether the name requires quotes."""
        if not _SAFE_NAME.fullmatch(name) or self.is_reserved(name):
            return True
        if self.name == "snowflake":
            return name not in (name.lower(), name.upper())
        return self.name in _FOLDS_TO_LOWER and name != name.lower()

    def is_reserved(self, name: str) -> bool:
        """Return whether the name is a reserved word, in any letter case."""
        return name.lower() in RESERVED or name.lower() in _DIALECT_RESERVED.get(self.name, ())

    def fold_name(self, name: str) -> str:
        """Return the quoted equivalent of an unquoted name: folded as the dialect does."""
        if self.name == "snowflake":
            return name.upper()
        return name.lower() if self.name in ("postgres", "redshift") else name

    def column(self, name: str, table: str | None = None) -> exp.Column:
        """Return a reference to a physical column or to a column of a subquery."""
        return exp.Column(this=self.identifier(name), table=self.identifier(table) if table else None)

    def field(self, name: str, source: str | None = None) -> exp.Column:
        """Return a reference to a field of the model, as in the model's expressions."""
        parts = [exp.to_identifier(part, quoted=self.needs_quotes(part)) if part else None for part in (name, source)]
        return exp.Column(this=parts[0], table=parts[1])

    def write_field(self, name: str, source: str | None = None) -> str:
        """Return the text of `field`. Most names need no quotes, and then no generator."""
        parts = [name] if source is None else [source, name]
        reserved = self.sqlglot.generator_class.RESERVED_KEYWORDS
        if any(self.needs_quotes(part) or part.lower() in reserved for part in parts):
            return self.write(self.field(name, source), pretty=False)
        return ".".join(parts)

    def write(self, tree: exp.Expr, *, pretty: bool = True) -> str:
        """Generate SQL without comments.

        Raises SemanticError for expressions that the dialect does not support, which sqlglot would omit otherwise.
        """
        try:
            return tree.sql(dialect=self.sqlglot, pretty=pretty, comments=False, unsupported_level=ErrorLevel.RAISE)
        except UnsupportedError as error:
            reasons = dict.fromkeys(line.strip().rstrip(".") for line in str(error).splitlines() if line.strip())
            message = f"The query cannot be written in {self.name}: {'; '.join(reasons)}"
            raise SemanticError(Problem.INVALID_EXPRESSION, message) from None
        except (SqlglotError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # The generator fails for some functions with unexpected arguments.
            message = f"The query cannot be written in {self.name}: a function in it has invalid arguments"
            raise SemanticError(Problem.INVALID_EXPRESSION, message) from error
