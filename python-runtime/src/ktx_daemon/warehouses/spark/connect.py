"""Opens sessions over the wire of the URL."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.connection.packages import import_driver
from ktx_daemon.warehouses.connection.target import Target
from ktx_daemon.warehouses.spark.server import Server
from ktx_daemon.warehouses.spark.session import Session
from ktx_daemon.warehouses.spark.statements import quote_path


@contextlib.contextmanager
def open_session(target: Target) -> Iterator[Session]:
    """Open a session in the catalog and schema of the URL. Raises 400."""
    server = Server.from_target(target)
    if server.auth == "KERBEROS":
        raise BadRequestError(
            "invalid_url",
            "KTX does not support the login by Kerberos, as its libraries have no packages for every platform",
            "Ask for a server with LDAP over TLS, or a gateway such as Kyuubi or Knox over HTTP (http_path)",
        )
    if server.method == "connect":
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its errors are raised, too
        import_driver("nanoarrow", "spark-connect")
        from ktx_daemon.warehouses.spark.connect_wire.session import open_connect_session as open_wire
    else:
        import_driver("thrift", "spark")
        from ktx_daemon.warehouses.spark.thrift_wire.session import (  # type: ignore[assignment]
            open_thrift_session as open_wire,
        )
    with open_wire(target, server) as session:
        _use_database(session)
        yield session


def _use_database(session: Session) -> None:
    server = session.server
    if server.schema is None:
        return
    try:
        # Sail needs the word, with which Spark looks for the schema in the current catalog.
        word = "DATABASE " if server.catalog is None else ""
        session.query(f"USE {word}{quote_path(server.catalog, server.schema)}")
    except BadRequestError as error:
        if "not found" in error.detail.lower() or "cannot be found" in error.detail:
            name = quote_path(server.catalog, server.schema)
            detail = f"{server} has no schema {name}, or the user may not see it"
            raise BadRequestError("database_not_found", detail) from None
        raise
