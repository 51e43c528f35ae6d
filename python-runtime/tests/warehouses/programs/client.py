"""Runs statements by a client of `clients`: JSON lines on standard input, results on standard output.

    python client.py MODULE SETTINGS

It runs in the environment of an engine, so that it imports nothing of this project. A module has
`connect(**settings) -> Session`; a session has `rows(sql)`, and `load(table, file)` if SQL cannot load the file.
"""

from __future__ import annotations

import datetime
import importlib
import json
import os
import sys
from decimal import Decimal
from typing import Any


def encode(value: Any) -> Any:
    """Return a value of a client as JSON."""
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value.item() if hasattr(value, "item") else str(value)


def main() -> None:
    """Serve requests until the end of the input."""
    module, settings = sys.argv[1:]
    # Clients and embedded engines print to the standard output, also by its descriptor.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    session = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            session = session or importlib.import_module(f"clients.{module}").connect(**json.loads(settings))
            rows = session.rows(request["sql"]) if "sql" in request else session.load(**request)
            answer = {"rows": [list(row) for row in rows or []]}
        except Exception as error:  # the harness reports it
            answer = {"error": f"{type(error).__name__}: {error}"}
        output.write(f"{json.dumps(answer, default=encode)}\n")
        output.flush()


if __name__ == "__main__":
    main()
