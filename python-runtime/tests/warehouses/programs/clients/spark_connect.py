"""Spark Connect by the client of pyspark."""

from __future__ import annotations

import logging
from typing import Any

from pyspark.sql import SparkSession


class Session:
    """A session of Spark Connect."""

    def __init__(self, url: str) -> None:
        # The client logs each error with the stack trace of the server.
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
        logging.getLogger("pyspark.sql.connect.client.logging").setLevel(logging.CRITICAL)
        self._session = SparkSession.builder.remote(url).getOrCreate()

    def rows(self, sql: str) -> list[Any]:
        """Run a statement; the result of a command is not read, as the client does not support each type of Sail."""
        result = self._session.sql(sql)
        return list(result.collect()) if sql.lstrip().upper().startswith(("SELECT", "WITH")) else []


connect = Session
