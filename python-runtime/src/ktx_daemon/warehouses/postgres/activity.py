"""The statements that PostgreSQL runs at the moment, from pg_stat_activity, where it keeps no history.

They are a sample: what ran before is unknown, and a statement counts once for each session that runs it.
"""

from __future__ import annotations

import msgspec

from ktx_daemon.warehouses.model import callers
from ktx_daemon.warehouses.model.call_log import MAX_USERS
from ktx_daemon.warehouses.model.history import PageRequest, Statement, StatementPage
from ktx_daemon.warehouses.postgres.history_sql import ACTIVITY
from ktx_daemon.warehouses.postgres.session import Session


def read_activity(session: Session, page: PageRequest) -> tuple[StatementPage, bool]:
    """Return the running statements of the database, and whether those of other users are hidden.

    The longest running are returned, on one page.
    """
    rows = session.query(ACTIVITY, limit=page.max_statements + 1)
    statements = StatementPage(page.max_bytes)
    statements.truncated = len(rows) > page.max_statements
    hidden = False
    for query_id, text, calls, total_ms, since, last_seen, users, names, is_hidden in sorted(
        rows[: page.max_statements]
    ):
        hidden |= is_hidden
        if is_hidden:
            continue
        statement = Statement(
            query_id=query_id,
            sql=text or "",
            calls=calls,
            total_ms=total_ms,
            rows=0,
            since_ms=since,
            nested=False,
            users=sorted(users)[:MAX_USERS],
            last_seen_ms=last_seen,
            callers=callers.count((*name.split("\n", 1), 1) for name in names),
        )
        if not statements.add(query_id, None if text is None else msgspec.json.encode(statement).decode()):
            statements.truncated, statements.next_cursor = True, None
            break
    return statements, hidden
