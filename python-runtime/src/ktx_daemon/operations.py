"""The list of all operations: one function each, reached over HTTP and as a one-shot command.

A function is named, not imported: its module (and sqlglot or a database driver behind it) is loaded at the first call.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from ktx_daemon.embeddings.requests import ComputeEmbedding, ComputeEmbeddings
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.history.requests import ReadQueryHistory
from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.semantic.requests import CompileQuery, GenerateSources, ValidateSources
from ktx_daemon.sql.requests import AnalyzeBatch, ParseTableIdentifiers, SqlStatement
from ktx_daemon.workers import Pool


@dataclass(frozen=True)
class Operation:
    """One job: its URL path, its one-shot command, the type of its request and the function that does it."""

    path: str
    command: str
    request_type: type[msgspec.Struct]
    function: str
    lane: Pool = Pool.QUICK

    def load(self) -> Callable[[Any], Any]:
        """Import the function; it takes the decoded request and gives something that encodes as a JSON object."""
        module, _, name = self.function.partition(":")
        with contextlib.nullcontext() if module.startswith(_WITHOUT_SQLGLOT) else _importing_sqlglot:
            loaded = importlib.import_module(f"ktx_daemon.{module}")
        return cast(Callable[[Any], Any], getattr(loaded, name))


# sqlglot's modules import each other in circles, which two threads cannot do at the same time: one of them would see a
# module that is half there. What does not need it does not wait for it either.
_importing_sqlglot = threading.Lock()
_WITHOUT_SQLGLOT = ("introspection.", "history.", "embeddings.")


def warm() -> None:
    """Import what the first SQL request needs; the server does so in the background."""
    with _importing_sqlglot:
        importlib.import_module("ktx_daemon.sql.warm")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "/sql/parse-table-identifier",
        "parse-table-identifier",
        ParseTableIdentifiers,
        "sql.identifiers:parse_table_identifiers",
        Pool.SLOW,
    ),
    Operation(
        "/api/sql/analyze-for-fingerprint",
        "analyze-for-fingerprint",
        SqlStatement,
        "sql.fingerprint:analyze_for_fingerprint",
    ),
    Operation("/sql/analyze-batch", "analyze-batch", AnalyzeBatch, "sql.batch:analyze_batch", Pool.SLOW),
    Operation("/sql/validate-read-only", "validate-read-only", SqlStatement, "sql.read_only:validate_read_only"),
    Operation(
        "/database/introspect",
        "database-introspect",
        IntrospectDatabase,
        "introspection.run:introspect_database",
        Pool.SLOW,
    ),
    Operation(
        "/database/query-history",
        "database-query-history",
        ReadQueryHistory,
        "history.run:read_query_history",
        Pool.SLOW,
    ),
    Operation("/sql/execute", "sql-execute", ExecuteSql, "execution.run:execute_sql", Pool.SLOW),
    Operation("/semantic-layer/query", "semantic-query", CompileQuery, "semantic.run:query"),
    Operation("/semantic-layer/validate", "semantic-validate", ValidateSources, "semantic.run:validate", Pool.SLOW),
    Operation(
        "/semantic-layer/generate-sources",
        "semantic-generate-sources",
        GenerateSources,
        "semantic.run:generate_sources",
        Pool.SLOW,
    ),
    Operation(
        "/embeddings/compute",
        "embedding-compute",
        ComputeEmbedding,
        "embeddings.compute:compute_embedding",
        Pool.SLOW,
    ),
    Operation(
        "/embeddings/compute-bulk",
        "embedding-compute-bulk",
        ComputeEmbeddings,
        "embeddings.compute:compute_embeddings",
        Pool.SLOW,
    ),
)
