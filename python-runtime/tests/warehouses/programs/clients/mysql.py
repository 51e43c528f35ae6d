"""MySQL and MariaDB by PyMySQL."""

from __future__ import annotations

from typing import Any

import pymysql


class Session:
    """A connection with autocommit."""

    def __init__(self, **settings: Any) -> None:
        self._cursor = pymysql.connect(autocommit=True, local_infile=True, **settings).cursor()

    def rows(self, sql: str) -> list[Any]:
        """Run a statement."""
        self._cursor.execute(sql)
        return list(self._cursor.fetchall())

    def load(self, table: str, file: str) -> None:
        """Load a CSV file with a header."""
        layout = "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' IGNORE 1 LINES"
        self._cursor.execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {table} CHARACTER SET utf8mb4 {layout}")


connect = Session
