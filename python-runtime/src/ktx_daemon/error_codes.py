"""The stable codes of all errors that the daemon answers with; `docs/errors.md` explains each."""

from __future__ import annotations

from typing import Literal

ErrorCode = Literal[
    "ambiguous_join_path",  # there are several ways to join the sources
    "authentication_failed",  # the database refused the login
    "bad_request",  # what came is not HTTP
    "connection_failed",  # the database cannot be reached
    "connection_timeout",  # the database did not accept a session in time
    "cycle",  # measures or columns refer to each other in a circle
    "database_locked",  # another program holds the file
    "database_not_found",  # there is no such database or file
    "driver_missing",  # the package of the driver is not installed
    "duplicate_id",  # an id is given twice
    "duplicate_key",  # a key is given twice
    "environment_damaged",  # a file that the daemon runs from is gone, was replaced or cannot be imported
    "extension_not_loaded",  # PostgreSQL does not load an extension
    "feature_missing",  # a feature of the runtime is not installed
    "forbidden_host",  # the request was meant for another host
    "forbidden_origin",  # the request comes from a web page elsewhere
    "host_not_found",  # the name of the host is not known
    "internal_error",  # a defect of the daemon
    "introspection_failed",  # a schema could not be read for another reason
    "invalid_expression",  # an expression of a source or a query cannot be parsed
    "invalid_json",  # the body is not JSON
    "invalid_model",  # sources contradict each other
    "invalid_query",  # a query selects, filters or sorts by what makes no sense
    "invalid_request",  # the body has the wrong shape; `errors` names every wrong field
    "invalid_setting",  # a variable of the daemon's environment has an impossible value
    "invalid_url",  # a connection URL cannot be read
    "invalid_value",  # a value makes no sense
    "method_not_allowed",  # the endpoint does not answer to that method
    "model_invalid",  # the files of the embedding model are damaged, or those of another one
    "model_missing",  # the files of the embedding model are not there and cannot be downloaded
    "no_join_path",  # there is no way to join the sources
    "not_a_database",  # the file is no database of that kind
    "not_found",  # there is no such endpoint
    "not_read_only",  # a query does more than read
    "not_visible",  # a column is not to be used in queries
    "payload_too_large",  # the body is larger than the limit
    "permission_denied",  # the user of the database may not read that
    "query_failed",  # the database refused the query
    "query_history_failed",  # the query history could not be read for another reason
    "request_timeout",  # the body did not arrive in time
    "schema_not_found",  # the database has no such schema
    "sql_parse_error",  # a statement cannot be parsed
    "statement_timeout",  # the database did not answer in time
    "tls_failed",  # the connection cannot be secured
    "unauthorized",  # the token is missing or wrong
    "unknown_driver",  # there is no such driver
    "unknown_model",  # there is no such embedding model
    "unknown_name",  # a source, measure, dimension or function has no such name
    "unsupported_dialect",  # there is no such SQL dialect
    "unsupported_media_type",  # the body is not `application/json` in UTF-8
    "wrong_type",  # an operation does not fit the type of its operand
]
