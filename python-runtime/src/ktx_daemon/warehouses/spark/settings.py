"""Settings of a session, which make its results independent of the server's configuration, and close ways to files.

The ANSI mode is left as the server has it: it decides about errors, not about values.
"""

from __future__ import annotations

from ktx_daemon import __version__, request_id

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    # A text in a statement would be replaced by an environment variable or a setting of the server: ${env:HOME}.
    "spark.sql.variable.substitute": "false",
    # The path of a file would be read as a table: csv.`/etc/passwd`.
    "spark.sql.runSQLOnFiles": "false",
    # The read-only check reads strings and names by these rules.
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    # Threads of a cancelled statement are interrupted.
    "spark.sql.thriftServer.interruptOnCancel": "true",
}


def tag() -> str:
    """Return the name of KTX and of the request, in letters that need no escape."""
    return f"KTX {__version__} {request_id.session_name()}"


def with_tag(sql: str) -> str:
    """Return a statement with a comment for the user interface and the logs of the server."""
    return f"{sql}\n/* {tag()} */"
