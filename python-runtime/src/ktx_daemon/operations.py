"""The registry of operations: one function each, available over HTTP and as a one-shot command.

Functions are registered by name and imported at the first call, because their modules import sqlglot or database
drivers.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from ktx_daemon.decoding import decode
from ktx_daemon.embeddings.requests import ComputeEmbedding, ComputeEmbeddings
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.history.requests import ReadQueryHistory
from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.profile.requests import ProfileDatabase
from ktx_daemon.semantic.requests import CompileQuery, GenerateSources, ValidateSources
from ktx_daemon.sql.requests import AnalyzeBatch, ParseTableIdentifiers, SqlStatement
from ktx_daemon.workers import Pool


@dataclass(frozen=True)
class Operation:
    """One operation: its URL path, its one-shot command, the type of its request, its function and its thread pool.

    The function of one that `reads_json` decodes the request and encodes its answer itself, to cache them.
    """

    path: str
    command: str
    request_type: type[msgspec.Struct]
    function: str
    pool: Pool = Pool.QUICK
    reads_json: bool = False

    def answer(self, body: bytes) -> bytes:
        """Return the JSON answer of a JSON request. Raises DaemonError."""
        function = self.load()
        if self.reads_json:
            return cast(bytes, function(body))
        return msgspec.json.encode(function(decode(body, self.request_type)))

    def load(self) -> Callable[[Any], Any]:
        """Import the function, which maps the decoded request to a value that encodes as a JSON object."""
        module, _, name = self.function.partition(":")
        with contextlib.nullcontext() if module.startswith(_MODULES_WITHOUT_SQLGLOT) else _sqlglot_import_lock:
            loaded = importlib.import_module(f"ktx_daemon.{module}")
        return cast(Callable[[Any], Any], getattr(loaded, name))


# sqlglot's modules import each other in cycles, so two threads that import them concurrently may see a partially
# initialised module. Operations without sqlglot do not wait for the lock.
_sqlglot_import_lock = threading.Lock()
_MODULES_WITHOUT_SQLGLOT = ("introspection.", "history.", "embeddings.", "profile.")


def preload_sql() -> None:
    """Import the modules of the first SQL request; the server calls this in the background.

    An import that a stop of the daemon interrupts is not an error: `concurrent.futures` cannot be imported any more.
    """
    with _sqlglot_import_lock:
        try:
            importlib.import_module("ktx_daemon.sql.preload")
        except RuntimeError:
            if threading.main_thread().is_alive():
                raise


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
    Operation("/database/profile", "database-profile", ProfileDatabase, "profile.run:profile_database", Pool.SLOW),
    Operation("/sql/execute", "sql-execute", ExecuteSql, "execution.run:execute_sql", Pool.SLOW),
    Operation("/semantic-layer/query", "semantic-query", CompileQuery, "semantic.cached:query", reads_json=True),
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
