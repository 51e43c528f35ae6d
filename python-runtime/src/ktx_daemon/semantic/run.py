"""The functions behind the endpoints of the semantic layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.semantic.requests import CompileQuery, GenerateSources, ValidateSources
from ktx_daemon.sql.dialects import ALIASES
from semantic_layer import compiler, scaffold, validation
from semantic_layer.errors import SemanticError
from semantic_layer.models import CompiledQuery, Validation


def query(request: CompileQuery) -> CompiledQuery:
    """Write the SQL of a query. Raises 400 for what cannot be answered."""
    with _bad_requests():
        return compiler.compile_query(request.sources, request.query, _dialect(request.dialect))


def validate(request: ValidateSources) -> Validation:
    """Check all sources. Raises 400 for an unknown dialect only."""
    with _bad_requests():
        dialect = _dialect(request.dialect)
        return validation.validate(request.sources, dialect, request.recently_touched, request.tables)


def generate_sources(request: GenerateSources) -> dict[str, Any]:
    """Make a source of every table. Raises 400 for links that make no sense."""
    with _bad_requests():
        sources = scaffold.generate_sources(request.tables, request.links, _dialect(request.dialect))
    return {"sources": _without_nulls(msgspec.to_builtins(sources)), "source_count": len(sources)}


def _without_nulls(value: Any) -> Any:
    """Leave out the optional keys that have no value: what is generated is written into files for people."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _dialect(name: str) -> str:
    lowered = name.strip().lower()
    return ALIASES.get(lowered, lowered)


@contextmanager
def _bad_requests() -> Iterator[None]:
    try:
        yield
    except SemanticError as error:
        raise BadRequestError(error.problem.value, str(error)) from None
