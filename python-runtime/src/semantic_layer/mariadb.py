"""MySQL in the words that MariaDB has as well."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.generator import Generator
from sqlglot.generators.mysql import MySQLGenerator


def _regexp(generator: Generator, match: exp.RegexpLike) -> str:
    """Write the operator: the function REGEXP_LIKE is MySQL's only."""
    if match.args.get("flag"):
        return str(generator.function_fallback_sql(match))
    return f"({generator.binary(match, 'REGEXP')})"


class MariaDb(MySQL):
    """Reads MySQL, and writes what both servers understand."""

    class Generator(MySQLGenerator):
        """Writes it."""

        TRANSFORMS = {**MySQLGenerator.TRANSFORMS, exp.RegexpLike: _regexp}  # noqa: RUF012
