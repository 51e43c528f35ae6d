"""MySQL and MariaDB: rows are read one by one, and the connection is left behind when there are enough."""

from __future__ import annotations

from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from ktx_daemon.execution.model import Fetched, Query, ResultColumn
from ktx_daemon.introspection.mysql import open_session
from ktx_daemon.introspection.target import Target, parse_server_url

# Names of the types; of those that have two, the first.
TYPE_NAMES = {
    code: name.lower() for name, code in reversed(vars(FIELD_TYPE).items()) if name.isupper() and isinstance(code, int)
}


def fetch(target: Target, query: Query) -> Fetched:
    """Run the query and give its first rows."""
    url = parse_server_url(target.url, ("mysql", "mariadb"))
    with open_session(url, target) as session, session.asking("query_failed"):
        cursor = SSCursor(session.connection)
        cursor.execute(query.sql)
        rows = list(cursor.fetchmany(query.rows))
        columns = [ResultColumn(name, TYPE_NAMES.get(code)) for name, code, *_ in cursor.description or ()]
        # Closing would read the rest of the rows, however many they are; the session ends here anyway.
        session.connection._result.unbuffered_active = False
        cursor.connection = None
        return Fetched(columns, rows)
