"""The report: the state of each cell for each engine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.daemon import Daemon
from tests.warehouses.connector import CONNECTORS, Connector
from tests.warehouses.engine import Engine
from tests.warehouses.errors import EngineError, UnavailableError
from tests.warehouses.questions import ask
from tests.warehouses.tpch import Tpch

# In the order of the report. `client questions` are run by the engine's own client, all others by the connector.
CELLS = (
    "connect",
    "tables",
    "keys",
    "comments",
    "profile",
    "questions",
    "client questions",
    "history",
    "cancel",
    "limits",
    "password",
)
OK, FAILED, NOT_SHOWN, NO_CONNECTOR = "ok", "failed", "not shown", "no connector yet"

Cell = dict[str, str]


def report(engine: Engine, daemon: Daemon, data: Tpch) -> dict[str, Any]:
    """Run an engine and return its row: version, seconds without the installation, and cells with `state`, `detail`."""
    version, started = "", time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ktx-engine-") as folder:
        Path(folder).chmod(0o755)  # some servers run as another user
        try:
            engine.prepare()
            started = time.monotonic()
            engine.start(Path(folder))
            engine.load(data)
            version, cells = engine.version(), _fill(engine, daemon, data)
        except UnavailableError as error:
            cells = dict.fromkeys(CELLS, _cell(NOT_SHOWN, str(error)))
        except EngineError as error:
            cells = dict.fromkeys(CELLS, _cell(FAILED, "the engine did not start"))
            cells["connect"] = _cell(FAILED, str(error))
        finally:
            engine.stop()
    seconds = round(time.monotonic() - started, 1)
    return {"dialect": engine.dialect, "version": version, "seconds": seconds, "cells": cells}


def _fill(engine: Engine, daemon: Daemon, data: Tpch) -> dict[str, Cell]:
    checks = Connector(daemon, engine, data).checks() if engine.driver in CONNECTORS else {}
    checks["client questions"] = lambda: ask(engine.client.rows, engine.dialect, data)
    return {cell: _run(engine.lacks.get(cell), checks.get(cell)) for cell in CELLS}


def _run(reason: str | None, check: Callable[[], None] | None) -> Cell:
    if reason:
        return _cell(NOT_SHOWN, reason)
    if check is None:
        return _cell(NO_CONNECTOR)
    try:
        check()
    except EngineError as error:
        return _cell(FAILED, str(error))
    return _cell(OK)


def _cell(state: str, detail: str = "") -> Cell:
    return {"state": state, **({"detail": detail} if detail else {})}
