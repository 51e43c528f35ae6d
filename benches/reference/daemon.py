"""Reference daemon for comparisons: FastAPI on uvicorn, with all imports at the start.

    python daemon.py PORT

It implements the same endpoints in a straightforward way: a model per request, sqlglot, one statement at a time.
"""

from __future__ import annotations

import hashlib
import sys

import lkml  # noqa: F401
import numpy as np  # noqa: F401
import orjson  # noqa: F401
import pandas as pd  # noqa: F401
import psycopg  # noqa: F401
import requests  # noqa: F401
import sqlglot
import uvicorn
import yaml  # noqa: F401
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlglot import exp

app = FastAPI(title="reference")


class Identifier(BaseModel):
    """A reference to a table in LookML."""

    key: str
    sql_table_name: str
    dialect: str


class Identifiers(BaseModel):
    """A batch of references."""

    items: list[Identifier]


class Statement(BaseModel):
    """A statement in a dialect."""

    sql: str
    dialect: str


@app.get("/health")
def health() -> dict[str, str]:
    """Return the health of the daemon."""
    return {"status": "healthy"}


@app.post("/sql/parse-table-identifier")
def parse_table_identifiers(request: Identifiers) -> dict[str, dict[str, object]]:
    """Parse references to tables."""
    return {"results": {item.key: parse(item) for item in request.items}}


def parse(item: Identifier) -> dict[str, object]:
    """Parse one reference."""
    try:
        statement = sqlglot.parse_one(f"SELECT * FROM {item.sql_table_name}", dialect=item.dialect)
    except sqlglot.errors.ParseError as error:
        return {"ok": False, "reason": "parse_error", "detail": str(error)}
    tables = list(statement.find_all(exp.Table))
    if len(tables) != 1:
        return {"ok": False, "reason": "multiple_table_references", "detail": ""}
    table = tables[0]
    canonical = exp.table_(table.this, db=table.args.get("db"), catalog=table.args.get("catalog"))
    return {
        "ok": True,
        "catalog": table.catalog or None,
        "schema": table.db or None,
        "name": table.name,
        "canonical_table": canonical.sql(dialect=item.dialect),
    }


@app.post("/api/sql/analyze-for-fingerprint")
def analyze_for_fingerprint(request: Statement) -> dict[str, object]:
    """Return the fingerprint of a statement, without its literals."""
    try:
        statement = sqlglot.parse_one(request.sql, dialect=request.dialect)
    except sqlglot.errors.ParseError as error:
        raise HTTPException(400, str(error)) from error
    slots: list[dict[str, object]] = []

    def masked(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Literal):
            return node
        kind = "string" if node.is_string else "number"
        slots.append({"position": len(slots) + 1, "type": kind, "example_value": node.name})
        return exp.Placeholder()

    normalized = statement.transform(masked).sql(dialect=request.dialect)
    return {
        "fingerprint": hashlib.sha256(normalized.lower().encode()).hexdigest(),
        "normalized_sql": normalized,
        "tables_touched": [f"{table.db}.{table.name}" for table in statement.find_all(exp.Table)],
        "literal_slots": slots,
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
