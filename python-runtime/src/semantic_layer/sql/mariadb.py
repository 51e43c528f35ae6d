"""The subset of MySQL that MariaDB supports too."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.generator import Generator
from sqlglot.generators.mysql import MySQLGenerator


def _regexp(generator: Generator, match: exp.RegexpLike) -> str:
    """Generate the operator REGEXP, because MariaDB lacks the function REGEXP_LIKE."""
    if match.args.get("flag"):
        return str(generator.function_fallback_sql(match))
    return f"({generator.binary(match, 'REGEXP')})"


def _json_text(generator: Generator, extract: exp.JSONExtractScalar) -> str:
    """Generate functions, because MariaDB lacks the arrow `->>`."""
    call = exp.JSONExtract(this=extract.this, expression=extract.expression)
    return generator.func("JSON_UNQUOTE", call)


class MariaDb(MySQL):
    """Parses MySQL, and generates SQL for both servers."""

    class Generator(MySQLGenerator):
        """Generator of SQL for both servers."""

        TRANSFORMS = {  # noqa: RUF012
            **MySQLGenerator.TRANSFORMS,
            exp.RegexpLike: _regexp,
            exp.JSONExtractScalar: _json_text,
        }
