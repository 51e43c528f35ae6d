"""The supported SQL dialects and the aliases of their names."""

from __future__ import annotations

from sqlglot import Dialect, Dialects  # a submodule may be partially initialised while another thread imports sqlglot

from ktx_daemon.errors import BadRequestError

ALIASES = {
    "postgresql": "postgres",
    "mariadb": "mysql",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "sqlite3": "sqlite",
}
# sqlglot supports SingleStore, but its enumeration lacks it.
SUPPORTED_DIALECTS = tuple(sorted({*(dialect.value for dialect in Dialects if dialect.value), "singlestore"}))
# Dialects with PostgreSQL's functions `pg_…`, and with its notation `x.f` for `f(x)`.
PG_PREFIXED = frozenset({"postgres", "redshift", "materialize", "risingwave"})


def find_dialect(name: str) -> Dialect | None:
    """Return the dialect of a name or alias, or None. sqlglot's settings in names (`x, key=value`) are not accepted."""
    normalized = name.strip().lower()
    resolved = ALIASES.get(normalized, normalized)
    return Dialect.get_or_raise(resolved) if resolved in SUPPORTED_DIALECTS else None


def require_dialect(name: str) -> Dialect:
    """Return the dialect of a name or alias. Raises 400 that lists the supported ones."""
    dialect = find_dialect(name)
    if dialect is None:
        supported = ", ".join(SUPPORTED_DIALECTS)
        raise BadRequestError("unsupported_dialect", f"The SQL dialect '{name}' is not supported. Known: {supported}")
    return dialect


def split_words(text: str) -> frozenset[str]:
    """Return the set of words in a text."""
    return frozenset(text.split())


def dialect_name(dialect: Dialect) -> str:
    """Return sqlglot's name of a dialect."""
    return type(dialect).__name__.lower()


def is_bigquery(dialect: Dialect) -> bool:
    """Return whether a dialect is BigQuery, where names may have dashes and a quoted path may have several names."""
    return type(dialect) is Dialect.get("bigquery")


def has_database_links(dialect: Dialect) -> bool:
    """Return whether a table name may end with a database link: `emp@remote.example.com`."""
    return type(dialect) in (Dialect.get("oracle"), Dialect.get("teradata"))
