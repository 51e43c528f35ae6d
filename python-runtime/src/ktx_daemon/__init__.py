"""The local daemon of KTX: SQL analysis, database introspection and embeddings.

Each operation is one function in a domain package, such as `sql`, `introspection` or `embeddings`. `operations`
registers them, and two front ends run them: `http` (one process for many requests) and `cli` (one request per process).
Modules that are slow to import (sqlglot, the database drivers) are imported by the first operation that needs them.
"""

__version__ = "0.1.0"
