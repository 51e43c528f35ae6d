"""The interface of a warehouse: a module and a function for each operation."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import cast

from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.model.cost import Cost
from ktx_daemon.warehouses.model.history import HistoryPage, PageRequest
from ktx_daemon.warehouses.model.profiling import Profiler
from ktx_daemon.warehouses.model.rows import Query, ResultRows
from ktx_daemon.warehouses.model.tables import Schema

# Reads the tables that the target selects, in any order.
Introspect = Callable[[Target], Schema]
# Runs a statement that was checked to be read-only, and returns its first rows.
Execute = Callable[[Target, Query], ResultRows]
# Reads one page of the statements that users have run.
ReadHistory = Callable[[Target, PageRequest], HistoryPage]
# Estimates what a checked statement would read, without running it.
EstimateCost = Callable[[Target, str], Cost]
# Opens a session that measures tables.
OpenProfiler = Callable[[Target], AbstractContextManager[Profiler]]


def load_introspect(target: Target) -> Introspect:
    """Import the function that reads the schema of a target."""
    return cast(Introspect, _load(target, "introspect", "introspect"))


def load_execute(target: Target) -> Execute:
    """Import the function that runs a statement on a target."""
    return cast(Execute, _load(target, "execute", "execute"))


def load_read_history(target: Target) -> ReadHistory:
    """Import the function that reads the query history of a target."""
    return cast(ReadHistory, _load(target, "history", "read_history"))


def load_estimate_cost(target: Target) -> EstimateCost:
    """Import the function that estimates what a statement on a target would read."""
    return cast(EstimateCost, _load(target, "cost", "estimate_cost"))


def load_open_profiler(target: Target) -> OpenProfiler:
    """Import the function that opens a session for a profile of a target."""
    return cast(OpenProfiler, _load(target, "profile", "open_profiler"))


def _load(target: Target, module: str, function: str) -> object:
    return getattr(importlib.import_module(f"ktx_daemon.warehouses.{target.warehouse.package}.{module}"), function)
