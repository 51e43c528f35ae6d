"""The SQL dialects: names that callers use, and what sqlglot calls them."""

from __future__ import annotations

from sqlglot import Dialect, Dialects  # while another thread imports sqlglot, a submodule would be half of it

from ktx_daemon.errors import BadRequestError

ALIASES = {
    "postgresql": "postgres",
    "mariadb": "mysql",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "sqlite3": "sqlite",
}
# SingleStore is a dialect of sqlglot that its list lacks.
KNOWN = tuple(sorted({*(dialect.value for dialect in Dialects if dialect.value), "singlestore"}))


def find_dialect(name: str) -> Dialect | None:
    """Return the dialect of that name, or None. Settings that sqlglot takes in a name (`x, key=value`) are no names."""
    lowered = name.strip().lower()
    known = ALIASES.get(lowered, lowered)
    return Dialect.get_or_raise(known) if known in KNOWN else None


def require_dialect(name: str) -> Dialect:
    """Return the dialect of that name. Raises 400, listing the known ones."""
    dialect = find_dialect(name)
    if dialect is None:
        known = ", ".join(KNOWN)
        raise BadRequestError("unsupported_dialect", f"The SQL dialect '{name}' is not supported. Known: {known}")
    return dialect


def words(text: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(text.split())


def dialect_name(dialect: Dialect) -> str:
    """Return sqlglot's name of a dialect."""
    return type(dialect).__name__.lower()


def is_bigquery(dialect: Dialect) -> bool:
    """Return whether a dialect is BigQuery's, where names may have dashes and one pair of quotes hold several names."""
    return type(dialect) is Dialect.get("bigquery")


def has_links(dialect: Dialect) -> bool:
    """Return whether the name of a table may end with the other database that it is in: `emp@remote.example.com`."""
    return type(dialect) in (Dialect.get("oracle"), Dialect.get("teradata"))
