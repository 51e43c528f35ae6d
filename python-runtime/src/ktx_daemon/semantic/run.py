"""Operations of the semantic layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from ktx_daemon.errors import BadRequestError
from ktx_daemon.semantic.model_cache import CachedModel
from ktx_daemon.semantic.policy import require_allowed_query, source_warnings
from ktx_daemon.semantic.requests import CompileQuery, GenerateSources, ValidateSources
from ktx_daemon.sql.dialects import ALIASES
from semantic_layer import compiler
from semantic_layer.checks import validation
from semantic_layer.errors import SemanticError
from semantic_layer.model.answers import CompiledQuery, Validation
from semantic_layer.scaffolding import scaffold


def query(request: CompileQuery, cached: CachedModel) -> CompiledQuery:
    """Compile a query to SQL over its decoded model. Raises 400 for a query that cannot be answered."""
    with _translate_errors(), cached.planner() as planner:
        compiled = compiler.compile_with(planner, request.query)
    require_allowed_query(request, compiled)
    return compiled


def validate(request: ValidateSources) -> Validation:
    """Validate all sources. Raises 400 for an unsupported dialect only."""
    with _translate_errors():
        dialect = resolve_dialect(request.dialect)
        found = validation.validate(request.sources, dialect, request.recently_touched, request.tables, request.model)
    return _with_denials(found, request, dialect)


def _with_denials(found: Validation, request: ValidateSources, dialect: str) -> Validation:
    """Add the warnings about denied tables and columns."""
    touched = request.recently_touched
    sources = [source for source in request.sources if touched is None or source.name in touched]
    denied = source_warnings(sources, dialect, request.denied)
    if not denied:
        return found
    per_source = {name: list(warnings) for name, warnings in found.per_source_warnings.items()}
    for name, warnings in denied.items():
        per_source.setdefault(name, []).extend(warnings)
    added = [warning for warnings in denied.values() for warning in warnings]
    return msgspec.structs.replace(found, warnings=[*found.warnings, *added], per_source_warnings=per_source)


def generate_sources(request: GenerateSources) -> dict[str, Any]:
    """Generate a source for each table. Raises 400 for invalid links."""
    with _translate_errors():
        sources = scaffold.generate_sources(request.tables, request.links, resolve_dialect(request.dialect))
    return {"sources": _without_unset(sources), "source_count": len(sources)}


def _without_unset(value: Any) -> Any:
    """Convert to JSON without optional keys that have no value, because people read the files of generated sources."""
    if isinstance(value, msgspec.Struct):
        items = ((key, getattr(value, key)) for key in value.__struct_fields__)
        return {
            key: _without_unset(item) for key, item in items if item is not None and item is not False and item != {}
        }
    return [_without_unset(item) for item in value] if isinstance(value, list) else value


def resolve_dialect(name: str) -> str:
    """Return the name of a dialect for one of its names."""
    lowered = name.strip().lower()
    return ALIASES.get(lowered, lowered)


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except SemanticError as error:
        raise BadRequestError(error.problem.value, str(error)) from None
