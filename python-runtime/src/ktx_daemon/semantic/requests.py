"""Request types of the semantic layer. Must not import sqlglot, because the daemon imports them at start-up."""

from __future__ import annotations

import msgspec

from ktx_daemon.sql.policy.patterns import Denied
from semantic_layer.model.models import Model, Source
from semantic_layer.model.queries import Query
from semantic_layer.model.tables import Link, Table


class CompileQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/semantic-layer/query`; a query that may read what is `denied` is refused."""

    sources: list[Source]
    query: Query
    dialect: str
    denied: Denied = Denied()
    model: Model = Model()


class ValidateSources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/semantic-layer/validate`; sources are compared with the `tables` of a scan, if given.

    Sources that may read what is `denied` have warnings.
    """

    sources: list[Source]
    dialect: str
    recently_touched: list[str] | None = None
    tables: list[Table] | None = None
    denied: Denied = Denied()
    model: Model = Model()


class GenerateSources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `/semantic-layer/generate-sources`."""

    tables: list[Table]
    dialect: str
    links: list[Link] = []
