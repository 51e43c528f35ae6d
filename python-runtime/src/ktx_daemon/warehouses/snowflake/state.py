"""Warnings about the warehouse and the role of a session, which SHOW knows without resuming a warehouse."""

from __future__ import annotations

from collections import Counter

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.snowflake.connect import Session
from ktx_daemon.warehouses.snowflake.identifiers import quote
from ktx_daemon.warehouses.snowflake.show import Record

ADMINISTRATORS = ("ACCOUNTADMIN", "SYSADMIN", "SECURITYADMIN", "ORGADMIN", "GLOBALORGADMIN")
WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "TRUNCATE", "OWNERSHIP", "ALL", "EVOLVE SCHEMA"})
MAX_ROLES = 50


def describe_warehouse(session: Session) -> list[str]:
    """Return a warning if queries of the session have no running warehouse."""
    name = session.warehouse
    if not name:
        return ["No warehouse is set: scans and queries need one, set warehouse of the connection"]
    row = next((row for row in _rows(session, "SHOW WAREHOUSES") if row["name"] == name), None)
    if row is None:
        return [f"The role {session.role} may not see the warehouse {name}"]
    if str(row["state"]).upper() != "SUSPENDED":
        return []
    if str(row.get("auto_resume")).lower() == "true":
        return [f"The warehouse {name} is suspended: the first scan or query resumes it"]
    return [f"The warehouse {name} is suspended and does not resume itself: run ALTER WAREHOUSE {name} RESUME"]


def describe_role(session: Session) -> list[str]:
    """Return a warning if the role, or one that it has, may write; Snowflake has no read-only session."""
    if not session.role:
        return []
    writing: Counter[str] = Counter()
    roles, seen = [session.role], set[str]()
    while roles and len(seen) < MAX_ROLES:
        role = roles.pop()
        if role in seen:
            continue
        seen.add(role)
        if role in ADMINISTRATORS:
            return [f"The role {session.role} has the rights of {role}, use a role that may only read"]
        for row in _rows(session, f"SHOW GRANTS TO ROLE {quote(role)}"):
            if row["granted_on"] == "ROLE" and row["privilege"] == "USAGE":
                roles.append(row["name"])
            elif _writes(row):
                writing[row["privilege"]] += 1
    if not writing:
        return []
    listed = ", ".join(f"{privilege} ({count})" for privilege, count in sorted(writing.items()))
    return [f"The role {session.role} may write: {listed}, use a role that may only read"]


def _writes(row: Record) -> bool:
    privilege = str(row["privilege"])
    return privilege in WRITING or (privilege.startswith("CREATE ") and row["granted_on"] in ("SCHEMA", "DATABASE"))


def _rows(session: Session, sql: str) -> list[Record]:
    """Return rows, or none without the right to see them."""
    try:
        return session.query(sql)
    except BadRequestError as error:
        if error.code not in ("permission_denied", "connection_failed"):
            raise
        return []
