"""The stable codes of the errors that the daemon returns; `docs/errors.md` explains each."""

from __future__ import annotations

from typing import Literal

ErrorCode = Literal[
    "ambiguous_join_path",  # there are several join paths between the sources
    "authentication_failed",  # the database refused the login
    "bad_request",  # the request is not valid HTTP
    "connection_failed",  # the database cannot be reached
    "connection_timeout",  # the database did not accept a session in time
    "cycle",  # measures or columns refer to each other in a cycle
    "database_locked",  # another program holds the file
    "database_not_found",  # there is no such database or file
    "driver_missing",  # the package of the driver is not installed
    "duplicate_id",  # an id occurs twice
    "duplicate_key",  # a key occurs twice
    "environment_damaged",  # a file of the daemon's environment is missing, was replaced or cannot be imported
    "extension_not_loaded",  # PostgreSQL does not load an extension
    "feature_missing",  # a feature of the runtime is not installed
    "forbidden_host",  # the request was meant for another host
    "forbidden_origin",  # the request comes from a web page of another origin
    "host_not_found",  # the host name cannot be resolved
    "internal_error",  # a defect of the daemon
    "introspection_failed",  # a schema could not be read for another reason
    "invalid_expression",  # an expression of a source or a query cannot be parsed
    "invalid_json",  # the body is not JSON
    "invalid_model",  # sources contradict each other
    "invalid_query",  # a query has an invalid selection, filter or order
    "invalid_request",  # the body has the wrong shape; `errors` lists every invalid field
    "invalid_setting",  # an environment variable of the daemon has an invalid value
    "invalid_url",  # a connection URL cannot be parsed
    "invalid_value",  # a value is out of range or not allowed
    "method_not_allowed",  # the endpoint does not support the method
    "model_invalid",  # the files of the embedding model are damaged or of another model
    "model_missing",  # the files of the embedding model are missing and cannot be downloaded
    "no_join_path",  # there is no join path between the sources
    "not_a_database",  # the file is not a database of that kind
    "not_found",  # there is no such endpoint
    "not_read_only",  # a query does more than read
    "not_visible",  # a column is internal or hidden and cannot be queried
    "payload_too_large",  # the body is larger than the limit
    "permission_denied",  # the database user lacks a privilege
    "policy_denied",  # the data policy of the connection denies what a query may read
    "query_failed",  # the database refused the query
    "query_history_failed",  # the query history could not be read for another reason
    "request_timeout",  # the body did not arrive in time
    "schema_not_found",  # the database has no such schema
    "sql_parse_error",  # a statement cannot be parsed
    "statement_timeout",  # the database did not answer in time
    "tls_failed",  # the connection cannot be secured
    "unauthorized",  # the token is missing or wrong
    "unknown_driver",  # the driver is not supported
    "unknown_model",  # the embedding model is not supported
    "unknown_name",  # a source, measure, dimension or function has no such name
    "unsupported_dialect",  # the SQL dialect is not supported
    "unsupported_media_type",  # the body is not `application/json` in UTF-8
    "wrong_type",  # an operation does not accept the type of its operand
]
