"""Types of ClickHouse, parsed by the driver."""

from __future__ import annotations

from typing import Any

from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.exceptions import Error


def parse_type(name: str) -> Any | None:
    """Return the driver's type of a name; None for one that it does not know."""
    try:
        return get_from_name(name)
    except Error:
        return None


def type_name(kind: Any) -> str:
    """Return the name of a type without its arguments and wrappers, such as `Decimal` or `Array`."""
    return type(kind).__name__
