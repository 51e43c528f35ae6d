"""Queries whose model or answer is cached by its content.

The key of an answer is a digest of everything that it depends on. Only a query that depends on the current time is
compiled each time.
"""

from __future__ import annotations

import hashlib

import msgspec

from ktx_daemon.byte_cache import ByteCache
from ktx_daemon.decoding import decode
from ktx_daemon.semantic import run
from ktx_daemon.semantic.model_cache import CachedModel, ModelCache
from ktx_daemon.semantic.requests import CompileQuery
from ktx_daemon.sql.policy.patterns import Denied
from semantic_layer.model.clock import reads_clock
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query

# A decoded model takes five times as much memory as its JSON. Models of 3,000 tables have 8 MB.
MAX_MODEL_BYTES = 12 * 1024 * 1024
MAX_ANSWER_BYTES = 16 * 1024 * 1024

_models = ModelCache(MAX_MODEL_BYTES)
_answers = ByteCache(MAX_ANSWER_BYTES)


class _Parts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `CompileQuery` whose sources are not decoded."""

    sources: msgspec.Raw
    query: Query
    dialect: str
    denied: Denied = Denied()
    model: Model = Model()


def query(body: bytes) -> bytes:
    """Compile the query of a JSON request. Raises 422 for a request of another shape, and the errors of `run.query`."""
    try:
        parts = msgspec.json.decode(body, type=_Parts)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        request = decode(body, CompileQuery)  # raises the error with the paths of all invalid fields
        return msgspec.json.encode(run.query(request, _model(request.sources, request)))
    model_key = _digest(parts.sources, msgspec.msgpack.encode((parts.model, parts.dialect)))
    key = _digest(model_key, msgspec.msgpack.encode((parts.query, parts.denied)))
    answer = _answers.get(key)
    if answer is None:
        cached = _models.get(model_key, len(parts.sources), lambda: _load(parts, body))
        request = CompileQuery(cached.sources, parts.query, parts.dialect, parts.denied, parts.model)
        answer = msgspec.json.encode(run.query(request, cached))
        if parts.query.now is not None or not (cached.reads_clock or reads_clock(parts.query)):
            _answers.put(key, answer)
    return answer


def _load(parts: _Parts, body: bytes) -> CachedModel:
    try:
        sources = msgspec.json.decode(parts.sources, type=list[Source])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        sources = decode(body, CompileQuery).sources
    return _model(sources, parts)


def _model(sources: list[Source], request: _Parts | CompileQuery) -> CachedModel:
    return CachedModel(sources, run.resolve_dialect(request.dialect), request.model)


def _digest(*parts: bytes | msgspec.Raw) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()
