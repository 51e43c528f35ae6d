"""DuckDB, on a file that is opened read-only, without access to other files or to the network."""

from __future__ import annotations

from ktx_daemon.errors import BadRequestError
from ktx_daemon.execution.model import Fetched, Query, ResultColumn
from ktx_daemon.introspection.duckdb import open_file
from ktx_daemon.introspection.files import database_file
from ktx_daemon.introspection.target import Target


def fetch(target: Target, query: Query) -> Fetched:
    """Run the query and give its first rows."""
    path = database_file(target.url, "DuckDB", ("duckdb",))
    # A query can name any file of this computer; a database's reader has no business there.
    with open_file(path, target, enable_external_access="false", lock_configuration="true") as connection:
        import duckdb

        try:
            cursor = connection.execute(query.sql)
            rows = cursor.fetchmany(query.rows)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0].rstrip(".")
            raise BadRequestError("query_failed", f"The DuckDB database {path} refused the query: {reason}") from None
        columns = [ResultColumn(name, str(kind)) for name, kind, *_ in cursor.description or ()]
    return Fetched(columns, rows)
