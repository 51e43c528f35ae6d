"""The requests of the semantic layer. Nothing here imports sqlglot: the daemon reads these types at its start."""

from __future__ import annotations

import msgspec

from semantic_layer.models import Query, Source
from semantic_layer.tables import Link, Table


class CompileQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/semantic-layer/query`."""

    sources: list[Source]
    query: Query
    dialect: str


class ValidateSources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/semantic-layer/validate`; with the tables of a scan the sources are compared with them."""

    sources: list[Source]
    dialect: str
    recently_touched: list[str] | None = None
    tables: list[Table] | None = None


class GenerateSources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/semantic-layer/generate-sources`."""

    tables: list[Table]
    dialect: str
    links: list[Link] = []
