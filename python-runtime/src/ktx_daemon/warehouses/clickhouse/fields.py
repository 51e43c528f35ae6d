"""The fields of nested columns and the values of enumerations, from the names of their types."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from ktx_daemon.warehouses.clickhouse.types import parse_type, type_name
from ktx_daemon.warehouses.model.tables import Field

MAX_FIELDS = 1000


@functools.lru_cache(maxsize=4096)
def describe_type(name: str) -> tuple[bool, tuple[Field, ...]]:
    """Return whether a column of the type may be null, and its fields, at most `MAX_FIELDS`."""
    kind = parse_type(name)
    if kind is None:
        return name.startswith("Nullable("), ()
    fields = [field for _, field in zip(range(MAX_FIELDS), _fields(kind, []), strict=False)]
    return kind.nullable or type_name(kind) in ("Dynamic", "Variant"), tuple(fields)


def enum_values(name: str) -> list[str]:
    """Return the values of an enumeration in the order of their numbers; none for another type."""
    if "Enum" not in name:
        return []
    numbers = getattr(parse_type(name), "_name_map", None) or {}
    return sorted(numbers, key=lambda value: int(numbers[value]))


def _fields(kind: Any, path: list[str]) -> Iterator[Field]:
    name = type_name(kind)
    if name == "Array":
        yield from _fields(kind.element_type, path)
    elif name in ("Tuple", "Nested"):
        yield from _members(kind.element_names, kind.element_types, path)
    elif name == "JSON":
        for typed_path, member in zip(kind.typed_paths, kind.typed_types, strict=True):
            yield from _member([*path, *typed_path.split(".")], member)
    elif name == "Map":
        yield from _fields(kind.value_type, path)


def _members(names: Any, types: Any, path: list[str]) -> Iterator[Field]:
    for name, member in zip(names, types, strict=False):  # a tuple may have no names
        yield from _member([*path, name], member)


def _member(path: list[str], kind: Any) -> Iterator[Field]:
    yield Field(path, kind.name)
    yield from _fields(kind, path)
