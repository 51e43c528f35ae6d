"""The description of a warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# An operation that a warehouse may have; the name of the module and of its function.
Operation = Literal["introspect", "execute", "history", "cost", "profile"]


@dataclass(frozen=True)
class WarehouseSpec:
    """A warehouse: its package, the names of its driver, and what it can do.

    `name` is the driver's name in requests. `engine` is the warehouse with its package and its SQL, if it is another
    one. `feature` is the extra of the wheel with its driver, None for the core. Queries run `in_child_process` if the
    engine is a part of its client or the driver cannot be interrupted: the process is killed at the timeout and on
    disconnect. `limitations` are sentences without a full stop about what the connector lacks.
    """

    name: str
    title: str
    operations: frozenset[Operation]
    aliases: tuple[str, ...] = ()
    feature: str | None = None
    is_file: bool = False
    in_child_process: bool = False
    limitations: tuple[str, ...] = ()
    engine: str | None = None

    @property
    def package(self) -> str:
        """The name of the package below `warehouses`, which is also sqlglot's name of its SQL."""
        return self.engine or self.name
