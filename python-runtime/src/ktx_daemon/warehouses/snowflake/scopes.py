"""The databases and schemas that are read."""

from __future__ import annotations

from dataclasses import dataclass

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.snowflake.connect import Session
from ktx_daemon.warehouses.snowflake.identifiers import quote, split

SYSTEM_SCHEMA = "INFORMATION_SCHEMA"


@dataclass(frozen=True)
class Scope:
    """A database, and the schemas of it that are read; `whole` says that these are all."""

    database: str
    schemas: tuple[str, ...]
    whole: bool

    def clauses(self) -> list[str]:
        """Return what follows `SHOW … IN`: the database, or each of its schemas."""
        if self.whole:
            return [f"DATABASE {quote(self.database)}"]
        return [f"SCHEMA {quote(self.database, schema)}" for schema in self.schemas]


def select_scopes(session: Session, requested: list[str] | None) -> list[Scope]:
    """Return the requested schemas (`SCHEMA`, `DATABASE.SCHEMA`, `DATABASE.*`), else those of the URL. Raises 400."""
    wanted: dict[str, set[str]] = {}
    for text in requested or [""]:
        database, schema = _parse(session, text)
        wanted.setdefault(database, set()).add(schema)
    return [_find(session, database, schemas) for database, schemas in sorted(wanted.items())]


def _parse(session: Session, text: str) -> tuple[str, str]:
    """Return database and schema of an entry, in the letters of the catalogue; the schema is `*` for all."""
    parts = split(text)
    database = parts[0] if len(parts) > 1 else session.account.database or session.database
    if not database:
        detail = f"The connection to {session.account} names no database"
        raise BadRequestError("database_not_found", detail, "Set database, or schemas: [DATABASE.SCHEMA]")
    if len(parts) > 2:  # noqa: PLR2004 - database and schema
        raise BadRequestError("invalid_value", f"'{text}' is not a schema", "Write it like DATABASE.SCHEMA")
    return database, parts[-1] if parts else session.account.schema or "*"


def _find(session: Session, database: str, schemas: set[str]) -> Scope:
    try:
        rows = session.query(f"SHOW TERSE SCHEMAS IN DATABASE {quote(database)}", "database_not_found")
    except BadRequestError as error:
        if error.code != "database_not_found":
            raise
        detail = f"{session.account} has no database '{database}', or the role {session.role} may not see it"
        hint = f"Check the name, or ask for: GRANT USAGE ON DATABASE {database} TO ROLE {session.role}"
        raise BadRequestError("database_not_found", detail, hint) from None
    existing = sorted(row["name"] for row in rows if row["name"].upper() != SYSTEM_SCHEMA)
    if "*" in schemas:
        return Scope(database, tuple(existing), whole=True)
    for schema in schemas:
        if schema not in existing:
            detail = f"The database '{database}' has no schema '{schema}', or the role {session.role} may not see it"
            hint = f"Check the name, or ask for: GRANT USAGE ON SCHEMA {database}.{schema} TO ROLE {session.role}"
            raise BadRequestError("schema_not_found", detail, hint)
    return Scope(database, tuple(sorted(schemas)), whole=False)
