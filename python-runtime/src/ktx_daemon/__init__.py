"""The local daemon of KTX: SQL analysis, database introspection and embeddings.

Every job exists once, as a function in a domain package (`sql`, `introspection`, `embeddings`). `operations` lists
them, and two doors lead to that list: `http` (one process for many requests) and `cli` (one request a process).
Modules that are slow to import (sqlglot, the database drivers) are imported when the first job needs them.
"""

__version__ = "0.1.0"
