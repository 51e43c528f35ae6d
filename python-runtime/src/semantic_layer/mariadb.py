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


def _json_text(generator: Generator, extract: exp.JSONExtractScalar) -> str:
    """Write the functions: the arrow `->>` is MySQL's only."""
    found = exp.JSONExtract(this=extract.this, expression=extract.expression)
    return generator.func("JSON_UNQUOTE", found)


class MariaDb(MySQL):
    """Reads MySQL, and writes what both servers understand."""

    class Generator(MySQLGenerator):
        """Writes it."""

        TRANSFORMS = {  # noqa: RUF012
            **MySQLGenerator.TRANSFORMS,
            exp.RegexpLike: _regexp,
            exp.JSONExtractScalar: _json_text,
        }
